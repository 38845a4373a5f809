//! A row of the bulk endpoint: create or update (vendor-api.md section 1).

use uuid::Uuid;

use super::Matching;
use super::check;
use super::row_identity::RowIdentity;
use super::rows::{self, ReadRows, Ready, RequestRow};
use super::store::{StoredTemplate, TemplateStore};
use super::update;

/// What a row would make of the store; the error is the server's message about it.
pub(super) fn ready(store: &TemplateStore, reading: &ReadRows, row: &RequestRow) -> Result<Ready, String> {
    if row.get("id").is_some_and(|id| !id.is_null()) {
        return update::ready(store, reading, row);
    }
    // A create must be whole, even where a template exists whose title would do.
    rows::refused_for(&check::missing(row))?;
    let held = match reading.matching {
        Matching::NaturalKey => store.by_identity(&RowIdentity::of(row)),
        Matching::Off => None,
    };
    let ready = if let Some(held) = held {
        let attributes = rows::merged(held.attributes.clone(), row);
        let updated_at = reading.now.clone();
        Ready { template: StoredTemplate { updated_at, attributes, ..held.clone() }, is_new: false }
    } else {
        let id = Uuid::new_v4().hyphenated().to_string();
        let attributes = rows::merged(RequestRow::new(), row);
        let (created_at, updated_at) = (reading.now.clone(), reading.now.clone());
        Ready { template: StoredTemplate { id, created_at, updated_at, attributes }, is_new: true }
    };
    Ok(ready)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::Endpoint;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn process(store: &mut TemplateStore, matching: Matching, row: &Value) -> (u64, u64) {
        let reading =
            ReadRows { endpoint: Endpoint::Bulk, matching, rejected: Vec::new(), now: "now".to_owned() };
        let result = rows::process(store, &reading, &[row.as_object().unwrap().clone()]).result;
        assert!(result.errors.is_empty(), "{:?}", result.errors);
        (result.created_count, result.updated_count)
    }

    fn row(days: &Value) -> Value {
        json!({
            "title": "Cloud", "resourceType": "course", "resourceId": "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01",
            "expirationDays": days, "asset": "https://example.com/a.png",
        })
    }

    #[test]
    fn a_second_row_with_the_same_natural_key_updates_and_null_clears() {
        let mut store = TemplateStore::open(None).unwrap();
        assert_eq!(process(&mut store, Matching::NaturalKey, &row(&json!(365))), (1, 0));
        let mut second = row(&Value::Null);
        second["resourceId"] = json!("8F14E45F-CEEA-467F-A0E6-6B2D6A6F6F01");
        second.as_object_mut().unwrap().remove("asset");
        assert_eq!(process(&mut store, Matching::NaturalKey, &second), (0, 1));
        let [only] = store.templates() else { panic!("two templates") };
        assert_eq!(only.attributes.get("expirationDays"), None);
        assert_eq!(only.attributes.get("asset"), Some(&json!("https://example.com/a.png")));
        assert_eq!(only.created_at, "now");
    }

    #[test]
    fn a_row_is_whole_even_where_the_store_knows_the_rest() {
        let mut store = TemplateStore::open(None).unwrap();
        assert_eq!(process(&mut store, Matching::NaturalKey, &row(&json!(1))), (1, 0));
        let mut untitled = row(&json!(2)).as_object().unwrap().clone();
        untitled.remove("title");
        let (endpoint, matching) = (Endpoint::Bulk, Matching::NaturalKey);
        let reading = ReadRows { endpoint, matching, rejected: Vec::new(), now: String::new() };
        assert_eq!(ready(&store, &reading, &untitled).err().as_deref(), Some("title is required"));
    }

    #[test]
    fn an_audience_is_part_of_the_natural_key() {
        let mut store = TemplateStore::open(None).unwrap();
        let mut europe = row(&json!(1));
        europe["userCustomFieldSlug"] = json!("region");
        europe["userCustomFieldValue"] = json!("EU");
        assert_eq!(process(&mut store, Matching::NaturalKey, &row(&json!(1))), (1, 0));
        assert_eq!(process(&mut store, Matching::NaturalKey, &europe), (1, 0));
        assert_eq!(process(&mut store, Matching::NaturalKey, &europe), (0, 1));
    }

    #[test]
    fn without_matching_every_row_creates() {
        let mut store = TemplateStore::open(None).unwrap();
        assert_eq!(process(&mut store, Matching::Off, &row(&json!(1))), (1, 0));
        assert_eq!(process(&mut store, Matching::Off, &row(&json!(1))), (1, 0));
        assert_eq!(store.templates().len(), 2);
        let mut with_id = row(&json!(2));
        with_id["id"] = json!(store.templates()[1].id);
        assert_eq!(process(&mut store, Matching::Off, &with_id), (0, 1));
        assert_eq!(store.templates()[1].attributes.get("expirationDays"), Some(&json!(2)));
        assert_eq!(store.templates()[1].attributes.get("id"), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn there_is_one_template_for_each_natural_key(resources in prop::collection::vec(0_u8..4, 0..12)) {
            let mut store = TemplateStore::open(None).unwrap();
            let mut seen = std::collections::BTreeSet::new();
            for resource in resources {
                let mut row = row(&json!(1));
                row["resourceId"] = json!(format!("8f14e45f-ceea-467f-a0e6-6b2d6a6f6f{resource:02}"));
                let new = seen.insert(resource);
                let expected = if new { (1, 0) } else { (0, 1) };
                prop_assert_eq!(process(&mut store, Matching::NaturalKey, &row), expected);
                prop_assert_eq!(store.templates().len(), seen.len());
            }
        }
    }
}
