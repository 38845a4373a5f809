//! How fast requests may go, and how many at once: as the throttle allows, and one at a time until the server has
//! accepted the key.

use std::time::Duration;

use super::queue::{Queue, Task};
use crate::api::{Answer, HoldReason, Throttle, Ticket};
use crate::apply::WaitReason;

/// The pace of a run.
#[derive(Debug)]
pub(super) struct Pace {
    throttle: Throttle,
    /// The maximum number of requests in flight.
    concurrency: usize,
    /// Whether the server has accepted the key.
    authenticated: bool,
}

impl Pace {
    pub(super) fn new(requests_per_minute: u32, concurrency: usize) -> Self {
        Self { throttle: Throttle::new(requests_per_minute), concurrency, authenticated: false }
    }

    pub(super) fn is_authenticated(&self) -> bool {
        self.authenticated
    }

    /// Notes that the server has accepted the key.
    pub(super) fn authenticated(&mut self) {
        self.authenticated = true;
    }

    /// Whether another request may be sent with this many in flight.
    pub(super) fn allows_another(&self, in_flight: usize) -> bool {
        in_flight < if self.authenticated { self.concurrency.max(1) } else { 1 }
    }

    /// When the next request may go; a time not later than `now` means at once.
    pub(super) fn ready_at(&self, now: Duration) -> Duration {
        self.throttle.ready_at(now)
    }

    /// Counts a request that is sent now.
    pub(super) fn take(&mut self, now: Duration) -> Ticket {
        self.throttle.take(now)
    }

    /// Counts a request that was answered or given up.
    pub(super) fn landed(&mut self, now: Duration, ticket: Ticket, answer: &Answer) {
        match answer {
            Answer::Response(response) => self.throttle.observe(now, ticket, &response.rate),
            Answer::NotSent { .. } | Answer::Untrusted { .. } | Answer::Lost { .. } => {
                self.throttle.request_lost();
            }
        }
    }

    /// Takes back a request that was not sent.
    pub(super) fn gone(&mut self) {
        self.throttle.request_lost();
    }

    /// Sends nothing for this long.
    pub(super) fn pause(&mut self, now: Duration, wait: Duration) {
        self.throttle.pause(now, wait);
    }

    /// The reason for waiting: the next task's own time, or a limit on every request.
    pub(super) fn wait_reason(&self, now: Duration, queue: &Queue) -> WaitReason {
        match queue.waits_for().filter(|(at, _)| *at >= self.ready_at(now)) {
            Some((_, Task::Poll(_))) if !queue.has_ready(now) => WaitReason::Job,
            Some((_, Task::Submit(_))) if !queue.has_ready(now) => WaitReason::Repetition,
            _ => match self.throttle.hold_reason(now) {
                HoldReason::Pace => WaitReason::Pace,
                HoldReason::Quota => WaitReason::Quota,
                HoldReason::Pause => WaitReason::Pause,
            },
        }
    }
}
