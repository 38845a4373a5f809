//! The rows of a request: each succeeds or fails by itself.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::api::wire::{BulkResult, RowError};

use super::row_identity::RowIdentity;
use super::store::{StoredTemplate, TemplateStore};
use super::{Endpoint, Matching, bulk, check, update};

/// One object of a request's `templates`.
pub(super) type RequestRow = Map<String, Value>;

/// How the rows of a request are read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ReadRows {
    /// The endpoint they came to.
    pub(super) endpoint: Endpoint,
    /// How the bulk endpoint tells a create from an update.
    pub(super) matching: Matching,
    /// Rows with one of these texts in their title fail.
    pub(super) rejected: Vec<String>,
    /// The moment of the request, ISO 8601.
    pub(super) now: String,
}

/// A row that can be stored.
pub(super) struct Ready {
    /// The template as it will be.
    pub(super) template: StoredTemplate,
    /// Whether the store did not hold it before.
    pub(super) is_new: bool,
}

/// What came of a request's rows.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Outcome {
    /// The counts and ids of the answer.
    pub(super) result: BulkResult,
    /// What was created, in the order of the rows.
    pub(super) created: Vec<Touched>,
    /// What was updated, in the order of the rows.
    pub(super) updated: Vec<Touched>,
}

/// A template that a request created or updated.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Touched {
    id: String,
    natural_key: RowIdentity,
}

/// Stores every row that can be.
pub(super) fn process(store: &mut TemplateStore, reading: &ReadRows, rows: &[RequestRow]) -> Outcome {
    let mut outcome = Outcome::default();
    for row in rows {
        let stored = ready(store, reading, row).and_then(|ready| {
            let natural_key = RowIdentity::of(&ready.template.attributes);
            let touched = Touched { id: ready.template.id.clone(), natural_key };
            let is_new = ready.is_new;
            store
                .put(ready.template)
                .map_err(|error| format!("The template could not be stored: {error}"))?;
            Ok((touched, is_new))
        });
        match stored {
            Ok((touched, true)) => {
                outcome.result.created_count += 1;
                outcome.result.created_ids.push(touched.id.clone());
                outcome.created.push(touched);
            }
            Ok((touched, false)) => {
                outcome.result.updated_count += 1;
                outcome.updated.push(touched);
            }
            Err(message) => outcome.result.errors.push(row_error(reading.endpoint, row, message)),
        }
    }
    outcome
}

/// Finds out, without storing anything, which rows fail and which could be stored.
pub(super) fn survey(
    store: &TemplateStore,
    reading: &ReadRows,
    rows: &[RequestRow],
) -> (Vec<RowError>, Vec<RequestRow>) {
    let mut errors = Vec::new();
    let mut good = Vec::new();
    for row in rows {
        match ready(store, reading, row) {
            Ok(_) => good.push(row.clone()),
            Err(message) => errors.push(row_error(reading.endpoint, row, message)),
        }
    }
    (errors, good)
}

/// The title of each row that has one.
pub(super) fn titles(rows: &[RequestRow]) -> Vec<&str> {
    rows.iter().filter_map(|row| row.get("title").and_then(Value::as_str)).collect()
}

/// An existing template's fields with a row's fields laid over them; null clears, and the id is not a field.
pub(super) fn merged(mut fields: RequestRow, row: &RequestRow) -> RequestRow {
    for (name, value) in row.iter().filter(|(name, _)| *name != "id") {
        if value.is_null() {
            fields.remove(name);
        } else {
            fields.insert(name.clone(), value.clone());
        }
    }
    fields
}

/// All problems in one line, or nothing.
pub(super) fn refused_for(problems: &[String]) -> Result<(), String> {
    if problems.is_empty() { Ok(()) } else { Err(problems.join("; ")) }
}

fn ready(store: &TemplateStore, reading: &ReadRows, row: &RequestRow) -> Result<Ready, String> {
    let title = row.get("title").and_then(Value::as_str).unwrap_or_default();
    if reading.rejected.iter().any(|text| title.contains(text)) {
        return Err("The template was rejected".to_owned());
    }
    let ready = match reading.endpoint {
        Endpoint::Update => update::ready(store, reading, row),
        _ => bulk::ready(store, reading, row),
    }?;
    refused_for(&check::problems(&ready.template.attributes))?;
    // A way for a newcomer to watch one row fail.
    if ready.template.attributes.get("resourceId").and_then(Value::as_str) == Some(NO_SUCH_RESOURCE) {
        return Err("Resource not found".to_owned());
    }
    Ok(ready)
}

/// The one resource that this server knows not to exist.
const NO_SUCH_RESOURCE: &str = "00000000-0000-0000-0000-000000000000";

fn row_error(endpoint: Endpoint, row: &RequestRow, message: String) -> RowError {
    let text = |name: &str| row.get(name).and_then(Value::as_str).map(str::to_owned);
    // The documentation calls it the template's id, a sibling endpoint the resource's: so both occur here.
    let resource_id = if endpoint == Endpoint::Update { text("id") } else { text("resourceId") };
    let record = Value::String(Value::Object(row.clone()).to_string());
    RowError { resource_id, title: text("title"), error: Some(message), record: Some(record) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn reading(endpoint: Endpoint) -> ReadRows {
        let now = "2026-01-01T00:00:00.000Z".to_owned();
        ReadRows { endpoint, matching: Matching::NaturalKey, rejected: Vec::new(), now }
    }

    fn row(value: &Value) -> RequestRow {
        value.as_object().unwrap().clone()
    }

    fn course(number: u8, title: &str) -> RequestRow {
        let id = format!("8f14e45f-ceea-467f-a0e6-6b2d6a6f6f{number:02}");
        row(&json!({ "title": title, "resourceType": "course", "resourceId": id }))
    }

    #[test]
    fn one_bad_row_does_not_stop_the_others() {
        let mut store = TemplateStore::open(None).unwrap();
        let mut missing = course(0, "Lost");
        missing.insert("resourceId".to_owned(), json!(NO_SUCH_RESOURCE));
        let rows = [course(1, "One"), missing.clone(), course(2, ""), course(3, "Three"), course(1, "Again")];
        let outcome = process(&mut store, &reading(Endpoint::Bulk), &rows);
        assert_eq!((outcome.result.created_count, outcome.result.updated_count), (2, 1));
        assert_eq!(outcome.created.len(), 2);
        assert_eq!(outcome.updated, outcome.created[..1]);
        let [lost, untitled] = &outcome.result.errors[..] else { panic!("{:?}", outcome.result.errors) };
        assert_eq!(lost.error.as_deref(), Some("Resource not found"));
        assert_eq!(lost.resource_id.as_deref(), Some(NO_SUCH_RESOURCE));
        assert_eq!(lost.title.as_deref(), Some("Lost"));
        let record = lost.record.as_ref().and_then(Value::as_str).unwrap();
        assert_eq!(serde_json::from_str::<RequestRow>(record).unwrap(), missing);
        assert_eq!(untitled.error.as_deref(), Some("title is required"));
    }

    #[test]
    fn a_survey_stores_nothing() {
        let store = TemplateStore::open(None).unwrap();
        let reading = ReadRows { rejected: vec!["wo".to_owned()], ..reading(Endpoint::Bulk) };
        let (errors, good) = survey(&store, &reading, &[course(1, "One"), course(2, "Two")]);
        assert_eq!((errors.len(), good.len()), (1, 1));
        assert_eq!(errors[0].title.as_deref(), Some("Two"));
        assert!(store.templates().is_empty());
    }
}
