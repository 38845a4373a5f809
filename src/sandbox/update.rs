//! A row of the update endpoint: by id, with the fields to modify (vendor-api.md section 2).

use serde_json::Value;

use super::Matching;
use super::row_identity::RowIdentity;
use super::rows::{self, ReadRows, Ready, RequestRow};
use super::store::{StoredTemplate, TemplateStore};

/// What a row would make of the store; the error is the server's message about it.
pub(super) fn ready(store: &TemplateStore, reading: &ReadRows, row: &RequestRow) -> Result<Ready, String> {
    let id = match row.get("id") {
        None | Some(Value::Null) => return Err("id is required".to_owned()),
        Some(id) => id.as_str().ok_or("id must be a UUID")?,
    };
    let held = store.by_id(id).ok_or("Certificate template not found")?;
    let attributes = rows::merged(held.attributes.clone(), row);
    let identity = RowIdentity::of(&attributes);
    let moves = identity != RowIdentity::of(&held.attributes);
    // "A given resource can have at most one certificate template" (vendor-api.md section 3).
    if reading.matching == Matching::NaturalKey && moves && store.by_identity(&identity).is_some() {
        return Err("The resource has another certificate template already".to_owned());
    }
    let updated_at = reading.now.clone();
    Ok(Ready { template: StoredTemplate { updated_at, attributes, ..held.clone() }, is_new: false })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::Endpoint;
    use serde_json::json;

    const FIRST: &str = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01";
    const SECOND: &str = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f02";

    fn process(store: &mut TemplateStore, endpoint: Endpoint, row: &Value) -> Result<(), String> {
        let matching = Matching::NaturalKey;
        let reading = ReadRows { endpoint, matching, rejected: Vec::new(), now: String::new() };
        let result = rows::process(store, &reading, &[row.as_object().unwrap().clone()]).result;
        result.errors.into_iter().next().map_or(Ok(()), |error| {
            assert_eq!(error.resource_id.as_deref(), row["id"].as_str());
            Err(error.error.unwrap())
        })
    }

    fn two_courses() -> (TemplateStore, String) {
        let mut store = TemplateStore::open(None).unwrap();
        for resource in [FIRST, SECOND] {
            let row = json!({ "title": "T", "resourceType": "course", "resourceId": resource, "expirationDays": 1 });
            process(&mut store, Endpoint::Bulk, &row).unwrap();
        }
        let id = store.templates()[0].id.clone();
        (store, id)
    }

    #[test]
    fn only_the_fields_that_are_named_change() {
        let (mut store, id) = two_courses();
        let row = json!({ "id": id, "expirationDays": null, "title": "New" });
        process(&mut store, Endpoint::Update, &row).unwrap();
        let expected = json!({ "title": "New", "resourceType": "course", "resourceId": FIRST });
        assert_eq!(Value::Object(store.templates()[0].attributes.clone()), expected);
        assert_eq!(store.templates()[1].attributes["title"], "T");
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let (mut store, id) = two_courses();
        for (row, words) in [
            (json!({ "title": "x" }), "id is required"),
            (json!({ "id": SECOND, "title": "x" }), "not found"),
            (json!({ "id": id, "title": null }), "title is required"),
            (json!({ "id": id, "expirationDate": "2027-01-01" }), "Only one of"),
            (json!({ "id": id, "resourceId": SECOND }), "another certificate template"),
        ] {
            let error = process(&mut store, Endpoint::Update, &row).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
        assert_eq!(store.templates()[0].attributes["title"], "T");
    }
}
