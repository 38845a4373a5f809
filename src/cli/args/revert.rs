//! The flags of `certctl revert`.

use std::path::PathBuf;

use clap::Args;

use super::number::count;
use crate::model::Key;

pub(super) const REVERT_HELP: &str = "\
Nothing is sent, and the state and the YAML stay as they are: review the plan, apply it, and change the YAML as the diff
shows. Templates that the version does not have are left alone.

Examples:
  certctl state history cloud-101               which versions there are
  certctl revert cloud-101 --at 12              saves revert.plan
  certctl revert --to 12 --out back.plan        every template
  certctl apply revert.plan";

#[derive(Debug, Args)]
pub(in crate::cli) struct RevertArgs {
    /// The template; with --at.
    #[arg(requires = "at")]
    pub(in crate::cli) key: Option<Key>,
    /// Bring back the template as the version of the state with this serial has it.
    #[arg(
        long,
        value_name = "SERIAL",
        requires = "key",
        required_unless_present = "to",
        allow_negative_numbers = true,
        value_parser = count::<u64>
    )]
    pub(in crate::cli) at: Option<u64>,
    /// Bring back every template as the version with this serial has it.
    #[arg(
        long,
        value_name = "SERIAL",
        conflicts_with_all = ["at", "key"],
        allow_negative_numbers = true,
        value_parser = count::<u64>
    )]
    pub(in crate::cli) to: Option<u64>,
    /// Where to save the plan.
    #[arg(long, value_name = "FILE", default_value = "revert.plan")]
    pub(in crate::cli) out: PathBuf,
    /// Allow a plan that submits up to N templates.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = count::<u64>)]
    pub(in crate::cli) max_changes: Option<u64>,
}

impl RevertArgs {
    /// Returns the number of the version.
    pub(in crate::cli) fn serial(&self) -> u64 {
        self.at.or(self.to).unwrap_or_default()
    }
}
