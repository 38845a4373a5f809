//! The flags of `observer`: what a learner made for this purpose sees, and how it gets to see more.

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(in crate::cli) struct ObserverArgs {
    #[command(subcommand)]
    pub(in crate::cli) command: ObserverCommand,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ObserverCommand {
    /// Show which configured templates the observer can see, and why not the others.
    #[command(after_help = "Example:\n  certctl observer status\n  certctl observer status --json")]
    Status(ObserverStatusArgs),
    /// Issue the certificates that the observer lacks, after asking.
    #[command(
        after_help = "Examples:\n  certctl observer certify                      for all that it does not see\n  certctl observer certify cloud-101 'data-*'   for these"
    )]
    Certify(CertifyArgs),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ObserverStatusArgs {
    /// Print one JSON document on stdout, and nothing else.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct CertifyArgs {
    /// Only for these templates, by key or pattern. A template for an audience is certified only by its key.
    #[arg(value_name = "KEY-OR-GLOB")]
    pub(in crate::cli) keys: Vec<String>,
    /// Also those whose certificate may have been issued by an earlier run: look in the admin page first.
    #[arg(long)]
    pub(in crate::cli) again: bool,
}
