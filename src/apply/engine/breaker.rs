//! Decides when to stop creating: a server that leaves one request of creates after another in doubt would leave the
//! rest in doubt too, and a person would have to resolve every row by hand.

use crate::state::{Operation, RecordedOutcome};

/// Counts consecutive requests of creates whose outcome is unknown.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Breaker {
    in_a_row: usize,
    /// The rows that those requests left in doubt.
    rows: usize,
}

impl Breaker {
    /// Fewer requests may be bad luck.
    const REQUESTS: usize = 3;
    /// Fewer rows are quickly resolved, and one row that fails never stops the others (contract section 6).
    const ROWS: usize = 20;

    /// Counts a request that ended with these results.
    pub(super) fn ended<'r>(
        &mut self,
        operation: Operation,
        results: impl IntoIterator<Item = &'r RecordedOutcome>,
    ) {
        if operation == Operation::Update {
            // Updates can be sent again, so a person need not resolve them.
            return;
        }
        let (mut has_outcome, mut doubtful) = (false, 0);
        for result in results {
            match result {
                RecordedOutcome::Applied { .. }
                | RecordedOutcome::Failed { .. }
                | RecordedOutcome::Pending { .. } => {
                    has_outcome = true;
                }
                RecordedOutcome::InDoubt { .. } => doubtful += 1,
                // The server did not accept it, which says nothing about requests that it accepts.
                RecordedOutcome::NotSent => {}
            }
        }
        if has_outcome {
            *self = Self::default();
        } else if doubtful > 0 {
            self.in_a_row += 1;
            self.rows += doubtful;
        }
    }

    /// Why no further create may be sent, or `None` if they may.
    pub(super) fn open(self) -> Option<String> {
        (self.in_a_row >= Self::REQUESTS && self.rows >= Self::ROWS).then(|| {
            format!(
                "{} requests in a row ended in doubt: the server or the network seems to be down. Sending on would only \
                 put more templates in doubt, so the rest was not sent. When the server answers again, settle what is \
                 in doubt, and then apply the rest",
                self.in_a_row
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doubt() -> RecordedOutcome {
        RecordedOutcome::InDoubt { message: "lost".to_owned() }
    }

    fn applied() -> RecordedOutcome {
        RecordedOutcome::Applied { id: None }
    }

    fn after(requests: &[(Operation, Vec<RecordedOutcome>)]) -> bool {
        let mut breaker = Breaker::default();
        for (operation, results) in requests {
            breaker.ended(*operation, results);
        }
        breaker.open().is_some()
    }

    fn creates(results: Vec<RecordedOutcome>) -> (Operation, Vec<RecordedOutcome>) {
        (Operation::Create, results)
    }

    #[test]
    fn three_requests_with_twenty_rows_open_it() {
        let lost = |rows| creates(vec![doubt(); rows]);
        assert!(!after(&[lost(100), lost(100)]));
        assert!(after(&[lost(100), lost(100), lost(100)]));
        assert!(!after(&[lost(6), lost(6), lost(7)]));
        assert!(after(&[lost(6), lost(6), lost(8)]));
        let alone = vec![lost(1); 20];
        assert!(!after(&alone[1..]) && after(&alone));
    }

    #[test]
    fn a_partial_outcome_restarts_the_count() {
        let failed =
            RecordedOutcome::Failed { message: "no".to_owned(), record: None, perhaps_applied: false };
        let pending = RecordedOutcome::Pending { job: "7".to_owned() };
        for good in [applied(), failed, pending] {
            let lost = || creates(vec![doubt(); 20]);
            assert!(!after(&[lost(), lost(), creates(vec![doubt(), good]), lost(), lost()]));
        }
    }

    #[test]
    fn updates_and_unsent_creates_do_not_count() {
        let lost = || creates(vec![doubt(); 20]);
        let update = |result| (Operation::Update, vec![result]);
        assert!(!after(&[lost(), lost(), update(doubt()), creates(vec![RecordedOutcome::NotSent])]));
        assert!(after(&[lost(), update(applied()), lost(), creates(vec![RecordedOutcome::NotSent]), lost()]));
        assert!(!after(&[update(doubt()), update(doubt()), update(doubt()), update(doubt())]));
    }
}
