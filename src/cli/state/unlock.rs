//! `certctl state unlock`: releases the lock of a shared state whose run no longer works, after showing whose it is and
//! what its journal holds. The run sends nothing more, even if it does work.

use super::super::context::{Context, state_path};
use super::super::failure::Failure;
use super::super::output::Output;
use super::consent::Consent;
use crate::model::{Advice, Exit, Key, few};
use crate::report::safe_text;
use crate::state::{
    HeldLock, Holder, LockHolder, LockState, Record, RowStatus, Snapshot, Store as _, Unlocking, Writer,
};

const RELEASE: Consent =
    Consent { command: "state unlock", question: "Release it?", to_do: "release it", undone: "changed" };

pub(super) fn run(context: &Context, id: &str, auto_approve: bool, output: &Output) -> Result<Exit, Failure> {
    let Some(lock) = context.store.lock_state()? else { return Err(of_a_file(context)) };
    let held = match lock {
        LockState::Held(held) if held.id == id => held,
        other => return not_held(context, id, &other, output),
    };
    let journal = HeldJournal::read(context)?;
    output.say(&described(context, &held, &journal));
    RELEASE.ask(auto_approve, output)?;
    if let Unlocking::NotHeld(other) = context.store.unlock(id)? {
        return not_held(context, id, &other, output);
    }
    output.has_recorded();
    output.text(&format!(
        "The lock {id} is released, and the run that held it sends nothing more.\n{}",
        context.environment_line()
    ))?;
    if !journal.in_doubt.is_empty() {
        let recover = output.command(&Advice::Recover { keys: Vec::new() });
        output.note(&format!("To see what is in doubt, and to settle it: {recover}"));
    }
    Ok(Exit::Ok)
}

/// The lock of a state in a file ends with its process.
fn of_a_file(context: &Context) -> Failure {
    let holder = match context.store.writer() {
        Writer::Absent => "No process holds it now".to_owned(),
        Writer::Unknown => "A process that it does not name holds it now".to_owned(),
        Writer::Known(holder) => format!("It is held by {}", safe_text(&holder.to_string())),
    };
    Failure::error(format!(
        "{} is a file, and the operating system releases its lock when the process that holds it ends. {holder}",
        state_path(&context.store)
    ))
}

/// The end of the command where the lock is not that of the run with this id.
fn not_held(context: &Context, id: &str, lock: &LockState, output: &Output) -> Result<Exit, Failure> {
    let state = state_path(&context.store);
    let why = match lock {
        LockState::Held(held) => {
            return Err(Failure::refused(format!(
                "the lock of {state} is not {}: {} holds it. Nothing was changed",
                safe_text(id),
                safe_text(&held.to_string())
            )));
        }
        LockState::Free => format!("No run holds {state}: its lock is released already."),
        LockState::Expired(held) => format!(
            "The lock of {state} has ended, because its holder shows no sign of life: {}. The next command that writes \
             takes over by itself.",
            safe_text(&held.to_string())
        ),
    };
    output.text(&format!("{why} Nothing was changed.\n{}", context.environment_line()))?;
    Ok(Exit::Ok)
}

/// What the journal of the run that holds the lock says.
struct HeldJournal {
    /// How many requests are recorded; `None` if the journal cannot be read.
    requests: Option<usize>,
    /// The templates that are in doubt if that run goes no further.
    in_doubt: Vec<Key>,
}

impl HeldJournal {
    /// Reads it. A journal that cannot be read keeps nobody from releasing the lock; the next run says what is wrong.
    fn read(context: &Context) -> Result<Self, Failure> {
        let snapshot = match context.store.read() {
            Ok(snapshot) => snapshot,
            Err(error) if error.is_about_the_journal() => {
                return Ok(Self { requests: None, in_doubt: Vec::new() });
            }
            Err(error) => return Err(error.into()),
        };
        let requests =
            snapshot.journal.iter().filter(|record| matches!(record, Record::Intent { .. })).count();
        Ok(Self { requests: Some(requests), in_doubt: newly_in_doubt(snapshot) })
    }

    fn in_words(&self) -> String {
        let requests = match self.requests {
            None => return "cannot be read; the next command says what is wrong with it".to_owned(),
            Some(0) => return "no request is recorded".to_owned(),
            Some(1) => "1 request is recorded".to_owned(),
            Some(count) => format!("{count} requests are recorded"),
        };
        if self.in_doubt.is_empty() {
            return format!("{requests}; nothing of it will be in doubt");
        }
        format!("{requests}; in doubt, if it goes no further: {}", few(&self.in_doubt))
    }
}

/// The templates that are in doubt because of the journal.
fn newly_in_doubt(snapshot: Snapshot) -> Vec<Key> {
    let before = snapshot.document.clone();
    let Ok(Some(after)) = snapshot.effective() else { return Vec::new() };
    let was = |key: &Key| {
        let row = before.as_ref().and_then(|document| document.templates.get(key));
        row.is_some_and(|row| row.status() == RowStatus::InDoubt)
    };
    let rows = after.templates.iter().filter(|(key, row)| row.status() == RowStatus::InDoubt && !was(key));
    rows.map(|(key, _)| key.clone()).collect()
}

fn described(context: &Context, held: &HeldLock, journal: &HeldJournal) -> String {
    let by = match &held.holder {
        LockHolder::Run(holder) => by_run(holder),
        LockHolder::Other(words) => format!("  held by: {}\n", safe_text(words)),
    };
    format!(
        "Environment {}: the lock {} of {}\n{by}  last sign of life: {}; {}\n  journal: {}\nRelease it only if that run no \
         longer works. It sends nothing more from then on, apart from a request that is on its way.",
        context.environment.name,
        safe_text(&held.id),
        state_path(&context.store),
        held.last_sign_of_life(),
        held.end(),
        journal.in_words(),
    )
}

fn by_run(holder: &Holder) -> String {
    let run = holder.run_url.as_ref().map(|url| format!("  run: {}\n", safe_text(url))).unwrap_or_default();
    format!(
        "  held by: {}, on {} (process {})\n{run}  command: certctl {}, since {}\n",
        safe_text(&holder.who),
        safe_text(&holder.host),
        holder.pid,
        safe_text(&holder.operation),
        holder.since,
    )
}
