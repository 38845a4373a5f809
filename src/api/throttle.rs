//! How fast requests may go: at the configured pace until the server says better, then by what it says.

use std::time::Duration;

use super::RateHeaders;

/// Decides when the next request may go. Times are durations since the beginning of the run, so that it is a pure
/// state machine.
#[derive(Clone, Debug)]
pub struct Throttle {
    interval: Duration,
    next_at: Duration,
    paused_until: Duration,
    window: Option<Window>,
    in_flight: u32,
    /// Requests that ended so far.
    ended: u32,
}

/// What makes requests wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// The configured pace.
    Pace,
    /// The server's quota is used up.
    Quota,
    /// A pause that the server asked for, or that a failed connection calls for.
    Pause,
}

/// A request that was counted when it went; its response is given back with it.
#[derive(Clone, Copy, Debug)]
pub struct Ticket {
    /// How many requests had ended by then.
    ended: u32,
}

/// The server's quota, as it last told.
#[derive(Clone, Copy, Debug)]
struct Window {
    limit: u32,
    remaining: u32,
    resets_at: Duration,
}

impl Throttle {
    /// The shortest wait for a quota that is used up: a reset in the past is a clock that is wrong.
    const SHORTEST_WAIT: Duration = Duration::from_secs(1);

    /// Begins at that pace.
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

    /// When the next request may go; not later than `now` means at once.
    pub fn ready_at(&self, now: Duration) -> Duration {
        self.by_quota(now).max(self.paused_until)
    }

    /// What the next request waits for, if it has to wait.
    pub fn holds(&self, now: Duration) -> Hold {
        if self.paused_until > self.by_quota(now) {
            Hold::Pause
        } else if self.window.is_some() {
            Hold::Quota
        } else {
            Hold::Pace
        }
    }

    fn by_quota(&self, now: Duration) -> Duration {
        match self.window {
            Some(window) if now >= window.resets_at && self.in_flight >= window.limit.max(1) => {
                // They may fill the new window all by themselves.
                now + Self::SHORTEST_WAIT
            }
            Some(window) if window.remaining > 0 || now >= window.resets_at => Duration::ZERO,
            Some(window) => window.resets_at,
            None => self.next_at,
        }
    }

    /// A request goes now.
    pub fn take(&mut self, now: Duration) -> Ticket {
        self.next_at = now.max(self.next_at) + self.interval;
        if let Some(window) = &mut self.window {
            if now >= window.resets_at {
                // What is in flight may arrive only now.
                window.remaining = window.limit.max(1).saturating_sub(self.in_flight);
                window.resets_at = now + Duration::from_secs(60);
            }
            window.remaining = window.remaining.saturating_sub(1);
        }
        self.in_flight += 1;
        Ticket { ended: self.ended }
    }

    /// A request ended without any header.
    pub fn gone(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.ended = self.ended.saturating_add(1);
    }

    /// A response came. Its count lacks the requests still in flight, and it may lack those that ended while it was on
    /// its way: nobody knows in which order the server counted them.
    pub fn observe(&mut self, now: Duration, ticket: Ticket, rate: &RateHeaders) {
        let overtaken_by = self.ended.saturating_sub(ticket.ended);
        self.gone();
        if let (Some(remaining), Some(reset_in)) = (rate.remaining, rate.reset_in) {
            let told = Window {
                limit: rate.limit.unwrap_or(remaining),
                remaining: remaining.saturating_sub(self.in_flight).saturating_sub(overtaken_by),
                resets_at: now + reset_in.max(Self::SHORTEST_WAIT),
            };
            self.window = Some(match self.window {
                // It may tell of the window before this one.
                Some(known) if overtaken_by > 0 && told.resets_at < known.resets_at => {
                    Window { remaining: told.remaining.min(known.remaining), ..known }
                }
                _ => told,
            });
        }
    }

    /// The server asked everybody to wait.
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
    fn then_the_server_governs() {
        let mut throttle = Throttle::new(1);
        let ticket = throttle.take(at(0));
        throttle.observe(at(0), ticket, &rate(2, 30));
        throttle.take(at(0));
        throttle.take(at(0));
        assert_eq!(throttle.ready_at(at(0)), at(30), "two were left, and two went");
        assert!(throttle.ready_at(at(30)) <= at(30));
    }

    #[test]
    fn requests_in_flight_are_not_in_the_servers_count() {
        let mut throttle = Throttle::new(6000);
        throttle.take(at(0));
        let ticket = throttle.take(at(0));
        throttle.observe(at(1), ticket, &rate(1, 10));
        assert_eq!(throttle.ready_at(at(1)), at(11));
    }

    #[test]
    fn a_pause_holds_everybody_and_a_reset_in_the_past_is_not_believed() {
        let mut throttle = Throttle::new(6000);
        let ticket = throttle.take(at(0));
        throttle.observe(at(5), ticket, &rate(0, 0));
        assert_eq!(throttle.ready_at(at(5)), at(6));
        throttle.pause(at(5), at(32));
        assert_eq!(throttle.ready_at(at(6)), at(37));
    }
}
