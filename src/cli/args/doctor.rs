//! The flags of `certctl doctor`.

use clap::Args;

#[derive(Clone, Debug, Args)]
pub(in crate::cli) struct DoctorArgs {
    /// Print one JSON document on stdout, and nothing else.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}
