//! What of a template file's lines is shown with what is wrong in them. Somebody may have pasted a key into one, and what is
//! found ends up in logs and in public comments.

use super::fields::{LABEL, TEMPLATE, TEMPLATE_SETTINGS};
use crate::config::secrecy::{beginning, has_private_address, has_random, mentions_secret};
use crate::model::{Finding, Place};

const NOT_SHOWN_HELP: &str = "the line may hold a key, so it is not shown: a key does not belong in this file. Put it into \
                         CERTCTL_API_KEY, and have one that was here replaced";

/// Takes out of a finding what may be a secret.
pub(super) fn redact(finding: &mut Finding) {
    let is_in_template = |place: &Place| !place.file.ends_with(crate::config::FILE);
    // What is nearly the name of a field is one that was mistyped; what is another name may be anything.
    if finding.rule == "unknown-field" && !finding.message.contains("did you mean") {
        finding.place.source_line = up_to_name(&finding.place);
    }
    let mut is_hidden = false;
    for place in std::iter::once(&mut finding.place).chain(finding.related.iter_mut().map(|(place, _)| place))
    {
        if is_in_template(place) && may_hold_secret(&place.source_line) {
            place.source_line.clear();
            is_hidden = true;
        }
    }
    if is_hidden {
        let help = finding.help.take().map(|help| format!("{help}; {NOT_SHOWN_HELP}"));
        finding.help = Some(help.unwrap_or_else(|| NOT_SHOWN_HELP.to_owned()));
    }
}

/// The line without what follows the name that is marked, and nothing where values of other names are before it.
fn up_to_name(place: &Place) -> String {
    let before: String = place.source_line.chars().take(place.column.saturating_sub(1)).collect();
    let is_plain = before.split(['{', ',']).all(|piece| match piece.split_once(':') {
        Some((name, _)) => is_field(name),
        None => true,
    });
    if is_plain { beginning(place) } else { String::new() }
}

/// Whether a line may hold a secret, whatever is wrong in it.
fn may_hold_secret(line: &str) -> bool {
    let (name, value) = line.split_once([':', '=']).unwrap_or(("", line));
    let is_named_so = !is_field(name) && mentions_secret(name) && !value.trim().is_empty();
    is_named_so || is_assignment(line) || has_random(line) || has_user(line)
}

fn is_field(name: &str) -> bool {
    let name = name.trim_matches(|c: char| c.is_whitespace() || "-{[\"'".contains(c));
    let known = TEMPLATE.iter().chain(&LABEL).map(|(known, _)| *known);
    known.chain(TEMPLATE_SETTINGS).any(|known| known == name)
}

/// `NAME=value`, as in a `.env` file.
fn is_assignment(line: &str) -> bool {
    let line = line.trim_start();
    let line = line.strip_prefix("export ").unwrap_or(line);
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    line.split_once('=').is_some_and(|(name, value)| {
        !name.is_empty() && name.chars().all(is_name) && !value.trim().is_empty() && !value.starts_with('=')
    })
}

/// Whether there is a user's name in an address. A query is part of many an image's address.
fn has_user(line: &str) -> bool {
    line.contains('@') && has_private_address(&line.replace(['?', '#'], " "))
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
        redact(&mut finding);
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
            "    customCss: a == b",
        ] {
            assert_eq!(shown("yaml-syntax", line, line), line);
        }
    }
}
