//! The flags of `drift`.

use clap::Args;

use super::{LearnerArgs, ObservationArgs, Reports};

#[derive(Debug, Args)]
pub(in crate::cli) struct DriftArgs {
    /// Only these templates: a key or a glob; can be given several times.
    #[arg(long, value_name = "KEY-OR-GLOB")]
    pub(in crate::cli) target: Vec<String>,
    /// All but these templates: a key or a glob; can be given several times.
    #[arg(long, value_name = "KEY-OR-GLOB")]
    pub(in crate::cli) exclude: Vec<String>,
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
    #[command(flatten)]
    pub(in crate::cli) learners: LearnerArgs,
}
