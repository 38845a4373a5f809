//! What was seen of one template, as a baseline for the state: which attributes were seen, and as of when. Pure;
//! `import`, `drift` and `refresh` call it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::contents::spelled_as;
use super::{AsOf, Observation, Observed};
use crate::model::clock::is_before;
use crate::model::{Attributes, Field, TEMPLATE_FIELDS, Timestamp};
use crate::state::{Baseline, Row};

/// Why the contents that were seen say nothing about the present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaleContents {
    /// The source does not say how old they are.
    NotDated,
    /// They may be those of the time at which the certificate was issued.
    AtIssue(Timestamp),
    /// They were last changed at this time, before the state's own contents.
    Older(Timestamp),
}

/// What was seen of a template that the state has as `row`, if that is not older than what the row says.
pub(super) fn baseline(
    observation: &Observation,
    found: &Observed,
    row: Option<&Row>,
) -> Result<Baseline, StaleContents> {
    let as_of = age(found.as_of, row)?;
    let known = row.and_then(|row| row.confirmed.as_ref()).map(|known| &known.attributes);
    Ok(seen(observation, found, known, Some(as_of)))
}

/// What was seen, however old it is.
pub(super) fn seen(
    observation: &Observation,
    found: &Observed,
    known: Option<&Attributes>,
    as_of: Option<Timestamp>,
) -> Baseline {
    let mut baseline = Baseline {
        absent: BTreeSet::new(),
        as_of,
        ends_attempts: false,
        id: found.id.clone(),
        seen: Attributes::default(),
    };
    let mut values: Vec<(String, Value)> = Vec::new();
    for Field { name, value: kind, .. } in TEMPLATE_FIELDS {
        if !observation.sees(found, name) {
            continue;
        }
        let shown = found.values.get(name);
        let known = known.and_then(|known| known.get(name));
        match shown.and_then(|shown| spelled_as(kind, shown, known)) {
            Some(value) => values.push((name.to_owned(), value)),
            None => drop(baseline.absent.insert(name.to_owned())),
        }
    }
    baseline.seen = values.into_iter().collect();
    baseline
}

/// The time, if it is not before what the row knows.
pub(super) fn age(as_of: AsOf, row: Option<&Row>) -> Result<Timestamp, StaleContents> {
    let at = as_of.time()?;
    let known = row.and_then(|row| row.confirmed.as_ref()).and_then(|known| known.applied_at);
    match known {
        Some(known) if is_before(at, known) => Err(StaleContents::Older(at)),
        _ => Ok(at),
    }
}
