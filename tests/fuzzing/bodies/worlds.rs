//! Everything that can really have happened to the rows of a request, given what an honest server answered. Found by
//! trying all of it, so that it shares no thought with the code that reads responses.

use std::collections::BTreeSet;

use certctl::api::wire::BulkResult;
use certctl::apply::OutgoingRow;
use certctl::apply::attribution::{Attribution, attribute};

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Created,
    Updated,
    Failed,
}

/// Every way in which the rows can have fared such that the counts are right and each error is one failed row's own.
pub(crate) fn worlds(rows: &[OutgoingRow], response: &BulkResult) -> Vec<Vec<Fate>> {
    let fits: Vec<BTreeSet<usize>> = response
        .errors
        .iter()
        .map(|error| match attribute(error, rows) {
            Attribution::One(row) => [row].into(),
            Attribution::OneOf(some) => some,
            // It names nobody that can be made out, so it may be anybody's.
            Attribution::Nobody => (0..rows.len()).collect(),
        })
        .collect();
    let mut worlds = vec![Vec::new()];
    for _ in rows {
        let next = |world: &Vec<Fate>| {
            [Fate::Created, Fate::Updated, Fate::Failed].map(|fate| [world.as_slice(), &[fate]].concat())
        };
        worlds = worlds.iter().flat_map(next).collect();
    }
    worlds.retain(|world| {
        let count = |fate| world.iter().filter(|other| **other == fate).count() as u64;
        let failed = (0..rows.len()).filter(|&row| world[row] == Fate::Failed).collect();
        count(Fate::Created) == response.created_count
            && count(Fate::Updated) == response.updated_count
            && count(Fate::Failed) == fits.len() as u64
            && each_has_its_own(&fits, &failed)
    });
    worlds
}

/// Whether every error can be given a row of its own.
fn each_has_its_own(fits: &[BTreeSet<usize>], left: &BTreeSet<usize>) -> bool {
    let Some((first, rest)) = fits.split_first() else { return true };
    first.intersection(left).any(|row| {
        let mut left = left.clone();
        left.remove(row);
        each_has_its_own(rest, &left)
    })
}
