//! The flags of `import` that write YAML.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::inventory::write::GroupBy;

#[derive(Debug, Args)]
#[command(next_help_heading = "Writing")]
pub(in crate::cli) struct WriteArgs {
    /// Write YAML for every template that is seen and not configured, into this directory, and the state with it.
    #[arg(long, value_name = "DIR", requires = "ObservationArgs")]
    pub(in crate::cli) write: Option<PathBuf>,
    /// Print what would be written, and write nothing.
    #[arg(long, requires = "write")]
    pub(in crate::cli) dry_run: bool,
    /// How to divide the templates into files.
    #[arg(long, value_name = "BY", requires = "write", value_enum, default_value_t = Grouping::None)]
    pub(in crate::cli) group_by: Grouping,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Grouping {
    /// All in one file.
    None,
    /// Courses in one file, learning paths in another.
    Type,
    /// A file for each layout.
    Layout,
    /// A file for each first word of a title.
    Prefix,
}

impl From<Grouping> for GroupBy {
    fn from(grouping: Grouping) -> Self {
        match grouping {
            Grouping::None => Self::None,
            Grouping::Type => Self::Type,
            Grouping::Layout => Self::Layout,
            Grouping::Prefix => Self::Prefix,
        }
    }
}
