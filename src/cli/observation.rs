//! Looks at the server as the flags say, for every command that needs an observation. It never decides what follows.

use std::path::Path;

use super::args::ObservationArgs;
use super::context::Context;
use super::failure::Failure;
use super::ledger::now;
use super::named_file;
use super::observer::look;
use super::output::Output;
use crate::inventory::{self, Observation, OtherInstance, doubt_old_contents, learn};
use crate::model::{Advice, Finding, Help, Timestamp};
use crate::report::contradicted_text;
use crate::state::{Document, LookLimits, ObserverShows, Store as _};

/// Returns what the named source shows. All problems of all its files come in one failure.
pub(super) fn observation(
    context: &Context,
    args: &ObservationArgs,
    output: &Output,
) -> Result<Observation, Failure> {
    let observation = match &args.from_csv {
        Some(file) => from_csv(file, args)?,
        None if args.from_observer => from_observer(context, output)?,
        None => return Err(no_source()),
    };
    let Some(file) = &args.certificates else { return Ok(observation) };
    let counts = inventory::count_learners(file, named_file::export(file)?).map_err(Failure::findings)?;
    Ok(observation.with_learners(counts))
}

/// Lets contents that may be older than the last apply count no longer, for a command that takes what differs from this
/// state as the present.
pub(super) fn doubt_old(context: &Context, observation: &mut Observation, document: &Document) {
    doubt_old_contents(observation, document, || context.store.earlier(LookLimits::default()));
}

/// Looks at the observer's certificates. What they show counts as the state knows, unless they contradict that.
fn from_observer(context: &Context, output: &Output) -> Result<Observation, Failure> {
    let document = context.effective_state(context.store.read()?)?;
    let look = look(context, document.as_ref(), output)?;
    look.tell_costs(output);
    let shows = document.as_ref().and_then(|document| document.observer_shows);
    let mut read = look.read(shows);
    let Some(document) = document.filter(|_| shows == Some(ObserverShows::Now)) else {
        return Ok(read.observation);
    };
    let earlier = context.store.earlier(LookLimits::default());
    let learned = learn(&read, &document, &earlier);
    if let Some(learned) = learned.filter(|learned| learned.shows == ObserverShows::AtIssue) {
        let status = output.command(&Advice::ObserverStatus);
        output.say(&format!("note: {} To correct the state: {status}", contradicted_text(&learned)));
        return Ok(look.read(Some(learned.shows)).observation);
    }
    doubt_old_contents(&mut read.observation, &document, || earlier);
    Ok(read.observation)
}

fn from_csv(file: &Path, args: &ObservationArgs) -> Result<Observation, Failure> {
    let now = now();
    let taken_at = args.taken_at.map(|at| past(at, now)).transpose()?;
    let mut findings = Vec::new();
    let templates = kept(
        inventory::read_templates_keeping(file, named_file::export(file)?, now, &args.extra),
        &mut findings,
    );
    let fields = match &args.fields {
        Some(file) => kept(inventory::read_fields(file, named_file::export(file)?), &mut findings),
        None => None,
    };
    let labels = match &args.labels {
        Some(file) => kept(inventory::read_labels(file, named_file::export(file)?, now), &mut findings),
        None => None,
    };
    let Some(observation) = templates.filter(|_| findings.is_empty()) else {
        return Err(Failure {
            message: "the export cannot be used".to_owned(),
            ..Failure::findings(findings)
        });
    };
    let mut observation = match labels {
        Some(labels) => observation.with_labels(match &fields {
            Some(fields) => labels.checked_with(fields),
            None => labels,
        }),
        None => observation,
    };
    observation.findings.extend(fields.into_iter().flat_map(|fields| fields.findings));
    Ok(match taken_at {
        Some(at) if observation.is_after(at) => {
            let why = format!("--taken-at {at} is before every line of {} was last changed", file.display());
            return Err(Failure::error(why)
                .helped(Help::none().say("Give the time at which the tables were exported, in UTC.")));
        }
        Some(at) => observation.taken_at(at),
        None => observation,
    })
}

/// Nothing says where to look.
pub(super) fn no_source() -> Failure {
    Failure::error("--from-csv FILE or --from-observer is required: it says where to look")
}

/// Says that an observation is of another instance, and what to do.
pub(super) fn another_instance_words(context: &Context, other: OtherInstance) -> (String, String) {
    let has = match other.ids {
        1 => "the 1 id that the state has is not in it".to_owned(),
        ids => format!("none of the {ids} ids that the state has is in it"),
    };
    let (environment, url) = (&context.environment.name, &context.identity.url);
    (
        format!("this shows another instance than {url}, or only a part of it: {has}"),
        format!(
            "Export the tables of the instance of the environment {environment}, or choose another environment with -e."
        ),
    )
}

/// Refuses an observation of another instance.
pub(super) fn another_instance(context: &Context, other: OtherInstance) -> Failure {
    let (message, help) = another_instance_words(context, other);
    Failure::refused(message).helped(Help::none().say(help))
}

/// Keeps the findings of a file that cannot be used.
fn kept<T>(read: Result<T, Vec<Finding>>, findings: &mut Vec<Finding>) -> Option<T> {
    read.map_err(|mut wrong| findings.append(&mut wrong)).ok()
}

fn past(at: Timestamp, now: Timestamp) -> Result<Timestamp, Failure> {
    if at > now {
        return Err(Failure::error(format!("--taken-at {at} is in the future; it is {now} now")));
    }
    Ok(at)
}
