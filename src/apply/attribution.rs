//! Decides which row each entry of `errors` belongs to.
//!
//! Errors carry no index, so everything that an entry says is compared with everything that was sent.
//! [`super::reconcile`] calls it. It never guesses: an entry that fits several rows stays with all of them (contract
//! section 8.1).

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::Value;

use super::OutgoingRow;
use crate::api::wire::RowError;
use crate::model::{NaturalKey, TemplateId};

/// The rows of a request that an error may belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attribution {
    /// Exactly this row.
    One(usize),
    /// One of these rows; the error does not say which.
    OneOf(BTreeSet<usize>),
    /// The error names no row of the request, or contradicts itself.
    Unattributed,
}

/// Finds the rows that agree with everything an error says.
pub fn attribute(error: &RowError, rows: &[OutgoingRow]) -> Attribution {
    let evidence = [
        error.resource_id.as_deref().filter(|text| !text.is_empty()).map(|id| rows_with_id(id, rows)),
        error.title.as_deref().filter(|text| !text.is_empty()).map(|title| rows_with_title(title, rows)),
        error.record.as_ref().and_then(|record| rows_in_record(record, rows)),
    ];
    let mut candidates: Option<BTreeSet<usize>> = None;
    for rows in evidence.into_iter().flatten() {
        candidates = Some(match candidates {
            None => rows,
            Some(so_far) => so_far.intersection(&rows).copied().collect(),
        });
    }
    match candidates {
        // Even a request of one row gets no error that names no row: it may be about something else.
        None => Attribution::Unattributed,
        Some(rows) => match (rows.len(), rows.first()) {
            (0, _) | (_, None) => Attribution::Unattributed,
            (1, Some(row)) => Attribution::One(*row),
            _ => Attribution::OneOf(rows),
        },
    }
}

/// Whether every attributed error can have a row of its own. Where two must share one, one of them may belong to
/// another row, and the errors cannot be used to count rows.
pub fn each_has_its_own(attributions: &[Attribution]) -> bool {
    let candidates: Vec<Vec<usize>> = attributions
        .iter()
        .filter_map(|attribution| match attribution {
            Attribution::One(row) => Some(vec![*row]),
            Attribution::OneOf(rows) => Some(rows.iter().copied().collect()),
            Attribution::Unattributed => None,
        })
        .collect();
    // Kuhn's algorithm for bipartite matching: which error has which row.
    let mut error_of_row = HashMap::new();
    (0..candidates.len()).all(|error| augment(error, &candidates, &mut error_of_row, &mut HashSet::new()))
}

/// Finds a row for this error. If all its rows are taken, the errors that hold them move to other rows.
fn augment(
    error: usize,
    candidates: &[Vec<usize>],
    error_of_row: &mut HashMap<usize, usize>,
    visited: &mut HashSet<usize>,
) -> bool {
    candidates[error].iter().any(|row| {
        let is_new = visited.insert(*row);
        let has_row = is_new
            && match error_of_row.get(row).copied() {
                Some(other) => augment(other, candidates, error_of_row, visited),
                None => true,
            };
        if has_row {
            error_of_row.insert(*row, error);
        }
        has_row
    })
}

fn matching(rows: &[OutgoingRow], fits: impl Fn(&OutgoingRow) -> bool) -> BTreeSet<usize> {
    rows.iter().enumerate().filter(|(_, row)| fits(row)).map(|(position, _)| position).collect()
}

/// `resourceId` is described as the template's id and used elsewhere for the course's: either may be meant.
fn rows_with_id(id: &str, rows: &[OutgoingRow]) -> BTreeSet<usize> {
    matching(rows, |row| is_id_of(id, row))
}

fn is_id_of(id: &str, row: &OutgoingRow) -> bool {
    let id = id.trim();
    row.natural_key.resource_id.eq_ignore_ascii_case(id)
        || row.id.as_ref().is_some_and(|own| TemplateId::from(id.to_owned()) == *own)
}

fn rows_with_title(title: &str, rows: &[OutgoingRow]) -> BTreeSet<usize> {
    matching(rows, |row| row.title() == Some(title))
}

/// The rows that the raw record names, or `None` if it names none: its encoding is unknown, so silence proves
/// nothing.
fn rows_in_record(record: &Value, rows: &[OutgoingRow]) -> Option<BTreeSet<usize>> {
    match record {
        Value::Object(_) => rows_like(record, rows),
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(inner @ Value::Object(_)) => rows_like(&inner, rows),
            _ => rows_mentioned(text, rows),
        },
        _ => None,
    }
}

/// The rows that agree with every identifying member of a record.
fn rows_like(record: &Value, rows: &[OutgoingRow]) -> Option<BTreeSet<usize>> {
    let text = |name: &str| record.get(name).and_then(Value::as_str);
    let names = NaturalKey::FIELDS.into_iter().chain(["title", "id"]);
    if names.into_iter().all(|name| text(name).is_none()) {
        return None;
    }
    Some(matching(rows, |row| {
        let key = &row.natural_key;
        let audience = [
            (text("userCustomFieldSlug"), key.user_custom_field_slug.as_deref()),
            (text("userCustomFieldValue"), key.user_custom_field_value.as_deref()),
        ];
        text("resourceType").is_none_or(|kind| kind == key.resource_type)
            && text("resourceId").is_none_or(|id| id.eq_ignore_ascii_case(&key.resource_id))
            && audience.into_iter().all(|(said, own)| said.is_none() || said == own)
            && text("title").is_none_or(|title| row.title() == Some(title))
            && text("id")
                .is_none_or(|id| row.id.as_ref().is_none_or(|own| TemplateId::from(id.to_owned()) == *own))
    }))
}

/// The rows whose ids appear in a text of unknown encoding.
fn rows_mentioned(text: &str, rows: &[OutgoingRow]) -> Option<BTreeSet<usize>> {
    let text = text.to_ascii_lowercase();
    let mentioned = matching(rows, |row| {
        let resource = &row.natural_key.resource_id;
        (!resource.is_empty() && text.contains(resource.as_str()))
            || row.id.as_ref().is_some_and(|id| text.contains(&id.as_str().to_ascii_lowercase()))
    });
    (!mentioned.is_empty()).then_some(mentioned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_that_must_share_a_row_are_recognised() {
        use Attribution::{One, Unattributed};
        let one_of = |rows: &[usize]| Attribution::OneOf(rows.iter().copied().collect());
        assert!(each_has_its_own(&[]));
        assert!(each_has_its_own(&[One(0), One(1), Unattributed, Unattributed]));
        assert!(!each_has_its_own(&[One(0), One(1), One(0)]));
        // The first takes 0, and moves on to 1 and then to 2 as the others come.
        assert!(each_has_its_own(&[one_of(&[0, 1, 2]), one_of(&[0, 1]), One(0)]));
        assert!(!each_has_its_own(&[one_of(&[0, 1]), one_of(&[0, 1]), one_of(&[0, 1])]));
        assert!(!each_has_its_own(&[One(0), One(1), one_of(&[0, 1])]));
    }
}
