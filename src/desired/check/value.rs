//! Rules for one value by itself (vendor-api.md section 4).

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::{address, date};
use crate::desired::fields::type_of;
use crate::desired::path::{PathPart, YamlPath};
use crate::desired::path_cursor::PathCursor;
use crate::desired::suspects;
use crate::desired::unknown_name::unknown_name;
use crate::desired::unlocated::UnlocatedFindings;
use crate::model::{Attributes, Field, FieldType, LABEL_FIELDS, did_you_mean, is_odd_blank, spelled};

/// Checks the value of an attribute. Values in `reported` already have a finding and are skipped.
pub(in crate::desired) fn check(
    name: &str,
    value: &Value,
    at: &PathCursor<'_>,
    reported: &BTreeSet<YamlPath>,
    findings: &mut UnlocatedFindings,
) {
    let mut checker = Checker { reported, findings };
    match type_of(name) {
        Some(FieldType::Labels) => checker.labels(value, at),
        Some(FieldType::UrlList) => match value {
            Value::Array(items) => {
                for (position, item) in items.iter().enumerate() {
                    checker.scalar(name, FieldType::Url, item, &at.item(position));
                }
            }
            other => checker.wrong_type(name, "a list of addresses", other, at),
        },
        Some(kind) => checker.scalar(name, kind, value, at),
        None => {}
    }
}

/// Checks the changes to one label. A null removes what the label has.
pub(in crate::desired) fn check_changes(
    changes: &serde_json::Map<String, Value>,
    at: &PathCursor<'_>,
    reported: &BTreeSet<YamlPath>,
    findings: &mut UnlocatedFindings,
) {
    let mut checker = Checker { reported, findings };
    for (name, value) in changes {
        checker.label_change(name, value, &at.member(name));
    }
}

struct Checker<'a> {
    reported: &'a BTreeSet<YamlPath>,
    findings: &'a mut UnlocatedFindings,
}

impl Checker<'_> {
    fn is_unreported(&self, at: &PathCursor<'_>) -> bool {
        self.reported.is_empty() || !self.reported.contains(&at.path())
    }

    fn wrong_type(&mut self, name: &str, expected: &str, value: &Value, at: &PathCursor<'_>) {
        if self.is_unreported(at) {
            let message = format!("{name} must be {expected}, and this is {}", type_name(value));
            let help = suspects::help(value.as_str().unwrap_or_default());
            self.findings.add_with_help(at.node_ref(PathPart::Value), "wrong-type", message, help);
        }
    }

    fn labels(&mut self, value: &Value, at: &PathCursor<'_>) {
        let Value::Array(labels) = value else {
            return self.wrong_type("labels", "a list of labels", value, at);
        };
        let mut seen: HashMap<Cow<'_, str>, usize, foldhash::fast::RandomState> = HashMap::default();
        for (position, label) in labels.iter().enumerate() {
            let at_label = at.item(position);
            let Value::Object(members) = label else {
                self.wrong_type("a label", "a mapping (name: value)", label, &at_label);
                continue;
            };
            for (name, value) in members {
                self.label_member(name, value, &at_label.member(name));
            }
            let at_field = at_label.member(Attributes::LABEL_FIELD);
            match members.get(Attributes::LABEL_FIELD) {
                Some(Value::String(field)) if self.is_unreported(&at_field) => {
                    if let Some(first) = seen.insert(in_lower_case(field), position) {
                        let (first, again) = (at.item(first), at_field.node_ref(PathPart::Value));
                        let first = first.member(Attributes::LABEL_FIELD).node_ref(PathPart::Value);
                        let message = "this certificate field has a label already, and a template may use each field once";
                        let about = "the first label is here";
                        self.findings.add_pair(again, "duplicate-label", message.to_owned(), first, about);
                    }
                }
                Some(_) => {}
                None => {
                    let message = "certificateFieldId is required: the id of the field that the label prints";
                    self.findings.add(at_label.node_ref(PathPart::Value), "required-field", message);
                }
            }
        }
    }

    fn label_change(&mut self, name: &str, value: &Value, at: &PathCursor<'_>) {
        let field = Field::of_label(name);
        if name == Attributes::LABEL_FIELD {
            let message = format!("{name} is not allowed here: an adjusted label keeps its field");
            self.findings.add(at.node_ref(PathPart::Name), "adjust", message);
        // A colour without quotes is a comment, so that its value is null.
        } else if !value.is_null() || field.is_none_or(|field| field.value == FieldType::Colour) {
            let allowed = LABEL_FIELDS.map(|field| field.name);
            let allowed = allowed.as_slice().strip_prefix(&[Attributes::LABEL_FIELD]).unwrap_or(&allowed);
            self.label_field(name, field, value, at, allowed);
        }
    }

    fn label_member(&mut self, name: &str, value: &Value, at: &PathCursor<'_>) {
        let allowed = LABEL_FIELDS.map(|field| field.name);
        self.label_field(name, Field::of_label(name), value, at, &allowed);
    }

    fn label_field(
        &mut self,
        name: &str,
        field: Option<&Field>,
        value: &Value,
        at: &PathCursor<'_>,
        allowed: &[&str],
    ) {
        if let Some(field) = field {
            return self.scalar(name, field.value, value, at);
        }
        let (message, help) = unknown_name(name, allowed);
        self.findings.add_with_help(at.node_ref(PathPart::Name), "unknown-field", message, Some(help));
    }

    fn scalar(&mut self, name: &str, kind: FieldType, value: &Value, at: &PathCursor<'_>) {
        if let Some((rule, message)) = problem_of(name, kind, value)
            && self.is_unreported(at)
        {
            let odd =
                value.as_str().and_then(|text| text.chars().find(|c| is_odd_blank(*c) || is_unseen(*c)));
            let help = odd.map(|odd| format!("there is a {} in it: delete it", spelled(odd)));
            self.findings.add_with_help(at.node_ref(PathPart::Value), rule, message, help);
        }
    }
}

