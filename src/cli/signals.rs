//! Ctrl-C, SIGTERM and a closed terminal: the first one asks a run that sends to end, the second one ends the process.
//!
//! Until something is [`hold`]ing, there is nothing to end in good order, and the first one ends the process too:
//! while reading, while waiting for the lock, at the prompt.

use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::failure::Failure;
use super::output::Output;
use super::store::StateStore;
use crate::model::{Advice, Exit};
use crate::state::{Document, Snapshot, Store as _};

/// Becomes true at the first signal.
static ASKED: LazyLock<watch::Sender<bool>> = LazyLock::new(|| watch::channel(false).0);
/// How many want to be asked first. Locked while the process ends, so that nobody begins to send meanwhile.
static HOLDS: Mutex<usize> = Mutex::new(0);

/// The state of the run that sends, once one does.
static SENDING: Mutex<Option<StateStore>> = Mutex::new(None);

/// As long as one of these lives, the first signal asks instead of ending the process.
#[derive(Debug)]
pub(super) struct SignalHold(());

/// From here on something is under way that is to be ended in good order.
pub(super) fn hold() -> SignalHold {
    *holds() += 1;
    SignalHold(())
}

/// The same for a run that sends, with the store that knows what it sent.
pub(super) fn hold_sending(store: &StateStore) -> SignalHold {
    *SENDING.lock().unwrap_or_else(PoisonError::into_inner) = Some(store.clone());
    hold()
}

impl Drop for SignalHold {
    fn drop(&mut self) {
        *holds() -= 1;
    }
}

fn holds() -> MutexGuard<'static, usize> {
    HOLDS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Becomes true at the first signal.
pub(super) fn asked() -> watch::Receiver<bool> {
    ASKED.subscribe()
}

/// Begins to listen, in a thread of its own: a run that is busy writing must not keep the second signal waiting.
/// Answers when signals are heard. Where that cannot be had, a signal ends the process, and the journal knows the rest.
pub(super) fn listen(output: &Output) {
    let output = output.clone();
    let (ready, listening) = std::sync::mpsc::channel::<()>();
    let listener = move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_io().build() else { return };
        runtime.block_on(async {
            let Ok(mut signals) = Signals::new() else { return };
            drop(ready);
            signals.next().await;
            output.signalled();
            {
                let holds = holds();
                if *holds == 0 {
                    output.interrupted();
                    leave(Exit::Interrupted);
                }
                ASKED.send_replace(true);
            }
            signals.next().await;
            output.signalled();
            leave_at_once(output);
        });
    };
    if std::thread::Builder::new().name("signals".to_owned()).spawn(listener).is_ok() {
        // An error is what is waited for: the other end is dropped, one way or the other.
        let _ = listening.recv();
    }
}

/// How long the second signal waits for its own words: whoever reads them may have stopped reading.
const TELLING: Duration = Duration::from_millis(300);

/// Ends the process at once. Nothing is lost: what was sent stands in the journal, and the next command reads it; so does
/// this, to say whether something is in doubt (contract section 4).
fn leave_at_once(output: Output) -> ! {
    let exit = exit_now();
    let failure = match exit {
        Exit::InDoubt => Failure::error("stopped at once by a second signal. What was in flight is in doubt")
            .run("To see it", Advice::Recover { keys: Vec::new() }),
        _ => Failure::error("stopped at once by a second signal. Everything that was sent is recorded"),
    };
    let (told, waiting) = std::sync::mpsc::channel::<()>();
    let tell = move || {
        output.failure(&Failure { exit, ..failure });
        drop(told);
    };
    if std::thread::Builder::new().spawn(tell).is_ok() {
        // An error is what is waited for, either one.
        let _ = waiting.recv_timeout(TELLING);
    }
    leave(exit)
}

/// What the journal of the run that sends says now. What cannot be read is not known to be settled.
fn exit_now() -> Exit {
    let sending = SENDING.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let Some(store) = sending else { return Exit::Interrupted };
    let state = store.read().map(Snapshot::effective);
    match state {
        Ok(Ok(state)) if !state.iter().any(Document::has_doubt) => Exit::Interrupted,
        _ => Exit::InDoubt,
    }
}

#[expect(clippy::exit, reason = "now means now, not after unwinding through a request in flight")]
fn leave(exit: Exit) -> ! {
    std::process::exit(i32::from(exit.code()))
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hangup: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: hangup_counts().then(|| signal(SignalKind::hangup())).transpose()?,
        })
    }

    async fn next(&mut self) {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => drop(hangup.recv().await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            () = hangup => {}
        }
    }
}

/// Whether a closed terminal means this process: `nohup` has it ignored, and listening would undo that. Where this
/// cannot be seen the signal is left alone.
#[cfg(unix)]
fn hangup_counts() -> bool {
    const HANGUP: u64 = 1;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & HANGUP == 0)
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    #[expect(clippy::unnecessary_wraps, reason = "listening can fail elsewhere")]
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        drop(tokio::signal::ctrl_c().await);
    }
}
