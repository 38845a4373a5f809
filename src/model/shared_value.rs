//! Equal values, stored once. Ten thousand templates may have the same style sheet, in the configuration, the plan and the
//! state; separate copies would take gigabytes.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::json_text::push_value;
use super::stored_once::StoredOnce;
use super::{Attributes, is_too_deep};

/// The immutable value of an attribute, with members sorted by name and labels sorted by field.
#[derive(Clone)]
pub struct SharedValue(ValueForm);

#[derive(Clone)]
enum ValueForm {
    /// A small value, mostly stored separately.
    Small(Arc<Value>),
    /// A long text, a list or an object, stored once.
    Once(Arc<Stored>),
}

/// A value that is stored once. A list or an object is kept as canonical JSON and parsed only when its contents are
/// needed: maps for its labels would take six times the memory, and most values are only compared. A text is kept as it
/// is, and its JSON is added when needed. At least one of the two is always set.
#[derive(Default)]
struct Stored {
    json: OnceLock<Box<str>>,
    value: OnceLock<Value>,
}

static COMMON: StoredOnce<Value> = StoredOnce::new();
static TEXTS: StoredOnce<Stored> = StoredOnce::new();
static COMPOUNDS: StoredOnce<Stored> = StoredOnce::new();

impl SharedValue {
    /// Texts from this length on, in bytes, also keep their JSON.
    pub const LONG: usize = 1 << 10;
    /// Texts from this length on, in bytes, are stored once; a shorter one takes less memory than the index entry.
    const WORTH_SHARING: usize = 40;

    /// The value of the attribute with this name. An equal value that exists already is shared.
    pub fn new(name: &str, mut value: Value) -> Self {
        if name == Attributes::LABELS
            && let Value::Array(labels) = &mut value
        {
            labels.sort_by(|a, b| label_field(a).cmp(&label_field(b)));
        }
        sort_inside(&mut value);
        match value {
            Value::String(text) if text.len() >= Self::WORTH_SHARING => Self::of_text(&text),
            // A deeper value could not be parsed back from its JSON.
            Value::Array(_) | Value::Object(_) if !is_too_deep(&value) => {
                Self::of_canonical(&json_of(&value))
            }
            value => Self::of_small(value),
        }
    }

    /// A word, a whole number, true or false of one template is that of many others, and is stored once as well.
    fn of_small(value: Value) -> Self {
        let is_common = match &value {
            Value::String(text) => text.bytes().all(|byte| byte.is_ascii_alphabetic()),
            Value::Number(number) => !number.is_f64(),
            Value::Null | Value::Bool(_) => true,
            Value::Array(_) | Value::Object(_) => false,
        };
        Self(ValueForm::Small(if is_common {
            COMMON.get(&value, |known| *known == value, || Arc::new(value.clone()))
        } else {
            Arc::new(value)
        }))
    }

    /// The value of a text.
    pub(super) fn of_text(text: &str) -> Self {
        if text.len() < Self::WORTH_SHARING {
            return Self::of_small(Value::from(text));
        }
        let is_meant = |known: &Stored| known.value().as_str() == Some(text);
        Self(ValueForm::Once(TEXTS.get(text, is_meant, || {
            Arc::new(Stored { value: OnceLock::from(Value::from(text)), ..Stored::default() })
        })))
    }

    /// The value of a list or an object from its canonical JSON, with labels sorted by field.
    pub(super) fn of_canonical(json: &str) -> Self {
        let is_meant = |known: &Stored| known.json.get().is_some_and(|known| **known == *json);
        Self(ValueForm::Once(COMPOUNDS.get(json, is_meant, || {
            Arc::new(Stored { json: OnceLock::from(Box::from(json)), ..Stored::default() })
        })))
    }

