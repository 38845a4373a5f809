//! `certctl manpages`: writes a manual page for each command. Packages call it; people read the pages with `man certctl-plan`.

use std::fs;

use super::args::ManpagesArgs;
use super::command_tree;
use super::failure::Failure;
use super::output::Output;
use crate::model::{Exit, io_words};

pub(super) fn run(args: &ManpagesArgs, output: &Output) -> Result<Exit, Failure> {
    let written =
        fs::create_dir_all(&args.dir).and_then(|()| clap_mangen::generate_to(command_tree(), &args.dir));
    written.map_err(|error| {
        Failure::error(format!(
            "cannot write the manual pages into {}: {}",
            args.dir.display(),
            io_words(&error)
        ))
    })?;
    output.note(&format!("The manual pages are in {}", args.dir.display()));
    Ok(Exit::Ok)
}
