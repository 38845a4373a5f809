//! Reads one property of a template in a GraphQL answer, by the type of its field.

use serde_json::{Map, Value};

use super::cell;
use crate::model::{FieldType, LABEL_FIELDS};

/// Why a property says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum UnfitProperty {
    /// It was read in part.
    Partial,
    /// It is not what the field holds, in words.
    Wrong(String),
}

/// Returns the value; `None` if the property is empty.
pub(super) fn value(kind: FieldType, shown: &Value) -> Result<Option<Value>, UnfitProperty> {
    let wrong = |what: &str| Err(UnfitProperty::Wrong(format!("is not {what}")));
    match (kind, shown) {
        (_, Value::Null) => Ok(None),
        (FieldType::Labels, Value::Array(items)) => labels(items),
        (FieldType::UrlList, Value::Array(items)) if items.iter().all(Value::is_string) => {
            Ok((!items.is_empty()).then(|| shown.clone()))
        }
        (FieldType::Integer(_), Value::Number(number)) => match whole(number) {
            Some(number) => Ok(Some(number.into())),
            None => wrong("a whole number"),
        },
        (FieldType::Boolean, Value::Bool(_)) => Ok(Some(shown.clone())),
        (FieldType::Labels, _) => wrong("a list of labels"),
        (FieldType::UrlList, _) => wrong("a list of addresses"),
        (FieldType::Integer(_), _) => wrong("a whole number"),
        (FieldType::Boolean, _) => wrong("true or false"),
        (_, Value::String(text)) if text.is_empty() => Ok(None),
        (kind, Value::String(text)) => of_text(kind, text),
        _ => wrong("a text"),
    }
}

fn of_text(kind: FieldType, text: &str) -> Result<Option<Value>, UnfitProperty> {
    let wrong = |what: &str| Err(UnfitProperty::Wrong(format!("is {text:?}, which is not {what}")));
    Ok(match kind {
        FieldType::Uuid => match cell::uuid("", text) {
            Ok(uuid) => Some(Value::String(uuid)),
            Err(_) => return wrong("an id such as 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01"),
        },
        FieldType::Date => match cell::date("", text) {
            Ok(date) => date.map(Value::String),
            Err(_) => return wrong("a date such as 2027-12-31"),
        },
        FieldType::OneOf(words) => match words.iter().find(|word| word.eq_ignore_ascii_case(text)) {
            Some(word) => Some(Value::String((*word).to_owned())),
            None => return wrong(&format!("one of {}", words.join(", "))),
        },
        _ => Some(Value::String(text.to_owned())),
    })
}

/// A whole number, also where it is written as `365.0`.
fn whole(number: &serde_json::Number) -> Option<i64> {
    number.as_i64().or_else(|| {
        let text = number.to_string();
        text.strip_suffix(".0").and_then(|whole| whole.parse().ok())
    })
}

fn labels(items: &[Value]) -> Result<Option<Value>, UnfitProperty> {
    let labels = items.iter().map(label).collect::<Result<Vec<Value>, UnfitProperty>>()?;
    Ok((!labels.is_empty()).then_some(Value::Array(labels)))
}

fn label(item: &Value) -> Result<Value, UnfitProperty> {
    let Value::Object(shown) = item else {
        return Err(UnfitProperty::Wrong("has a label that is not an object".to_owned()));
    };
    let mut label = Map::new();
    for field in LABEL_FIELDS {
        let Some(member) = shown.get(field.name) else { return Err(UnfitProperty::Partial) };
        match value(field.value, member) {
            Ok(Some(value)) => drop(label.insert(field.name.to_owned(), value)),
            Ok(None) => {}
            Err(UnfitProperty::Partial) => return Err(UnfitProperty::Partial),
            Err(UnfitProperty::Wrong(why)) => {
                return Err(UnfitProperty::Wrong(format!("has a label whose {} {why}", field.name)));
            }
        }
    }
    Ok(Value::Object(label))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_read_by_the_type_of_their_field() {
        for (kind, shown, expected) in [
            (FieldType::Text, json!(" a "), Some(json!(" a "))),
            (FieldType::Text, json!(""), None),
            (FieldType::Text, json!(null), None),
            (FieldType::Integer(1), json!(365), Some(json!(365))),
            (FieldType::Integer(1), json!(365.0), Some(json!(365))),
            (FieldType::Boolean, json!(false), Some(json!(false))),
            (FieldType::Date, json!("2027-12-31T00:00:00.000Z"), Some(json!("2027-12-31"))),
            (FieldType::UrlList, json!([]), None),
            (FieldType::OneOf(&["resetProgress"]), json!("RESETPROGRESS"), Some(json!("resetProgress"))),
        ] {
            assert_eq!(value(kind, &shown), Ok(expected), "{shown}");
        }
        for (kind, shown) in [
            (FieldType::Text, json!(1)),
            (FieldType::Integer(1), json!("365")),
            (FieldType::Integer(1), json!(1.5)),
            (FieldType::Boolean, json!("true")),
            (FieldType::Date, json!("31.12.2027")),
            (FieldType::Uuid, json!("7")),
            (FieldType::UrlList, json!(["a", 1])),
            (FieldType::OneOf(&["a"]), json!("b")),
            (FieldType::Labels, json!([1])),
        ] {
            assert!(matches!(value(kind, &shown), Err(UnfitProperty::Wrong(_))), "{shown}");
        }
        assert_eq!(value(FieldType::Labels, &json!([{ "x": 1 }])), Err(UnfitProperty::Partial));
    }
}
