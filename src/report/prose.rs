//! Words and notes of the views as plain text. The terminal prints it, and every other format where it cannot mark up the
//! parts. Texts of others are safe in it.

use super::{safe_lines, safe_text, value_text};
use crate::model::Commands;
use crate::view::{Note, NoteLine, Words, WordsPart};

/// The words. Only texts of others can have several lines.
pub(crate) fn words_text(words: &Words, commands: &dyn Commands) -> String {
    let part = |part: &WordsPart| match part {
        WordsPart::Own(words) => words.clone().into_owned(),
        WordsPart::Name(name) => safe_text(name),
        WordsPart::Title(title) => value_text::short_text(title),
        WordsPart::Text(text) | WordsPart::Message(text) => safe_lines(text),
        WordsPart::Option(option) => commands.option(option),
    };
    words.parts().iter().map(part).collect()
}

/// The lines of a note; a command without words is indented.
pub fn note_text(note: &Note, commands: &dyn Commands) -> String {
    let line = |line: &NoteLine| {
        let words = words_text(&line.words, commands);
        match line.command.as_ref().map(|command| commands.command(command)) {
            Some(command) if words.is_empty() => format!("  {command}"),
            Some(command) => format!("{words}: {command}"),
            None => words,
        }
    };
    note.lines().iter().map(line).collect::<Vec<_>>().join("\n")
}
