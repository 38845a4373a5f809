//! What `validate` would say of a template that is not written in YAML.

use super::{template, value};
use crate::desired::fields::{Kind, TEMPLATE};
use crate::model::Attributes;
use serde_json::Value;

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
    let single = |attribute, kind, value: &Value| {
        let (_, message) = value::problem_of(attribute, kind, value)?;
        Some(Objection { attribute, beside: None, message })
    };
    let mut objections = Vec::new();
    for (attribute, kind) in TEMPLATE {
        match (kind, attributes.get(attribute)) {
            (_, None) | (Kind::Labels, _) => {}
            (Kind::UrlList, Some(Value::Array(items))) => {
                objections.extend(items.iter().filter_map(|item| single(attribute, Kind::Url, item)));
            }
            (kind, Some(value)) => objections.extend(single(attribute, kind, value)),
        }
    }
    if ["expirationDate", "expirationDays"].iter().all(|name| attributes.get(name).is_some()) {
        objections.push(Objection {
            attribute: "expirationDays",
            beside: Some("expirationDate"),
            message: "expirationDate and expirationDays are both set, and at most one may be".to_owned(),
        });
    }
    objections.extend(template::clashes(attributes).into_iter().map(|clash| Objection {
        attribute: clash.attribute,
        beside: Some(clash.beside),
        message: clash.message,
    }));
    objections
}
