//! `certctl state restore`: puts an earlier version in the place of a state that is lost or damaged. While there is one that
//! can be read, it is refused, because what the server holds does not go back with it.

use std::fs;
use std::path::{Path, PathBuf};

use super::super::args::Global;
use super::super::context::{Context, state_path};
use super::super::failure::Failure;
use super::super::ledger::{holder, lock, now, open_locked, opening};
use super::super::look_back;
use super::super::output::Output;
use super::super::recency::KnownVersions;
use super::super::signals;
use super::consent::Consent;
use super::put_back::{LostState, too_old};
use crate::model::{Advice, Exit, io_words};
use crate::state::{Document, Record, RowStatus, StateError, Store as _, accepted, restored};

const RESTORE: Consent =
    Consent { command: "state restore", question: "Restore it?", to_do: "restore it", undone: "written" };

pub(super) fn run(
    context: &Context,
    global: &Global,
    serial: u64,
    auto_approve: bool,
    output: &Output,
) -> Result<Exit, Failure> {
    if let Some(why) = context.store.without_versions() {
        return Err(Failure::error(why));
    }
    if let Some(lost) = LostState::find(context)? {
        return restore_shared(&lost, context, global, serial, auto_approve, output);
    }
    let is_damaged = is_damaged(context, serial, output)?;
    refuse_journal(context)?;
    let (chosen, others) = look_back::version_of_lost(context, serial)?;
    let restored = accepted(&chosen, &others, now());
    let state = state_path(&context.store);
    ask(context, serial, &restored, auto_approve, output)?;
    // The checkpoint takes only a moment, so a signal waits for it.
    let _hold = signals::hold();
    let kept = if is_damaged { Some(put_aside(context.store.path())?) } else { None };
    let holder = holder(context.given_keys(), "state restore");
    let locked = lock(context, global, &holder, output)?;
    let opening = opening(context, &holder, Some(restored.lineage.clone()));
    let mut ledger = open_locked(context, locked, &opening, output)?;
    if ledger.document().serial > 0 {
        return Err(Failure::refused(format!(
            "another run has written {state} meanwhile. Nothing was restored"
        )));
    }
    ledger.record(&Record::Push { at: now(), state: Box::new(restored) })?;
    let document = ledger.checkpoint()?;
    output.has_recorded();
    let kept = kept.map(|file| format!(" The damaged file is {} now.", file.display())).unwrap_or_default();
    report(context, serial, &document, &kept, output)
}

/// Restores a version that is kept beside a shared state.
fn restore_shared(
    lost: &LostState,
    context: &Context,
    global: &Global,
    serial: u64,
    auto_approve: bool,
    output: &Output,
) -> Result<Exit, Failure> {
    let (chosen, others) = look_back::version_of_lost(context, serial)?;
    let make = |journal: &[Record]| {
        restored(&chosen, &others, journal, now())
            .map_err(|began_with| too_old(context, "every version that is kept", began_with))
    };
    ask(context, serial, &make(lost.journal())?, auto_approve, output)?;
    let document = lost.write((context, global, output), "state restore", make)?;
    let state = state_path(&context.store);
    let aside = || format!(" What was in its place is kept in {state}.history, as damaged-….json.");
    let kept = if lost.is_damaged { aside() } else { String::new() };
    report(context, serial, &document, &kept, output)
}

/// Shows what the state will be, and asks.
fn ask(
    context: &Context,
    serial: u64,
    restored: &Document,
    auto_approve: bool,
    output: &Output,
) -> Result<(), Failure> {
    output.say(&format!(
        "Environment {}: the version with serial {serial} will be the state {}.\n{}",
        context.environment.name,
        state_path(&context.store),
        doubts(restored)
    ));
    RESTORE.ask(auto_approve, output)
}

fn report(
    context: &Context,
    serial: u64,
    document: &Document,
    kept: &str,
    output: &Output,
) -> Result<Exit, Failure> {
    output.text(&format!(
        "{} has what it had with serial {serial}, and has serial {} now.{kept}\n{}",
        state_path(&context.store),
        document.serial,
        context.environment_line()
    ))?;
    if document.has_doubt() {
        let recover = output.command(&Advice::Recover { keys: Vec::new() });
        output.note(&format!("To see what is in doubt, and to settle it: {recover}"));
    }
    Ok(Exit::Ok)
}

/// Refuses a state that can be read; returns whether there is one that cannot.
fn is_damaged(context: &Context, serial: u64, output: &Output) -> Result<bool, Failure> {
    let snapshot = match context.store.read() {
        Ok(snapshot) => snapshot,
        Err(StateError::Damaged { .. }) => return Ok(true),
        Err(error) => return Err(error.into()),
    };
    if snapshot.document.is_none() {
        return Ok(false);
    }
    KnownVersions::look(context, &snapshot, output).refuse_lost()?;
    let file = PathBuf::from("revert.plan");
    Err(Failure::refused(format!(
        "the state {} can be read, so there is nothing to restore: what the server holds does not go back with it",
        state_path(&context.store)
    ))
    .run(
        format!("To bring back on the server what it held at serial {serial}"),
        Advice::Revert { key: None, serial, file },
    ))
}

/// Refuses while the journal of an interrupted run is there: it belongs to the version that is lost.
fn refuse_journal(context: &Context) -> Result<(), Failure> {
    let journal = context.store.files().into_iter().find(|(_, what)| *what == "the state's journal");
    match journal.filter(|(file, _)| file.exists()) {
        None => Ok(()),
        Some((file, _)) => Err(Failure::refused(format!(
            "{} has what an interrupted run sent, and it belongs to the version that is lost. Put that version back from a \
             backup or from git; no earlier one knows what was sent",
            file.display()
        ))),
    }
}

fn doubts(restored: &Document) -> String {
    let doubts = restored.templates.values().filter(|row| row.status() == RowStatus::InDoubt).count();
    match doubts {
        0 => "No newer version that is known says otherwise of any template.".to_owned(),
        1 => "1 template is in doubt then.".to_owned(),
        count => format!("{count} templates are in doubt then."),
    }
}

/// Gives a damaged file another name, which no file has yet.
fn put_aside(path: &Path) -> Result<PathBuf, Failure> {
    let named = |number: u32| {
        let mut name = path.as_os_str().to_owned();
        name.push(if number == 1 { ".damaged".to_owned() } else { format!(".damaged-{number}") });
        PathBuf::from(name)
    };
    let cannot =
        |why: &str| Failure::error(format!("cannot rename the damaged state {}: {why}", path.display()));
    let free = (1..1000).map(named).find(|file| !file.exists());
    let aside = free.ok_or_else(|| cannot("too many damaged ones are beside it already"))?;
    fs::rename(path, &aside).map_err(|error| cannot(&io_words(&error)))?;
    Ok(aside)
}
