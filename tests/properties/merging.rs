//! Merged states, against histories in which everybody knows what was written where.

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

/// A copy, and what is true of it: every write that led to each of its rows, and to what is no longer there.
#[derive(Clone, Debug)]
struct Copy {
    document: Document,
    truth: BTreeMap<Key, BTreeSet<usize>>,
}

/// A row whose natural key and id are its key's, so that no two rows can hold one.
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

impl Copy {
    fn key(number: u8) -> Key {
        Key::new(format!("k{number}")).unwrap()
    }

    fn write(&mut self, number: usize, key: u8, contents: Option<u8>) {
        let write = WriteId::new(Uuid::from_u128(number as u128 + 1));
        let name = Self::key(key);
        match contents {
            Some(contents) => drop(self.document.templates.insert(name.clone(), row(key, contents, write))),
            None if self.document.templates.remove(&name).is_none() => return,
            None => {}
        }
        self.document.serial += 1;
        self.document.writes.push(write);
        self.truth.entry(name).or_default().insert(number);
    }

    fn knows_of(&self, key: &Key) -> BTreeSet<usize> {
        self.truth.get(key).cloned().unwrap_or_default()
    }

    fn is_base_of(&self, other: &Self) -> bool {
        self.truth.iter().all(|(key, writes)| writes.is_subset(&other.knows_of(key)))
    }
}

/// What both sides of a key come to, for one who knows everything; nothing where they contradict each other.
fn expected(ours: &Copy, theirs: &Copy, key: &Key) -> Option<Option<Row>> {
    let (our_writes, their_writes) = (ours.knows_of(key), theirs.knows_of(key));
    let (our_row, their_row) = (ours.document.templates.get(key), theirs.document.templates.get(key));
    if their_writes.is_subset(&our_writes) {
        Some(our_row.cloned())
    } else if our_writes.is_subset(&their_writes) {
        Some(their_row.cloned())
    } else {
        None
    }
}

/// Histories of copies of one state, with every version that there was.
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

/// The last version that both went on from: what git finds.
fn base<'v>(versions: &'v [Copy], ours: &Copy, theirs: &Copy) -> &'v Copy {
    versions.iter().rfind(|version| version.is_base_of(ours) && version.is_base_of(theirs)).unwrap()
}

fn join(versions: &[Copy], ours: &Copy, theirs: &Copy) -> Option<Copy> {
    let base = base(versions, ours, theirs);
    let Merge::Joined(document) = merge(Some(&base.document), &ours.document, &theirs.document).unwrap()
    else {
        return None;
    };
    let mut truth = ours.truth.clone();
    for (key, writes) in &theirs.truth {
        truth.entry(key.clone()).or_default().extend(writes);
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
    fn every_row_is_what_its_writes_say(steps in prop::collection::vec(any_step(), 0..40)) {
        let (copies, versions) = histories(&steps);
        for ours in &copies {
            for theirs in &copies {
                let base = base(&versions, ours, theirs);
                let merged = merge(Some(&base.document), &ours.document, &theirs.document).unwrap();
                let (joined, clashing) = rows(&merged);
                for key in keys() {
                    match expected(ours, theirs, &key) {
                        Some(row) => {
                            prop_assert_eq!(joined.get(&key), row.as_ref(), "{}", key);
                            prop_assert!(!clashing.contains(&key), "{}", key);
                        }
                        // What is removed on both sides, or the same on both, is no contradiction after all.
                        None => {
                            let sides = [ours, theirs].map(|side| side.document.templates.get(&key));
                            let says_the_same = match sides {
                                [Some(ours), Some(theirs)] => {
                                    ours.known.is_some() && ours.known == theirs.known
                                        || ours.says_the_same(theirs)
                                }
                                [None, None] => true,
                                _ => false,
                            };
                            prop_assert_eq!(clashing.contains(&key), !says_the_same, "{}", key);
                        }
                    }
                }
            }
        }
    }

    /// Without the base a row that one side removed may stay; nothing else changes.
    #[test]
    fn without_a_base_nothing_is_lost(steps in prop::collection::vec(any_step(), 0..40)) {
        let (copies, _) = histories(&steps);
        for ours in &copies {
            for theirs in &copies {
                let (joined, clashing) = rows(&merge(None, &ours.document, &theirs.document).unwrap());
                for key in keys().filter(|key| !clashing.contains(key)) {
                    let joined = joined.get(&key);
                    match expected(ours, theirs, &key) {
                        Some(Some(row)) => prop_assert_eq!(joined, Some(&row), "{}", key),
                        Some(None) => {}
                        None => prop_assert!(
                            [ours, theirs].iter().all(|side| side.document.templates.get(&key).is_none_or(|row| {
                                joined.is_some_and(|joined| joined.known == row.known || joined == row)
                            })),
                            "{}", key
                        ),
                    }
                }
            }
        }
    }

    #[test]
    fn it_does_not_matter_which_side_is_named_first(steps in prop::collection::vec(any_step(), 0..40)) {
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
    fn joining_again_changes_nothing(steps in prop::collection::vec(any_step(), 0..40)) {
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
    fn three_copies_come_to_the_same_rows_in_any_order(steps in prop::collection::vec(any_step(), 0..20)) {
        let (copies, versions) = histories(&steps);
        let [a, b, c] = &copies[..] else { unreachable!("there are three") };
        let join = |one: &Copy, other: &Copy| join(&versions, one, other);
        let left = join(a, b).and_then(|both| join(&both, c));
        let right = join(b, c).and_then(|both| join(a, &both));
        if let (Some(left), Some(right)) = (left, right) {
            prop_assert_eq!(left.document.templates, right.document.templates);
        }
    }

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
