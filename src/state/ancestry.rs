//! Decides which of two states of a lineage came first, from the list of writes in each. Merges, marks and the search
//! through git's history call it. Pure.

use std::collections::BTreeSet;

use super::{Document, WriteId, Writes};

/// How one state relates to another of its lineage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// The same write made both, and their contents are equal.
    Same,
    /// The other state came after it and knows all that it knows.
    Older,
    /// It came after the other state and knows all that the other knows.
    Newer,
    /// Each knows something that the other does not. Or the same write made both, and an editor or a text merge has
    /// changed one since: it is not known which.
    Forked,
}

/// What a state says about its own past, without its templates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ancestry {
    /// See [`Document::lineage`].
    pub lineage: String,
    /// See [`Document::serial`].
    pub serial: u64,
    /// See [`Document::writes`].
    pub writes: Writes,
}

impl Ancestry {
    /// How this state relates to `other`; `None` if the two have different lineages and neither is a version of the
    /// other. `same_contents` is called only if both name the same newest write, or if neither names its writes and
    /// both have the same serial.
    pub fn relation_to(&self, other: &Self, same_contents: impl FnOnce() -> bool) -> Option<Relation> {
        if self.lineage != other.lineage {
            return None;
        }
        Some(match (self.writes.newest(), other.writes.newest()) {
            (Some(ours), Some(theirs)) if ours == theirs => same_or_forked(same_contents()),
            (Some(ours), Some(theirs)) => match (other.writes.contains(ours), self.writes.contains(theirs)) {
                (true, false) => Relation::Older,
                (false, true) => Relation::Newer,
                (true, true) | (false, false) => Relation::Forked,
            },
            (None, Some(_)) => Relation::Older,
            (Some(_), None) => Relation::Newer,
            (None, None) => match self.serial.cmp(&other.serial) {
                std::cmp::Ordering::Less => Relation::Older,
                std::cmp::Ordering::Greater => Relation::Newer,
                std::cmp::Ordering::Equal => same_or_forked(same_contents()),
            },
        })
    }
}

fn same_or_forked(is_same: bool) -> Relation {
    if is_same { Relation::Same } else { Relation::Forked }
}

impl Document {
    /// What this state says of its past.
    pub fn ancestry(&self) -> Ancestry {
        Ancestry { lineage: self.lineage.clone(), serial: self.serial, writes: self.writes.clone() }
    }

    /// How this state relates to `other`; `None` if their lineages differ.
    pub fn relation_to(&self, other: &Self) -> Option<Relation> {
        self.ancestry().relation_to(&other.ancestry(), || self.templates == other.templates)
    }
}

/// The writes of the join of two states, independent of their order: the newer one's if one came after the other,
/// otherwise those of both with the join's own id at the end.
///
/// Both newest writes stay in the list however long the two are, so that each of the joined states is older than the
/// join.
#[must_use]
pub fn join_writes(ours: &Writes, theirs: &Writes) -> Writes {
    let (ours_newest, theirs_newest) = match (ours.newest(), theirs.newest()) {
        (Some(ours_newest), Some(theirs_newest)) => (ours_newest, theirs_newest),
        (Some(_), None) => return ours.clone(),
        (None, _) => return theirs.clone(),
    };
    match (theirs.contains(ours_newest), ours.contains(theirs_newest)) {
        _ if ours_newest == theirs_newest => return ours.clone(),
        (true, false) => return theirs.clone(),
        (false, true) => return ours.clone(),
        (true, true) | (false, false) => {}
    }
    // Sorted, so that both machines produce the same list.
    let (first, second) = if ours_newest < theirs_newest { (ours, theirs) } else { (theirs, ours) };
    let mut newest_to_oldest = vec![join_id(ours_newest, theirs_newest)];
    let (mut first_back, mut second_back) = (first.as_slice().iter().rev(), second.as_slice().iter().rev());
    let mut listed = BTreeSet::new();
    loop {
        let pair = [first_back.next(), second_back.next()];
        if pair == [None, None] {
            break;
        }
        newest_to_oldest.extend(pair.into_iter().flatten().copied().filter(|id| listed.insert(*id)));
    }
    newest_to_oldest.reverse();
    Writes::of(newest_to_oldest)
}

