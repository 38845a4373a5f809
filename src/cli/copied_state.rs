//! A copy of the state in a file of its own, as `state pull` prints it: for `plan --state` and `state push`.

use std::path::Path;

use super::context::Context;
use super::failure::Failure;
use super::named_file;
use super::output::Output;
use crate::config::ServerAddress;
use crate::model::{Advice, io_words};
use crate::state::{Document, Marks, Relation, Sighting, SightingSource, parse_state};

/// Reads a copy of this environment's state.
pub(super) fn read(context: &Context, file: &Path) -> Result<Document, Failure> {
    let document = parse_state(file, &named_file::state(file)?)?;
    document.check_identity(&context.identity, file)?;
    document.check_consistency(file)?;
    Ok(document)
}

/// Refuses a copy that lacks what this machine is known to have written.
pub(super) fn refuse_old(
    context: &Context,
    file: &Path,
    document: &Document,
    output: &Output,
) -> Result<(), Failure> {
    let Some(marks) = context.store.marks() else { return Ok(()) };
    let Some(why) = misses(context, marks, document, output) else { return Ok(()) };
    Err(Failure::refused(format!(
        "the copy {} is not the newest state of the environment {}: {why}. The server does not go back with it",
        file.display(),
        context.environment.name
    ))
    .run("To copy the state as it is now", Advice::StatePull { file: file.to_owned() }))
}

/// Says what the copy lacks; `None` if nothing is known of that.
fn misses(context: &Context, marks: &Marks, copy: &Document, output: &Output) -> Option<String> {
    let mark = match marks.find(Some(&copy.lineage)) {
        Ok(Some(mark)) => mark,
        Ok(None) => return is_another(context, marks, copy),
        Err(error) => {
            output.detail(&format!(
                "note: the newest state that this machine keeps cannot be read: {}",
                io_words(&error)
            ));
            return None;
        }
    };
    let serial = mark.outline.ancestry.serial;
    match mark.relation_of(copy)? {
        Relation::Older => {
            Some(format!("its serial is {}, and this machine wrote serial {serial}", copy.serial))
        }
        Relation::Forked => Some(format!(
            "this machine wrote serial {serial}, and each of the two knows something that the other does not"
        )),
        Relation::Same | Relation::Newer => None,
    }
}

/// Whether this machine last wrote a state that was begun without this one.
fn is_another(context: &Context, marks: &Marks, copy: &Document) -> Option<String> {
    // A sandbox may have begun anew.
    if matches!(context.environment.server, ServerAddress::Sandbox) {
        return None;
    }
    let mark = marks.find(None).ok().flatten()?;
    Sighting::unrelated(copy, &mark.outline, SightingSource::Mark(mark.path.clone()))?;
    Some("this machine wrote one that was begun without it (another lineage)".to_owned())
}
