//! Rules for one value by itself (vendor-api.md section 4).

use serde_json::Value;

use crate::desired::faults::{Faults, Spot};
use crate::desired::fields::{Kind, LABEL, did_you_mean, kind_of};
use crate::desired::path::{Part, Step, YamlPath};

/// Checks an attribute's value.
pub(in crate::desired) fn check(name: &str, value: &Value, spot: &Spot, faults: &mut Faults) {
    match kind_of(name) {
        Some(Kind::Labels) => labels(value, spot, faults),
        Some(Kind::UrlList) => match value {
            Value::Array(items) => {
                for (position, item) in items.iter().enumerate() {
                    scalar(name, Kind::Url, item, &below(spot, Step::Item(position)), faults);
                }
            }
            other => wrong_type(name, "a list of addresses", other, spot, faults),
        },
        Some(kind) => scalar(name, kind, value, spot, faults),
        None => {}
    }
}

fn labels(value: &Value, spot: &Spot, faults: &mut Faults) {
    let Value::Array(labels) = value else {
        return wrong_type("labels", "a list of labels", value, spot, faults);
    };
    let mut seen = std::collections::HashMap::new();
    for (position, label) in labels.iter().enumerate() {
        let at = below(spot, Step::Item(position));
        let Value::Object(members) = label else {
            wrong_type("a label", "a mapping (name: value)", label, &at, faults);
            continue;
        };
        for (name, value) in members {
            let member = below(&at, Step::Member(name.clone(), 0));
            if let Some((_, kind)) = LABEL.iter().find(|(known, _)| known == name) {
                scalar(name, *kind, value, &member, faults);
            } else {
                let hint = did_you_mean(name, LABEL.iter().map(|(known, _)| *known));
                let name_spot = Spot { part: Part::Name, ..member };
                faults.add(name_spot, "unknown-field", format!("a label has no {name}{hint}"));
            }
        }
        match members.get("certificateFieldId").and_then(Value::as_str) {
            Some(field) => {
                let member = below(&at, Step::Member("certificateFieldId".to_owned(), 0));
                if let Some(first) = seen.insert(field.to_lowercase(), member.clone()) {
                    let message =
                        "this certificate field has a label already, and a template may use each field once";
                    faults.add_pair(
                        member,
                        "duplicate-label",
                        message.to_owned(),
                        first,
                        "the first label is here",
                    );
                }
            }
            None if members.contains_key("certificateFieldId") => {}
            None => faults.add(
                at,
                "required-field",
                "this label has no certificateFieldId: the id of the field it prints",
            ),
        }
    }
}

fn scalar(name: &str, kind: Kind, value: &Value, spot: &Spot, faults: &mut Faults) {
    let problem = match (kind, value) {
        (Kind::Integer(least), value) => integer(name, least, value),
        (Kind::Boolean, Value::Bool(_)) => None,
        (Kind::Boolean, other) => {
            Some(("wrong-type", format!("{name} must be true or false, and this is {}", kind_word(other))))
        }
        (kind, Value::String(text)) => text_problem(name, kind, text),
        (_, other) => {
            let hint = match other {
                Value::Number(_) | Value::Bool(_) => format!(": write it in quotes, \"{other}\""),
                _ => String::new(),
            };
            Some(("wrong-type", format!("{name} must be a text, and this is {}{hint}", kind_word(other))))
        }
    };
    if let Some((rule, message)) = problem {
        faults.add(spot.clone(), rule, message);
    }
}

type Problem = Option<(&'static str, String)>;

fn integer(name: &str, least: i64, value: &Value) -> Problem {
    match value {
        Value::Number(number) => match number.as_i64() {
            Some(number) if number >= least => None,
            Some(number) => Some(("range", format!("{name} must be at least {least}, and this is {number}"))),
            None => Some(("wrong-type", format!("{name} must be a whole number, and this is {number}"))),
        },
        Value::String(text) if text.trim().parse::<i64>().is_ok() => {
            Some(("wrong-type", format!("{name} must be a number: write it without quotes, {}", text.trim())))
        }
        other => {
            Some(("wrong-type", format!("{name} must be a whole number, and this is {}", kind_word(other))))
        }
    }
}

fn text_problem(name: &str, kind: Kind, text: &str) -> Problem {
    let problem = |rule, message| Some((rule, message));
    match kind {
        _ if text.trim().is_empty() => {
            problem("empty", format!("{name} is empty: leave the line out, or write ~ to unset it"))
        }
        Kind::Uuid if uuid::Uuid::try_parse(text).is_err() || text.len() != 36 => {
            problem("uuid", format!("{name} must be an id such as 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01"))
        }
        Kind::Url if !is_absolute(text) => {
            problem("url", format!("{name} must be an absolute address: it begins with https:// (or www)"))
        }
        Kind::Colour if !is_colour(text) => problem(
            "colour",
            format!("{name} must be # and 3, 6 or 8 hexadecimal digits, such as \"#1a2b3c\""),
        ),
        Kind::Date if !is_date(text) => {
            problem("date", format!("{name} must be a date that exists, written like 2027-12-31"))
        }
        Kind::OneOf(words) if !words.contains(&text) => {
            let hint = did_you_mean(text, words.iter().copied());
            problem("enumeration", format!("{name} must be one of {}{hint}", words.join(", ")))
        }
        _ => None,
    }
}

/// "Starts with a protocol or `www`" (vendor-api.md section 4).
fn is_absolute(text: &str) -> bool {
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return false;
    }
    let with_protocol = if text.starts_with("www.") { format!("https://{text}") } else { text.to_owned() };
    url::Url::parse(&with_protocol)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

fn is_colour(text: &str) -> bool {
    text.strip_prefix('#')
        .is_some_and(|hex| matches!(hex.len(), 3 | 6 | 8) && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// A calendar date, or a date with a time: both are ISO 8601.
fn is_date(text: &str) -> bool {
    let dashed = text.len() >= 10 && text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-';
    let date = text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok();
    dashed && (date || text.parse::<jiff::Timestamp>().is_ok())
}

fn wrong_type(name: &str, expected: &str, value: &Value, spot: &Spot, faults: &mut Faults) {
    faults.add(
        spot.clone(),
        "wrong-type",
        format!("{name} must be {expected}, and this is {}", kind_word(value)),
    );
}

fn kind_word(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}

fn below(spot: &Spot, step: Step) -> Spot {
    let mut path = spot.path.0.clone();
    path.push(step);
    Spot { file: spot.file.clone(), path: YamlPath(path), part: Part::Value }
}
