//! `certctl observer`: what a learner made for this purpose sees of the templates, and how it gets to see more.

mod certify;
mod issue;
mod look;
mod status;

use super::args::{Global, ObserverArgs, ObserverCommand};
use super::failure::Failure;
use super::output::Output;
use crate::model::Exit;
pub(super) use look::{field_names, look};

pub(super) fn run(global: &Global, args: &ObserverArgs, output: &Output) -> Result<Exit, Failure> {
    match &args.command {
        ObserverCommand::Status(args) => status::run(global, args, output),
        ObserverCommand::Certify(args) => certify::run(global, args, output),
    }
}
