//! The flags of `drift`.

use clap::Args;

use super::{ObservationArgs, Reports, TargetArgs};

#[derive(Debug, Args)]
pub(in crate::cli) struct DriftArgs {
    #[command(flatten)]
    pub(in crate::cli) targets: TargetArgs,
    /// Print one JSON document on stdout and nothing else.
    #[arg(long)]
    pub(in crate::cli) json: bool,
    #[command(flatten)]
    pub(in crate::cli) reports: Reports,
    /// Exit with 2 when something differs that certctl.toml does not explain, and with 3 when nothing could be compared.
    #[arg(long)]
    pub(in crate::cli) detailed_exitcode: bool,
    // Its heading counts for everything below it.
    #[command(flatten)]
    pub(in crate::cli) observation: ObservationArgs,
}
