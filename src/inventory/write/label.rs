//! Label sets: the labels of a template, by certificate field, and the difference between two of them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::model::{Attributes, SharedValue};

/// The labels of a template, by certificate field.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LabelSet(BTreeMap<String, Map<String, Value>>);

/// What turns one label set into another: the members that change, by certificate field.
pub(super) type Adjustment = BTreeMap<String, Map<String, Value>>;

impl LabelSet {
    /// `None` if this is not a list of labels that each have a certificate field of their own.
    pub(super) fn of(value: &SharedValue) -> Option<Self> {
        let mut labels = BTreeMap::new();
        for label in value.as_array()? {
            let mut members = label.as_object()?.clone();
            let Some(Value::String(field)) = members.remove(Attributes::LABEL_FIELD) else { return None };
            if labels.insert(field, members).is_some() {
                return None;
            }
        }
        Some(Self(labels))
    }

    /// The certificate fields, in order.
    pub(super) fn fields(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The labels from top to bottom and left to right, as people read them.
    pub(super) fn as_read(&self) -> Vec<(&str, &Map<String, Value>)> {
        let number = |label: &Map<String, Value>, name: &str| label.get(name).and_then(Value::as_i64);
        let mut labels: Vec<_> = self.0.iter().map(|(field, label)| (field.as_str(), label)).collect();
        labels.sort_by_key(|(_, label)| (number(label, "y"), number(label, "x")));
        labels
    }

    /// Whether so little changes that a person would call the two the same: at most a third of all members.
    pub(super) fn is_nearly(&self, adjustment: &Adjustment) -> bool {
        let members =
            |labels: &BTreeMap<String, Map<String, Value>>| labels.values().map(Map::len).sum::<usize>();
        3 * members(adjustment) <= members(&self.0)
    }

    /// What has to change for these labels to become the others; `None` if that is more than values of labels that both
    /// have.
    pub(super) fn adjustment(&self, other: &Self) -> Option<Adjustment> {
        if !self.0.keys().eq(other.0.keys()) {
            return None;
        }
        let mut adjustment = Adjustment::new();
        for ((field, label), wanted) in self.0.iter().zip(other.0.values()) {
            if label.keys().any(|member| !wanted.contains_key(member)) {
                return None;
            }
            let changed: Map<String, Value> = wanted
                .iter()
                .filter(|(member, value)| label.get(*member) != Some(value))
                .map(|(member, value)| (member.clone(), value.clone()))
                .collect();
            if !changed.is_empty() {
                adjustment.insert(field.clone(), changed);
            }
        }
        Some(adjustment)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(value: Value) -> LabelSet {
        LabelSet::of(&SharedValue::new("labels", value)).unwrap()
    }

    #[test]
    fn adjustments_hold_only_what_changes() {
        let one =
            set(json!([{"certificateFieldId": "a", "x": 1, "y": 2}, {"certificateFieldId": "b", "x": 1}]));
        let other = set(
            json!([{"certificateFieldId": "b", "x": 1}, {"certificateFieldId": "a", "x": 5, "y": 2, "fontSize": 9}]),
        );
        let expected = json!({"a": {"x": 5, "fontSize": 9}});
        assert_eq!(serde_json::to_value(one.adjustment(&other).unwrap()).unwrap(), expected);
        assert_eq!(one.adjustment(&one), Some(Adjustment::new()));
        assert_eq!(other.adjustment(&one), None, "no label loses a member");
        assert_eq!(one.adjustment(&set(json!([{"certificateFieldId": "a", "x": 1, "y": 2}]))), None);
    }

    #[test]
    fn labels_are_read_from_the_top() {
        let set = set(
            json!([{"certificateFieldId": "a", "x": 9, "y": 5}, {"certificateFieldId": "b", "x": 2, "y": 5},
            {"certificateFieldId": "c", "x": 9, "y": 1}]),
        );
        assert_eq!(set.as_read().iter().map(|(field, _)| *field).collect::<Vec<_>>(), ["c", "b", "a"]);
    }
}
