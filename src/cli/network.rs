//! The one runtime that requests are made on.

use std::time::Duration;

use super::failure::Failure;
use super::resources;
use crate::api::{Answer, Call, Transport};
use crate::model::io_words;

/// Longer than any run.
const FOR_GOOD: Duration = Duration::from_secs(1 << 30);

/// Runs what talks to servers to its end. What still hangs then, such as a name lookup that nobody answers, has a thread
/// of its own and does not keep the result waiting.
pub(super) fn run<T>(talk: impl Future<Output = T>) -> Result<T, Failure> {
    resources::spare_thread()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .thread_keep_alive(FOR_GOOD)
        .build()
        .map_err(|error| Failure::error(format!("cannot start the network: {}", io_words(&error))))?;
    let result = runtime.block_on(async {
        // The thread that looks names up is started while one can be had, and kept: a lookup that finds none panics.
        let _ = tokio::task::spawn_blocking(|| {}).await;
        talk.await
    });
    runtime.shutdown_background();
    Ok(result)
}

/// For a run that has nothing to ask of a server.
pub(super) struct NoServer;

impl Transport for NoServer {
    async fn send(&self, _: Call) -> Answer {
        Answer::NotSent { reason: "this run changes the state alone".to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hangs_does_not_keep_the_result_waiting() {
        let (release, held) = std::sync::mpsc::channel::<()>();
        let talk = async move {
            let hangs = tokio::task::spawn_blocking(move || held.recv());
            drop(hangs);
            7
        };
        // Without giving it up, this would wait for ever: it ends only when `release` is dropped.
        assert_eq!(run(talk).unwrap(), 7);
        drop(release);
    }
}
