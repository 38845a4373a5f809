//! What a template must be (vendor-api.md section 4). A strict server: what it may refuse, it refuses. Undocumented fields
//! are kept as they are.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::label;

/// What a field's value must be.
#[derive(Clone, Copy)]
pub(super) enum FieldForm {
    /// Any text.
    Text,
    /// A UUID.
    Uuid,
    /// An absolute address: with a protocol, or beginning with `www`.
    Url,
    /// A list of such addresses.
    Urls,
    /// An ISO 8601 date, with or without a time.
    Date,
    /// A whole number, at least this one.
    Whole(i64),
    /// true or false.
    Flag,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// `#` and three, six or eight hexadecimal digits.
    Colour,
}

const FIELDS: [(&str, FieldForm); 17] = [
    ("title", FieldForm::Text),
    ("resourceType", FieldForm::OneOf(&["course", "learningPath"])),
    ("resourceId", FieldForm::Uuid),
    ("asset", FieldForm::Url),
    ("assetLibraryId", FieldForm::Uuid),
    ("supplementalAssets", FieldForm::Urls),
    ("expirationDate", FieldForm::Date),
    ("expirationDays", FieldForm::Whole(1)),
    ("customCss", FieldForm::Text),
    ("userCustomFieldSlug", FieldForm::Text),
    ("userCustomFieldValue", FieldForm::Text),
    ("recertificationAction", FieldForm::OneOf(&["actionUrl", "recertifyInSession", "resetProgress"])),
    ("recertificationActionText", FieldForm::Text),
    ("recertificationActionUrl", FieldForm::Url),
    ("recertificationAfterDays", FieldForm::Whole(0)),
    ("recertificationAutoReset", FieldForm::Flag),
    ("recertificationInstructions", FieldForm::Text),
];

/// What no template can be without.
pub(super) const REQUIRED: [&str; 3] = ["title", "resourceType", "resourceId"];

/// The fields of a template, except its id and its labels.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FIELDS.iter().map(|(name, _)| *name)
}

/// Everything that is wrong with a template, in one sentence each.
pub(super) fn problems(fields: &Map<String, Value>) -> Vec<String> {
    let mut problems = missing(fields);
    for (name, form) in FIELDS {
        let value = fields.get(name).filter(|value| !value.is_null());
        problems.extend(value.and_then(|value| form.problem(name, value)));
    }
    if let Some(labels) = fields.get("labels").filter(|labels| !labels.is_null()) {
        problems.extend(label::problems(labels));
    }
    if has(fields, "expirationDate") && has(fields, "expirationDays") {
        problems.push("Only one of expirationDate and expirationDays can be set".to_owned());
    }
    problems
}

/// The required fields that are not there.
pub(super) fn missing(fields: &Map<String, Value>) -> Vec<String> {
    let absent = |name: &&str| match fields.get(*name) {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.trim().is_empty(),
        Some(_) => false,
    };
    REQUIRED.iter().filter(|name| absent(name)).map(|name| format!("{name} is required")).collect()
}

fn has(fields: &Map<String, Value>, name: &str) -> bool {
    fields.get(name).is_some_and(|value| !value.is_null())
}

impl FieldForm {
    /// What is wrong with this value of the field, if anything is.
    pub(super) fn problem(self, name: &str, value: &Value) -> Option<String> {
        if self.fits(value) { None } else { Some(format!("{name} must be {}", self.described())) }
    }

    fn fits(self, value: &Value) -> bool {
        let text = value.as_str();
        match self {
            Self::Text => text.is_some(),
            Self::Uuid => text.is_some_and(|text| text.len() == 36 && Uuid::try_parse(text).is_ok()),
            Self::Url => text.is_some_and(is_address),
            Self::Urls => value
                .as_array()
                .is_some_and(|urls| urls.iter().all(|url| url.as_str().is_some_and(is_address))),
            Self::Date => text.is_some_and(is_date),
            Self::Whole(least) => {
                value.as_i64().map_or_else(|| value.as_u64().is_some(), |number| number >= least)
            }
            Self::Flag => value.is_boolean(),
            Self::OneOf(words) => text.is_some_and(|text| words.contains(&text)),
            Self::Colour => text.and_then(|text| text.strip_prefix('#')).is_some_and(|digits| {
                matches!(digits.len(), 3 | 6 | 8) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
            }),
        }
    }

