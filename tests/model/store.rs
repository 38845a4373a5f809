//! A state's directory in memory, with file names, lock and journal as `FileStore` keeps them.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use certctl::state::{
    Document, DocumentText, Holder, Location, LockError, MovedState, Record, Snapshot, StateError, Store,
    Version, Wait, WayBack, Writer,
};

use crate::git;
use crate::stage::{Shared, Stage};
use crate::world::{Journal, Rescued, StateFile};

/// The directory on the machine where the command runs.
pub(crate) struct Folder {
    pub(crate) stage: Shared,
}

/// The holder of the lock, and its open journal.
pub(crate) struct Guard {
    stage: Shared,
    inode: u32,
    was_lost: bool,
    journal: Option<Journal>,
}

impl Drop for Guard {
    fn drop(&mut self) {
        let inode = self.inode;
        self.stage.with(|stage| {
            if stage.lock.is(inode) {
                stage.lock.is_held = false;
            }
        });
    }
}

fn place(suffix: &str) -> Location {
    Location::File(PathBuf::from(format!("state.json{suffix}")))
}

fn lost() -> StateError {
    StateError::Lock(LockError::Lost { at: place(".lock") })
}

fn gone(why: &'static str) -> StateError {
    let source = std::io::Error::other(why);
    StateError::JournalGone { at: place(".journal"), source, way: Box::new(way_back()) }
}

fn way_back() -> WayBack {
    WayBack {
        state: place(""),
        journal: place(".journal"),
        is_missing: false,
        rescued: None,
        base: None,
        newest_kept: None,
        has_gone_on: false,
    }
}

/// `FileStore::keep_journal`: checks that the journal has its name, or restores it.
fn keep_journal(stage: &mut Stage, guard: &mut Guard) -> Result<(), StateError> {
    let Some(open) = &mut guard.journal else { return Ok(()) };
    let there = stage.machine().journal.as_ref().map(|journal| journal.inode);
    if there == Some(open.inode) {
        return Ok(());
    }
    let inode = open.inode;
    if !stage.lock.is(guard.inode) && !take_again(stage, guard) {
        return Err(gone("locked"));
    }
    let Some(open) = guard.journal.as_mut().filter(|open| open.inode == inode) else { return Ok(()) };
    if there.is_some() {
        return Err(gone("there is another one"));
    }
    open.inode = stage.inode();
    stage.put_journal(Some(open.clone()));
    Ok(())
}

/// `FileLock::take_again`, unless another run holds it.
fn take_again(stage: &mut Stage, guard: &mut Guard) -> bool {
    if stage.lock.is_held {
        return false;
    }
    stage.lock.is_held = true;
    guard.inode = stage.lock.number();
    guard.was_lost = true;
    true
}

fn kind(record: &Record) -> &'static str {
    match record {
        Record::Open { .. } => "the journal's first record",
        Record::Intent { .. } => "the intent",
        Record::Outcome { .. } => "the outcome",
        Record::Checkpoint { .. } => "the record that closes the journal",
        Record::Retry { .. } => "the record of a repetition",
        _ => "the edit's record",
    }
}

impl Store for Folder {
    type Guard = Guard;

    fn read(&self) -> Result<Snapshot, StateError> {
        Ok(self.stage.with(|stage| {
            let machine = stage.machine();
            Snapshot {
                document: machine.tree.file.as_ref().map(|file| file.document.clone()),
                version: machine.tree.file.as_ref().map(|file| file.version.clone()),
                journal: machine.journal.as_ref().map(|journal| journal.records.clone()).unwrap_or_default(),
                ..Snapshot::default()
            }
        }))
    }

    fn lock(&self, _: &Holder, _: Duration) -> Result<Guard, StateError> {
        self.stage.with(|stage| {
            if stage.lock.is_held {
                return Err(StateError::Lock(LockError::Held { holder: None }));
            }
            stage.lock.is_held = true;
            Ok(Guard {
                stage: self.stage.clone(),
                inode: stage.lock.number(),
                was_lost: false,
                journal: None,
            })
        })
    }

