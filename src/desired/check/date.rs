//! Recognises dates, and guesses which date a local notation means.

use jiff::civil::Date;

/// Whether the text is a calendar date, or a date with a time and an offset (ISO 8601).
pub(super) fn is_date(text: &str) -> bool {
    match text.get(10..) {
        Some("") => text.parse::<Date>().is_ok_and(|date| date.to_string() == text),
        // The parser also accepts a space instead of the T, and a time zone name at the end.
        Some(time) => time.starts_with('T') && !time.contains('[') && text.parse::<jiff::Timestamp>().is_ok(),
        None => false,
    }
}

/// The ISO date that a local notation means; `None` where it could mean two dates.
pub(super) fn unambiguous(text: &str) -> Option<String> {
    let text = text.trim();
    let date = text.split([' ', 'T']).next()?;
    let sign = ['.', '/', '-'].into_iter().find(|sign| date.contains(*sign));
    let numbers: Vec<i16> = match sign {
        Some(sign) => {
            date.trim_end_matches(sign).split(sign).map(|part| part.parse().ok()).collect::<Option<_>>()?
        }
        None => compact(date)?,
    };
    let [one, two, three] = numbers.try_into().ok()?;
    let (year, month, day) = match sign {
        _ if one > 999 => (one, two, three),
        // With dots, the day always comes first.
        Some('.') => (three, two, one),
        _ if one > 12 => (three, two, one),
        _ if two > 12 || one == two => (three, one, two),
        _ => return None,
    };
    if year < 1000 {
        return None;
    }
    let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    Some(date.to_string())
}

/// Reads `20271231`.
fn compact(date: &str) -> Option<Vec<i16>> {
    let part = |range: std::ops::Range<usize>| date.get(range)?.parse().ok();
    (date.len() == 8).then_some(())?;
    Some(vec![part(0..4)?, part(4..6)?, part(6..8)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unambiguous_dates_are_suggested() {
        for text in [
            "31.12.2027",
            "31.12.2027.",
            "12/31/2027",
            "31/12/2027",
            "31-12-2027",
            "12-31-2027",
            "2027/12/31",
            "2027.12.31",
            "20271231",
            "31.12.2027 00:00",
            "2027-12-31 10:00:00Z",
            "2027-12-31T10:00",
        ] {
            assert_eq!(unambiguous(text).as_deref(), Some("2027-12-31"), "{text}");
        }
        assert_eq!(unambiguous("1.2.2027").as_deref(), Some("2027-02-01"));
        assert_eq!(unambiguous("5/5/2027").as_deref(), Some("2027-05-05"));
        for text in
            ["01/02/2027", "1-2-2027", "31.13.2027", "2026-02-30", "31.12.27", "tomorrow", "", "1/2", "46387"]
        {
            assert_eq!(unambiguous(text), None, "{text}");
        }
    }

    #[test]
    fn dates_must_exist() {
        for text in ["2028-02-29", "2027-12-31T00:00:00Z", "2027-12-31T00:00:00+02:00"] {
            assert!(is_date(text), "{text}");
        }
        for text in ["2027-02-29", "2027-1-1", "2027-12-31 00:00:00Z", "2027-12-31T00:00", "20271231"] {
            assert!(!is_date(text), "{text}");
        }
    }
}
