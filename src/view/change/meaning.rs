//! The meaning of a changed value, in words, by the table of fields.

use jiff::Unit as Span;
use jiff::civil::Date;
use serde_json::Value;

use crate::model::{Field, Unit};

/// The meaning of a change of an attribute or of a label's member; `None` where the values are enough.
pub(super) fn of(name: &str, before: Option<&Value>, after: Option<&Value>) -> Option<String> {
    let number = |value: Option<&Value>| value.and_then(Value::as_i64).map(i128::from);
    let difference = number(before).zip(number(after)).map(|(from, to)| to - from);
    let unit = Field::of_template(name).or_else(|| Field::of_label(name)).and_then(|field| field.unit);
    match unit {
        Some(Unit::Pixels) => difference.map(|pixels| format!("{pixels:+} px")),
        Some(Unit::Days { after: words, none }) => Some(from_to(words, days(before), days(after), none)),
        Some(Unit::Day { set, .. }) if before.is_none() => Some(set.to_owned()),
        Some(Unit::Day { cleared, .. }) if after.is_none() => Some(cleared.to_owned()),
        Some(Unit::Day { .. }) => moved(before?.as_str()?, after?.as_str()?),
        None => difference.map(|difference| format!("{difference:+}")),
    }
}

fn days(value: Option<&Value>) -> Option<String> {
    value.and_then(Value::as_i64).map(duration)
}

/// The words about two numbers of days.
fn from_to(what: &str, from: Option<String>, to: Option<String>, none: &str) -> String {
    match (from, to) {
        (Some(from), Some(to)) => format!("{what} {from} → {to}"),
        (from, to) => {
            let said =
                |days: Option<String>| days.map_or_else(|| none.to_owned(), |days| format!("{what} {days}"));
            format!("{} → {}", said(from), said(to))
        }
    }
}

/// How far a date moves: `1 year, 2 months later`. A time after the date is ignored.
fn moved(from: &str, to: &str) -> Option<String> {
    let day = |text: &str| text.get(..10)?.parse::<Date>().ok();
    let (from, to) = (day(from)?, day(to)?);
    let (first, last, word) = if from < to { (from, to, "later") } else { (to, from, "earlier") };
    let span = first.until((Span::Year, last)).ok()?;
    let parts = [(span.get_years().into(), "year"), (span.get_months(), "month"), (span.get_days(), "day")];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, noun)| counted(count.into(), noun))
        .collect();
    (!parts.is_empty()).then(|| format!("{} {word}", parts.join(", ")))
}

fn counted(count: i64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// A number of days in words; in years and months only where that is exact.
fn duration(days: i64) -> String {
    match days {
        days if days > 0 && days % 365 == 0 => counted(days / 365, "year"),
        days if days > 0 && days % 7 == 0 && days < 60 => counted(days / 7, "week"),
        days => counted(days, "day"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn meaning(name: &str, before: &Value, after: &Value) -> Option<String> {
        let some = |value: &Value| (!value.is_null()).then(|| value.clone());
        of(name, some(before).as_ref(), some(after).as_ref())
    }

    #[test]
    fn numbers_say_what_they_mean() {
        let cases = [
            ("x", json!(120), json!(140), Some("+20 px")),
            ("y", json!(i64::MAX), json!(i64::MIN), Some("-18446744073709551615 px")),
            ("expirationDays", json!(365), json!(730), Some("expires after 1 year → 2 years")),
            (
                "expirationDays",
                json!(null),
                json!(14),
                Some("does not expire by age → expires after 2 weeks"),
            ),
            ("expirationDays", json!(1), json!(90), Some("expires after 1 day → 90 days")),
            (
                "recertificationAfterDays",
                json!(30),
                json!(null),
                Some("recertify after 30 days → no day to recertify"),
            ),
            ("newVendorField", json!(1), json!(3), Some("+2")),
            (
                "expirationDate",
                json!(null),
                json!("2027-01-01"),
                Some("every certificate expires on that day"),
            ),
            ("expirationDate", json!("2026-12-31"), json!("2027-12-31"), Some("1 year later")),
            (
                "expirationDate",
                json!("2028-03-01"),
                json!("2026-12-31T00:00:00Z"),
                Some("1 year, 2 months, 1 day earlier"),
            ),
            ("expirationDate", json!("2026-12-31"), json!("2026-12-31T00:00:00Z"), None),
            ("expirationDate", json!("soon"), json!("2027-12-31"), None),
            ("title", json!("a"), json!("b"), None),
        ];
        for (name, before, after, expected) in cases {
            assert_eq!(meaning(name, &before, &after).as_deref(), expected, "{name} {before} {after}");
        }
    }
}
