//! Explains syntax errors of YAML in the words of people who write template files.

use saphyr_parser::{Event, Parser};

use super::alias_limits::{TooMuch, Weight};
use super::culprit::{Culprit, culprit};
use super::large_numbers;
use super::parallel_parse;
use super::surrogates;
use super::suspects::misread_character;
use super::tree::Node;
use crate::model::{Finding, SourceLocation, SourceText, unfinished_merge};

/// A part of the parser's message, what it means, and what to do.
const WORDS: [(&str, &str, &str); 19] = [
    (
        "mapping values are not allowed",
        "a colon and a space begin a value here, where none can begin",
        "put a text that has `: ` in it in quotes, or look at this line's indentation",
    ),
    (
        "could not find expected ':'",
        "this line has no colon, and `name: value` is expected",
        "write `name: value`; a text of several lines begins with `|` behind its name",
    ),
    ("did not find expected key", MISFIT, INDENT),
    ("did not find expected '-' indicator", MISFIT, INDENT),
    ("did not find expected <document start>", MISFIT, INDENT),
    ("did not find expected node content", OPEN, CLOSE),
    ("did not find expected ',' or ']'", OPEN, CLOSE),
    ("did not find expected ',' or '}'", OPEN, CLOSE),
    ("cannot start any token", "a value cannot begin with this character", "put the text in quotes"),
    (
        "found unexpected end of stream",
        "a quote is opened here and never closed",
        "write the closing quote; a quote that is part of the text is written twice ('') in single quotes",
    ),
    ("found unknown escape character", ESCAPE, BACKSLASH),
    ("did not find expected hexadecimal number", ESCAPE, BACKSLASH),
    (
        HALF,
        "this escape is half of a character, and the other half is not beside it",
        "write the character itself, or both halves, or its number with eight digits (\"\\U0001F393\")",
    ),
    (
        "unknown anchor",
        "`*name` repeats what `&name` marks further up, and nothing there is marked so",
        "put a text that begins with `*` in quotes",
    ),
    (
        "did not find expected alphabetic or numeric character",
        "a value that begins with `*` or `&` is an alias or an anchor, and this is neither",
        "put a text that begins with `*` or `&` in quotes",
    ),
    (
        "block sequence entries are not allowed",
        "a list cannot begin here",
        "begin it on a line of its own, below its name",
    ),
    (
        "did not find expected comment or line break",
        "nothing can follow `|` or `>` on its line",
        "begin the text on the next line, indented",
    ),
    (
        "expected a string",
        "a name must be a string, and this is a list or a mapping",
        "write `name: value`; put a name that begins with `[` or `{` in quotes",
    ),
    (
        Node::NO_TAGS,
        "this value has a tag (`!name`), and template files have none",
        "take the tag away, or put a text that begins with `!` in quotes",
    ),
];
/// The parser's message for `\ud83c`.
const HALF: &str = "found invalid Unicode character escape code";
const MISFIT: &str = "this line does not go on with what the lines above it began";
const INDENT: &str = "indent what belongs together by the same number of spaces";
const OPEN: &str = "a `[` or `{` is open here, and neither goes on nor is closed";
const CLOSE: &str = "close each `[` with `]` and each `{` with `}`, put commas between the items, and put a text with `#` in \
                     quotes, because that begins a comment";
const ESCAPE: &str = "a backslash in double quotes begins an escape, and YAML does not know this one";
const BACKSLASH: &str = "use single quotes, or write the backslash twice";

/// Parses a text. A text without content is valid and has no templates.
pub(super) fn parse(source: &SourceText, weight: Weight) -> Result<Node, Box<Finding>> {
    let text = source.text();
    if let Some(merge) = unfinished_merge(source) {
        return Err(Box::new(merge));
    }
    if text.lines().all(is_blank) {
        return Ok(Node::Null);
    }
    if let Some((range, odd)) = misread_character(text) {
        let found = finding(source.place(range), "yaml-syntax", odd.message, None);
        return Err(Box::new(Finding { help: Some(odd.help), ..*found }));
    }
    match parallel_parse::parse(&large_numbers::masked(text), weight) {
        Ok(node) => Ok(node),
        Err(error) => joined_halves(text, weight, &error).ok_or_else(|| explain(source, &error)),
    }
}

/// The finding about a file that exceeds a limit.
pub(super) fn too_much(source: &SourceText, too_much: &TooMuch) -> Box<Finding> {
    let text = source.text();
    let start = line_start(text, too_much.span.start.line());
    finding(source.place(start..text.len()), "too-much", too_much.message, None)
}

/// The document, if surrogate pairs of JSON were the only problem.
fn joined_halves(text: &str, weight: Weight, error: &serde_yaml::Error) -> Option<Node> {
    if !error.to_string().contains(HALF) {
        return None;
    }
    let mut node = parallel_parse::parse(&surrogates::masked(text)?, weight).ok()?;
    surrogates::unmask(&mut node);
    Some(node)
}

