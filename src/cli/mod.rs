//! The command line: one file per command, each a recipe over the other modules. Only this module knows flags,
//! commands, the terminal and exit codes.

mod all_findings;
mod apply;
mod args;
mod chosen_rows;
mod completions;
mod context;
mod copied_state;
mod doctor;
mod drawings;
mod drift;
mod editor_schema;
mod explain;
mod failed_report;
mod failure;
mod format;
mod import;
mod init;
mod invocation;
mod ledger;
mod log;
mod look_back;
mod manpages;
mod named_file;
mod network;
mod observation;
mod observer;
mod outfile;
mod output;
mod own_files;
mod plan;
mod preview;
mod progress;
mod provenance;
mod recency;
mod recover;
mod refresh;
mod repository;
mod resend;
mod resources;
mod revert;
mod sandbox;
mod schema;
mod several;
mod show;
mod signals;
mod state;
mod status_line;
mod store;
mod terminal;
mod user_folders;
mod validate;
mod version;
mod way_back;
mod yaml_edits;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;

use crate::model::Exit;
pub use args::command_tree;
use args::{Cli, Command, ReportForm};
use failure::Failure;
use output::Output;

/// Runs the program and returns its exit code.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => Cli { global: cli.global.completed(&|name| std::env::var_os(name)), ..cli },
        Err(error) => return ExitCode::from(usage(&error).code()),
    };
    let output = Output::new(&cli.global, &cli.command);
    output.start_log();
    let exit = match begin(&output).and_then(|()| run(&cli, &output)) {
        Ok(exit) => exit,
        Err(failure) => {
            output.failure(&failure);
            failure.exit
        }
    };
    for unkept in store::unkept_versions() {
        output.note(&format!("warning: {unkept}"));
    }
    ExitCode::from(exit.code())
}

/// Reserves what every command needs.
fn begin(output: &Output) -> Result<(), Failure> {
    resources::spare_files(resources::FILES)?;
    signals::listen(output);
    resources::start_workers()
}

fn run(cli: &Cli, output: &Output) -> Result<Exit, Failure> {
    let global = &cli.global;
    match &cli.command {
        Command::Init(args) => init::run(global, args, output),
        Command::Validate(args) => validate::run(global, args, output),
        Command::Fmt(args) => format::run(global, args, output),
        Command::Plan(args) => plan::run(global, args, output),
        Command::Apply(args) if args.all_envs || global.envs.len() > 1 => several::run(global, args, output),
        Command::Doctor(args) => doctor::run(global, args, output),
        _ if global.envs.len() > 1 => Err(Failure::error(
            "--env is given more than once, and this command works on one environment: only apply and doctor take several",
        )),
        Command::Apply(args) => apply::run(global, args, output),
        Command::Show(args) => show::run(args, output),
        Command::Preview(args) => preview::run(global, args, output),
        Command::Recover(args) => recover::run(global, args, output),
        Command::Import(args) => import::run(global, args, output),
        Command::Refresh(args) => refresh::run(global, args, output),
        Command::Drift(args) => drift::run(global, args, output),
        Command::Revert(args) => revert::run(global, args, output),
        Command::Observer(args) => observer::run(global, args, output),
        Command::State(args) => state::run(global, args, output),
        Command::Sandbox(args) => sandbox::run(global, args, output),
        Command::Explain(args) => explain::run(args, output),
        Command::Schema(args) => schema::run(args, output),
        Command::Manpages(args) => manpages::run(args, output),
        Command::Completions(args) => completions::run(args, output),
    }
}

/// Help and version are a success; anything else that clap reports is a usage error, which is exit code 1 here,
/// because 2 means "there are changes".
fn usage(error: &clap::Error) -> Exit {
    let form = ReportForm::guess(std::env::args_os());
    if error.use_stderr() && form != ReportForm::Text {
        let text = error.render().to_string();
        let message = text.trim_start_matches("error: ").trim_end().to_owned();
        Output::plain(form).failure(&Failure::error(message));
    } else {
        // If the terminal does not take the text, there is nothing to do about it.
        let _ = error.print();
        if error.kind() == ErrorKind::DisplayVersion && version::wants_details(std::env::args_os()) {
            let _ = write!(std::io::stdout(), "{}", version::details());
        }
    }
    if error.use_stderr() { Exit::Error } else { Exit::Ok }
}
