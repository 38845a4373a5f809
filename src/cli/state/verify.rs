//! `certctl state verify`: checks that a state was written by certctl, is complete and is the newest. For required
//! checks on a forge, and for a person who has just resolved a merge. It changes nothing.

use std::path::Path;

use super::super::context::{Context, state_path};
use super::super::failure::Failure;
use super::super::named_file;
use super::super::output::Output;
use super::super::recency::KnownVersions;
use super::super::store::{self, StateStore};
use crate::model::Exit;
use crate::report;
use crate::state::{JournalFit, Snapshot, StateError, StateIdentity, Store as _, flaws, parse_state};

/// Verifies the environment's state.
pub(super) fn of_environment(context: &Context, output: &Output) -> Result<Exit, Failure> {
    let snapshot = context.store.read()?;
    let known = KnownVersions::look(context, &snapshot, output);
    let lost = known.refuse_lost().err().map(|failure| failure.message);
    if let Some(behind) = known.behind() {
        output.note(&format!("note: {}", report::safe_lines(&behind)));
    }
    verify(&context.store, &snapshot, lost, &state_path(&context.store), output)
}

/// Verifies a file by itself, without a configuration.
pub(super) fn of_file(file: &Path, output: &Output) -> Result<Exit, Failure> {
    let document = parse_state(file, &named_file::state(file)?)?;
    let store =
        store::to_look_at(file, StateIdentity { environment: document.environment, url: document.url });
    verify(&store, &store.read()?, None, &file.display().to_string(), output)
}

fn verify(
    store: &StateStore,
    snapshot: &Snapshot,
    lost: Option<String>,
    name: &str,
    output: &Output,
) -> Result<Exit, Failure> {
    if let JournalFit::Foreign { expected } = snapshot.fit() {
        let found = snapshot.document.as_ref().map(|document| document.serial);
        return Err(StateError::replaced(store, expected, found).into());
    }
    let mut found: Vec<String> = lost.into_iter().collect();
    let Some(document) = &snapshot.document else {
        return print_result(found, &format!("There is no state at {name}: nothing was applied yet"), output);
    };
    let text = match store.file() {
        Some(file) => named_file::state(file)?,
        None => store.shared_text()?,
    };
    let rows = flaws(document, &text);
    if !rows.is_empty() {
        let each =
            rows.iter().flat_map(|(key, flaws)| flaws.iter().map(move |flaw| format!("{key}: {flaw}")));
        found.extend(each);
        found.push(format!(
            "Compare {name} with its last good version (git log -p shows all), and restore these templates from it. What \
             may be on the server is then for `recover` and `import` to settle"
        ));
    }
    let journal = match snapshot.fit() {
        JournalFit::Open => {
            ". An earlier run has not finished: its journal fits, and the next command that writes makes it part of the state"
        }
        JournalFit::None | JournalFit::Checkpointed | JournalFit::Foreign { .. } => "",
    };
    let (count, serial) = (document.templates.len(), document.serial);
    let templates = if count == 1 { "template" } else { "templates" };
    print_result(
        found,
        &format!("{name}: {count} {templates}, serial {serial}, nothing is wrong{journal}"),
        output,
    )
}

/// Prints the problems found, or that there are none.
fn print_result(found: Vec<String>, well: &str, output: &Output) -> Result<Exit, Failure> {
    if found.is_empty() {
        output.text(&format!("{well}.\n"))?;
        return Ok(Exit::Ok);
    }
    for finding in found {
        output.text(&format!("{}\n", report::safe_lines(&finding)))?;
    }
    Ok(Exit::Error)
}