fn finding(
    place: SourceLocation,
    rule: &'static str,
    message: impl Into<String>,
    help: Option<&'static str>,
) -> Box<Finding> {
    let help = help.map(str::to_owned);
    Box::new(Finding { place, rule, message: message.into(), help, related: Vec::new(), option: None })
}

/// Whether a line has no content: it is empty, a comment, or begins a document.
fn is_blank(line: &str) -> bool {
    let content = line.strip_prefix("---").filter(|rest| !rest.starts_with(|c: char| !c.is_whitespace()));
    let content = content.unwrap_or(line).trim();
    content.is_empty() || content.starts_with('#')
}

/// The byte at which a line begins. Lines are counted from 1.
fn line_start(text: &str, line: usize) -> usize {
    text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum()
}

fn explain(source: &SourceText, error: &serde_yaml::Error) -> Box<Finding> {
    let text = source.text();
    let said = error.to_string();
    let at = error.location().map_or(0, |location| location.index().min(text.len()));
    if let Some(tab) = indenting_tab(text, at).or_else(|| tab_at(text, at)) {
        let message = "a tab indents this line, and YAML allows only spaces there";
        return finding(source.place(tab..tab + 1), "tab", message, Some("replace each tab by two spaces"));
    }
    if said.contains("more than one document") {
        let second = second_document(text).unwrap_or(at);
        let help = Some("put each into a file of its own, or join them under one `templates:`");
        let message = "there is a second document after `---`, and a template file holds one";
        return finding(source.place(second..second + 3), "several-documents", message, help);
    }
    if said.contains("control characters are not allowed")
        && let Some(at) = forbidden_place(source)
    {
        let message = "there is an invisible control character here, and YAML allows none";
        return finding(at, "yaml-syntax", message, Some("delete it"));
    }
    if said.contains("limit exceeded") {
        let message = "lists and mappings are nested too deeply here, or aliases (*name) repeat too much";
        return finding(source.place(at..at + 1), "too-much", message, None);
    }
    let began = context(text, &said);
    if let Some(Culprit { range, message, help }) = culprit(text, &said, at, began) {
        let found = finding(source.place(range), "yaml-syntax", message, None);
        return Box::new(Finding { help: Some(help), ..*found });
    }
    let at = place_to_look_at(text, &said, at, began);
    let known = WORDS.iter().find(|(part, ..)| said.contains(part));
    let (message, help) = match known {
        Some((_, message, help)) => ((*message).to_owned(), Some(*help)),
        None => (format!("this is not YAML that can be read: {}", first_clause(&said)), None),
    };
    // The parser stops after `\u`.
    let place = if said.contains(HALF) { at.saturating_sub(2)..at + 4 } else { at..at + 1 };
    let mut found = finding(source.place(place), "yaml-syntax", message, help);
    let related = began.filter(|began| *began != at).map(|began| source.place(began..began + 1));
    found.related.extend(related.map(|place| (place, "it belongs to what begins here".to_owned())));
    found
}

fn first_clause(said: &str) -> &str {
    said.split(" at line ").next().unwrap_or(said)
}

/// Where a person must look: usually where the parser stopped, but never after the end of the file or of the line,
/// where the parser notices that something is not closed.
fn place_to_look_at(text: &str, said: &str, at: usize, began: Option<usize>) -> usize {
    let is_at_end = text.get(at..).is_none_or(|rest| rest.trim().is_empty());
    if said.contains("could not find expected ':'") || is_at_end {
        let last = || text.trim_end().char_indices().next_back().map_or(0, |(last, _)| last);
        return began.or_else(|| open_bracket(text)).unwrap_or_else(last);
    }
    at
}

/// Where the failed element begins, by the parser's message: `…, while scanning a quoted scalar at line 6 column
/// 16`.
fn context(text: &str, said: &str) -> Option<usize> {
    let (_, context) = said.split_once(", while ")?;
    let (_, place) = context.rsplit_once(" at line ")?;
    let (line, column) = place.split_once(" column ")?;
    let start = line_start(text, line.parse().ok()?);
    let rest = text.get(start..)?;
    let column = column.parse::<usize>().ok()?.checked_sub(1)?;
    rest.char_indices().nth(column).map(|(byte, _)| start + byte)
}

/// The last `[` or `{` that is still open where parsing stops.
fn open_bracket(text: &str) -> Option<usize> {
    let mut open = Vec::new();
    for event in Parser::new_from_str(text) {
        match event {
            Ok((Event::SequenceStart(..) | Event::MappingStart(..), span)) => {
                open.push(span.start.index());
            }
            Ok((Event::SequenceEnd | Event::MappingEnd, _)) => drop(open.pop()),
            Ok(_) => {}
            Err(_) => break,
        }
    }
    let byte = |index| text.char_indices().nth(index).map(|(byte, _)| byte);
    let mut brackets = open.into_iter().rev().filter_map(byte);
    brackets.find(|byte| text.get(*byte..).is_some_and(|rest| rest.starts_with(['[', '{'])))
}

