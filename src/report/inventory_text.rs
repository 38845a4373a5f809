//! Reports what the vendor's export shows: which rows it settles, which it adopts, and why it leaves others.
//! `recover` and `import` call it; it never changes the state.

use super::resolution_text::{InYaml, Recorded};
use super::safe_text::revealed;
use super::{Style, safe_text, value_text};
use crate::inventory::{
    Adoptions, Difference, Foreign, InventoryFinding, Observation, Observed, Obstacle, SeenAt, StaleContents,
    StaysInDoubt, Unsure,
};
use crate::model::{
    Advice, Commands, Help, Key, RunOption, Settling, TemplateId, all_of, few, is_odd_blank, moved_entry,
};
use crate::state::{Attempt, Document, Row, RowStatus};
use crate::view::counted;

/// The limit of lines in a list, unless everything is printed.
const LISTED: usize = 20;

/// The source and its contents, on one line.
pub fn observation_head(observation: &Observation) -> String {
    let templates = counted(observation.templates.len(), "template");
    let mut head = format!("{}: {templates}", safe_text(&observation.source.to_string()));
    if !observation.deleted.is_empty() {
        head.push_str(&format!(", {} deleted passed over", observation.deleted.len()));
    }
    if let [first, rest @ ..] = observation.foreign.as_slice() {
        head.push_str(&format!(
            ", {} for no course or learning path passed over ({})",
            observation.foreign.len(),
            foreign(first, rest.len())
        ));
    }
    if !observation.unreadable.is_empty() {
        head.push_str(&format!(", {} that cannot be read", observation.unreadable.len()));
    }
    head.push_str(".\n");
    let lacking = observation.lacking();
    if !lacking.is_empty() {
        head.push_str(&format!(
            "It lacks {}, so it does not show which template is which: none is adopted or settled by it.\n",
            columns(&lacking)
        ));
    }
    head
}

/// The columns of the export with these attributes: the same names in lower case.
fn columns(attributes: &[&str]) -> String {
    let names: Vec<String> = attributes.iter().map(|name| name.to_lowercase()).collect();
    let noun = if names.len() == 1 { "column" } else { "columns" };
    format!("the {noun} {}", all_of(&names))
}

fn foreign(first: &Foreign, others: usize) -> String {
    let more = if others > 0 { ", …" } else { "" };
    format!("{}: {:?}{more}", seen_at(&first.seen_at), safe_text(&first.resource_type))
}

/// The result for each row in doubt.
pub fn recovered(
    results: &[(Key, InventoryFinding)],
    document: &Document,
    in_yaml: &dyn Fn(&Key) -> InYaml,
    style: Style,
    commands: &dyn Commands,
) -> String {
    let mut text = String::new();
    for (key, finding) in results {
        let name = safe_text(key.as_str());
        match finding {
            InventoryFinding::Settles(settlement, unsure) => {
                let why = unsure.as_ref().map(why_unsure);
                let row = document.templates.get(key);
                let recorded = Recorded { key, settlement, row, creates: true, in_yaml: in_yaml(key) };
                text.push_str(&format!(
                    "{}  {}\n",
                    style.signed("+", &format!("+ {name}")),
                    recorded.text(why.as_deref(), commands)
                ));
            }
            InventoryFinding::StaysInDoubt(stays) => {
                let (why, help) = (why_in_doubt(stays, key, document), help_in_doubt(stays, key));
                let why = help.below(&why, commands).replace('\n', "\n    ");
                text.push_str(&format!(
                    "{}  stays in doubt: {why}\n",
                    style.signed("?", &format!("? {name}"))
                ));
            }
        }
    }
    let settled =
        results.iter().filter(|(_, finding)| matches!(finding, InventoryFinding::Settles(..))).count();
    let totals = format!("{settled} settled, {} still in doubt.", results.len() - settled);
    text.push_str(&format!("{}\n", style.bold(&totals)));
    text
}

