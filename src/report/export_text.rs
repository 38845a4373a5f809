//! What the vendor's export told, for people.

use std::path::Path;

use super::command_text::shell_word;
use super::recover_text::settled;
use super::{Style, safe_text};
use crate::export::{Adoptions, Exported, Foreign, Obstacle, Open, Table, Verdict};
use crate::model::{Key, TemplateId};
use crate::state::{Document, Status};

/// Lists are cut after so many lines, unless more is asked for.
const LISTED: usize = 20;

/// What the export is, in one line.
pub fn export_head(file: &Path, table: &Table) -> String {
    let noun = if table.templates.len() == 1 { "template" } else { "templates" };
    let mut head = format!("{}: {} {noun}", safe_text(&file.to_string_lossy()), table.templates.len());
    if table.deleted > 0 {
        head.push_str(&format!(", {} deleted passed over", table.deleted));
    }
    if let [first, rest @ ..] = table.foreign.as_slice() {
        head.push_str(&format!(
            ", {} for no course or learning path passed over ({})",
            table.foreign.len(),
            foreign(first, rest.len())
        ));
    }
    if !table.unreadable.is_empty() {
        head.push_str(&format!(", {} that cannot be read", table.unreadable.len()));
    }
    head.push_str(".\n");
    if !table.has_audience {
        head.push_str(
            "It lacks the column usercustomfieldslug or usercustomfieldvalue, so it does not show for which audience a \
             template is.\n",
        );
    }
    head
}

fn foreign(first: &Foreign, others: usize) -> String {
    let more = if others > 0 { ", …" } else { "" };
    format!("line {}: {:?}{more}", first.line, safe_text(&first.resource_type))
}

/// What became of each row in doubt, and the state that it led to.
pub fn recovered(verdicts: &[(Key, Verdict)], document: &Document, style: Style) -> String {
    let mut text = String::new();
    for (key, verdict) in verdicts {
        let name = safe_text(key.as_str());
        match verdict {
            Verdict::Settles(settlement) => {
                text.push_str(&format!(
                    "{}  {}\n",
                    style.signed('+', &format!("+ {name}")),
                    settled(settlement, document.templates.get(key))
                ));
            }
            Verdict::Open(open) => {
                let why = why_open(open, key, document).replace('\n', "\n    ");
                text.push_str(&format!(
                    "{}  stays in doubt: {why}\n",
                    style.signed('?', &format!("? {name}"))
                ));
            }
        }
    }
    let settled = verdicts.iter().filter(|(_, verdict)| matches!(verdict, Verdict::Settles(_))).count();
    let totals = format!("{settled} settled, {} still in doubt.", verdicts.len() - settled);
    text.push_str(&format!("{}\n", style.bold(&totals)));
    text
}

fn why_open(open: &Open, key: &Key, document: &Document) -> String {
    let word = shell_word(key.as_str());
    let sent = document.templates.get(key).and_then(crate::state::Row::attempt).map(|attempt| attempt.at);
    match open {
        Open::Update => "it is an update, and the export does not show what a template holds. certctl apply sends it again, \
                         which is harmless"
            .to_owned(),
        Open::Missing => format!(
            "the export has no template for its course or learning path. If the export was made after {} and no background \
             job is at work, it was not created:\ncertctl recover {word} --not-created",
            sent.map_or_else(|| "the attempt".to_owned(), |at| at.to_string())
        ),
        Open::OtherTitle { id, title } => format!(
            "the export has {} for it, under the title {:?}. If that one was there before, adopt it:\n\
             certctl recover {word} --not-created\ncertctl import {word} {}",
            safe_text(id.as_str()),
            safe_text(title),
            shell_word(id.as_str())
        ),
        Open::Several { ids } => format!(
            "the export has several templates for it: {}. Delete all but one in the admin page, then:\n\
             certctl recover {word} --created ID",
            listed_ids(ids)
        ),
        Open::Taken { id, owner } => format!(
            "the export has {} for it, and that id belongs to {}. Look at both: certctl state show {}",
            safe_text(id.as_str()),
            safe_text(owner.as_str()),
            shell_word(owner.as_str())
        ),
        Open::Shared { with } => format!(
            "{} is for the same course or learning path, so the export cannot tell which of the two it shows. Look in the \
             admin page: certctl recover {word}",
            safe_text(with.as_str())
        ),
        Open::Unreadable { line } => {
            format!("line {line} of the export may be for it, and cannot be read: correct that line first")
        }
        Open::Audience { id } => format!(
            "the export has {} for its course or learning path, and does not show for which audience, or its title. Export the \
             columns title, usercustomfieldslug and usercustomfieldvalue too, or look in the admin page:\n\
             certctl recover {word} --created {}",
            safe_text(id.as_str()),
            shell_word(id.as_str())
        ),
        Open::Untouched { id, at } => format!(
            "the export has {} for it, which was last changed at {at}, before the attempt. If that is the template that \
             is wanted:\ncertctl recover {word} --created {}",
            safe_text(id.as_str()),
            shell_word(id.as_str())
        ),
    }
}

