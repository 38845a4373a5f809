//! The command line: subcommands, flags and their help. Parsed once by [`super::main`]; nothing here reads a file or
//! writes output.

mod reports;
mod state;

use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::model::Key;
use crate::sandbox::FAULT_GRAMMAR;

pub(super) use reports::{ReportFormat, ReportTarget, Reports};
pub(super) use state::{MergeArgs, StateArgs, StateCommand};

/// Certificate templates as YAML in git: plan, review, apply.
#[derive(Debug, Parser)]
#[command(name = "certctl", version, max_term_width = 100, propagate_version = true)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// Examples and the meaning of the exit codes (contract section 4).
const AFTER_HELP: &str = "\
Examples:
  certctl init academy                 start a new project
  certctl plan                         show what would change
  certctl apply                        submit the difference, after asking
  certctl recover                      list what has an unknown outcome

Exit codes:
  0    done; for plan: with or without changes
  1    nothing was sent: configuration, usage, credentials, network, damaged state
  2    plan --detailed-exitcode found changes
  3    some templates failed, are pending or were not sent; nothing is in doubt
  4    at least one template is in doubt: certctl recover lists them
  5    refused: stale or foreign plan, safety limit, protection, another or an older state
  6    another run holds the state
  130  stopped by a signal, with everything recorded and nothing in doubt";

#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(super) struct Global {
    /// Work on the certctl.toml in DIR. Other paths on the command line stay relative to where you are.
    #[arg(short = 'C', long = "chdir", value_name = "DIR", global = true)]
    pub(super) chdir: Option<PathBuf>,
    /// The environment of certctl.toml to work on; without it, the one that `CERTCTL_ENV` names.
    #[arg(short, long, value_name = "NAME", global = true)]
    pub(super) env: Option<String>,
    /// Set ${var.NAME} of the YAML; beats `CERTCTL_VAR_name` and certctl.toml.
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = name_and_value, global = true)]
    pub(super) vars: Vec<(String, String)>,
    /// When to use colour; auto heeds `NO_COLOR`, `CLICOLOR_FORCE`, `CLICOLOR` and TERM.
    #[arg(long, value_enum, default_value = "auto", global = true)]
    pub(super) color: Colour,
    /// How long to wait for another run that holds the state.
    #[arg(long, value_name = "TIME", allow_negative_numbers = true, default_value = "30s", value_parser = humantime::parse_duration, global = true)]
    pub(super) lock_timeout: Duration,
    /// Say less: no progress, no notes.
    #[arg(short, long, global = true)]
    pub(super) quiet: bool,
    /// Say more: every attribute, every row; twice for a log.
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(super) verbose: u8,
}

impl Global {
    /// Fills in what the process's environment variables say. A variable that is set to an empty text counts as not
    /// set, because pipelines do that with inputs that were not given.
    pub(super) fn completed(mut self, lookup: &dyn Fn(&str) -> Option<OsString>) -> Self {
        let named = || lookup("CERTCTL_ENV").filter(|name| !name.is_empty());
        self.env = self.env.or_else(|| named().map(|name| name.to_string_lossy().into_owned()));
        self
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Colour {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Write a commented certctl.toml, an example template and a .gitignore.
    #[command(after_help = "Example:\n  certctl init academy && certctl -C academy plan")]
    Init(InitArgs),
    /// Check everything that needs no network.
    #[command(
        after_help = "Examples:\n  certctl validate --env production\n  certctl validate --format github       annotations beside the lines of a pull request"
    )]
    Validate(ValidateArgs),
    /// Show what would change; needs no key and opens no connection.
    #[command(
        after_help = "Examples:\n  certctl plan\n  certctl plan --env production --out change.plan\n  certctl plan --target 'cloud-*' --detailed-exitcode\n\nLines fit the terminal, or COLUMNS where that is set; without both they are not broken."
    )]
    Plan(PlanArgs),
    /// Submit the difference through the bulk endpoint.
    #[command(
        after_help = "Examples:\n  certctl apply                        shows the plan and asks\n  certctl apply change.plan            exactly what was reviewed\n  certctl apply --auto-approve --json  for pipelines"
    )]
    Apply(ApplyArgs),
    /// Show a saved plan, on any machine, offline.
    #[command(after_help = "Example:\n  certctl show change.plan")]
    Show(ShowArgs),
    /// Draw certificates: which label prints where.
    #[command(
        after_help = "Examples:\n  certctl preview cloud-101                     a small drawing in the terminal\n  certctl preview --out drawings                every template as SVG, and a page with all of them\n  certctl preview 'cloud-*' --out drawings --png --assets images\n                                               as PNG too, on the background images of a folder"
    )]
    Preview(PreviewArgs),
    /// List what was sent with unknown outcome, and settle it.
    #[command(
        after_help = "Examples:\n  certctl recover                               list what is in doubt\n  certctl recover --from-csv export.csv         settle what the vendor's export shows\n  certctl recover cloud-101 --created 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01\n  certctl recover cloud-101 --not-created       it is not in the admin page\n  certctl recover cloud-101 --applied           it is there, the id does not matter\n  certctl recover cloud-101 --resend            send it again, at the risk of a second one"
    )]
    Recover(RecoverArgs),
    /// Adopt templates that exist already.
    #[command(
        after_help = "Examples:\n  certctl import cloud-101 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01\n  certctl import --from-csv export.csv          all that the vendor's export has"
    )]
    Import(ImportArgs),
    /// Look at the state, or edit it under the lock.
    #[command(
        after_help = "Examples:\n  certctl state list\n  certctl state show cloud-101\n  certctl state mv cloud-101 cloud-basics\n  certctl state rm cloud-101"
    )]
    State(StateArgs),
    /// Run the embedded server on loopback, for other tools and tests.
    #[command(after_help = sandbox_help())]
    Sandbox(SandboxArgs),
    /// Print shell completions.
    #[command(after_help = "Example:\n  certctl completions bash > /etc/bash_completion.d/certctl")]
    Completions(CompletionsArgs),
}