/// A tab in the indentation of the line that contains this byte.
fn indenting_tab(text: &str, at: usize) -> Option<usize> {
    let start = text.get(..at)?.rfind('\n').map_or(0, |position| position + 1);
    let line = text.get(start..)?.lines().next()?;
    let content = line.trim_start();
    let tab = line.get(..line.len() - content.len())?.find('\t')?;
    (!content.is_empty()).then_some(start + tab)
}

/// A tab at this byte, which is the cause where a parser stops at one.
fn tab_at(text: &str, at: usize) -> Option<usize> {
    text.get(at..).is_some_and(|rest| rest.starts_with('\t')).then_some(at)
}

/// The finding about the first character of a text file that the same text in YAML could not have.
pub(super) fn forbidden_character(source: &SourceText) -> Option<Finding> {
    let message = "there is an invisible control character here, and the text of a template can have none";
    Some(*finding(forbidden_place(source)?, "text-file", message, Some("delete it")))
}

fn forbidden_place(source: &SourceText) -> Option<SourceLocation> {
    let (at, c) = source.text().char_indices().find(|(_, c)| is_forbidden(*c))?;
    Some(source.place(at..at + c.len_utf8()))
}

/// Characters that a YAML text must not hold (YAML 1.2, production 1, `c-printable`).
fn is_forbidden(c: char) -> bool {
    matches!(c, '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}'
        | '\u{fffe}' | '\u{ffff}')
}

/// The `---` before the second document.
fn second_document(text: &str) -> Option<usize> {
    let mut start = 0;
    let mut has_begun = false;
    for line in text.split_inclusive('\n') {
        let is_marker = line
            .strip_prefix("---")
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace));
        if is_marker && has_begun {
            return Some(start);
        }
        has_begun |= is_marker || !(is_blank(line) || line.starts_with('%'));
        start += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where and by which rule a text is rejected, and the first words of the help.
    fn refused(text: &str) -> String {
        let found = parse(&SourceText::new("a", text), Weight::MAX).unwrap_err();
        let help = found.help.unwrap_or_default();
        let words: Vec<&str> = help.split(' ').take(3).collect();
        format!("{}:{} {} / {}", found.place.line, found.place.column, found.rule, words.join(" "))
    }

    #[test]
    fn syntax_errors_are_explained_at_their_place() {
        for (text, expected) in [
            ("templates:\n  é: {title: éééééé}\n  a: [\n", "3:6 yaml-syntax / close each `[`"),
            ("a: {b: c\nd: e\n", "2:2 yaml-syntax / close each `[`"),
            ("a: [b, c\n", "1:4 yaml-syntax / close each `[`"),
            ("a: ]\n", "1:4 yaml-syntax / close each `[`"),
            ("a:\n  b: x\n c: y\n", "3:2 yaml-syntax / indent what belongs"),
            ("a:\n  - b\n  c: y\n", "3:3 yaml-syntax / indent what belongs"),
            ("é: x\na: Cloud: 101\n", "2:9 yaml-syntax / put a text"),
            ("a:\n  b\n  c: d\n", "2:3 yaml-syntax / write `name: value`;"),
            ("a: b\nc\n", "2:1 yaml-syntax / write `name: value`;"),
            ("a: @b\n", "1:4 yaml-syntax / put the text"),
            ("a: \"b\nc: d\n", "1:4 yaml-syntax / write the closing"),
            ("a: 'b\n", "1:4 yaml-syntax / write the closing"),
            ("a: \"C:\\home\"\n", "1:7 yaml-syntax / use single quotes,"),
            ("a: *b\n", "1:4 yaml-syntax / put a text"),
            ("a: **b**\n", "1:5 yaml-syntax / put a text"),
            ("a: - b\n", "1:4 yaml-syntax / begin it on"),
            ("a: | b\n", "1:6 yaml-syntax / begin the text"),
            ("? [a]\n: b\n", "1:3 yaml-syntax / write `name: value`;"),
            ("a: !b c\n", "1:4 yaml-syntax / take the tag"),
            ("a: é\u{7}\n", "1:5 yaml-syntax / delete it"),
            ("a:\n\tb: c\n", "2:1 tab / replace each tab"),
            ("a: |\n  b\n  \tc\nd: e: f\n", "4:5 yaml-syntax / put a text"),
            ("a: b\n---\nc: d\n", "2:1 several-documents / put each into"),
            ("---\na: b\n---\n", "3:1 several-documents / put each into"),
            ("a: |\n  b\n--- # c\nd: e\n", "3:1 several-documents / put each into"),
        ] {
            assert_eq!(refused(text), expected, "{text:?}");
        }
        assert!(refused(&format!("{}1{}", "[".repeat(120), "]".repeat(120))).contains("too-much"));
    }

    #[test]
    fn a_text_without_content_is_empty() {
        for text in ["", "\n\n", "# a\n", "---\n# a\n", "--- # a\n", " \u{85}"] {
            assert_eq!(parse(&SourceText::new("a", text), Weight::MAX).ok(), Some(Node::Null), "{text:?}");
        }
    }
}
