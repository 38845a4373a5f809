//! The one runtime that requests are made on.

use super::failure::Failure;

/// Runs what talks to servers to its end. What still hangs then, such as a name lookup that nobody answers, has a thread
/// of its own and does not keep the result waiting.
pub(super) fn run<T>(talk: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::error(format!("cannot start the network: {error}")))?;
    let result = runtime.block_on(talk);
    runtime.shutdown_background();
    Ok(result)
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
