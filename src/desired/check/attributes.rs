//! The rules for attributes that come without a template file, such as those of an export or of a saved plan.
//! `export` and `plan` call it; it returns sentences and knows no places.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use super::{template, value};
use crate::desired::document::GroupSource;
use crate::desired::path::YamlPath;
use crate::desired::path_cursor::PathCursor;
use crate::desired::unlocated::UnlocatedFindings;
use crate::model::{Attributes, Key, TEMPLATE_FIELDS};

/// The vendor's name for the id of a template. It is not allowed in attributes: a request with it could change
/// another template than the intended one.
pub(in crate::desired) const ID: &str = "id";

/// A broken rule of one template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    /// The attribute that breaks the rule.
    pub attribute: &'static str,
    /// The other attribute involved, if there is one.
    pub beside: Option<&'static str>,
    /// What is wrong: one sentence without a full stop.
    pub message: String,
}

/// Every broken rule among the values that are present. Labels and missing required fields are not checked.
pub fn objections(attributes: &Attributes) -> Vec<Objection> {
    let findings = check_all(attributes).into_iter();
    findings.filter(|objection| objection.attribute != "labels").collect()
}

/// Every rule that one label breaks, in words.
pub fn label_objections(label: Value) -> Vec<String> {
    let attributes: Attributes =
        [(Attributes::LABELS.to_owned(), Value::Array(vec![label]))].into_iter().collect();
    check_all(&attributes).into_iter().map(|objection| objection.message).collect()
}

/// Every rule that the attributes of one template break, in words.
pub fn broken_rules(key: &Key, attributes: &Attributes) -> Vec<String> {
    let missing = template::missing(key, attributes);
    let findings = check_all(attributes).into_iter().map(|objection| objection.message);
    let id = attributes.get(ID).map(|_| format!("{ID} is not allowed here"));
    missing.into_iter().chain(findings).chain(id).collect()
}

/// Checks each value by itself, and values against each other.
fn check_all(attributes: &Attributes) -> Vec<Objection> {
    let origin = GroupSource { file: Arc::from(Path::new("")), path: YamlPath::root() };
    let (top, reported) = (PathCursor::at(&origin), BTreeSet::new());
    let of_value = |attribute: &'static str| {
        let mut findings = UnlocatedFindings::default();
        if let Some(value) = attributes.get(attribute) {
            value::check(attribute, value, &top.member(attribute), &reported, &mut findings);
        }
        findings.0.into_iter().map(move |finding| Objection {
            attribute,
            beside: None,
            message: finding.message,
        })
    };
    let conflicts = template::conflicts(attributes).into_iter().map(|conflict| Objection {
        attribute: conflict.attribute,
        beside: Some(conflict.beside),
        message: conflict.message,
    });
    TEMPLATE_FIELDS.into_iter().map(|field| field.name).flat_map(of_value).chain(conflicts).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const UUID: &str = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01";

    /// Values that are valid, invalid or of another type, for any attribute except labels.
    fn member() -> impl Strategy<Value = (&'static str, Value)> {
        let names: Vec<&str> =
            TEMPLATE_FIELDS.into_iter().map(|field| field.name).filter(|name| *name != "labels").collect();
        let values = [json!("x"), json!(" "), json!(5), json!(-1), json!(true), json!(["x", "y"]), json!({})];
        let of_use = [
            json!(UUID),
            json!("course"),
            json!("2027-12-31"),
            json!("actionUrl"),
            json!("https://a.example"),
        ];
        let value = prop::sample::select(values.into_iter().chain(of_use).collect::<Vec<_>>());
        (prop::sample::select(names), value)
    }

    proptest! {
        #[test]
        fn an_export_and_a_plan_have_equal_findings(members in prop::collection::vec(member(), 0..8)) {
            let mut attributes: Attributes =
                members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            for (name, value) in [("title", "T"), ("resourceType", "course"), ("resourceId", UUID)] {
                attributes = attributes.with(name, json!(value));
            }
            let mut objections: Vec<String> =
                objections(&attributes).into_iter().map(|objection| objection.message).collect();
            let mut broken = broken_rules(&Key::new("a").unwrap(), &attributes);
            objections.sort();
            broken.sort();
            prop_assert_eq!(objections, broken);
        }
    }
}
