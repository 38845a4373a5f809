//! Divides rows into requests. The engine's queue calls it.

use std::collections::{BTreeMap, HashSet};

use super::OutgoingRow;
use crate::model::{Addressing, NaturalKey};
use crate::state::Operation;

/// How requests are composed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchPolicy {
    /// Whether rows are addressed by id or by natural key.
    pub addressing: Addressing,
    /// The maximum number of rows in one request.
    pub size: usize,
    /// Whether rows with the same title must go in separate requests, even if that takes more requests.
    pub separate_titles: bool,
}

/// The rows of one request, sorted by key.
pub type Rows = Vec<OutgoingRow>;

/// Puts every row into exactly one request.
///
/// Creates and updates go in separate requests: in a mixed one, a returned id could belong to a create, or to an
/// update whose template was deleted by hand, and would go to the wrong row. Rows of one request differ in natural
/// key and id; rows with the same title are spread out as far as that costs no extra request. A create that is sent
/// again goes alone: the counts then show whether the server already had the template, and the id is exact.
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

/// Groups rows by title, the most frequent first: dealt out in turn, equal titles end up apart.
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

/// Splits a request that the server refused as a whole into two halves.
pub fn halve(mut rows: Rows) -> (Rows, Rows) {
    let second = rows.split_off(rows.len() / 2);
    (rows, second)
}
