//! Numbers on the command line, with what is expected where one cannot be read.

use std::str::FromStr;

pub(super) fn count<N: FromStr>(text: &str) -> Result<N, String> {
    text.parse().map_err(|_| "expected a whole number, as in 20".to_owned())
}

/// A number of versions of which one at least stays.
pub(super) fn versions(text: &str) -> Result<usize, String> {
    count(text)
        .ok()
        .filter(|count| *count > 0)
        .ok_or_else(|| "expected a whole number from 1, as in 100".to_owned())
}

pub(super) fn scale(text: &str) -> Result<f64, String> {
    let scale = text.parse::<f64>().ok().filter(|scale| (0.01..=20.0).contains(scale));
    scale.ok_or_else(|| "expected a number from 0.01 to 20, as in 0.5".to_owned())
}
