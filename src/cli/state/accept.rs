//! `certctl state accept`: makes the present state the newest, because a person says that no newer one is to be had, or
//! that it is wrong.

use super::super::args::Global;
use super::super::context::{Context, state_path};
use super::super::failure::Failure;
use super::super::ledger::{now, open_checked};
use super::super::output::Output;
use super::super::recency::Known;
use super::super::signals;
use crate::apply::Exit;
use crate::model::{Advice, Key};
use crate::state::{Document, Record, accept};

/// So many of the templates concerned are named.
const NAMED: usize = 5;

pub(super) fn run(
    context: &Context,
    global: &Global,
    auto_approve: bool,
    output: &Output,
) -> Result<Exit, Failure> {
    let environment = &context.environment.name;
    let state = state_path(&context.store);
    let renamed_from = context.store.renamed_from();
    let mut ahead = Vec::new();
    let mut is_first = false;
    let mut ledger = open_checked(context, global, "state accept", output, |locked| {
        let known = Known::look(context, locked.snapshot(), output);
        (ahead, is_first) = (known.ahead()?, known.is_first());
        Ok(ahead.first().map(|(_, document)| document.lineage.clone()))
    })?;
    if is_first {
        return Err(Failure::error(format!(
            "there is no state at {state}, and nothing is known of one: there is nothing to accept"
        )));
    }
    if ahead.is_empty() && renamed_from.is_none() {
        ledger.fold()?;
        output.text(&format!(
            "The state {state} is the newest one that is known of the environment {environment}: there is nothing to \
             accept.\n"
        ))?;
        return Ok(Exit::Ok);
    }
    let (places, others): (Vec<String>, Vec<Document>) = ahead.into_iter().unzip();
    let record = accept(ledger.document(), &others, now());
    let Record::Accept { rows, .. } = &record else { return Err(Failure::error("nothing to accept")) };
    let doubts = doubts(rows.keys());
    if let Some(old) = &renamed_from {
        output.say(&format!(
            "Environment {environment}: the state {state} was that of the environment {old}, which certctl.toml does not \
             have any more. It is to be that of {environment} from now on."
        ));
    }
    if !places.is_empty() {
        output.say(&format!(
            "Environment {environment}: the state {state} is to be the newest from now on, and not {}.\n{doubts}",
            places.join(", nor ")
        ));
    }
    if !auto_approve {
        if !Output::can_ask() {
            return Err(Failure::error("there is nobody to ask here, so nothing was changed").run(
                "To accept it without a question",
                Advice::Again { auto_approve: true, max_changes: None },
            ));
        }
        if !output.confirms("Accept it?") {
            return Err(Failure::error("not approved: nothing was changed"));
        }
    }
    // What is recorded takes a moment to be folded, and is better done than explained.
    let _hold = signals::hold();
    let is_doubtful = !rows.is_empty();
    ledger.record(&record)?;
    let document = ledger.fold()?;
    output.text(&format!(
        "Accepted: {state} is the newest state of the environment {environment} now, serial {}. Commit it.\n",
        document.serial
    ))?;
    if is_doubtful {
        let recover = output.command(&Advice::Recover { keys: Vec::new() });
        output.note(&format!("To see what is in doubt, and to settle it: {recover}"));
    }
    Ok(Exit::Ok)
}

/// What becomes of the rows on which the versions differ.
fn doubts<'a>(keys: impl ExactSizeIterator<Item = &'a Key>) -> String {
    let count = keys.len();
    let mut names: Vec<&str> = keys.take(NAMED).map(Key::as_str).collect();
    let more = format!("and {} more", count.saturating_sub(NAMED));
    if count > NAMED {
        names.push(&more);
    }
    let names = names.join(", ");
    match count {
        0 => "They say the same of every template: nothing becomes in doubt.".to_owned(),
        1 => format!("They differ in 1 template, which becomes in doubt: {names}."),
        _ => format!("They differ in {count} templates, which become in doubt: {names}."),
    }
}
