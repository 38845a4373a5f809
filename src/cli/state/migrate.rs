//! `certctl state migrate`: copies a state to another place, verifies the copy, and leaves a note in the old place, so that
//! no command uses it any more.

use std::path::Path;

use super::super::args::Global;
use super::super::context::{Context, shown_path, state_path};
use super::super::failure::Failure;
use super::super::ledger::{holder, now, open, opening};
use super::super::output::Output;
use super::super::signals;
use super::super::store::{self, StateStore};
use super::consent::Consent;
use crate::config::{Environment, ServerAddress};
use crate::model::Exit;
use crate::state::{Document, Locked, MovedState, Record, Store as _, real_path};

const MOVE: Consent =
    Consent { command: "state migrate", question: "Move it?", to_do: "move it", undone: "moved" };

pub(super) fn run(
    context: &Context,
    global: &Global,
    [from, to]: [&Path; 2],
    auto_approve: bool,
    output: &Output,
) -> Result<Exit, Failure> {
    refuse_wrong_places(context, from, to)?;
    let StateStore::File(old) = &context.store else { return Err(only_files()) };
    let ledger = open(context, global, "state migrate", output)?;
    let document = ledger.document().clone();
    if document.serial == 0 {
        return Err(Failure::error(format!("there is no state at {} to move", state_path(&context.store))));
    }
    context.check_consistency(&document)?;
    output.say(&format!(
        "Environment {}: the state {} (serial {}) will be at {}, and no command will use the old place any more.",
        context.environment.name,
        state_path(&context.store),
        document.serial,
        shown_path(to)
    ));
    MOVE.ask(auto_approve, output)?;
    // A signal waits for the end: half of a move would leave two states.
    let _hold = signals::hold();
    let target = store_at(context, to);
    copy(context, global, &target, &document)?;
    let named = to_be_named(context, to);
    // The ledger still holds the lock of the old place.
    old.mark_moved(&MovedState::new(document.lineage, document.serial, named.clone()))?;
    drop(ledger);
    output.has_recorded();
    output.text(&format!(
        "The state is at {} now. In certctl.toml, set this under [environments.{}]:\n  state = {named:?}\nCommit both files.\n{}",
        shown_path(to),
        context.environment.name,
        context.environment_line()
    ))?;
    Ok(Exit::Ok)
}

fn refuse_wrong_places(context: &Context, from: &Path, to: &Path) -> Result<(), Failure> {
    if [from, to].iter().any(|place| place.to_string_lossy().contains("://")) {
        return Err(only_files());
    }
    if real_path(from) != real_path(context.store.path()) {
        return Err(Failure::error(format!(
            "{} is not the state of the environment {}: that is {}",
            from.display(),
            context.environment.name,
            state_path(&context.store)
        )));
    }
    if real_path(from) == real_path(to) {
        return Err(Failure::error(format!("{} is where the state is", to.display())));
    }
    if matches!(context.environment.server, ServerAddress::Sandbox) {
        return Err(Failure::error(
            "the embedded server keeps its data beside the state, so the state of a sandbox stays where it is",
        ));
    }
    Ok(())
}

fn only_files() -> Failure {
    Failure::error("this version moves a state from one file to another only")
}

/// The store of this environment's state in another file.
fn store_at(context: &Context, to: &Path) -> StateStore {
    let environment = Environment { state: real_path(to), shared_state: None, ..context.environment.clone() };
    let environments = context.config.environments.keys().cloned().collect();
    store::of_environment(&environment, &context.identity, environments)
}

/// Copies the state, and reads the copy again.
fn copy(context: &Context, global: &Global, target: &StateStore, document: &Document) -> Result<(), Failure> {
    let holder = holder(context.given_keys(), "state migrate");
    let locked = Locked::take(target.clone(), &holder, global.lock_timeout)?;
    let path = state_path(target);
    if let Some(there) = &locked.snapshot().document {
        // An earlier attempt may have ended after the copy.
        if is_copy(there, document) {
            return Ok(());
        }
        return Err(Failure::refused(format!("there is another state at {path} already. Nothing was moved")));
    }
    let (mut ledger, _) = locked.open(&opening(context, &holder, Some(document.lineage.clone())))?;
    ledger.record(&Record::Push { at: now(), state: Box::new(document.clone()) })?;
    ledger.checkpoint()?;
    match target.read()?.document {
        Some(there) if is_copy(&there, document) => Ok(()),
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

/// The place as certctl.toml names it: relative to its folder, if it is below.
fn to_be_named(context: &Context, to: &Path) -> String {
    let (root, to) = (real_path(&context.config.root), real_path(to));
    to.strip_prefix(root).unwrap_or(&to).display().to_string()
}
