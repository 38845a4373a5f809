//! Every possible history of a request's rows, given an honest server's answer. Found by brute force, so that it shares no
//! logic with the code that reads responses.

use std::collections::BTreeSet;

use certctl::api::wire::{BulkResult, RowError};
use certctl::apply::OutgoingRow;
use certctl::apply::attribution::{Attribution, attribute};
use certctl::model::TemplateId;

/// What happened to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Created,
    Updated,
    Failed,
}

/// Every combination of outcomes in which the counts are right and each error belongs to a different failed row.
pub(crate) fn worlds(rows: &[OutgoingRow], response: &BulkResult) -> Vec<Vec<Fate>> {
    let told = [response.created_count, response.updated_count, response.errors.len() as u64];
    if told.iter().fold(0_u64, |sum, count| sum.saturating_add(*count)) != rows.len() as u64 {
        return Vec::new();
    }
    let fits: Vec<BTreeSet<usize>> = response.errors.iter().map(|error| candidates(error, rows)).collect();
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

/// The rows that an error may belong to; all of them if it identifies none.
fn candidates(error: &RowError, rows: &[OutgoingRow]) -> BTreeSet<usize> {
    let candidates: BTreeSet<usize> = match (&error.record, attribute(error, rows)) {
        (None, _) => (0..rows.len()).filter(|&row| may_be_of(error, &rows[row])).collect(),
        // Only one place interprets a record.
        (Some(_), Attribution::One(row)) => [row].into(),
        (Some(_), Attribution::OneOf(some)) => some,
        (Some(_), Attribution::Unattributed) => BTreeSet::new(),
    };
    if candidates.is_empty() { (0..rows.len()).collect() } else { candidates }
}

/// Whether an error contradicts nothing about this row.
pub(crate) fn may_be_of(error: &RowError, row: &OutgoingRow) -> bool {
    let said = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let own_id = row.id.as_ref().map(TemplateId::as_str);
    let fits_id = said(&error.resource_id).is_none_or(|id| {
        let id = id.trim();
        row.natural_key.resource_id.eq_ignore_ascii_case(id)
            || own_id.is_some_and(|own| own.eq_ignore_ascii_case(id))
    });
    fits_id && said(&error.title).is_none_or(|title| row.title() == Some(&title))
}

/// Whether every error can be assigned to a different row.
fn each_has_its_own(fits: &[BTreeSet<usize>], left: &BTreeSet<usize>) -> bool {
    let Some((first, rest)) = fits.split_first() else { return true };
    first.intersection(left).any(|row| {
        let mut left = left.clone();
        left.remove(row);
        each_has_its_own(rest, &left)
    })
}
