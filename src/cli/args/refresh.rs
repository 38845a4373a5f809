//! The flags of `refresh`.

use clap::Args;

use super::{ObservationArgs, TargetArgs};

#[derive(Debug, Args)]
pub(in crate::cli) struct RefreshArgs {
    #[command(flatten)]
    pub(in crate::cli) targets: TargetArgs,
    /// Also write it into the YAML, if the value is alone on its line; print the other lines.
    #[arg(long)]
    pub(in crate::cli) write: bool,
    /// Do not ask.
    #[arg(short = 'y', long)]
    pub(in crate::cli) auto_approve: bool,
    /// Print one JSON document on stdout and nothing else.
    #[arg(long)]
    pub(in crate::cli) json: bool,
    // Its heading counts for everything below it.
    #[command(flatten)]
    pub(in crate::cli) observation: ObservationArgs,
}
