//! `certctl state accept`: makes the present state the newest, because a person says that no newer one exists or that
//! it is wrong. Rows that differ become in doubt.

use super::super::args::Global;
use super::super::context::{Context, state_path};
use super::super::failure::Failure;
use super::super::ledger::{holder, lock, now, open_locked, opening};
use super::super::output::Output;
use super::super::recency::KnownVersions;
use super::super::signals;
use super::consent::Consent;
use crate::model::{Advice, Exit, Key, StateAddress};
use crate::state::{Document, JournalFit, Record, accept};

/// The most templates that the question names.
const NAMED: usize = 5;

const ACCEPT: Consent =
    Consent { command: "state accept", question: "Accept it?", to_do: "accept it", undone: "changed" };

/// The question to the user.
struct Acceptance<'a> {
    context: &'a Context,
    output: &'a Output,
    auto_approve: bool,
    /// The environment that the state was written for, if it was renamed since.
    renamed_from: Option<String>,
    /// The states that the present one does not include, each with its place.
    ahead: Vec<(String, Document)>,
}

pub(super) fn run(
    context: &Context,
    global: &Global,
    auto_approve: bool,
    output: &Output,
) -> Result<Exit, Failure> {
    let holder = holder(context.given_keys(), "state accept");
    let locked = lock(context, global, &holder, output)?;
    let known = KnownVersions::look_locked(context, locked.snapshot(), output)?;
    known.refuse_inconsistent()?;
    let state = state_path(&context.store);
    if known.is_first() {
        return Err(Failure::error(format!(
            "there is no state at {state}, and nothing is known of one: there is nothing to accept"
        )));
    }
    let (renamed_from, ahead) = (context.store.renamed_from(), known.ahead()?);
    // If the state is missing, the new one continues the known lineage, if any.
    let lineage = ahead.first().map(|(_, document)| document.lineage.clone());
    let opening = opening(context, &holder, lineage);
    let acceptance = Acceptance { context, output, auto_approve, renamed_from, ahead };
    if matches!(locked.snapshot().fit(), JournalFit::Foreign { .. }) {
        let empty = Document::empty(&context.identity, opening.lineage.clone());
        let (record, is_doubtful) = acceptance.ask(locked.snapshot().document.as_ref().unwrap_or(&empty))?;
        // The checkpoint takes only a moment, so a signal waits for it.
        let _hold = signals::hold();
        return acceptance.report(&locked.overrule(&opening, record)?, is_doubtful);
    }
    let mut ledger = open_locked(context, locked, &opening, output)?;
    if acceptance.ahead.is_empty() && acceptance.renamed_from.is_none() {
        ledger.checkpoint()?;
        let environment = &context.environment.name;
        output.text(&format!(
            "The state {state} is the newest one that is known of the environment {environment}: there is nothing to \
             accept.\n"
        ))?;
        return Ok(Exit::Ok);
    }
    let (record, is_doubtful) = acceptance.ask(ledger.document())?;
    let _hold = signals::hold();
    ledger.record(&record)?;
    acceptance.report(&ledger.checkpoint()?, is_doubtful)
}

impl Acceptance<'_> {
    /// Asks, and returns the record that makes this state the newest, and whether any row becomes in doubt.
    fn ask(&self, present: &Document) -> Result<(Record, bool), Failure> {
        let (environment, state) = (&self.context.environment.name, state_path(&self.context.store));
        let (places, others): (Vec<String>, Vec<Document>) = self.ahead.iter().cloned().unzip();
        let record = accept(present, &others, now());
        let Record::Accept { rows, .. } = &record else { return Err(Failure::error("nothing to accept")) };
        let doubts = doubts(rows.keys());
        if let Some(old) = &self.renamed_from {
            self.output.say(&format!(
                "Environment {environment}: the state {state} was that of the environment {old}, which certctl.toml does \
                 not have any more. It is to be that of {environment} from now on."
            ));
        }
        if !places.is_empty() {
            self.output.say(&format!(
                "Environment {environment}: the state {state} will be the newest from now on, instead of {}.\n{doubts}",
                places.join(", nor ")
            ));
        }
        ACCEPT.ask(self.auto_approve, self.output)?;
        let is_doubtful = !rows.is_empty();
        Ok((record, is_doubtful))
    }

    fn report(&self, document: &Document, is_doubtful: bool) -> Result<Exit, Failure> {
        let (environment, state) = (&self.context.environment.name, state_path(&self.context.store));
        let commit = StateAddress::to_be_committed(&state);
        self.output.text(&format!(
            "Accepted: {state} is the newest state of the environment {environment} now, serial {}.{commit}\n",
            document.serial
        ))?;
        if is_doubtful {
            let recover = self.output.command(&Advice::Recover { keys: Vec::new() });
            self.output.note(&format!("To see what is in doubt, and to settle it: {recover}"));
        }
        Ok(Exit::Ok)
    }
}

/// Names the rows on which the versions differ.
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
        1 => format!("They differ in 1 template, which is now in doubt: {names}."),
        _ => format!("They differ in {count} templates, which are now in doubt: {names}."),
    }
}