/// The rule that one value breaks, and why.
fn problem_of(name: &str, kind: FieldType, value: &Value) -> RuleBreach {
    let wrong_type = |message| Some(("wrong-type", message));
    match (kind, value) {
        (FieldType::Integer(least), value) => integer(name, least, value),
        (FieldType::Boolean, Value::Bool(_)) => None,
        (FieldType::Boolean, Value::String(text)) => wrong_type(not_boolean(name, text)),
        (FieldType::Boolean, other) => {
            wrong_type(format!("{name} must be true or false, and this is {}", type_name(other)))
        }
        (kind, Value::String(text)) => text_problem(name, kind, text),
        (FieldType::Colour, Value::Null) => wrong_type(format!(
            "{name} is empty: `#` begins a comment, so a colour is written in quotes, such as \"#1a2b3c\""
        )),
        (FieldType::Date, Value::Number(number)) => Some(("date", not_a_date(name, &number.to_string()))),
        (_, other) => {
            let quotes = matches!(other, Value::Number(_) | Value::Bool(_));
            let hint = if quotes { ": write it in quotes" } else { "" };
            wrong_type(format!("{name} must be a string, and this is {}{hint}", type_name(other)))
        }
    }
}

/// The message for a text where `true` or `false` is expected. YAML 1.1 accepted more words.
pub(in crate::desired) fn not_boolean(name: &str, text: &str) -> String {
    let meant = match text.trim().to_ascii_lowercase().as_str() {
        "yes" | "y" | "on" | "true" => ": write true, without quotes",
        "no" | "n" | "off" | "false" => ": write false, without quotes",
        _ => "",
    };
    format!("{name} must be true or false, and this is a string{meant}")
}

