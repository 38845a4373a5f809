//! Puts a version in the place of a shared state that is lost or damaged: for `state push` and `state restore`.

use std::ops::ControlFlow;

use super::super::args::Global;
use super::super::context::{Context, state_path};
use super::super::failure::Failure;
use super::super::ledger::{holder, lock_store, now, opening};
use super::super::output::Output;
use super::super::signals;
use super::super::store::StateStore;
use crate::model::{Advice, Help};
use crate::state::{Document, JournalFit, LookLimits, PastState, Record, Snapshot, Store as _};

/// A shared state that is lost.
pub(super) struct LostState {
    /// Its store, for which whatever is in its place does not count.
    store: StateStore,
    snapshot: Snapshot,
    /// Whether anything is in its place.
    pub(super) is_damaged: bool,
}

impl LostState {
    /// Looks whether the state is lost; `None` if it can be read, or is kept elsewhere than in a bucket.
    pub(super) fn find(context: &Context) -> Result<Option<Self>, Failure> {
        if !matches!(context.store, StateStore::Shared { .. }) {
            return Ok(None);
        }
        let (is_damaged, lineage) = match context.store.read() {
            Ok(Snapshot { document: None, .. }) => (false, None),
            Ok(snapshot) => match strange_lineage(context, &snapshot) {
                Some(lineage) => (true, Some(lineage)),
                None => return Ok(None),
            },
            Err(error) if error.is_damage() => (true, None),
            Err(error) => return Err(error.into()),
        };
        let store = context.store.clone().replacing(lineage);
        let snapshot = store.read()?;
        Ok(Some(Self { store, snapshot, is_damaged }))
    }

    /// What the last run recorded.
    pub(super) fn journal(&self) -> &[Record] {
        &self.snapshot.journal
    }

    /// Writes the document that `make` makes of the last run's journal, with a new serial, in the state's place. From the
    /// moment that it holds the lock, a run that still works on the lost state sends nothing more.
    pub(super) fn write(
        &self,
        (context, global, output): (&Context, &Global, &Output),
        operation: &str,
        make: impl Fn(&[Record]) -> Result<Document, Failure>,
    ) -> Result<Document, Failure> {
        // The checkpoint takes only a moment, so a signal waits for it.
        let _hold = signals::hold();
        let holder = holder(context.given_keys(), operation);
        let locked = lock_store(&self.store, global, &holder, output)?;
        if locked.snapshot().document.is_some() {
            return Err(Failure::refused(format!(
                "another run has written {} meanwhile. Nothing was written",
                state_path(&context.store)
            )));
        }
        let document = make(&locked.snapshot().journal)?;
        let opening = opening(context, &holder, Some(document.lineage.clone()));
        let record = Record::Push { at: now(), state: Box::new(document) };
        let document = locked.overrule(&opening, record)?;
        output.has_recorded();
        Ok(document)
    }
}

/// The lineage of a state in place that somebody put there: neither a version that is kept nor the last run's journal
/// belongs to it.
fn strange_lineage(context: &Context, snapshot: &Snapshot) -> Option<String> {
    let in_place = snapshot.document.as_ref()?;
    if !matches!(snapshot.fit(), JournalFit::Foreign { .. }) {
        return None;
    }
    let (mut kept, mut is_known) = (0, false);
    let _ = context.store.look_back(None, LookLimits::default(), &mut |past: PastState| {
        kept += 1;
        is_known = past.document.lineage == in_place.lineage;
        if is_known { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    (kept > 0 && !is_known).then(|| in_place.lineage.clone())
}

/// Refuses a version that is older than the one with which the last run began.
pub(super) fn too_old(context: &Context, what: &str, began_with: u64) -> Failure {
    let why = format!(
        "{what} is older than the version with which the last run on {} began (serial {began_with}), and does not know \
         what was sent since. Nothing was written",
        state_path(&context.store)
    );
    Failure::refused(why).helped(newest_kept(context))
}

/// The command that puts back the newest version that is kept.
pub(super) fn newest_kept(context: &Context) -> Help {
    match context.store.newest_kept() {
        Some(serial) => {
            Help::none().run("To put back the newest version that is kept", Advice::StateRestore { serial })
        }
        None => Help::none(),
    }
}

impl From<&LostState> for Snapshot {
    fn from(lost: &LostState) -> Self {
        Self { journal: Vec::new(), ..lost.snapshot.clone() }
    }
}
