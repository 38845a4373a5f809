//! Decides which parts of certctl.toml must not be shown: a person may have written a key or a password into it in any
//! form, and messages about the file end up in logs and public comments.
//!
//! It goes by what lines look like and not by how TOML reads them, because the most likely mistake, `api_key = …`
//! without quotes as in a `.env` file, is not TOML.

use super::secret_address::has_private_address;
use crate::model::SourceLocation;

/// A line that contains one of these words, in any case, may hold a secret.
const WORDS: [&str; 9] = ["key", "token", "secret", "pass", "pwd", "credential", "bearer", "auth", "cookie"];

/// Replaces a name or a value that may be a secret.
pub(crate) const NOT_SHOWN: &str = "(not shown)";

/// Replaces a name that may be a secret in messages that give its place.
pub(crate) const THIS_NAME: &str = "this name";

/// What is said of a name that may be a key or the setting of one.
pub(super) const NO_KEY_HERE: &str = "a key does not belong in this file. Put it into CERTCTL_API_KEY or name a command with \
                                      api_key_command; a key that was here may have been seen, so have it replaced";

/// What is said of a name that may be a password or the setting of one.
pub(super) const NO_PASSWORD_HERE: &str = "a password does not belong in this file. Put it into CERTCTL_OBSERVER_PASSWORD or name \
                                           a command with password_command; one that was here may have been seen, so have \
                                           it replaced";

/// Returns whether a text contains a word for a secret.
pub(crate) fn mentions_secret(text: &str) -> bool {
    let text = text.to_lowercase();
    WORDS.iter().any(|word| text.contains(word))
}

/// Returns a name in quotes if it may be repeated at the beginning of a message, or a placeholder.
pub(crate) fn quoted_name(name: &str) -> String {
    if shown_name(name) == name { format!("{name:?}") } else { THIS_NAME.to_owned() }
}

/// Returns a name if it may be repeated in a message, or a placeholder.
pub(crate) fn shown_name(name: &str) -> &str {
    let is_name = |c: char| c.is_alphanumeric() || "-_. /".contains(c);
    let is_plain = name.chars().count() <= 100 && name.chars().all(is_name) && !has_random(name);
    if is_plain { name } else { NOT_SHOWN }
}

/// Common prefixes of API keys, of this vendor and others.
const KEY_BEGINNINGS: [&str; 8] =
    ["ti_live_", "ti_test_", "sk_live_", "sk_test_", "pk_live_", "pk_test_", "rk_live_", "rk_test_"];

/// Returns whether a word in the text begins like a key and continues.
pub(crate) fn has_key_beginning(text: &str) -> bool {
    // Every beginning has a low line, and most texts have none.
    text.contains('_')
        && KEY_BEGINNINGS.iter().any(|beginning| {
            text.match_indices(beginning).any(|(at, _)| {
                let is_word = !text[..at].ends_with(|c: char| c.is_ascii_alphabetic());
                is_word && text[at + beginning.len()..].starts_with(|c: char| c.is_ascii_alphanumeric())
            })
        })
}

/// Returns whether a word in the text looks random or begins like a key. UUIDs look random too but are everywhere, even
/// mistyped, so they do not count.
pub(crate) fn has_random(text: &str) -> bool {
    if has_key_beginning(text) {
        return true;
    }
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    text.split(|c| !is_part(c))
        .filter(|word| word.len() >= 10 && !is_nearly_uuid(word))
        .any(|word| word.split(['-', '_']).any(is_random))
}

/// Returns whether a word is a UUID, possibly with a few characters too few or too many.
fn is_nearly_uuid(word: &str) -> bool {
    let has_form = (34..=38).contains(&word.len()) && !word.contains('_') && word.split('-').count() == 5;
    has_form || uuid::Uuid::try_parse(word).is_ok()
}

fn is_random(word: &str) -> bool {
    let count = |is: fn(&u8) -> bool| word.as_bytes().iter().filter(|byte| is(byte)).count();
    let (letters, digits) = (count(u8::is_ascii_alphabetic), count(u8::is_ascii_digit));
    let changes = word.as_bytes().windows(2).filter(|two| two[0].is_ascii_digit() != two[1].is_ascii_digit());
    letters >= 2 && digits >= 3 && (word.len() >= 16 || word.len() >= 10 && changes.count() >= 4)
}

/// Returns whether a line or a value of certctl.toml may hold a secret.
pub(super) fn is_secret(line: &str) -> bool {
    let asks = || line.contains("url") && line.contains(['?', '@']);
    mentions_secret(line) || has_random(line) || has_private_address(line) || asks()
}

/// Returns the line of a place up to the marked name and the sign after it: the value may be anything.
pub(crate) fn beginning(place: &SourceLocation) -> String {
    let line = &place.source_line;
    let end = (place.column - 1 + place.width).min(line.chars().count());
    let at = line.char_indices().nth(end).map_or(line.len(), |(at, _)| at);
    let (name, rest) = line.split_at(at);
    without_value(name, rest)
}

