//! Which faults strike at which request.

use super::{Endpoint, Fault, FaultKind};

/// Faults, with how many of their requests each has seen.
#[derive(Default)]
pub(super) struct FaultSchedule(Vec<(Fault, u64)>);

impl FaultSchedule {
    /// These faults; none has seen a request.
    pub(super) fn new(faults: Vec<Fault>) -> Self {
        Self(faults.into_iter().map(|fault| (fault, 0)).collect())
    }

    /// More faults behind those that are there.
    pub(super) fn add(&mut self, faults: Vec<Fault>) {
        self.0.extend(Self::new(faults).0);
    }

    /// The faults, in the order in which they strike.
    pub(super) fn faults(&self) -> impl Iterator<Item = &Fault> {
        self.0.iter().map(|(fault, _)| fault)
    }

    /// Counts a request with rows of these titles, and returns what goes wrong with it.
    pub(super) fn strike(&mut self, endpoint: Endpoint, titles: &[&str]) -> Vec<FaultKind> {
        let mut struck = Vec::new();
        for (fault, seen) in &mut self.0 {
            let there = fault.on.is_none_or(|on| on == endpoint);
            let meant =
                fault.matching.as_deref().is_none_or(|text| titles.iter().any(|title| title.contains(text)));
            if there && meant {
                *seen = seen.saturating_add(1);
                let first = fault.first.get();
                let last = fault.times.map_or(u64::MAX, |times| first.saturating_add(times.get() - 1));
                if (first..=last).contains(seen) {
                    struck.push(fault.kind.clone());
                }
            }
        }
        struck
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(fault: &str, requests: &[(Endpoint, &[&str])]) -> Vec<bool> {
        let mut schedule = FaultSchedule::new(vec![fault.parse().unwrap()]);
        requests.iter().map(|(endpoint, titles)| !schedule.strike(*endpoint, titles).is_empty()).collect()
    }

    #[test]
    fn only_its_requests_are_counted() {
        let requests: [(Endpoint, &[&str]); 5] = [
            (Endpoint::Bulk, &["Cloud 101"]),
            (Endpoint::Ping, &[]),
            (Endpoint::Bulk, &["Safety"]),
            (Endpoint::Update, &["Cloud 101"]),
            (Endpoint::Bulk, &["Safety", "Cloud 102"]),
        ];
        assert_eq!(hits("bulk:2:no-ids", &requests), [false, false, true, false, false]);
        assert_eq!(hits("bulk:2+:no-ids", &requests), [false, false, true, false, true]);
        assert_eq!(hits("any:2x2:no-ids", &requests), [false, true, true, false, false]);
        assert_eq!(hits("any:*:no-ids", &requests), [true; 5]);
        assert_eq!(hits("bulk[Cloud]:2:no-ids", &requests), [false, false, false, false, true]);
        assert_eq!(hits("any[Cloud]:*:no-ids", &requests), [true, false, false, true, true]);
    }
}
