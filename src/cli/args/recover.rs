//! The flags of the commands that record what a person or an export knows of the server: `recover` and `import`.

use clap::Args;

use super::{ObservationArgs, WriteArgs};
use crate::model::Key;

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
#[command(group = clap::ArgGroup::new("settlement").args(["from_csv", "from_observer", "created", "not_created", "applied", "resend"]))]
pub(in crate::cli) struct RecoverArgs {
    /// The templates to list or settle, by key or pattern. Without them, the list, --from-csv and --from-observer are about all
    /// that are in doubt.
    /// One that is pending is settled only by its key.
    #[arg(value_name = "KEY")]
    pub(in crate::cli) keys: Vec<String>,
    /// It was created, with this id.
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) created: Option<String>,
    /// It was not created: the next apply may send it.
    #[arg(long)]
    pub(in crate::cli) not_created: bool,
    /// The server holds what was sent.
    #[arg(long)]
    pub(in crate::cli) applied: bool,
    /// Send it again now, one template a request, at the risk of a second one.
    #[arg(long)]
    pub(in crate::cli) resend: bool,
    /// Print JSON.
    #[arg(long)]
    pub(in crate::cli) json: bool,
    #[command(flatten)]
    pub(in crate::cli) observation: ObservationArgs,
}

#[derive(Debug, Args)]
#[command(
    override_usage = "certctl import [OPTIONS] KEY ID\n       certctl import [OPTIONS] --from-csv FILE\n       certctl import [OPTIONS] --from-observer\n       certctl import [OPTIONS] --from-csv FILE --write DIR"
)]
pub(in crate::cli) struct ImportArgs {
    /// The template's key in the YAML.
    #[arg(required_unless_present_any = ["from_csv", "from_observer"], requires = "id", conflicts_with_all = ["from_csv", "from_observer"])]
    pub(in crate::cli) key: Option<Key>,
    /// The id that the vendor gave it.
    #[arg(required_unless_present_any = ["from_csv", "from_observer"])]
    pub(in crate::cli) id: Option<String>,
    /// Do not ask before another id is replaced.
    #[arg(short = 'y', long, requires = "id")]
    pub(in crate::cli) auto_approve: bool,
    /// Print JSON.
    #[arg(long)]
    pub(in crate::cli) json: bool,
    #[command(flatten)]
    pub(in crate::cli) observation: ObservationArgs,
    #[command(flatten)]
    pub(in crate::cli) writing: WriteArgs,
}
