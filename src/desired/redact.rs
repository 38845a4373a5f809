//! What of a template file's lines is shown with what is wrong in them. Somebody may have pasted a key into one, and what is
//! found ends up in logs and in public comments.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::LazyLock;

use super::fields::{FILE_SECTIONS, LABEL, MOVE, SIDES, TEMPLATE, TEMPLATE_SETTINGS};
use super::named_values::{NamedValue, named_values};
use crate::config::secrecy::{beginning, has_private_address, has_random, mentions_secret};
use crate::model::{Finding, Place};

const NOT_SHOWN_HELP: &str = "the line may hold a key, so it is not shown: a key does not belong in this file. Put it \
                              into CERTCTL_API_KEY, and have one that was here replaced";

/// Lines inside the text of a known field, such as CSS: what looks like names and values there is none.
#[derive(Debug, Default)]
pub(super) struct TextLines(HashSet<(PathBuf, usize)>);

impl TextLines {
    pub(super) fn add(&mut self, place: &Place) {
        self.0.insert((place.file.clone(), place.line));
    }

    fn contains(&self, place: &Place) -> bool {
        !self.0.is_empty() && self.0.contains(&(place.file.clone(), place.line))
    }
}

/// What is told of a file before it is read as YAML, or where that stops.
const UNREAD: [&str; 6] =
    ["not-utf-8", "several-documents", "tab", "too-much", "unfinished-merge", "yaml-syntax"];

/// Takes out of a finding what may be a secret.
pub(super) fn redact(finding: &mut Finding, texts: &TextLines) {
    let is_in_template = |place: &Place| !place.file.ends_with(crate::config::FILE);
    let mut reading = Reading { mistyped: None, is_yaml: !UNREAD.contains(&finding.rule) };
    if finding.rule == "unknown-field" {
        // What is nearly the name of a field is one that was mistyped; what is another name may be anything.
        if finding.message.contains("did you mean") {
            reading.mistyped = Some(alike(&marked(&finding.place)));
        } else {
            finding.place.source_line = beginning(&finding.place);
        }
    }
    let mut is_hidden = false;
    for place in std::iter::once(&mut finding.place).chain(finding.related.iter_mut().map(|(place, _)| place))
    {
        let line = &place.source_line;
        if is_in_template(place) && (looks_secret(line) || !texts.contains(place) && reading.has_secret(line))
        {
            place.source_line.clear();
            is_hidden = true;
        }
    }
    if is_hidden {
        let help = finding.help.take().map(|help| format!("{help}; {NOT_SHOWN_HELP}"));
        finding.help = Some(help.unwrap_or_else(|| NOT_SHOWN_HELP.to_owned()));
    }
}

/// Whether a name may have a secret in it: one where the blank behind the colon is missing has its value in it.
pub(super) fn is_secret_name(name: &str) -> bool {
    // Where a blank follows the colon, the name was written in quotes.
    let line = name.replace(": ", " ");
    looks_secret(name) || Reading { mistyped: None, is_yaml: true }.has_secret(&line)
}

/// The text that is marked.
fn marked(place: &Place) -> String {
    place.source_line.chars().skip(place.column.saturating_sub(1)).take(place.width).collect()
}

/// Whether a line looks as if it held a secret, wherever it is.
fn looks_secret(line: &str) -> bool {
    has_random(line) || has_user(line)
}

/// Whether there is a user's name in an address. A query is part of many an image's address.
fn has_user(line: &str) -> bool {
    line.contains('@') && has_private_address(&line.replace(['?', '#'], " "))
}

/// How a line is to be read.
struct Reading {
    /// A name that is nearly the name of a field.
    mistyped: Option<String>,
    /// Whether the parser took the line: then `*name` and `&name` are what they look like.
    is_yaml: bool,
}

impl Reading {
    /// Whether a name that is not certctl's has a value in this line.
    fn has_secret(&self, line: &str) -> bool {
        named_values(line).any(|named| {
            let name = alike(named.name);
            if KNOWN.contains(&name) || named.name.trim() == "<<" {
                return false;
            }
            let is_mistyped = self.mistyped.as_ref() == Some(&name);
            if mentions_secret(named.name) {
                return named.value.trim() == CUT || self.has_scalar(&named);
            }
            !is_mistyped && self.has_scalar(&named)
        })
    }

