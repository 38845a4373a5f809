//! Equal values, stored once. An estate has one style sheet on ten thousand templates, in the configuration, the plan and
//! the state; a copy for each would be gigabytes.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher as _;
use std::ops::Deref;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};

use serde_json::{Map, Value};

use super::Attributes;

/// A list is looked up from so many entries on.
const MANY: usize = 4;

/// The value of an attribute: never changed in place, its members in the order of their names, labels in the order of
/// their fields.
#[derive(Clone, PartialEq)]
pub struct SharedValue(Arc<Value>);

impl SharedValue {
    /// A text is stored once from so many bytes on.
    pub const LONG: usize = 1 << 10;

    /// The value of the attribute of this name. A large one that is there already is not stored again.
    pub fn new(name: &str, mut value: Value) -> Self {
        if name == Attributes::LABELS
            && let Value::Array(labels) = &mut value
        {
            labels.sort_by(|a, b| label_field(a).cmp(&label_field(b)));
        }
        sort_inside(&mut value);
        let is_large = match &value {
            Value::String(text) => text.len() >= Self::LONG,
            Value::Array(items) => items.len() >= MANY,
            _ => false,
        };
        Self(if is_large { stored_once(value) } else { Arc::new(value) })
    }

    /// Whether both are one value in memory.
    pub fn is_stored_with(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Deref for SharedValue {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.0
    }
}

impl fmt::Debug for SharedValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn label_field(label: &Value) -> Option<&str> {
    label.get(Attributes::LABEL_FIELD).and_then(Value::as_str)
}

/// Puts members in the order of their names at every level. `serde_json`'s map has them so, unless a crate of the build
/// has switched its `preserve_order` on.
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

/// What is stored, by hash: as long as somebody holds it.
#[derive(Default)]
struct Store {
    values: HashMap<u64, Vec<Weak<Value>>>,
    /// With so many entries, those that nobody holds any more are swept out.
    sweep_at: usize,
}

/// Several, so that threads seldom wait for each other.
const STORES: usize = 16;
static STORED: LazyLock<[Mutex<Store>; STORES]> = LazyLock::new(Default::default);
static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);

fn stored_once(value: Value) -> Arc<Value> {
    let hash = HASHER.hash_one(&value);
    let place = usize::try_from(hash % STORES as u64).unwrap_or_default();
    // Nothing is half done where a thread could have died: what is there can be used.
    let mut store = STORED[place].lock().unwrap_or_else(PoisonError::into_inner);
    let alike = store.values.entry(hash).or_default();
    if let Some(known) = alike.iter().filter_map(Weak::upgrade).find(|known| **known == value) {
        return known;
    }
    let value = Arc::new(value);
    alike.push(Arc::downgrade(&value));
    if store.values.len() >= store.sweep_at.max(1 << 10) {
        store.values.retain(|_, alike| {
            alike.retain(|value| value.strong_count() > 0);
            !alike.is_empty()
        });
        store.sweep_at = store.values.len() * 2;
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn long(text: &str) -> Value {
        Value::from(text.repeat(SharedValue::LONG))
    }

    #[test]
    fn large_values_are_stored_once() {
        let one = SharedValue::new("customCss", long("a"));
        assert!(one.is_stored_with(&SharedValue::new("other", long("a"))));
        assert!(!one.is_stored_with(&SharedValue::new("customCss", long("b"))));
        let labels = json!([{"certificateFieldId": "b"}, {"certificateFieldId": "a"}, 1, 2]);
        let sorted = json!([1, 2, {"certificateFieldId": "a"}, {"certificateFieldId": "b"}]);
        assert!(
            SharedValue::new("labels", labels.clone()).is_stored_with(&SharedValue::new("labels", sorted))
        );
        assert_eq!(*SharedValue::new("other", labels.clone()), labels);
    }

    #[test]
    fn what_nobody_holds_is_swept_out() {
        let count = || -> usize { STORED.iter().map(|store| store.lock().unwrap().values.len()).sum() };
        for number in 0..100_000 {
            drop(SharedValue::new("x", json!([number, 2, 3, 4])));
        }
        assert!(count() < 50_000, "{}", count());
    }
}
