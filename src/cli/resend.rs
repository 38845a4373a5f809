//! `certctl recover --resend`: sends what is in doubt once more, because a person says so.

use super::apply::{credentials, drive, tell};
use super::args::Global;
use super::context::Context;
use super::failure::Failure;
use super::ledger::{now, open};
use super::output::Output;
use super::recover::record;
use super::signals;
use crate::apply::Exit;
use crate::desired::Desired;
use crate::model::Key;
use crate::plan::{self, Plan, Scope};
use crate::state::{Deed, Document, Record, Row, Settlement};

/// Settles these rows as "to be sent again", and sends them: a plan of nothing else, one create a request.
pub(super) fn run(
    context: &Context,
    global: &Global,
    keys: impl Fn(&Document) -> Result<Vec<Key>, Failure>,
    output: &Output,
) -> Result<Exit, Failure> {
    let desired = context.desired(true)?;
    let only_saved = context.environment.safety.require_saved_plan;
    let key = if only_saved { None } else { credentials(context)? };
    let mut ledger = open(context, global, "recover --resend", output)?;
    let _hold = signals::hold();

    let keys = keys(ledger.document())?;
    let creates = creates_in_doubt(ledger.document(), &keys);
    let again = keys.iter().map(|key| (key.clone(), Settlement::Resend));
    let records = record(&mut ledger.document().clone(), again, now())?;
    check_all_are_configured(&keys, &desired)?;
    warn(creates, output);
    ledger.record(&Record::Together { records })?;
    if only_saved {
        ledger.fold()?;
        output.text(
            "This environment applies saved plans only (require_saved_plan), so nothing was sent. To send it: certctl \
             plan --out again.plan, have it reviewed, certctl apply again.plan\n",
        )?;
        return Ok(Exit::Ok);
    }
    let plan = plan_of(context, &desired, ledger.document(), &keys)?;
    let executed = drive(context, &plan, ledger, key, output)?;
    Ok(tell(context, &executed.report, None, output))
}

fn creates_in_doubt(document: &Document, keys: &[Key]) -> usize {
    let creates = |key: &&Key| document.templates.get(*key).and_then(Row::deed) == Some(Deed::Create);
    keys.iter().filter(creates).count()
}

/// What is sent is what the YAML says now: without it there is nothing to send.
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
        owner: &context.owner,
        addressing: context.environment.api.addressing,
        trust_upsert: context.environment.api.trust_upsert,
        scope: &Scope::of_keys(keys),
    })?)
}
