//! What must be true after every command, checked by an all-seeing judge.

use std::borrow::Cow;

use certctl::model::{Attributes, Key};
use certctl::state::{Document, Recency, Row, Snapshot};

use crate::academy::Template;
use crate::estate::number;
use crate::events::Event;
use crate::recency;
use crate::stage::{Ending, Note, Promise, Violation};
use crate::world::{Machine, World};

/// The state of a machine, including an unfinished journal; `None` if there is none or it is refused.
pub(crate) fn effective(machine: &Machine) -> Option<Cow<'_, Document>> {
    let file = machine.tree.file.as_ref();
    match &machine.journal {
        None => file.map(|file| Cow::Borrowed(&file.document)),
        Some(journal) => {
            let snapshot = Snapshot {
                document: file.map(|file| file.document.clone()),
                version: file.map(|file| file.version.clone()),
                journal: journal.records.clone(),
                ..Snapshot::default()
            };
            snapshot.effective().ok().flatten().map(Cow::Owned)
        }
    }
}

/// Checks what a command left. Manual changes to files are checked once a command accepts them.
pub(crate) fn judge(mut ending: Ending, here: usize, event: &Event) -> Ending {
    let by_people = matches!(
        event,
        Event::Edit(..)
            | Event::Merge
            | Event::GoBack(_)
            | Event::BringBack
            | Event::JoinNewest
            | Event::FollowRescue
            | Event::JobActs(_)
            | Event::EditByHand(..)
            | Event::DeleteByHand(_)
    );
    let refused = ending.notes.iter().any(|note| matches!(note, Note::Refused(_)));
    if ending.violation.is_none() && !by_people && !refused {
        ending.violation = broken(&ending.world, here);
    }
    ending
}

fn broken(world: &World, here: usize) -> Option<Violation> {
    let machine = &world.machines[here];
    let state = effective(machine);
    if state.is_none() && machine.journal.is_some() {
        // Every command refuses it.
        return None;
    }
    if matches!(recency::of(machine), Recency::Lost(_) | Recency::Behind(_)) {
        // So it still exists, with instructions.
        return None;
    }
    let none = std::collections::BTreeMap::new();
    let rows = state.as_ref().map_or(&none, |state| &state.templates);
    for template in world.server.templates.iter().filter(|template| !template.deleted) {
        let heard = machine.knows.has(template.number());
        let is_there = rows
            .iter()
            .any(|(key, row)| number(key) == template.course && (row.exists() || !row.attempts.is_empty()));
        if heard && !is_there {
            let text = format!(
                "course {} has the template {}, and machine {here}'s state does not know of it",
                template.course, template.id
            );
            return Some(Violation { promise: Promise::NothingLost, text });
        }
    }
    let is_deleted = |row: &Row| {
        let mut deletions =
            rows.values().flat_map(Row::deletions).filter_map(|deletion| deletion.id.as_ref());
        let id = row.identity.as_ref().map(|identity| &identity.id);
        id.is_some() && deletions.any(|deleted| Some(deleted) == id)
    };
    rows.iter().find_map(|(key, row)| {
        wrong_id(world, key, row, is_deleted(row)).or_else(|| untrue(world, machine, key, row))
    })
}

/// `is_deleted`: whether the state has recorded that the template with this id was deleted.
fn wrong_id(world: &World, key: &Key, row: &Row, is_deleted: bool) -> Option<Violation> {
    let identity = row.identity.as_ref().filter(|identity| identity.source.may_address())?;
    let truth = world.server.templates.iter().find(|template| template.id == identity.id);
    let right =
        truth.is_some_and(|template| template.course == number(key) && !(is_deleted && template.deleted));
    (!right).then(|| {
        let text = format!("{key} has the id {}, which is not its own", identity.id);
        Violation { promise: Promise::NoWrongId, text }
    })
}

/// Whether the state claims something of a template that was not so at the latest change that the machine knows.
fn untrue(world: &World, machine: &Machine, key: &Key, row: &Row) -> Option<Violation> {
    // While an attempt has no outcome, the earlier confirmed contents are not claimed.
    let known = row.confirmed.as_ref().filter(|_| row.attempts.is_empty()).map(|known| &known.attributes)?;
    let mut there: Vec<&Template> =
        world.server.templates.iter().filter(|template| template.course == number(key)).collect();
    if let Some(identity) = row.identity.as_ref().filter(|identity| identity.source.may_address()) {
        // Without an answer that says so, certctl cannot learn that an update found no template and made another.
        let is_it = |template: &&Template| template.id == identity.id && !template.deleted;
        if there.iter().any(is_it) {
            there.retain(|template| is_it(template));
        }
    }
    let excused = |template: &&Template| {
        let known_changes = usize::from(machine.knows.changes[template.number()]);
        known_changes == 0
            || template.mixed
            || holds(&template.past[known_changes - 1], row, known, template.met)
    };
    if there.iter().any(excused) {
        return None;
    }
    let text = format!(
        "{key} is said to hold {known:?}, and the server has {:?}",
        there.iter().map(|template| &template.attributes).collect::<Vec<_>>()
    );
    Some(Violation { promise: Promise::KnownIsTrue, text })
}

/// Whether a template with these attributes holds what is known of it, and else only what is not known. Of one that was
/// adopted, something may stay unknown.
fn holds(attributes: &Attributes, row: &Row, known: &Attributes, was_adopted: bool) -> bool {
    let is_unknown = |name: &str| was_adopted || row.unknown.contains(name);
    known.iter().all(|(name, value)| attributes.get(name) == Some(value))
        && attributes.names().all(|name| known.has(name) || is_unknown(name))
}
