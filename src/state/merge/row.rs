//! Joins what two states say about one template.

use std::collections::BTreeSet;

use super::ConflictReason;
use crate::model::{NaturalKey, Timestamp};
use crate::state::{Row, RowStatus, WriteId, Writes, resolution};

/// One row in the base and on either side, with the writes known there.
#[derive(Clone, Copy)]
pub(super) struct Sides<'a> {
    pub(super) base: Option<&'a Row>,
    pub(super) ours: (Option<&'a Row>, &'a Writes),
    pub(super) theirs: (Option<&'a Row>, &'a Writes),
    /// The id of the join's own write.
    pub(super) join: Option<WriteId>,
}

/// The joined row; `None` if it was removed.
pub(super) fn join_row(sides: Sides<'_>) -> Result<Option<Row>, ConflictReason> {
    let Sides { base, ours: (ours, our_writes), theirs: (theirs, their_writes), join } = sides;
    match (ours, theirs) {
        (None, None) => Ok(None),
        (Some(row), None) => removed_or_added(base, row, their_writes),
        (None, Some(row)) => removed_or_added(base, row, our_writes),
        (Some(ours), Some(theirs)) => {
            // A side that knows the write of the other's row is later.
            match (ours.is_known_to(their_writes), theirs.is_known_to(our_writes)) {
                (true, false) => Ok(Some(theirs.clone())),
                (false, true) => Ok(Some(ours.clone())),
                _ if ours == theirs => Ok(Some(ours.clone())),
                // If each side once had the other's row and gave it up, neither is newer than the base's.
                (false, false) if base == Some(theirs) => Ok(Some(ours.clone())),
                (false, false) if base == Some(ours) => Ok(Some(theirs.clone())),
                // Neither of two writes is later, and a side that knows only one of them does not know this row.
                _ => match agreed(base, ours, theirs) {
                    Some(row) => {
                        Ok(Some(Row { write: join, joined_writes: writes_of_both(ours, theirs), ..row }))
                    }
                    None => Err(ConflictReason::BothChanged),
                },
            }
        }
    }
}

/// The writes of the two rows that become one, in the same order on every machine. Empty if either is unnamed.
fn writes_of_both(ours: &Row, theirs: &Row) -> Vec<WriteId> {
    let named = |row: &Row| {
        if row.joined_writes.is_empty() { row.write.into_iter().collect() } else { row.joined_writes.clone() }
    };
    let (our_writes, their_writes) = (named(ours), named(theirs));
    if our_writes.is_empty() || their_writes.is_empty() {
        return Vec::new();
    }
    our_writes.into_iter().chain(their_writes).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Decides about a row that only one side has: it was added there, or removed on the other side, which has
/// `their_writes`.
fn removed_or_added(
    base: Option<&Row>,
    row: &Row,
    other_writes: &Writes,
) -> Result<Option<Row>, ConflictReason> {
    match base {
        _ if row.is_known_to(other_writes) => Ok(None),
        Some(base) if base == row => Ok(None),
        // The base had nothing yet that could be removed.
        Some(base) if says_nothing(base) => Ok(Some(row.clone())),
        Some(_) => Err(ConflictReason::RemovedAndChanged),
        None => Ok(Some(row.clone())),
    }
}

/// Whether a row only says that its creates were rejected: nothing that the other side knows or has in flight
/// contradicts that.
fn says_nothing(row: &Row) -> bool {
    row.status() == RowStatus::Failed && row.attempts.is_empty() && !row.exists()
}

/// Orders rejected rows by time, and then in the same way on every machine.
fn refusal(row: &Row) -> Option<(Timestamp, &str)> {
    row.failure().map(|failure| (failure.at, failure.message.as_str()))
}

/// The row if both sides agree, if one of them says nothing, or if both had the same attributes accepted and no
/// attempt is open. The order of acceptance does not matter then: the server holds these attributes.
fn agreed(base: Option<&Row>, ours: &Row, theirs: &Row) -> Option<Row> {
    if ours.says_the_same(theirs) {
        return Some(ours.clone());
    }
    if base.is_none_or(|base| !base.exists()) && ours.protect == theirs.protect {
        let kept = match (says_nothing(ours), says_nothing(theirs)) {
            (true, true) if refusal(ours) < refusal(theirs) => Some(theirs),
            (_, true) => Some(ours),
            (true, false) => Some(theirs),
            (false, false) => None,
        };
        if let Some(kept) = kept {
            return Some(Row {
                resolutions: resolution::join(&ours.resolutions, &theirs.resolutions),
                ..kept.clone()
            });
        }
    }
    let is_certain = |row: &Row| row.status() == RowStatus::Applied && row.attempt().is_none();
    let (known, same) = (ours.confirmed.as_ref()?, theirs.confirmed.as_ref()?);
    let natural_key = NaturalKey::of(&known.attributes);
    // Without ids, two creates may be two templates; two updates of an existing template are not.
    let was_there = base
        .and_then(|base| base.confirmed.as_ref())
        .is_some_and(|base| NaturalKey::of(&base.attributes) == natural_key);
    let is_one = ours.identity == theirs.identity && (ours.identity.is_some() || was_there);
    if !(is_certain(ours) && is_certain(theirs) && known.attributes == same.attributes && is_one)
        || ours.protect != theirs.protect
    {
        return None;
    }
    // Where it was seen decides only so that the order of the two sides does not.
    let time = |row: &Row| row.confirmed.as_ref().map(|known| (known.applied_at, known.seen_in.clone()));
    let later = if time(ours) < time(theirs) { theirs } else { ours };
    Some(Row {
        resolutions: resolution::join(&ours.resolutions, &theirs.resolutions),
        unknown: ours.unknown.union(&theirs.unknown).cloned().collect(),
        ..later.clone()
    })
}
