//! `certctl state merge`: joins two versions of a state, also as git's merge driver. Needs no configuration, and knows of
//! no environment: git hands over three files and a place for the result.

use std::path::Path;

use super::super::args::MergeArgs;
use super::super::failure::Failure;
use super::super::outfile;
use super::super::output::Output;
use crate::apply::Exit;
use crate::state::{Conflicts, Document, Merge, StateError, how_to_decide, merge, parse_state};

pub(super) fn run(args: &MergeArgs, output: &Output) -> Result<Exit, Failure> {
    let base = base(&args.base, output)?;
    let (ours, theirs) = (side(&args.ours)?, side(&args.theirs)?);
    let merged = merge(base.as_ref(), &ours, &theirs)
        .map_err(|error| Failure::refused(format!("{error}. Nothing was written")))?;
    match merged {
        Merge::Joined(document) => {
            put(args.out.as_deref(), document.to_text(), output)?;
            let (count, serial) = (document.templates.len(), document.serial);
            output.note(&format!("joined: {count} templates, serial {serial}"));
            Ok(Exit::Ok)
        }
        Merge::Conflicts(conflicts) => {
            put(args.out.as_deref(), conflicts.to_text(), output)?;
            Err(undecided(&conflicts, args.out.as_deref()))
        }
    }
}

/// The version that both went on from, if there is one. Where git joined several of them before, it may itself have been
/// left with a conflict.
fn base(path: &Path, output: &Output) -> Result<Option<Document>, Failure> {
    let bytes = read(path)?;
    if bytes.is_empty() {
        return Ok(None);
    }
    match parse_state(path, &bytes) {
        Ok(document) => Ok(Some(document)),
        Err(StateError::Conflict { .. } | StateError::Undecided { .. } | StateError::Decided { .. }) => {
            output.note(&format!("{} has conflict markers: joined without it", path.display()));
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

fn side(path: &Path) -> Result<Document, Failure> {
    let bytes = read(path)?;
    if bytes.is_empty() {
        return Err(Failure::error(format!(
            "{0} is empty, and only BASE may be. If git said that there is no such version, take the state as the branch \
             has it: git show BRANCH:./STATE > {0}",
            path.display()
        )));
    }
    let document = parse_state(path, &bytes)?;
    document.check_consistency(path)?;
    Ok(document)
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure::error(format!("cannot read {}: {error}", path.display())))
}

fn put(out: Option<&Path>, text: Result<String, serde_json::Error>, output: &Output) -> Result<(), Failure> {
    let text = text.map_err(|error| Failure::from(StateError::Unwritable { message: error.to_string() }))?;
    let Some(path) = out else { return output.data(&text) };
    outfile::write_private(path, &text)
        .map_err(|error| Failure::error(format!("cannot write {}: {error}", path.display())))
}

/// Which rows a person has to decide, and how.
fn undecided(conflicts: &Conflicts, out: Option<&Path>) -> Failure {
    let count = conflicts.rows.len();
    let templates = if count == 1 { "1 template".to_owned() } else { format!("{count} templates") };
    let mut text =
        format!("the two states contradict each other, so a person must decide about {templates}:\n");
    for (key, clash) in &conflicts.rows {
        let reasons: Vec<String> = clash.reasons.iter().map(ToString::to_string).collect();
        text.push_str(&format!("  {key}: {}\n", reasons.join("; ")));
    }
    let (place, file) = match out {
        // Git puts it in the state's place when it has said that there is a conflict.
        Some(out) if is_gits_own(out) => ("The state".to_owned(), None),
        Some(out) => (out.display().to_string(), Some(out)),
        None => ("What was printed".to_owned(), None),
    };
    text.push_str(&format!(
        "{place} has both versions of each between the lines <<<<<<< ours and >>>>>>> theirs."
    ));
    Failure::error(text).helped(how_to_decide(file))
}

/// Whether git made this file for its merge driver.
fn is_gits_own(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(".merge_file_"))
}
