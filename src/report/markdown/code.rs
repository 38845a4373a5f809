//! Texts of others in Markdown: always as code, in which nothing is a link, a mention, an image or markup. They never
//! stand in a table, where a `|` would end the cell also in code.

use crate::model::{Key, TemplateId};
use crate::report::columns::{clusters, columns};
use crate::report::names::Names;
use crate::report::wrap::wrap;
use crate::report::{safe_lines, safe_text};

/// The longest text in a span, in columns.
const LONGEST: usize = 200;
/// The most bytes of one: letters can be made of many.
const MOST_BYTES: usize = 800;
/// A block of sentences is this wide; GitHub does not break its lines.
const WIDTH: usize = 100;
/// The most lines of one.
const MOST_LINES: usize = 60;

/// A text as a code span (section 6.1 of the `CommonMark` specification): fenced by more backticks than stand in it.
pub(super) fn span(text: &str) -> String {
    fenced(&shortened(text))
}

/// What is to be copied whole, as a code span.
pub(super) fn command(text: &str) -> String {
    fenced(&safe_text(text))
}

/// Names in a sentence, each as a code span.
pub(super) struct InCode;

impl Names for InCode {
    fn key(&self, key: &Key) -> String {
        span(key.as_str())
    }

    fn title(&self, title: &str) -> String {
        span(title)
    }

    fn id(&self, id: &TemplateId) -> String {
        span(id.as_str())
    }
}

/// A name as a code span, in a heading.
pub(super) fn name(text: &str) -> String {
    fenced(&cut(&safe_text(text), 60, 240))
}

fn fenced(text: &str) -> String {
    if text.is_empty() {
        return "(empty)".to_owned();
    }
    let ticks = "`".repeat(longest_run(text) + 1);
    // A space at both ends is taken away again; it keeps backticks and spaces of the text apart from the fence.
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

/// Sentences as a fenced block, its lines broken where they are long.
pub(super) fn sentences(text: &str) -> String {
    let wrapped = wrap(&safe_lines(text), WIDTH);
    let mut lines: Vec<String> = wrapped.lines().map(str::to_owned).collect();
    if lines.len() > MOST_LINES {
        let more = lines.len() - MOST_LINES;
        lines.truncate(MOST_LINES);
        lines.push(format!("… {more} more lines"));
    }
    block("text", &lines)
}

/// A text on one line, cut where it is too long.
pub(super) fn shortened(text: &str) -> String {
    let safe = safe_text(text);
    let beginning = cut(&safe, LONGEST, MOST_BYTES);
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
