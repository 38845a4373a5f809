//! Compares a template in an export with what was sent. Pure.

use serde_json::Value;

use super::cell;
use super::extra;
use super::{Observation, Observed};
use crate::model::{Attributes, Field, FieldType, SharedValue, TEMPLATE_FIELDS};

/// The result of comparing an observed template with what was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ExportContents {
    /// The export shows every attribute, and each is what was sent.
    Same,
    /// The attributes shown are what was sent; these are not shown.
    NotShown(Vec<String>),
    /// These attributes differ.
    Other(Vec<Difference>),
}

/// An attribute that differs from what was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The name of the attribute.
    pub attribute: String,
    /// The value in the export; `None` if its cell is empty.
    pub shown: Option<Value>,
}

/// Compares the two. An attribute that was neither sent nor shown is not a difference, because certctl never claims to
/// know it.
pub(super) fn compare(observation: &Observation, found: &Observed, sent: &Attributes) -> ExportContents {
    let (mut other, mut not_shown) = (Vec::new(), Vec::new());
    for Field { name: attribute, value: kind, .. } in TEMPLATE_FIELDS {
        let wanted = sent.shared_value(attribute);
        let shown = found.value(attribute);
        let shown = shown.as_ref();
        if !observation.sees(found, attribute) {
            not_shown.extend(wanted.filter(|value| !is_absent(value)).map(|_| attribute.to_owned()));
        } else if !is_same(kind, shown, wanted) {
            let shown = shown.map(|value| value.peek().into_owned());
            other.push(Difference { attribute: attribute.to_owned(), shown });
        }
    }
    for name in extra::names(sent) {
        let shown = found.extra.get(name);
        if !observation.extra.contains(name) {
            not_shown.push(name.to_owned());
        } else if !extra::is_same(shown, sent.get(name)) {
            other.push(Difference { attribute: name.to_owned(), shown: shown.cloned() });
        }
    }
    match (other.is_empty(), not_shown.is_empty()) {
        (false, _) => ExportContents::Other(other),
        (true, false) => ExportContents::NotShown(not_shown),
        (true, true) => ExportContents::Same,
    }
}

/// Returns whether two values mean the same.
fn is_same(kind: FieldType, one: Option<&SharedValue>, other: Option<&SharedValue>) -> bool {
    if let (Some(one), Some(other)) = (one, other)
        && one.is_stored_with(other)
    {
        return true;
    }
    meaning(kind, one) == meaning(kind, other)
}

fn meaning(kind: FieldType, value: Option<&SharedValue>) -> Option<Value> {
    plain(kind, &value?.peek())
}

/// Returns whether a value counts as absent, whatever its field.
pub(super) fn is_absent(value: &SharedValue) -> bool {
    value.is_empty_list()
        || matches!(value.small(), Some(Value::Null | Value::Bool(false)))
        || value.small().and_then(Value::as_str).is_some_and(str::is_empty)
}

/// Returns whether two titles are equal. Spaces at the ends count, because learners see them and the vendor may too.
pub(super) fn is_title(shown: &str, other: Option<&str>) -> bool {
    other.is_some_and(|other| shown.replace("\r\n", "\n") == other.replace("\r\n", "\n"))
}

/// Normalises a value so that two with the same meaning are equal (contract section 9, "equal"); `None` for a value
/// that counts as absent.
fn plain(kind: FieldType, value: &Value) -> Option<Value> {
    match value {
        Value::Null | Value::Bool(false) => None,
        Value::String(text) if text.is_empty() => None,
        Value::Array(items) if items.is_empty() => None,
        Value::Array(labels) if kind == FieldType::Labels => {
            let mut labels: Vec<Value> = labels.iter().map(plain_label).collect();
            labels.sort_by_key(field_of);
            Some(Value::Array(labels))
        }
        Value::String(text) => Some(Value::String(match kind {
            FieldType::Uuid | FieldType::Colour => text.to_lowercase(),
            FieldType::Date => cell::date("", text).ok().flatten().unwrap_or_else(|| text.clone()),
            _ => text.replace("\r\n", "\n"),
        })),
        other => Some(other.clone()),
    }
}

fn plain_label(label: &Value) -> Value {
    let Value::Object(members) = label else { return label.clone() };
    let plain = |(name, value): (&String, &Value)| {
        let value = match Field::of_label(name) {
            Some(field) => plain(field.value, value)?,
            None => value.clone(),
        };
        Some((name.clone(), value))
    };
    Value::Object(members.iter().filter_map(plain).collect())
}

/// The certificate field of a label, in lower case.
fn field_of(label: &Value) -> Option<String> {
    Some(label.get(Attributes::LABEL_FIELD)?.as_str()?.to_lowercase())
}

/// What the server was seen to hold of a template, spelled as in `known` where the meaning is equal; `None` if that
/// counts as absent.
pub(super) fn spelled_as(
    field: &Field,
    seen: &SharedValue,
    known: Option<&SharedValue>,
) -> Option<SharedValue> {
    if is_absent(seen) {
        return None;
    }
    if let Some(known) = known.filter(|known| known.is_stored_with(seen)) {
        return Some(known.clone());
    }
    let kind = field.value;
    let meaning = plain(kind, &seen.peek())?;
    if let Some(known) = known.filter(|known| plain(kind, &known.peek()).as_ref() == Some(&meaning)) {
        return Some(known.clone());
    }
    let (FieldType::Labels, Value::Array(labels)) = (kind, &meaning) else {
        return Some(SharedValue::new(field.name, meaning));
    };
    let known = known.map(SharedValue::peek);
    let known: Vec<&Value> = known.as_deref().and_then(Value::as_array).into_iter().flatten().collect();
    let spelled = |label: &Value| {
        let same = known.iter().find(|known| plain_label(known) == *label);
        same.map_or_else(|| label.clone(), |same| (*same).clone())
    };
    Some(SharedValue::new(field.name, labels.iter().map(spelled).collect()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn spellings_of_one_value_are_equal() {
        for (kind, one, other) in [
            (FieldType::Boolean, json!(false), json!(null)),
            (FieldType::Text, json!(""), json!(null)),
            (FieldType::UrlList, json!([]), json!(null)),
            (FieldType::Text, json!("a\r\nb"), json!("a\nb")),
            (FieldType::Date, json!("2027-12-31"), json!("2027-12-31T00:00:00Z")),
            (FieldType::Date, json!("2027-12-31T01:00:00+01:00"), json!("2027-12-31")),
            (
                FieldType::Uuid,
                json!("AF14E45F-CEEA-467F-A0E6-6B2D6A6F6F01"),
                json!("af14e45f-ceea-467f-a0e6-6b2d6a6f6f01"),
            ),
            (FieldType::Colour, json!("#AABBCC"), json!("#aabbcc")),
        ] {
            assert_eq!(plain(kind, &one), plain(kind, &other), "{one} {other}");
        }
        for (kind, one, other) in [
            (FieldType::Integer(0), json!(0), json!(null)),
            (FieldType::Text, json!("a "), json!("a")),
            (FieldType::Text, json!("A"), json!("a")),
            (FieldType::Date, json!("2027-12-31T01:00:00Z"), json!("2027-12-31")),
            (FieldType::Boolean, json!(true), json!(null)),
        ] {
            assert_ne!(plain(kind, &one), plain(kind, &other), "{one} {other}");
        }
    }
}
