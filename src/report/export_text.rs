//! What the vendor's export told, for people.

use std::path::Path;

use super::recover_text::settled;
use super::{Style, safe_text};
use crate::export::{Adoptions, Exported, Foreign, Obstacle, Open, Table, Verdict};
use crate::model::{Advice, Commands, Help, Key, Settling, TemplateId, moved_entry};
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
pub fn recovered(
    verdicts: &[(Key, Verdict)],
    document: &Document,
    style: Style,
    commands: &dyn Commands,
) -> String {
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
                let (why, help) = (why_open(open, key, document), help_open(open, key));
                let why = help.below(&why, commands).replace('\n', "\n    ");
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
    let sent = document.templates.get(key).and_then(crate::state::Row::attempt).map(|attempt| attempt.at);
    match open {
        Open::Update => "it is an update, and the export does not show what a template holds. The next apply sends it again, \
                         which is harmless"
            .to_owned(),
        Open::Missing => format!(
            "the export has no template for its course or learning path. If the export was made after {} and no background \
             job is at work, it was not created",
            sent.map_or_else(|| "the attempt".to_owned(), |at| at.to_string())
        ),
        Open::OtherTitle { id, title } => format!(
            "the export has {} for it, under the title {:?}",
            safe_text(id.as_str()),
            safe_text(title)
        ),
        Open::Several { ids } => format!("the export has several templates for it: {}", listed_ids(ids)),
        Open::Taken { id, owner } => format!(
            "the export has {} for it, and that id belongs to {}",
            safe_text(id.as_str()),
            safe_text(owner.as_str())
        ),
        Open::Shared { with } => format!(
            "{} is for the same course or learning path, so the export cannot tell which of the two it shows",
            safe_text(with.as_str())
        ),
        Open::Unreadable { line } => {
            format!("line {line} of the export may be for it, and cannot be read: correct that line first")
        }
        Open::Audience { id } => format!(
            "the export has {} for its course or learning path, and does not show for which audience, or its title. Export the \
             columns title, usercustomfieldslug and usercustomfieldvalue too, or look in the admin page",
            safe_text(id.as_str())
        ),
        Open::Untouched { id, at } => format!(
            "the export has {} for it, which was last changed at {at}, before the attempt",
            safe_text(id.as_str())
        ),
    }
}

fn help_open(open: &Open, key: &Key) -> Help {
    let settle = |how: Settling| Advice::Settle { key: Some(key.clone()), how };
    let created = |id: &TemplateId| settle(Settling::Created(Some(id.clone())));
    match open {
        Open::Update => Help::none().run("To send it again", Advice::ApplyOnly { keys: vec![key.clone()] }),
        Open::Missing => Help::none().run("To say so", settle(Settling::NotCreated)),
        Open::OtherTitle { id, .. } => Help::none()
            .run("If that one was there before, first", settle(Settling::NotCreated))
            .run("and then adopt it", Advice::Import { key: key.clone(), id: Some(id.clone()) }),
        Open::Several { .. } => {
            Help::none().run("Delete all but one in the admin page, then", settle(Settling::Created(None)))
        }
        Open::Taken { owner, .. } => {
            Help::none().run("Look at that one", Advice::StateShow { key: Some(owner.clone()) })
        }
        Open::Shared { .. } => {
            Help::none().run("Look in the admin page, and then", Advice::Recover { keys: vec![key.clone()] })
        }
        Open::Unreadable { .. } => Help::none(),
        Open::Audience { id } => Help::none().run("If that is the one", created(id)),
        Open::Untouched { id, .. } => Help::none().run("If that is the template that is wanted", created(id)),
    }
}

fn listed_ids(ids: &[TemplateId]) -> String {
    ids.iter().map(|id| safe_text(id.as_str())).collect::<Vec<_>>().join(", ")
}

/// What was adopted, and what was not and why.
pub fn adopted(adoptions: &Adoptions, style: Style, commands: &dyn Commands) -> String {
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
            let why = help_past(key, obstacle).below(&hindrance(key, obstacle), commands);
            format!("{head}  not adopted: {}\n", why.replace('\n', "\n    "))
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
    match obstacle {
        Obstacle::OtherId { state, export } => format!(
            "the state has the id {}, the export has {}",
            safe_text(state.as_str()),
            safe_text(export.as_str())
        ),
        Obstacle::Several { ids } => format!(
            "the export has several templates for it: {}. Delete all but one in the admin page",
            listed_ids(ids)
        ),
        Obstacle::Taken { id, owner } => {
            format!("its id {} belongs to {} in the state", safe_text(id.as_str()), safe_text(owner.as_str()))
        }
        Obstacle::Held { by } => format!(
            "the state has this course or learning path under {}. If that is its old name, write this into the YAML:\n\
             moved:\n  - {}",
            safe_text(by.as_str()),
            moved_entry(by.as_str(), key.as_str())
        ),
        Obstacle::Shared { with } => format!(
            "{} is for the same course or learning path, and this export does not tell audiences apart",
            safe_text(with.as_str())
        ),
        Obstacle::Unreadable { line } => {
            format!(
                "line {line} of the export may be for it, and cannot be read: correct that line, and import again"
            )
        }
        Obstacle::Audience { id } => format!(
            "the export has {} for its course or learning path, and does not show for which audience, or its title. Export the \
             columns title, usercustomfieldslug and usercustomfieldvalue too, or look in the admin page",
            safe_text(id.as_str())
        ),
        Obstacle::OtherTitle { id, title } => format!(
            "the export has {} for it, under the title {:?}",
            safe_text(id.as_str()),
            safe_text(title)
        ),
        Obstacle::Unsettled(Status::Pending) => "a background job is at work on it".to_owned(),
        Obstacle::Unsettled(_) => "it is in doubt".to_owned(),
    }
}

/// What to do about an obstacle.
fn help_past(key: &Key, obstacle: &Obstacle) -> Help {
    let import = |id: Option<&TemplateId>| Advice::Import { key: key.clone(), id: id.cloned() };
    match obstacle {
        Obstacle::OtherId { export, .. } => Help::none().run("If the export is right", import(Some(export))),
        Obstacle::Several { .. } => Help::none().run("Or choose one", import(None)),
        Obstacle::Taken { owner, .. } => {
            Help::none().run("Look at that one", Advice::StateShow { key: Some(owner.clone()) })
        }
        Obstacle::Held { .. } | Obstacle::Unreadable { .. } => Help::none(),
        Obstacle::Shared { .. } => Help::none().run("Look its id up, and then", import(None)),
        Obstacle::Audience { id } => Help::none().run("If that is the one", import(Some(id))),
        Obstacle::OtherTitle { id, .. } => Help::none().run("If that is this template", import(Some(id))),
        Obstacle::Unsettled(Status::Pending) => {
            let apply = Advice::ApplyOnly { keys: vec![key.clone()] };
            Help::none().run("Ask for the job, then import again", apply)
        }
        Obstacle::Unsettled(_) => {
            Help::none().run("To settle it first", Advice::Recover { keys: vec![key.clone()] })
        }
    }
}
