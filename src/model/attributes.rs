//! The attributes of a template, under the vendor's names. Every part of certctl works with them; nothing changes them in
//! place.

use std::fmt;
use std::sync::Arc;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::compact_json::AttributeValue;
use super::stored_once::StoredOnce;
use super::{AttributeName, Digest, SharedValue, canonical_text};

/// The attributes of one template, as sent to the vendor, under its camelCase names (vendor-api.md section 4).
///
/// `labels` is sorted by `certificateFieldId`: the vendor identifies a label by its field, so the order in which the
/// labels were written is not part of the value.
///
/// Equal attributes and values are stored once, shared by configuration, plan, journal and state, and by templates with a
/// value in common.
#[derive(Clone)]
pub struct Attributes(Arc<[AttributeEntry]>);

/// One attribute; the list is sorted by name.
type AttributeEntry = (AttributeName, SharedValue);

static STORED: StoredOnce<[AttributeEntry]> = StoredOnce::new();

impl Attributes {
    /// The attribute that holds the labels.
    pub const LABELS: &'static str = "labels";
    /// The member that identifies a label within a template.
    pub const LABEL_FIELD: &'static str = "certificateFieldId";

    /// Attributes from these entries. If a name occurs twice, the last one counts.
    fn of(mut entries: Vec<AttributeEntry>) -> Self {
        if !entries.is_sorted_by(|(one, _), (other, _)| one < other) {
            // The sort is stable, so the last entry of a name comes first once the list is reversed.
            entries.sort_by(|(one, _), (other, _)| one.cmp(other));
            entries.reverse();
            entries.dedup_by(|(one, _), (other, _)| one == other);
            entries.reverse();
        }
        let is_meant = |known: &[AttributeEntry]| {
            let pairs = || known.iter().zip(&entries);
            known.len() == entries.len()
                && pairs().all(|(one, other)| one.0 == other.0 && one.1.is_identical_to(&other.1))
        };
        Self(STORED.get(&entries, is_meant, || entries.as_slice().into()))
    }

    /// The shared value of an attribute; `None` if it is absent.
    pub fn shared_value(&self, name: &str) -> Option<&SharedValue> {
        let place = self.0.binary_search_by(|(other, _)| other.as_str().cmp(name)).ok()?;
        self.0.get(place).map(|(_, value)| value)
    }

    /// Whether the attribute is present, with any value.
    pub fn has(&self, name: &str) -> bool {
        self.shared_value(name).is_some()
    }

    /// The value of an attribute; `None` if it is absent.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.shared_value(name).map(|value| &**value)
    }

    /// The value of an attribute, if it is a string.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    /// The template's title; `None` if it has none.
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

    /// The number of attributes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no attributes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The attributes as a JSON object.
    pub fn to_value(&self) -> Value {
        Value::Object(self.to_map())
    }

    /// A copy of the attributes as the members of a JSON object.
    pub fn to_map(&self) -> Map<String, Value> {
        self.iter().map(|(name, value)| (name.to_owned(), value.clone())).collect()
    }

    /// Every attribute with its shared value, sorted by name.
    pub fn shared(&self) -> impl Iterator<Item = (&AttributeName, &SharedValue)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// These attributes with one value replaced or added.
    #[must_use]
    pub fn with(&self, name: &str, value: Value) -> Self {
        self.with_shared(name, SharedValue::new(name, value))
    }

    /// These attributes with one shared value replaced or added.
    #[must_use]
    pub fn with_shared(&self, name: &str, value: SharedValue) -> Self {
        self.0.iter().cloned().chain([(AttributeName::new(name), value)]).collect()
    }

    /// The attributes whose names are accepted.
    #[must_use]
    pub fn only(&self, is_accepted: impl Fn(&str) -> bool) -> Self {
        self.0.iter().filter(|(name, _)| is_accepted(name.as_str())).cloned().collect()
    }

    /// How many bytes its long values take that nothing else has.
    pub fn own_bytes(&self) -> usize {
        self.0.iter().map(|(_, value)| value.own_bytes()).sum()
    }

    /// The SHA-256 of the canonical JSON, as the state file holds it.
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

/// Rejects values that are nested too deeply to be read back from a state.
impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AttributesVisitor;

        impl<'de> Visitor<'de> for AttributesVisitor {
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

        deserializer.deserialize_map(AttributesVisitor)
    }
}

impl FromIterator<(String, Value)> for Attributes {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(members: I) -> Self {
        let shared = |(name, value): (String, Value)| -> AttributeEntry {
            let value = SharedValue::new(&name, value);
            (AttributeName::new(&name), value)
        };
        members.into_iter().map(shared).collect()
    }
}

impl<'n> FromIterator<(&'n str, Value)> for Attributes {
    fn from_iter<I: IntoIterator<Item = (&'n str, Value)>>(members: I) -> Self {
        let shared = |(name, value)| (AttributeName::new(name), SharedValue::new(name, value));
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
impl schemars::JsonSchema for Attributes {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Attributes".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "object", "description": "All fields of the template under the vendor's names." })
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

    /// Fails without sorting if the tests run with `--features serde_json/preserve_order`.
    #[test]
    fn names_are_sorted_at_every_level() {
        let text = r#"{"title": "T", "labels": [{"y": 1, "x": {"b": 1, "a": 2}}], "asset": null}"#;
        let some: Attributes = serde_json::from_str(text).unwrap();
        assert_eq!(some.names().collect::<Vec<_>>(), ["asset", "labels", "title"]);
        let label = some.get("labels").unwrap()[0].to_string();
        assert_eq!(label, r#"{"x":{"a":2,"b":1},"y":1}"#);
    }

    #[test]
    fn order_of_labels_does_not_matter() {
        let one = attributes(json!({"labels": [{"certificateFieldId": "b"}, {"certificateFieldId": "a"}]}));
        let other = attributes(json!({"labels": [{"certificateFieldId": "a"}, {"certificateFieldId": "b"}]}));
        assert_eq!(one, other);
        assert_eq!(one.digest(), other.digest());
    }

    #[test]
    fn last_of_duplicate_names_counts() {
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
    fn sign_of_zero_is_kept() {
        let (one, other) = (attributes(json!({"x": 0.0})), attributes(json!({"x": -0.0})));
        assert_ne!(one.digest(), other.digest());
    }

    #[test]
    fn too_deep_values_are_rejected() {
        let deep = format!("{{\"x\":{}{}}}", "[".repeat(101), "]".repeat(101));
        let refused = serde_json::from_str::<Attributes>(&deep).unwrap_err();
        assert!(refused.to_string().starts_with("x is nested too deeply"), "{refused}");
        assert!(serde_json::from_str::<Attributes>(&deep.replace("[]", "")).is_ok());
    }

    #[test]
    fn digest_is_that_of_canonical_json() {
        let some = attributes(
            json!({"title": "Cloud \"101\"", "expirationDays": 365, "extra": {"z": 1, "a": [1.5]}}),
        );
        assert_eq!(some.digest(), Digest::of(canonical_json(&some.to_value()).as_bytes()));
    }
}
