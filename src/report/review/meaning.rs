//! What a value means, in words.

use serde_json::Value;

/// What a change of an attribute or of a label's member means, where the values alone do not say it.
pub(super) fn of(name: &str, before: Option<&Value>, after: Option<&Value>) -> Option<String> {
    let number = |value: Option<&Value>| value.and_then(Value::as_i64);
    match (name, number(before), number(after)) {
        ("x" | "y" | "fontSize", Some(from), Some(to)) => {
            Some(format!("{:+} px", i128::from(to) - i128::from(from)))
        }
        ("expirationDays" | "recertificationAfterDays", ..) => {
            let (from, to) = (days(before), days(after));
            Some(match name {
                "expirationDays" => format!("{} → {}", expires(from), expires(to)),
                _ => format!("{} → {}", recertifies(from), recertifies(to)),
            })
        }
        ("expirationDate", ..) if before.is_none() => {
            Some("every certificate expires on that day".to_owned())
        }
        ("expirationDate", ..) if after.is_none() => Some("no fixed day any more".to_owned()),
        (_, Some(from), Some(to)) => Some(format!("{:+}", i128::from(to) - i128::from(from))),
        _ => None,
    }
}

fn days(value: Option<&Value>) -> Option<String> {
    value.and_then(Value::as_i64).map(duration)
}

fn expires(days: Option<String>) -> String {
    days.map_or_else(|| "does not expire by age".to_owned(), |days| format!("expires after {days}"))
}

fn recertifies(days: Option<String>) -> String {
    days.map_or_else(|| "no day to recertify".to_owned(), |days| format!("recertify after {days}"))
}

/// A number of days as people say it: years and months only where they are meant exactly.
fn duration(days: i64) -> String {
    let counted = |count: i64, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
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
            ("expirationDays", json!(365), json!(730), Some("expires after 1 year → expires after 2 years")),
            (
                "expirationDays",
                json!(null),
                json!(14),
                Some("does not expire by age → expires after 2 weeks"),
            ),
            ("expirationDays", json!(1), json!(90), Some("expires after 1 day → expires after 90 days")),
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
            ("title", json!("a"), json!("b"), None),
        ];
        for (name, before, after, expected) in cases {
            assert_eq!(meaning(name, &before, &after).as_deref(), expected, "{name} {before} {after}");
        }
    }
}
