//! Everything that can be wrong with a state, in words for the person who must act. The advice is data; `cli` turns
//! it into commands.

use std::path::Path;

pub use super::error_help::how_to_decide;
use super::error_help::{git_merge, put_right, restore};
use super::way_back::put_back;
use super::{JournalDamage, Location, LockError, Marks, Store, WayBack};
use crate::model::{Advice, Help, Key, RunOption, few, io_words};

/// Why a state could not be read or written. In every case the files are left unchanged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// The operating system reported an error.
    #[error("cannot {action} {at}: {}", io_words(source))]
    Io {
        /// What failed, as in "cannot …".
        action: &'static str,
        /// The file.
        at: Location,
        /// The error of the system.
        source: std::io::Error,
    },
    /// Not JSON, or not the JSON of a state.
    #[error("{}:{line}:{column}: the state is damaged: {message}. It was left untouched", at)]
    Damaged {
        /// The state file.
        at: Location,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong, in words.
        message: String,
        /// The newest complete state that this user wrote here, if one is kept.
        mark: Option<Location>,
        /// The version before the last one, if it exists.
        backup: Option<Location>,
    },
    /// The state is kept elsewhere now.
    #[error(
        "{at}: the state was moved to {to}, and this place is not used any more. In certctl.toml, set state = {to:?} for the \
         environment"
    )]
    Moved {
        /// The old place.
        at: Location,
        /// The new place, as certctl.toml names it.
        to: String,
    },
    /// A git merge was not finished.
    #[error(
        "{}:{line}: the state has git conflict markers: two branches changed it. Keep neither side whole, because what \
         only the other side knows would be created a second time",
        at
    )]
    Conflict {
        /// The state file.
        at: Location,
        /// The line of the first marker.
        line: usize,
    },
    /// A merge by certctl left rows for a person to decide.
    #[error(
        "{}:{line}: this state was joined from two that contradict each other about: {}", at,
        keys.join(", ")
    )]
    Undecided {
        /// The state file.
        at: Location,
        /// The line of the first marker.
        line: usize,
        /// The rows that have two versions.
        keys: Vec<String>,
    },
    /// A person made the two versions of a merge identical but left the markers.
    #[error(
        "{}:{line}: the state has the conflict markers of a merge, and the two versions are identical",
        at
    )]
    Decided {
        /// The state file.
        at: Location,
        /// The line of the first marker.
        line: usize,
    },
    /// A newer certctl wrote it.
    #[error("{}: the state has the format {format:?}, which this version of certctl does not know", at)]
    NewerFormat {
        /// The state file.
        at: Location,
        /// The format in the file.
        format: String,
    },
    /// A newer certctl wrote it, in the same format.
    #[error(
        "{}:{line}:{column}: a newer certctl wrote this state: it has a field that this version ({}) does not know, and what \
         it does not know it could not keep. Nothing was changed",
        at, env!("CARGO_PKG_VERSION")
    )]
    Newer {
        /// The state file.
        at: Location,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// Rows do not match their digests.
    #[error(
        "{}: what the state says of {} does not match its digest: it was changed by hand, or by a text merge, and is no longer what a run recorded. Nothing was done",
        at,
        few(keys)
    )]
    Inconsistent {
        /// The state file.
        at: Location,
        /// The keys of the rows, sorted.
        keys: Vec<Key>,
    },
    /// It belongs to another environment or instance.
    #[error(
        "{at}: this {what} belongs to {found}, but the run is for {expected}. Give each environment its own `state` in \
         certctl.toml"
    )]
    Foreign {
        /// The state, or its journal.
        at: Location,
        /// The state or the journal, in words.
        what: &'static str,
        /// Environment and URL in the file.
        found: String,
        /// Environment and URL of the run.
        expected: String,
        /// Whether the instance is the same, and the project has no environment of the other name any more.
        is_renamed: bool,
    },
    /// A line of the journal cannot be read and is not a torn end.
    #[error(
        "{}:{}: the journal is damaged: {}. It records what an interrupted run sent, so certctl does not go on \
         without it: restore it, or ask for help with both files at hand", at, damage.line, damage.message
    )]
    DamagedJournal {
        /// The journal file.
        at: Location,
        /// The line, and what is wrong with it.
        damage: JournalDamage,
        /// A complete copy of the journal, if this user has one.
        copy: Option<Location>,
    },
    /// A newer certctl wrote the journal.
    #[error(
        "{}:{}: a newer certctl wrote this journal: it has a record that this version ({}) does not know. It says what an \
         interrupted run sent, so certctl does not go on without it. Nothing was changed", at, damage.line, env!("CARGO_PKG_VERSION")
    )]
    NewerJournal {
        /// The journal file.
        at: Location,
        /// The line, and what is wrong with it.
        damage: JournalDamage,
    },
    /// The journal was removed while a run was writing it; found right before a request.
    #[error("{} was removed or replaced while this run was recording to it", at)]
    JournalMoved {
        /// The journal file.
        at: Location,
    },
    /// The journal was removed while a run was writing it, and could not be restored.
    #[error(
        "{at} was removed while this run was recording to it, and it cannot be put back: {}{}", io_words(source),
        way.without_journal()
    )]
    JournalGone {
        /// The journal file.
        at: Location,
        /// Why it could not be restored.
        source: std::io::Error,
        /// The files involved, and the version that the run led to, if it could be saved under its own name.
        way: Box<WayBack>,
    },
    /// The state was replaced while a journal was open.
    #[error(
        "{}: the state was replaced while a run was recording to {}: the journal belongs to serial {expected}, but \
         {}. Nothing was changed. {}", way.state, way.journal, found_instead(*found),
        way.for_serial(*expected)
    )]
    Replaced {
        /// The serial that the journal began with.
        expected: u64,
        /// The serial of the state that is there now, if there is one.
        found: Option<u64>,
        /// The state, the journal, and the version that the run led to.
        way: Box<WayBack>,
    },
    /// Another run holds a shared state by now.
    #[error(
        "{at}: another run has taken over this state, because this one showed no sign of life for longer than its lease, \
         somebody released its lock, or somebody replaced the object. This run sends and records nothing more. The other run has what this one recorded \
         before; what was in flight is in doubt"
    )]
    TakenOver {
        /// The state.
        at: Location,
    },
    /// A part of the journal of a shared state is missing.
    #[error(
        "{at} is missing: it is a part of the journal of an interrupted run, and nothing else says what that run was going to \
         send. So what the server holds is not known, and nothing is done. Bring the object back, for example from the \
         versions that the bucket keeps, or from its soft-deleted objects"
    )]
    JournalIncomplete {
        /// The object.
        at: Location,
    },
    /// A copy of a document on a server, with the journal of a run that has not finished.
    #[error(
        "{at}: this copy was taken while a run was writing, or after one was interrupted, and what that run recorded is not \
         yet part of the state in it"
    )]
    WithJournal {
        /// The copy.
        at: Location,
    },
    /// The store does not compare and swap.
    #[error(
        "{at}: this store cannot keep a state safely: {seen}. Two runs could overwrite what the other one recorded. Use a \
         store with conditional writes (If-Match and If-None-Match); docs/shared-state.md lists some. If only one run at a \
         time ever writes this state, and that is ensured by other means, set allow_unsafe_store = true in \
         [environments.NAME.store]"
    )]
    UnsafeStore {
        /// The state.
        at: Location,
        /// What the probe has seen, in words.
        seen: String,
    },
    /// The document cannot be serialized.
    #[error("the state cannot be written as JSON: {message}")]
    Unwritable {
        /// Why.
        message: String,
    },
    /// The thread that writes the state ended without an answer.
    #[error("the part of certctl that writes the state ended unexpectedly")]
    Ended,
    /// The lock could not be taken.
    #[error(transparent)]
    Lock(#[from] LockError),
}

