//! How two states are related, compared with histories in which every write is known.

use std::collections::BTreeSet;

use certctl::state::{Ancestry, Relation, WriteId, Writes, join_writes};
use proptest::prelude::*;
use uuid::Uuid;

/// What happens to the copies of a state.
#[derive(Clone, Copy, Debug)]
enum Step {
    Write(usize),
    Copy { from: usize, to: usize },
    Join { ours: usize, theirs: usize },
}

/// A copy of a state, and the writes that really led to it.
#[derive(Clone, Debug, Default)]
struct Copy {
    writes: Writes,
    truth: BTreeSet<WriteId>,
}

impl Copy {
    fn ancestry(&self) -> Ancestry {
        Ancestry { lineage: "l".to_owned(), serial: 1, writes: self.writes.clone() }
    }

    fn relation_to(&self, other: &Self) -> Relation {
        self.ancestry().relation_to(&other.ancestry(), || true).unwrap()
    }

    fn true_relation_to(&self, other: &Self) -> Relation {
        match (self.truth.is_subset(&other.truth), other.truth.is_subset(&self.truth)) {
            (true, true) => Relation::Same,
            (true, false) => Relation::Older,
            (false, true) => Relation::Newer,
            (false, false) => Relation::Forked,
        }
    }

    fn join(&self, other: &Self) -> Self {
        let writes = join_writes(&self.writes, &other.writes);
        let truth = self.truth.union(&other.truth).copied().chain(writes.newest()).collect();
        Self { writes, truth }
    }
}

/// The same relation, from the other state's side.
fn reversed(relation: Relation) -> Relation {
    match relation {
        Relation::Older => Relation::Newer,
        Relation::Newer => Relation::Older,
        same @ (Relation::Same | Relation::Forked) => same,
    }
}

const COPIES: usize = 3;

fn any_step() -> impl Strategy<Value = Step> {
    let copy = || 0..COPIES;
    prop_oneof![
        3 => copy().prop_map(Step::Write),
        1 => (copy(), copy()).prop_map(|(from, to)| Step::Copy { from, to }),
        1 => (copy(), copy()).prop_map(|(ours, theirs)| Step::Join { ours, theirs }),
    ]
}

fn histories(steps: &[Step]) -> Vec<Copy> {
    let mut copies = vec![Copy::default(); COPIES];
    for (number, step) in steps.iter().enumerate() {
        match *step {
            Step::Write(copy) => {
                let id = WriteId::new(Uuid::from_u128(u128::try_from(number).unwrap()));
                copies[copy].writes.push(id);
                copies[copy].truth.insert(id);
            }
            Step::Copy { from, to } => copies[to] = copies[from].clone(),
            Step::Join { ours, theirs } => copies[ours] = copies[ours].join(&copies[theirs]),
        }
    }
    copies
}

proptest! {
    #[test]
    fn relation_follows_from_known_writes(steps in prop::collection::vec(any_step(), 0..60)) {
        let copies = histories(&steps);
        for ours in &copies {
            for theirs in &copies {
                prop_assert_eq!(ours.relation_to(theirs), ours.true_relation_to(theirs));
                prop_assert_eq!(reversed(ours.relation_to(theirs)), theirs.relation_to(ours));
            }
        }
    }

    #[test]
    fn merge_is_one_write_on_both_machines(steps in prop::collection::vec(any_step(), 0..60)) {
        let copies = histories(&steps);
        for ours in &copies {
            for theirs in &copies {
                let joined = ours.join(theirs);
                prop_assert_eq!(&joined.writes, &theirs.join(ours).writes);
                let expected = match ours.relation_to(theirs) {
                    Relation::Same | Relation::Newer => Some(ours),
                    Relation::Older => Some(theirs),
                    Relation::Forked => None,
                };
                if let Some(newer) = expected {
                    prop_assert_eq!(&joined.writes, &newer.writes);
                } else {
                    prop_assert_eq!(ours.relation_to(&joined), Relation::Older);
                    prop_assert_eq!(theirs.relation_to(&joined), Relation::Older);
                }
            }
        }
    }
}
