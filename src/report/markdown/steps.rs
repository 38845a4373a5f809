//! Advice on one line.

use super::code;
use crate::model::{Commands, Help};

/// The steps, each with its command as code. Texts of others in them are code, too.
pub(super) fn in_a_line(help: &Help, commands: &dyn Commands) -> String {
    let steps: Vec<String> = help
        .steps()
        .map(|(words, command)| match command {
            Some(command) => format!("{words}: {}", code::command(&commands.command(command))),
            None => words.to_owned(),
        })
        .collect();
    steps.join("; ")
}