/// Like [`beginning`], but empty if values of other names come first.
pub(super) fn up_to_name(place: &SourceLocation) -> String {
    let sign = place.source_line.chars().position(|c| c == '=');
    match sign {
        // The header of a table.
        None => place.source_line.clone(),
        Some(sign) if sign < place.column => String::new(),
        Some(_) => beginning(place),
    }
}

/// Returns what may be shown of a line that is not TOML: all of it if it sets a known name, otherwise its name.
pub(super) fn readable(line: &str, known: &[&str]) -> String {
    let text = line.trim();
    if text.is_empty() || text.starts_with(['#', '[']) {
        return line.to_owned();
    }
    let Some(at) = line.find([':', '=']) else { return String::new() };
    let (name, rest) = line.split_at(at);
    let plain = name.trim().trim_matches(['"', '\'']);
    if known.contains(&plain) {
        line.to_owned()
    } else if shown_name(plain) == plain {
        without_value(name, rest)
    } else {
        String::new()
    }
}

/// Returns a name and the sign after it, without the value.
fn without_value(name: &str, rest: &str) -> String {
    let sign = rest.trim_start_matches(['"', '\'']).trim_start();
    let value = sign.strip_prefix([':', '=']).unwrap_or(sign);
    if value.trim().is_empty() {
        return format!("{name}{rest}");
    }
    let kept = &rest[..rest.len() - value.len()];
    format!("{name}{kept} …")
}

/// The lines of a file that must not be shown: each that may hold a secret, with all lines of the same value.
#[derive(Clone, Debug)]
pub(super) struct HiddenLines(Vec<bool>);

impl HiddenLines {
    pub(super) fn of(text: &str) -> Self {
        let mut hidden = Vec::new();
        let mut scan = Scan::default();
        // The first line of the current setting, and whether it may be secret.
        let (mut first, mut secret, mut in_secret_table) = (0, false, false);
        for (number, line) in text.lines().enumerate() {
            if let Some(table) = table_name(line).filter(|_| scan.text_end.is_none()) {
                in_secret_table = is_secret_table(table);
                scan = Scan::default();
                (first, secret) = (number, false);
            } else if scan.is_outside() {
                // A line that begins no setting probably continues the one before.
                (first, secret) = (number, secret && !begins_setting(line));
            }
            let was_secret = secret;
            secret |= in_secret_table || is_secret(line);
            hidden.push(secret);
            if secret && !was_secret {
                hidden[first..].fill(true);
            }
            scan.line(line);
        }
        Self(hidden)
    }

    /// Returns whether this line, counted from 1, must not be shown.
    pub(super) fn contains(&self, line: usize) -> bool {
        line.checked_sub(1).and_then(|line| self.0.get(line)).copied().unwrap_or(false)
    }
}

/// Returns the name in the header of a table.
pub(super) fn table_name(line: &str) -> Option<&str> {
    let head = line.trim_start().strip_prefix('[')?;
    let head = head.strip_prefix('[').unwrap_or(head);
    let (name, rest) = head.split_once(']')?;
    let rest = rest.strip_prefix(']').unwrap_or(rest).trim();
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-_. ".contains(c);
    let is_head = !name.is_empty() && name.chars().all(is_name) && (rest.is_empty() || rest.starts_with('#'));
    is_head.then_some(name)
}

/// Returns whether the whole table is about secrets. An environment may be called "turkey".
fn is_secret_table(name: &str) -> bool {
    let names: Vec<&str> = name.split('.').map(str::trim).collect();
    match names.as_slice() {
        ["environments", _] | [] => false,
        [.., last] => mentions_secret(last),
    }
}

/// Returns whether a line begins with `name =`.
fn begins_setting(line: &str) -> bool {
    let Some((name, _)) = line.split_once('=') else { return line.trim_start().starts_with('#') };
    let name = name.trim();
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-_. \"'".contains(c);
    !name.is_empty() && name.chars().all(is_name)
}

/// Tracks where a line ends: in a multi-line string, in brackets, or outside of both.
#[derive(Debug, Default)]
struct Scan {
    /// The characters that end the string.
    text_end: Option<&'static str>,
    brackets: usize,
}

impl Scan {
    fn is_outside(&self) -> bool {
        self.text_end.is_none() && self.brackets == 0
    }

    fn line(&mut self, line: &str) {
        let mut rest = line;
        while let Some(sign) = rest.chars().next() {
            if let Some(end) = self.text_end {
                let Some(at) = rest.find(end) else { return };
                (self.text_end, rest) = (None, &rest[at + end.len()..]);
                continue;
            }
            match sign {
                '#' => return,
                '"' | '\'' => {
                    let long = if sign == '"' { "\"\"\"" } else { "'''" };
                    if let Some(inside) = rest.strip_prefix(long) {
                        (self.text_end, rest) = (Some(long), inside);
                    } else {
                        rest = behind_text(&rest[1..], sign);
                    }
                    continue;
                }
                '[' | '{' => self.brackets += 1,
                ']' | '}' => self.brackets = self.brackets.saturating_sub(1),
                _ => {}
            }
            rest = &rest[sign.len_utf8()..];
        }
    }
}

