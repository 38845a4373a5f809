//! Combines the changes of a label: moved, restyled, added, removed.

use serde_json::{Map, Value};

use super::meaning;
use crate::plan::{Change, Path};

/// The change of one label.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelChange {
    /// The id of its certificate field.
    pub field: String,
    /// What happened, in words.
    pub what: &'static str,
    /// The sign of that.
    pub sign: char,
    /// The changed members, or all members if it was added or removed.
    pub members: Vec<ChangedValue>,
}

/// A value that is changed, added or removed: of an attribute, or of a member of a label.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangedValue {
    /// The name of the attribute or member.
    pub name: String,
    /// The old value; `None` if it is added.
    pub before: Option<Value>,
    /// The new value; `None` if it is removed.
    pub after: Option<Value>,
    /// The meaning of the change, in words.
    pub meaning: Option<String>,
}

impl ChangedValue {
    pub(super) fn of(name: &str, change: &Change) -> Self {
        let (before, after) = (change.before.clone(), change.after.clone());
        let meaning = meaning::of(name, before.as_ref(), after.as_ref());
        Self { name: name.to_owned(), before, after, meaning }
    }
}

/// The changes of labels, one entry for each label, in the order of the changes.
pub(super) fn gather(changes: &[Change]) -> Vec<LabelChange> {
    let mut labels: Vec<LabelChange> = Vec::new();
    for change in changes {
        match &change.path {
            Path::Attribute(_) => {}
            Path::Label { field } => labels.push(whole(field, change)),
            Path::LabelMember { field, member } => {
                let member = ChangedValue::of(member, change);
                if let Some(label) = labels.iter_mut().find(|label| label.field == *field) {
                    label.members.push(member);
                } else {
                    let (field, members) = (field.clone(), vec![member]);
                    labels.push(LabelChange { field, what: "", sign: '~', members });
                }
            }
        }
    }
    for label in labels.iter_mut().filter(|label| label.what.is_empty()) {
        label.what = what(&label.members);
    }
    labels
}

fn whole(field: &str, change: &Change) -> LabelChange {
    let (what, sign) = if change.before.is_none() { ("added", '+') } else { ("removed", '-') };
    let nothing = Map::new();
    let object =
        |value: &Option<Value>| value.as_ref().and_then(Value::as_object).unwrap_or(&nothing).clone();
    let (before, after) = (object(&change.before), object(&change.after));
    let names = before.keys().chain(after.keys()).filter(|name| *name != "certificateFieldId");
    let member = |name: &String| ChangedValue {
        name: name.clone(),
        before: before.get(name).cloned(),
        after: after.get(name).cloned(),
        meaning: None,
    };
    LabelChange { field: field.to_owned(), what, sign, members: names.map(member).collect() }
}

fn what(members: &[ChangedValue]) -> &'static str {
    let is_place = |member: &ChangedValue| matches!(member.name.as_str(), "x" | "y");
    match (members.iter().any(is_place), members.iter().all(is_place)) {
        (true, true) => "moved",
        (true, false) => "moved and restyled",
        (false, _) => "restyled",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::diff;

    #[test]
    fn each_label_appears_once_with_its_change() {
        let of = |value| serde_json::from_value(json!({ "labels": value })).unwrap();
        let label =
            |field: &str, x: i64, size: i64| json!({"certificateFieldId": field, "x": x, "fontSize": size});
        let before = of(json!([
            label("a", 1, 1),
            label("b", 1, 1),
            label("c", 1, 1),
            label("d", 1, 1),
            label("e", 1, 1)
        ]));
        let after = of(json!([
            label("a", 2, 1),
            label("b", 1, 2),
            label("c", 2, 2),
            label("e", 1, 1),
            label("f", 1, 1)
        ]));
        let gathered: Vec<_> = gather(&diff(&before, &after))
            .into_iter()
            .map(|label| (label.field.clone(), label.what, label.members.len()))
            .collect();
        let expected = [
            ("a", "moved", 1),
            ("b", "restyled", 1),
            ("c", "moved and restyled", 2),
            ("d", "removed", 2),
            ("f", "added", 2),
        ];
        assert_eq!(gathered, expected.map(|(field, what, members)| (field.to_owned(), what, members)));
    }
}
