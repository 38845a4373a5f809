//! Prints plans and results on the terminal: the verdict at the end, where people look first, and what is long cut to the
//! space.

mod change;
mod drift;
mod history;
mod plan;
mod run;
mod truncation;

pub use drift::drift;
pub use history::history;
pub use plan::plan;
pub use run::run;

use super::prose::{note_text, words_text};
use super::{Style, safe_text};
use crate::model::{Commands, RunOption};
use crate::view::{Note, ReportItem, ReportNotice, Words};

/// The indentation of what is said of a template.
const INDENT: &str = "      ";
/// The limit of names listed for templates that are alike.
const NAMED: usize = 6;
/// The limit of notices.
const NOTICES: usize = 20;

/// Prints notices, with `gap` before each. They are limited, so that the rest stays visible.
fn notices(notices: &[ReportNotice], gap: &str, style: Style, commands: &dyn Commands, text: &mut String) {
    let verbose = commands.option(&RunOption::Verbose);
    let shown = if style.is_verbose() { notices.len() } else { NOTICES.min(notices.len()) };
    for notice in &notices[..shown] {
        let note = note_text(&notice.note, commands).replace('\n', "\n  ");
        text.push_str(&format!("{gap}{} {note}\n", style.label(notice.label)));
        if let Some(others) = &notice.others {
            let others = words_text(&others.naming(NAMED), commands);
            text.push_str(&format!("  {others} ({verbose} shows them all)\n"));
        }
        // Lines to paste are indented as in the file.
        text.extend(notice.paste.as_deref().map(|paste| super::safe_lines(paste) + "\n"));
    }
    if shown < notices.len() {
        let more = notices.len() - shown;
        text.push_str(&format!(
            "{gap}{} there are {more} more ({verbose} shows them all)\n",
            style.label("Warning")
        ));
    }
}

/// Prints what is said of a template, below it.
fn said<'n>(notes: impl IntoIterator<Item = &'n Note>, commands: &dyn Commands, text: &mut String) {
    for note in notes {
        let note = note_text(note, commands).replace('\n', &format!("\n{INDENT}  "));
        text.push_str(&format!("{INDENT}{note}\n"));
    }
}

/// Puts the verdict first and last, with what is to do before the last one: people look at both ends.
fn between_verdicts(
    verdict: &Words,
    remarks: &[Note],
    style: Style,
    commands: &dyn Commands,
    print: impl FnOnce(&mut String),
) -> String {
    let verdict = style.bold(&words_text(verdict, commands));
    let mut text = format!("{verdict}\n");
    print(&mut text);
    for remark in remarks {
        text.push_str(&format!("\n{}\n", note_text(remark, commands)));
    }
    text.push_str(&format!("\n{verdict}\n"));
    style.laid_out(text)
}

/// Prints the other templates that are like the one above.
fn others(item: &ReportItem<'_>, style: Style, commands: &dyn Commands, text: &mut String) {
    let Some(words) = item.same_on_others() else { return };
    let others = &item.others;
    let shown = if style.is_verbose() { others.len() } else { NAMED.min(others.len()) };
    let names: Vec<String> = others[..shown].iter().map(|key| safe_text(key.as_str())).collect();
    let more = match others.len() - shown {
        0 => String::new(),
        more => format!(" and {more} more ({} names all)", commands.option(&RunOption::Verbose)),
    };
    let head = style.signed(item.sign, &format!("{} {words}", item.sign));
    text.push_str(&format!("  {head}: {}{more}\n", names.join(", ")));
}