    /// The value of a list from the canonical JSON of its items; labels are sorted by field.
    pub fn of_items<'j>(items: impl Iterator<Item = &'j str>) -> Self {
        let mut json = String::with_capacity(1 << 10);
        for item in items {
            json.push(if json.is_empty() { '[' } else { ',' });
            json.push_str(item);
        }
        json.push_str(if json.is_empty() { "[]" } else { "]" });
        Self::of_canonical(&json)
    }

    /// Whether both share one allocation.
    pub fn is_stored_with(&self, other: &Self) -> bool {
        self.address() == other.address()
    }

    /// How many bytes of a value that is stored once no other one shares; 0 for a small value.
    pub(super) fn own_bytes(&self) -> usize {
        match &self.0 {
            ValueForm::Once(stored) if Arc::strong_count(stored) == 1 => {
                let text = stored.value.get().and_then(Value::as_str);
                stored.json.get().map_or(0, |json| json.len()) + text.map_or(0, str::len)
            }
            ValueForm::Once(_) | ValueForm::Small(_) => 0,
        }
    }

    /// The address in memory; equal values that are stored once have the same one.
    pub fn address(&self) -> *const () {
        match &self.0 {
            ValueForm::Small(value) => Arc::as_ptr(value).cast(),
            ValueForm::Once(stored) => Arc::as_ptr(stored).cast(),
        }
    }

    /// Whether both are equal, including the sign of a zero.
    pub(super) fn is_identical_to(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (ValueForm::Small(one), ValueForm::Small(other)) => match (&**one, &**other) {
                (Value::Number(one), Value::Number(other)) => one.to_string() == other.to_string(),
                (one, other) => one == other,
            },
            _ => self.is_stored_with(other),
        }
    }

    /// Reads the value as another type without keeping what is parsed. `None` if it has another form.
    pub fn read<'v, T: Deserialize<'v>>(&'v self) -> Option<T> {
        match &self.0 {
            ValueForm::Once(stored) => match stored.json.get() {
                Some(json) => serde_json::from_str(json).ok(),
                None => T::deserialize(stored.value()).ok(),
            },
            ValueForm::Small(value) => T::deserialize(&**value).ok(),
        }
    }

    /// The value, without keeping what has to be parsed for it.
    pub fn peek(&self) -> Cow<'_, Value> {
        match &self.0 {
            ValueForm::Once(stored) if stored.value.get().is_none() => Cow::Owned(stored.parsed()),
            ValueForm::Once(_) | ValueForm::Small(_) => Cow::Borrowed(&**self),
        }
    }

    /// The value, if it is small.
    pub fn small(&self) -> Option<&Value> {
        match &self.0 {
            ValueForm::Small(value) => Some(value),
            ValueForm::Once(_) => None,
        }
    }

    /// Whether it is a list without items.
    pub fn is_empty_list(&self) -> bool {
        match &self.0 {
            ValueForm::Small(value) => value.as_array().is_some_and(Vec::is_empty),
            ValueForm::Once(stored) => stored.json.get().is_some_and(|json| &**json == "[]"),
        }
    }

    /// Appends the canonical JSON to `text`.
    pub(super) fn push_json(&self, text: &mut String) {
        match &self.0 {
            ValueForm::Small(value) => push_value(text, value),
            ValueForm::Once(stored) => stored.push_json(text),
        }
    }
}

impl Stored {
    fn value(&self) -> &Value {
        self.value.get_or_init(|| self.parsed())
    }

    fn parsed(&self) -> Value {
        let json = self.json.get().map_or("null", |json| &**json);
        // The JSON comes from this program and is not nested too deeply, so it can be parsed.
        serde_json::from_str(json).unwrap_or_default()
    }

    fn push_json(&self, text: &mut String) {
        if let Some(json) = self.json.get() {
            return text.push_str(json);
        }
        let value = self.value();
        // Many templates share such a long text, and each needs its JSON.
        if value.as_str().is_some_and(|value| value.len() >= SharedValue::LONG) {
            text.push_str(self.json.get_or_init(|| json_of(value).into()));
        } else {
            push_value(text, value);
        }
    }
}

/// The JSON of a value with sorted members.
fn json_of(value: &Value) -> String {
    let mut json = String::with_capacity(1 << 10);
    push_value(&mut json, value);
    json
}

impl Deref for SharedValue {
    type Target = Value;

    fn deref(&self) -> &Value {
        match &self.0 {
            ValueForm::Small(value) => value,
            ValueForm::Once(stored) => stored.value(),
        }
    }
}

impl PartialEq for SharedValue {
    fn eq(&self, other: &Self) -> bool {
        self.is_stored_with(other) || **self == **other
    }
}

