//! Merged states, compared with histories in which every write is known.

use std::collections::{BTreeMap, BTreeSet};

use certctl::model::Key;
use certctl::state::{Document, Merge, Row, WriteId, Writes, merge};
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use crate::world::owner;

/// What happens to the copies of a state.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// A row gets these contents, or is removed.
    Write {
        copy: usize,
        key: u8,
        contents: Option<u8>,
    },
    Copy {
        from: usize,
        to: usize,
    },
    Join {
        ours: usize,
        theirs: usize,
    },
}

const COPIES: usize = 3;

fn any_step() -> impl Strategy<Value = Step> {
    let copy = || 0..COPIES;
    let contents = prop::option::weighted(0.7, 0..3_u8);
    prop_oneof![
        5 => (copy(), 0..4_u8, contents).prop_map(|(copy, key, contents)| Step::Write { copy, key, contents }),
        1 => (copy(), copy()).prop_map(|(from, to)| Step::Copy { from, to }),
        2 => (copy(), copy()).prop_map(|(ours, theirs)| Step::Join { ours, theirs }),
    ]
}

/// A copy, and the truth about it.
#[derive(Clone, Debug)]
struct Copy {
    document: Document,
    truth: BTreeMap<Key, Truth>,
}

/// The truth about a key in a copy.
#[derive(Clone, Debug, Default)]
struct Truth {
    /// The writes that led to the present row, or to its removal.
    led_to_it: BTreeSet<usize>,
    /// The same, plus those whose row was removed or replaced by another one.
    known: BTreeSet<usize>,
}

/// A row whose natural key and id follow from its key, so that no two rows can share one.
fn row(key: u8, contents: u8, write: WriteId) -> Row {
    let attributes =
        json!({"resourceType": "course", "resourceId": format!("r{key}"), "title": contents.to_string()});
    let attempt = json!({"at": "2026-11-23T10:00:00Z", "batch": "1-1", "deed": "create", "attributes": attributes,
        "digest": serde_json::from_value::<certctl::model::Attributes>(attributes.clone()).unwrap().digest()});
    let row = match contents {
        0 => json!({"status": "in_doubt", "attempt": attempt, "write": write,
            "error": {"at": "2026-11-23T10:00:00Z", "message": "lost"}}),
        _ => json!({"status": "applied", "attributes": attributes, "write": write, "idSource": "exact",
            "id": format!("20000000-0000-4000-8000-{key:012}")}),
    };
    serde_json::from_value(row).unwrap()
}

fn write_id(number: usize) -> WriteId {
    WriteId::new(Uuid::from_u128(number as u128 + 1))
}

impl Copy {
    fn key(number: u8) -> Key {
        Key::new(format!("k{number}")).unwrap()
    }

    fn write(&mut self, number: usize, key: u8, contents: Option<u8>) {
        let write = write_id(number);
        let name = Self::key(key);
        match contents {
            Some(contents) => drop(self.document.templates.insert(name.clone(), row(key, contents, write))),
            None if self.document.templates.remove(&name).is_none() => return,
            None => {}
        }
        self.document.serial += 1;
        self.document.writes.push(write);
        let truth = self.truth.entry(name).or_default();
        truth.led_to_it.insert(number);
        truth.known.insert(number);
    }

    fn truth(&self, key: &Key) -> Truth {
        self.truth.get(key).cloned().unwrap_or_default()
    }

    fn is_base_of(&self, other: &Self) -> bool {
        self.truth.iter().all(|(key, truth)| truth.known.is_subset(&other.truth(key).known))
    }
}

/// The right result for a key, given full knowledge of both sides.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there are four of them")]
enum Expected {
    /// One side has every write of the other.
    Later(Option<Row>),
    /// Each side has a row that the other does not know.
    Contradiction(Row, Row),
    /// One side has such a row; the other had another one and removed it.
    Removed(Row),
    /// Both sides have removed it.
    Gone,
}

fn expected(ours: &Copy, theirs: &Copy, key: &Key) -> Expected {
    let (our_truth, their_truth) = (ours.truth(key), theirs.truth(key));
    let row = |side: &Copy| side.document.templates.get(key).cloned();
    match (
        their_truth.led_to_it.is_subset(&our_truth.known),
        our_truth.led_to_it.is_subset(&their_truth.known),
    ) {
        (true, false) => return Expected::Later(row(ours)),
        (false, true) => return Expected::Later(row(theirs)),
        (true, true) if row(ours) == row(theirs) => return Expected::Later(row(ours)),
        _ => {}
    }
    match (row(ours), row(theirs)) {
        (Some(ours), Some(theirs)) => Expected::Contradiction(ours, theirs),
        (Some(row), None) | (None, Some(row)) => Expected::Removed(row),
        (None, None) => Expected::Gone,
    }
}

