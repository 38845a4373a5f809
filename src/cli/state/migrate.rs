//! `certctl state migrate`: copies a state to another place, verifies the copy, and leaves a note in the old place, so that
//! no command uses it any more. Each place is a file or an address on shared storage.

mod places;

use std::path::Path;

use super::super::args::Global;
use super::super::context::{Context, state_path};
use super::super::failure::Failure;
use super::super::ledger::{holder, now, open, opening};
use super::super::output::Output;
use super::super::signals;
use super::super::store::{self, StateStore};
use super::consent::Consent;
use crate::config::Environment;
use crate::model::Exit;
use crate::state::{Document, Locked, MovedState, Record, Store as _, WriteId};
use places::MovePlace;

const MOVE: Consent =
    Consent { command: "state migrate", question: "Move it?", to_do: "move it", undone: "moved" };

pub(super) fn run(
    context: &Context,
    global: &Global,
    [from, to]: [&Path; 2],
    auto_approve: bool,
    output: &Output,
) -> Result<Exit, Failure> {
    let to = places::checked(context, from, to)?;
    let ledger = open(context, global, "state migrate", output)?;
    let document = ledger.document().clone();
    let old = state_path(&context.store);
    if document.serial == 0 {
        return Err(Failure::error(format!("there is no state at {old} to move")));
    }
    context.check_consistency(&document)?;
    output.say(&format!(
        "Environment {}: the state {old} (serial {}) will be at {}, and no command will use the old place any more.",
        context.environment.name,
        document.serial,
        to.shown()
    ));
    if let Some(note) = to.reached_like(context, output) {
        output.say(&note);
    }
    MOVE.ask(auto_approve, output)?;
    // A signal waits for the end: half of a move would leave two states.
    let _hold = signals::hold();
    let target = store_at(context, &to);
    let copied = copy(context, global, &target, &document)?;
    let named = to.named(context);
    ledger.leave(&MovedState::new(document.lineage, document.serial, named.clone()))?;
    // Only now: before the old place is left, the state there is the newest one.
    target.saved(&copied);
    output.has_recorded();
    output.text(&format!(
        "The state is at {} now. In certctl.toml, set this under [environments.{}]:\n  state = {named:?}\n{}{}",
        to.shown(),
        context.environment.name,
        to.to_be_committed(context),
        context.environment_line()
    ))?;
    Ok(Exit::Ok)
}

/// The store of this environment's state in another place.
fn store_at(context: &Context, to: &MovePlace) -> StateStore {
    let environment = match to {
        MovePlace::File(path) => {
            Environment { state: path.clone(), shared_state: None, ..context.environment.clone() }
        }
        MovePlace::Shared(address) => {
            Environment { shared_state: Some(address.clone()), ..context.environment.clone() }
        }
    };
    let environments = context.config.environments.keys().cloned().collect();
    store::of_environment(&environment, &context.identity, environments)
}

/// Copies the state, reads the copy again, and returns it.
fn copy(
    context: &Context,
    global: &Global,
    target: &StateStore,
    document: &Document,
) -> Result<Document, Failure> {
    let holder = holder(context.given_keys(), "state migrate");
    let unmarked = target.clone().unmarked();
    unmarked.remove_note(&document.lineage)?;
    let locked = Locked::take(unmarked, &holder, global.lock_timeout)?;
    let path = state_path(target);
    if let Some(there) = &locked.snapshot().document {
        // An earlier attempt may have ended after the copy.
        if is_copy(there, document) {
            return Ok(there.clone());
        }
        if !is_abandoned_copy(there, document) {
            return Err(Failure::refused(format!(
                "there is another state at {path} already. Nothing was moved"
            )));
        }
    }
    let mut opening = opening(context, &holder, Some(document.lineage.clone()));
    if let Some(newest) = document.writes.newest() {
        opening.write = WriteId::of_copy(newest);
    }
    let (mut ledger, _) = locked.open(&opening)?;
    ledger.record(&Record::Push { at: now(), state: Box::new(document.clone()) })?;
    ledger.checkpoint()?;
    match target.read()?.document {
        Some(there) if is_copy(&there, document) => Ok(there),
        _ => Err(Failure::error(format!(
            "what was written to {path} is not what is read there. The state stays where it is"
        ))),
    }
}

/// Whether a state has the same rows, apart from the writes that made them.
fn is_copy(copy: &Document, document: &Document) -> bool {
    copy.lineage == document.lineage
        && copy.templates.len() == document.templates.len()
        && copy.templates_digest().ok() == document.templates_digest().ok()
}

/// Whether a state is what an interrupted move of an earlier version left, and nothing has used it since.
fn is_abandoned_copy(copy: &Document, document: &Document) -> bool {
    let [.., version, newest] = copy.writes.as_slice() else { return false };
    copy.lineage == document.lineage
        && *newest == WriteId::of_copy(*version)
        && document.writes.contains(*version)
}
