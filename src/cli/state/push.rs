//! `certctl state push`: puts a copy of the state in place, if it knows everything that is known otherwise. It never goes
//! back in time: it writes a new serial.

use std::path::Path;

use super::super::args::Global;
use super::super::context::{Context, state_path};
use super::super::copied_state;
use super::super::failure::Failure;
use super::super::ledger::{holder, lock, now, open_locked, opening};
use super::super::output::Output;
use super::super::recency::KnownVersions;
use super::super::signals;
use super::consent::Consent;
use crate::model::{Advice, Exit};
use crate::state::{Document, Record, Relation};

const PUSH: Consent =
    Consent { command: "state push", question: "Push it?", to_do: "push it", undone: "written" };

/// The copy, and where it is to go.
struct Push<'a> {
    context: &'a Context,
    output: &'a Output,
    file: &'a Path,
    copy: Document,
}

pub(super) fn run(
    context: &Context,
    global: &Global,
    file: &Path,
    auto_approve: bool,
    output: &Output,
) -> Result<Exit, Failure> {
    let push = Push { context, output, file, copy: copied_state::read(context, file)? };
    let holder = holder(context.given_keys(), "state push");
    let locked = lock(context, global, &holder, output)?;
    let known = KnownVersions::look_locked(context, locked.snapshot(), output)?;
    known.refuse_inconsistent()?;
    for (place, document) in known.ahead()? {
        push.refuse_unless_it_knows(&document, &place)?;
    }
    copied_state::refuse_old(context, file, &push.copy, output)?;
    let opening = opening(context, &holder, Some(push.copy.lineage.clone()));
    let mut ledger = open_locked(context, locked, &opening, output)?;
    let in_place = Some(ledger.document()).filter(|document| document.serial > 0);
    if let Some(in_place) = in_place
        && push.refuse_unless_it_knows(in_place, "the state in place")? == Relation::Same
    {
        let state = state_path(&context.store);
        ledger.checkpoint()?;
        output.text(&format!(
            "{state} is this version already: nothing was written.\n{}",
            context.environment_line()
        ))?;
        return Ok(Exit::Ok);
    }
    push.approve(in_place, auto_approve)?;
    // The checkpoint takes only a moment, so a signal waits for it.
    let _hold = signals::hold();
    ledger.record(&Record::Push { at: now(), state: Box::new(push.copy.clone()) })?;
    let document = ledger.checkpoint()?;
    output.has_recorded();
    output.text(&format!(
        "{} has what {} has now, with serial {}.\n{}",
        state_path(&context.store),
        file.display(),
        document.serial,
        context.environment_line()
    ))?;
    Ok(Exit::Ok)
}

impl Push<'_> {
    /// Refuses a copy that lacks something which another version knows.
    fn refuse_unless_it_knows(&self, other: &Document, place: &str) -> Result<Relation, Failure> {
        let file = self.file.display();
        let why = match self.copy.relation_to(other) {
            Some(known @ (Relation::Same | Relation::Newer)) => return Ok(known),
            None => format!("it was begun without {place} (another lineage)"),
            Some(Relation::Older) => {
                format!(
                    "it is older than {place}: its serial is {}, and that one's is {}",
                    self.copy.serial, other.serial
                )
            }
            Some(Relation::Forked) => format!("it and {place} each know something that the other does not"),
        };
        let failure =
            Failure::refused(format!("{file} cannot replace the state: {why}. Nothing was written"));
        Err(failure.run("To see what each version holds", Advice::StateHistory { key: None }))
    }

    fn approve(&self, in_place: Option<&Document>, auto_approve: bool) -> Result<(), Failure> {
        let Self { context, file, copy, .. } = self;
        let instead = match in_place {
            Some(document) => format!("instead of serial {}, which it continues", document.serial),
            None => "where there is none now".to_owned(),
        };
        self.output.say(&format!(
            "Environment {}: {} (serial {}) will be the state {}, {instead}.",
            context.environment.name,
            file.display(),
            copy.serial,
            state_path(&context.store)
        ));
        PUSH.ask(auto_approve, self.output)
    }
}
