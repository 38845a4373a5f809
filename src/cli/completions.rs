//! `certctl completions`: prints the completion script of a shell.

use super::args::CompletionsArgs;
use super::command_tree;
use super::failure::Failure;
use super::output::Output;
use crate::model::Exit;

pub(super) fn run(args: &CompletionsArgs, output: &Output) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command_tree(), "certctl", &mut script);
    output.data(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Ok)
}