/// What git knows of a state's file, for the advice about an error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GitFacts {
    /// Whether the file is in a repository.
    pub is_in_repository: bool,
    /// The base, ours and theirs of a merge that was committed with its conflict markers in this file.
    pub committed_merge: Option<[String; 3]>,
}

impl StateError {
    /// The stored document is not the one that the journal began with, which has the serial `expected`.
    pub fn replaced(store: &impl Store, expected: u64, found: Option<u64>) -> Self {
        Self::Replaced { expected, found, way: Box::new(store.way_to_base()) }
    }

    /// Whether the state itself can be read, and its journal cannot.
    pub fn is_about_the_journal(&self) -> bool {
        matches!(
            self,
            Self::DamagedJournal { .. } | Self::NewerJournal { .. } | Self::JournalIncomplete { .. }
        )
    }

    /// Whether what is in the state's place is damaged: another version may be put there. A state of another environment is
    /// not.
    pub fn is_damage(&self) -> bool {
        matches!(
            self,
            Self::Damaged { .. }
                | Self::Conflict { .. }
                | Self::Undecided { .. }
                | Self::Decided { .. }
                | Self::Inconsistent { .. }
        )
    }

    /// Adds the sources for restoring a damaged state: the newest mark, or the backup if it exists.
    pub(super) fn with_ways_back(self, marks: Option<&Marks>, backup: Option<Location>) -> Self {
        let Self::Damaged { at, line, column, message, .. } = self else { return self };
        let mark = marks.and_then(|marks| marks.find(None).ok().flatten());
        let mark = mark.filter(|mark| mark.document().is_ok()).map(|mark| mark.path.into());
        Self::Damaged { at, line, column, message, mark, backup }
    }

