//! Prints the versions of a state, the newest first.

use super::{NAMED, change};
use crate::model::{Commands, Key, RunOption};
use crate::report::state_text::status_word;
use crate::report::{Style, safe_text};
use crate::state::{FoundAt, Provenance, VersionStep};
use crate::view::{HistoryEntry, HistoryView};

/// How much of a commit's id is shown.
const SHORT: usize = 12;

/// The versions of a state for people.
pub fn history(view: &HistoryView<'_>, style: Style, commands: &dyn Commands) -> String {
    let mut text = String::new();
    for entry in &view.entries {
        head(entry.step, style, &mut text);
        match view.key {
            None => names(entry.step, style, commands, &mut text),
            Some(_) => contents(entry, style, &mut text),
        }
        for by in &entry.step.by {
            text.push_str(&format!("  {}\n", sender(by)));
        }
    }
    if text.is_empty() {
        text.push_str("No version of it is known.\n");
    }
    if let Some(why) = &view.incomplete {
        text.push_str(&format!("Not every version is known: {why}.\n"));
    }
    text
}

fn head(step: &VersionStep, style: Style, text: &mut String) {
    let at = step.at.map(|at| format!("  {at}")).unwrap_or_default();
    let found: Vec<String> = step.found.iter().map(place).collect();
    text.push_str(&format!("{}{at}  {}\n", style.bold(&format!("serial {}", step.serial)), found.join(", ")));
}

fn place(found: &FoundAt) -> String {
    match found {
        FoundAt::InPlace => "in place".to_owned(),
        FoundAt::Commit(commit) => format!("commit {}", commit.id.get(..SHORT).unwrap_or(&commit.id)),
        FoundAt::Backup => "backup".to_owned(),
        FoundAt::Mark => "kept on this machine".to_owned(),
        FoundAt::Kept => "kept beside the state".to_owned(),
    }
}

/// Names the templates that changed.
fn names(step: &VersionStep, style: Style, commands: &dyn Commands, text: &mut String) {
    let parts = [
        ("+", "added", &step.added),
        ("~", "changed", &step.changed),
        ("~", "recorded", &step.touched),
        ("-", "removed", &step.removed),
    ];
    for (sign, word, keys) in parts.into_iter().filter(|(_, _, keys)| !keys.is_empty()) {
        let head = style.signed(sign, &format!("{sign} {} {word}", keys.len()));
        text.push_str(&format!("  {head}: {}\n", some_of(keys, style, commands)));
    }
    if !step.has_changes() {
        text.push_str(match step.since {
            Some(_) => "  no template changed\n",
            None => "  the oldest version that is known\n",
        });
    }
}

fn some_of(keys: &[Key], style: Style, commands: &dyn Commands) -> String {
    let shown = if style.is_verbose() { keys.len() } else { NAMED.min(keys.len()) };
    let names: Vec<String> = keys[..shown].iter().map(|key| safe_text(key.as_str())).collect();
    let more = match keys.len() - shown {
        0 => String::new(),
        more => format!(" and {more} more ({} names all)", commands.option(&RunOption::Verbose)),
    };
    format!("{}{more}", names.join(", "))
}

/// Prints what changed of one template.
fn contents(entry: &HistoryEntry<'_>, style: Style, text: &mut String) {
    let words = match &entry.step.row {
        [_, None] => "not in the state any more".to_owned(),
        [None, Some(row)] if entry.step.has_changes() => format!("new: {}", status_word(row.status())),
        [None, Some(row)] => {
            format!("the oldest version that is known: {}", status_word(row.status()))
        }
        [Some(_), Some(row)] => status_word(row.status()).to_owned(),
    };
    text.push_str(&format!("  {words}\n"));
    if let Some(key) = &entry.step.moved_from {
        text.push_str(&format!("  moved from {}\n", safe_text(key.as_str())));
    }
    for one in &entry.described {
        change::change(one, style, text);
    }
}

/// Who sent something, and from where, in one line.
fn sender(by: &Provenance) -> String {
    let actor = by.actor().map(|actor| format!("by {}", safe_text(actor)));
    let commit = by.commit().map(|commit| format!("commit {}", safe_text(commit)));
    let run = by.run_url().map(safe_text);
    [actor, commit, run].into_iter().flatten().collect::<Vec<_>>().join(", ")
}
