//! Upper and lower case in ids: UUIDs compare without regard to case (RFC 9562 section 4).

use serde_json::Value;

use super::{AttributeName, Attributes, SharedValue};

/// The attributes whose value is one id. By hand, because every attribute of an estate is asked for.
const FIELDS: [&str; 2] = ["resourceId", "assetLibraryId"];

/// Converts the ids in an attribute's value to lower case: the id itself, or each label's field. Anything but a UUID in the
/// documented form stays unchanged.
pub fn lower_ids(name: &str, value: &mut Value) {
    each_id(name, value, &mut |id| id.make_ascii_lowercase());
}

fn each_id(name: &str, value: &mut Value, visit: &mut dyn FnMut(&mut String)) {
    let mut visit = |value: &mut Value| {
        if let Value::String(text) = value
            && is_in_capitals(text)
        {
            visit(text);
        }
    };
    if FIELDS.contains(&name) {
        visit(value);
    } else if name == Attributes::LABELS {
        let labels = value.as_array_mut().into_iter().flatten();
        labels.filter_map(|label| label.get_mut(Attributes::LABEL_FIELD)).for_each(visit);
    }
}

/// Whether a text is a UUID with a capital letter in it.
fn is_in_capitals(text: &str) -> bool {
    const LENGTH: usize = 36;
    text.len() == LENGTH
        && text.bytes().any(|byte| byte.is_ascii_uppercase())
        && uuid::Uuid::try_parse(text).is_ok()
}

fn has_capitals(name: &str, value: &Value) -> bool {
    let is = |value: &Value| value.as_str().is_some_and(is_in_capitals);
    if FIELDS.contains(&name) {
        is(value)
    } else if name == Attributes::LABELS {
        let mut labels = value.as_array().into_iter().flatten();
        labels.any(|label| label.get(Attributes::LABEL_FIELD).is_some_and(is))
    } else {
        false
    }
}

impl Attributes {
    /// These attributes with every id in lower case, as the configuration has them. An older state may hold upper-case ids,
    /// and its digests cover them as they are, so ids are converted only for comparison.
    #[must_use]
    pub fn with_lower_ids(&self) -> Self {
        if !self.iter().any(|(name, value)| has_capitals(name, value)) {
            return self.clone();
        }
        let lower = |(name, value): (&AttributeName, &SharedValue)| {
            if !has_capitals(name.as_str(), value) {
                return (name.clone(), value.clone());
            }
            let mut lower = Value::clone(value);
            lower_ids(name.as_str(), &mut lower);
            (name.clone(), SharedValue::new(name.as_str(), lower))
        };
        self.shared().map(lower).collect()
    }

    /// Whether both mean the same to the vendor, ignoring the case of ids.
    pub fn is_same_as(&self, other: &Self) -> bool {
        self == other || self.with_lower_ids() == other.with_lower_ids()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FieldType;
    use serde_json::json;

    const ONE: &str = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01";
    const OTHER: &str = "af14e45f-ceea-467f-a0e6-6b2d6a6f6f01";

    fn attributes(value: Value) -> Attributes {
        serde_json::from_value(value).unwrap()
    }

    fn of(one: &str, other: &str) -> Attributes {
        attributes(json!({"title": OTHER.to_uppercase(), "resourceId": one, "assetLibraryId": other,
            "labels": [{"certificateFieldId": one, "x": 1}, {"certificateFieldId": other, "x": 2}]}))
    }

    #[test]
    fn ids_are_those_of_the_field_table() {
        let ids = crate::model::TEMPLATE_FIELDS.into_iter().filter(|field| field.value == FieldType::Uuid);
        assert_eq!(ids.map(|field| field.name).collect::<Vec<_>>(), FIELDS);
    }

    #[test]
    fn ids_are_equal_in_either_case() {
        let lower = of(ONE, OTHER);
        // Sorted as written, an upper-case letter precedes every lower-case one.
        for other in [of(&ONE.to_uppercase(), OTHER), of(ONE, &OTHER.to_uppercase())] {
            assert_ne!(lower, other);
            assert!(lower.is_same_as(&other) && other.is_same_as(&lower));
            assert_eq!(other.with_lower_ids().digest(), lower.digest());
        }
        assert_eq!(lower.with_lower_ids(), lower);
    }

    #[test]
    fn other_texts_keep_their_case() {
        let title = of(ONE, OTHER).with_lower_ids();
        assert_eq!(title.title(), Some(OTHER.to_uppercase().as_str()));
        for text in ["X1", &ONE.to_uppercase().replace('-', ""), "8F14E45F-CEEA-467F-A0E6-6B2D6A6F6F0G"] {
            let some = attributes(json!({ "resourceId": text }));
            assert_eq!(some.with_lower_ids(), some);
            assert!(!some.is_same_as(&attributes(json!({ "resourceId": text.to_lowercase() }))));
        }
    }
}
