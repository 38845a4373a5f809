//! What one cell says. An empty cell, or one with a client's word for NULL, is absent; what can be read without
//! guessing is read; anything else is unreadable, and nothing may be concluded from its row.

use super::layout;
use crate::model::{TemplateId, Timestamp};

/// Why a cell cannot be read, and what would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unreadable {
    /// What is wrong, in one sentence without a full stop.
    pub(super) message: String,
    /// What to do now.
    pub(super) help: &'static str,
}

/// The text of a cell without the blanks around it; nothing where the cell is absent.
pub(super) fn text(cell: &str) -> Option<&str> {
    /// How SQL clients write NULL (vendor-api.md section 6.1).
    const NULLS: [&str; 4] = ["null", "(null)", "[null]", "\\n"];
    let text = cell.trim();
    let is_null = NULLS.iter().any(|null| text.eq_ignore_ascii_case(null));
    (!text.is_empty() && !is_null).then_some(text)
}

/// Whether a template was deleted, as the column `deleted` says it. Spreadsheets save true and false in the language
/// of the person who uses them.
pub(super) fn deleted(text: &str) -> Result<bool, Unreadable> {
    const TRUE: [&str; 11] =
        ["true", "t", "1", "yes", "y", "wahr", "vrai", "verdadero", "verdadeiro", "vero", "waar"];
    const FALSE: [&str; 10] = ["false", "f", "0", "no", "n", "falsch", "faux", "falso", "onwaar", "falsk"];
    let word = text.to_lowercase();
    match (TRUE.contains(&word.as_str()), FALSE.contains(&word.as_str())) {
        (true, _) => Ok(true),
        (_, true) => Ok(false),
        _ => Err(Unreadable {
            message: format!("{text:?} in the column deleted is neither true nor false"),
            help: "Write true or false into the cell, or export the table again without opening it in a spreadsheet",
        }),
    }
}

/// Whether a template was deleted, as the column `statusgroup` says it (vendor-api.md section 6.1).
pub(super) fn status_group(text: &str) -> Result<bool, Unreadable> {
    match text.to_lowercase().as_str() {
        "a" | "active" | "i" | "inactive" => Ok(false),
        "d" | "deleted" => Ok(true),
        _ => Err(Unreadable {
            message: format!("{text:?} is not a statusgroup: a is active, i is inactive, d is deleted"),
            help: "Correct the cell, or export the table again",
        }),
    }
}

/// The moment in a cell. Nothing for the year 9999, which is the vendor's way of writing "no date". A date alone is its
/// midnight: the earliest it can be, so that it never makes a template newer than it is.
pub(super) fn moment(column: &str, text: &str) -> Result<Option<Timestamp>, Unreadable> {
    if text.starts_with("9999-") {
        return Ok(None);
    }
    let plain = with_offset(text);
    // A zone's name in brackets would be passed over and another moment read.
    let moment = if plain.contains('[') { None } else { Timestamp::parse(&plain) };
    moment.map(Some).ok_or_else(|| Unreadable {
        message: format!("{text:?} in the column {column} cannot be read as a time"),
        help: "Write it as 2026-11-23 10:00:00 in UTC. A spreadsheet that opens an export rewrites its times: export the \
               table again and do not save it from there",
    })
}

/// The offset of SQL clients (`… UTC`, `… +0000`) as ISO 8601 has it.
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

/// A template's id.
pub(super) fn id(text: Option<&str>) -> Result<TemplateId, Unreadable> {
    let help = "The column id must hold the template's UUID. Export the table certificatetemplates again";
    match text {
        Some(text) => TemplateId::parse_uuid(text).map_err(|message| Unreadable { message, help }),
        None => Err(Unreadable { message: "the id of this template is missing".to_owned(), help }),
    }
}

/// The resource type as a template has it; nothing for a word that certctl has no templates for.
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
        for absent in ["", "  ", "\u{a0}", "NULL", "null", "\\N", "(null)", "[NULL]"] {
            assert_eq!(text(absent), None, "{absent:?}");
        }
        assert_eq!(text(" Cloud "), Some("Cloud"));
    }

    mod deleted {
        use super::super::{deleted, status_group};

        #[test]
        fn words_of_spreadsheets_are_read() {
            for word in ["true", "T", "1", "Yes", "WAHR", "VRAI"] {
                assert_eq!(deleted(word), Ok(true), "{word}");
            }
            for word in ["false", "F", "0", "no", "FALSCH", "FAUX"] {
                assert_eq!(deleted(word), Ok(false), "{word}");
            }
        }

        #[test]
        fn any_other_word_is_unreadable() {
            for word in ["1.0", "-1", "x", "on", "2026-01-01 00:00:00", "?"] {
                assert!(deleted(word).is_err(), "{word}");
            }
            for word in ["archived", "trash", "x", "1"] {
                assert!(status_group(word).is_err(), "{word}");
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