/// Why the contents of a template are unknown.
fn why_unsure(unsure: &Unsure) -> String {
    match unsure {
        Unsure::Made(at) => format!("it was made at {at}, before the attempt"),
        Unsure::Changed(at) => format!("it was last changed at {at}, before the attempt"),
        Unsure::Stale(StaleContents::AtIssue(at)) => {
            format!("the certificate may show it as it was when it was issued, at {at}")
        }
        Unsure::Stale(_) => "the export does not say when it was last changed".to_owned(),
        Unsure::Other(differences) => {
            let shown = |difference: &Difference| {
                format!("{}: {}", difference.attribute, value_text::short(difference.shown.as_ref()))
            };
            let shown: Vec<String> = differences.iter().map(shown).collect();
            format!("the export shows {}, which is not what was sent", few(&shown))
        }
        Unsure::NotShown(names) => {
            let names: Vec<String> = names.iter().map(|name| safe_text(name)).collect();
            format!("the export does not show {}", few(&names))
        }
    }
}

fn why_in_doubt(stays: &StaysInDoubt, key: &Key, document: &Document) -> String {
    match stays {
        StaysInDoubt::Update => "it is an update, and sending it again is harmless".to_owned(),
        StaysInDoubt::Missing { deleted, unreadable } => {
            let sent = document.templates.get(key).and_then(Row::attempt);
            missing(sent, deleted.as_ref(), *unreadable)
        }
        StaysInDoubt::OtherTitle { id, title } => under_another_title(id, title),
        StaysInDoubt::Several { ids } => {
            format!("the export has several templates for it: {}", listed_ids(ids))
        }
        StaysInDoubt::Taken { id, owner } => format!(
            "the export has {} for it, and that id belongs to {}",
            safe_text(id.as_str()),
            safe_text(owner.as_str())
        ),
        StaysInDoubt::Shared { with } => format!(
            "{} is for the same course or learning path, so the export cannot tell which of the two it shows",
            safe_text(with.as_str())
        ),
        StaysInDoubt::Unreadable { seen_at } => unusable(seen_at),
        StaysInDoubt::Unseen { id, columns } => unseen(id, columns),
        StaysInDoubt::Untouched { id, at } => format!(
            "the export has {} for it, which was last changed at {at}, before the attempt",
            safe_text(id.as_str())
        ),
    }
}

/// Absence from an export proves nothing (vendor-api.md section 6.1).
fn missing(sent: Option<&Attempt>, deleted: Option<&SeenAt>, unreadable: usize) -> String {
    let at = sent.map_or_else(String::new, |attempt| format!(" of {}", attempt.at));
    let unread = match unreadable {
        0 => String::new(),
        1 => ", and 1 line of it cannot be read".to_owned(),
        lines => format!(", and {lines} lines of it cannot be read"),
    };
    let gone = deleted.map_or_else(String::new, |seen| {
        format!(". And {} shows one that was deleted; it may be another one", seen_at(seen))
    });
    format!(
        "the export does not show it, and that proves nothing: the export may be older than the attempt{at}{unread}{gone}"
    )
}

fn unseen(id: &TemplateId, lacking: &[&str]) -> String {
    format!(
        "the export has {} for its course or learning path, and does not show whether that is the one. Export {} too",
        safe_text(id.as_str()),
        columns(lacking)
    )
}

fn unusable(seen: &SeenAt) -> String {
    format!("{} may be for it, and what is wrong there is said above", seen_at(seen))
}

fn seen_at(seen_at: &SeenAt) -> String {
    safe_text(&seen_at.to_string())
}

fn under_another_title(id: &TemplateId, title: &str) -> String {
    format!("the export has {} for it, under the title \"{}\"", safe_text(id.as_str()), revealed_ends(title))
}

/// The title, with blanks at its ends made visible.
fn revealed_ends(title: &str) -> String {
    if title.trim() == title && !title.chars().any(is_odd_blank) { safe_text(title) } else { revealed(title) }
}