/// The writes of the join of two states that the same write made, of which one was changed outside of certctl: those
/// of both, with the join's own id at the end, so that each is older than the join.
#[must_use]
pub(super) fn join_altered(ours: &Writes, theirs: &Writes) -> Writes {
    let (first, second) = if ours.as_slice() < theirs.as_slice() { (ours, theirs) } else { (theirs, ours) };
    let missing = second.as_slice().iter().filter(|id| !first.contains(**id));
    let newest = first.newest().map(|newest| join_id(newest, newest));
    Writes::of(missing.chain(first.as_slice()).copied().chain(newest).collect())
}

/// The id of a join: a hash of the two newest writes, so that joining the same two states anywhere makes the same
/// write.
fn join_id(one: WriteId, other: WriteId) -> WriteId {
    WriteId::derived(&[b"certctl join\n", one.min(other).as_bytes(), one.max(other).as_bytes()])
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn id(number: u128) -> WriteId {
        WriteId::new(Uuid::from_u128(number))
    }

    fn ancestry(serial: u64, writes: impl IntoIterator<Item = u128>) -> Ancestry {
        let writes = Writes::of(writes.into_iter().map(id).collect());
        Ancestry { lineage: "l".to_owned(), serial, writes }
    }

    fn relation(ours: &Ancestry, theirs: &Ancestry, same_contents: bool) -> Option<Relation> {
        ours.relation_to(theirs, || same_contents)
    }

    #[test]
    fn writes_tell_older_newer_and_forked_apart() {
        let base = ancestry(2, [1, 2]);
        let (left, right) = (ancestry(3, [1, 2, 3]), ancestry(3, [1, 2, 4]));
        assert_eq!(relation(&base, &base.clone(), true), Some(Relation::Same));
        assert_eq!(relation(&base, &base.clone(), false), Some(Relation::Forked));
        assert_eq!(relation(&base, &left, true), Some(Relation::Older));
        assert_eq!(relation(&left, &base, true), Some(Relation::Newer));
        assert_eq!(relation(&left, &right, true), Some(Relation::Forked));
    }

    #[test]
    fn a_serial_decides_only_where_neither_names_writes() {
        let named = ancestry(1, [1]);
        let old = |serial| ancestry(serial, []);
        assert_eq!(relation(&old(9), &named, true), Some(Relation::Older));
        assert_eq!(relation(&named, &old(9), true), Some(Relation::Newer));
        assert_eq!(relation(&old(1), &old(2), true), Some(Relation::Older));
        assert_eq!(relation(&old(2), &old(2), true), Some(Relation::Same));
        assert_eq!(relation(&old(2), &old(2), false), Some(Relation::Forked));
    }

    #[test]
    fn states_of_two_lineages_are_not_compared() {
        let other = Ancestry { lineage: "m".to_owned(), ..ancestry(1, [1]) };
        assert_eq!(relation(&ancestry(1, [1]), &other, true), None);
    }

    #[test]
    fn lists_that_name_each_other_are_forked() {
        assert_eq!(relation(&ancestry(2, [1, 2]), &ancestry(2, [2, 1]), true), Some(Relation::Forked));
    }

    #[test]
    fn a_full_list_drops_its_oldest_write() {
        let mut writes = Writes::of((0..100).map(id).collect());
        writes.push(id(100));
        assert_eq!((writes.as_slice().len(), writes.newest()), (100, Some(id(100))));
        assert!(!writes.contains(id(0)) && writes.contains(id(1)));
    }

    #[test]
    fn joining_full_lists_keeps_both_newest() {
        let (left, right) = (ancestry(0, 1000..1100), ancestry(0, 2000..2100));
        let joined = join_writes(&left.writes, &right.writes);
        assert_eq!(joined.as_slice().len(), 100);
        assert!(joined.contains(id(1099)) && joined.contains(id(2099)));
    }
}
