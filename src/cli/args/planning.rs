//! The flags of the commands that make, show and apply plans.

use std::path::PathBuf;

use clap::Args;

use super::number::count;
use super::{Reports, TargetArgs};

/// What plan and apply have in common.
#[derive(Clone, Debug, Args)]
pub(in crate::cli) struct Common {
    #[command(flatten)]
    pub(in crate::cli) targets: TargetArgs,
    /// Print one JSON document on stdout and nothing else.
    #[arg(long)]
    pub(in crate::cli) json: bool,
    #[command(flatten)]
    pub(in crate::cli) reports: Reports,
    /// Allow a plan that submits up to N templates.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = count::<u64>)]
    pub(in crate::cli) max_changes: Option<u64>,
    /// Accept a project without any template.
    #[arg(long)]
    pub(in crate::cli) allow_empty: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct PlanArgs {
    #[command(flatten)]
    pub(in crate::cli) common: Common,
    /// Save the plan, to be reviewed and applied as it is.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) out: Option<PathBuf>,
    /// Plan against a copy of the state, as `state pull` prints it; the state itself is not read.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) state: Option<PathBuf>,
    /// Exit with 2 when there are changes.
    #[arg(long)]
    pub(in crate::cli) detailed_exitcode: bool,
}

#[derive(Clone, Debug, Args)]
pub(in crate::cli) struct ApplyArgs {
    /// A plan that `certctl plan --out` saved: exactly that is submitted, or nothing.
    pub(in crate::cli) plan: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) common: Common,
    /// Do not ask.
    #[arg(short = 'y', long)]
    pub(in crate::cli) auto_approve: bool,
    /// Apply in every environment of certctl.toml, one after the other. One that fails does not stop the others, and the
    /// exit code is the worst. Each report has the environment in its name.
    #[arg(long, conflicts_with = "envs")]
    pub(in crate::cli) all_envs: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ShowArgs {
    /// The saved plan.
    pub(in crate::cli) plan: PathBuf,
    /// Print it as JSON.
    #[arg(long)]
    pub(in crate::cli) json: bool,
    #[command(flatten)]
    pub(in crate::cli) reports: Reports,
}
