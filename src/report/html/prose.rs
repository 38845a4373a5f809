//! Sentences on a page, with commands set apart to be copied: a command must neither read as a part of a sentence
//! nor break inside a word. Texts of others never become commands.

use crate::model::Commands;
use crate::report::prose::words_text;
use crate::report::safe_text;
use crate::report::wrap::words_and_command;
use crate::view::{Note, WordsPart};

/// A note, line by line.
#[derive(Default)]
pub(super) struct Prose {
    pub(super) lines: Vec<ProseLine>,
}

/// One line: words, and the code after them.
pub(super) struct ProseLine {
    pub(super) words: String,
    pub(super) code: Option<String>,
}

impl Prose {
    /// The lines of a note.
    pub(super) fn of(note: &Note, commands: &dyn Commands) -> Self {
        let mut prose = Self::default();
        for line in note.lines() {
            if let [WordsPart::Message(text)] = line.words.parts() {
                prose.message(text);
                continue;
            }
            let words = words_text(&line.words, commands);
            let code = line.command.as_ref().map(|command| safe_text(&commands.command(command)));
            let colon = if code.is_some() && !words.is_empty() { ": " } else { "" };
            prose.push(ProseLine { words: format!("{words}{colon}"), code });
        }
        prose
    }

    /// Appends lines to paste.
    pub(super) fn with_lines(mut self, lines: &str) -> Self {
        for line in lines.split('\n') {
            self.push(ProseLine { words: String::new(), code: Some(safe_text(line)) });
        }
        self
    }

    /// Appends the lines of certctl's own text with commands in it. A command ends its line.
    fn message(&mut self, text: &str) {
        for line in text.split('\n') {
            let (words, code) = words_and_command(line);
            let code = (!code.is_empty()).then(|| safe_text(code));
            let words = if code.is_some() && words.trim().is_empty() { "" } else { words };
            self.push(ProseLine { words: safe_text(words), code });
        }
    }

    /// Consecutive lines of code become one piece, to be copied at once.
    fn push(&mut self, line: ProseLine) {
        match (self.lines.last_mut(), line) {
            (Some(ProseLine { words, code: Some(piece) }), ProseLine { words: none, code: Some(code) })
                if words.is_empty() && none.is_empty() =>
            {
                piece.push('\n');
                piece.push_str(&code);
            }
            (_, line) => self.lines.push(line),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::Words;
    use crate::view::specimens::SpecimenCommands;

    fn marked(prose: Prose) -> String {
        let line = |line: ProseLine| match line.code {
            Some(code) => format!("{}[{code}]", line.words),
            None => line.words,
        };
        prose.lines.into_iter().map(line).collect::<Vec<_>>().join("|")
    }

    fn of(words: Words) -> Prose {
        Prose::of(&Note::of(words), &SpecimenCommands)
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
            ("To bring it back: git checkout abc -- a", "To bring it back: [git checkout abc -- a]"),
            ("Copy it:\n  cp a b\n  mv b c", "Copy it:|[cp a b\nmv b c]"),
            ("the server said certctl is old", "the server said certctl is old"),
            ("certctl is old", "certctl is old"),
            ("", ""),
        ] {
            assert_eq!(marked(of(Words::message(text))), expected, "{text}");
        }
    }

    #[test]
    fn what_is_to_be_pasted_is_one_piece() {
        let prose = of(Words::text("write this:")).with_lines("moved:\n  - { from: a, to: b }\n  - x");
        assert_eq!(marked(prose), "write this:|[moved:\n  - { from: a, to: b }\n  - x]");
    }
}
