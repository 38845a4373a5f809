//! Redacts source lines in findings. A key may have been pasted into a template file, and findings appear in logs
//! and public comments. Every finding and warning passes through here before any report; messages are not changed,
//! only source lines and help.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::LazyLock;

use super::fields::{FILE, MOVE, NamePlace, SIDES, sections, settings};
use super::named_values::{NamedValue, named_values};
use crate::config::secrecy::{beginning, has_random, mentions_secret};
use crate::config::secret_address::{has_key_in_address, has_private_address};
use crate::model::{Finding, LABEL_FIELDS, SourceLocation, TEMPLATE_FIELDS};

const NOT_SHOWN_HELP: &str = "the line may hold a key or a password, so it is not shown: neither belongs in this file. \
                              certctl takes the API key from CERTCTL_API_KEY. If there was one here, have it replaced";

/// Lines inside the text of a known field, such as CSS: what looks like a name and a value there is not one.
#[derive(Debug, Default)]
pub(super) struct TextLines(HashSet<(PathBuf, usize)>);

impl TextLines {
    pub(super) fn add(&mut self, place: &SourceLocation) {
        self.0.insert((place.file.clone(), place.line));
    }

    fn contains(&self, place: &SourceLocation) -> bool {
        !self.0.is_empty() && self.0.contains(&(place.file.clone(), place.line))
    }
}

/// Rules that are checked before a file is parsed, or where parsing stops.
const UNREAD: [&str; 6] =
    ["not-utf-8", "several-documents", "tab", "too-much", "unfinished-merge", "yaml-syntax"];

/// Removes from findings what may be a secret.
#[derive(Debug, Default)]
pub(super) struct Redaction {
    texts: TextLines,
    /// The secrets of each line, by whether the line is valid YAML: thousands of findings can share a line.
    seen: HashMap<(PathBuf, usize, bool), SecretsInLine>,
}

impl Redaction {
    pub(super) fn new(texts: TextLines) -> Self {
        Self { texts, seen: HashMap::new() }
    }

    pub(super) fn redact(&mut self, finding: &mut Finding) {
        let is_in_template = |place: &SourceLocation| !place.file.ends_with(crate::config::FILE);
        let is_yaml = !UNREAD.contains(&finding.rule);
        // A name that resembles a field is a mistyped field; any other name may hold anything.
        let is_unknown = finding.rule == "unknown-field";
        let is_mistyped = is_unknown && finding.message.contains("did you mean");
        let mut is_hidden = false;
        let (main, related) =
            (&mut finding.place, finding.related.iter_mut().map(|(place, _)| (place, false)));
        for (place, is_unknown) in std::iter::once((main, is_unknown)).chain(related) {
            if !is_in_template(place) || place.source_line.is_empty() {
                continue;
            }
            let is_secret = if is_unknown && !is_mistyped {
                self.cut(place, is_yaml)
            } else {
                let mistyped = (is_unknown && is_mistyped).then(|| alike(&marked(place)));
                let is_text = self.texts.contains(place);
                let seen = self.seen(place, is_yaml);
                seen.looks_secret || !is_text && seen.has_secret(mistyped.as_deref())
            };
            if is_secret {
                place.source_line.clear();
                is_hidden = true;
            }
        }
        if is_hidden {
            let help = finding.help.take().map(|help| format!("{help}; {NOT_SHOWN_HELP}"));
            finding.help = Some(help.unwrap_or_else(|| NOT_SHOWN_HELP.to_owned()));
        }
    }

    /// Removes the source line of a place, if the line may hold a secret.
    pub(super) fn redact_place(&mut self, place: &mut SourceLocation) {
        let seen = self.seen(place, true);
        if seen.looks_secret || seen.has_secret(None) {
            place.source_line.clear();
        }
    }

    /// Cuts a line after the marked name; returns whether the name itself may be a secret.
    fn cut(&mut self, place: &mut SourceLocation, is_yaml: bool) -> bool {
        let seen = self.seen(place, is_yaml);
        let before = place.source_line.chars().take(place.column.saturating_sub(1)).map(char::len_utf8).sum();
        let is_behind_secret = seen.first.as_ref().is_some_and(|(at, _)| *at < before);
        let looks_secret = seen.looks_secret;
        let name = marked(place);
        place.source_line = beginning(place);
        let is_cut = place.source_line.ends_with(CUT);
        is_behind_secret
            || is_secret_name(&name)
            || is_cut && mentions_secret(&name)
            || looks_secret && self::looks_secret(&place.source_line)
    }

    /// The secrets in the line of a place.
    fn seen(&mut self, place: &SourceLocation, is_yaml: bool) -> &SecretsInLine {
        let line = || SecretsInLine::in_line(&place.source_line, is_yaml);
        self.seen.entry((place.file.clone(), place.line, is_yaml)).or_insert_with(line)
    }
}

/// What may be secret in a line.
#[derive(Debug, Default)]
struct SecretsInLine {
    looks_secret: bool,
    /// The offset of the first unknown name with a value, and the name.
    first: Option<(usize, String)>,
    /// Whether there is another unknown name, or one that suggests a secret.
    has_other: bool,
}

