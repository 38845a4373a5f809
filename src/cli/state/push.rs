//! `certctl state push`: puts a copy of the state in place, if it knows everything that is known otherwise. It never goes
//! back in time: it writes a new serial.

use std::ops::ControlFlow;
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
use super::put_back::{LostState, newest_kept, too_old};
use crate::model::{Advice, Exit};
use crate::state::{Document, LookLimits, PastState, Record, Relation, Snapshot, with_journal};

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
    if let Some(lost) = LostState::find(context)? {
        return push.in_place_of(&lost, global, auto_approve);
    }
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
    let instead = match in_place {
        Some(document) => format!("instead of serial {}, which it continues", document.serial),
        None => "where there is none now".to_owned(),
    };
    push.approve(&instead, auto_approve)?;
    // The checkpoint takes only a moment, so a signal waits for it.
    let _hold = signals::hold();
    ledger.record(&Record::Push { at: now(), state: Box::new(push.copy.clone()) })?;
    let document = ledger.checkpoint()?;
    output.has_recorded();
    push.report(&document)
}

impl Push<'_> {
    /// Refuses a copy that lacks something which another version knows.
    fn refuse_unless_it_knows(&self, other: &Document, place: &str) -> Result<Relation, Failure> {
        let history = Advice::StateHistory { key: None };
        self.knows(other, place).map_err(|failure| failure.run("To see what each version holds", history))
    }

    fn knows(&self, other: &Document, place: &str) -> Result<Relation, Failure> {
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
        Err(Failure::refused(format!("{file} cannot replace the state: {why}. Nothing was written")))
    }

    /// Puts the copy in the place of a shared state that is lost.
    fn in_place_of(&self, lost: &LostState, global: &Global, auto_approve: bool) -> Result<Exit, Failure> {
        let Self { context, output, file, copy } = self;
        let known = KnownVersions::look(context, &Snapshot::from(lost), output);
        self.refuse_older_than_kept()?;
        for (place, document) in known.newer()? {
            self.knows(&document, &place).map_err(|failure| failure.helped(newest_kept(context)))?;
        }
        copied_state::refuse_old(context, file, copy, output)?;
        let whole = |journal: &[Record]| {
            let name = format!("{}, serial {},", file.display(), copy.serial);
            with_journal(copy, journal).map_err(|began_with| too_old(context, &name, began_with))
        };
        let document = whole(lost.journal())?;
        let instead =
            if lost.is_damaged { "instead of what is there now" } else { "where there is none now" };
        self.approve(instead, auto_approve)?;
        let doubts = document.has_doubt();
        let document = lost.write((context, global, output), "state push", whole)?;
        let exit = self.report(&document)?;
        if doubts {
            let recover = output.command(&Advice::Recover { keys: Vec::new() });
            output.note(&format!(
                "An interrupted run left templates in doubt. To see and settle them: {recover}"
            ));
        }
        Ok(exit)
    }

    /// Refuses a copy that lacks something which a kept version knows.
    fn refuse_older_than_kept(&self) -> Result<(), Failure> {
        let mut newer = None;
        let _ = self.context.store.look_back(
            Some(&self.copy.lineage),
            LookLimits::default(),
            &mut |past: PastState| {
                if matches!(self.copy.relation_to(&past.document), Some(Relation::Older | Relation::Forked)) {
                    newer = Some(past.document.serial);
                }
                // The newest comes first.
                ControlFlow::Break(())
            },
        );
        let Some(serial) = newer else { return Ok(()) };
        Err(Failure::refused(format!(
            "{} cannot replace the state: its serial is {}, and the version with serial {serial}, which is kept, knows more. \
             Nothing was written",
            self.file.display(),
            self.copy.serial
        ))
        .helped(newest_kept(self.context)))
    }

    fn report(&self, document: &Document) -> Result<Exit, Failure> {
        let Self { context, output, file, .. } = self;
        output.text(&format!(
            "{} has what {} has now, with serial {}.\n{}",
            state_path(&context.store),
            file.display(),
            document.serial,
            context.environment_line()
        ))?;
        Ok(Exit::Ok)
    }

    fn approve(&self, instead: &str, auto_approve: bool) -> Result<(), Failure> {
        let Self { context, file, copy, .. } = self;
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