impl Command {
    /// Returns whether stdout must hold one JSON document.
    pub(super) fn wants_json(&self) -> bool {
        match self {
            Self::Plan(args) => args.common.json,
            Self::Apply(args) => args.common.json,
            Self::Show(args) => args.json,
            Self::Validate(args) => args.form() == ReportForm::Json,
            _ => false,
        }
    }

    /// Returns whether the command sends requests to a server.
    pub(super) fn sends(&self) -> bool {
        matches!(self, Self::Apply(_)) || matches!(self, Self::Recover(args) if args.resend)
    }

    /// Returns the form of the output on stdout.
    pub(super) fn form(&self) -> ReportForm {
        match self {
            Self::Validate(args) => args.form(),
            _ if self.wants_json() => ReportForm::Json,
            _ => ReportForm::Text,
        }
    }

    /// Returns the subject of the reports and the reports that were asked for.
    pub(super) fn reports(&self) -> Option<(&'static str, &Reports)> {
        match self {
            Self::Plan(args) => Some(("plan", &args.common.reports)),
            Self::Apply(args) => Some(("apply", &args.common.reports)),
            Self::Show(args) => Some(("plan", &args.reports)),
            _ => None,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// The folder; the current one if not given.
    pub(super) dir: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct ValidateArgs {
    /// What to print the findings as: text, annotations for GitHub, a Code Quality report for GitLab, or JSON.
    #[arg(long, value_enum, default_value = "text", conflicts_with = "json")]
    pub(super) format: ReportForm,
    /// The same as --format json.
    #[arg(long)]
    pub(super) json: bool,
    /// Exit with 1 when there are warnings.
    #[arg(long)]
    pub(super) deny_warnings: bool,
    /// No template at all is not an error.
    #[arg(long)]
    pub(super) allow_empty: bool,
}

impl ValidateArgs {
    pub(super) fn form(&self) -> ReportForm {
        if self.json { ReportForm::Json } else { self.format }
    }
}

/// What stdout holds, and whoever reads it expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ReportForm {
    /// Text for people.
    Text,
    /// GitHub's workflow commands.
    Github,
    /// GitLab's Code Quality report.
    Gitlab,
    /// One JSON document.
    Json,
}

impl ReportForm {
    /// Guesses the form from arguments that cannot be parsed as a whole.
    pub(super) fn guess(arguments: impl Iterator<Item = OsString>) -> Self {
        let arguments: Vec<_> = arguments.map(|argument| argument.to_string_lossy().into_owned()).collect();
        if arguments.iter().any(|argument| argument == "--json") {
            return Self::Json;
        }
        let apart = arguments.windows(2).filter(|pair| pair[0] == "--format").map(|pair| pair[1].as_str());
        let mut formats =
            apart.chain(arguments.iter().filter_map(|argument| argument.strip_prefix("--format=")));
        formats.find_map(|format| Self::from_str(format, false).ok()).unwrap_or(Self::Text)
    }
}

/// What plan and apply have in common.
#[derive(Debug, Args)]
pub(super) struct Common {
    /// Only these templates: a key or a glob; can be given several times.
    #[arg(long, value_name = "KEY-OR-GLOB")]
    pub(super) target: Vec<String>,
    /// All but these templates: a key or a glob; can be given several times.
    #[arg(long, value_name = "KEY-OR-GLOB")]
    pub(super) exclude: Vec<String>,
    /// Print one JSON document on stdout and nothing else.
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) reports: Reports,
    /// Allow a plan that submits up to N templates.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = count::<u64>)]
    pub(super) max_changes: Option<u64>,
    /// No template at all is not an error.
    #[arg(long)]
    pub(super) allow_empty: bool,
}

#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    #[command(flatten)]
    pub(super) common: Common,
    /// Save the plan, to be reviewed and applied as it is.
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// Exit with 2 when there are changes.
    #[arg(long)]
    pub(super) detailed_exitcode: bool,
}

