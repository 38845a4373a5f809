//! `certctl state verify`: whether a state is one that certctl wrote, whole, and the newest: for a required check on a
//! forge, and for a person who has just resolved a merge.

use std::path::Path;

use super::super::args::{Global, VerifyArgs};
use super::super::context::{Context, state_path};
use super::super::failure::Failure;
use super::super::output::Output;
use crate::apply::Exit;
use crate::report;
use crate::state::{FileStore, JournalFit, Owner, Snapshot, Store as _, flaws, parse_state};

pub(super) fn run(global: &Global, args: &VerifyArgs, output: &Output) -> Result<Exit, Failure> {
    match &args.file {
        Some(file) => of_file(file, output),
        None => of_environment(global, output),
    }
}

fn of_environment(global: &Global, output: &Output) -> Result<Exit, Failure> {
    let context = Context::load(global)?;
    verify(&context.store, &state_path(&context.store), output)
}

/// A file by itself: it says whose it is.
fn of_file(file: &Path, output: &Output) -> Result<Exit, Failure> {
    let bytes = read(file)?;
    let document = parse_state(file, &bytes)?;
    let owner = Owner { environment: document.environment, url: document.url };
    verify(&FileStore::new(file, owner), &file.display().to_string(), output)
}

fn verify(store: &FileStore, name: &str, output: &Output) -> Result<Exit, Failure> {
    let snapshot = store.read()?;
    let fit = snapshot.fit();
    let serial = snapshot.document.as_ref().map(|document| document.serial);
    if let JournalFit::Foreign { expected } = fit {
        return Err(store.replaced(expected, serial).into());
    }
    let Some(document) = &snapshot.document else {
        output.text(&format!("There is no state at {name}: nothing was applied yet.\n"))?;
        return Ok(Exit::Ok);
    };
    let found = flaws(document, &read(store.path())?);
    let journal = told(&snapshot);
    if found.is_empty() {
        let count = document.templates.len();
        output.text(&format!(
            "{name}: {count} templates, serial {}, nothing is wrong.{journal}\n",
            document.serial
        ))?;
        return Ok(Exit::Ok);
    }
    let mut text = String::new();
    for (key, flaws) in &found {
        for flaw in flaws {
            text.push_str(&format!("{key}: {flaw}\n"));
        }
    }
    output.text(&format!(
        "{}{name}: something is wrong with {}.{journal} Compare it with its last good version (git log -p shows all), and \
         take these rows from there; what may be on the server is then for certctl recover and certctl import to settle\n",
        report::safe_lines(&text),
        if found.len() == 1 { "1 template".to_owned() } else { format!("{} templates", found.len()) },
    ))?;
    Ok(Exit::Error)
}

fn told(snapshot: &Snapshot) -> &'static str {
    match snapshot.fit() {
        JournalFit::Unfolded => {
            " An earlier run was interrupted: its journal fits, and the next command that writes makes it part of the \
             state."
        }
        JournalFit::None | JournalFit::Folded | JournalFit::Foreign { .. } => "",
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure::error(format!("cannot read {}: {error}", path.display())))
}
