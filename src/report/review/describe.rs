//! The changes of one template, as a reviewer reads them. All formats print the result.

use serde_json::Value;

use super::{ChangedPiece, LabelChange, TextChange, compare, gather, meaning, words};
use crate::plan::{Change, Path};
use crate::report::drawing::Fields;

/// One change.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownText {
    /// The subject: `title`, `label learner name` if the certificate field has a name, else `labels[FIELD-ID]`.
    pub path: String,
    /// The change.
    pub kind: ChangeKind,
}

/// The kinds of changes.
#[derive(Clone, Debug, PartialEq)]
pub enum ChangeKind {
    /// A change of a long text.
    Text(TextChange),
    /// A change of a short text.
    Words {
        /// The old text.
        before: Vec<ChangedPiece>,
        /// The new text.
        after: Vec<ChangedPiece>,
    },
    /// Any other value that is changed, added or removed.
    Value {
        /// The old value; `None` if it is added.
        before: Option<Value>,
        /// The new value; `None` if it is removed.
        after: Option<Value>,
        /// The meaning of the change, in words.
        meaning: Option<String>,
    },
    /// A label that is changed, added or removed.
    Label(LabelChange),
}

/// A text with this many bytes, or with a line break, is long.
const LONG: usize = 400;

/// The changes in order; those of one label are combined under the display name of its certificate field.
pub fn describe(changes: &[Change], fields: &Fields) -> Vec<ShownText> {
    let mut labels = gather(changes).into_iter().peekable();
    let mut shown = Vec::new();
    for change in changes {
        match &change.path {
            Path::Attribute(name) => {
                shown.push(ShownText { path: name.clone(), kind: attribute(name, change) });
            }
            // The label is listed where its first member is.
            Path::Label { field } | Path::LabelMember { field, .. } => {
                if let Some(label) = labels.next_if(|label| label.field == *field) {
                    shown.push(ShownText { path: label_path(field, fields), kind: ChangeKind::Label(label) });
                }
            }
        }
    }
    shown
}

fn label_path(id: &str, fields: &Fields) -> String {
    let known = fields.get(id).or_else(|| fields.get(&id.to_lowercase()));
    let name = known.and_then(|field| field.name.as_deref()).filter(|name| !name.is_empty());
    name.map_or_else(|| format!("labels[{id}]"), |name| format!("label {name}"))
}

fn attribute(name: &str, change: &Change) -> ChangeKind {
    let meaning = meaning::of(name, change.before.as_ref(), change.after.as_ref());
    match (&change.before, &change.after) {
        (Some(Value::String(before)), Some(Value::String(after))) if meaning.is_none() => {
            text(before, after, name == "customCss")
        }
        // A URL added to ten others is one line.
        (
            Some(before @ (Value::Array(_) | Value::Object(_))),
            Some(after @ (Value::Array(_) | Value::Object(_))),
        ) => ChangeKind::Text(compare(&one_per_line(before), &one_per_line(after), false)),
        (before, after) => ChangeKind::Value { before: before.clone(), after: after.clone(), meaning },
    }
}

fn text(before: &str, after: &str, is_css: bool) -> ChangeKind {
    if [before, after].iter().any(|text| text.len() > LONG || text.trim_end().contains('\n')) {
        return ChangeKind::Text(compare(before, after, is_css));
    }
    let (before, after) = words(before, after);
    ChangeKind::Words { before, after }
}

/// A list or a structure as a text, one line for each member.
fn one_per_line(value: &Value) -> String {
    format!("{value:#}\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::CertificateField;
    use crate::plan::diff;

    #[test]
    fn attributes_and_labels_appear_once_in_order() {
        let of = |value| serde_json::from_value(value).unwrap();
        let label = |x: i64, y: i64| json!({"certificateFieldId": "f", "x": x, "y": y});
        let before = of(
            json!({"title": "Old", "customCss": "a\nb\n", "labels": [label(1, 1)], "expirationDays": 365}),
        );
        let after = of(
            json!({"title": "New", "customCss": "a\nc\n", "labels": [label(2, 2)], "asset": "https://a.example"}),
        );
        let shown = describe(&diff(&before, &after), &Fields::new());
        let paths: Vec<&str> = shown.iter().map(|shown| shown.path.as_str()).collect();
        assert_eq!(paths, ["asset", "customCss", "expirationDays", "labels[f]", "title"]);
        assert!(matches!(&shown[1].kind, ChangeKind::Text(TextChange::Lines { .. })));
        assert!(matches!(&shown[3].kind, ChangeKind::Label(label) if label.members.len() == 2));
        assert!(matches!(&shown[4].kind, ChangeKind::Words { .. }));
    }

    #[test]
    fn list_items_are_lines_and_dates_have_meanings() {
        let of = |count: usize, date: &str| {
            let urls: Vec<String> = (0..count).map(|number| format!("https://a.example/{number}")).collect();
            serde_json::from_value(json!({"supplementalAssets": urls, "expirationDate": date})).unwrap()
        };
        let shown = describe(&diff(&of(5, "2026-01-31"), &of(6, "2026-03-01")), &Fields::new());
        assert!(
            matches!(&shown[0].kind, ChangeKind::Value { meaning: Some(meaning), .. } if meaning == "1 month, 1 day later"),
            "{shown:?}"
        );
        assert!(
            matches!(&shown[1].kind, ChangeKind::Text(TextChange::Lines { hunks, .. }) if hunks.len() == 1)
        );
    }

    #[test]
    fn a_label_has_its_fields_name() {
        let of = |x: i64| {
            serde_json::from_value(json!({"labels": [{"certificateFieldId": "AB", "x": x}]})).unwrap()
        };
        let path = |name: Option<&str>| {
            let field = CertificateField { name: name.map(str::to_owned), prints: None };
            let fields = Fields::from([("ab".to_owned(), field)]);
            describe(&diff(&of(1), &of(2)), &fields).remove(0).path
        };
        assert_eq!(path(Some("learner name")), "label learner name");
        assert_eq!(path(None), "labels[AB]");
    }
}
