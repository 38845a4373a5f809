//! Parses single cells. An empty cell, or a client's spelling of NULL, is absent. A cell that could mean two things is
//! unreadable, and nothing may be concluded from its row.

use serde_json::{Value, json};

use super::layout;
use crate::model::FieldType;
use crate::model::clock;
use crate::model::{TemplateId, Timestamp};

/// Why a cell cannot be read, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct UnreadableCell {
    /// What is wrong, as one sentence without a full stop.
    pub(super) message: String,
    /// What to do now.
    pub(super) help: &'static str,
}

const CORRECT: &str = "Correct the cell, or export the table again";
const AGAIN: &str = "A spreadsheet that opens an export rewrites its times: export the table again and do not save it from there";

fn unreadable(column: &str, text: &str, expected: &str) -> UnreadableCell {
    UnreadableCell { message: format!("{text:?} in the column {column} is not {expected}"), help: CORRECT }
}

/// Returns the trimmed text of a cell; `None` if the cell is absent.
pub(super) fn text(cell: &str) -> Option<&str> {
    /// Spellings of NULL in SQL clients (vendor-api.md section 6.1).
    const NULLS: [&str; 4] = ["null", "(null)", "[null]", "\\n"];
    let text = cell.trim();
    let is_null = NULLS.iter().any(|null| text.eq_ignore_ascii_case(null));
    (!text.is_empty() && !is_null).then_some(text)
}

/// Returns a title; `None` if the cell is absent. Every template has one, so `null` in small letters, which few clients
/// write for NULL, is taken for its text.
pub(super) fn title(cell: &str) -> Option<&str> {
    text(cell).map(|_| cell).or_else(|| (cell == "null").then_some(cell))
}

/// Returns the value of an attribute; `None` if the cell is absent. Spaces at the ends of a text are kept.
pub(super) fn value(kind: FieldType, column: &str, cell: &str) -> Result<Option<Value>, UnreadableCell> {
    let Some(text) = text(cell) else { return Ok(None) };
    Ok(match kind {
        FieldType::Text => Some(json!(cell)),
        FieldType::Slug | FieldType::Url | FieldType::Colour | FieldType::Labels => Some(json!(text)),
        FieldType::Uuid => Some(json!(uuid(column, text)?)),
        FieldType::UrlList => urls(column, text)?,
        FieldType::Date => date(column, text)?.map(Value::String),
        FieldType::Integer(_) => Some(json!(integer(column, text)?)),
        FieldType::Boolean => Some(json!(boolean(column, text)?)),
        FieldType::OneOf(words) => Some(json!(one_of(column, words, text)?)),
    })
}

/// Parses true or false. Spreadsheets save them in the user's language.
pub(super) fn boolean(column: &str, text: &str) -> Result<bool, UnreadableCell> {
    const TRUE: [&str; 11] =
        ["true", "t", "1", "yes", "y", "wahr", "vrai", "verdadero", "verdadeiro", "vero", "waar"];
    const FALSE: [&str; 10] = ["false", "f", "0", "no", "n", "falsch", "faux", "falso", "onwaar", "falsk"];
    let word = text.to_lowercase();
    match (TRUE.contains(&word.as_str()), FALSE.contains(&word.as_str())) {
        (true, _) => Ok(true),
        (_, true) => Ok(false),
        _ => Err(UnreadableCell {
            message: format!("{text:?} in the column {column} is neither true nor false"),
            help: "Write true or false into the cell, or export the table again without opening it in a spreadsheet",
        }),
    }
}

/// Parses a whole number. Some clients write `365.0`.
fn integer(column: &str, text: &str) -> Result<i64, UnreadableCell> {
    let whole = match text.split_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0') => whole,
        _ => text,
    };
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = if is_number { whole.parse().ok() } else { None };
    number.ok_or_else(|| unreadable(column, text, "a whole number"))
}

/// Parses a UUID and returns it in lower case.
pub(super) fn uuid(column: &str, text: &str) -> Result<String, UnreadableCell> {
    match uuid::Uuid::try_parse(text) {
        Ok(uuid) => Ok(uuid.hyphenated().to_string()),
        Err(_) => Err(unreadable(column, text, "an id such as 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01")),
    }
}

/// Parses one of the vendor's words, ignoring case and separators.
fn one_of(column: &str, words: &'static [&'static str], text: &str) -> Result<&'static str, UnreadableCell> {
    let is_it = |word: &&&str| layout::column(word) == layout::column(text);
    let word = words.iter().find(is_it).copied();
    word.ok_or_else(|| unreadable(column, text, &format!("one of {}", words.join(", "))))
}

