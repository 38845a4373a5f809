//! The canonical form of template files, for `certctl fmt`. Only blanks and empty lines change: each line stays a line, and
//! each comment stays where it is. The new text is then read, and everything that certctl reads in it must be the same.
//! [`read_files`] reads the files; the rest is pure, and nothing here writes.

mod changes;
mod files;
mod printer;
mod scalars;
mod tokens;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::Range;

use super::alias_limits::{self, Weight};
use super::redact::Redaction;
use super::syntax;
use super::variables::Growth;
use crate::model::{Finding, SourceText};
pub use changes::line_changes;
pub use files::{TemplateFile, TemplateFiles, read_files};
use tokens::{TokenKind, tokens};

/// The rules that only the formatting of files has.
pub const FORMAT_RULES: [(&str, &str); 2] = [
    ("format", "a file that is to be formatted can be written, and says the same in the canonical form"),
    ("not-a-template", "a file that is to be formatted is one that `templates` in certctl.toml matches"),
];

/// The canonical form of a template file's text; `None` where the text has it already. Fails, with the reason, where the
/// text cannot be read or where what it says might change.
pub fn formatted(source: &SourceText) -> Result<Option<String>, Box<Finding>> {
    new_text(source).map_err(|mut finding| {
        Redaction::default().redact(&mut finding);
        finding
    })
}

fn new_text(source: &SourceText) -> Result<Option<String>, Box<Finding>> {
    let text = source.text();
    let variables = BTreeMap::new();
    let weight = alias_limits::weigh(text, &Growth::new(&variables), Weight::MAX)
        .map_err(|too_much| syntax::too_much(source, &too_much))?;
    let node = syntax::parse(source, weight)?;
    if let Some(at) = lone_carriage_return(text) {
        let message = "there is a carriage return without a line feed here, and the file is left as it is";
        return Err(refusal(source, at..at + 1, message, "write a line break there, or delete it"));
    }
    let old = text.replace("\r\n", "\n");
    let new = canonical(&old).ok_or_else(|| unclear(source, 0))?;
    let whole = if has_windows_lines(text) { new.replace('\n', "\r\n") } else { new.clone() };
    let says_the_same =
        || syntax::parse(&SourceText::new(source.file(), &whole), weight).is_ok_and(|new| new == node);
    if !has_same_pieces(&old, &new) || canonical(&new).as_ref() != Some(&new) || !says_the_same() {
        return Err(unclear(source, first_difference(text, &whole)));
    }
    Ok((whole != text).then_some(whole))
}

fn canonical(text: &str) -> Option<String> {
    tokens(text).map(|tokens| printer::print(&tokens))
}

/// Whether two texts have the same characters, blanks left out, and the same comments.
fn has_same_pieces(old: &str, new: &str) -> bool {
    let is_sign = |c: &char| !matches!(c, ' ' | '\t' | '\n');
    old.chars().filter(is_sign).eq(new.chars().filter(is_sign)) && comments(old) == comments(new)
}

fn comments(text: &str) -> Option<Vec<&str>> {
    let comments = tokens(text)?.list.into_iter().filter(|token| token.kind == TokenKind::Comment);
    Some(comments.map(|comment| comment.text).collect())
}

/// Whether the first line ends as lines do on Windows.
fn has_windows_lines(text: &str) -> bool {
    text.split_once('\n').is_some_and(|(line, _)| line.ends_with('\r'))
}

/// YAML breaks a line there, and editors do not.
fn lone_carriage_return(text: &str) -> Option<usize> {
    let is_lone = |at: &usize| text.as_bytes().get(at + 1) != Some(&b'\n');
    text.match_indices('\r').map(|(at, _)| at).find(is_lone)
}

/// Where the first line begins that is another one in the new text.
fn first_difference(old: &str, new: &str) -> usize {
    let lines = old.split_inclusive('\n').zip(new.split_inclusive('\n'));
    lines.take_while(|(line, other)| line == other).map(|(line, _)| line.len()).sum()
}

/// The finding about a text that might say something else in the canonical form.
fn unclear(source: &SourceText, at: usize) -> Box<Finding> {
    let message = "in the canonical form, the file might say something else, so it is left as it is";
    let help = "write what begins here in a simpler way, or leave it: every other command reads it as it is";
    refusal(source, at..at, message, help)
}

fn refusal(source: &SourceText, at: Range<usize>, message: &str, help: &str) -> Box<Finding> {
    let (place, help) = (source.place(at), Some(help.to_owned()));
    Box::new(Finding {
        place,
        rule: "format",
        message: message.to_owned(),
        help,
        related: Vec::new(),
        option: None,
    })
}
