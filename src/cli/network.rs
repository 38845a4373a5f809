//! The runtime for requests and for signals. Called by `apply`, `sandbox` and the thread that waits for signals; it knows
//! nothing of requests.

use std::io;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

use super::failure::Failure;
use super::resources;
use crate::api::{Answer, Call, Transport};
use crate::model::io_words;

/// Longer than any run.
const FOREVER: Duration = Duration::from_secs(1 << 30);

/// A runtime on the calling thread.
pub(super) fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().thread_keep_alive(FOREVER).build()
}

/// Runs a future to its end. A task that still hangs then, such as a name lookup without an answer, has a thread of its
/// own and does not delay the result.
pub(super) fn run<T>(talk: impl Future<Output = T>) -> Result<T, Failure> {
    resources::spare_thread()?;
    let runtime = runtime()
        .map_err(|error| Failure::error(format!("cannot start the network: {}", io_words(&error))))?;
    let result = runtime.block_on(async {
        // Start the thread for name lookups while one is available, and keep it: a lookup without a thread panics.
        let _ = tokio::task::spawn_blocking(|| {}).await;
        talk.await
    });
    runtime.shutdown_background();
    Ok(result)
}

/// A server for runs that send nothing.
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
    fn hanging_tasks_do_not_delay_the_result() {
        let (release, held) = std::sync::mpsc::channel::<()>();
        let talk = async move {
            let hangs = tokio::task::spawn_blocking(move || held.recv());
            drop(hangs);
            7
        };
        // Without the time limit this would wait for ever: the task ends only when `release` is dropped.
        assert_eq!(run(talk).unwrap(), 7);
        drop(release);
    }
}
