//! The fields of one template, under the vendor's names.

use std::fmt;
use std::sync::Arc;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::compact_json::AttributeValue;
use super::stored_once::StoredOnce;
use super::{AttributeName, Digest, SharedValue, canonical_text};

/// The attributes of one template: what is sent to the vendor, under the vendor's own camelCase names
/// (vendor-api.md section 4).
///
/// `labels` is kept sorted by `certificateFieldId`: the vendor identifies a label by its field, so the order in
/// which somebody wrote the labels is not part of the value.
///
/// Shared and never changed in place: desired state, plan, journal and state hold one copy of what is the same, and so do
/// templates that have a value in common.
#[derive(Clone)]
pub struct Attributes(Arc<[Entry]>);

/// An attribute. In a template they are sorted by name.
type Entry = (AttributeName, SharedValue);

static STORED: StoredOnce<[Entry]> = StoredOnce::new();

impl Attributes {
    /// The name of the list of labels.
    pub const LABELS: &'static str = "labels";
    /// What identifies a label within a template.
    pub const LABEL_FIELD: &'static str = "certificateFieldId";

    /// These, of doubled names the last.
    fn of(mut entries: Vec<Entry>) -> Self {
        if !entries.is_sorted_by(|(one, _), (other, _)| one < other) {
            // Stable: the last of a name comes last, and first once all are turned round.
            entries.sort_by(|(one, _), (other, _)| one.cmp(other));
            entries.reverse();
            entries.dedup_by(|(one, _), (other, _)| one == other);
            entries.reverse();
        }
        let is_meant = |known: &[Entry]| {
            let pairs = || known.iter().zip(&entries);
            known.len() == entries.len()
                && pairs().all(|(one, other)| one.0 == other.0 && one.1.is_identical_to(&other.1))
        };
        Self(STORED.get(&entries, is_meant, || entries.as_slice().into()))
    }

    /// One attribute's value, as it is shared.
    pub fn shared_value(&self, name: &str) -> Option<&SharedValue> {
        let place = self.0.binary_search_by(|(other, _)| other.as_str().cmp(name)).ok()?;
        self.0.get(place).map(|(_, value)| value)
    }

    /// Whether there is such an attribute, whatever its value.
    pub fn has(&self, name: &str) -> bool {
        self.shared_value(name).is_some()
    }

    /// One attribute.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.shared_value(name).map(|value| &**value)
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
        self.0.iter().map(|(name, value)| (name.as_str(), &**value))
    }

    /// The names of the attributes, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
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
    pub fn shared(&self) -> impl Iterator<Item = (&AttributeName, &SharedValue)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// The same with another value for this attribute.
    #[must_use]
    pub fn with(&self, name: &str, value: Value) -> Self {
        let changed = (AttributeName::new(name), SharedValue::new(name, value));
        self.0.iter().cloned().chain([changed]).collect()
    }

    /// SHA-256 of the canonical JSON (contract section 2, State).
    pub fn digest(&self) -> Digest {
        let mut text = String::with_capacity(2 << 10);
        for (name, value) in &*self.0 {
            text.push(if text.is_empty() { '{' } else { ',' });
            name.push_json(&mut text);
            text.push(':');
            value.push_json(&mut text);
        }
        text.push_str(if text.is_empty() { "{}" } else { "}" });
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
        serializer.collect_map(self.shared().map(|(name, value)| (name.as_str(), value)))
    }
}

/// Refuses what is nested so deeply that the state it leads to could not be read again.
impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Attributes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_unit<E>(self) -> Result<Attributes, E> {
                Ok(Attributes::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Attributes, A::Error> {
                let mut entries = Vec::with_capacity(16);
                while let Some(name) = members.next_key::<AttributeName>()? {
                    let value = members.next_value_seed(AttributeValue(name.as_str()))?;
                    entries.push((name, value));
                }
                Ok(Attributes::of(entries))
            }
        }

        deserializer.deserialize_map(Members)
    }
}

impl FromIterator<(String, Value)> for Attributes {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(members: I) -> Self {
        let shared = |(name, value): (String, Value)| -> Entry {
            let value = SharedValue::new(&name, value);
            (AttributeName::new(&name), value)
        };
        members.into_iter().map(shared).collect()
    }
}

impl FromIterator<(AttributeName, SharedValue)> for Attributes {
    fn from_iter<I: IntoIterator<Item = (AttributeName, SharedValue)>>(members: I) -> Self {
        Self::of(members.into_iter().collect())
    }
}

impl Default for Attributes {
    fn default() -> Self {
        Self::of(Vec::new())
    }
}

impl PartialEq for Attributes {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
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
    fn of_doubled_names_the_last_counts() {
        let some: Attributes = serde_json::from_str(r#"{"b": 1, "a": 1, "b": 2, "a": 3}"#).unwrap();
        assert_eq!(some, attributes(json!({"a": 3, "b": 2})));
    }

    #[test]
    fn equal_attributes_are_stored_once() {
        let text = r#"{"title": "Stored once", "labels": [{"certificateFieldId": "a"}], "n": 1}"#;
        let read = || serde_json::from_str::<Attributes>(text).unwrap();
        let (one, made) = (read(), attributes(serde_json::from_str(text).unwrap()));
        assert!(Arc::ptr_eq(&one.0, &read().0) && Arc::ptr_eq(&one.0, &made.0));
        assert!(Arc::ptr_eq(&one.0, &one.with("n", json!(2)).with("n", json!(1)).0));
    }

    #[test]
    fn the_sign_of_a_zero_is_kept() {
        let (one, other) = (attributes(json!({"x": 0.0})), attributes(json!({"x": -0.0})));
        assert_ne!(one.digest(), other.digest());
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
