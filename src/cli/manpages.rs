//! `certctl manpages`: writes a manual page for each command. Packages call it; people read the pages with `man certctl-plan`.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::Path;

use super::args::ManpagesArgs;
use super::command_tree;
use super::failure::Failure;
use super::output::Output;
use crate::model::{Exit, io_words};

pub(super) fn run(args: &ManpagesArgs, output: &Output) -> Result<Exit, Failure> {
    write(&args.dir).map_err(|error| {
        Failure::error(format!(
            "cannot write the manual pages into {}: {}",
            args.dir.display(),
            io_words(&error)
        ))
    })?;
    output.note(&format!("The manual pages are in {}", args.dir.display()));
    Ok(Exit::Ok)
}

fn write(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    clap_mangen::generate_to(command_tree(), folder)?;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_own = |name: &str| name.starts_with("certctl") && name.ends_with(".1");
        if path.file_name().and_then(OsStr::to_str).is_some_and(is_own) {
            fs::write(&path, laid_out(&fs::read_to_string(&path)?))?;
        }
    }
    Ok(())
}

/// Keeps the lines of the examples as they are: in a paragraph, `man` would break them and widen their spaces.
fn laid_out(page: &str) -> String {
    let Some((options, rest)) = page.split_once("\n.SH EXTRA\n") else { return page.to_owned() };
    let (notes, end) = rest.split_once("\n.SH ").unwrap_or((rest, "VERSION"));
    format!("{options}\n.SH NOTES\n.nf\n{notes}\n.fi\n.SH {end}")
}
