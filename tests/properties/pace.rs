//! The quota in the server's headers is respected, whatever the order in which requests arrive and answers return.

use std::collections::BTreeMap;
use std::time::Duration;

use certctl::api::{RateHeaders, Throttle, Ticket};
use proptest::prelude::*;

/// Times are in milliseconds since the run began.
#[derive(Clone, Debug)]
struct Server {
    limit: u32,
    /// The length of a window, and the start of the first one when the run begins.
    window: u64,
    began_before: u64,
    taken: BTreeMap<u64, u32>,
}

impl Server {
    /// Counts a request in the window in which it arrives, and returns what is left, in whole seconds.
    fn count(&mut self, at: u64) -> RateHeaders {
        let number = (at + self.began_before) / self.window;
        let taken = self.taken.entry(number).or_default();
        *taken += 1;
        let resets_at = (number + 1) * self.window - self.began_before;
        let seconds = resets_at.div_ceil(1000) - at / 1000;
        RateHeaders {
            limit: Some(self.limit),
            remaining: Some(self.limit.saturating_sub(*taken)),
            reset_in: Some(Duration::from_secs(seconds)),
            retry_after: None,
        }
    }
}

struct Flight {
    ticket: Ticket,
    arrives: u64,
    back: u64,
    told: Option<RateHeaders>,
}

fn milliseconds(at: Duration) -> u64 {
    u64::try_from(at.as_millis()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_window_exceeds_the_announced_quota(
        limit in 1..12_u32,
        window in 5_000..90_000_u64,
        began_before in 0..90_000_u64,
        concurrency in 1..6_usize,
        per_minute in prop::sample::select(vec![1_u32, 60, 6_000]),
        journeys in prop::collection::vec((1..3_000_u64, 1..3_000_u64), 8),
    ) {
        let mut server = Server { limit, window, began_before, taken: BTreeMap::new() };
        let mut throttle = Throttle::new(per_minute);
        let mut flights: Vec<Flight> = Vec::new();
        let (mut now, mut sent, mut welcomed) = (0_u64, 0, false);
        let mut journeys = journeys.into_iter().cycle();
        while sent < 60 || !flights.is_empty() {
            let allowed = if welcomed { concurrency } else { 1 };
            let ready = throttle.ready_at(Duration::from_millis(now));
            // The server's windows end at whole milliseconds; the throttle's own pace may not.
            let ready = milliseconds(ready + Duration::from_micros(999));
            let next_send = (sent < 60 && flights.len() < allowed).then_some(ready.max(now));
            let next_arrival = flights.iter().filter(|flight| flight.told.is_none()).map(|flight| flight.arrives).min();
            let next_back = flights.iter().filter(|flight| flight.told.is_some()).map(|flight| flight.back).min();
            now = [next_send, next_arrival, next_back].into_iter().flatten().min().unwrap();
            if next_arrival == Some(now) {
                let flight = flights.iter_mut().find(|flight| flight.told.is_none() && flight.arrives == now).unwrap();
                flight.told = Some(server.count(now));
            } else if next_back == Some(now) {
                let at = flights.iter().position(|flight| flight.told.is_some() && flight.back == now).unwrap();
                let flight = flights.swap_remove(at);
                throttle.observe(Duration::from_millis(now), flight.ticket, &flight.told.unwrap());
                welcomed = true;
            } else {
                let (there, back) = journeys.next().unwrap();
                let ticket = throttle.take(Duration::from_millis(now));
                flights.push(Flight { ticket, arrives: now + there, back: now + there + back, told: None });
                sent += 1;
            }
        }
        for (number, taken) in &server.taken {
            prop_assert!(*taken <= limit, "{taken} of {limit} in window {number}");
        }
    }
}
