//! How many requests are let through.

use std::time::Duration;

use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};

/// So many requests in so much time. Time is cut into windows that begin with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests in one window.
    pub requests: u32,
    /// The window's length.
    pub window: Duration,
}

impl RateLimit {
    /// So many requests a minute, as the vendor counts.
    pub fn per_minute(requests: u32) -> Self {
        Self { requests, window: Duration::from_secs(60) }
    }
}

impl Default for RateLimit {
    /// More than a client sends: a limit that is there and does not slow anybody down.
    fn default() -> Self {
        Self::per_minute(100_000)
    }
}

/// Counts requests. Moments are given as the time since 1970-01-01T00:00:00Z.
#[derive(Debug)]
pub(super) struct Limiter {
    limit: RateLimit,
    began: Option<Duration>,
    used: u32,
}

/// How much of the rate limit a client has left.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RateStatus {
    limit: u32,
    remaining: u32,
    /// When the window ends, in Unix seconds.
    reset: u64,
    /// The request is one too many; so many seconds later it is not.
    pub(super) retry_after: Option<u64>,
}

impl Limiter {
    /// Nothing counted yet.
    pub(super) fn new(limit: RateLimit) -> Self {
        Self { limit, began: None, used: 0 }
    }

    /// Forgets what was counted.
    pub(super) fn clear(&mut self) {
        *self = Self::new(self.limit);
    }

    /// Counts a request.
    pub(super) fn count(&mut self, now: Duration) -> RateStatus {
        // A clock that was set back begins a new window as well, else the old one might last for hours.
        let current = self.began.filter(|began| (*began..*began + self.limit.window).contains(&now));
        if current.is_none() {
            self.began = Some(now);
            self.used = 0;
        }
        let admitted = self.used < self.limit.requests;
        if admitted {
            self.used += 1;
        }
        let wait = self.ends(now).saturating_sub(now);
        RateStatus { retry_after: (!admitted).then(|| whole_seconds(wait).max(1)), ..self.standing(now) }
    }

    /// The status for a request that does not count.
    pub(super) fn standing(&self, now: Duration) -> RateStatus {
        let remaining = self.limit.requests.saturating_sub(self.used);
        RateStatus {
            limit: self.limit.requests,
            remaining,
            reset: whole_seconds(self.ends(now)),
            retry_after: None,
        }
    }

    fn ends(&self, now: Duration) -> Duration {
        self.began.unwrap_or(now) + self.limit.window
    }
}

impl RateStatus {
    const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
    const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
    const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

    /// Writes the documented headers, unless a fault replaced them.
    pub(super) fn write(&self, headers: &mut HeaderMap) {
        headers.entry(Self::LIMIT).or_insert_with(|| HeaderValue::from(self.limit));
        headers.entry(Self::REMAINING).or_insert_with(|| HeaderValue::from(self.remaining));
        headers.entry(Self::RESET).or_insert_with(|| HeaderValue::from(self.reset));
    }
}

/// Rounded up: a client that waits so long has waited long enough.
fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn a_window_lets_so_many_through_and_then_says_how_long_to_wait() {
        let mut limiter = Limiter::new(RateLimit::per_minute(2));
        let seen: Vec<_> = [1_000_500, 1_010_000, 1_020_000, 1_060_499, 1_060_500]
            .into_iter()
            .map(|millis| {
                let standing = limiter.count(at(millis));
                (standing.remaining, standing.reset, standing.retry_after)
            })
            .collect();
        let expected =
            [(1, 1061, None), (0, 1061, None), (0, 1061, Some(41)), (0, 1061, Some(1)), (1, 1121, None)];
        assert_eq!(seen, expected);
    }

    #[test]
    fn a_clock_set_back_does_not_lock_anybody_out() {
        let mut limiter = Limiter::new(RateLimit::per_minute(1));
        assert_eq!(limiter.count(at(9_000_000)).retry_after, None);
        assert_eq!(limiter.count(at(1_000)).retry_after, None);
        assert_eq!(limiter.standing(at(1_000)).remaining, 0);
    }
}
