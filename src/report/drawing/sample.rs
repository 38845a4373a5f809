//! Sample texts for labels, by the vendor's label types (vendor-api.md section 4).

use jiff::civil::{Date, date};
use jiff::{Span, ToSpan as _};

use crate::model::{Attributes, CertificateField};

/// The day on which sample certificates are issued.
const ISSUED: Date = date(2027, 1, 15);
/// The limit of a sample, in characters.
const MAX_LENGTH: usize = 120;

/// The sample text for a label of this certificate field.
pub(super) fn text(id: &str, field: Option<&CertificateField>, attributes: &Attributes) -> String {
    let prints = field.and_then(|field| field.prints.as_deref());
    let text = prints.map(|prints| of_type(prints, attributes).unwrap_or_else(|| prints.to_owned()));
    shortened(&text.unwrap_or_else(|| name(id, field)))
}

/// Whether the sample depends on the template, and not only on the certificate field.
pub(super) fn is_of_template(field: Option<&CertificateField>) -> bool {
    let prints = field.and_then(|field| field.prints.as_deref());
    matches!(prints, Some("courseLabel" | "expirationDateLabel"))
}

/// The display name of the certificate field.
pub(super) fn name(id: &str, field: Option<&CertificateField>) -> String {
    let name = field.and_then(|field| field.name.clone()).filter(|name| !name.is_empty());
    let short: String = id.chars().take(8).collect();
    name.unwrap_or_else(|| format!("field {short}"))
}

/// The display name of a certificate field that shares its short name with another.
pub(super) fn whole_name(id: &str) -> String {
    format!("field {id}")
}

/// A sample for a known label type.
fn of_type(label_type: &str, attributes: &Attributes) -> Option<String> {
    if let Some(number) = label_type.strip_prefix("userRef").and_then(|rest| rest.strip_suffix("Label")) {
        return number.parse::<u8>().ok().map(|number| format!("Reference {number}"));
    }
    let text = match label_type {
        "nameLabel" => "Alex Morgan",
        "courseLabel" => attributes.title().unwrap_or("The title of the course"),
        "dateLabel" => return Some(day(ISSUED)),
        "expirationDateLabel" => return Some(expiry(attributes)),
        "contentCompletionDate" => "January 14, 2027",
        "identifier" => "4F7A-19C2-83D0",
        "textLabel" => "A fixed text",
        "awardLabel" => "12 credits",
        "learnerClientNameLabel" => "Example Company",
        "contentFieldLabel" => "A detail of the course",
        "userFieldLabel" => "A detail of the learner",
        "viewCertificateLink" => "View certificate",
        "shareToLinkedIn" => "Share on LinkedIn",
        _ => return None,
    };
    Some(text.to_owned())
}

fn expiry(attributes: &Attributes) -> String {
    if let Some(fixed) = attributes.text("expirationDate") {
        return fixed.parse::<Date>().map_or_else(|_| fixed.to_owned(), day);
    }
    let days = attributes.get("expirationDays").and_then(serde_json::Value::as_i64);
    let after = |days: i64| -> Option<Date> {
        let days: Span = 0.days().try_days(days).ok()?;
        ISSUED.checked_add(days).ok()
    };
    days.and_then(after).map_or_else(|| "(no expiry)".to_owned(), day)
}

fn day(date: Date) -> String {
    date.strftime("%B %-d, %Y").to_string()
}

fn shortened(text: &str) -> String {
    let mut characters = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let line: String = characters.by_ref().take(MAX_LENGTH).collect();
    if characters.next().is_some() { line + "…" } else { line }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sample(prints: Option<&str>, name: Option<&str>, attributes: serde_json::Value) -> String {
        let field = CertificateField { name: name.map(str::to_owned), prints: prints.map(str::to_owned) };
        text(
            "f6fadfa7-e5c1-4b62-9362-da5cc13da58a",
            Some(&field),
            &serde_json::from_value(attributes).unwrap(),
        )
    }

    /// A reader can write each type that the page names.
    #[test]
    fn documented_types_have_samples() {
        let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reports.md")).unwrap();
        let (_, listed) = page.split_once("The vendor's types are ").unwrap();
        let (listed, _) = listed.split_once("Any other text").unwrap();
        let types: Vec<&str> = listed.split('`').skip(1).step_by(2).collect();
        assert_eq!(types.len(), 14, "{types:?}");
        for label_type in types {
            assert!(of_type(label_type, &Attributes::default()).is_some(), "{label_type}");
        }
    }

    #[test]
    fn samples_come_from_type_text_name_or_id() {
        assert_eq!(sample(Some("courseLabel"), None, json!({"title": "Cloud 101"})), "Cloud 101");
        assert_eq!(sample(Some("userRef10Label"), None, json!({})), "Reference 10");
        assert_eq!(sample(Some("Dr Ilse Marquardt"), Some("dean"), json!({})), "Dr Ilse Marquardt");
        assert_eq!(sample(None, Some("learner name"), json!({})), "learner name");
        assert_eq!(sample(None, None, json!({})), "field f6fadfa7");
    }

    #[test]
    fn a_certificate_expires_when_its_template_says() {
        let expires = |attributes| sample(Some("expirationDateLabel"), None, attributes);
        assert_eq!(expires(json!({"expirationDays": 365})), "January 15, 2028");
        assert_eq!(expires(json!({"expirationDate": "2027-12-31"})), "December 31, 2027");
        assert_eq!(expires(json!({"expirationDate": "soon"})), "soon");
        assert_eq!(expires(json!({})), "(no expiry)");
        assert_eq!(expires(json!({"expirationDays": i64::MAX})), "(no expiry)");
    }

    #[test]
    fn a_sample_stays_on_one_line_and_short() {
        assert_eq!(sample(Some("courseLabel"), None, json!({"title": "a\nb"})), "a b");
        let long = sample(Some("courseLabel"), None, json!({"title": "x".repeat(100_000)}));
        assert_eq!(long.chars().count(), 121);
    }
}