    /// What to do about it, with what git knows of the file.
    pub fn help(&self, git: &GitFacts) -> Help {
        match self {
            Self::Damaged { at: Location::Object(_), backup, .. } => {
                put_back(backup.as_ref().and_then(Location::serial))
            }
            Self::Conflict { at: Location::Object(_), .. }
            | Self::Undecided { at: Location::Object(_), .. }
            | Self::Decided { at: Location::Object(_), .. }
            | Self::Inconsistent { at: Location::Object(_), .. } => put_back(None),
            Self::Damaged { at, mark, backup, .. } => {
                let file = |location: &Option<Location>| {
                    location.as_ref().and_then(Location::file).map(Path::to_owned)
                };
                help_with(at, |state| restore(state, file(mark).as_deref(), file(backup).as_deref()))
            }
            Self::Conflict { at, .. } => help_with(at, |state| git_merge(state, git)),
            Self::Undecided { at, .. } => help_with(at, |state| how_to_decide(Some(state))),
            Self::Decided { at, .. } => help_with(at, |state| {
                Help::none()
                    .say("Keep one of the two, and remove the other one and the lines <<<<<<<, ======= and >>>>>>>.")
                    .run("Then", Advice::StateVerify { file: Some(state.to_owned()) })
            }),
            Self::Inconsistent { at, keys } => help_with(at, |state| put_right(state, keys, git)),
            Self::Foreign { is_renamed, .. } => {
                let help =
                    Help::none().run("Or choose the right one", Advice::AddOption(RunOption::Environment));
                if !is_renamed {
                    return help;
                }
                help.run("If the environment only got another name, take its state over", Advice::StateAccept)
            }
            Self::NewerFormat { .. } | Self::Newer { .. } | Self::NewerJournal { .. } => Help::none()
                .say("Use the certctl that wrote it, or a newer one.")
                .run("To see what this one is, and which formats it reads", Advice::Version),
            Self::Lock(error) => error.help(),
            Self::WithJournal { at } => help_with(at, |copy| {
                Help::none().run("To take a copy that has it", Advice::StatePull { file: copy.to_owned() })
            }),
            Self::DamagedJournal { at, copy: Some(copy), .. } => help_with(copy, |copy| {
                help_with(at, |journal| {
                    let (from, to) = (copy.to_owned(), journal.to_owned());
                    Help::none()
                        .run(
                            "To bring it back from the copy that certctl keeps",
                            Advice::CopyFile { from, to },
                        )
                        .run("And then", Advice::Plan)
                })
            }),
            Self::JournalGone { way, .. } => way.help_without_journal(),
            Self::Replaced { expected, way, .. } => way.help_for_serial(*expected),
            _ => Help::none(),
        }
    }
}

/// The advice about a file, if the state is in one.
fn help_with(at: &Location, help: impl FnOnce(&Path) -> Help) -> Help {
    at.file().map(help).unwrap_or_default()
}

fn found_instead(serial: Option<u64>) -> String {
    serial.map_or_else(
        || "the state is missing now".to_owned(),
        |serial| format!("the one in place has serial {serial}"),
    )
}
