//! The flags of `certctl doctor`.

use clap::Args;

#[derive(Clone, Debug, Args)]
pub(in crate::cli) struct DoctorArgs {
    /// Print one JSON document on stdout, and nothing else.
    #[arg(long)]
    pub(in crate::cli) json: bool,
    /// Find out whether the store of each state in a bucket compares and swaps, by racing writes of small objects beside
    /// the state. `state prune` removes them.
    #[arg(long)]
    pub(in crate::cli) probe_store: bool,
}