#[derive(Debug, Args)]
pub(super) struct ApplyArgs {
    /// A plan that `certctl plan --out` saved: exactly that is submitted, or nothing.
    pub(super) plan: Option<PathBuf>,
    #[command(flatten)]
    pub(super) common: Common,
    /// Do not ask.
    #[arg(short = 'y', long)]
    pub(super) auto_approve: bool,
}

#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    /// The saved plan.
    pub(super) plan: PathBuf,
    /// Print it as JSON.
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) reports: Reports,
}

#[derive(Debug, Args)]
pub(super) struct PreviewArgs {
    /// The templates to draw: keys or globs; all if not given.
    #[arg(value_name = "KEY")]
    pub(super) keys: Vec<String>,
    /// Write SVG files and a page with all of them, index.html, into DIR.
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Write PNG files, too.
    #[arg(long, requires = "out")]
    pub(super) png: bool,
    /// How many pixels of a PNG one pixel of the sheet is; without it, the longer side is at most 1600 pixels.
    #[arg(long, value_name = "N", requires = "png", allow_negative_numbers = true, value_parser = scale)]
    pub(super) scale: Option<f64>,
    /// Draw PNGs with the fonts in DIR before those of the system.
    #[arg(long, value_name = "DIR", requires = "png")]
    pub(super) fonts: Option<PathBuf>,
    /// Draw on the background images in DIR: each has the name at the end of its template's asset.
    #[arg(long, value_name = "DIR")]
    pub(super) assets: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("settlement").args(["from_csv", "created", "not_created", "applied", "resend"]))]
pub(super) struct RecoverArgs {
    /// The templates to list or settle, by key or pattern; for the list and --from-csv all that are in doubt if not given.
    /// One that is pending is settled only by its key.
    #[arg(value_name = "KEY")]
    pub(super) keys: Vec<String>,
    /// Settle what this export of the vendor's table certificatetemplates shows to have been created.
    #[arg(long, value_name = "FILE")]
    pub(super) from_csv: Option<PathBuf>,
    /// It was created, with this id.
    #[arg(long, value_name = "ID")]
    pub(super) created: Option<String>,
    /// It was not created: the next apply may send it.
    #[arg(long)]
    pub(super) not_created: bool,
    /// The server holds what was sent.
    #[arg(long)]
    pub(super) applied: bool,
    /// Send it again now, one template a request, at the risk of a second one.
    #[arg(long)]
    pub(super) resend: bool,
}

#[derive(Debug, Args)]
#[command(
    override_usage = "certctl import [OPTIONS] KEY ID\n       certctl import [OPTIONS] --from-csv FILE"
)]
pub(super) struct ImportArgs {
    /// The template's key in the YAML.
    #[arg(required_unless_present = "from_csv", requires = "id")]
    pub(super) key: Option<Key>,
    /// The id that the vendor gave it.
    #[arg(required_unless_present = "from_csv")]
    pub(super) id: Option<String>,
    /// Adopt every configured template that this export of the vendor's table certificatetemplates has.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["key", "id"])]
    pub(super) from_csv: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct SandboxArgs {
    /// Where to listen, on loopback only; port 0 takes a free one, and the address is printed.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0")]
    pub(super) listen: std::net::SocketAddr,
    /// Where to keep what is applied; in memory if not given.
    #[arg(long, value_name = "FILE")]
    pub(super) store: Option<PathBuf>,
    /// The key that clients must show.
    #[arg(long, value_name = "KEY", default_value = "sandbox")]
    pub(super) api_key: String,
    /// Requests allowed in a minute.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = count::<u32>)]
    pub(super) rate_limit: Option<u32>,
    /// Answer without the documented envelope.
    #[arg(long)]
    pub(super) bare: bool,
    /// Create a second template where one with the same natural key exists.
    #[arg(long)]
    pub(super) no_upsert: bool,
    /// Misbehave, as in `bulk:2:reset-after`; can be given several times.
    #[arg(long, value_name = "FAULT")]
    pub(super) fault: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// The shell.
    pub(super) shell: clap_complete::Shell,
}

/// Returns the example and the syntax of faults.
fn sandbox_help() -> String {
    let example = "certctl sandbox --listen 127.0.0.1:8080 --store sandbox.jsonl --api-key secret";
    format!("Example:\n  {example}\n\nFaults:\n{FAULT_GRAMMAR}")
}

fn name_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

fn count<N: FromStr>(text: &str) -> Result<N, String> {
    text.parse().map_err(|_| "expected a whole number, as in 20".to_owned())
}

fn scale(text: &str) -> Result<f64, String> {
    let scale = text.parse::<f64>().ok().filter(|scale| (0.01..=20.0).contains(scale));
    scale.ok_or_else(|| "expected a number from 0.01 to 20, as in 0.5".to_owned())
}
