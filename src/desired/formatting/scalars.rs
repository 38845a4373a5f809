//! Where the scalars of a YAML text end.

pub(super) const BLANKS: [char; 2] = [' ', '\t'];
pub(super) const FLOW: [char; 5] = [',', '[', ']', '{', '}'];

pub(super) fn is_blank_or_end(c: Option<char>) -> bool {
    c.is_none_or(|c| matches!(c, ' ' | '\t' | '\n'))
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

pub(super) fn is_document_marker(rest: &str) -> bool {
    let behind = rest.strip_prefix("---").or_else(|| rest.strip_prefix("..."));
    behind.is_some_and(|behind| is_blank_or_end(behind.chars().next()))
}

/// The length of a quoted scalar, with its quotes.
pub(super) fn quoted_length(rest: &str, quote: char) -> Option<usize> {
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' if quote == '"' => drop(chars.next()),
            _ if c != quote => {}
            _ if quote == '\'' && chars.peek().is_some_and(|(_, next)| *next == quote) => drop(chars.next()),
            _ => return Some(at + 1),
        }
    }
    None
}

/// The length of a scalar without quotes in its first line.
pub(super) fn plain_length_in_line(rest: &str, is_flow: bool) -> usize {
    // Only as far as needed: a line can be megabytes long.
    let mut chars = rest.char_indices().peekable();
    let mut before = None;
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        let ends = match c {
            ':' => is_blank_or_end(next),
            '\n' => true,
            '#' => before.is_some_and(|before| BLANKS.contains(&before)),
            c => is_flow && FLOW.contains(&c),
        };
        if ends {
            return rest.get(..at).unwrap_or_default().trim_end_matches(BLANKS).len();
        }
        before = Some(c);
    }
    rest.trim_end_matches(BLANKS).len()
}

/// The indentation of a block scalar whose header does not say it: that of its first line, or of empty ones before it.
pub(super) fn found_indent(lines: &str) -> usize {
    let mut deepest = 0;
    for line in lines.split('\n') {
        deepest = deepest.max(indent_of(line));
        if indent_of(line) < line.len() {
            break;
        }
    }
    deepest
}

/// The length of the lines of a block scalar, without the line break of the last one. Empty lines at its end are part of
/// it only where it keeps them; `None` where it has no line.
pub(super) fn block_length(lines: &str, indent: usize, keeps: bool) -> Option<usize> {
    let (mut length, mut at) = (None, 0);
    for line in lines.split_inclusive('\n') {
        let content = line.strip_suffix('\n').unwrap_or(line);
        let spaces = indent_of(content);
        let is_blank = spaces == content.len() && spaces <= indent;
        if !is_blank && spaces < indent {
            break;
        }
        if !is_blank || keeps && line.ends_with('\n') {
            length = Some(at + content.len());
        }
        at += line.len();
    }
    length
}
