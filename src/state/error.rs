//! What can be wrong with a state, in words for the person who must act.

use std::path::{Path, PathBuf};

use super::history::{committed_merge, is_in_repository};
use super::{JournalDamage, LockError, Marks, WayBack};
use crate::model::{Advice, Help, Key, few, io_words};

/// Why a state could not be read or written. In every case the files are left as they are.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The operating system refused.
    #[error("cannot {action} {}: {}", path.display(), io_words(source))]
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
        "{}:{line}:{column}: the state is damaged: {message}. It was left untouched", path.display()
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
        /// The newest state that this user wrote here, whole, if that is kept.
        mark: Option<PathBuf>,
        /// The version before the last one, if it is there.
        backup: Option<PathBuf>,
    },
    /// A merge by git was not finished.
    #[error(
        "{}:{line}: the state has git conflict markers: two branches changed it. Keep neither side whole, because what \
         only the other side knows would be created a second time", path.display()
    )]
    Conflict {
        /// The state file.
        path: PathBuf,
        /// The first marker's line.
        line: usize,
    },
    /// A merge by certctl left rows for a person to decide.
    #[error(
        "{}:{line}: this state was joined from two that contradict each other about: {}", path.display(),
        keys.join(", ")
    )]
    Undecided {
        /// The state file.
        path: PathBuf,
        /// The first marker's line.
        line: usize,
        /// The rows that have two versions.
        keys: Vec<String>,
    },
    /// A person made the versions alike that a merge by certctl had left, and the markers are still there.
    #[error(
        "{}:{line}: the state has the conflict markers of a merge, and the two versions are identical", path.display()
    )]
    Decided {
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
    /// A newer certctl wrote it, in the same format.
    #[error(
        "{}:{line}:{column}: a newer certctl wrote this state: it has a field that this version ({}) does not know, and what \
         it does not know it could not keep. Nothing was changed. Use the version that wrote it, or a newer one",
        path.display(), env!("CARGO_PKG_VERSION")
    )]
    Newer {
        /// The state file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// Rows contradict themselves.
    #[error(
        "{}: what the state says of {} does not match its digest: it was changed by hand, or by a text merge, and is no longer what a run recorded. Nothing was done", path.display(), few(keys)
    )]
    Inconsistent {
        /// The state file.
        path: PathBuf,
        /// The rows, sorted.
        keys: Vec<Key>,
    },
    /// It belongs to another environment or instance.
    #[error(
        "{}: this {what} belongs to {found}, but the run is for {expected}. Give each environment its own `state` in \
         certctl.toml, or choose the right one with --env", path.display()
    )]
    Foreign {
        /// The state file, or its journal.
        path: PathBuf,
        /// Which of the two.
        what: &'static str,
        /// Environment and URL in the file.
        found: String,
        /// Environment and URL of the run.
        expected: String,
        /// Whether the instance is the same, and the project has no environment of the other name any more.
        is_renamed: bool,
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
        /// A copy of it that is whole, if this user has one.
        copy: Option<PathBuf>,
    },
    /// A newer certctl wrote the journal.
    #[error(
        "{}:{}: a newer certctl wrote this journal: it has a record that this version ({}) does not know. It says what an \
         interrupted run sent, so certctl does not go on without it. Nothing was changed. Use the version that wrote it, or \
         a newer one", path.display(), damage.line, env!("CARGO_PKG_VERSION")
    )]
    NewerJournal {
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
        "{} was removed while this run was recording to it, and it cannot be put back: {}{}", path.display(), io_words(source),
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
        "{}: the state was replaced while a run was recording to {}: the journal belongs to serial {expected}, but \
         {found}. Nothing was changed. {}", way.state.display(), journal.display(),
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

impl StateError {
    /// A damaged state is put right by what is kept of it: the newest mark, else the backup.
    pub(super) fn with_ways_back(self, marks: Option<&Marks>, backup: PathBuf) -> Self {
        let Self::Damaged { path, line, column, message, .. } = self else { return self };
        let mark = marks.and_then(|marks| marks.find(None).ok().flatten());
        let mark = mark.filter(|mark| mark.document().is_ok()).map(|mark| mark.path);
        let backup = Some(backup).filter(|backup| backup.exists());
        Self::Damaged { path, line, column, message, mark, backup }
    }

    /// What to do about it.
    pub fn help(&self) -> Help {
        match self {
            Self::Damaged { path, mark, backup, .. } => restore(path, mark.as_deref(), backup.as_deref()),
            Self::Conflict { path, .. } => git_merge(path),
            Self::Undecided { path, .. } => how_to_decide(Some(path)),
            Self::Decided { path, .. } => Help::none()
                .say("Keep one of the two, and remove the other one and the lines <<<<<<<, ======= and >>>>>>>.")
                .run("Then", Advice::StateVerify { file: Some(path.clone()) }),
            Self::Inconsistent { path, keys } => put_right(path, keys),
            Self::Foreign { is_renamed: true, .. } => Help::none()
                .run("If the environment only got another name, take its state over", Advice::StateAccept),
            Self::DamagedJournal { path, copy: Some(copy), .. } => {
                let (from, to) = (copy.clone(), path.clone());
                Help::none()
                    .run("To bring it back from the copy that certctl keeps", Advice::CopyFile { from, to })
                    .run("And then", Advice::Plan)
            }
            Self::JournalGone { way, .. } => way.help_without_journal(),
            Self::Replaced { expected, way, .. } => way.help_for_serial(*expected),
            _ => Help::none(),
        }
    }
}

/// The ways to a state that is whole, the one that forgets nothing first.
fn restore(state: &Path, mark: Option<&Path>, backup: Option<&Path>) -> Help {
    let copy = |from: &Path| Advice::CopyFile { from: from.to_owned(), to: state.to_owned() };
    match (mark, backup) {
        (Some(mark), _) => Help::none()
            .run("To bring back the state that certctl wrote last on this machine, which it keeps", copy(mark))
            .run("And then", Advice::Plan),
        (None, None) => Help::none().say("Restore its newest version from git."),
        (None, Some(backup)) => Help::none()
            .say(
                "Restore its newest version from git. The backup beside it is one write older: what the last command wrote \
                 is not in it, and whatever it created must be imported before the next apply, which would create it a \
                 second time.",
            )
            .run("Where git has none, take the backup", copy(backup)),
    }
}

/// What a person does about rows that two states contradict each other about; `file` is the result, where that is one.
pub fn how_to_decide(file: Option<&Path>) -> Help {
    Help::none()
        .say(
            "Look each up in the admin page, keep the version that fits what is there, and remove the other version and the marker lines <<<<<<<, ======= and >>>>>>>.",
        )
        .run("Then", Advice::StateVerify { file: file.map(Path::to_owned) })
}

/// So many keys are named in commands, and the others are to follow.
const NAMED: usize = 5;

/// The ways to put rows right that contradict themselves.
fn put_right(path: &Path, keys: &[Key]) -> Help {
    let named = &keys[..NAMED.min(keys.len())];
    let help = if is_in_repository(path) {
        let log = Advice::GitLog { file: path.to_owned() };
        Help::none().run("Put it back as it was. This shows who changed it", log)
    } else {
        Help::none().say("Put it back as it was.")
    };
    let help = help.run(
        "Otherwise, if you know the id from the admin page, forget the row first",
        Advice::StateRm { keys: named.to_vec() },
    );
    let import = |key: &Key| Advice::Import { key: key.clone(), id: None };
    named
        .iter()
        .fold(help, |help, key| help.run("Then adopt what is there", import(key)))
        .say("The next apply then sends all its attributes.")
}

/// The commands that join what git could not. While the merge is not finished, the three versions are in its index.
fn git_merge(state: &Path) -> Help {
    let versions = committed_merge(state).unwrap_or_else(|| [":1", ":2", ":3"].map(str::to_owned));
    let files = ["base", "ours", "theirs"].map(|version| state.with_added_extension(version));
    let show = |(version, to): (String, &PathBuf)| Advice::GitShow {
        file: state.to_owned(),
        version,
        to: to.clone(),
    };
    let help = Help::none().say("This joins the two template by template:");
    let help = versions.into_iter().zip(&files).map(show).fold(help, Help::line);
    let [base, ours, theirs] = files;
    help.line(Advice::StateMerge {
        base: Some(base),
        ours,
        theirs,
        out: state.to_owned(),
        unrelated: false,
        then_remove: true,
    })
}
