//! Words, notes and notices in Markdown. Texts of others are always code.

use super::budget::{BudgetItem, BudgetSection};
use super::code;
use crate::model::Commands;
use crate::report::prose::{note_text, words_text};
use crate::report::{safe_lines, value_text};
use crate::view::{Note, ReportNotice, Words, WordsPart};

/// The limit of templates named beside a combined warning.
const NAMED: usize = 6;

/// Words on one line. Of a text with several lines, only the first.
pub(super) fn inline(words: &Words, commands: &dyn Commands) -> String {
    inline_with(code::span, words, commands)
}

/// The same for a heading: names are shorter.
pub(super) fn heading(words: &Words, commands: &dyn Commands) -> String {
    inline_with(code::name, words, commands)
}

fn inline_with(name: fn(&str) -> String, words: &Words, commands: &dyn Commands) -> String {
    let part = |part: &WordsPart| match part {
        WordsPart::Own(words) => words.clone().into_owned(),
        WordsPart::Name(text) => name(text),
        WordsPart::Title(title) => code::span(&value_text::short_text(title)),
        WordsPart::Text(text) | WordsPart::Message(text) => {
            code::span(text.lines().next().unwrap_or_default())
        }
        WordsPart::Option(option) => code::command(&commands.option(option)),
    };
    words.parts().iter().map(part).collect()
}

/// A note of one line; `None` if it needs several.
pub(super) fn on_one_line(note: &Note, commands: &dyn Commands) -> Option<String> {
    let [line] = note.lines() else { return None };
    if words_text(&line.words, commands).trim_end().contains('\n') {
        return None;
    }
    let words = inline(&line.words, commands);
    Some(match &line.command {
        Some(command) => format!("{words}: {}", code::command(&commands.command(command))),
        None => words,
    })
}

/// The beginning of a note, on one line.
pub(super) fn in_short(note: &Note, commands: &dyn Commands) -> String {
    note.lines().first().map(|line| inline(&line.words, commands)).unwrap_or_default()
}

/// An item with its notes: a list item if each note is one line, else with the notes below it.
pub(super) fn with_notes(head: &str, notes: &[Note], commands: &dyn Commands) -> String {
    let lines: Option<Vec<String>> = notes.iter().map(|note| on_one_line(note, commands)).collect();
    match lines {
        Some(lines) if lines.is_empty() => format!("- {head}\n"),
        Some(lines) => format!("- {head}: {}\n", lines.join("; ")),
        None => format!("\n{head}\n\n{}", paragraphs(notes, commands)),
    }
}

/// Notes as paragraphs and blocks.
pub(super) fn paragraphs(notes: &[Note], commands: &dyn Commands) -> String {
    let block = |note: &Note| match on_one_line(note, commands) {
        Some(line) => line + "\n\n",
        None => code::sentences(&note_text(note, commands)) + "\n",
    };
    notes.iter().map(block).collect()
}

/// Notices, one item each. `counted` is the noun for those that are left out.
pub(super) fn notices(
    counted: &'static str,
    notices: &[ReportNotice],
    commands: &dyn Commands,
) -> BudgetSection {
    let items = notices.iter().map(|one| notice(one, commands)).collect();
    BudgetSection { name: counted, open: String::new(), close: "\n", items }
}

fn notice(notice: &ReportNotice, commands: &dyn Commands) -> BudgetItem {
    let others = notice.others.iter().map(|others| others.naming(NAMED));
    let note = others.fold(notice.note.clone(), Note::say);
    let label = notice.label;
    let full = match on_one_line(&note, commands) {
        Some(line) => format!("**{label}:** {line}\n\n"),
        None => format!("**{label}:**\n\n{}\n", code::sentences(&note_text(&note, commands))),
    };
    let paste = notice.paste.as_deref().map(|paste| {
        let lines: Vec<String> = safe_lines(paste).lines().map(str::to_owned).collect();
        code::block("yaml", &lines) + "\n"
    });
    BudgetItem {
        full: full + &paste.unwrap_or_default(),
        short: format!("- **{label}:** {}\n", in_short(&notice.note, commands)),
        name: String::new(),
        templates: notice.count(),
    }
}
