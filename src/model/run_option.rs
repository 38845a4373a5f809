//! An option of a command, as data. Every module may advise or mention one; only `cli` knows how it is typed.

/// A choice that a person makes when starting a command.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RunOption {
    /// The directory of the project.
    Directory,
    /// The environment to act on.
    Environment,
    /// The value of a variable, for one run.
    Variable {
        /// The name of the variable.
        name: String,
    },
    /// The templates to act on.
    Target,
    /// The templates to leave out.
    Exclude,
    /// How many changes are allowed.
    MaxChanges,
    /// That everything is printed.
    Verbose,
    /// That each template is printed on one line.
    Compact,
    /// That a document for programs is printed.
    Json,
    /// That warnings are errors.
    DenyWarnings,
    /// The folder for drawings.
    OutFolder,
    /// That there may be no template at all.
    AllowEmpty,
    /// How long to wait for a lock.
    LockTimeout,
    /// When the exports were made.
    TakenAt,
}
