//! What can be wrong with a state, in words for the person who must act.

use std::path::PathBuf;

use super::{JournalDamage, LockError, WayBack};

/// Why a state could not be read or written. In every case the files are left as they are.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The operating system refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, as in "cannot …".
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Not JSON, or not the JSON of a state.
    #[error(
        "{}:{line}:{column}: the state is damaged: {message}. It was left untouched. Restore it from git, or from \
         the backup beside it ({}.backup)", path.display(), path.display()
    )]
    Damaged {
        /// The state file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// A merge was not finished.
    #[error(
        "{}:{line}: the state has git conflict markers. Two runs changed it at once: finish the merge by keeping one \
         side whole (the one that applied last), then run `certctl plan`", path.display()
    )]
    Conflict {
        /// The state file.
        path: PathBuf,
        /// The first marker's line.
        line: usize,
    },
    /// A newer certctl wrote it.
    #[error(
        "{}: the state has the format {format:?}, which this version of certctl does not know. Use the certctl that \
         wrote it, or a newer one", path.display()
    )]
    NewerFormat {
        /// The state file.
        path: PathBuf,
        /// The format it says it has.
        format: String,
    },
    /// It belongs to another environment or instance.
    #[error(
        "{}: this state belongs to {found}, but the run is for {expected}. Give each environment its own `state` in \
         certctl.toml, or choose the right one with --env", path.display()
    )]
    Foreign {
        /// The state file.
        path: PathBuf,
        /// Environment and URL in the file.
        found: String,
        /// Environment and URL of the run.
        expected: String,
    },
    /// The journal has a line that cannot be read and is not a torn end.
    #[error(
        "{}:{}: the journal is damaged: {}. It records what an interrupted run sent, so certctl does not go on \
         without it: restore it, or ask for help with both files at hand", path.display(), damage.line, damage.message
    )]
    DamagedJournal {
        /// The journal file.
        path: PathBuf,
        /// Where and what.
        damage: JournalDamage,
    },
    /// The journal was removed under the run that was writing it, right before a request.
    #[error("{} was removed or replaced while this run was recording to it", path.display())]
    JournalMoved {
        /// The journal file.
        path: PathBuf,
    },
    /// The journal was removed under the run that was writing it, and could not be put back.
    #[error(
        "{} was removed while this run was recording to it, and it cannot be put back: {source}{}", path.display(),
        way.without_journal()
    )]
    JournalGone {
        /// The journal file.
        path: PathBuf,
        /// What stands in the way.
        source: std::io::Error,
        /// The state, and the version that the run led to, if it could be written under a name of its own.
        way: Box<WayBack>,
    },
    /// The state was replaced while a journal was open.
    #[error(
        "{}: the state was replaced while a run was recording to {}: the journal belongs to serial {expected}, the \
         file now has {found}. Nothing was changed. {}", way.state.display(), journal.display(),
        way.for_serial(*expected)
    )]
    Replaced {
        /// The journal file.
        journal: PathBuf,
        /// The serial that the journal began with.
        expected: u64,
        /// The serial in the file, in words.
        found: String,
        /// The state, and the version that the run led to.
        way: Box<WayBack>,
    },
    /// The document cannot be put into words.
    #[error("the state cannot be written as JSON: {message}")]
    Unwritable {
        /// Why.
        message: String,
    },
    /// The lock could not be had.
    #[error(transparent)]
    Lock(#[from] LockError),
}