    /// Whether one value follows the name, or a list of some, and no mapping.
    fn has_scalar(&self, named: &NamedValue<'_>) -> bool {
        let mut value = named.value.trim();
        if self.is_yaml && value.starts_with('*') {
            return false;
        }
        if let Some(anchor) = value.strip_prefix('&') {
            let name = anchor.trim_start_matches(|c: char| !c.is_whitespace());
            let is_mapping = name.trim().is_empty() && named.rest.starts_with('{');
            value = if self.is_yaml || is_mapping { name.trim_start() } else { value };
        }
        match value.trim_matches(|c: char| c.is_whitespace() || "[]".contains(c)) {
            // A comment has a blank behind its sign; a secret that begins so may have none.
            "" => named
                .rest
                .strip_prefix('#')
                .is_some_and(|rest| rest.starts_with(|c: char| !c.is_whitespace())),
            CUT | "~" | "null" | "true" | "false" => false,
            text => !is_block_header(text),
        }
    }
}

/// Stands for a value that was taken out.
const CUT: &str = "…";

/// `|` or `>`: the text is on the next lines.
fn is_block_header(text: &str) -> bool {
    text.strip_prefix(['|', '>'])
        .is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || "+-".contains(c)))
}

/// The names that certctl gives a meaning.
static KNOWN: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let fields = TEMPLATE.iter().chain(&LABEL).map(|(name, _)| *name);
    fields.chain(TEMPLATE_SETTINGS).chain(FILE_SECTIONS).chain(MOVE).chain(SIDES).map(alike).collect()
});

/// A name as it is compared: `font_size` and `"fontSize"` are alike.
fn alike(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SourceText;

    /// The line that is shown.
    fn shown(rule: &'static str, line: &str, marked: &str) -> String {
        let at = line.find(marked).unwrap();
        let mut finding = Finding {
            place: SourceText::new("a.yaml", line).place(at..at + marked.len()),
            rule,
            message: "x".to_owned(),
            help: None,
            related: Vec::new(),
        };
        redact(&mut finding, &TextLines::default());
        finding.place.source_line
    }

    #[test]
    fn no_line_that_may_hold_a_key_is_shown() {
        for line in [
            "api_key: hunter2",
            "  - { token: hunter2",
            "TI_API_KEY=hunter2",
            "export PW=hunter2",
            "x: ti_live_abcdef0123456789",
            "x: https://me:hunter2@example.com/a?b",
            "pw: &hunter2",
            "pw: hunter2{",
            "  - { x: 1, fontColor: hunter2, pw: hunter2",
        ] {
            assert_eq!(shown("yaml-syntax", line, line), "", "{line}");
        }
    }

    #[test]
    fn the_value_of_an_unknown_field_is_not_shown() {
        for (line, name, expected) in [
            ("    pw: hunter2", "pw", "    pw: …"),
            ("    \"pw\" : hunter2", "\"pw\"", "    \"pw\" : …"),
            ("  - { x: 1, colr: red }", "colr", "  - { x: 1, colr: …"),
            ("  one: { x: 1, colr: red }", "colr", "  one: { x: 1, colr: …"),
            ("  - { pw: hunter2, colr: red }", "colr", ""),
            ("    pw:", "pw", "    pw:"),
        ] {
            assert_eq!(shown("unknown-field", line, name), expected, "{line}");
        }
    }

    #[test]
    fn other_lines_are_shown() {
        for line in [
            "    title: Author training: the keys",
            "    asset: https://cdn.example.com/a.png?v=2",
            "    resourceId: 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01",
            "  keynote-101:",
            "  keynote-101: &a { title: T,",
            "    customCss: a == b",
            "    x-notes: |-",
        ] {
            assert_eq!(shown("yaml-syntax", line, line), line);
        }
    }
}
