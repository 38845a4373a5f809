//! Texts of others in Markdown: always as code, in which nothing is a link, a mention, an image or markup.

use crate::report::safe_text;

/// The longest text in a line, in characters.
const LONGEST: usize = 200;

/// A text as a code span (section 6.1 of the `CommonMark` specification): fenced by more backticks than stand in it.
pub(super) fn span(text: &str) -> String {
    let text = shortened(text);
    if text.is_empty() {
        return "(empty)".to_owned();
    }
    let ticks = "`".repeat(longest_run(&text) + 1);
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

/// A text on one line, cut where it is too long.
pub(super) fn shortened(text: &str) -> String {
    let text = safe_text(text);
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}… ({} characters)", &text[..end], text.chars().count()),
        None => text,
    }
}

/// A text for the hidden marker: an HTML comment ends at `-->`, so only plain characters are kept.
pub(super) fn marker(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '_' | '.') { c } else { '_' }).collect()
}

fn longest_run(text: &str) -> usize {
    let (mut longest, mut run) = (0, 0);
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}
