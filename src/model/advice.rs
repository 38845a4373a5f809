//! What a person can do next, as data: which command, about what. Only `cli` knows how it is typed here.

use std::path::PathBuf;

use super::{Key, TemplateId};

/// A command that helps, without what depends on where it is typed: folder, environment, quoting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Start a new project.
    Init,
    /// Look at what would change, of what this run chose.
    Plan,
    /// Save a plan, for review.
    PlanOut {
        /// Into this file.
        file: PathBuf,
        /// For what another plan was made; nothing for what this run was told to be about.
        like: Option<PlannedFor>,
    },
    /// The command of this run once more, with more said.
    Again {
        /// Without a question.
        auto_approve: bool,
        /// With this many changes allowed.
        max_changes: Option<u64>,
    },
    /// Submit the difference, of what this run chose.
    Apply,
    /// Submit the difference of these templates alone.
    ApplyOnly {
        /// The templates.
        keys: Vec<Key>,
    },
    /// Submit what this run had to submit and did not.
    ApplyRest {
        /// Of these templates; of all, where there are none.
        target: Vec<String>,
        /// But of none of these.
        exclude: Vec<String>,
        /// With this many changes allowed.
        max_changes: Option<u64>,
    },
    /// Submit a saved plan.
    ApplyPlan {
        /// The plan.
        file: PathBuf,
        /// The environment it was made for, where that is not this run's.
        environment: Option<String>,
    },
    /// List what is in doubt.
    Recover {
        /// Of these templates; of all, where there are none.
        keys: Vec<Key>,
    },
    /// Settle what is in doubt.
    Settle {
        /// One template; nothing where the reader is to put in which.
        key: Option<Key>,
        /// How.
        how: Settling,
    },
    /// Adopt a template that exists.
    Import {
        /// The template.
        key: Key,
        /// Its id; nothing where the reader is to look it up.
        id: Option<TemplateId>,
    },
    /// List the keys of the state.
    StateList,
    /// Look at all that is known of a template.
    StateShow {
        /// The template; nothing where the reader is to put in which.
        key: Option<Key>,
    },
    /// Forget templates.
    StateRm {
        /// The templates.
        keys: Vec<Key>,
    },
    /// Check a state against itself, its journal and git's history.
    StateVerify {
        /// A file; nothing for the state in place.
        file: Option<PathBuf>,
    },
    /// Take the state in place for the newest, whatever others say.
    StateAccept,
    /// Join two versions of a state, row by row.
    StateMerge {
        /// The version that both began with; nothing where that is not at hand.
        base: Option<PathBuf>,
        /// The one version.
        ours: PathBuf,
        /// The other one.
        theirs: PathBuf,
        /// Where the two together go.
        out: PathBuf,
        /// Whether each was begun without the other.
        unrelated: bool,
        /// Whether the three versions are in the way afterwards.
        then_remove: bool,
    },
    /// See who changed a file: a command of git.
    GitLog {
        /// The file.
        file: PathBuf,
    },
    /// Take a file out of a commit: a command of git.
    GitCheckout {
        /// The folder of the repository.
        root: PathBuf,
        /// The commit.
        commit: String,
        /// The file, from the root.
        path: PathBuf,
    },
    /// Take one version of a file out of git: a command of git.
    GitShow {
        /// The file.
        file: PathBuf,
        /// A commit, or, in git's index while a merge is not finished, a colon and 1 for the base, 2 for ours, 3 for
        /// theirs.
        version: String,
        /// Where the version goes.
        to: PathBuf,
    },
    /// Copy a file: a command of the shell.
    CopyFile {
        /// The file.
        from: PathBuf,
        /// The copy.
        to: PathBuf,
    },
    /// Give a template another key.
    StateMv {
        /// The key it has.
        from: Key,
        /// The key it is to have.
        to: Key,
    },
}

/// What a plan was made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedFor {
    /// The environment.
    pub environment: String,
    /// The templates that were chosen; all, where there are none.
    pub targets: Vec<String>,
    /// The templates that were left out.
    pub excludes: Vec<String>,
}

/// How somebody settles a row whose outcome is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settling {
    /// By an export that the reader has.
    FromCsv,
    /// It was created, with this id; nothing where the reader is to put it in.
    Created(Option<TemplateId>),
    /// The server has it.
    Applied,
    /// The server does not have it.
    NotCreated,
    /// By sending it again.
    Resend,
}

/// Writes commands as they are typed where this run was started.
pub trait Commands {
    /// The whole command, to be pasted into a POSIX shell. It has no line break and no control character.
    fn command(&self, advice: &Advice) -> String;
}

impl<F: Fn(&Advice) -> String> Commands for F {
    fn command(&self, advice: &Advice) -> String {
        self(advice)
    }
}