/// Whether two rows of different writes may count as one: both were accepted with the same contents.
fn agree(ours: &Row, theirs: &Row) -> bool {
    ours.says_the_same(theirs) || ours.confirmed.is_some() && ours.confirmed == theirs.confirmed
}

/// Whether a row comes from a merge that treated two writes as one. A copy that knows both writes does not know that row.
fn is_agreed(side: &Copy, key: &Key) -> bool {
    let written = |number: &usize| Some(write_id(*number));
    let row = side.document.templates.get(key);
    row.is_some_and(|row| !side.truth(key).known.iter().map(written).any(|write| write == row.write))
}

/// Histories of copies of one state, with every version.
fn histories(steps: &[Step]) -> (Vec<Copy>, Vec<Copy>) {
    let mut begun = Copy { document: Document::empty(&owner(), "l".to_owned()), truth: BTreeMap::new() };
    begun.write(1000, 0, Some(1));
    let mut copies = vec![begun.clone(); COPIES];
    let mut versions = vec![begun];
    for (number, step) in steps.iter().enumerate() {
        match *step {
            Step::Write { copy, key, contents } => {
                copies[copy].write(number, key, contents);
                versions.push(copies[copy].clone());
            }
            Step::Copy { from, to } => copies[to] = copies[from].clone(),
            Step::Join { ours, theirs } => {
                let (one, other) = (copies[ours].clone(), copies[theirs].clone());
                if let Some(joined) = join(&versions, &one, &other) {
                    versions.push(joined.clone());
                    copies[ours] = joined;
                }
            }
        }
    }
    (copies, versions)
}

/// The common ancestor that knows most, as git finds it.
fn base<'v>(versions: &'v [Copy], ours: &Copy, theirs: &Copy) -> &'v Copy {
    let common = versions.iter().filter(|version| version.is_base_of(ours) && version.is_base_of(theirs));
    common.max_by_key(|version| version.truth.values().map(|truth| truth.known.len()).sum::<usize>()).unwrap()
}

fn join(versions: &[Copy], ours: &Copy, theirs: &Copy) -> Option<Copy> {
    let base = base(versions, ours, theirs);
    let Merge::Joined(document) = merge(Some(&base.document), &ours.document, &theirs.document).unwrap()
    else {
        return None;
    };
    let mut truth = BTreeMap::new();
    for key in keys() {
        let (one, other) = (ours.truth(&key), theirs.truth(&key));
        let both = |one: &BTreeSet<usize>, other: &BTreeSet<usize>| one.union(other).copied().collect();
        let is = |side: &Copy| side.document.templates.get(&key) == document.templates.get(&key);
        let led_to_it = match (is(ours), is(theirs)) {
            (true, false) => one.led_to_it,
            (false, true) => other.led_to_it,
            _ => both(&one.led_to_it, &other.led_to_it),
        };
        truth.insert(key, Truth { led_to_it, known: both(&one.known, &other.known) });
    }
    Some(Copy { document, truth })
}

fn rows(merge: &Merge) -> (BTreeMap<Key, Row>, BTreeSet<Key>) {
    match merge {
        Merge::Joined(document) => (document.templates.clone(), BTreeSet::new()),
        Merge::Conflicts(conflicts) => {
            (conflicts.rest.templates.clone(), conflicts.rows.keys().cloned().collect())
        }
    }
}

fn keys() -> impl Iterator<Item = Key> {
    (0..4).map(Copy::key)
}

