//! Finds commands in certctl's output.

use std::collections::BTreeSet;

use serde_json::Value;

/// Programs that certctl tells people to run.
const PROGRAMS: [&str; 4] = ["certctl ", "git ", "cp ", "mv "];

/// Every command in a text for people: a whole line, or the end of a line after a colon.
pub(crate) fn commands(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with("Usage:")) {
        let end = line.match_indices(": ").map(|(at, _)| line[at..].trim_start_matches([':', ' ']));
        found.extend(std::iter::once(line).chain(end).find(|text| is_command(text)).map(str::to_owned));
    }
    found
}

/// Every command in Markdown: in a code span, or in a code block.
pub(crate) fn in_markdown(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in text.lines() {
        let spans: Vec<&str> = spans(line);
        found.extend(spans.iter().filter(|span| is_command(span)).map(ToString::to_string));
        if spans.is_empty() {
            found.extend(commands(line));
        }
    }
    found
}

/// Headings of pages name the command that they are about.
fn is_command(text: &str) -> bool {
    let is_heading = ["certctl plan for ", "certctl apply to ", "certctl drift for "]
        .iter()
        .any(|words| text.starts_with(words));
    !is_heading && PROGRAMS.iter().any(|program| text.starts_with(program))
}

/// The contents between equal numbers of backticks.
fn spans(line: &str) -> Vec<&str> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (at, _) in line.match_indices('`') {
        match runs.last_mut() {
            Some((start, length)) if *start + *length == at => *length += 1,
            _ => runs.push((at, 1)),
        }
    }
    let mut spans = Vec::new();
    let mut runs = runs.into_iter();
    while let Some((start, length)) = runs.next() {
        if let Some((end, _)) = runs.by_ref().find(|(_, other)| *other == length) {
            spans.push(line[start + length..end].trim());
        }
    }
    spans
}

/// The texts of a JSON document.
pub(crate) fn texts(document: &Value, into: &mut String) {
    match document {
        Value::String(text) => {
            into.push_str(text);
            into.push('\n');
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, into)),
        Value::Object(members) => members.values().for_each(|member| texts(member, into)),
        _ => {}
    }
}

/// The text of an HTML page.
pub(crate) fn page(html: &str) -> String {
    let mut text = String::new();
    // Scripts of the page are not text.
    let html = html.split_once("<script").map_or(html, |(text, _)| text);
    for part in html.split('<') {
        let (tag, rest) = part.split_once('>').unwrap_or(("", part));
        if tag.starts_with(['/', 'p', 'd', 'l']) {
            text.push('\n');
        }
        text.push_str(rest);
    }
    let entities = [("&#39;", "'"), ("&#34;", "\""), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&")];
    entities.iter().fold(text, |text, (entity, character)| text.replace(entity, character))
}

#[test]
fn commands_are_found_in_any_position() {
    let text = "error: no\nTo see all: certctl state list\n  git show :1:./a > b\nwhat certctl knows: nothing\n  \
                1. is there:   certctl recover a --applied\n";
    let found: Vec<String> = commands(text).into_iter().collect();
    assert_eq!(found, ["certctl recover a --applied", "certctl state list", "git show :1:./a > b"]);
    let text = "- `a`: delete, then `` certctl state rm 'a: `b`' ``\nthen: certctl plan\n";
    let found: Vec<String> = in_markdown(text).into_iter().collect();
    assert_eq!(found, ["certctl plan", "certctl state rm 'a: `b`'"]);
}
