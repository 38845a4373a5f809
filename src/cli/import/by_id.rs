//! `certctl import KEY ID`: gives a template the id that a person names. An id that the state has for certain is replaced
//! only after a `yes`: what is known of that template would be forgotten, and the next apply would change another one.

use crate::cli::args::{Global, ImportArgs};
use crate::cli::context::{Context, state_path};
use crate::cli::failure::Failure;
use crate::cli::ledger::{now, open, record};
use crate::cli::output::Output;
use crate::cli::signals;
use crate::model::{Advice, Exit, Help, Key, TemplateId, did_you_mean};
use crate::report::{KeyResult, Results};
use crate::state::{Document, EditError, IdIndex, IdSource, Identity, Record};

/// What follows from an id alone.
const NOT_KNOWN: &str =
    "What the server holds of it is not known, so the next apply sends all its attributes once.\n";

pub(super) fn run(
    context: &Context,
    global: &Global,
    args: &ImportArgs,
    (key, id): (&Key, &str),
    output: &Output,
) -> Result<Exit, Failure> {
    let id = TemplateId::parse_uuid(id).map_err(Failure::error)?;
    check_configured(context, key, output)?;
    let ledger = open(context, global, "import", output)?;
    let mut trial = ledger.document().clone();
    context.check_consistency(&trial)?;
    trial.import(&mut IdIndex::of(&trial), key, &id)?;
    if let Some(had) = replaced(ledger.document(), key, &id)? {
        approve(context, key, had, &id, args.auto_approve, output)?;
    }
    // A signal at the prompt means no; from here on it waits for the write.
    let _hold = signals::hold();
    let import = Record::Import { at: now(), id: id.clone(), key: key.clone() };
    let document = record(ledger, vec![import], output)?;
    tell(context, key, id, &document, output)
}

/// The certain id that the row has instead of this one. Fails if the row is protected.
fn replaced<'d>(
    document: &'d Document,
    key: &Key,
    id: &TemplateId,
) -> Result<Option<&'d Identity>, EditError> {
    let Some(row) = document.templates.get(key) else { return Ok(None) };
    let had = row.identity.as_ref().filter(|had| had.source.may_address() && had.id != *id);
    if had.is_some() && row.protect {
        return Err(EditError::Protected { key: key.clone() });
    }
    Ok(had)
}

fn approve(
    context: &Context,
    key: &Key,
    had: &Identity,
    id: &TemplateId,
    auto_approve: bool,
    output: &Output,
) -> Result<(), Failure> {
    let Identity { id: had, source } = had;
    let environment = &context.environment.name;
    let whence = match source {
        IdSource::Imported => "a person or an export named it",
        IdSource::Exact | IdSource::Positional => "the server named it",
    };
    let follows = format!(
        "The server keeps {had}, the state would no longer have it, and the next apply would overwrite {id} with {key}"
    );
    if auto_approve {
        return Ok(());
    }
    if !Output::can_ask() {
        return Err(Failure::refused(format!(
            "{key} has another id already: {had} ({whence}). {follows}. Nothing was changed"
        ))
        .helped(
            Help::none()
                .run("To see what the state has", Advice::StateShow { key: Some(key.clone()) })
                .say("Look in the admin page which of the two is meant.")
                .run("If it is really the new one", Advice::Again { auto_approve: true, max_changes: None }),
        ));
    }
    let question = format!(
        "{key} has another id already: {had} ({whence}). {follows} (environment {environment}). Give it the new id?"
    );
    if output.confirms(&question) { Ok(()) } else { Err(Failure::error("not approved: nothing was changed")) }
}

fn tell(
    context: &Context,
    key: &Key,
    id: TemplateId,
    document: &Document,
    output: &Output,
) -> Result<Exit, Failure> {
    let state = state_path(&context.store);
    let is_known = document.templates.get(key).is_some_and(|row| row.confirmed.is_some());
    let next = if is_known { "" } else { NOT_KNOWN };
    output.text(&format!(
        "{key} is the template {id} now, recorded in {state}.\n{next}{}",
        context.environment_line()
    ))?;
    let reason = (!is_known).then(|| NOT_KNOWN.trim_end().to_owned());
    output.results(&Results {
        command: "import",
        environment: &context.environment.name,
        exit: Exit::Ok,
        observation: None,
        keys: vec![KeyResult { id: Some(id), key: key.clone(), outcome: "adopted", reason }],
        state: &state,
        unmanaged: &[],
        written: &[],
    })?;
    Ok(Exit::Ok)
}

/// Only templates of the YAML can be adopted: an id under any other key would be an orphan at once.
fn check_configured(context: &Context, key: &Key, output: &Output) -> Result<(), Failure> {
    let desired = context.desired(true, output)?;
    if desired.templates.contains_key(key) {
        return Ok(());
    }
    let hint = did_you_mean(key.as_str(), desired.templates.keys().map(Key::as_str));
    let environment = &context.environment.name;
    Err(Failure::error(format!("the YAML has no template {key} for the environment {environment}{hint}"))
        .helped(Help::none().say("Write it into the YAML first.")))
}
