//! Sentences on a page, with what is to be copied set apart: a command must neither read as a sentence nor break within
//! its words.

use crate::report::safe_text;

/// A text, line by line.
pub(super) struct Prose {
    pub(super) lines: Vec<Line>,
}

/// A line: words, and what is to be copied after them.
pub(super) struct Line {
    pub(super) words: String,
    pub(super) code: Option<String>,
}

/// What begins a command.
const COMMAND: &str = "certctl ";

impl Prose {
    /// The lines of a text of ours. A command ends its line, and lines below `moved:` are for the YAML. Lines that are
    /// nothing but code are one piece, to be copied at once.
    pub(super) fn of(text: &str) -> Self {
        let mut lines: Vec<Line> = Vec::new();
        let mut is_yaml = false;
        for line in text.split('\n') {
            is_yaml = line == "moved:" || is_yaml && line.starts_with("  - ");
            let line = Line::of(line, is_yaml);
            match (lines.last_mut(), &line) {
                (Some(Line { words, code: Some(piece) }), Line { words: none, code: Some(code) })
                    if words.is_empty() && none.is_empty() =>
                {
                    piece.push('\n');
                    piece.push_str(code);
                }
                _ => lines.push(line),
            }
        }
        Self { lines }
    }
}

impl Line {
    fn of(line: &str, is_yaml: bool) -> Self {
        let command = format!(": {COMMAND}");
        let trimmed = line.trim_start();
        if is_yaml {
            return Self { words: String::new(), code: Some(safe_text(line)) };
        }
        if trimmed.starts_with(COMMAND) {
            return Self { words: String::new(), code: Some(safe_text(trimmed)) };
        }
        match line.find(&command) {
            Some(colon) => {
                let (words, code) = line.split_at(colon + ": ".len());
                Self { words: safe_text(words), code: Some(safe_text(code)) }
            }
            None => Self { words: safe_text(line), code: None },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str) -> String {
        let line = |line: Line| match line.code {
            Some(code) => format!("{}[{code}]", line.words),
            None => line.words,
        };
        Prose::of(text).lines.into_iter().map(line).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn what_is_to_be_copied_is_set_apart() {
        for (text, expected) in [
            (
                "Delete it, then run: certctl state rm a -e test",
                "Delete it, then run: [certctl state rm a -e test]",
            ),
            (
                "first\n  certctl state mv a b\n  certctl plan\nlast",
                "first|[certctl state mv a b\ncertctl plan]|last",
            ),
            (
                "write this:\nmoved:\n  - { from: a, to: b }\n  - x",
                "write this:|[moved:\n  - { from: a, to: b }\n  - x]",
            ),
            ("  - no yaml", "  - no yaml"),
            ("the server said certctl is old", "the server said certctl is old"),
            ("", ""),
        ] {
            assert_eq!(marked(text), expected, "{text}");
        }
    }
}
