//! Which lines of a file change, for people. Lines are never joined or split, so the n-th line with content of the old text
//! is the n-th of the new one.

use crate::desired::redact::Redaction;
use crate::model::{LineChange, SourceText};

/// The first lines that change, up to a number of them, and how many change in all. Empty lines are not counted.
pub fn line_changes(source: &SourceText, new: &str, most: usize) -> (Vec<LineChange>, usize) {
    let mut redaction = Redaction::default();
    let (mut changes, mut count, mut at) = (Vec::new(), 0, 0);
    let mut new_lines = new.lines().filter(|line| !is_empty(line));
    for line in source.text().split_inclusive('\n') {
        let content = line.trim_end_matches(['\r', '\n']);
        let start = at;
        at += line.len();
        if is_empty(content) {
            continue;
        }
        let new = new_lines.next().unwrap_or_default();
        if content == new {
            continue;
        }
        count += 1;
        if changes.len() < most {
            let mut place = source.place(start..start + content.len());
            redaction.redact_place(&mut place);
            let is_shown = !place.source_line.is_empty();
            let texts = is_shown.then(|| (content.to_owned(), new.to_owned()));
            changes.push(LineChange { line: place.line, texts });
        }
    }
    (changes, count)
}

fn is_empty(line: &str) -> bool {
    line.trim_matches([' ', '\t', '\r']).is_empty()
}
