//! Reports which templates are adopted, and why others are not. `import` calls it; it never changes the state.

use super::observation_text::{
    LISTED, deleted_before, listed_ids, push_listed, seen_at, stale, under_another_title, unseen, unusable,
};
use super::{KeyResult, Style, safe_text};
use crate::inventory::{AdoptedContents, Adoption, Adoptions, Observed, Obstacle};
use crate::model::{Advice, Commands, Help, Key, TemplateId, moved_entry};
use crate::state::RowStatus;

/// The adopted templates, and the others with the reason.
pub fn adopted(adoptions: &Adoptions, style: Style, commands: &dyn Commands) -> String {
    let are = if adoptions.unclaimed.len() == 1 { "is" } else { "are" };
    let rest = format!("; {} of the export {are} not in the configuration", adoptions.unclaimed.len());
    adopted_and(&rest, adoptions, style, commands)
}

/// Like [`adopted`], where templates that are not configured are written. What else was seen cannot be.
pub fn adopted_beside_written(adoptions: &Adoptions, style: Style, commands: &dyn Commands) -> String {
    let rest = match adoptions.unclaimed.len() {
        0 => String::new(),
        count => format!("; {count} of the export cannot be written"),
    };
    adopted_and(&rest, adoptions, style, commands)
}

fn adopted_and(rest: &str, adoptions: &Adoptions, style: Style, commands: &dyn Commands) -> String {
    let mut text = String::new();
    let lines: Vec<String> = adoptions
        .adopted
        .iter()
        .map(|(key, adoption)| {
            let head = style.signed("+", &format!("+ {}", safe_text(key.as_str())));
            let why = why_not_known(adoption).map(|why| format!("; {why}")).unwrap_or_default();
            format!("{head}  adopted: {}{why}\n", safe_text(adoption.id.as_str()))
        })
        .collect();
    push_listed(&lines, style, commands, &mut text);
    let lines: Vec<String> = adoptions
        .obstacles
        .iter()
        .map(|(key, obstacle)| {
            let head = style.signed("!", &format!("! {}", safe_text(key.as_str())));
            let why = why_not_adopted(key, obstacle, commands);
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
        "{} adopted, {} known already, {} not adopted, {} not in the export{rest}.",
        adoptions.adopted.len(),
        adoptions.known.len(),
        adoptions.obstacles.len(),
        adoptions.missing.len(),
    );
    text.push_str(&format!("{}\n", style.bold(&totals)));
    text.push_str(&contents(adoptions));
    text
}

/// What follows for the next plan from what was seen of the contents.
fn contents(adoptions: &Adoptions) -> String {
    let (seen, not_known) = (adoptions.seen(), adoptions.not_known());
    let mut text = String::new();
    if seen > 0 {
        let them =
            if seen == adoptions.adopted.len() { "them".to_owned() } else { format!("{seen} of them") };
        text.push_str(&format!(
            "The state has what was seen of {them}, so the next plan shows how the YAML differs from that.\n"
        ));
    }
    if not_known > 0 {
        let them = if not_known == adoptions.adopted.len() {
            "them".to_owned()
        } else {
            format!("{not_known} of them")
        };
        text.push_str(&format!(
            "What the server holds of {them} is not known, so the next apply sends all their attributes once.\n"
        ));
    }
    text
}

/// What became of each configured template.
pub fn adoption_results(adoptions: &Adoptions, commands: &dyn Commands) -> Vec<KeyResult> {
    let result = |key: &Key, outcome, id: Option<&TemplateId>, reason| KeyResult {
        id: id.cloned(),
        key: key.clone(),
        outcome,
        reason,
    };
    let adopted = adoptions.adopted.iter();
    let adopted =
        adopted.map(|(key, adoption)| result(key, "adopted", Some(&adoption.id), why_not_known(adoption)));
    let known = adoptions.known.iter().map(|(key, id)| result(key, "known", Some(id), None));
    let obstacles = adoptions.obstacles.iter().map(|(key, obstacle)| {
        result(key, "not_adopted", obstacle.id(), Some(why_not_adopted(key, obstacle, commands)))
    });
    let missing = adoptions.missing.iter().map(|key| result(key, "not_seen", None, None));
    let mut results: Vec<KeyResult> = adopted.chain(known).chain(obstacles).chain(missing).collect();
    results.sort_by(|one, other| one.key.cmp(&other.key));
    results
}

/// Why the contents of a template that is adopted are not known.
fn why_not_known(adoption: &Adoption) -> Option<String> {
    match &adoption.contents {
        AdoptedContents::Seen(_) | AdoptedContents::Known => None,
        AdoptedContents::Stale(why) => Some(format!("what it holds is not known: {}", stale(*why))),
        AdoptedContents::Open => Some("what was sent last has no outcome yet".to_owned()),
    }
}

fn why_not_adopted(key: &Key, obstacle: &Obstacle, commands: &dyn Commands) -> String {
    obstacle_help(key, obstacle).below(&obstacle_text(key, obstacle), commands)
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
        Obstacle::Deleted { id, at } => deleted_before(id, *at),
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
        Obstacle::Deleted { id, .. } => Help::none().run("If it is there again", import(Some(id))),
        Obstacle::Unsettled(RowStatus::Pending) => {
            let apply = Advice::ApplyOnly { keys: vec![key.clone()] };
            Help::none().run("Ask for the job, then import again", apply)
        }
        Obstacle::Unsettled(_) => {
            Help::none().run("To settle it first", Advice::Recover { keys: vec![key.clone()] })
        }
    }
}
