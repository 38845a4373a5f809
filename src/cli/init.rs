//! `certctl init`: a new project, never over an existing file.

use std::io::Write as _;
use std::path::Path;

use super::args::{Global, InitArgs};
use super::failure::Failure;
use super::invocation::Invocation;
use super::output::Output;
use crate::apply::Exit;
use crate::model::{Advice, Commands as _, shell_word};

/// What a new project consists of.
const FILES: [(&str, &str); 4] = [
    ("certctl.toml", include_str!("init/certctl.toml")),
    ("templates/cloud.yaml", include_str!("init/cloud.yaml")),
    (".gitignore", include_str!("init/gitignore")),
    (".gitattributes", include_str!("init/gitattributes")),
];
/// What makes git ask certctl to join two states, which .gitattributes alone cannot.
const DRIVER: &str = "merge.certctl-state.driver 'certctl state merge %O %A %B -o %A'";
/// What is often there already: it is left as it is, and the rest is written.
const OFTEN_THERE: [&str; 2] = [".gitignore", ".gitattributes"];

pub(super) fn run(global: &Global, args: &InitArgs, output: &Output) -> Result<Exit, Failure> {
    // A path on the command line is the caller's, also with -C.
    let folder = args.dir.as_ref().or(global.chdir.as_ref()).filter(|dir| *dir != Path::new("."));
    let folder = folder.cloned().unwrap_or_default();
    let taken: Vec<String> = FILES
        .iter()
        .filter(|(name, _)| folder.join(name).exists())
        .map(|(name, _)| folder.join(name).display().to_string())
        .collect();
    if let Some(first) = taken.iter().find(|name| !OFTEN_THERE.iter().any(|there| name.ends_with(there))) {
        return Err(Failure::error(format!(
            "{first} exists already, and init never overwrites: nothing was written"
        )));
    }
    for (name, text) in FILES {
        let path = folder.join(name);
        if !path.exists() {
            write_new(&path, text)?;
            output.text(&format!("wrote {}\n", path.display()))?;
        }
    }
    let there = Invocation::first_in(&folder, "sandbox");
    let chdir =
        if folder.as_os_str().is_empty() { String::new() } else { format!(" -C {}", shell_word(&folder)) };
    output.text(&format!(
        "\nNext: look at the template, then try it out. The environment `sandbox` needs no account:\n  {}\n  {}\n\n\
         In git, once in each clone, so that the states of two branches are joined when they are merged:\n  git{chdir} config {DRIVER}\n",
        there.command(&Advice::Plan),
        there.command(&Advice::Apply)
    ))?;
    Ok(Exit::Ok)
}

fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::error(format!("cannot write {}: {error}", path.display()));
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    // Whoever was faster keeps their file.
    let mut file = std::fs::File::create_new(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}
