//! What was seen of one template, as a baseline for the state: which attributes were seen, and as of when. Pure;
//! `import`, `drift` and `refresh` call it.
//!
//! Labels have lines and times of their own. Where one of the two parts, the template's line and its labels, is older
//! than the state's contents and the other is not, the older part counts only where it is what the state has.

use std::collections::BTreeSet;

use super::contents::{is_absent, spelled_as};
use super::extra;
use super::{AsOf, Observation, Observed};
use crate::model::clock::is_before;
use crate::model::{AttributeName, Attributes, Field, SharedValue, TEMPLATE_FIELDS, Timestamp};
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
    /// They were last changed at about the time of the last apply, and are what the state had before it.
    BeforeApply(Timestamp),
}

/// Attributes that were seen otherwise than the state has them, in a part of the export that is older than the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StalePart {
    /// The names of the attributes.
    pub attributes: BTreeSet<String>,
    /// When that part was last changed.
    pub at: Timestamp,
}

/// What was seen of a template that the state has as `row`, if that is not older than what the row says.
pub(super) fn baseline(
    observation: &Observation,
    found: &Observed,
    row: Option<&Row>,
) -> Result<Baseline, StaleContents> {
    fresh(observation, found, row).map(|(baseline, _)| baseline)
}

/// The same, and what was left out of it because it is older.
pub(super) fn fresh(
    observation: &Observation,
    found: &Observed,
    row: Option<&Row>,
) -> Result<(Baseline, Option<StalePart>), StaleContents> {
    let own = age(found.as_of, row);
    let labels = found.labels_at.map_or(own, |at| age(AsOf::Time(at), row));
    let known = row.and_then(|row| row.confirmed.as_ref()).map(|known| &known.attributes);
    let is_unknown = |name: &str| row.is_some_and(|row| row.unknown.contains(name));
    let of = |as_of| {
        let baseline = seen(observation, found, known, Some(as_of));
        extra::beside(baseline, observation, found, None, is_unknown)
    };
    let is_labels = |name: &str| name == Attributes::LABELS;
    Ok(match (own, labels) {
        (Ok(own), Ok(labels)) => (of(own.max(labels)), None),
        (Ok(own), Err(StaleContents::Older(at))) => only_same(of(own), row, at, is_labels),
        (Err(StaleContents::Older(at)), Ok(labels)) => {
            only_same(of(labels), row, at, |name| !is_labels(name))
        }
        (Err(stale), _) | (_, Err(stale)) => return Err(stale),
    })
}

/// Leaves out the attributes of a stale part that are not what the row has.
fn only_same(
    mut baseline: Baseline,
    row: Option<&Row>,
    at: Timestamp,
    is_stale: impl Fn(&str) -> bool,
) -> (Baseline, Option<StalePart>) {
    let known = row.and_then(|row| row.confirmed.as_ref()).map(|known| &known.attributes);
    let is_unknown = |name: &str| row.is_none_or(|row| row.unknown.contains(name));
    let is_same = |name: &str| {
        let known = known.and_then(|known| known.shared_value(name));
        let shown = baseline.seen.shared_value(name);
        let same = match Field::of_template(name) {
            Some(field) => {
                let plain = |value| spelled_as(field, value, None);
                shown.and_then(plain) == known.and_then(plain)
            }
            None => extra::is_same(shown.map(|value| &**value), known.map(|value| &**value)),
        };
        same && !is_unknown(name)
    };
    let shown = baseline.seen.names().chain(baseline.absent.iter().map(String::as_str));
    let others = shown.filter(|name| is_stale(name) && !is_same(name));
    let attributes: BTreeSet<String> = others.map(str::to_owned).collect();
    baseline.hide(&attributes);
    let part = (!attributes.is_empty()).then_some(StalePart { attributes, at });
    (baseline, part)
}

/// What was seen, however old it is.
pub(super) fn seen(
    observation: &Observation,
    found: &Observed,
    known: Option<&Attributes>,
    as_of: Option<Timestamp>,
) -> Baseline {
    let mut absent: BTreeSet<String> = BTreeSet::new();
    let mut values: Vec<(AttributeName, SharedValue)> = Vec::new();
    for field in &TEMPLATE_FIELDS {
        let name = field.name;
        if !observation.sees(found, name) {
            continue;
        }
        let known = known.and_then(|known| known.shared_value(name));
        // The state may have a value that counts as absent, such as `false`. That is not another value than none.
        let same_absence = || known.filter(|known| is_absent(known)).cloned();
        let shown = found.values.shared_value(name);
        match shown.and_then(|shown| spelled_as(field, shown, known)).or_else(same_absence) {
            Some(value) => values.push((AttributeName::new(name), value)),
            None => drop(absent.insert(name.to_owned())),
        }
    }
    let (absent, seen) = (absent.into(), values.into_iter().collect());
    let baseline = Baseline {
        absent,
        as_of,
        ends_attempts: false,
        seen_in: Some(observation.source.short_name()),
        id: found.id.clone(),
        seen,
    };
    // What the row does not have of `extra` was never sent: it is not compared, and stays not known.
    extra::beside(baseline, observation, found, known, |name| known.is_some_and(|known| known.has(name)))
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
