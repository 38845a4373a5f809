//! What a label must be (vendor-api.md section 4).

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::check::FieldForm;

const FIELDS: [(&str, FieldForm); 6] = [
    ("certificateFieldId", FieldForm::Uuid),
    ("x", FieldForm::Whole(i64::MIN)),
    ("y", FieldForm::Whole(i64::MIN)),
    ("fontSize", FieldForm::Whole(5)),
    ("fontColor", FieldForm::Colour),
    ("textAlign", FieldForm::OneOf(&["left", "center"])),
];

/// The fields of a label.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FIELDS.iter().map(|(name, _)| *name)
}

/// Everything that is wrong with a template's labels.
pub(super) fn problems(labels: &Value) -> Vec<String> {
    let Some(labels) = labels.as_array() else {
        return vec!["labels must be a list".to_owned()];
    };
    let mut problems = Vec::new();
    let mut seen = HashSet::new();
    for (position, label) in labels.iter().enumerate() {
        let Some(label) = label.as_object() else {
            problems.push(format!("labels[{position}] must be an object"));
            continue;
        };
        problems.extend(label_problems(position, label));
        let field = label.get("certificateFieldId").and_then(Value::as_str).map(str::to_ascii_lowercase);
        if let Some(field) = field.filter(|field| !seen.insert(field.clone())) {
            problems.push(format!("labels[{position}]: the certificate field {field} has a label already"));
        }
    }
    problems
}

fn label_problems(position: usize, label: &Map<String, Value>) -> Vec<String> {
    let mut problems = Vec::new();
    for (name, form) in FIELDS {
        match label.get(name) {
            Some(value) if !value.is_null() => {
                problems.extend(form.problem(&format!("labels[{position}].{name}"), value));
            }
            _ if name == "certificateFieldId" => {
                problems.push(format!("labels[{position}].certificateFieldId is required"));
            }
            _ => {}
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const FIELD: &str = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f03";

    #[test]
    fn each_rule_refuses_what_breaks_it() {
        assert_eq!(problems(&json!([{ "certificateFieldId": FIELD, "unknown": 1 }])), Vec::<String>::new());
        for (wrong, words) in [
            (json!([1]), "must be an object"),
            (json!([{}]), "certificateFieldId is required"),
            (json!([{ "certificateFieldId": "a" }]), "must be a UUID"),
            (json!([{ "certificateFieldId": FIELD, "x": 1.5 }]), "labels[0].x must be an integer"),
            (json!([{ "certificateFieldId": FIELD, "y": "1" }]), "labels[0].y must be an integer"),
            (json!([{ "certificateFieldId": FIELD, "fontSize": 4 }]), "at least 5"),
            (json!([{ "certificateFieldId": FIELD, "fontColor": "000000" }]), "begins with #"),
            (json!([{ "certificateFieldId": FIELD, "fontColor": "#12" }]), "begins with #"),
            (json!([{ "certificateFieldId": FIELD, "textAlign": "right" }]), "left, center"),
            (
                json!([{ "certificateFieldId": FIELD }, { "certificateFieldId": FIELD.to_uppercase() }]),
                "already",
            ),
        ] {
            let found = problems(&wrong);
            assert!(found.len() == 1 && found[0].contains(words), "{wrong}: {found:?}");
        }
    }
}
