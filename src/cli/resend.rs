//! `certctl recover --resend`: resends rows in doubt at a person's request. It never resends a row that was not named
//! or listed.

use super::apply::{Destination, drive, report_run, through_a_saved_plan};
use super::args::Global;
use super::context::Context;
use super::failure::Failure;
use super::ledger::{now, open};
use super::output::Output;
use super::recover::record;
use super::signals;
use crate::desired::Desired;
use crate::model::{Exit, Key};
use crate::plan::{self, Held, Plan, Scope};
use crate::state::{Document, Operation, Record, Resolution, Row};

/// Resends these rows with a plan that has nothing else, one create per request. The request holds for this run only: a
/// row that it cannot send stays in doubt.
pub(super) fn run(
    context: &Context,
    global: &Global,
    keys: impl Fn(&Document) -> Result<Vec<Key>, Failure>,
    output: &Output,
) -> Result<Exit, Failure> {
    let desired = context.desired(true, output)?;
    let only_saved = context.environment.safety.require_saved_plan;
    let destination = if only_saved { Destination::Nowhere } else { Destination::of(context)? };
    let mut ledger = open(context, global, "recover --resend", output)?;
    context.check_consistency(ledger.document())?;
    let _hold = signals::hold_sending(&context.store);

    let keys = keys(ledger.document())?;
    output.is_about_keys(&keys);
    let creates = creates_in_doubt(ledger.document(), &keys);
    let again = keys.iter().map(|key| (key.clone(), Resolution::Resend));
    let records = record(&mut ledger.document().clone(), again, now())?;
    check_all_are_configured(&keys, &desired)?;
    let plan = plan_of(context, &desired, ledger.document(), &keys)?;
    check_nothing_is_held(&plan)?;
    check_each_is_as_it_was(&plan, ledger.document())?;
    warn(creates, output);
    if only_saved {
        // Another run will send the rows, so this one records the request.
        ledger.record(&Record::Transaction { records })?;
        ledger.checkpoint()?;
        let help = through_a_saved_plan("have it reviewed, then");
        let said = "This environment applies saved plans only (require_saved_plan), so nothing was sent. To send it:";
        output.text(&format!("{}\n", help.below(said, output.commands())))?;
        return Ok(Exit::Ok);
    }
    let executed = drive(context, &plan, ledger, destination, true, output)?;
    Ok(report_run(context, &executed.report, None, output))
}

fn creates_in_doubt(document: &Document, keys: &[Key]) -> usize {
    let creates =
        |key: &&Key| document.templates.get(*key).and_then(Row::operation) == Some(Operation::Create);
    keys.iter().filter(creates).count()
}

/// The YAML decides what is sent: a template that it lacks cannot be resent.
fn check_all_are_configured(keys: &[Key], desired: &Desired) -> Result<(), Failure> {
    let gone: Vec<&str> =
        keys.iter().filter(|key| !desired.templates.contains_key(*key)).map(Key::as_str).collect();
    if gone.is_empty() {
        return Ok(());
    }
    Err(Failure::error(format!(
        "the configuration no longer has {}, so there is nothing to send again. Settle it with --created ID, --applied or \
         --not-created",
        gone.join(", ")
    )))
}

/// The plan would hold these rows back; refuse before anything is recorded.
fn check_nothing_is_held(plan: &Plan) -> Result<(), Failure> {
    let why = plan.held().next().map(|(entry, held)| match held {
        Held::Unsettled => nothing_was_sent(&is_elsewhere(&entry.key)),
        held => nothing_was_sent(&held.why(entry)).helped(plan.help_of_held(entry, held)),
    });
    why.map_or(Ok(()), Err)
}

/// If the template is now for another course, an update in doubt would become a create, which is not a resend.
fn check_each_is_as_it_was(plan: &Plan, document: &Document) -> Result<(), Failure> {
    let elsewhere = plan.entries.iter().find(|entry| {
        let creates =
            entry.action.submission().is_some_and(|submission| submission.operation == Operation::Create);
        creates && document.templates.get(&entry.key).and_then(Row::operation) == Some(Operation::Update)
    });
    elsewhere.map_or(Ok(()), |entry| Err(nothing_was_sent(&is_elsewhere(&entry.key))))
}

fn nothing_was_sent(why: &str) -> Failure {
    Failure::error(format!("{why}. Nothing was sent, and nothing was changed"))
}

fn is_elsewhere(key: &Key) -> String {
    format!(
        "{key} is for another resource or audience in the YAML now than when it was sent, so it cannot be sent again as it \
         was. Put the resource back in the YAML and run this again, or settle it with --created ID, --applied or \
         --not-created"
    )
}

fn warn(creates: usize, output: &Output) {
    if creates > 0 {
        let what = if creates == 1 { "1 create is" } else { &format!("{creates} creates are") };
        output.say(&format!(
            "warning: {what} sent again, one a request. If the server made the template the first time and does not \
             recognise it, there are two of it afterwards, and only the admin page can delete one: look there when this \
             is done"
        ));
    }
}

fn plan_of(context: &Context, desired: &Desired, document: &Document, keys: &[Key]) -> Result<Plan, Failure> {
    Ok(plan::build(&plan::Inputs {
        desired,
        state: Some(document),
        identity: &context.identity,
        addressing: context.environment.api.addressing,
        // This is what the user requested: creates in doubt are sent.
        trust_upsert: true,
        scope: &Scope::of_keys(keys),
    })?)
}
