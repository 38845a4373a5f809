//! When to stop making things worse: a server that leaves one request of creates after another in doubt would leave
//! the rest in doubt too, and every one of them would have to be settled by hand.

use crate::state::{Deed, RowResult};

/// Counts the requests of creates in a row of which nothing is known.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Breaker {
    in_a_row: u32,
}

impl Breaker {
    /// So many may be bad luck; the next would be carelessness.
    const MOST: u32 = 3;

    /// A request ended, and this is what became of its rows.
    pub(super) fn ended<'r>(&mut self, deed: Deed, results: impl IntoIterator<Item = &'r RowResult>) {
        if deed == Deed::Update {
            // These are sent again: nobody has to settle them, so there is nothing to spare anybody.
            return;
        }
        let (mut settled, mut doubtful) = (false, false);
        for result in results {
            match result {
                RowResult::Applied { .. } | RowResult::Failed { .. } | RowResult::Pending { .. } => {
                    settled = true;
                }
                RowResult::InDoubt { .. } => doubtful = true,
                // The server did not take it, which says nothing of what it does with what it takes.
                RowResult::NotSent => {}
            }
        }
        match (settled, doubtful) {
            (true, _) => self.in_a_row = 0,
            (false, true) => self.in_a_row += 1,
            (false, false) => {}
        }
    }

    /// Why no further create is to be sent, if that is so.
    pub(super) fn open(self) -> Option<String> {
        (self.in_a_row >= Self::MOST).then(|| {
            format!(
                "{} requests in a row ended in doubt: the server or the network seems to be down. Sending on would only \
                 put more templates in doubt, so the rest was not sent. When the server answers again, settle what is \
                 in doubt (certctl recover), then run certctl apply for the rest",
                self.in_a_row
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doubt() -> RowResult {
        RowResult::InDoubt { message: "lost".to_owned() }
    }

    fn applied() -> RowResult {
        RowResult::Applied { id: None }
    }

    fn after(requests: &[(Deed, Vec<RowResult>)]) -> bool {
        let mut breaker = Breaker::default();
        for (deed, results) in requests {
            breaker.ended(*deed, results);
        }
        breaker.open().is_some()
    }

    fn creates(results: Vec<RowResult>) -> (Deed, Vec<RowResult>) {
        (Deed::Create, results)
    }

    #[test]
    fn three_in_a_row_are_enough_and_two_are_not() {
        let lost = || creates(vec![doubt(), doubt()]);
        assert!(!after(&[lost(), lost()]));
        assert!(after(&[lost(), lost(), lost()]));
        assert!(after(&[lost(), lost(), lost(), lost()]));
    }

    #[test]
    fn a_request_that_is_settled_even_in_part_begins_the_count_anew() {
        let failed = RowResult::Failed { message: "no".to_owned(), record: None, perhaps_applied: false };
        let pending = RowResult::Pending { job: "7".to_owned() };
        for good in [applied(), failed, pending] {
            let lost = || creates(vec![doubt()]);
            assert!(!after(&[lost(), lost(), creates(vec![doubt(), good]), lost(), lost()]));
        }
    }

    #[test]
    fn updates_and_what_was_not_taken_change_nothing() {
        let lost = || creates(vec![doubt()]);
        let update = |result| (Deed::Update, vec![result]);
        assert!(!after(&[lost(), lost(), update(doubt()), creates(vec![RowResult::NotSent])]));
        assert!(after(&[lost(), update(applied()), lost(), creates(vec![RowResult::NotSent]), lost()]));
        assert!(!after(&[update(doubt()), update(doubt()), update(doubt()), update(doubt())]));
    }
}