/// A value that is kept as JSON is written without being parsed.
impl Serialize for SharedValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let json = match &self.0 {
            ValueForm::Once(stored) => stored.json.get(),
            ValueForm::Small(_) => None,
        };
        match json.and_then(|json| serde_json::from_str::<&RawValue>(json).ok()) {
            Some(json) => json.serialize(serializer),
            None => (**self).serialize(serializer),
        }
    }
}

/// Those that are identical have one hash.
impl Hash for SharedValue {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.0 {
            ValueForm::Small(value) => value.hash(state),
            ValueForm::Once(_) => self.address().hash(state),
        }
    }
}

impl fmt::Debug for SharedValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// The certificate field of a label; the attribute has its labels sorted by it.
pub fn label_field(label: &Value) -> Option<&str> {
    label.get(Attributes::LABEL_FIELD).and_then(Value::as_str)
}

/// Sorts members by name at every level. `serde_json`'s map is sorted unless any crate of the build enables its feature
/// `preserve_order`.
fn sort_members(map: &mut Map<String, Value>) {
    map.values_mut().for_each(sort_inside);
    if !map.keys().is_sorted() {
        let mut members: Vec<_> = std::mem::take(map).into_iter().collect();
        members.sort_by(|(a, _), (b, _)| a.cmp(b));
        map.extend(members);
    }
}

fn sort_inside(value: &mut Value) {
    match value {
        Value::Object(members) => sort_members(members),
        Value::Array(items) => items.iter_mut().for_each(sort_inside),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn long(text: &str) -> Value {
        Value::from(text.repeat(SharedValue::LONG))
    }

    fn pushed(value: &SharedValue) -> String {
        let mut text = String::new();
        value.push_json(&mut text);
        text
    }

    #[test]
    fn large_values_are_stored_once() {
        let one = SharedValue::new("customCss", long("a"));
        assert!(one.is_stored_with(&SharedValue::new("other", long("a"))));
        assert!(!one.is_stored_with(&SharedValue::new("customCss", long("b"))));
        let labels = json!([{"certificateFieldId": "b"}, {"certificateFieldId": "a"}, 1, 2]);
        let sorted = json!([1, 2, {"certificateFieldId": "a"}, {"certificateFieldId": "b"}]);
        let stored = SharedValue::new("labels", labels.clone());
        assert!(stored.is_stored_with(&SharedValue::new("labels", sorted)));
        assert_eq!(*SharedValue::new("other", labels.clone()), labels);
    }

    #[test]
    fn every_form_has_its_json() {
        for value in [
            json!(null),
            json!(-0.0),
            json!("a\"\n"),
            long("\"\n"),
            json!("ü".repeat(40)),
            json!([]),
            json!({"b": 1, "a": [true]}),
        ] {
            let shared = SharedValue::new("x", value.clone());
            let expected = crate::model::canonical_json(&value);
            assert_eq!((pushed(&shared), pushed(&shared)), (expected.clone(), expected));
            assert_eq!(*shared, value);
        }
    }

    #[test]
    fn deep_nesting_is_kept() {
        let deep = (0..120).fold(json!(1), |inner, _| json!([inner]));
        assert_eq!(*SharedValue::new("x", deep.clone()), deep);
    }

    #[test]
    fn separate_copies_leave_nothing_behind() {
        let value = SharedValue::new("labels", json!([{"certificateFieldId": "look"}]));
        let read: Vec<std::collections::HashMap<String, String>> = value.read().unwrap();
        assert_eq!(read[0]["certificateFieldId"], "look");
        assert_eq!(value.read::<String>(), None);
        let ValueForm::Once(stored) = &value.0 else { panic!() };
        assert!(stored.value.get().is_none());
    }

    #[test]
    fn zeros_of_both_signs_are_not_identical() {
        let (one, other) = (SharedValue::new("x", json!(0.0)), SharedValue::new("x", json!(-0.0)));
        assert!(one == other && !one.is_identical_to(&other));
        let (one, other) = (SharedValue::new("x", json!([0.0])), SharedValue::new("x", json!([-0.0])));
        assert!(one == other && !one.is_identical_to(&other));
    }
}
