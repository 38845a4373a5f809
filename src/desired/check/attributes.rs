//! The rules for attributes that no template file has, such as those of an export or of a saved plan.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use super::{template, value};
use crate::desired::document::GroupSource;
use crate::desired::path::YamlPath;
use crate::desired::path_cursor::PathCursor;
use crate::desired::unlocated::UnlocatedFindings;
use crate::model::{Attributes, Key, TEMPLATE_FIELDS};

/// What the vendor calls the id of a template. It is never part of a template's attributes: with it in a request, another
/// template would be changed than the one that the request is about.
pub(in crate::desired) const ID: &str = "id";

/// Something that a template must not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    /// The attribute that is at fault.
    pub attribute: &'static str,
    /// The other attribute that it is about, where there is one.
    pub beside: Option<&'static str>,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
}

/// Everything that is wrong with the values that are there. Labels are not looked at, nor whether what every template
/// needs is there.
pub fn objections(attributes: &Attributes) -> Vec<Objection> {
    let judged = judge(attributes).into_iter();
    judged.filter(|objection| objection.attribute != "labels").collect()
}

/// Every rule that these attributes of one template break, in words.
pub fn broken_rules(key: &Key, attributes: &Attributes) -> Vec<String> {
    let missing = template::missing(key, attributes);
    let judged = judge(attributes).into_iter().map(|objection| objection.message);
    let id = attributes.get(ID).map(|_| format!("{ID} is not allowed here"));
    missing.into_iter().chain(judged).chain(id).collect()
}

/// What is wrong with each value by itself, and with what does not go together.
fn judge(attributes: &Attributes) -> Vec<Objection> {
    let origin = GroupSource { file: Arc::from(Path::new("")), path: YamlPath::root() };
    let (top, unsettled) = (PathCursor::at(&origin), BTreeSet::new());
    let of_value = |attribute: &'static str| {
        let mut faults = UnlocatedFindings::default();
        if let Some(value) = attributes.get(attribute) {
            value::check(attribute, value, &top.member(attribute), &unsettled, &mut faults);
        }
        faults.0.into_iter().map(move |fault| Objection { attribute, beside: None, message: fault.message })
    };
    let clashes = template::clashes(attributes).into_iter().map(|clash| Objection {
        attribute: clash.attribute,
        beside: Some(clash.beside),
        message: clash.message,
    });
    TEMPLATE_FIELDS.into_iter().map(|field| field.name).flat_map(of_value).chain(clashes).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    const UUID: &str = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01";

    /// Values that are right, wrong or of another type, for any attribute but the labels.
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
        fn an_export_and_a_plan_are_told_the_same(members in prop::collection::vec(member(), 0..8)) {
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
