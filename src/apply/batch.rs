//! Which rows go in which request.

use std::collections::{BTreeMap, HashSet};

use super::OutgoingRow;
use crate::model::{Addressing, NaturalKey};
use crate::state::Operation;

/// How requests are composed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchPolicy {
    /// How rows are addressed.
    pub addressing: Addressing,
    /// The most rows of one request.
    pub size: usize,
    /// Whether rows with one title must be in separate requests, whatever that costs.
    pub separate_titles: bool,
}

/// The rows of one request, sorted by key.
pub type Rows = Vec<OutgoingRow>;

/// Puts every row into exactly one request.
///
/// Creates and updates go apart: in a mixed request an id that comes back could belong to a create, or to an update
/// whose template somebody had deleted, and would then be given to the wrong one. Rows of one request have pairwise
/// different natural keys and ids; rows with one title are spread as far as that costs no request. A create that is
/// sent again goes alone: whether the server had the template already is then plain from the counts, and its id exact.
pub fn compose(rows: Vec<OutgoingRow>, policy: BatchPolicy) -> Vec<Rows> {
    let (creates, updates): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|row| row.operation == Operation::Create);
    let (resends, creates): (Vec<_>, Vec<_>) = creates.into_iter().partition(|row| row.is_resend);
    let create_size = if policy.addressing == Addressing::Id { 1 } else { policy.size };
    let mut requests = spread(creates, create_size, policy.separate_titles);
    requests.extend(spread(resends, 1, policy.separate_titles));
    requests.extend(spread(updates, policy.size, policy.separate_titles));
    requests
}

fn spread(rows: Vec<OutgoingRow>, size: usize, separate_titles: bool) -> Vec<Rows> {
    let size = size.max(1);
    let count = rows.len().div_ceil(size);
    let mut bins: Vec<Bin> = (0..count).map(|_| Bin::default()).collect();
    for (turn, row) in by_title(rows).into_iter().enumerate() {
        let preferred = turn % count.max(1);
        let order = (preferred..bins.len()).chain(0..preferred.min(bins.len()));
        let found = order.into_iter().find(|&bin| bins[bin].takes(&row, size, separate_titles));
        let bin = found.unwrap_or_else(|| {
            bins.push(Bin::default());
            bins.len() - 1
        });
        bins[bin].put(row);
    }
    bins.into_iter().filter(|bin| !bin.rows.is_empty()).map(Bin::sorted).collect()
}

/// Rows with one title side by side, the most frequent titles first: dealt out in turn, they end up apart.
fn by_title(rows: Vec<OutgoingRow>) -> Vec<OutgoingRow> {
    let mut groups: BTreeMap<Option<String>, Vec<OutgoingRow>> = BTreeMap::new();
    for row in rows {
        groups.entry(row.title().map(str::to_owned)).or_default().push(row);
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
    groups.into_iter().flatten().collect()
}

#[derive(Default)]
struct Bin {
    rows: Rows,
    natural_keys: HashSet<NaturalKey>,
    ids: HashSet<String>,
    titles: HashSet<Option<String>>,
}

impl Bin {
    fn takes(&self, row: &OutgoingRow, size: usize, separate_titles: bool) -> bool {
        self.rows.len() < size
            && !self.natural_keys.contains(&row.natural_key)
            && row.id.as_ref().is_none_or(|id| !self.ids.contains(id.as_str()))
            && !(separate_titles && self.titles.contains(&row.title().map(str::to_owned)))
    }

    fn put(&mut self, row: OutgoingRow) {
        self.natural_keys.insert(row.natural_key.clone());
        self.ids.extend(row.id.as_ref().map(|id| id.as_str().to_owned()));
        self.titles.insert(row.title().map(str::to_owned));
        self.rows.push(row);
    }

    fn sorted(mut self) -> Rows {
        self.rows.sort_by(|a, b| a.key.cmp(&b.key));
        self.rows
    }
}

/// The two halves of a request that the server refused as a whole.
pub fn halve(mut rows: Rows) -> (Rows, Rows) {
    let second = rows.split_off(rows.len() / 2);
    (rows, second)
}
