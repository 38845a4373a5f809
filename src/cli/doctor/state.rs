//! The facts of a state. Everything is read as by a command that only reads, without its notes.

use std::path::PathBuf;

use super::complaint;
use crate::cli::context::{Context, shown_path, state_path};
use crate::cli::failure::Failure;
use crate::cli::named_file;
use crate::cli::output::Output;
use crate::cli::recency::{KnownVersions, lost_objects, unchecked_reason};
use crate::model::{Advice, Help, StateAddress, io_words};
use crate::repository::repository_root;
use crate::state::{
    JournalFit, LockState, Marks, ObserverShows, Snapshot, StateError, Unchecked, Writer, flaws, git_setup,
    real_path,
};
use crate::view::doctor::{Complaint, HistoryFacts, LockFacts, MergeFacts, RowCounts, StateFacts};

/// What was read of a state.
pub(super) struct ReadFacts {
    pub(super) facts: StateFacts,
    /// What the observer's certificates show, if the state knows it.
    pub(super) shows: Option<ObserverShows>,
}

pub(super) fn facts(context: &Context, output: &Output) -> ReadFacts {
    let (snapshot, writer) = context.read_state();
    let mut facts = StateFacts {
        place: state_path(&context.store),
        rows: Ok(None),
        flaws: Vec::new(),
        history: HistoryFacts::default(),
        is_interrupted: false,
        lost_records: None,
        lock: lock(context, &writer),
    };
    let snapshot = match snapshot {
        Ok(snapshot) => snapshot,
        Err(error) => {
            facts.rows = Err(complaint(&error.into()));
            return ReadFacts { facts, shows: None };
        }
    };
    facts.is_interrupted = snapshot.fit() == JournalFit::Open;
    facts.lost_records = lost_objects(snapshot.lost_objects());
    facts.history = history(context, &snapshot, output);
    facts.flaws = flaws_of(context, &snapshot).unwrap_or_default();
    let state = match context.state_so_far(snapshot, &writer) {
        Ok(state) => state,
        Err(failure) => {
            facts.rows = Err(complaint(&failure));
            return ReadFacts { facts, shows: None };
        }
    };
    facts.rows = Ok(state.as_ref().map(RowCounts::of));
    ReadFacts { facts, shows: state.and_then(|state| state.observer_shows) }
}

fn lock(context: &Context, writer: &Writer) -> LockFacts {
    if matches!(context.store.address(), Some(StateAddress::Http(_))) {
        return LockFacts::NotAsked;
    }
    let holder = match writer {
        Writer::Absent => return LockFacts::Free,
        Writer::Known(holder) => Some(holder.clone()),
        Writer::Unknown => None,
    };
    match context.store.lock_state() {
        Ok(Some(LockState::Held(held))) => LockFacts::Leased(held),
        // It is a file, or the run has ended meanwhile.
        Ok(_) | Err(_) => LockFacts::Held(holder),
    }
}

fn history(context: &Context, snapshot: &Snapshot, output: &Output) -> HistoryFacts {
    let known = KnownVersions::look_only(context, snapshot, output);
    let mut unchecked: Vec<Complaint> = (known.remarks().iter())
        .filter(|remark| !remark.is_detail)
        .map(|remark| Complaint { message: remark.words.clone(), help: Help::none() })
        .collect();
    let lineage = snapshot.document.as_ref().map(|document| document.lineage.as_str());
    unchecked.extend(context.store.marks().and_then(|marks| unreadable_mark(marks, lineage)));
    HistoryFacts {
        lost: known.refuse_lost().err().map(|failure| complaint(&failure)),
        behind: known.behind(),
        unchecked,
    }
}

fn unreadable_mark(marks: &Marks, lineage: Option<&str>) -> Option<Complaint> {
    let error = marks.find(lineage).err()?;
    let help = Help::none().run(
        "If the state in place is the newest one, put aside what cannot be read; the next command that writes keeps it anew",
        Advice::PutAside { file: marks.file(lineage) },
    );
    let message = format!("the newest state that this machine keeps cannot be read: {}", io_words(&error));
    Some(Complaint { message, help })
}

/// What no run of certctl would have written.
fn flaws_of(context: &Context, snapshot: &Snapshot) -> Result<Vec<String>, Failure> {
    let Some(document) = &snapshot.document else { return Ok(Vec::new()) };
    let text = match context.store.file() {
        Some(file) => named_file::state(file)?,
        None => context.store.shared_text().map_err(|error: StateError| Failure::from(error))?,
    };
    let rows = flaws(document, &text);
    Ok(rows.iter().flat_map(|(key, flaws)| flaws.iter().map(move |flaw| format!("{key}: {flaw}"))).collect())
}

/// How git is set up for the state of an academy; `None` if it is no file, or if there is no git.
pub(super) fn merging(context: &Context) -> Option<Result<Option<MergeFacts>, String>> {
    let file = context.store.file().filter(|_| super::server::is_remote(context))?;
    let path = real_path(file);
    match git_setup(file) {
        Ok(setup) => {
            let root = path.parent().and_then(repository_root)?;
            let below = path.strip_prefix(root).unwrap_or(&path).display().to_string();
            Some(Ok(Some(MergeFacts { setup, root: PathBuf::from(shown_path(root)), path: below })))
        }
        Err(Unchecked::NoGit) => None,
        Err(Unchecked::NoRepository) => Some(Ok(None)),
        Err(why) => Some(Err(unchecked_reason(&why))),
    }
}
