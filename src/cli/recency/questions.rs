//! What commands ask about the state in place: may it be used, may it be written, and what must its reader know first.

use std::path::PathBuf;

use super::{KnownVersions, lost_journal};
use crate::cli::context::state_path;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::model::{Advice, Help};
use crate::report;
use crate::state::{Document, Recency};

impl KnownVersions<'_> {
    /// Returns how new the state is, for a command that does not merge it with others. A journal that does not fit is
    /// reported separately.
    fn recency(&self) -> &Recency {
        if self.foreign_journal.is_some() { &Recency::Newest } else { &self.recency }
    }

    /// Refuses a state that went back in time, forked or is missing.
    pub(in crate::cli) fn refuse_lost(&self) -> Result<(), Failure> {
        match self.recency() {
            Recency::Lost(setback) => Err(match &self.inconsistent {
                // Both have the same cause and the same solution.
                Some(inconsistent) => {
                    Failure::error(format!("{}.\n{}", inconsistent.message, self.way_back(setback)))
                }
                None => Failure::refused(self.words(setback)),
            }),
            Recency::First if self.kept.is_some() => Err(self.only_kept()),
            Recency::Newest | Recency::First | Recency::Behind(_) => match &self.lost_journal {
                Some(lost) => Err(Failure::refused(lost_journal::words(self.context, lost, self.output))),
                None => Ok(()),
            },
        }
    }

    /// There is no state, and versions of one are kept beside its place.
    fn only_kept(&self) -> Failure {
        let state = state_path(&self.context.store);
        let why = format!(
            "there is no state at {state}, but versions of one are kept in {state}.history. Without it, everything would be \
             created a second time. If the environment is to begin anew, remove those first"
        );
        let help = Help::none();
        let help = match self.kept {
            Some(serial) => {
                help.run("To put the newest of them in its place", Advice::StateRestore { serial })
            }
            None => help,
        };
        let file = PathBuf::from("copy.json");
        Failure::refused(why).helped(
            help.run("Or, if you have a newer copy of the state, in copy.json", Advice::StatePush { file }),
        )
    }

    /// Refuses a state that contradicts itself because another program changed it.
    pub(in crate::cli) fn refuse_inconsistent(&self) -> Result<(), Failure> {
        if self.inconsistent.is_some() { self.refuse_lost() } else { Ok(()) }
    }

    /// Returns whether there is no state and none is known.
    pub(in crate::cli) fn is_first(&self) -> bool {
        self.recency == Recency::First && self.lost_journal.is_none() && self.foreign_journal.is_none()
    }

    /// Refuses to write, also if only another branch has a newer state.
    pub(in crate::cli) fn refuse_old(&self) -> Result<(), Failure> {
        self.refuse_lost()?;
        self.behind().map_or(Ok(()), |why| Err(Failure::refused(why)))
    }

    /// Explains that the output lacks what another branch knows; `None` if it does not.
    pub(in crate::cli) fn behind(&self) -> Option<String> {
        match self.recency() {
            Recency::Behind(setback) => Some(self.words(setback)),
            Recency::Newest | Recency::First | Recency::Lost(_) => None,
        }
    }

    /// Returns what a reader of the plan must know first.
    pub(in crate::cli) fn notice(&self, state: Option<&Document>) -> Option<String> {
        match self.recency() {
            Recency::First if state.is_none() => Some(self.first_state_note()),
            Recency::First | Recency::Newest | Recency::Lost(_) => None,
            Recency::Behind(_) => self.behind(),
        }
    }

    /// Warns that the state is not the newest, for a command that only reads.
    pub(in crate::cli) fn warn(&self, output: &Output) {
        let words = match (self.recency(), &self.lost_journal) {
            (Recency::Lost(setback) | Recency::Behind(setback), _) => self.words(setback),
            (Recency::Newest | Recency::First, Some(lost)) => lost_journal::words(self.context, lost, output),
            (Recency::Newest | Recency::First, None) => return,
        };
        output.say(&format!("warning: {}", report::safe_lines(&words)));
    }
}