/// Parses a JSON array of URLs, or one URL; `None` if the array is empty.
fn urls(column: &str, text: &str) -> Result<Option<Value>, UnreadableCell> {
    if !text.starts_with('[') {
        return Ok(Some(json!([text])));
    }
    match serde_json::from_str::<Vec<String>>(text) {
        Ok(urls) if urls.is_empty() => Ok(None),
        Ok(urls) => Ok(Some(json!(urls))),
        Err(_) => Err(unreadable(column, text, "a JSON array of addresses, or one address")),
    }
}

/// Parses a day, or a time if it is not midnight; `None` for the year 9999.
pub(super) fn date(column: &str, text: &str) -> Result<Option<String>, UnreadableCell> {
    const DAY: i64 = 24 * 3600;
    let moment = moment(column, text)?;
    Ok(moment.map(|moment| match moment.unix_seconds().rem_euclid(DAY) {
        0 => moment.utc_date().to_string(),
        _ => moment.to_string(),
    }))
}

/// Returns whether a template was deleted, according to the column `statusgroup` (vendor-api.md section 6.1).
pub(super) fn status_group(text: &str) -> Result<bool, UnreadableCell> {
    match text.to_lowercase().as_str() {
        "a" | "active" | "i" | "inactive" => Ok(false),
        "d" | "deleted" => Ok(true),
        _ => Err(UnreadableCell {
            message: format!("{text:?} is not a statusgroup: a is active, i is inactive, d is deleted"),
            help: CORRECT,
        }),
    }
}

/// Parses a time. `None` for the year 9999, which is the vendor's "no date". A date alone is its midnight, the earliest
/// possible time, so that a template never appears newer than it is.
pub(super) fn moment(column: &str, text: &str) -> Result<Option<Timestamp>, UnreadableCell> {
    if text.starts_with("9999-") {
        return Ok(None);
    }
    let plain = with_offset(text);
    // The parser would ignore a zone's name in brackets and return another time.
    let moment = if plain.contains('[') { None } else { Timestamp::parse(&plain) };
    moment.map(Some).ok_or_else(|| UnreadableCell {
        message: format!(
            "{text:?} in the column {column} cannot be read as a time: write it as 2026-11-23 10:00:00 in UTC"
        ),
        help: AGAIN,
    })
}

/// Parses the time of a past event: it cannot be later than `now`, within the tolerance of clocks.
pub(super) fn past(column: &str, text: &str, now: Timestamp) -> Result<Option<Timestamp>, UnreadableCell> {
    match moment(column, text)? {
        Some(moment) if clock::is_before(now, moment) => Err(UnreadableCell {
            message: format!("{text:?} in the column {column} is in the future, and it is {now} now"),
            help: "An export has its times in UTC. Set this machine's clock, or have the export written in UTC",
        }),
        moment => Ok(moment),
    }
}

/// Turns the offset of SQL clients (`… UTC`, `… +0000`) into ISO 8601.
fn with_offset(text: &str) -> String {
    let Some((moment, offset)) = text.rsplit_once(' ') else { return text.to_owned() };
    let is_offset = offset.len() > 2 && offset.starts_with(['+', '-']);
    if ["UTC", "GMT", "Z"].iter().any(|zone| offset.eq_ignore_ascii_case(zone)) {
        format!("{}Z", moment.trim_end())
    } else if is_offset {
        format!("{}{offset}", moment.trim_end())
    } else {
        text.to_owned()
    }
}

/// Parses the id of a template.
pub(super) fn id(text: &str) -> Result<TemplateId, UnreadableCell> {
    let help = "The column id must hold the template's UUID. Export the table certificatetemplates again";
    TemplateId::parse_uuid(text).map_err(|message| UnreadableCell { message, help })
}