type RuleBreach = Option<(&'static str, String)>;

/// Whether a number has a leading zero, such as `0365`.
fn has_leading_zero(text: &str) -> bool {
    text.starts_with('0') && text.trim_start_matches('0').parse::<u32>().is_ok_and(|number| number > 0)
}

fn not_a_date(name: &str, text: &str) -> String {
    let meant = date::unambiguous(text).map(|meant| format!(": write {meant}")).unwrap_or_default();
    format!("{name} must be a date that exists, written like 2027-12-31{meant}")
}

/// The vendor's integers are signed and have 32 bits.
pub(in crate::desired) const MAX_INTEGER: i64 = i32::MAX as i64;

fn integer(name: &str, least: i64, value: &Value) -> RuleBreach {
    match value {
        Value::Number(number) => match number.as_i64() {
            Some(number) if number > MAX_INTEGER => {
                Some(("range", format!("{name} must be at most {MAX_INTEGER}, and this is {number}")))
            }
            Some(number) if number >= least => None,
            Some(number) => Some(("range", format!("{name} must be at least {least}, and this is {number}"))),
            None if number.is_u64() => {
                Some(("range", format!("{name} must be at most {MAX_INTEGER}, and this is {number}")))
            }
            None => Some(("wrong-type", format!("{name} must be a whole number, and this is {number}"))),
        },
        // YAML 1.1 parsers read an octal number there; YAML 1.2 parsers read a string.
        Value::String(text) if has_leading_zero(text) => {
            let number = text.trim_start_matches('0');
            let message =
                format!("{name} must be a whole number: write {number}, without the zero before it");
            Some(("wrong-type", message))
        }
        Value::String(text) if text.trim().parse::<i64>().is_ok() => {
            Some(("wrong-type", format!("{name} must be a number: write it without quotes, {}", text.trim())))
        }
        other => {
            Some(("wrong-type", format!("{name} must be a whole number, and this is {}", type_name(other))))
        }
    }
}

fn text_problem(name: &str, kind: FieldType, text: &str) -> RuleBreach {
    let problem = |rule, message| Some((rule, message));
    match kind {
        _ if text.trim().is_empty() => {
            problem("empty", format!("{name} is empty: leave the line out, or write ~ to unset it"))
        }
        FieldType::Slug | FieldType::Url if text.contains(is_unseen) => problem(
            if kind == FieldType::Slug { "slug" } else { "url" },
            format!("{name} has an invisible control character in it"),
        ),
        FieldType::Slug if text.contains(char::is_whitespace) => problem(
            "slug",
            format!(
                "{name} must be the field's slug, which has no blanks: the admin page shows it beside the field"
            ),
        ),
        FieldType::Uuid if uuid::Uuid::try_parse(text).is_err() || text.len() != 36 => {
            problem("uuid", format!("{name} must be an id such as 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01"))
        }
        FieldType::Url if text.trim().contains(char::is_whitespace) => problem(
            "url",
            format!(
                "{name} has a blank in it, and an address has none: write %20 for a blank that belongs to it"
            ),
        ),
        FieldType::Url if !is_absolute(text) => {
            problem("url", format!("{name} must be an absolute address: it begins with https:// (or www)"))
        }
        FieldType::Url if address::has_user(text) => problem(
            "url",
            format!(
                "{name} has a user name or a password in it, and everybody who reads this file or gets a certificate sees it: \
                 write an address that needs none"
            ),
        ),
        FieldType::Colour if !is_colour(text) => problem(
            "colour",
            format!("{name} must be # and 3, 6 or 8 hexadecimal digits, such as \"#1a2b3c\""),
        ),
        FieldType::Date if !date::is_date(text) => problem("date", not_a_date(name, text)),
        FieldType::OneOf(words) if !words.contains(&text) => {
            let hint = did_you_mean(text, words.iter().copied());
            problem("enumeration", format!("{name} must be one of {}{hint}", words.join(", ")))
        }
        _ => None,
    }
}

fn in_lower_case(text: &str) -> Cow<'_, str> {
    let is_lower = text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    if is_lower { Cow::Borrowed(text) } else { Cow::Owned(text.to_lowercase()) }
}

/// "Starts with a protocol or `www`" (vendor-api.md section 4). Checked by hand, because URL parsers for browsers
/// also accept `https:example.com`.
fn is_absolute(text: &str) -> bool {
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return false;
    }
    if has_plain_host(text) {
        return true;
    }
    if text.starts_with("www.") {
        return is_absolute(&format!("https://{text}"));
    }
    let has_protocol = text.split_once("://").is_some_and(|(protocol, rest)| {
        ["http", "https"].iter().any(|known| protocol.eq_ignore_ascii_case(known)) && !rest.starts_with('/')
    });
    has_protocol && url::Url::parse(text).is_ok_and(|url| url.has_host())
}

/// Whether an address has a protocol and a host of plain words, such as `https://cdn.example.com/x`. Nearly all have, and a
/// parser of addresses accepts each of them, whatever follows the host.
fn has_plain_host(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://") else { return false };
    let Some((host, _)) = rest.split_once('/') else { return false };
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    // No empty word, no encoded word (xn--) and, as the last word, none that begins like a number.
    let is_word = |word: &str| {
        let ends = word.as_bytes().first().zip(word.as_bytes().last());
        ends.is_some_and(|(first, last)| is_plain(*first) && is_plain(*last))
            && word.bytes().all(|byte| is_plain(byte) || byte == b'-')
            && !word.contains("--")
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    host.split('.').all(is_word) && last.starts_with(|c: char| c.is_ascii_lowercase())
}

/// Whether editors hide this control character. Line breaks are not included.
fn is_unseen(c: char) -> bool {
    c.is_control() && !c.is_whitespace()
}

fn is_colour(text: &str) -> bool {
    text.strip_prefix('#')
        .is_some_and(|hex| matches!(hex.len(), 3 | 6 | 8) && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn plain_hosts_are_those_of_addresses(host in "([a-z0-9-]{0,4}\\.?){0,4}", rest in "(/[a-z@:%?#\\[\\]\\\\\u{e9}]{0,6})?") {
            let text = format!("https://{host}{rest}");
            if has_plain_host(&text) {
                let url = url::Url::parse(&text).unwrap();
                proptest::prop_assert_eq!(url.host_str(), Some(host.as_str()));
            }
        }

        #[test]
        fn lower_case_is_that_of_unicode(text in "[a-zA-Z0-9\u{e9}\u{c9}\u{212a}-]{0,8}") {
            proptest::prop_assert_eq!(in_lower_case(&text), text.to_lowercase());
        }
    }
}
