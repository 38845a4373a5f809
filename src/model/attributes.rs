//! The fields of one template, under the vendor's names.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::{Digest, SharedValue, canonical_text, is_too_deep};

/// The attributes of one template: what is sent to the vendor, under the vendor's own camelCase names
/// (vendor-api.md section 4).
///
/// `labels` is kept sorted by `certificateFieldId`: the vendor identifies a label by its field, so the order in
/// which somebody wrote the labels is not part of the value.
///
/// Shared and never changed in place: desired state, plan, journal and state hold one copy of what is the same, and so do
/// templates that have a large value in common.
#[derive(Clone, Default, PartialEq)]
pub struct Attributes(Arc<BTreeMap<Cow<'static, str>, SharedValue>>);

impl Attributes {
    /// The name of the list of labels.
    pub const LABELS: &'static str = "labels";
    /// What identifies a label within a template.
    pub const LABEL_FIELD: &'static str = "certificateFieldId";

    /// One attribute.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).map(|value| &**value)
    }

    /// One attribute, if it is text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    /// The template's title, or nothing.
    pub fn title(&self) -> Option<&str> {
        self.text("title")
    }

    /// Every attribute, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), &**value))
    }

    /// The names of the attributes, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(Cow::as_ref)
    }

    /// How many attributes there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no attribute at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The attributes as a JSON object.
    pub fn to_value(&self) -> Value {
        Value::Object(self.to_map())
    }

    /// The attributes as a JSON object's members, copied.
    pub fn to_map(&self) -> Map<String, Value> {
        self.iter().map(|(name, value)| (name.to_owned(), value.clone())).collect()
    }

    /// The attributes with their values shared.
    pub fn shared(&self) -> impl Iterator<Item = (&Cow<'static, str>, &SharedValue)> {
        self.0.iter()
    }

    /// The same with another value for this attribute.
    #[must_use]
    pub fn with(&self, name: &str, value: Value) -> Self {
        let mut map = self.0.as_ref().clone();
        let value = SharedValue::new(name, value);
        map.insert(Cow::Owned(name.to_owned()), value);
        Self(Arc::new(map))
    }

    /// SHA-256 of the canonical JSON (contract section 2, State).
    pub fn digest(&self) -> Digest {
        // Attributes have text for every name: writing them to memory cannot fail.
        let text = canonical_text(self).unwrap_or_default();
        Digest::of(text.as_bytes())
    }
}

impl From<Map<String, Value>> for Attributes {
    fn from(map: Map<String, Value>) -> Self {
        map.into_iter().collect()
    }
}

impl Serialize for Attributes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

/// Refuses what is nested so deeply that the state it leads to could not be read again.
impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map = Map::deserialize(deserializer)?;
        match map.iter().find(|(_, value)| is_too_deep(value)) {
            Some((name, _)) => Err(D::Error::custom(format!("{name} is nested too deeply"))),
            None => Ok(Self::from(map)),
        }
    }
}

impl FromIterator<(String, Value)> for Attributes {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(members: I) -> Self {
        let shared = |(name, value): (String, Value)| -> (Cow<'static, str>, SharedValue) {
            let value = SharedValue::new(&name, value);
            (Cow::Owned(name), value)
        };
        members.into_iter().map(shared).collect()
    }
}

impl FromIterator<(Cow<'static, str>, SharedValue)> for Attributes {
    fn from_iter<I: IntoIterator<Item = (Cow<'static, str>, SharedValue)>>(members: I) -> Self {
        Self(Arc::new(members.into_iter().collect()))
    }
}

impl fmt::Debug for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&canonical_text(self).map_err(|_| fmt::Error)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::canonical_json;
    use serde_json::json;

    fn attributes(value: Value) -> Attributes {
        serde_json::from_value(value).unwrap()
    }

    /// Fails without the sorting where the tests run with `--features serde_json/preserve_order`.
    #[test]
    fn names_are_sorted_at_every_level() {
        let text = r#"{"title": "T", "labels": [{"y": 1, "x": {"b": 1, "a": 2}}], "asset": null}"#;
        let some: Attributes = serde_json::from_str(text).unwrap();
        assert_eq!(some.names().collect::<Vec<_>>(), ["asset", "labels", "title"]);
        let label = some.get("labels").unwrap()[0].to_string();
        assert_eq!(label, r#"{"x":{"a":2,"b":1},"y":1}"#);
    }

    #[test]
    fn the_order_of_labels_is_not_part_of_the_value() {
        let one = attributes(json!({"labels": [{"certificateFieldId": "b"}, {"certificateFieldId": "a"}]}));
        let other = attributes(json!({"labels": [{"certificateFieldId": "a"}, {"certificateFieldId": "b"}]}));
        assert_eq!(one, other);
        assert_eq!(one.digest(), other.digest());
    }

    #[test]
    fn what_no_state_could_hold_is_refused() {
        let deep = format!("{{\"x\":{}{}}}", "[".repeat(101), "]".repeat(101));
        let refused = serde_json::from_str::<Attributes>(&deep).unwrap_err();
        assert!(refused.to_string().starts_with("x is nested too deeply"), "{refused}");
        assert!(serde_json::from_str::<Attributes>(&deep.replace("[]", "")).is_ok());
    }

    #[test]
    fn the_digest_is_that_of_the_canonical_json() {
        let some = attributes(
            json!({"title": "Cloud \"101\"", "expirationDays": 365, "extra": {"z": 1, "a": [1.5]}}),
        );
        assert_eq!(some.digest(), Digest::of(canonical_json(&some.to_value()).as_bytes()));
    }
}
