//! The changes of one template, as a reviewer reads them. Every format prints the result.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::lines::{TextChange, compare};
use super::{ChangedPiece, ChangedValue, Hunk, LabelChange, TextSize, label, unseen, words};
use crate::model::CertificateField;
use crate::plan::{Change, Path};

/// One change.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribedChange {
    /// The subject: `title`, `label learner name` if the certificate field has a name, else `labels[FIELD-ID]`.
    pub path: String,
    /// The id of a label's certificate field, if `path` does not have it.
    pub field: Option<String>,
    /// What to know before reading it: why the difference is invisible, or why it is not shown. A phrase.
    pub note: Option<String>,
    /// Whether the difference is invisible: differing characters are shown as code points.
    pub is_unseen: bool,
    /// The change.
    pub kind: ChangeKind,
}

/// The kinds of changes.
#[derive(Clone, Debug, PartialEq)]
pub enum ChangeKind {
    /// Lines of a long text.
    Lines(Vec<Hunk>),
    /// A long text with too many differences to show.
    Sizes {
        /// The old text.
        before: TextSize,
        /// The new text.
        after: TextSize,
    },
    /// Only the line ends of a long text: the note says which.
    LineEnds,
    /// A change of a short text.
    Words {
        /// The old text.
        before: Vec<ChangedPiece>,
        /// The new text.
        after: Vec<ChangedPiece>,
    },
    /// Any other value that is changed, added or removed.
    Value(ChangedValue),
    /// A value that is set without knowing the one on the server.
    NotKnown {
        /// What is said in place of the value on the server.
        before: &'static str,
        /// The new value.
        after: Value,
    },
    /// A label that is changed, added or removed.
    Label(LabelChange),
}

/// A text with this many bytes, or with a line break, is long.
const LONG: usize = 400;

/// The changes in order; those of one label are combined under the display name of its certificate field. `unknown` are
/// attributes whose values on the server are not known. `fields` are the known certificate fields, by id in lower case.
pub(in crate::view) fn describe(
    changes: &[Change],
    unknown: &BTreeSet<String>,
    fields: &BTreeMap<String, CertificateField>,
) -> Vec<DescribedChange> {
    let mut labels = label::gather(changes).into_iter().peekable();
    let mut described = Vec::new();
    for change in changes {
        match &change.path {
            Path::Attribute(name) => described.push(match &change.after {
                Some(after) if unknown.contains(name) => {
                    let kind = ChangeKind::NotKnown { before: "not known", after: after.clone() };
                    DescribedChange::new(name, None, kind)
                }
                _ => attribute(name, change),
            }),
            // The label is listed where its first member is.
            Path::Label { field } | Path::LabelMember { field, .. } => {
                if let Some(label) = labels.next_if(|label| label.field == *field) {
                    let path = label_path(field, fields);
                    let field = (!path.contains(field.as_str())).then(|| field.clone());
                    let kind = ChangeKind::Label(label);
                    described.push(DescribedChange { field, ..DescribedChange::new(&path, None, kind) });
                }
            }
        }
    }
    described
}

impl DescribedChange {
    fn new(path: &str, note: Option<&str>, kind: ChangeKind) -> Self {
        Self { path: path.to_owned(), field: None, note: note.map(str::to_owned), is_unseen: false, kind }
    }

    /// Explains a difference that is invisible.
    fn explained(self, unseen: Option<String>) -> Self {
        Self { is_unseen: unseen.is_some(), note: unseen.or(self.note), ..self }
    }
}

fn label_path(id: &str, fields: &BTreeMap<String, CertificateField>) -> String {
    let known = fields.get(id).or_else(|| fields.get(&id.to_lowercase()));
    let name = known.and_then(|field| field.name.as_deref()).filter(|name| !name.is_empty());
    name.map_or_else(|| format!("labels[{id}]"), |name| format!("label {name}"))
}