fn help_in_doubt(stays: &StaysInDoubt, key: &Key) -> Help {
    let settle = |how: Settling| Advice::Settle { key: Some(key.clone()), how };
    let created = |id: &TemplateId| settle(Settling::Created(Some(id.clone())));
    let look = "Look in the admin page";
    match stays {
        StaysInDoubt::Update => {
            Help::none().run("To send it again", Advice::ApplyOnly { keys: vec![key.clone()] })
        }
        StaysInDoubt::Missing { .. } => {
            Help::none().run(format!("{look}. Only if it is not there"), settle(Settling::NotCreated))
        }
        StaysInDoubt::OtherTitle { id, .. } => Help::none()
            .run(
                format!("{look}. Only if that is the one template for it, and was there before, first"),
                settle(Settling::NotCreated),
            )
            .run("and then adopt it", Advice::Import { key: key.clone(), id: Some(id.clone()) }),
        StaysInDoubt::Several { .. } => Help::none().run(
            "Delete all but the one that was sent in the admin page, then",
            settle(Settling::Created(None)),
        ),
        StaysInDoubt::Taken { owner, .. } => {
            Help::none().run("Look at that one", Advice::StateShow { key: Some(owner.clone()) })
        }
        StaysInDoubt::Shared { .. } | StaysInDoubt::Untouched { .. } => {
            Help::none().run(format!("{look}, and then"), Advice::Recover { keys: vec![key.clone()] })
        }
        StaysInDoubt::Unreadable { .. } => {
            Help::none().say("Put that right, and run this again with an export made since then.")
        }
        StaysInDoubt::Unseen { id, .. } => Help::none()
            .run(format!("Or {}. Only if that one is what was sent", look.to_lowercase()), created(id)),
    }
}

fn listed_ids(ids: &[TemplateId]) -> String {
    ids.iter().map(|id| safe_text(id.as_str())).collect::<Vec<_>>().join(", ")
}

