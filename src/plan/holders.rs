//! Which row of the state holds a natural key that a template is to be created with. `build` calls it: at most one template
//! is created for each natural key.

use std::collections::{BTreeMap, HashMap};

use super::ring::{Rings, beginning_with_the_least};
use super::{Held, Inputs};
use crate::desired::{Desired, Template};
use crate::model::{Attributes, Key, NaturalKey};
use crate::state::Row;

/// The longest ring whose keys are all listed. Keys of a longer one are only counted, because people do not exchange
/// more by hand.
const MAX_RING: usize = 50;

/// The rows by natural key, and those that have changed places. Both are computed when the first create needs them.
#[derive(Default)]
pub(super) struct Holders<'a> {
    by_natural_key: Option<HashMap<NaturalKey, Vec<&'a Key>>>,
    rings: Option<Rings<'a>>,
}

impl<'a> Holders<'a> {
    /// Holds a create back if another row has or may have its natural key. `rows` are those of the state, under the keys
    /// they have after the moves.
    pub(super) fn hold_back(
        &mut self,
        inputs: &Inputs<'a>,
        rows: &BTreeMap<&'a Key, &'a Row>,
        key: &'a Key,
        after: &Attributes,
    ) -> Option<Held> {
        let Inputs { desired, scope, .. } = *inputs;
        let holders = self.by_natural_key.get_or_insert_with(|| by_natural_key(rows));
        let holder = other_holder(holders, key, after)?;
        if !desired.templates.contains_key(holder) {
            return Some(Held::Renamed { from: holder.clone(), has_row: rows.contains_key(key) });
        }
        let rings = self.rings.get_or_insert_with(|| rings(desired, rows, holders));
        Some(match rings.with(key) {
            Some(ring) if ring.len() <= MAX_RING => {
                Held::Exchanged { ring: beginning_with_the_least(ring, |key| scope.contains(key)) }
            }
            Some(ring) => Held::Shifted { by: holder.clone(), count: ring.len() },
            None => Held::Taken { by: holder.clone() },
        })
    }
}

/// Returns the keys in the state with each natural key.
fn by_natural_key<'a>(rows: &BTreeMap<&'a Key, &'a Row>) -> HashMap<NaturalKey, Vec<&'a Key>> {
    let mut holders: HashMap<NaturalKey, Vec<&Key>> = HashMap::new();
    for (key, row) in rows {
        for natural_key in row.natural_keys() {
            holders.entry(natural_key).or_default().push(key);
        }
    }
    holders
}

/// Finds keys in the state that are to be for what the server has under each other.
fn rings<'a>(
    desired: &'a Desired,
    rows: &BTreeMap<&'a Key, &'a Row>,
    holders: &HashMap<NaturalKey, Vec<&'a Key>>,
) -> Rings<'a> {
    let place = |(key, template): (&'a Key, &'a Template)| {
        let after = &template.attributes;
        // It is unknown which natural key an attempt without an outcome has taken.
        let row = rows.get(key).filter(|row| row.attempts.is_empty())?;
        let before = &row.confirmed.as_ref()?.attributes;
        let is_moved = NaturalKey::of(before) != NaturalKey::of(after);
        Some((key, other_holder(holders, key, after).filter(|_| is_moved)?))
    };
    Rings::of(&desired.templates.iter().filter_map(place).collect())
}

/// Returns another row that has or may have the natural key of this template.
fn other_holder<'a>(
    holders: &HashMap<NaturalKey, Vec<&'a Key>>,
    key: &Key,
    after: &Attributes,
) -> Option<&'a Key> {
    holders.get(&NaturalKey::of(after))?.iter().find(|holder| **holder != key).copied()
}