fn listed_ids(ids: &[TemplateId]) -> String {
    ids.iter().map(|id| safe_text(id.as_str())).collect::<Vec<_>>().join(", ")
}

/// What was adopted, and what was not and why.
pub fn adopted(adoptions: &Adoptions, style: Style) -> String {
    let mut text = String::new();
    let lines: Vec<String> = adoptions
        .adopted
        .iter()
        .map(|(key, id)| {
            let head = style.signed('+', &format!("+ {}", safe_text(key.as_str())));
            format!("{head}  adopted: {}\n", safe_text(id.as_str()))
        })
        .collect();
    push_listed(&lines, style, &mut text);
    let lines: Vec<String> = adoptions
        .obstacles
        .iter()
        .map(|(key, obstacle)| {
            let head = style.signed('!', &format!("! {}", safe_text(key.as_str())));
            format!("{head}  not adopted: {}\n", hindrance(key, obstacle))
        })
        .collect();
    push_listed(&lines, style, &mut text);
    if !adoptions.missing.is_empty() {
        let names: Vec<String> = adoptions.missing.iter().map(|key| safe_text(key.as_str())).collect();
        let shown = if style.is_verbose() { names.len() } else { LISTED.min(names.len()) };
        let more =
            if shown < names.len() { format!(" and {} more", names.len() - shown) } else { String::new() };
        text.push_str(&format!("Not in the export: {}{more}.\n", names[..shown].join(", ")));
    }
    let lines: Vec<String> = adoptions.unclaimed.iter().map(unclaimed).collect();
    if !lines.is_empty() {
        text.push_str("Only in the export:\n");
        push_listed(&lines, style, &mut text);
    }
    let totals = format!(
        "{} adopted, {} known already, {} not adopted, {} not in the export; {} of the export {} not in the configuration.",
        adoptions.adopted.len(),
        adoptions.known.len(),
        adoptions.obstacles.len(),
        adoptions.missing.len(),
        adoptions.unclaimed.len(),
        if adoptions.unclaimed.len() == 1 { "is" } else { "are" }
    );
    text.push_str(&format!("{}\n", style.bold(&totals)));
    text
}

/// A template that nothing in the configuration is for.
fn unclaimed(template: &Exported) -> String {
    let title = template.title.as_deref().unwrap_or("(no title)");
    format!(
        "  {:?}  {}, for {} (line {})\n",
        safe_text(title),
        safe_text(template.id.as_str()),
        safe_text(&template.natural_key.to_string()),
        template.line
    )
}

fn push_listed(lines: &[String], style: Style, text: &mut String) {
    let shown = if style.is_verbose() { lines.len() } else { LISTED.min(lines.len()) };
    text.push_str(&lines[..shown].concat());
    if shown < lines.len() {
        text.push_str(&format!("  … and {} more (-v shows all)\n", lines.len() - shown));
    }
}

fn hindrance(key: &Key, obstacle: &Obstacle) -> String {
    let word = shell_word(key.as_str());
    match obstacle {
        Obstacle::OtherId { state, export } => format!(
            "the state has the id {}, the export has {}. If the export is right: certctl import {word} {}",
            safe_text(state.as_str()),
            safe_text(export.as_str()),
            shell_word(export.as_str())
        ),
        Obstacle::Several { ids } => format!(
            "the export has several templates for it: {}. Delete all but one in the admin page, or choose: certctl import \
             {word} ID",
            listed_ids(ids)
        ),
        Obstacle::Taken { id, owner } => format!(
            "its id {} belongs to {} in the state. Look at that one: certctl state show {}",
            safe_text(id.as_str()),
            safe_text(owner.as_str()),
            shell_word(owner.as_str())
        ),
        Obstacle::Held { by } => format!(
            "the state has this course or learning path under {by}. If that is its old name, add to the YAML: moved: [{{ from: \
             {by}, to: {key} }}]",
            by = safe_text(by.as_str()),
            key = safe_text(key.as_str())
        ),
        Obstacle::Shared { with } => format!(
            "{} is for the same course or learning path, and this export does not tell audiences apart. Look its id up: \
             certctl import {word} ID",
            safe_text(with.as_str())
        ),
        Obstacle::Unreadable { line } => {
            format!(
                "line {line} of the export may be for it, and cannot be read: correct that line, and import again"
            )
        }
        Obstacle::Audience { id } => format!(
            "the export has {} for its course or learning path, and does not show for which audience, or its title. Export the \
             columns title, usercustomfieldslug and usercustomfieldvalue too; or look in the admin page, and if it is \
             the one: certctl import {word} {}",
            safe_text(id.as_str()),
            shell_word(id.as_str())
        ),
        Obstacle::OtherTitle { id, title } => format!(
            "the export has {} for it, under the title {:?}. If that is this template: certctl import {word} {}",
            safe_text(id.as_str()),
            safe_text(title),
            shell_word(id.as_str())
        ),
        Obstacle::Unsettled(Status::Pending) => {
            "a background job is at work on it. Run certctl apply to ask for it, then import again".to_owned()
        }
        Obstacle::Unsettled(_) => {
            format!("it is in doubt. Settle it first: certctl recover {word} --from-csv FILE")
        }
    }
}
