//! A proxy in front of a store: it makes single writes go wrong, strips conditions, answers with the past, has another clock,
//! keeps clients waiting, and counts. Writes pass one at a time, because moto checks a condition and writes without a lock between the
//! two.

mod message;

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use message::{Request, error, with_clock};

/// What goes wrong with a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The store carries it out and answers 503.
    UnavailableAfter,
    /// The store answers 503 and does nothing.
    UnavailableBefore,
    /// The store carries it out, and the connection is cut.
    CutAfter,
    /// The connection is cut, and the store sees nothing.
    CutBefore,
    /// The store says that another write is in progress.
    Conflict,
}

impl Fault {
    pub(crate) const ALL: [Self; 5] =
        [Self::UnavailableAfter, Self::UnavailableBefore, Self::CutAfter, Self::CutBefore, Self::Conflict];
}

/// Whether the store looks at the conditions of writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Conditions {
    #[default]
    Kept,
    /// Never.
    Ignored,
    /// Not while two writes are in progress.
    IgnoredTogether,
}

/// What a request is to the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Get,
    Head,
    List,
    Put,
    Other,
}

/// A request that was answered.
#[derive(Clone, Debug)]
pub(crate) struct Passed {
    pub(crate) kind: Kind,
    /// The path and the query.
    pub(crate) target: String,
    pub(crate) arrived: Instant,
    pub(crate) answered: Instant,
}

/// How the proxy behaves, and what it has seen.
#[derive(Default)]
struct Manner {
    writes: usize,
    fault: Option<(usize, Fault)>,
    conditions: Conditions,
    /// Seconds that are added to every time of the store.
    clock: i64,
    delay: Duration,
    /// Whether answers wait.
    is_holding: bool,
    /// Whether reads are answered as they were before.
    is_frozen: bool,
    /// The last answer to each read.
    answers: HashMap<String, Vec<u8>>,
    writes_in_progress: usize,
    passed: Vec<Passed>,
}

/// The proxy; it ends with the tests.
#[derive(Clone)]
pub(crate) struct Proxy {
    pub(crate) address: String,
    shared: Arc<Shared>,
}

struct Shared {
    server: String,
    manner: Mutex<Manner>,
    changed: Condvar,
    /// Held while a write is carried out.
    one_write: Mutex<()>,
}

impl Proxy {
    /// Starts one in front of this server.
    pub(crate) fn before(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let shared = Arc::new(Shared {
            server: server.to_owned(),
            manner: Mutex::default(),
            changed: Condvar::new(),
            one_write: Mutex::default(),
        });
        let passing = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let shared = Arc::clone(&passing);
                // A client that goes away in the middle is no failure of the test.
                std::thread::spawn(move || stream.and_then(|stream| shared.pass(stream)));
            }
        });
        Self { address, shared }
    }

    fn manner(&self) -> MutexGuard<'_, Manner> {
        self.shared.manner()
    }

    /// Lets the write that comes after this many go wrong.
    pub(crate) fn goes_wrong(&self, after: usize, fault: Fault) {
        let mut manner = self.manner();
        (manner.writes, manner.fault) = (0, Some((after, fault)));
    }

    /// Whether the fault has not happened yet.
    pub(crate) fn is_waiting(&self) -> bool {
        self.manner().fault.is_some()
    }

    pub(crate) fn treats_conditions(&self, conditions: Conditions) {
        self.manner().conditions = conditions;
    }

    /// From now on, every time of the store is so many seconds later.
    pub(crate) fn clock_is_off_by(&self, seconds: i64) {
        self.manner().clock = seconds;
    }

    /// From now on, every answer comes so much later.
    pub(crate) fn answers_after(&self, delay: Duration) {
        self.manner().delay = delay;
    }

    /// From now on, what was read before is answered as it was then.
    pub(crate) fn freeze(&self) {
        self.manner().is_frozen = true;
    }

    /// Keeps all answers back, or lets them go.
    pub(crate) fn holds(&self, holds: bool) {
        self.manner().is_holding = holds;
        self.shared.changed.notify_all();
    }

    /// The requests since the last call.
    pub(crate) fn take_passed(&self) -> Vec<Passed> {
        std::mem::take(&mut self.manner().passed)
    }
}

impl Shared {
    fn manner(&self) -> MutexGuard<'_, Manner> {
        self.manner.lock().unwrap()
    }

    fn pass(&self, mut client: TcpStream) -> std::io::Result<()> {
        let mut request = Request::read(&mut client)?;
        let arrived = Instant::now();
        let fault = self.fault_of(&request);
        let answer = match fault {
            Some(Fault::CutBefore) => return Ok(()),
            Some(Fault::UnavailableBefore) => error("503 Slow Down", "SlowDown"),
            Some(Fault::Conflict) => error("409 Conflict", "ConditionalRequestConflict"),
            Some(Fault::CutAfter | Fault::UnavailableAfter) | None => self.answer(&mut request)?,
        };
        let (delay, clock) = {
            let manner = self.manner();
            let manner = self.changed.wait_while(manner, |manner| manner.is_holding).unwrap();
            (manner.delay, manner.clock)
        };
        std::thread::sleep(delay);
        match fault {
            Some(Fault::CutAfter) => return Ok(()),
            Some(Fault::UnavailableAfter) => client.write_all(&error("503 Slow Down", "SlowDown"))?,
            _ => client.write_all(&with_clock(answer, clock))?,
        }
        let passed =
            Passed { kind: request.kind, target: request.target.clone(), arrived, answered: Instant::now() };
        self.manner().passed.push(passed);
        Ok(())
    }

    /// What goes wrong with this request.
    fn fault_of(&self, request: &Request) -> Option<Fault> {
        if request.kind != Kind::Put {
            return None;
        }
        let mut manner = self.manner();
        let number = manner.writes;
        manner.writes += 1;
        manner.fault.take_if(|(at, _)| *at == number).map(|(_, fault)| fault)
    }

    /// The answer of the store, or of the past.
    fn answer(&self, request: &mut Request) -> std::io::Result<Vec<u8>> {
        if request.kind == Kind::Put {
            return self.write(request);
        }
        let name = request.name();
        let old = Some(self.manner()).filter(|manner| manner.is_frozen);
        if let Some(old) = old.and_then(|manner| manner.answers.get(&name).cloned()) {
            return Ok(old);
        }
        let answer = self.forward(request)?;
        self.manner().answers.insert(name, answer.clone());
        Ok(answer)
    }

    fn write(&self, request: &mut Request) -> std::io::Result<Vec<u8>> {
        let conditions = self.manner().conditions;
        let mut manner = self.manner();
        manner.writes_in_progress += 1;
        self.changed.notify_all();
        if conditions == Conditions::IgnoredTogether {
            // A write that is alone for this long has its condition kept.
            let alone = |manner: &mut Manner| manner.writes_in_progress < 2;
            manner = self.changed.wait_timeout_while(manner, Duration::from_millis(300), alone).unwrap().0;
        }
        let is_together = manner.writes_in_progress > 1;
        drop(manner);
        if conditions == Conditions::Ignored || conditions == Conditions::IgnoredTogether && is_together {
            request.strip_conditions();
        }
        let answer = {
            let _one = self.one_write.lock().unwrap();
            self.forward(request)
        };
        self.manner().writes_in_progress -= 1;
        answer
    }

    fn forward(&self, request: &Request) -> std::io::Result<Vec<u8>> {
        let mut answer = Vec::new();
        let mut store = TcpStream::connect(&self.server)?;
        store.write_all(&request.bytes)?;
        store.read_to_end(&mut answer)?;
        Ok(answer)
    }
}
