//! Ctrl-C, SIGTERM and a closed terminal: the first signal asks a run that sends to end, the second ends the process.
//!
//! Without a [`hold`] there is nothing to end in good order, so the first signal ends the process too: while it reads,
//! waits for the lock, or asks.

use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::failure::Failure;
use super::network;
use super::output::Output;
use super::store::StateStore;
use crate::model::{Advice, Exit};
use crate::state::{Document, Snapshot, Store as _, release_now};

/// Becomes true at the first signal.
static ASKED: LazyLock<watch::Sender<bool>> = LazyLock::new(|| watch::channel(false).0);
/// The number of holds. Locked while the process ends, so that no run begins to send meanwhile.
static HOLDS: Mutex<usize> = Mutex::new(0);

/// The state of the run that sends, if there is one.
static SENDING: Mutex<Option<StateStore>> = Mutex::new(None);

/// While a hold exists, the first signal asks the run to end instead of ending the process.
#[derive(Debug)]
pub(super) struct SignalHold(());

/// Begins work that must end in good order.
pub(super) fn hold() -> SignalHold {
    *holds() += 1;
    SignalHold(())
}

/// Like [`hold`], for a run that sends, with the store that has its journal.
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

/// Returns a receiver that becomes true at the first signal.
pub(super) fn asked() -> watch::Receiver<bool> {
    ASKED.subscribe()
}

/// Listens for signals in a thread of its own, because a run that is busy writing must not delay the second signal.
/// Returns once signals are received. If listening fails, a signal ends the process and the journal has the rest.
pub(super) fn listen(output: &Output) {
    let output = output.clone();
    let (ready, listening) = std::sync::mpsc::channel::<()>();
    let listener = move || {
        let Ok(runtime) = network::runtime() else { return };
        runtime.block_on(async {
            let Ok(mut signals) = Signals::new() else { return };
            drop(ready);
            signals.next().await;
            output.signalled();
            {
                let holds = holds();
                if *holds == 0 {
                    output.interrupted();
                    leave(output.with_ended_runs(Exit::Interrupted));
                }
                ASKED.send_replace(true);
            }
            signals.next().await;
            output.signalled();
            leave_at_once(output);
        });
    };
    if std::thread::Builder::new().name("signals".to_owned()).spawn(listener).is_ok() {
        // The error is the signal: the other end is dropped in either case.
        let _ = listening.recv();
    }
}

/// How long a process that ends at once waits for the release of a shared state's lock.
const RELEASE_LIMIT: Duration = Duration::from_secs(2);

/// How long the second signal waits for its message to be printed: the reader may have stopped reading.
const PRINT_LIMIT: Duration = Duration::from_millis(300);

/// Ends the process at once. Nothing is lost: the journal has what was sent, and the next command reads it. The exit
/// code says whether anything is in doubt (contract section 4).
fn leave_at_once(output: Output) -> ! {
    let exit = exit_now();
    let failure = match exit {
        Exit::InDoubt => Failure::error("stopped at once by a second signal. What was in flight is in doubt")
            .run("To see it", Advice::Recover { keys: Vec::new() }),
        _ => Failure::error("stopped at once by a second signal. Everything that was sent is recorded"),
    };
    let whole = output.with_ended_runs(exit);
    let (finished, waiting) = std::sync::mpsc::channel::<()>();
    let print = move || {
        output.failure(&Failure { exit, ..failure });
        drop(finished);
    };
    if std::thread::Builder::new().spawn(print).is_ok() {
        // Either error means that the wait is over.
        let _ = waiting.recv_timeout(PRINT_LIMIT);
    }
    leave(whole)
}

/// Returns the exit code from the journal of the run that sends. A journal that cannot be read counts as in doubt.
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
    release_now(RELEASE_LIMIT);
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

/// Returns whether a closed terminal must end this process: `nohup` ignores the signal, and listening would undo that.
/// If this cannot be determined, the signal is left alone.
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
