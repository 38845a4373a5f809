//! Finds contents that may be older than the last apply, though their time does not say so: clocks differ, and a
//! certificate may show a template as it was at its issue. Pure; commands that look at the server call it first.

use std::collections::HashMap;

use super::learned::is_shown;
use super::{AsOf, Observation, Observed, SeenAt};
use crate::model::clock::is_before;
use crate::model::{Key, NaturalKey, TemplateId, Timestamp};
use crate::state::{Document, Row};

/// Takes back that contents count where they are what an earlier state had of the template, and were not certainly seen
/// later than the last apply. `earlier` returns earlier versions of the state, as far as they are at hand; it is called
/// only if there is something to compare with them.
pub fn doubt_old_contents(
    observation: &mut Observation,
    document: &Document,
    earlier: impl FnOnce() -> Vec<Document>,
) {
    let candidates = candidates(observation, document);
    if candidates.is_empty() {
        return;
    }
    let earlier = earlier();
    for Candidate { position, key, as_of } in candidates {
        let found = &observation.templates[position];
        let before = earlier.iter().filter_map(|document| document.templates.get(key)?.confirmed.as_ref());
        if before.map(|known| &known.attributes).any(|attributes| is_shown(observation, found, attributes)) {
            observation.templates[position].as_of = as_of;
        }
    }
}

/// A template that differs from a row, and that was not certainly seen after the row's last apply.
struct Candidate<'d> {
    position: usize,
    key: &'d Key,
    /// What its time is if it is old.
    as_of: AsOf,
}

fn candidates<'d>(observation: &Observation, document: &'d Document) -> Vec<Candidate<'d>> {
    let rows = || document.templates.iter();
    let by_id: HashMap<&TemplateId, (&Key, &Row)> =
        rows().filter_map(|(key, row)| Some((&row.identity.as_ref()?.id, (key, row)))).collect();
    let by_natural_key: HashMap<NaturalKey, (&Key, &Row)> =
        rows().flat_map(|(key, row)| row.natural_keys().map(move |own| (own, (key, row)))).collect();
    let mut candidates = Vec::new();
    for (position, found) in observation.templates.iter().enumerate() {
        let Some((at, as_of)) = doubtful_time(found) else { continue };
        let rows = [by_id.get(&found.id), by_natural_key.get(&found.natural_key)];
        let may_be_old = |(_, row): &&(&Key, &Row)| may_be_old(observation, found, at, row);
        let keys = rows.into_iter().flatten().filter(may_be_old).map(|(key, _)| *key);
        candidates.extend(keys.map(|key| Candidate { position, key, as_of }));
    }
    candidates
}

/// The time that is compared with that of the last apply, and what it is if the contents are older.
fn doubtful_time(found: &Observed) -> Option<(Timestamp, AsOf)> {
    match (&found.seen_at, found.as_of) {
        (SeenAt::Certificate { issued_at, .. }, AsOf::Time(_)) => Some((*issued_at, AsOf::Issue(*issued_at))),
        (SeenAt::Line { .. }, AsOf::Time(at)) => Some((at, AsOf::BeforeApply(at))),
        _ => None,
    }
}

fn may_be_old(observation: &Observation, found: &Observed, at: Timestamp, row: &Row) -> bool {
    let Some(known) = &row.confirmed else { return false };
    // The tolerance counts against what was seen: it must be certainly later.
    let is_later = known.applied_at.is_some_and(|applied| is_before(applied, at));
    !is_later && !is_shown(observation, found, &known.attributes)
}
