//! What a person can do next, as data: a command and its subject. Every module may advise; only `cli` knows how the command
//! is typed.

use std::path::PathBuf;

use super::{EditorSchema, Key, RunOption, TemplateId};

/// A command that helps, without what depends on where it is typed: directory, environment, quoting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Start a new project.
    Init,
    /// Run every check that needs no network.
    Validate,
    /// Look whether everything is set up as it should be.
    Doctor,
    /// Write template files in the canonical form.
    Format {
        /// The files or folders; all template files if empty.
        files: Vec<PathBuf>,
    },
    /// Show what would change, for the templates that this run selected.
    Plan,
    /// Save a plan, for review.
    PlanOut {
        /// The file for the plan.
        file: PathBuf,
        /// The selection of another plan to repeat; `None` for this run's own selection.
        like: Option<PlannedFor>,
    },
    /// Repeat this run's command with further flags.
    Again {
        /// Skip the confirmation.
        auto_approve: bool,
        /// Allow this many changes.
        max_changes: Option<u64>,
    },
    /// Start this run's command with one more option.
    AddOption(RunOption),
    /// Submit the difference, for the templates that this run selected.
    Apply,
    /// Submit the difference of these templates only.
    ApplyOnly {
        /// The templates.
        keys: Vec<Key>,
    },
    /// Submit what this run should have submitted but did not.
    ApplyRest {
        /// Only these templates; all if empty.
        target: Vec<String>,
        /// Except these templates.
        exclude: Vec<String>,
        /// Allow this many changes.
        max_changes: Option<u64>,
    },
    /// Submit a saved plan.
    ApplyPlan {
        /// The plan.
        file: PathBuf,
        /// The plan's environment, if it is not this run's.
        environment: Option<String>,
    },
    /// List rows in doubt.
    Recover {
        /// Only these templates; all if empty.
        keys: Vec<Key>,
    },
    /// Settle a row in doubt.
    Settle {
        /// The template; `None` if the reader has to fill it in.
        key: Option<Key>,
        /// The way to settle it.
        how: Settling,
    },
    /// Adopt a template that exists.
    Import {
        /// The template.
        key: Key,
        /// Its id; `None` if the reader has to look it up.
        id: Option<TemplateId>,
    },
    /// Issue the certificates that the observer lacks.
    ObserverCertify {
        /// Only for these templates; all if empty.
        keys: Vec<Key>,
        /// Whether those count that may have been issued already.
        again: bool,
    },
    /// Show which templates the observer can see.
    ObserverStatus,
    /// Take what this run has seen of the server into the state.
    Refresh,
    /// List the keys of the state.
    StateList,
    /// Show everything known about a template.
    StateShow {
        /// The template; `None` if the reader has to fill it in.
        key: Option<Key>,
    },
    /// Show the versions of the state.
    StateHistory {
        /// Only those in which this template changed.
        key: Option<Key>,
    },
    /// Copy the state.
    StatePull {
        /// The file for the copy.
        file: PathBuf,
    },
    /// Put a copy of the state in place.
    StatePush {
        /// The copy.
        file: PathBuf,
    },
    /// Put a version that is kept in the place of a state that is lost or damaged.
    StateRestore {
        /// The number of the version.
        serial: u64,
    },
    /// Save a plan that brings back an earlier version.
    Revert {
        /// The template; all if `None`.
        key: Option<Key>,
        /// The number of the version.
        serial: u64,
        /// The file for the plan.
        file: PathBuf,
    },
    /// Forget templates.
    StateRm {
        /// The templates.
        keys: Vec<Key>,
    },
    /// Check a state against itself, its journal and git's history.
    StateVerify {
        /// Another file; `None` for the environment's state.
        file: Option<PathBuf>,
    },
    /// Accept the environment's state as the newest, despite evidence of a newer one.
    StateAccept,
    /// Release the lock of a shared state.
    StateUnlock {
        /// The id of the lock.
        id: String,
    },
    /// Merge two versions of a state, row by row.
    StateMerge {
        /// The common ancestor; `None` if it is not available.
        base: Option<PathBuf>,
        /// One version.
        ours: PathBuf,
        /// The other version.
        theirs: PathBuf,
        /// The file for the result.
        out: PathBuf,
        /// Whether the versions have no common ancestor.
        unrelated: bool,
        /// Whether the three versions should be removed afterwards.
        then_remove: bool,
    },
    /// Show who changed a file (git).
    GitLog {
        /// The file.
        file: PathBuf,
    },
    /// Restore a file from a commit (git).
    GitCheckout {
        /// The repository's directory.
        root: PathBuf,
        /// The commit.
        commit: String,
        /// The file, relative to `root`.
        path: PathBuf,
    },
    /// Write one version of a file to another file (git).
    GitShow {
        /// The file.
        file: PathBuf,
        /// A commit; or, during a merge, a colon and 1 for the base, 2 for ours, 3 for theirs in git's index.
        version: String,
        /// The file for the version.
        to: PathBuf,
    },
    /// Copy a file (shell).
    CopyFile {
        /// The file.
        from: PathBuf,
        /// The copy.
        to: PathBuf,
    },
    /// Have git join two versions of a state by certctl, in this clone (git).
    GitMergeDriver {
        /// The repository's directory.
        root: PathBuf,
    },
    /// Append lines to a file (shell).
    AppendLines {
        /// The lines.
        lines: Vec<String>,
        /// The file.
        file: PathBuf,
    },
    /// Write the schema of this certctl into a file, for editors.
    RenewSchema {
        /// The schema.
        schema: EditorSchema,
        /// Its file.
        file: PathBuf,
    },
    /// Set the clock of this machine (shell).
    SetClock,
    /// Type a secret that is not shown, for commands that are started afterwards (shell).
    TypeSecret {
        /// The variable for it.
        variable: &'static str,
    },
    /// Set a variable for commands that are started afterwards (shell).
    SetVariable {
        /// The variable.
        variable: &'static str,
        /// Its value.
        value: String,
    },
    /// Unset a variable (shell).
    UnsetVariable {
        /// The variable.
        variable: &'static str,
    },
    /// Let only its owner write to a folder (shell).
    KeepOthersOut {
        /// The folder.
        folder: PathBuf,
    },
    /// Give a file another name, so that it is not found (shell).
    PutAside {
        /// The file.
        file: PathBuf,
    },
    /// Show which formats this certctl reads.
    Version,
    /// Give a template another key.
    StateMv {
        /// The current key.
        from: Key,
        /// The new key.
        to: Key,
    },
}

/// The environment and selection of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedFor {
    /// The environment.
    pub environment: String,
    /// The selected templates; all if empty.
    pub targets: Vec<String>,
    /// The excluded templates.
    pub excludes: Vec<String>,
}

/// How a person settles a row in doubt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settling {
    /// By an export of the server's templates.
    FromCsv,
    /// It was created with this id; `None` if the reader has to fill it in.
    Created(Option<TemplateId>),
    /// The change was made on the server.
    Applied,
    /// It was not created.
    NotCreated,
    /// By sending it again.
    Resend,
}

/// Formats commands as they are typed in the directory where this run was started.
pub trait Commands {
    /// The whole command, ready to be pasted into a POSIX shell; for [`Advice::AddOption`] the option alone. Contains no
    /// line break and no control character.
    fn command(&self, advice: &Advice) -> String;

    /// The name of an option as it is typed, without a value, for a sentence about it.
    fn option(&self, option: &RunOption) -> String {
        format!("{option:?}")
    }
}

impl<F: Fn(&Advice) -> String> Commands for F {
    fn command(&self, advice: &Advice) -> String {
        self(advice)
    }
}
