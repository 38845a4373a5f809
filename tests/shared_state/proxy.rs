//! A proxy in front of a store that makes single writes go wrong.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

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

/// The proxy; it ends with the tests.
pub(crate) struct Proxy {
    pub(crate) address: String,
    writes: Arc<AtomicUsize>,
    fault: Arc<Mutex<Option<(usize, Fault)>>>,
}

impl Proxy {
    /// Starts one in front of this server.
    pub(crate) fn before(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (writes, fault) =
            (Arc::<AtomicUsize>::default(), Arc::<Mutex<Option<(usize, Fault)>>>::default());
        let (counted, wrong, server) = (Arc::clone(&writes), Arc::clone(&fault), server.to_owned());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (counted, wrong, server) = (Arc::clone(&counted), Arc::clone(&wrong), server.clone());
                // A client that goes away in the middle is no failure of the test.
                std::thread::spawn(move || stream.and_then(|stream| pass(stream, &server, &counted, &wrong)));
            }
        });
        Self { address, writes, fault }
    }

    /// Lets the write that comes after this many go wrong.
    pub(crate) fn goes_wrong(&self, after: usize, fault: Fault) {
        self.writes.store(0, Ordering::SeqCst);
        *self.fault.lock().unwrap() = Some((after, fault));
    }

    /// Whether the fault has not happened yet.
    pub(crate) fn is_waiting(&self) -> bool {
        self.fault.lock().unwrap().is_some()
    }
}

fn pass(
    mut client: TcpStream,
    server: &str,
    counted: &AtomicUsize,
    wrong: &Mutex<Option<(usize, Fault)>>,
) -> std::io::Result<()> {
    let request = read_request(&mut client)?;
    let mut fault = None;
    if request.starts_with(b"PUT ") {
        let number = counted.fetch_add(1, Ordering::SeqCst);
        let mut wrong = wrong.lock().unwrap();
        if wrong.is_some_and(|(at, _)| at == number) {
            fault = wrong.take().map(|(_, fault)| fault);
        }
    }
    let mut answer = Vec::new();
    match fault {
        Some(Fault::CutBefore) => return Ok(()),
        Some(Fault::UnavailableBefore) => return client.write_all(&error("503 Slow Down", "SlowDown")),
        Some(Fault::Conflict) => {
            return client.write_all(&error("409 Conflict", "ConditionalRequestConflict"));
        }
        Some(Fault::CutAfter | Fault::UnavailableAfter) | None => {
            let mut store = TcpStream::connect(server)?;
            store.write_all(&request)?;
            store.read_to_end(&mut answer)?;
        }
    }
    match fault {
        Some(Fault::CutAfter) => Ok(()),
        Some(Fault::UnavailableAfter) => client.write_all(&error("503 Slow Down", "SlowDown")),
        _ => client.write_all(&answer),
    }
}

fn error(status: &str, code: &str) -> Vec<u8> {
    let body = format!("<Error><Code>{code}</Code></Error>");
    format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len())
        .into_bytes()
}

fn read_request(client: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut request = Vec::new();
    let mut buffer = [0; 16384];
    loop {
        let read = client.read(&mut buffer)?;
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        request.extend_from_slice(&buffer[..read]);
        let Some(end) = request.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&request[..end]).to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
        if request.len() >= end + 4 + length.unwrap_or(0_usize) {
            return Ok(request);
        }
    }
}
