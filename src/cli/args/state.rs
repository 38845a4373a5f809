//! The subcommands of `certctl state`, with their flags and help.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::number::{count, versions};
use crate::model::Key;

#[derive(Debug, Args)]
pub(in crate::cli) struct StateArgs {
    #[command(subcommand)]
    pub(in crate::cli) command: StateCommand,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum StateCommand {
    /// One line for each template.
    List {
        /// Print it as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Everything that is known of one template.
    #[command(
        after_help = "Examples:\n  certctl state show cloud-101\n  certctl state show cloud-101 --at 12"
    )]
    Show {
        /// The template.
        key: Key,
        /// What the version of the state with this serial says of it.
        #[arg(long, value_name = "SERIAL", allow_negative_numbers = true, value_parser = count::<u64>)]
        at: Option<u64>,
        /// Print it as JSON.
        #[arg(long)]
        json: bool,
    },
    /// The versions of the state: when, what changed, by whom.
    #[command(after_help = HISTORY_HELP)]
    History {
        /// Only the versions in which this template changed, with the differences.
        key: Option<Key>,
        /// Print it as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Give a template another key; nothing is sent.
    #[command(after_help = "Example:\n  certctl state mv cloud-101 cloud-basics")]
    Mv {
        /// The present key.
        old: Key,
        /// The new key.
        new: Key,
    },
    /// Forget templates; what is on the server stays there.
    #[command(
        after_help = "Examples:\n  certctl state rm cloud-101\n  certctl state rm 'cloud-*' --auto-approve"
    )]
    Rm {
        /// The templates: keys or globs.
        #[arg(value_name = "KEY-OR-GLOB", required = true)]
        keys: Vec<String>,
        /// Do not ask, even if a template is on the server.
        #[arg(short = 'y', long)]
        auto_approve: bool,
    },
    /// Print the state, with what an interrupted run has recorded.
    #[command(after_help = "Example:\n  certctl state pull > copy.json && certctl plan --state copy.json")]
    Pull,
    /// Put a copy of the state in place; one that is older, or another state, is refused.
    #[command(after_help = "Example:\n  certctl state push copy.json")]
    Push {
        /// The copy, as `state pull` prints it.
        file: PathBuf,
        /// Do not ask.
        #[arg(short = 'y', long)]
        auto_approve: bool,
    },
    /// Put an earlier version in place of a state that is lost or damaged; see `revert` for going back otherwise.
    #[command(after_help = "Example:\n  certctl state restore 12")]
    Restore {
        /// The serial of the version.
        #[arg(allow_negative_numbers = true, value_parser = count::<u64>)]
        serial: u64,
        /// Do not ask.
        #[arg(short = 'y', long)]
        auto_approve: bool,
    },
    /// Move the state to another file or to shared storage, or back; the old place keeps a note, and no command uses it.
    #[command(
        after_help = "Example:\n  certctl state migrate state/production.json s3://my-bucket/production.json"
    )]
    Migrate {
        /// Where the state is: a file, or an address as in certctl.toml.
        from: PathBuf,
        /// Where it goes.
        to: PathBuf,
        /// Do not ask.
        #[arg(short = 'y', long)]
        auto_approve: bool,
    },
    /// Remove what nothing needs any more beside a shared state: journals of runs that are over, and old versions.
    #[command(after_help = "Example:\n  certctl state prune --keep 50 -e production")]
    Prune {
        /// How many of the newest versions of the state stay.
        #[arg(long, value_name = "N", default_value = "100", value_parser = versions)]
        keep: usize,
        /// Do not ask.
        #[arg(short = 'y', long)]
        auto_approve: bool,
    },
    /// Release the lock of a shared state whose run no longer works; that run sends nothing more.
    #[command(
        after_help = "Example:\n  certctl state unlock 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01 -e production"
    )]
    Unlock {
        /// The id of the lock, as the refusal of another command names it.
        id: String,
        /// Do not ask.
        #[arg(short = 'y', long)]
        auto_approve: bool,
    },
    /// Join two versions of a state row by row; needs no configuration.
    #[command(after_help = MERGE_HELP)]
    Merge(MergeArgs),
    /// Look for what is wrong with a state: after a merge, and as a required check of a forge.
    #[command(
        after_help = "Exit code 1: something is wrong; it is listed by template.\n\nExample:\n  certctl state verify"
    )]
    Verify(VerifyArgs),
    /// Make the present state the newest although a newer one is known; templates on which they differ are marked in doubt.
    #[command(after_help = "Example:\n  certctl state accept")]
    Accept {
        /// Do not ask.
        #[arg(short = 'y', long)]
        auto_approve: bool,
    },
}

impl StateCommand {
    /// Returns whether stdout must hold one JSON document.
    pub(in crate::cli) fn wants_json(&self) -> bool {
        matches!(
            self,
            Self::List { json: true } | Self::Show { json: true, .. } | Self::History { json: true, .. }
        )
    }
}

const HISTORY_HELP: &str = "\
Of a state in a file, the versions are those that git has on this branch, the backup and the one in place.

Examples:
  certctl state history
  certctl state history cloud-101";

const MERGE_HELP: &str = "\
As git's merge driver, set up once in each clone; `certctl init` writes the line for .gitattributes:
  git config merge.certctl-state.driver 'certctl state merge %O %A %B -o %A'

Exit code 1: some templates were changed on both sides. OUT then has both versions of each between conflict markers.";

#[derive(Debug, Args)]
pub(in crate::cli) struct MergeArgs {
    /// The version that both come from; an empty file if there is none.
    pub(in crate::cli) base: PathBuf,
    /// One of the two.
    pub(in crate::cli) ours: PathBuf,
    /// The other one.
    pub(in crate::cli) theirs: PathBuf,
    /// Joins two states that were begun without each other, as when two people apply for the first time. What only one of
    /// them has is kept. OURS may be the journal of a run that began where there was no state.
    #[arg(long)]
    pub(in crate::cli) unrelated: bool,
    /// Where the joined state goes; may be one of the three. Without it, it goes to stdout.
    #[arg(short = 'o', long = "out", value_name = "OUT")]
    pub(in crate::cli) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct VerifyArgs {
    /// A state file by itself; needs no configuration then. Without it: the environment's.
    pub(in crate::cli) file: Option<PathBuf>,
}
