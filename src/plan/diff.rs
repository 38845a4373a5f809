//! Compares two sets of attributes, and applies the differences. Pure.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::model::Attributes;

/// One difference.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Change {
    /// The new value; `None` if it is removed.
    pub after: Option<Value>,
    /// The old value; `None` if it is added.
    pub before: Option<Value>,
    /// The place of the difference.
    #[cfg_attr(test, schemars(with = "String"))]
    pub path: Path,
}

/// The place of a difference. Labels are identified by their certificate field, never by their position.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Path {
    /// A whole attribute.
    Attribute(String),
    /// A whole label, added or removed.
    Label {
        /// The label's certificateFieldId.
        field: String,
    },
    /// One member of a label.
    LabelMember {
        /// The label's certificateFieldId.
        field: String,
        /// The name of the member.
        member: String,
    },
}

impl Path {
    /// Returns the attribute that contains the difference.
    pub fn attribute(&self) -> &str {
        match self {
            Self::Attribute(name) => name,
            Self::Label { .. } | Self::LabelMember { .. } => Attributes::LABELS,
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attribute(name) => f.write_str(name),
            Self::Label { field } => write!(f, "labels[{field}]"),
            Self::LabelMember { field, member } => write!(f, "labels[{field}].{member}"),
        }
    }
}

impl Serialize for Path {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Returns every difference, sorted by path. Ids that differ only in case are equal.
pub fn diff(before: &Attributes, after: &Attributes) -> Vec<Change> {
    let (before, after) = (before.with_lower_ids(), after.with_lower_ids());
    let mut changes = Vec::new();
    for name in names(&before, &after) {
        match (before.get(name), after.get(name)) {
            (old, new) if old == new => {}
            (Some(old), Some(new)) if name == Attributes::LABELS => diff_labels(old, new, &mut changes),
            (old, new) => changes.push(Change {
                path: Path::Attribute(name.to_owned()),
                before: old.cloned(),
                after: new.cloned(),
            }),
        }
    }
    changes
}

/// Returns the names of both sets, sorted, each once.
fn names<'a>(before: &'a Attributes, after: &'a Attributes) -> impl Iterator<Item = &'a str> {
    let all: std::collections::BTreeSet<&str> = before.names().chain(after.names()).collect();
    all.into_iter()
}

fn diff_labels(old: &Value, new: &Value, changes: &mut Vec<Change>) {
    let (Some(before), Some(after)) = (by_field(old), by_field(new)) else {
        // These are not labels as the vendor describes them; they are shown and sent as one value.
        changes.push(Change {
            path: Path::Attribute(Attributes::LABELS.to_owned()),
            before: Some(old.clone()),
            after: Some(new.clone()),
        });
        return;
    };
    let fields: std::collections::BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
    for field in fields {
        match (before.get(field), after.get(field)) {
            (Some(old), Some(new)) => diff_label(field, old, new, changes),
            (old, new) => changes.push(Change {
                path: Path::Label { field: field.to_owned() },
                before: old.map(|label| Value::Object((*label).clone())),
                after: new.map(|label| Value::Object((*label).clone())),
            }),
        }
    }
}

fn diff_label(field: &str, old: &Map<String, Value>, new: &Map<String, Value>, changes: &mut Vec<Change>) {
    let members: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for member in members {
        let (before, after) = (old.get(member), new.get(member));
        if before != after {
            changes.push(Change {
                path: Path::LabelMember { field: field.to_owned(), member: member.clone() },
                before: before.cloned(),
                after: after.cloned(),
            });
        }
    }
}

/// Indexes labels by their field; `None` if a label has no field or two have the same.
fn by_field(labels: &Value) -> Option<BTreeMap<&str, &Map<String, Value>>> {
    let mut fields = BTreeMap::new();
    for label in labels.as_array()? {
        let label = label.as_object()?;
        let field = label.get(Attributes::LABEL_FIELD)?.as_str()?;
        if fields.insert(field, label).is_some() {
            return None;
        }
    }
    Some(fields)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    /// Applies changes to the attributes that they were computed for: `patch(before, diff(before, after))` equals `after`,
    /// with every id in lower case.
    fn patch(before: &Attributes, changes: &[Change]) -> Attributes {
        let mut map = before.with_lower_ids().to_map();
        for Change { path, after, .. } in changes {
            match path {
                Path::Attribute(name) => set(&mut map, name, after.as_ref()),
                Path::Label { field } => patch_label(&mut map, field, after.as_ref()),
                Path::LabelMember { field, member } => {
                    if let Some(Value::Object(label)) = find_label(&mut map, field) {
                        set(label, member, after.as_ref());
                    }
                }
            }
        }
        Attributes::from(map)
    }

    fn set(map: &mut Map<String, Value>, name: &str, value: Option<&Value>) {
        match value {
            Some(value) => drop(map.insert(name.to_owned(), value.clone())),
            None => drop(map.remove(name)),
        }
    }

    fn is_label_of(label: &Value, field: &str) -> bool {
        label.get(Attributes::LABEL_FIELD).and_then(Value::as_str) == Some(field)
    }

    fn find_label<'a>(map: &'a mut Map<String, Value>, field: &str) -> Option<&'a mut Value> {
        map.get_mut(Attributes::LABELS)?.as_array_mut()?.iter_mut().find(|label| is_label_of(label, field))
    }

    fn patch_label(map: &mut Map<String, Value>, field: &str, label: Option<&Value>) {
        if let Some(Value::Array(labels)) = map.get_mut(Attributes::LABELS) {
            labels.retain(|other| !is_label_of(other, field));
            labels.extend(label.cloned());
        }
    }

    fn attributes(value: Value) -> Attributes {
        serde_json::from_value(value).unwrap()
    }

    fn any_label() -> impl Strategy<Value = Value> {
        ("[a-d]", prop::option::of(0..3), prop::option::of("[a-c]")).prop_map(|(field, x, colour)| {
            let mut label = json!({ "certificateFieldId": field });
            if let Some(x) = x {
                label["x"] = json!(x);
            }
            if let Some(colour) = colour {
                label["fontColor"] = json!(colour);
            }
            label
        })
    }

    fn any_attributes() -> impl Strategy<Value = Attributes> {
        let plain = prop::collection::btree_map(
            "[a-d]",
            prop_oneof![Just(Value::Null), (0..3).prop_map(Value::from), "[a-c]".prop_map(Value::from)],
            0..4,
        );
        (plain, prop::option::of(prop::collection::vec(any_label(), 0..5))).prop_map(|(plain, labels)| {
            plain.into_iter().chain(labels.map(|labels| ("labels".to_owned(), Value::from(labels)))).collect()
        })
    }

    #[test]
    fn labels_are_matched_by_field() {
        let before = attributes(json!({"labels": [
            {"certificateFieldId": "a", "x": 1}, {"certificateFieldId": "b", "x": 2}]}));
        let after = attributes(json!({"labels": [
            {"certificateFieldId": "c", "x": 3}, {"certificateFieldId": "b", "x": 9}]}));
        let paths: Vec<_> = diff(&before, &after).iter().map(|change| change.path.to_string()).collect();
        assert_eq!(paths, ["labels[a]", "labels[b].x", "labels[c]"]);
    }

    proptest! {
        #[test]
        fn diff_then_patch_gives_the_target(before in any_attributes(), after in any_attributes()) {
            let changes = diff(&before, &after);
            prop_assert_eq!(patch(&before, &changes), after.clone());
            prop_assert_eq!(changes.is_empty(), before == after);
        }
    }
}