    fn writer(&self) -> Writer {
        Writer::Absent
    }

    fn regain(&self, guard: &mut Guard, _: Wait) -> Result<(), StateError> {
        self.stage.with(|stage| {
            if guard.journal.is_none() || stage.lock.is(guard.inode) {
                return Ok(());
            }
            if take_again(stage, guard) { Ok(()) } else { Err(lost()) }
        })
    }

    fn check(&self, guard: &Guard) -> Result<(), StateError> {
        let journal = guard.journal.as_ref().map_or(0, |journal| journal.inode);
        self.stage.with(|stage| {
            if guard.was_lost || !stage.lock.is(guard.inode) {
                Err(lost())
            } else if stage.journal_inode.load(Ordering::Relaxed) != journal {
                Err(StateError::JournalMoved { at: place(".journal") })
            } else {
                Ok(())
            }
        })
    }

    fn append(&self, guard: &mut Guard, record: &Record) -> Result<(), StateError> {
        self.stage.with(|stage| {
            if !matches!(record, Record::Open { .. }) {
                stage.may_die(kind(record), matches!(record, Record::Outcome { .. }));
            }
            if matches!(record, Record::Open { .. } | Record::Intent { .. })
                && (!stage.lock.is(guard.inode) || guard.was_lost)
            {
                return Err(lost());
            }
            keep_journal(stage, guard)?;
            let mut journal = match guard.journal.take() {
                Some(journal) => journal,
                None => match &stage.machine().journal {
                    Some(there) => (**there).clone(),
                    None => Journal::new(stage.inode(), Vec::new()),
                },
            };
            let mut records = std::mem::take(&mut journal.records);
            records.push(record.clone());
            let journal = Journal::new(journal.inode, records);
            stage.put_journal(Some(journal.clone()));
            guard.journal = Some(journal);
            stage.sent_intent |= matches!(record, Record::Intent { .. });
            stage.learn_from(record);
            Ok(())
        })
    }

    fn save(
        &self,
        guard: &mut Guard,
        expected: &Version,
        new: &DocumentText<'_>,
    ) -> Result<bool, StateError> {
        let mut text = Vec::new();
        new.write_to(&mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        self.stage.with(|stage| {
            stage.may_die("the state is written", false);
            keep_journal(stage, guard)?;
            let machine = stage.machine();
            let file = StateFile::new(&text, machine.knows);
            if machine.tree.file.as_ref().map(|file| &file.version) != expected.as_ref() {
                let base = stage.backup.clone().filter(|backup| Some(&backup.version) == expected.as_ref());
                stage.machine().rescued = Some(Arc::new(Rescued { file, base }));
                return Ok(false);
            }
            let backup = machine.tree.file.clone();
            git::commit_state(machine, file);
            stage.backup = backup;
            Ok(true)
        })
    }

    fn saved(&self, _: &Document) {
        self.stage.with(|stage| {
            stage.may_die("the mark is raised", false);
            let machine = stage.machine();
            let file = machine.tree.file.clone();
            if let Some(file) = file {
                machine.mark.raise(&file);
            }
        });
    }

    fn replace_journal(&self, _: &mut Guard, _: &[Record]) -> Result<(), StateError> {
        panic!("no step here accepts a state over a journal")
    }

    fn clear_journal(&self, guard: &mut Guard) -> Result<(), StateError> {
        self.stage.with(|stage| {
            stage.may_die("the journal is removed", false);
            guard.journal = None;
            let machine = stage.machine();
            machine.rescued = None;
            stage.put_journal(None);
            Ok(())
        })
    }

    fn leave(&self, _: &mut Guard, _: &MovedState) -> Result<(), StateError> {
        Ok(())
    }

    fn way_to_base(&self) -> WayBack {
        way_back()
    }
}
