//! Decides when the next request may be sent: at the configured pace until the server states its quota, then by that
//! quota. A pure state machine: it never sleeps and reads no clock.

use std::time::Duration;

use super::RateHeaders;

/// The throttle of one run. Times are durations since the run began.
#[derive(Clone, Debug)]
pub struct Throttle {
    interval: Duration,
    next_at: Duration,
    paused_until: Duration,
    window: Option<Window>,
    in_flight: u32,
    /// How many requests have ended.
    ended: u32,
}

/// Why the next request has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldReason {
    /// The configured pace.
    Pace,
    /// The server's quota is used up.
    Quota,
    /// A pause that the server asked for, or that follows a failed connection.
    Pause,
}

/// Identifies a request in flight; give it back with the response.
#[derive(Clone, Copy, Debug)]
pub struct Ticket {
    /// How many requests had ended when it was sent.
    ended: u32,
}

/// The server's quota, from its latest response.
#[derive(Clone, Copy, Debug)]
struct Window {
    limit: u32,
    remaining: u32,
    resets_at: Duration,
}

impl Throttle {
    /// The shortest wait for a used-up quota: a reset in the past comes from a wrong clock.
    const SHORTEST_WAIT: Duration = Duration::from_secs(1);

    /// A throttle at the configured pace.
    pub fn new(requests_per_minute: u32) -> Self {
        Self {
            interval: Duration::from_secs(60) / requests_per_minute.max(1),
            next_at: Duration::ZERO,
            paused_until: Duration::ZERO,
            window: None,
            in_flight: 0,
            ended: 0,
        }
    }

    /// When the next request may be sent; `now` or earlier means immediately.
    pub fn ready_at(&self, now: Duration) -> Duration {
        self.by_quota(now).max(self.paused_until)
    }

    /// Why the next request has to wait, if it does.
    pub fn hold_reason(&self, now: Duration) -> HoldReason {
        if self.paused_until > self.by_quota(now) {
            HoldReason::Pause
        } else if self.window.is_some() {
            HoldReason::Quota
        } else {
            HoldReason::Pace
        }
    }

    fn by_quota(&self, now: Duration) -> Duration {
        match self.window {
            Some(window) if now >= window.resets_at && self.in_flight >= window.limit.max(1) => {
                // The requests in flight may use up the new window.
                now + Self::SHORTEST_WAIT
            }
            Some(window) if window.remaining > 0 || now >= window.resets_at => Duration::ZERO,
            Some(window) => window.resets_at,
            None => self.next_at,
        }
    }

    /// Counts a request that is sent now.
    pub fn take(&mut self, now: Duration) -> Ticket {
        self.next_at = now.max(self.next_at) + self.interval;
        if let Some(window) = &mut self.window {
            if now >= window.resets_at {
                // Requests in flight may arrive in the new window.
                window.remaining = window.limit.max(1).saturating_sub(self.in_flight);
                window.resets_at = now + Duration::from_secs(60);
            }
            window.remaining = window.remaining.saturating_sub(1);
        }
        self.in_flight += 1;
        Ticket { ended: self.ended }
    }

    /// Counts a request that ended without a response.
    pub fn request_lost(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.ended = self.ended.saturating_add(1);
    }

    /// Counts a response and adopts its quota. The server's count lacks the requests still in flight, and may lack those
    /// that ended meanwhile: the order in which the server counted them is unknown.
    pub fn observe(&mut self, now: Duration, ticket: Ticket, rate: &RateHeaders) {
        let overtaken_by = self.ended.saturating_sub(ticket.ended);
        self.request_lost();
        if let (Some(remaining), Some(reset_in)) = (rate.remaining, rate.reset_in) {
            let stated = Window {
                limit: rate.limit.unwrap_or(remaining),
                remaining: remaining.saturating_sub(self.in_flight).saturating_sub(overtaken_by),
                resets_at: now + reset_in.max(Self::SHORTEST_WAIT),
            };
            self.window = Some(match self.window {
                // It may describe the previous window.
                Some(known) if overtaken_by > 0 && stated.resets_at < known.resets_at => {
                    Window { remaining: stated.remaining.min(known.remaining), ..known }
                }
                _ => stated,
            });
        }
    }

    /// Holds every request for `wait`, as the server asked.
    pub fn pause(&mut self, now: Duration, wait: Duration) {
        self.paused_until = self.paused_until.max(now + wait);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn rate(remaining: u32, reset_in: u64) -> RateHeaders {
        RateHeaders {
            limit: Some(120),
            remaining: Some(remaining),
            reset_in: Some(at(reset_in)),
            retry_after: None,
        }
    }

    #[test]
    fn begins_at_the_configured_pace() {
        let mut throttle = Throttle::new(60);
        assert_eq!(throttle.ready_at(at(0)), at(0));
        throttle.take(at(0));
        assert_eq!(throttle.ready_at(at(0)), at(1));
        throttle.take(at(1));
        assert_eq!(throttle.ready_at(at(1)), at(2));
    }

    #[test]
    fn server_quota_replaces_the_pace() {
        let mut throttle = Throttle::new(1);
        let ticket = throttle.take(at(0));
        throttle.observe(at(0), ticket, &rate(2, 30));
        throttle.take(at(0));
        throttle.take(at(0));
        assert_eq!(throttle.ready_at(at(0)), at(30), "two were left, and two went");
        assert!(throttle.ready_at(at(30)) <= at(30));
    }

    #[test]
    fn requests_in_flight_reduce_the_quota() {
        let mut throttle = Throttle::new(6000);
        throttle.take(at(0));
        let ticket = throttle.take(at(0));
        throttle.observe(at(1), ticket, &rate(1, 10));
        assert_eq!(throttle.ready_at(at(1)), at(11));
    }

    #[test]
    fn pauses_hold_and_past_resets_are_ignored() {
        let mut throttle = Throttle::new(6000);
        let ticket = throttle.take(at(0));
        throttle.observe(at(5), ticket, &rate(0, 0));
        assert_eq!(throttle.ready_at(at(5)), at(6));
        throttle.pause(at(5), at(32));
        assert_eq!(throttle.ready_at(at(6)), at(37));
    }
}