/// Returns what follows a string on one line, or an empty text if it is not closed.
fn behind_text(text: &str, quote: char) -> &str {
    let mut escaped = false;
    for (at, sign) in text.char_indices() {
        match sign {
            _ if escaped => escaped = false,
            '\\' if quote == '"' => escaped = true,
            _ if sign == quote => return &text[at + 1..],
            _ => {}
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the lines that are shown.
    fn shown(text: &str) -> String {
        let hidden = HiddenLines::of(text);
        let shown = text.lines().enumerate().filter(|(number, _)| !hidden.contains(number + 1));
        shown.map(|(_, line)| line).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn lines_that_may_hold_secrets_are_hidden() {
        for line in [
            "api_key = ti_live_abc",
            "api_key = \"ti_live_abc",
            "API_TOKEN: abc",
            "export CERTCTL_API_KEY=abc",
            "api_key_command = \"abc\"",
            "headers = { Authorization = \"Bearer abc\" }",
            "Bearer abc",
            "auth = \"abc\"",
            "pass = abc",
            "credentials = 'abc'",
            "db = \"postgres://me:abc@db.example.com\"",
            "db = me:abc@db.example.com",
            "url = \"https://academy.example.com/?auth=abc\"",
            "url = \"academy.example.com?a=abc\"",
            "x = \"https://academy.example.com/#abc\"",
            "ti_live_abcdef0123456789",
            "# the old password is abc",
        ] {
            assert_eq!(shown(&format!("a = 1\n{line}\nb = 2")), "a = 1|b = 2", "{line}");
        }
    }

    #[test]
    fn lines_without_secrets_are_shown() {
        let text = "# certctl\ntemplates = [\"templates/**/*.{yaml,yml}\"]\n[environments.turkey]\nurl = \"https://academy.example.com/\"\n\
                    state = \"state/production.json\" # here\nemail = \"observer@example.com\"\ncourse = \"8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01\"\n\
                    timeout = \"120s\"\n[environments.turkey.vars]\nfield_learner_name = 'x'";
        // In the header of a table that names a key, only that line is hidden.
        let expected: Vec<&str> = text.lines().filter(|line| !line.contains("turkey")).collect();
        assert_eq!(shown(text), expected.join("|"));
    }

    #[test]
    fn all_lines_of_a_secret_value_are_hidden() {
        for value in [
            "api_key =\n  abc",
            "password = \"\"\"\nabc\nx = abc\n\"\"\"",
            "password = '''\n[abc]\nx = abc'''",
            "api_key_command = [\n  \"op\",\n  \"abc\",\n]",
            "headers = [\n  \"abc\",\n  # why\n  \"Bearer\",\n  \"abc\",\n]",
            "x = [\n  { name = \"abc\" },\n  { token = \"abc\" },\n]",
            "api_key = \"abc\nabc\"",
            "api_key = abc\nabc abc",
        ] {
            assert_eq!(shown(&format!("a = 1\n{value}\nb = 2")), "a = 1|b = 2", "{value}");
        }
        // An unclosed string hides everything after it.
        assert_eq!(shown("a = 1\npassword = \"\"\"\nx = abc\n[y]\nb = 2"), "a = 1");
    }

    #[test]
    fn tables_of_secrets_are_hidden() {
        let text = "[environments.p.credentials]\np = \"abc\"\n\n[environments.q]\nurl = \"sandbox\"";
        assert_eq!(shown(text), "[environments.q]|url = \"sandbox\"");
    }

    #[test]
    fn names_are_repeated_but_keys_are_not() {
        for name in
            ["templates", "course_cloud_2024_advanced", "prod.eu-1", "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01"]
        {
            assert_eq!(shown_name(name), name);
        }
        for name in ["ti_live_abcdef0123456789", "ti_live_SECRET", "a\u{7}", "user:pass", &"x".repeat(101)] {
            assert_eq!(shown_name(name), NOT_SHOWN, "{name}");
        }
    }

    #[test]
    fn key_prefixes_are_recognised() {
        for text in [
            "ti_live_a",
            "x: ti_test_FOO",
            "https://a.example/ti_live_x",
            ";apikey=sk_live_x",
            "%20ti_live_x",
        ] {
            assert!(has_random(text), "{text}");
        }
        for text in ["ti_live_", "multi_live_training", "de_live_training", "ti-live.example.com"] {
            assert!(!has_random(text), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_a_panic(text in "[\\[\\]{}\"'=# \\\\\n\ra-cé@:/?]{0,40}|.{0,40}") {
            let hidden = HiddenLines::of(&text);
            proptest::prop_assert_eq!(hidden.0.len(), text.lines().count());
        }
    }
}
