//! The copies of journals that are kept for this state and for others on its instance.

use std::path::{Path, PathBuf};

use super::FileStore;
use crate::model::is_on_this_machine;
use crate::state::journal_copy::{self, Copies, Copy, forget};
use crate::state::lost_journal::{self, has_all_of, knows, may_replace};
use crate::state::own_file::read;
use crate::state::parallel_parse::ReadDocument;
use crate::state::{
    Document, LookLimits, LostJournal, Record, Snapshot, Writer, committed, parse_journal, parse_state,
    user_lock,
};

impl FileStore {
    /// Earlier versions of the state, the newest first, as far as they are at hand: its backup, and the last ones that
    /// git has.
    pub fn earlier(&self, limits: LookLimits) -> Vec<Document> {
        const COMMITS: usize = 8;
        let Ok(Some(ReadDocument { document, .. })) = self.read_document() else { return Vec::new() };
        let path = self.backup_path();
        let backup = read(&path).ok().and_then(|bytes| parse_state(path.clone(), &bytes).ok());
        let mut earlier: Vec<Document> =
            backup.into_iter().chain(committed(&self.path, COMMITS, limits)).collect();
        earlier.retain(|earlier| earlier.lineage == document.lineage && earlier.serial < document.serial);
        earlier.sort_by_key(|earlier| std::cmp::Reverse(earlier.serial));
        earlier.dedup();
        earlier
    }

    /// Journals of interrupted runs on this instance that neither the state in place nor its journal contains. Those
    /// of this state come first; those of one state are sorted by age, the oldest first. `in_place` is the state with
    /// the journal that is there.
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

    /// The copy of the journal in place, of which `damaged` is the readable rest.
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
        // If several runs match, a person has to decide.
        let [copy] = &candidates[..] else { return None };
        let document = self.read_document().ok()?.map(|read| read.document);
        let is_known = document.is_some_and(|document| knows(&document, copy));
        (!is_known).then(|| copy.path.clone())
    }

    /// The folders with the copies of this state's journals.
    pub(super) fn copies(&self) -> Copies<'_> {
        let lock = self.user_lock_name();
        let name = Path::new(&lock).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Copies::of(&self.user_folders, name)
    }

    /// Removes the copies of journals that are part of the state, before the journal in place is removed.
    pub(super) fn forget_copies(&self) {
        let own = self.copies();
        let mut copies = self.copies_on_instance(&own);
        // A copied project has the same journal, and its state is another one.
        if is_on_this_machine(&self.claim.identity.url) {
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
        let Ok(Some(ReadDocument { document, .. })) = self.read_document() else { return };
        for copy in others.iter().filter(|copy| knows(&document, copy)) {
            forget(&copy.path);
        }
    }

    /// The copies of runs that have ended. Those of this state are among them: this run holds its lock.
    fn copies_on_instance(&self, copies: &Copies<'_>) -> Vec<Copy> {
        let is_here = |copy: &Copy| match copy.records.first() {
            Some(Record::Open { url, .. }) => *url == self.claim.identity.url,
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