    fn described(self) -> String {
        match self {
            Self::Text => "a string".to_owned(),
            Self::Uuid => "a UUID".to_owned(),
            Self::Url => "an absolute URL".to_owned(),
            Self::Urls => "a list of absolute URLs".to_owned(),
            Self::Date => "an ISO 8601 date".to_owned(),
            Self::Whole(i64::MIN) => "an integer".to_owned(),
            Self::Whole(least) => format!("an integer of at least {least}"),
            Self::Flag => "true or false".to_owned(),
            Self::OneOf(words) => format!("one of {}", words.join(", ")),
            Self::Colour => "a hex colour that begins with #".to_owned(),
        }
    }
}

fn is_address(text: &str) -> bool {
    let protocol = text.split_once("://").is_some_and(|(protocol, rest)| {
        !rest.is_empty()
            && protocol.starts_with(|first: char| first.is_ascii_alphabetic())
            && protocol.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    });
    (protocol || text.starts_with("www")) && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}

fn is_date(text: &str) -> bool {
    text.parse::<jiff::civil::Date>().is_ok() || text.parse::<jiff::Timestamp>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn whole() -> Value {
        json!({
            "title": "Cloud 101", "resourceType": "course", "resourceId": "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01",
            "asset": "https://cdn.example.com/a.png", "assetLibraryId": "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f02",
            "supplementalAssets": ["www.example.com/b.png"], "expirationDays": 365, "customCss": "",
            "userCustomFieldSlug": "region", "userCustomFieldValue": "EU", "recertificationAction": "actionUrl",
            "recertificationActionUrl": "https://example.com", "recertificationAfterDays": 30,
            "recertificationAutoReset": false, "recertificationInstructions": "Again.\n", "newVendorField": [1],
            "labels": [{"certificateFieldId": "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f03", "x": 1, "y": -2,
                        "fontSize": 5, "fontColor": "#fff", "textAlign": "left"}],
        })
    }

    fn with(name: &str, value: &Value) -> Vec<String> {
        let mut fields = whole().as_object().unwrap().clone();
        fields.insert(name.to_owned(), value.clone());
        problems(&fields)
    }

    #[test]
    fn a_whole_template_has_no_problem_and_unknown_fields_are_kept() {
        assert_eq!(problems(whole().as_object().unwrap()), Vec::<String>::new());
        assert_eq!(with("expirationDays", &Value::Null), Vec::<String>::new());
    }

    #[test]
    fn each_rule_refuses_what_breaks_it() {
        for (name, value) in [
            ("title", json!("  ")),
            ("title", json!(7)),
            ("title", Value::Null),
            ("resourceType", json!("Course")),
            ("resourceId", json!("8f14e45fceea467fa0e66b2d6a6f6f01")),
            ("asset", json!("/a.png")),
            ("asset", json!("https://a b")),
            ("assetLibraryId", json!("x")),
            ("supplementalAssets", json!("www.example.com")),
            ("supplementalAssets", json!(["a.png"])),
            ("expirationDate", json!("2027-01-01")),
            ("expirationDays", json!(0)),
            ("expirationDays", json!(1.5)),
            ("expirationDays", json!("365")),
            ("customCss", json!([])),
            ("recertificationAction", json!("none")),
            ("recertificationActionUrl", json!("example")),
            ("recertificationAfterDays", json!(-1)),
            ("recertificationAutoReset", json!("true")),
            ("recertificationInstructions", json!(true)),
            ("labels", json!({})),
        ] {
            assert_eq!(with(name, &value).len(), 1, "{name} = {value}");
        }
    }

    #[test]
    fn a_date_alone_or_with_a_time() {
        for (text, right) in [
            ("2027-02-28", true),
            ("2027-02-28T00:00:00.000Z", true),
            ("2027-02-30", false),
            ("28.2.2027", false),
            ("", false),
        ] {
            assert_eq!(FieldForm::Date.fits(&json!(text)), right, "{text}");
        }
    }
}
