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
    /// The lines of a text of ours. A command ends its line, and lines below `moved:` are for the YAML.
    pub(super) fn of(text: &str) -> Self {
        let mut is_yaml = false;
        let line = |line: &str| {
            is_yaml = line == "moved:" || is_yaml && line.starts_with("  - ");
            Line::of(line, is_yaml)
        };
        Self { lines: text.split('\n').map(line).collect() }
    }
}

impl Line {
    fn of(line: &str, is_code: bool) -> Self {
        let command = format!(": {COMMAND}");
        let words = match line.find(&command) {
            _ if is_code || line.trim_start().starts_with(COMMAND) => 0,
            Some(colon) => colon + ": ".len(),
            None => return Self { words: safe_text(line), code: None },
        };
        let (words, code) = line.split_at(words);
        let indent = code.len() - code.trim_start().len();
        let words = format!("{words}{}", &code[..indent]);
        Self { words: safe_text(&words), code: Some(safe_text(&code[indent..])) }
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
            ("first\n  certctl state mv a b\nlast", "first|  [certctl state mv a b]|last"),
            (
                "write this:\nmoved:\n  - { from: a, to: b }\n  - x",
                "write this:|[moved:]|  [- { from: a, to: b }]|  [- x]",
            ),
            ("  - no yaml", "  - no yaml"),
            ("the server said certctl is old", "the server said certctl is old"),
            ("", ""),
        ] {
            assert_eq!(marked(text), expected, "{text}");
        }
    }
}
