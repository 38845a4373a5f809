//! `certctl state merge`: merges two versions of a state, also as git's merge driver. It needs no configuration and no
//! environment: git passes three files and a path for the result.

use std::path::{Path, PathBuf};

use super::super::args::MergeArgs;
use super::super::failure::Failure;
use super::super::named_file;
use super::super::outfile;
use super::super::output::Output;
use crate::model::{Advice, Exit, io_words};
use crate::state::{
    Conflicts, Document, FORMAT, Merge, MergeError, StateError, document_of_journal, how_to_decide, merge,
    merge_unrelated, parse_journal, parse_state,
};

pub(super) fn run(args: &MergeArgs, output: &Output) -> Result<Exit, Failure> {
    let out = args.out.as_deref();
    out.map_or(Ok(()), check_out)?;
    let merged = match read_and_merge(args, output) {
        Ok(merged) => merged,
        // Otherwise git would leave one side in the state's place, as if it were the result.
        Err(failure) if out.is_some_and(is_made_by_git) => {
            put(out, Ok(both_texts(args)?), output)?;
            let message = format!("{}: git leaves a conflict with both versions complete", failure.message);
            return Err(Failure::error(message));
        }
        Err(failure) => return Err(failure),
    };
    match merged {
        Merge::Joined(document) => {
            put(out, document.to_text(), output)?;
            let (count, serial) = (document.templates.len(), document.serial);
            output.note(&format!("joined: {count} templates, serial {serial}"));
            Ok(Exit::Ok)
        }
        Merge::Conflicts(conflicts) => {
            put(out, conflicts.to_text(), output)?;
            Err(undecided(&conflicts, out))
        }
    }
}

fn read_and_merge(args: &MergeArgs, output: &Output) -> Result<Merge, Failure> {
    let base = base(&args.base, output)?;
    let (ours, theirs) = (side(&args.ours)?, side(&args.theirs)?);
    let merged = if args.unrelated && ours.lineage != theirs.lineage {
        merge_unrelated(&ours, &theirs)
    } else {
        merge(base.as_ref(), &ours, &theirs)
    };
    merged.map_err(|error| {
        let failure = Failure::refused(error.to_string());
        match error {
            MergeError::Lineage { .. } => failure.run("To keep everything from both", unrelated(args)),
            MergeError::Identity { .. } => failure,
        }
    })
}

/// Returns the same command, for states that were begun without each other.
fn unrelated(args: &MergeArgs) -> Advice {
    let (base, ours, theirs) = (args.base.clone(), args.ours.clone(), args.theirs.clone());
    // Copies made for the merge are in the way afterwards; the file with the result stays.
    let is_beside =
        |out: &PathBuf| [&base, &ours, &theirs].into_iter().all(|version| is_copy_of(version, out));
    let then_remove = args.out.as_ref().is_some_and(is_beside);
    let out = args.out.clone().unwrap_or_else(|| ours.clone());
    Advice::StateMerge { base: Some(base), ours, theirs, out, unrelated: true, then_remove }
}

/// Returns whether a file is a copy made by the commands for an unfinished merge, such as `STATE.ours`.
fn is_copy_of(version: &Path, state: &Path) -> bool {
    version.with_extension("") == state
}

/// Returns both versions between git's conflict markers.
fn both_texts(args: &MergeArgs) -> Result<String, Failure> {
    let text = |path: &Path| {
        let mut text = String::from_utf8_lossy(&named_file::state(path)?).into_owned();
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        Ok::<_, Failure>(text)
    };
    let (ours, theirs) = (text(&args.ours)?, text(&args.theirs)?);
    Ok(format!("<<<<<<< ours\n{ours}=======\n{theirs}>>>>>>> theirs\n"))
}

/// Refuses to overwrite a file that is neither a state nor a version of one.
fn check_out(out: &Path) -> Result<(), Failure> {
    let has_ending = |ending: &str| out.extension().is_some_and(|extension| extension == ending);
    let is_state = |bytes: &[u8]| {
        let format = FORMAT.as_bytes();
        bytes.iter().all(u8::is_ascii_whitespace)
            || bytes.windows(format.len()).any(|window| window == format)
    };
    // A pipe or another special file is written through.
    let may_be_written = is_made_by_git(out)
        || !has_ending("journal")
            && !has_ending("lock")
            && (!out.is_file() || named_file::state(out).is_ok_and(|bytes| is_state(&bytes)));
    if may_be_written {
        return Ok(());
    }
    Err(Failure::refused(format!(
        "{} is not a state, so it is not overwritten. Nothing was written",
        out.display()
    )))
}

/// Returns the common ancestor, if there is one. If git merged several ancestors, the result may itself contain a
/// conflict.
fn base(path: &Path, output: &Output) -> Result<Option<Document>, Failure> {
    let bytes = named_file::state(path)?;
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
    let bytes = named_file::state(path)?;
    if path.extension().is_some_and(|extension| extension == "journal") {
        return of_journal(path, &bytes);
    }
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

/// Returns the state from the journal of a run that began without a state.
fn of_journal(path: &Path, bytes: &[u8]) -> Result<Document, Failure> {
    let records = parse_journal(bytes).map_err(|damage| {
        Failure::error(format!("{}:{}: {}", path.display(), damage.line, damage.message))
    })?;
    document_of_journal(records).ok_or_else(|| {
        Failure::error(format!(
            "{} continues an existing state and cannot be joined without it: restore that state beside it first",
            path.display()
        ))
    })
}

fn put(out: Option<&Path>, text: Result<String, serde_json::Error>, output: &Output) -> Result<(), Failure> {
    let text = text.map_err(|error| Failure::from(StateError::Unwritable { message: error.to_string() }))?;
    let Some(path) = out else { return output.data(&text) };
    outfile::write_private(path, &text)
        .map_err(|error| Failure::error(format!("cannot write {}: {}", path.display(), io_words(&error))))
}

/// Explains which rows a person has to decide, and how.
fn undecided(conflicts: &Conflicts, out: Option<&Path>) -> Failure {
    let count = conflicts.rows.len();
    let templates = if count == 1 { "1 template".to_owned() } else { format!("{count} templates") };
    let mut text = format!("the two states contradict each other, so you must decide about {templates}:\n");
    for (key, clash) in &conflicts.rows {
        let reasons: Vec<String> = clash.reasons.iter().map(ToString::to_string).collect();
        text.push_str(&format!("  {key}: {}\n", reasons.join("; ")));
    }
    let (place, file) = match out {
        // Git moves it to the state's path after it has reported the conflict.
        Some(out) if is_made_by_git(out) => ("The state".to_owned(), None),
        Some(out) => (out.display().to_string(), Some(out)),
        None => ("What was printed".to_owned(), None),
    };
    text.push_str(&format!(
        "{place} has both versions of each between the lines <<<<<<< ours and >>>>>>> theirs."
    ));
    Failure::error(text).helped(how_to_decide(file))
}

/// Returns whether git made this file for its merge driver.
fn is_made_by_git(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(".merge_file_"))
}
