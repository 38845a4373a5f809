//! The wait before a request is sent again. The engine calls it for every repetition.

use std::time::Duration;

use backon::BackoffBuilder as _;

/// The wait after `sent` attempts; `None` after too many. The seed makes the wait differ between machines.
pub(super) fn backoff(sent: u32, jitter_seed: u64) -> Option<Duration> {
    let builder = backon::ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(400))
        .with_max_delay(Duration::from_secs(30))
        .with_max_times(4)
        .with_jitter()
        .with_jitter_seed(jitter_seed);
    builder.build().nth(usize::try_from(sent).ok()?.checked_sub(1)?)
}
