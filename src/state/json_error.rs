//! Describes errors in a JSON text without quoting the text: a state may be any file that certctl.toml names, and the
//! person who can change certctl.toml may not be allowed to read it.

/// The error in words, with line and column.
pub fn words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    if !error.is_data() || text.starts_with("missing field `") {
        return of_json(&text);
    }
    let (what, place) = text
        .rsplit_once(" at line ")
        .map_or((text.as_str(), String::new()), |(what, place)| (what, format!(" at line {place}")));
    // The expected part is certctl's own word; the found part comes from the file.
    let expected = what.rsplit_once(", expected ").map(|(_, expected)| format!(": expected {expected}"));
    let kind = ["unknown field", "unknown variant", "invalid type", "invalid value", "invalid length"]
        .into_iter()
        .find(|kind| what.starts_with(kind));
    match (kind, expected) {
        (Some(kind), expected) => format!("{kind}{}{place}", expected.unwrap_or_default()),
        (None, _) => format!("{}{place}", without_quotes(what)),
    }
}

/// A syntax error, in words for people who do not write parsers.
fn of_json(text: &str) -> String {
    let (what, place) = text.split_once(" at line ").unwrap_or((text, ""));
    let what = match what {
        what if what.starts_with("EOF while parsing") => "it ends in the middle",
        "recursion limit exceeded" => "it is nested too deeply",
        "trailing characters" => "something follows behind its end",
        "expected value" => "a value is missing, or is not JSON",
        what => what,
    };
    if place.is_empty() { what.to_owned() } else { format!("{what}, at line {place}") }
}

/// Whether the error is about a field that this version does not know.
pub(super) fn is_unknown_field(error: &serde_json::Error) -> bool {
    error.is_data() && error.to_string().starts_with("unknown field `")
}

/// Whether the error is about a variant that this version does not know.
pub(super) fn is_unknown_kind(error: &serde_json::Error) -> bool {
    error.is_data() && error.to_string().starts_with("unknown variant `")
}

/// A sentence without anything in quotes.
fn without_quotes(sentence: &str) -> String {
    let mut words = String::new();
    let mut quote: Option<char> = None;
    for letter in sentence.chars() {
        match quote {
            Some(end) if letter == end => quote = None,
            Some(_) => {}
            None if "`\"".contains(letter) => {
                quote = Some(letter);
                words.push_str("(…)");
            }
            None => words.push(letter),
        }
    }
    words
}

/// The name of a format, if it looks like one of certctl's.
pub(super) fn format_name(format: &str) -> &str {
    let version = format.strip_prefix("certctl.").and_then(|name| name.split_once("/v"));
    let is_plain = version.is_some_and(|(name, version)| {
        !name.is_empty()
            && name.len() <= 20
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
            && (1..=9).contains(&version.len())
            && version.bytes().all(|byte| byte.is_ascii_digit())
    });
    if is_plain { format } else { "(not shown)" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{Document, Record};

    #[test]
    fn nothing_of_the_text_is_repeated() {
        for text in [
            "\"SECRET\"",
            "{\"SECRET\": 1}",
            "{\"format\": {\"SECRET\": \"SECRET\"}}",
            "{\"format\": \"certctl.state/v1\", \"lineage\": [\"SECRET\"]}",
            "{\"op\": \"SECRET\"}",
            "{\"op\": \"open\", \"format\": \"SECRET\"",
            "{\"templates\": {\"SECRET\": \"SECRET\"}}",
            "{\"templates\": {\"SECRET\": {\"status\": \"SECRET\"}}}",
            "{\"templates\": {\"SE\\nCRET\": {\"status\": \"applied\", \"digest\": \"SECRET, expected SECRET\"}}}",
            "SECRET",
            "12345SECRET",
        ] {
            for error in
                [serde_json::from_str::<Document>(text).err(), serde_json::from_str::<Record>(text).err()]
                    .into_iter()
                    .flatten()
            {
                let words = words(&error);
                assert!(!words.contains("SECRET") && !words.is_empty(), "{text}: {words}");
            }
        }
    }

    #[test]
    fn rows_that_lack_something_say_what() {
        let of = |row: &str| {
            let text = format!("{{\"templates\": {{\"a\": {row}}}}}");
            words(&serde_json::from_str::<Document>(&text).unwrap_err())
        };
        let attempt = "{\"at\": \"2026-11-23T10:00:00Z\", \"attributes\": {}, \"batch\": \"1\", \"digest\": \"sha256:0000000000000000000000000000000000000000000000000000000000000000\"}";
        for (row, says) in [
            ("{\"status\": \"applied\", \"id\": \"x\"}".to_owned(), "id and idSource must both be there"),
            ("{\"status\": \"failed\"}".to_owned(), "error is required for a failed template"),
            ("{\"status\": \"pending\"}".to_owned(), "job and attempt are required for a pending template"),
            (
                "{\"status\": \"in_doubt\"}".to_owned(),
                "error and attempt are required for a template in doubt",
            ),
            (
                format!("{{\"status\": \"applied\", \"attempt\": {attempt}}}"),
                "attempt is not allowed for an applied template",
            ),
            (
                format!("{{\"status\": \"applied\", \"earlierAttempts\": [{attempt}]}}"),
                "attempt is required beside earlierAttempts",
            ),
        ] {
            assert!(of(&row).starts_with(says), "{row}: {}", of(&row));
        }
        let outcome = |row: &str| {
            let text = format!(
                "{{\"record\": \"outcome\", \"at\": \"2026-11-23T10:00:00Z\", \"batch\": \"1\", \"candidateIds\": [], \"rows\": [{row}], \"warnings\": []}}"
            );
            words(&serde_json::from_str::<Record>(&text).unwrap_err())
        };
        for (row, says) in [
            ("{\"key\": \"a\", \"result\": \"failed\"}", "message is required"),
            ("{\"key\": \"a\", \"result\": \"pending\"}", "job is required"),
        ] {
            assert!(outcome(row).starts_with(says), "{row}: {}", outcome(row));
        }
    }

    #[test]
    fn syntax_errors_are_in_plain_words() {
        for (text, says) in [
            ("{\"a\": \"b", "it ends in the middle, at line 1 column 8"),
            (&"[".repeat(200), "it is nested too deeply, at line 1 column 128"),
            ("1 2", "something follows behind its end, at line 1 column 3"),
            ("x", "a value is missing, or is not JSON, at line 1 column 1"),
        ] {
            let error = serde_json::from_str::<serde_json::Value>(text).unwrap_err();
            assert_eq!(words(&error), says, "{text}");
        }
    }

    #[test]
    fn what_is_missing_and_where_is_said() {
        let error = |text: &str| words(&serde_json::from_str::<Document>(text).unwrap_err());
        assert!(error("{}").starts_with("missing field `"), "{}", error("{}"));
        assert!(error("[\n5").contains("at line 2"), "{}", error("[\n5"));
        assert_eq!(format_name("certctl.state/v2"), "certctl.state/v2");
        assert_eq!(format_name("certctl.state/v2 SECRET"), "(not shown)");
    }
}
