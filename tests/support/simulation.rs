//! A run in a world without clocks, threads and networks: the driver that simulations put around the engine. Time passes
//! as soon as nothing else happens.

use std::time::Duration;

use certctl::api::{Answer, Call};
use certctl::apply::{
    Effect, Engine, Executed, Input, Moment, Notice, Observer, RequestId, Settings, WaitReason,
};
use certctl::model::{Key, Timestamp};
use certctl::plan::Plan;
use certctl::state::{Ledger, RecordedOutcome, StateError, Store};

/// A server as far as a run can see it.
pub(crate) trait Remote {
    /// How long a request is on its way.
    const JOURNEY: Duration;

    /// A request arrives. Answers how long the answer takes, and what it is; nothing where there never is one.
    fn arrives(&self, call: Call) -> Option<(Duration, Answer)>;
}

/// How a plan is run.
pub(crate) struct Run<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) settings: Settings,
    /// The date and time, which does not move.
    pub(crate) clock: Timestamp,
    /// When a signal comes, since the run's beginning.
    pub(crate) interrupted_at: Option<Duration>,
}

/// What a run leaves behind, and when it ended.
pub(crate) struct Ended {
    pub(crate) executed: Executed,
    #[allow(dead_code, reason = "not every simulation looks at it")]
    pub(crate) at: Duration,
}

/// Ignores every notice.
pub(crate) struct NoopObserver;

impl Observer for NoopObserver {
    fn begins(&mut self, _: usize) {}
    fn finished(&mut self, _: &Key, _: &RecordedOutcome) {}
    fn waits(&mut self, _: WaitReason, _: Duration) {}
    fn stops(&mut self, _: usize, _: Duration) {}
    fn waits_for_other_run(&mut self) {}
}

/// What is on its way.
enum UnderWay {
    Request(RequestId, Call),
    Answer(RequestId, Answer),
}

/// What happens next.
enum Next {
    Arrival(usize),
    Signal,
    Time,
}

impl Run<'_> {
    pub(crate) fn execute<S: Store>(
        &self,
        mut ledger: Ledger<S>,
        server: &impl Remote,
        observer: &mut dyn Observer,
    ) -> Ended {
        let mut engine = Engine::new(self.plan, ledger.document(), self.settings);
        let mut world = Passing { now: Duration::ZERO, under_way: Vec::new(), signal: self.interrupted_at };
        loop {
            let now = Moment { elapsed: world.now, clock: self.clock };
            match engine.next(now) {
                Effect::Record(record) => engine.on(now, recorded(ledger.record(&record))),
                Effect::Protect(protect) => engine.on(now, recorded(ledger.protect(&protect))),
                Effect::Regain(wait) => engine.on(now, Input::Regained(ledger.regain(wait).is_ok())),
                Effect::Send(id, call) => match ledger.check() {
                    Ok(()) => world.leaves(id, call, server),
                    Err(error) => engine.on(now, Input::Withheld(id, error.to_string())),
                },
                Effect::Abandon => world.under_way.clear(),
                Effect::Notify(notice) => tell(observer, &notice),
                Effect::Wait { until, why } => {
                    if let (Some(until), Some(why)) = (until, why) {
                        observer.waits(why, until.saturating_sub(world.now));
                    }
                    if let Some(input) = world.pass(until, server) {
                        engine.on(Moment { elapsed: world.now, clock: self.clock }, input);
                    }
                }
                Effect::Checkpoint(unwritten) => {
                    let state = ledger.checkpoint_with(&unwritten);
                    let executed = Executed { report: engine.report(&state), state };
                    return Ended { executed, at: world.now };
                }
            }
        }
    }
}

fn recorded(result: Result<(), StateError>) -> Input {
    Input::Recorded(result.map_err(|error| error.to_string()))
}

fn tell(observer: &mut dyn Observer, notice: &Notice) {
    match notice {
        Notice::Begins { rows } => observer.begins(*rows),
        Notice::Outcomes(rows) => rows.iter().for_each(|row| observer.finished(&row.key, &row.result)),
        Notice::Stops { requests, at_most } => observer.stops(*requests, *at_most),
        Notice::OtherRunWrites => observer.waits_for_other_run(),
    }
}

/// The time, and what it brings.
struct Passing {
    now: Duration,
    /// In the order in which it left.
    under_way: Vec<(Duration, UnderWay)>,
    signal: Option<Duration>,
}

impl Passing {
    fn leaves<R: Remote>(&mut self, id: RequestId, call: Call, _: &R) {
        self.under_way.push((self.now + R::JOURNEY, UnderWay::Request(id, call)));
    }

    /// Moves on to whatever happens next, and says what the run hears of it.
    fn pass(&mut self, until: Option<Duration>, server: &impl Remote) -> Option<Input> {
        let arrival = self.under_way.iter().enumerate().min_by_key(|(_, (at, _))| *at);
        let arrival = arrival.map(|(position, (at, _))| (*at, Next::Arrival(position)));
        let signal = self.signal.map(|at| (at, Next::Signal));
        let time = until.map(|at| (at, Next::Time));
        // Of what happens at one time, the first of these comes first.
        let next = [arrival, signal, time].into_iter().flatten().min_by_key(|(at, _)| *at);
        let Some((at, next)) = next else { panic!("the run waits for nothing, for ever") };
        self.now = self.now.max(at);
        match next {
            Next::Time => None,
            Next::Signal => {
                self.signal = None;
                Some(Input::Interrupted)
            }
            Next::Arrival(position) => match self.under_way.remove(position).1 {
                UnderWay::Answer(id, answer) => Some(Input::Answered(id, answer)),
                UnderWay::Request(id, call) => {
                    let (takes, answer) = server.arrives(call)?;
                    if takes.is_zero() {
                        return Some(Input::Answered(id, answer));
                    }
                    self.under_way.push((self.now + takes, UnderWay::Answer(id, answer)));
                    None
                }
            },
        }
    }
}
