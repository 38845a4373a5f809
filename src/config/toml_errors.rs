//! Turns the parser's errors about a certctl.toml that is not TOML into findings. It shows only lines of known
//! settings, because others may hold a secret.

use std::collections::BTreeSet;
use std::ops::Range;

use super::secrecy::{quoted_name, table_name};
use super::setting_findings::{SettingFindings, Shown};
use crate::model::{odd_name, spelled};

const HIDDEN: &str = "this is not TOML; the line may hold a key or a password, so it is not shown";
const KEYS_ELSEWHERE: &str = "write a string in quotes. A key does not belong in this file: put it into CERTCTL_API_KEY or name a \
                              command with api_key_command, and have a key that was here replaced";

/// Adds the errors as findings; `known` has the names of settings, whose lines may be shown.
pub(super) fn find(
    findings: &mut SettingFindings<'_>,
    text: &str,
    errors: Vec<toml::de::Error>,
    known: &[&str],
) {
    let tables = Tables::of(text);
    let mut repeated = BTreeSet::new();
    let mut errors: Vec<(Range<usize>, String)> =
        errors.into_iter().map(|error| (error.span().unwrap_or(0..1), words(error.message()))).collect();
    errors.sort_by_key(|(at, _)| at.start);
    for (at, message) in errors {
        if let Some((odd, character)) = odd_character(text, at.start) {
            let message = format!("this is not TOML: there is a {} here", spelled(character));
            let help = "replace it by the plain character: a blank, or a straight quote".to_owned();
            findings.find_showing(Shown::IfKnown(known), "toml-syntax", odd, message, Some(help));
        } else if findings.is_hidden(&at) {
            findings.find("toml-syntax", at, HIDDEN.to_owned(), Some(KEYS_ELSEWHERE.to_owned()));
        } else if message != DUPLICATE {
            let message = format!("this is not TOML: {message}");
            findings.find_showing(Shown::IfKnown(known), "toml-syntax", at, message, None);
        } else if let Some(table) = tables.headed_at(at.start) {
            repeated.insert(table.start);
            let message = format!("[{}] is defined twice, and only one can count", table.name);
            let help = "write its settings below one heading, and delete the other".to_owned();
            findings.find("duplicate-key", at, message, Some(help));
            if let Some(first) = tables.first_of(table.name) {
                findings.relate(first.start..first.start + 1, "the first one is here");
            }
        } else if tables.around(at.start).is_none_or(|table| !repeated.contains(&table.start)) {
            let name = text.get(at.clone()).unwrap_or_default().trim_matches(['"', '\'']);
            let message = format!("{} is defined twice, and only one can count", quoted_name(name));
            findings.find_showing(Shown::IfKnown(known), "duplicate-key", at, message, None);
        }
    }
}

/// The parser's message for a name that exists already.
const DUPLICATE: &str = "duplicate key";

/// Puts the parser's message on one line, or replaces it if it is about the parser itself.
fn words(message: &str) -> String {
    if message.contains("recurs") {
        return "lists or tables are nested too deeply here".to_owned();
    }
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The headers of tables, in order.
struct Tables<'t>(Vec<TomlTable<'t>>);

struct TomlTable<'t> {
    /// The byte where its line begins.
    start: usize,
    /// The byte where its line ends.
    end: usize,
    name: &'t str,
}

impl<'t> Tables<'t> {
    fn of(text: &'t str) -> Self {
        let mut end = 0;
        let lines = text.split_inclusive('\n').map(|line| {
            end += line.len();
            (end - line.len(), end, line)
        });
        let table = |(start, end, line): (usize, usize, &'t str)| {
            Some(TomlTable { start, end, name: table_name(line.trim_end())? })
        };
        Self(lines.filter_map(table).collect())
    }

    /// Returns the table that contains this byte.
    fn around(&self, at: usize) -> Option<&TomlTable<'t>> {
        self.0.get(self.0.partition_point(|table| table.start <= at).checked_sub(1)?)
    }

    /// Returns the table whose header contains this byte.
    fn headed_at(&self, at: usize) -> Option<&TomlTable<'t>> {
        self.around(at).filter(|table| at < table.end)
    }

    fn first_of(&self, name: &str) -> Option<&TomlTable<'t>> {
        self.0.iter().find(|table| table.name == name)
    }
}

/// Returns the first character of a line, outside of strings, that looks like one of TOML's or is invisible.
fn odd_character(text: &str, at: usize) -> Option<(Range<usize>, char)> {
    let at = text.floor_char_boundary(at.min(text.len()));
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let line = text[start..].lines().next()?;
    let mut quote = None;
    for (position, c) in line.char_indices() {
        match (quote, c) {
            (None, '#') => return None,
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            (None, c) if odd_name(c).is_some() => {
                let position = start + position;
                return Some((position..position + c.len_utf8(), c));
            }
            _ => {}
        }
    }
    None
}
