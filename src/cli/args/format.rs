//! The flags of `certctl fmt`.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(in crate::cli) struct FormatArgs {
    /// The template files to format, or folders with template files; without one, all that certctl.toml leads to.
    #[arg(value_name = "FILE")]
    pub(in crate::cli) files: Vec<PathBuf>,
    /// Change nothing: list the files that are not in the canonical form, and exit with 1 if there are any.
    #[arg(long)]
    pub(in crate::cli) check: bool,
}