/// Returns the resource type as templates spell it; `None` if certctl has no templates for it.
pub(super) fn resource_type(text: &str) -> Option<&'static str> {
    match layout::column(text).as_str() {
        "course" => Some("course"),
        "learningpath" => Some("learningPath"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_has_many_spellings() {
        assert_eq!((title("null"), title("NULL"), title(" A")), (Some("null"), None, Some(" A")));
        for absent in ["", "  ", "\u{a0}", "NULL", "null", "\\N", "(null)", "[NULL]"] {
            assert_eq!(text(absent), None, "{absent:?}");
        }
        assert_eq!(text(" Cloud "), Some("Cloud"));
    }

    mod deleted {
        use super::super::{boolean, status_group};

        #[test]
        fn words_of_spreadsheets_are_read() {
            for word in ["true", "T", "1", "Yes", "WAHR", "VRAI"] {
                assert_eq!(boolean("deleted", word), Ok(true), "{word}");
            }
            for word in ["false", "F", "0", "no", "FALSCH", "FAUX"] {
                assert_eq!(boolean("deleted", word), Ok(false), "{word}");
            }
        }

        #[test]
        fn any_other_word_is_unreadable() {
            for word in ["1.0", "-1", "x", "on", "2026-01-01 00:00:00", "?"] {
                assert!(boolean("deleted", word).is_err(), "{word}");
            }
            for word in ["archived", "trash", "x", "1"] {
                assert!(status_group(word).is_err(), "{word}");
            }
        }
    }

    mod values {
        use serde_json::json;

        use super::super::value;
        use crate::model::FieldType;

        const ID: &str = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01";
        const WORDS: FieldType = FieldType::OneOf(&["actionUrl", "resetProgress"]);

        #[test]
        fn are_read_by_the_kind_of_their_field() {
            for (kind, cell, expected) in [
                (FieldType::Integer(1), " 365 ", json!(365)),
                (FieldType::Integer(1), "365.0", json!(365)),
                (FieldType::Integer(1), "-5", json!(-5)),
                (FieldType::Boolean, "WAHR", json!(true)),
                (FieldType::Date, "2027-12-31 00:00:00.000000", json!("2027-12-31")),
                (FieldType::Date, "2027-12-31 10:00:00", json!("2027-12-31T10:00:00Z")),
                (FieldType::Text, " a\nb ", json!(" a\nb ")),
                (FieldType::UrlList, "https://a.example/b.png", json!(["https://a.example/b.png"])),
                (FieldType::UrlList, "[\"www.a.example\"]", json!(["www.a.example"])),
                (WORDS, "RESET_PROGRESS", json!("resetProgress")),
                (FieldType::Uuid, "8F14E45F-CEEA-467F-A0E6-6B2D6A6F6F01", json!(ID)),
            ] {
                assert_eq!(value(kind, "x", cell), Ok(Some(expected)), "{cell}");
            }
            for (kind, cell) in [
                (FieldType::Text, " "),
                (FieldType::Integer(1), "NULL"),
                (FieldType::UrlList, "[]"),
                (FieldType::Date, "9999-12-01 00:00:00.000000"),
            ] {
                assert_eq!(value(kind, "x", cell), Ok(None), "{cell}");
            }
        }

        #[test]
        fn that_could_mean_two_things_are_unreadable() {
            for (kind, cell) in [
                (FieldType::Integer(1), "thirty"),
                (FieldType::Integer(1), "30.5"),
                (FieldType::Integer(1), "1,000"),
                (FieldType::Integer(1), "1e3"),
                (FieldType::Integer(1), "."),
                (FieldType::Integer(1), "99999999999999999999"),
                (FieldType::Boolean, "maybe"),
                (FieldType::Date, "31.12.2027"),
                (FieldType::UrlList, "[1]"),
                (WORDS, "dance"),
                (FieldType::Uuid, "7"),
            ] {
                assert!(value(kind, "x", cell).is_err(), "{cell}");
            }
        }
    }

    mod moments {
        use super::super::moment;
        use crate::model::Timestamp;

        #[test]
        fn unambiguous_forms_are_read() {
            // 2027-01-15 08:00:00 UTC.
            let expected = Some(Timestamp::from_unix_seconds(1_800_000_000));
            for text in [
                "2027-01-15 08:00:00",
                "2027-01-15 08:00:00.000",
                "2027-01-15 08:00:00.999999",
                "2027-01-15T08:00:00",
                "2027-01-15T08:00:00Z",
                "2027-01-15 08:00:00+00",
                "2027-01-15 08:00:00+00:00",
                "2027-01-15 09:00:00 +0100",
                "2027-01-15 08:00:00.000 +0000",
                "2027-01-15 08:00:00 UTC",
                "2027-01-15 08:00:00 GMT",
            ] {
                assert_eq!(moment("updatedat", text), Ok(expected), "{text}");
            }
            assert_eq!(moment("updatedat", "9999-12-01 00:00:00.000000"), Ok(None));
            let midnight = Some(Timestamp::from_unix_seconds(1_800_000_000 - 8 * 3600));
            assert_eq!(moment("updatedat", "2027-01-15"), Ok(midnight));
        }

        #[test]
        fn ambiguous_forms_are_unreadable() {
            for text in [
                "1/1/2020 0:00",
                "01.01.2020 00:00",
                "01/02/2020 10:00:00 AM",
                "43831",
                "43831.5",
                "1577836800",
                "1577836800000",
                "00:00.0",
                "2020-01-01 00:00:00 CET",
                "2020-01-01 00:00:00[Europe/Berlin]",
                "2020-13-01 00:00:00",
                "whenever",
            ] {
                assert!(moment("updatedat", text).is_err(), "{text}");
            }
        }
    }
}