impl SecretsInLine {
    /// `is_yaml`: whether the parser accepted the line, so that `*name` and `&name` are aliases and anchors.
    fn in_line(line: &str, is_yaml: bool) -> Self {
        let mut seen = Self { looks_secret: looks_secret(line), ..Self::default() };
        for named in named_values(line).filter(|named| has_scalar(named, is_yaml)) {
            let name = alike(named.name);
            if KNOWN.contains(&name) || named.name.trim() == "<<" {
                continue;
            }
            let is_first = seen.first.is_none();
            let (_, first) = seen.first.get_or_insert_with(|| (named.at, name.clone()));
            if mentions_secret(named.name) || !is_first && *first != name {
                seen.has_other = true;
                break;
            }
        }
        seen
    }

    /// Whether an unknown name has a value. A mistyped field is allowed one.
    fn has_secret(&self, mistyped: Option<&str>) -> bool {
        self.has_other || self.first.as_ref().is_some_and(|(_, name)| mistyped != Some(name.as_str()))
    }
}

/// Whether a scalar, or a list of scalars, follows the name.
fn has_scalar(named: &NamedValue<'_>, is_yaml: bool) -> bool {
    let mut value = named.value.trim();
    if is_yaml && value.starts_with('*') {
        return false;
    }
    if let Some(anchor) = value.strip_prefix('&') {
        let behind = anchor.trim_start_matches(|c: char| !c.is_whitespace());
        let is_mapping = behind.trim().is_empty() && named.rest.starts_with('{');
        value = if is_yaml || is_mapping { behind.trim_start() } else { value };
    }
    match value.trim_matches(|c: char| c.is_whitespace() || "[]".contains(c)) {
        // A comment needs a blank after its `#`; a secret may begin with `#` without one.
        "" => named.rest.strip_prefix('#').is_some_and(|rest| rest.starts_with(|c: char| !c.is_whitespace())),
        "~" | "null" | "true" | "false" => false,
        text => !is_block_header(text),
    }
}

/// Whether a name may contain a secret: without a blank after the colon, the value is part of the name.
pub(super) fn is_secret_name(name: &str) -> bool {
    // With a blank after the colon, the name was written in quotes.
    let line = name.replace(": ", " ");
    looks_secret(name) || SecretsInLine::in_line(&line, true).has_secret(None)
}

/// The marked text of a place.
fn marked(place: &SourceLocation) -> String {
    place.source_line.chars().skip(place.column.saturating_sub(1)).take(place.width).collect()
}

/// Whether a line seems to hold a secret, whatever its context.
fn looks_secret(line: &str) -> bool {
    has_random(line) || has_user(line) || has_key_in_address(line)
}

/// Whether an address contains a user name. Queries are allowed: many image addresses have one.
fn has_user(line: &str) -> bool {
    line.contains('@') && has_private_address(&line.replace(['?', '#'], " "))
}

/// Replaces a value that was removed.
const CUT: char = '…';

/// `|` or `>`: the text follows on the next lines.
fn is_block_header(text: &str) -> bool {
    text.strip_prefix(['|', '>'])
        .is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || "+-".contains(c)))
}

/// The names that have a meaning to certctl.
static KNOWN: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let fields = TEMPLATE_FIELDS.iter().chain(&LABEL_FIELDS).map(|field| field.name);
    fields
        .chain(settings(NamePlace::Template))
        .chain(sections())
        .chain(MOVE)
        .chain(SIDES)
        .chain([FILE])
        .map(alike)
        .collect()
});

/// A name in comparable form: `font_size` and `"fontSize"` become equal.
fn alike(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SourceText;

    /// The line as shown after redaction.
    fn shown(rule: &'static str, line: &str, marked: &str) -> String {
        let at = line.find(marked).unwrap();
        let mut finding = Finding {
            place: SourceText::new("a.yaml", line).place(at..at + marked.len()),
            rule,
            message: "x".to_owned(),
            help: None,
            related: Vec::new(),
            option: None,
        };
        Redaction::default().redact(&mut finding);
        finding.place.source_line
    }

    #[test]
    fn lines_with_possible_keys_are_hidden() {
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
    fn the_value_of_an_unknown_field_is_hidden() {
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
    fn a_line_is_looked_at_once() {
        let names: Vec<String> = (0..500).map(|number| format!("x{number}")).collect();
        let line = format!(
            "  - {{ {} }}",
            names.iter().map(|name| format!("{name}: 1")).collect::<Vec<_>>().join(", ")
        );
        let source = SourceText::new("a.yaml", &line);
        let mut redaction = Redaction::default();
        for name in &names {
            let at = line.find(&format!("{name}:")).unwrap();
            let mut finding = Finding {
                place: source.place(at..at + name.len()),
                rule: "unknown-field",
                message: "x".to_owned(),
                help: None,
                related: Vec::new(),
                option: None,
            };
            redaction.redact(&mut finding);
            let is_first = name == "x0";
            assert_eq!(finding.place.source_line, if is_first { "  - { x0: …" } else { "" }, "{name}");
        }
        assert_eq!(redaction.seen.len(), 1);
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
