//! Ctrl-C and SIGTERM: the first one asks the run to end, the second one ends the process.

use tokio::sync::watch;

/// Begins to listen; answers what becomes true at the first signal. Must be called inside a runtime.
pub(super) fn watch() -> watch::Receiver<bool> {
    let (sender, receiver) = watch::channel(false);
    tokio::spawn(async move {
        signal().await;
        // Nobody listens any more when the run has just ended.
        let _ = sender.send(true);
        signal().await;
        leave();
    });
    receiver
}

/// Ends the process at once. Nothing is lost: what was sent stands in the journal, and the next command reads it.
#[expect(clippy::exit, reason = "a second signal means now, not after unwinding through a request in flight")]
fn leave() {
    std::process::exit(i32::from(crate::apply::Exit::Interrupted.code()));
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        },
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}

#[cfg(not(unix))]
async fn signal() {
    drop(tokio::signal::ctrl_c().await);
}
