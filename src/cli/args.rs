//! The command line: subcommands, flags and their help. Parsed once by [`super::main`]; nothing here reads a file or
//! writes output.

mod doctor;
mod drift;
mod form;
mod format;
mod global;
mod number;
mod observation;
mod observer;
mod planning;
mod preview;
mod recover;
mod refresh;
mod reports;
mod revert;
mod sandbox;
mod state;
mod targets;
mod validate;
mod write;

#[cfg(test)]
mod page;

use std::path::PathBuf;

use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};

pub(super) use doctor::DoctorArgs;
pub(super) use drift::DriftArgs;
pub(super) use form::ReportForm;
pub(super) use format::FormatArgs;
pub(super) use global::{Colour, Global};
pub(super) use observation::ObservationArgs;
pub(super) use observer::{CertifyArgs, ObserverArgs, ObserverCommand, ObserverStatusArgs};
pub(super) use planning::{ApplyArgs, Common, PlanArgs, ShowArgs};
pub(super) use preview::PreviewArgs;
pub(super) use recover::{ImportArgs, RecoverArgs};
pub(super) use refresh::RefreshArgs;
pub(super) use reports::{ReportFormat, ReportTarget, Reports};
use revert::REVERT_HELP;
pub(super) use revert::RevertArgs;
pub(super) use sandbox::SandboxArgs;
use sandbox::sandbox_help;
pub(super) use state::{MergeArgs, StateArgs, StateCommand};
pub(super) use targets::TargetArgs;
pub(super) use validate::ValidateArgs;
pub(super) use write::WriteArgs;

use super::schema::SchemaSubject;
use crate::model::Exit;

/// Certificate templates as YAML in git: plan, review, apply.
#[derive(Debug, Parser)]
#[command(name = "certctl", version, max_term_width = 100, propagate_version = true)]
#[command(after_help = after_help())]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

const EXAMPLES: &str = "\
Examples:
  certctl init academy                 start a new project
  certctl plan                         show what would change
  certctl apply                        submit the difference, after asking
  certctl recover                      list what has an unknown outcome
  certctl doctor                       look whether everything is set up as it should be";

/// Examples and the meaning of the exit codes (contract section 4).
fn after_help() -> String {
    let codes: Vec<String> =
        Exit::ALL.iter().map(|exit| format!("  {:<4} {}", exit.code(), exit.meaning())).collect();
    format!("{EXAMPLES}\n\nExit codes:\n{}", codes.join("\n"))
}

