//! Faults in a bulk answer. The rows were processed as they should be.

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::api::wire::{BulkResult, RowError};

use super::ResultFault;
use super::rows::{self, RequestRow};
use super::store::TemplateStore;

/// Makes the answer to these rows false.
pub(super) fn distort(
    result: &mut BulkResult,
    fault: &ResultFault,
    rows: &[RequestRow],
    store: &TemplateStore,
) {
    let ids = &mut result.created_ids;
    match fault {
        // Not random: two ids or more are always out of order, and a test that fails, fails again.
        ResultFault::ShuffleIds => ids.reverse(),
        ResultFault::TooManyIds => ids.push(new_id()),
        ResultFault::NoIds => ids.clear(),
        ResultFault::DuplicateIds => {
            if let Some(first) = ids.first().cloned() {
                ids.fill(first);
            }
        }
        ResultFault::IdsOfOthers => *ids = ids_of_others(ids, store),
        ResultFault::WrongCount(by) => {
            let none_created = result.created_count == 0 && result.updated_count > 0;
            let count = if none_created { &mut result.updated_count } else { &mut result.created_count };
            *count = count.saturating_add_signed(*by);
        }
        ResultFault::Warning(text) => result.warnings.push(text.clone()),
        ResultFault::UnattributedError => {
            let error = Some("Something went wrong".to_owned());
            result.errors.push(RowError { error, ..RowError::default() });
        }
        ResultFault::ForeignError => result.errors.push(foreign_error()),
        _ => result.errors.iter_mut().for_each(|error| distort_error(error, fault, rows)),
    }
}

fn distort_error(error: &mut RowError, fault: &ResultFault, rows: &[RequestRow]) {
    match fault {
        ResultFault::ErrorWithoutRecord => error.record = None,
        ResultFault::ErrorOnlyTitle => (error.record, error.resource_id) = (None, None),
        ResultFault::ErrorOnlyText => {
            *error = RowError { error: error.error.take(), ..RowError::default() };
        }
        ResultFault::ErrorRecordObject => {
            let text = error.record.as_ref().and_then(Value::as_str).unwrap_or_default();
            error.record = serde_json::from_str(text).ok();
        }
        ResultFault::ErrorContradicts => {
            let titles = rows::titles(rows);
            let other = titles.into_iter().find(|title| error.title.as_deref() != Some(title));
            error.title = Some(other.unwrap_or("A title that nobody sent").to_owned());
        }
        _ => {}
    }
}

/// As many ids of templates that were there before; made-up ones where there are too few.
fn ids_of_others(created: &[String], store: &TemplateStore) -> Vec<String> {
    let others = store.templates().iter().map(|template| template.id.clone());
    let others = others.filter(|id| !created.contains(id)).chain(std::iter::repeat_with(new_id));
    others.take(created.len()).collect()
}

fn foreign_error() -> RowError {
    let (resource_id, title) = (new_id(), "A template that nobody sent");
    let record = Map::from_iter([
        ("title".to_owned(), Value::from(title)),
        ("resourceType".to_owned(), Value::from("course")),
        ("resourceId".to_owned(), Value::from(resource_id.as_str())),
    ]);
    RowError {
        resource_id: Some(resource_id),
        title: Some(title.to_owned()),
        error: Some("Resource not found".to_owned()),
        record: Some(Value::String(Value::Object(record).to_string())),
    }
}

fn new_id() -> String {
    Uuid::new_v4().hyphenated().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::{FaultKind, kind};
    use serde_json::json;

    fn told(kind: &str) -> BulkResult {
        let FaultKind::Result(fault) = kind::read(kind).unwrap() else {
            panic!("{kind} is not such a fault")
        };
        let rows = ["One", "Two", "Bad"].map(|title| Map::from_iter([("title".to_owned(), json!(title))]));
        let record = Some(json!("{\"title\":\"Bad\"}"));
        let (resource_id, title, error) =
            (Some("r".to_owned()), Some("Bad".to_owned()), Some("no".to_owned()));
        let mut result = BulkResult {
            created_count: 2,
            created_ids: vec!["a".to_owned(), "b".to_owned()],
            errors: vec![RowError { resource_id, title, error, record }],
            ..BulkResult::default()
        };
        distort(&mut result, &fault, &rows, &TemplateStore::open(None).unwrap());
        result
    }

    #[test]
    fn ids_are_not_those_of_the_rows() {
        assert_eq!(told("shuffle-ids").created_ids, ["b", "a"]);
        assert_eq!(told("duplicate-ids").created_ids, ["a", "a"]);
        assert!(told("no-ids").created_ids.is_empty());
        assert_eq!(told("too-many-ids").created_ids.len(), 3);
        let others = told("ids-of-others").created_ids;
        assert!(others.len() == 2 && others.iter().all(|id| id.len() == 36), "{others:?}");
    }

    #[test]
    fn counts_are_off() {
        assert_eq!(told("wrong-count=+1").created_count, 3);
        assert_eq!(told("wrong-count=-5").created_count, 0);
        let mut updates = BulkResult { updated_count: 2, ..BulkResult::default() };
        distort(&mut updates, &ResultFault::WrongCount(-1), &[], &TemplateStore::open(None).unwrap());
        assert_eq!((updates.created_count, updates.updated_count), (0, 1));
    }

    #[test]
    fn errors_say_too_little_or_too_much() {
        let fields = |kind| {
            let errors = told(kind).errors;
            let last = errors.last().unwrap();
            (errors.len(), last.resource_id.is_some(), last.title.clone(), last.record.clone())
        };
        let bad = Some("Bad".to_owned());
        assert_eq!(fields("error-without-record"), (1, true, bad.clone(), None));
        assert_eq!(fields("error-only-title"), (1, false, bad.clone(), None));
        assert_eq!(fields("error-only-text"), (1, false, None, None));
        assert_eq!(fields("error-record-object"), (1, true, bad, Some(json!({ "title": "Bad" }))));
        assert_eq!(fields("error-contradicts").2.as_deref(), Some("One"));
        assert_eq!(fields("unattributed-error"), (2, false, None, None));
        assert_eq!(fields("foreign-error").2.as_deref(), Some("A template that nobody sent"));
        assert_eq!(told("warning=Mind the gap").warnings, ["Mind the gap"]);
    }
}
