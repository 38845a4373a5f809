//! Prints which template files change when they are formatted, for the terminal.

use super::{Style, safe_text};
use crate::model::LineChange;
use crate::view::{FileChange, FormatView, counted};

/// Longer lines are cut, in characters.
const MAX_LINE_LENGTH: usize = 160;
/// What is shown of a cut line before its first difference, in characters.
const BEFORE: usize = 40;

/// The names of the files; if they were not written, each with its first lines that change.
pub fn format_text(view: &FormatView, style: Style) -> String {
    view.files.iter().map(|file| file_text(file, view.is_written, style)).collect()
}

fn file_text(file: &FileChange, is_written: bool, style: Style) -> String {
    let name = safe_text(&file.name.display().to_string());
    if is_written {
        return format!("{name}\n");
    }
    let mut text = format!("{}\n", style.bold(&name));
    text.extend(file.lines.iter().map(|line| line_text(line, style)));
    if file.more > 0 {
        text.push_str(&format!("  … and {}\n", counted(file.more, "other line")));
    } else if file.lines.is_empty() {
        text.push_str("  only empty lines and the ends of lines\n");
    }
    text
}

fn line_text(change: &LineChange, style: Style) -> String {
    let number = change.line.to_string();
    let Some((old, new)) = &change.texts else {
        return format!("  {number} is not shown: it may hold a key or a password\n");
    };
    let equal = old.chars().zip(new.chars()).take_while(|(old, new)| old == new).count();
    let side = |sign: &str, margin: &str, text: &str| {
        let line = format!("{sign} {}", safe_text(&excerpt(&with_blanks_at_end(text), equal)));
        format!("  {margin:>width$} {}\n", style.signed(sign, &line), width = number.len())
    };
    side("-", &number, old) + &side("+", "", new)
}

/// The text with a dot for each blank at its end, which could not be seen.
fn with_blanks_at_end(text: &str) -> String {
    let trimmed = text.trim_end_matches([' ', '\t']);
    format!("{trimmed}{}", "·".repeat(text.len() - trimmed.len()))
}

/// A long text, cut around the first difference.
fn excerpt(text: &str, equal: usize) -> String {
    let length = text.chars().count();
    if length <= MAX_LINE_LENGTH {
        return text.to_owned();
    }
    let from = equal.saturating_sub(BEFORE).min(length - MAX_LINE_LENGTH);
    let cut: String = text.chars().skip(from).take(MAX_LINE_LENGTH).collect();
    let (before, after) =
        (if from > 0 { "…" } else { "" }, if from + MAX_LINE_LENGTH < length { "…" } else { "" });
    format!("{before}{cut}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_cut_around_the_difference() {
        let text = "x".repeat(300);
        assert_eq!(excerpt(&text, 0), format!("{}…", "x".repeat(160)));
        assert_eq!(excerpt(&text, 100), format!("…{}…", "x".repeat(160)));
        assert_eq!(excerpt(&text, 299), format!("…{}", "x".repeat(160)));
        assert_eq!(excerpt("short", 3), "short");
    }

    #[test]
    fn files_are_listed_with_their_first_lines() {
        let changed =
            |line, old: &str, new: &str| LineChange { line, texts: Some((old.to_owned(), new.to_owned())) };
        let file = |name: &str, lines, more| FileChange { name: name.into(), lines, more };
        let lines = vec![changed(9, "a:   1", "a: 1"), changed(10, "b: 2 \t", "b: 2")];
        let hidden = vec![LineChange { line: 3, texts: None }];
        let files =
            vec![file("a.yaml", lines, 1), file("b\n.yaml", hidden, 0), file("c.yaml", Vec::new(), 0)];
        let mut view = FormatView { files, count: 4, is_written: false };
        insta::assert_snapshot!(format_text(&view, Style::default()), @r"
        a.yaml
          9 - a:   1
            + a: 1
          10 - b: 2··
             + b: 2
          … and 1 other line
        b\n.yaml
          3 is not shown: it may hold a key or a password
        c.yaml
          only empty lines and the ends of lines
        ");
        assert_eq!(view.verdict(), "3 of 4 template files are not in the canonical form");
        view.is_written = true;
        insta::assert_snapshot!(format_text(&view, Style::default()), @r"
        a.yaml
        b\n.yaml
        c.yaml
        ");
    }
}