/// Returns every command with its arguments and options: for completions, manual pages and the reference.
#[must_use]
pub fn command_tree() -> clap::Command {
    Cli::command()
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Write a commented certctl.toml, an example template and a .gitignore, and a pipeline if one is wanted.
    #[command(
        after_help = "Examples:\n  certctl init academy && certctl -C academy plan\n  certctl init academy --state s3://team-states/academy/production.json --ci github\n  certctl init academy --ci gitlab              also for a project that is there already"
    )]
    Init(InitArgs),
    /// Check everything that needs no network.
    #[command(
        after_help = "Examples:\n  certctl validate --env production\n  certctl validate --format github       annotations beside the lines of a pull request"
    )]
    Validate(ValidateArgs),
    /// Format template files: change blanks and empty lines, never what they say.
    #[command(
        after_help = "Examples:\n  certctl fmt                                  all template files\n  certctl fmt templates/cloud.yaml\n  certctl fmt --check                          for pipelines: exits with 1 if a file would change\n\nA file that cannot be read, or that might say something else afterwards, is left as it is: the\nreason is printed, the others are formatted, and the exit code is 1."
    )]
    Fmt(FormatArgs),
    /// Show what would change; needs no key and does not connect to the academy.
    #[command(
        after_help = "Examples:\n  certctl plan\n  certctl plan --env production --out change.plan\n  certctl plan --target 'cloud-*' --detailed-exitcode\n\nLines fit the terminal, or COLUMNS where that is set; without both they are not broken."
    )]
    Plan(PlanArgs),
    /// Send the difference to the academy, and record the answer in the state.
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
        after_help = "Examples:\n  certctl import cloud-101 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01\n  certctl import --from-csv export.csv          all that the vendor's exports have\n  certctl import --from-csv templates.csv --labels labels.csv --fields fields.csv --write templates\n                                               write YAML for the rest\n  certctl import --from-csv templates.csv --extra badgelevel=badgeLevel --write templates\n                                               and keep a column that certctl does not know"
    )]
    Import(ImportArgs),
    /// Take what was seen of the server as what it holds, so that plan shows how to put it right.
    #[command(
        after_help = "Examples:\n  certctl drift --from-csv export.csv           look first\n  certctl refresh --from-csv export.csv         shows what it takes, and asks\n  certctl refresh --from-csv export.csv --labels labels.csv --target 'cloud-*'"
    )]
    Refresh(RefreshArgs),
    /// Compare the server with the state; changes nothing.
    #[command(
        after_help = "Examples:\n  certctl drift --from-csv templates.csv --labels labels.csv\n  certctl drift --from-csv templates.csv --labels labels.csv --certificates certificates.csv --report html=drift.html\n  certctl drift --from-csv templates.csv --labels labels.csv --detailed-exitcode    for a schedule\n\ndocs/drift.md says how to make the exports, and what to do about a difference."
    )]
    Drift(DriftArgs),
    /// Save a plan that brings back what an earlier version of the state held.
    #[command(after_help = REVERT_HELP)]
    Revert(RevertArgs),
    /// Look at templates through a learner made for this purpose.
    #[command(
        after_help = "Examples:\n  certctl observer status                       which templates it sees\n  certctl observer certify                      issue the certificates that it lacks"
    )]
    Observer(ObserverArgs),
    /// Look at the state, or edit it under the lock.
    #[command(
        after_help = "Examples:\n  certctl state list\n  certctl state show cloud-101\n  certctl state mv cloud-101 cloud-basics\n  certctl state rm cloud-101"
    )]
    State(StateArgs),
    /// Check that everything is set up; changes nothing, except with --probe-store.
    #[command(
        after_help = "Examples:\n  certctl doctor                                every environment of certctl.toml\n  certctl doctor --env production\n  certctl doctor --env production --probe-store   whether its store compares and swaps\n  certctl doctor --json | jq '.checks[] | select(.result == \"wrong\")'"
    )]
    Doctor(DoctorArgs),
    /// Run the sandbox as a server on this machine, for other tools and tests.
    #[command(after_help = sandbox_help())]
    Sandbox(SandboxArgs),
    /// Say what a rule requires, with a wrong and a right example.
    #[command(
        after_help = "Examples:\n  certctl explain natural-key\n  certctl explain                               lists all rules"
    )]
    Explain(ExplainArgs),
    /// Print a JSON Schema, for editors and programs.
    #[command(
        after_help = "Examples:\n  certctl schema templates > .certctl.templates.schema.json  after an update of certctl\n  certctl schema plan"
    )]
    Schema(SchemaArgs),
    /// Write a manual page for each command; packages of certctl call it.
    #[command(hide = true, after_help = "Example:\n  certctl manpages man")]
    Manpages(ManpagesArgs),
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
            Self::Import(args) => args.json,
            Self::Refresh(args) => args.json,
            Self::Recover(args) => args.json,
            Self::Observer(args) => matches!(&args.command, ObserverCommand::Status(args) if args.json),
            Self::Drift(args) => args.json,
            Self::Doctor(args) => args.json,
            Self::State(args) => args.command.wants_json(),
            Self::Validate(args) => args.form() == ReportForm::Json,
            _ => false,
        }
    }

    /// Returns whether the command sends requests to a server.
    pub(super) fn sends(&self) -> bool {
        match self {
            Self::Apply(_) => true,
            Self::Recover(args) => args.resend,
            Self::Observer(args) => matches!(args.command, ObserverCommand::Certify(_)),
            _ => false,
        }
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
            Self::Drift(args) => Some(("drift", &args.reports)),
            _ => None,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// The folder; the current one if not given.
    pub(super) dir: Option<PathBuf>,
    /// Keep the state of the environment `production` here: for example at `s3://BUCKET/academy/production.json`,
    /// `az://CONTAINER/academy/production.json` or an `https://` address of Terraform's HTTP protocol, which several machines
    /// can share.
    #[arg(long, value_name = "ADDRESS")]
    pub(super) state: Option<String>,
    /// Write the pipeline for this forge too, at the root of the git repository, and add to .gitignore and .gitattributes
    /// the lines that they lack. A project that is there already gets only these.
    #[arg(long, value_name = "FORGE", value_enum, default_value = "none")]
    pub(super) ci: Ci,
}

/// Where a pipeline runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Ci {
    Github,
    Gitlab,
    None,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// The rule, as a finding names it in brackets; without it, all rules are listed.
    pub(super) rule: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct SchemaArgs {
    /// What the schema is for.
    pub(super) subject: SchemaSubject,
}

#[derive(Debug, Args)]
pub(super) struct ManpagesArgs {
    /// Where the pages go; the folder is made if it is not there.
    pub(super) dir: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// The shell.
    pub(super) shell: clap_complete::Shell,
}