proptest! {
    #[test]
    fn rows_follow_from_their_writes(steps in prop::collection::vec(any_step(), 0..40)) {
        let (copies, versions) = histories(&steps);
        for ours in &copies {
            for theirs in &copies {
                let base = base(&versions, ours, theirs);
                let merged = merge(Some(&base.document), &ours.document, &theirs.document).unwrap();
                let (joined, clashing) = rows(&merged);
                for key in keys() {
                    let (row, clashes) = (joined.get(&key), clashing.contains(&key));
                    let agreed = is_agreed(ours, &key) || is_agreed(theirs, &key);
                    // A state does not record which write removed a row: if the base still has one, a row added after the
                    // removal looks as if it had been changed independently.
                    let removed_after_base = base.document.templates.contains_key(&key)
                        && [ours, theirs].iter().any(|side| !side.document.templates.contains_key(&key));
                    let fits = match expected(ours, theirs, &key) {
                        Expected::Later(Some(_)) if clashes && removed_after_base => true,
                        Expected::Later(Some(expected)) if agreed => {
                            row.is_some_and(|row| row.says_the_same(&expected))
                        }
                        Expected::Later(expected) => !clashes && row == expected.as_ref(),
                        Expected::Contradiction(ours, theirs) if agree(&ours, &theirs) => {
                            row.is_some_and(|row| agree(row, &ours))
                        }
                        Expected::Contradiction(..) => clashes,
                        Expected::Removed(added) => clashes || row.is_none_or(|row| *row == added),
                        Expected::Gone => !clashes && row.is_none(),
                    };
                    prop_assert!(fits, "{key}: {:?} and {row:?}", expected(ours, theirs, &key));
                }
            }
        }
    }

    /// Without the base, a row that one side removed may stay; nothing else changes.
    #[test]
    fn without_a_base_nothing_is_lost(steps in prop::collection::vec(any_step(), 0..40)) {
        let (copies, _) = histories(&steps);
        for ours in &copies {
            for theirs in &copies {
                let (joined, clashing) = rows(&merge(None, &ours.document, &theirs.document).unwrap());
                for key in keys() {
                    let (row, clashes) = (joined.get(&key), clashing.contains(&key));
                    let agreed = is_agreed(ours, &key) || is_agreed(theirs, &key);
                    let fits = match expected(ours, theirs, &key) {
                        _ if clashes && agreed => true,
                        Expected::Later(Some(expected)) => row.is_some_and(|row| row.says_the_same(&expected)),
                        Expected::Contradiction(ours, theirs) if agree(&ours, &theirs) => {
                            row.is_some_and(|row| agree(row, &ours))
                        }
                        Expected::Contradiction(..) => clashes,
                        Expected::Later(None) | Expected::Removed(_) => true,
                        Expected::Gone => row.is_none(),
                    };
                    prop_assert!(fits, "{key}: {:?} and {row:?}", expected(ours, theirs, &key));
                }
            }
        }
    }

    #[test]
    fn order_of_sides_does_not_matter(steps in prop::collection::vec(any_step(), 0..40)) {
        let (copies, versions) = histories(&steps);
        for ours in &copies {
            for theirs in &copies {
                let base = Some(&base(&versions, ours, theirs).document);
                let one = merge(base, &ours.document, &theirs.document).unwrap();
                let other = merge(base, &theirs.document, &ours.document).unwrap();
                match (&one, &other) {
                    (Merge::Joined(one), Merge::Joined(other)) => {
                        prop_assert_eq!(one.to_text().unwrap(), other.to_text().unwrap());
                    }
                    (Merge::Conflicts(one), Merge::Conflicts(other)) => {
                        prop_assert_eq!(&one.rest, &other.rest);
                        prop_assert!(one.rows.keys().eq(other.rows.keys()));
                    }
                    _ => prop_assert!(false, "{one:?} {other:?}"),
                }
            }
        }
    }

    #[test]
    fn merging_again_changes_nothing(steps in prop::collection::vec(any_step(), 0..40)) {
        let (copies, versions) = histories(&steps);
        for ours in &copies {
            for theirs in &copies {
                let Some(joined) = join(&versions, ours, theirs) else { continue };
                for side in [ours, theirs, &joined] {
                    let again = merge(Some(&side.document), &joined.document, &side.document).unwrap();
                    prop_assert_eq!(again, Merge::Joined(joined.document.clone()));
                }
            }
        }
    }

    #[test]
    fn three_copies_merge_alike_in_any_order(steps in prop::collection::vec(any_step(), 0..20)) {
        let (copies, versions) = histories(&steps);
        let [a, b, c] = &copies[..] else { unreachable!("there are three") };
        let join = |one: &Copy, other: &Copy| join(&versions, one, other);
        let left = join(a, b).and_then(|both| join(&both, c));
        let right = join(b, c).and_then(|both| join(a, &both));
        if let (Some(left), Some(right)) = (left, right) {
            // Merges record which writes led to a row that several accepted with the same contents, and these differ.
            prop_assert!(left.document.templates.keys().eq(right.document.templates.keys()));
            for (key, row) in &left.document.templates {
                prop_assert!(row.says_the_same(&right.document.templates[key]), "{key}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn full_lists_of_writes_lose_no_row(ours in 0..250_usize, theirs in 0..250_usize) {
        let (mut copies, versions) = histories(&[]);
        for (copy, count, key) in [(0, ours, 1), (1, theirs, 2)] {
            for number in 0..count {
                copies[copy].write(2000 * copy + number, key, Some(1));
            }
        }
        prop_assert!(copies[0].document.writes.as_slice().len() <= Writes::KEPT);
        let joined = join(&versions, &copies[0], &copies[1]);
        prop_assert_eq!(joined.unwrap().document.templates.len(), 1 + usize::from(ours > 0) + usize::from(theirs > 0));
    }
}