/// The adopted templates, and the others with the reason.
pub fn adopted(adoptions: &Adoptions, style: Style, commands: &dyn Commands) -> String {
    let mut text = String::new();
    let lines: Vec<String> = adoptions
        .adopted
        .iter()
        .map(|(key, id)| {
            let head = style.signed("+", &format!("+ {}", safe_text(key.as_str())));
            format!("{head}  adopted: {}\n", safe_text(id.as_str()))
        })
        .collect();
    push_listed(&lines, style, commands, &mut text);
    let lines: Vec<String> = adoptions
        .obstacles
        .iter()
        .map(|(key, obstacle)| {
            let head = style.signed("!", &format!("! {}", safe_text(key.as_str())));
            let why = obstacle_help(key, obstacle).below(&obstacle_text(key, obstacle), commands);
            format!("{head}  not adopted: {}\n", why.replace('\n', "\n    "))
        })
        .collect();
    push_listed(&lines, style, commands, &mut text);
    if !adoptions.unadopted.is_empty() {
        text.push_str(&format!(
            "{}.\n{}",
            created_next(adoptions.unadopted.len()),
            by_id(&adoptions.unadopted, commands)
        ));
    }
    if !adoptions.missing.is_empty() {
        let names: Vec<String> = adoptions.missing.iter().map(|key| safe_text(key.as_str())).collect();
        let shown = if style.is_verbose() { names.len() } else { LISTED.min(names.len()) };
        let more =
            if shown < names.len() { format!(" and {} more", names.len() - shown) } else { String::new() };
        text.push_str(&format!("Not in the export: {}{more}.\n", names[..shown].join(", ")));
        if !adoptions.unknown.is_empty() {
            text.push_str(&format!(
                "{}. That the export does not show a template proves nothing: it may be old, or not whole. If you \
                 are not sure, look in the admin page first.\n{}",
                created_next(adoptions.unknown.len()),
                by_id(&adoptions.unknown, commands)
            ));
        }
    }
    let lines: Vec<String> = adoptions.unclaimed.iter().map(unclaimed).collect();
    if !lines.is_empty() {
        text.push_str("Only in the export:\n");
        push_listed(&lines, style, commands, &mut text);
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

/// What becomes of templates that neither the export nor the state shows.
fn created_next(count: usize) -> String {
    let them = if count == 1 { "it" } else { "them" };
    format!("The state does not know {count} of these either: the next apply creates {them}")
}

/// How to adopt one of these that exists after all.
fn by_id(keys: &[Key], commands: &dyn Commands) -> String {
    let import = |key: &Key| commands.command(&Advice::Import { key: key.clone(), id: None });
    let line = |key: &Key| format!("To adopt one that is there, by its id: {}\n", import(key));
    keys.first().map(line).unwrap_or_default()
}

/// A template on the server that no configured template matches.
fn unclaimed(template: &Observed) -> String {
    let title = template.title().unwrap_or("(no title)");
    format!(
        "  {:?}  {}, for {} ({})\n",
        safe_text(title),
        safe_text(template.id.as_str()),
        safe_text(&template.natural_key.to_string()),
        seen_at(&template.seen_at)
    )
}

fn push_listed(lines: &[String], style: Style, commands: &dyn Commands, text: &mut String) {
    let shown = if style.is_verbose() { lines.len() } else { LISTED.min(lines.len()) };
    text.push_str(&lines[..shown].concat());
    if shown < lines.len() {
        let verbose = commands.option(&RunOption::Verbose);
        text.push_str(&format!("  … and {} more ({verbose} shows all)\n", lines.len() - shown));
    }
}

fn obstacle_text(key: &Key, obstacle: &Obstacle) -> String {
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
        Obstacle::Unreadable { seen_at } => unusable(seen_at),
        Obstacle::Unseen { id, columns } => unseen(id, columns),
        Obstacle::OtherTitle { id, title } => under_another_title(id, title),
        Obstacle::Elsewhere { held } => format!(
            "the state has it for {}, and the YAML for another resource or audience",
            safe_text(&held.to_string())
        ),
        Obstacle::Unsettled(RowStatus::Pending) => "a background job is at work on it".to_owned(),
        Obstacle::Unsettled(_) => "it is in doubt".to_owned(),
    }
}

/// What to do about an obstacle.
fn obstacle_help(key: &Key, obstacle: &Obstacle) -> Help {
    let import = |id: Option<&TemplateId>| Advice::Import { key: key.clone(), id: id.cloned() };
    match obstacle {
        Obstacle::OtherId { export, .. } => Help::none().run("If the export is right", import(Some(export))),
        Obstacle::Several { .. } => Help::none().run("Or choose one", import(None)),
        Obstacle::Taken { owner, .. } => {
            Help::none().run("Look at that one", Advice::StateShow { key: Some(owner.clone()) })
        }
        Obstacle::Held { .. } => Help::none(),
        Obstacle::Unreadable { .. } => {
            Help::none().say("Put that right, and import again from a new export.")
        }
        Obstacle::Elsewhere { .. } => match Key::new(format!("{key}.old")) {
            Ok(to) => Help::none().run(
                "Give what the state has a key of its own, then import again",
                Advice::StateMv { from: key.clone(), to },
            ),
            Err(_) => Help::none(),
        },
        Obstacle::Shared { .. } => Help::none().run("Look its id up, and then", import(None)),
        Obstacle::Unseen { id, .. } => {
            Help::none().run("Or look in the admin page. Only if that is this template", import(Some(id)))
        }
        Obstacle::OtherTitle { id, .. } => Help::none().run("If that is this template", import(Some(id))),
        Obstacle::Unsettled(RowStatus::Pending) => {
            let apply = Advice::ApplyOnly { keys: vec![key.clone()] };
            Help::none().run("Ask for the job, then import again", apply)
        }
        Obstacle::Unsettled(_) => {
            Help::none().run("To settle it first", Advice::Recover { keys: vec![key.clone()] })
        }
    }
}
