//! Writes texts of others as code, where nothing becomes a link, a mention, an image or markup. They are never put
//! into a table, where a `|` ends the cell even inside code.

use crate::report::columns::{clusters, columns};
use crate::report::wrap::wrap;
use crate::report::{safe_lines, safe_text};

/// The limit of a code span, in columns.
const MAX_LENGTH: usize = 200;
/// The limit of a code span, in bytes: one letter can have many marks.
const MAX_BYTES: usize = 800;
/// The width of a block of sentences, in columns; GitHub does not wrap its lines.
const WIDTH: usize = 100;
/// The limit of lines in a block.
const MAX_LINES: usize = 60;

/// A text as a code span (section 6.1 of the `CommonMark` specification), delimited by more backticks than it
/// contains.
pub(super) fn span(text: &str) -> String {
    fenced(&shortened(text))
}

/// A text to be copied in full, as a code span.
pub(super) fn command(text: &str) -> String {
    fenced(&safe_text(text))
}

/// A name in a heading, as a code span.
pub(super) fn name(text: &str) -> String {
    fenced(&cut(&safe_text(text), 60, 240))
}

fn fenced(text: &str) -> String {
    if text.is_empty() {
        return "(empty)".to_owned();
    }
    let ticks = "`".repeat(longest_run(text) + 1);
    // Markdown strips one space at each end; it separates backticks and spaces of the text from the delimiter.
    let pad = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

/// Lines as a fenced block (section 4.5 of the same).
pub(super) fn block(language: &str, lines: &[String]) -> String {
    let longest = lines.iter().map(|line| longest_run(line)).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let mut text = format!("{fence}{language}\n");
    for line in lines {
        text.push_str(line);
        text.push('\n');
    }
    text + &fence + "\n"
}

/// Sentences as a fenced block, with long lines wrapped.
pub(super) fn sentences(text: &str) -> String {
    let wrapped = wrap(&safe_lines(text), WIDTH);
    let mut lines: Vec<String> = wrapped.lines().map(str::to_owned).collect();
    if lines.len() > MAX_LINES {
        let more = lines.len() - MAX_LINES;
        lines.truncate(MAX_LINES);
        lines.push(format!("… {more} more lines"));
    }
    block("text", &lines)
}

/// A text on one line, cut if it is too long.
pub(super) fn shortened(text: &str) -> String {
    let safe = safe_text(text);
    let beginning = cut(&safe, MAX_LENGTH, MAX_BYTES);
    if beginning.len() == safe.len() {
        return safe;
    }
    format!("{beginning} (of {} characters)", text.chars().count())
}

fn cut(text: &str, most_columns: usize, most_bytes: usize) -> String {
    if text.len() <= most_bytes && columns(text) <= most_columns {
        return text.to_owned();
    }
    let (mut used, mut end) = (0, 0);
    for (cluster, columns) in clusters(text) {
        used += columns;
        if used > most_columns || end + cluster.len() > most_bytes {
            break;
        }
        end += cluster.len();
    }
    format!("{}…", &text[..end])
}

/// A text for the hidden marker: an HTML comment ends at `-->`, so only plain characters are kept.
pub(super) fn marker(text: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '_' | '.') { c } else { '_' };
    text.chars().take(100).map(plain).collect()
}

fn longest_run(text: &str) -> usize {
    let (mut longest, mut run) = (0, 0);
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}
