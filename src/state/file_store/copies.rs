//! The copies that are kept of the journals of this state and of others on its instance.

use std::path::{Path, PathBuf};

use super::FileStore;
use crate::model::is_on_this_machine;
use crate::state::journal_copy::{self, Copies, Copy, forget};
use crate::state::lost_journal::{self, has_all_of, knows, may_replace};
use crate::state::own_file::read;
use crate::state::{Document, LostJournal, Record, Snapshot, Writer, parse_journal, user_lock};

impl FileStore {
    /// What interrupted runs recorded on this instance, if neither the state in place nor its journal has it; that of this
    /// state first, and of one state what is oldest. `in_place` is the state with the journal that is there.
    pub fn lost_journals(&self, snapshot: &Snapshot, in_place: Option<&Document>) -> Vec<LostJournal> {
        let copies = self.copies();
        let lost = |copy: &Copy| {
            let is_of_this_path = copies.has(&copy.path);
            lost_journal::lost(copy, is_of_this_path, self.journal_path(), snapshot, in_place)
        };
        let mut lost: Vec<LostJournal> = self.copies_on_instance(&copies).iter().filter_map(lost).collect();
        lost.sort_by_key(|lost| (!lost.is_of_this_path, lost.at));
        lost
    }

    /// The copy of the journal in place, of which this is what can still be read.
    pub(super) fn copy_of(&self, damaged: &[u8]) -> Option<PathBuf> {
        let first = damaged.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let first = serde_json::from_slice::<Record>(first).ok();
        let open = first.filter(|record| matches!(record, Record::Open { .. }));
        let copies = self.copies();
        let mut candidates = copies.all();
        candidates.retain(|copy| match &open {
            Some(_) => copy.records.first() == open.as_ref(),
            None => copies.has(&copy.path),
        });
        candidates.retain(|copy| may_replace(&copy.records, damaged));
        // Where several runs may have been the one, a person has to tell.
        let [copy] = &candidates[..] else { return None };
        let document = self.read_document().ok()?.map(|(document, _)| document);
        let is_known = document.is_some_and(|document| knows(&document, &copy.records));
        (!is_known).then(|| copy.path.clone())
    }

    /// Where the copies of this state's journals are.
    pub(super) fn copies(&self) -> Copies<'_> {
        let lock = self.user_lock_name();
        let name = Path::new(&lock).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Copies::of(&self.user_folders, name)
    }

    /// Removes the copies of journals that are part of the state, before the journal in place goes.
    pub(super) fn forget_copies(&self) {
        let own = self.copies();
        let mut copies = self.copies_on_instance(&own);
        // A copied project has the same journal, and its state is another one.
        if is_on_this_machine(&self.claim.owner.url) {
            copies.retain(|copy| own.has(&copy.path));
        }
        if copies.is_empty() {
            return;
        }
        let journal = read(&self.journal_path()).ok().and_then(|bytes| parse_journal(&bytes).ok());
        let is_in_the_journal =
            |copy: &Copy| journal.as_ref().is_some_and(|it| has_all_of(it, &copy.records));
        let (done, others): (Vec<_>, Vec<_>) = copies.into_iter().partition(is_in_the_journal);
        for copy in done {
            forget(&copy.path);
        }
        if others.is_empty() {
            return;
        }
        let Ok(Some((document, _))) = self.read_document() else { return };
        for copy in others.iter().filter(|copy| knows(&document, &copy.records)) {
            forget(&copy.path);
        }
    }

    /// Those whose runs have ended. This state's own are among them: its lock is this run's.
    fn copies_on_instance(&self, copies: &Copies<'_>) -> Vec<Copy> {
        let is_here = |copy: &Copy| match copy.records.first() {
            Some(Record::Open { url, .. }) => *url == self.claim.owner.url,
            _ => false,
        };
        let mut all = copies.all();
        all.retain(|copy| is_here(copy) && (copies.has(&copy.path) || !self.is_written(copy)));
        all
    }

    fn is_written(&self, copy: &Copy) -> bool {
        let lock = journal_copy::state_of(&copy.path).map(|name| format!("{name}.lock"));
        lock.is_some_and(|lock| user_lock::writer(&self.user_folders, &lock) != Writer::Absent)
    }
}