fn attribute(name: &str, change: &Change) -> DescribedChange {
    let value = || ChangedValue::of(name, change);
    match (&change.before, &change.after) {
        (Some(Value::String(before)), Some(Value::String(after))) => match value() {
            value if value.meaning.is_some() => DescribedChange::new(name, None, ChangeKind::Value(value)),
            _ => text(name, before, after),
        },
        // A URL added to ten others is one line.
        (
            Some(before @ (Value::Array(_) | Value::Object(_))),
            Some(after @ (Value::Array(_) | Value::Object(_))),
        ) => lines(name, &one_per_line(before), &one_per_line(after)),
        _ => DescribedChange::new(name, None, ChangeKind::Value(value())),
    }
}

fn text(name: &str, before: &str, after: &str) -> DescribedChange {
    if [before, after].iter().any(|text| text.len() > LONG || text.trim_end().contains('\n')) {
        return lines(name, before, after);
    }
    let (before, after) = words(before, after);
    let unseen = unseen::in_words(&before, &after);
    DescribedChange::new(name, None, ChangeKind::Words { before, after }).explained(unseen)
}

fn lines(name: &str, before: &str, after: &str) -> DescribedChange {
    match compare(before, after, name == "customCss") {
        TextChange::LineEnds { before, after } => {
            let note = format!("only the line ends change: {before} → {after}");
            DescribedChange::new(name, Some(&note), ChangeKind::LineEnds)
        }
        TextChange::Elided { before, after } => {
            DescribedChange::new(name, Some("too much to show"), ChangeKind::Sizes { before, after })
        }
        TextChange::Lines { hunks, reflowed } => {
            let unseen = unseen::in_lines(&hunks);
            let note = reflowed.then_some("one long line, broken at its rules to be read");
            DescribedChange::new(name, note, ChangeKind::Lines(hunks)).explained(unseen)
        }
    }
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
        let shown = describe(&diff(&before, &after), &BTreeSet::new(), &BTreeMap::new());
        let paths: Vec<&str> = shown.iter().map(|shown| shown.path.as_str()).collect();
        assert_eq!(paths, ["asset", "customCss", "expirationDays", "labels[f]", "title"]);
        assert!(matches!(&shown[1].kind, ChangeKind::Lines(_)));
        assert!(matches!(&shown[3].kind, ChangeKind::Label(label) if label.members.len() == 2));
        assert!(matches!(&shown[4].kind, ChangeKind::Words { .. }));
    }

    #[test]
    fn list_items_are_lines_and_dates_have_meanings() {
        let of = |count: usize, date: &str| {
            let urls: Vec<String> = (0..count).map(|number| format!("https://a.example/{number}")).collect();
            serde_json::from_value(json!({"supplementalAssets": urls, "expirationDate": date})).unwrap()
        };
        let shown =
            describe(&diff(&of(5, "2026-01-31"), &of(6, "2026-03-01")), &BTreeSet::new(), &BTreeMap::new());
        assert!(
            matches!(&shown[0].kind, ChangeKind::Value(ChangedValue { meaning: Some(meaning), .. }) if meaning == "1 month, 1 day later"),
            "{shown:?}"
        );
        assert!(matches!(&shown[1].kind, ChangeKind::Lines(hunks) if hunks.len() == 1));
    }

    #[test]
    fn a_label_has_its_fields_name() {
        let of = |x: i64| {
            serde_json::from_value(json!({"labels": [{"certificateFieldId": "AB", "x": x}]})).unwrap()
        };
        let path = |name: Option<&str>| {
            let field = CertificateField { name: name.map(str::to_owned), prints: None };
            let fields = BTreeMap::from([("ab".to_owned(), field)]);
            describe(&diff(&of(1), &of(2)), &BTreeSet::new(), &fields).remove(0).path
        };
        assert_eq!(path(Some("learner name")), "label learner name");
        assert_eq!(path(None), "labels[AB]");
    }
}
