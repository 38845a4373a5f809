//! Finds versions of a state that are not in its place, so that a command can join them.

use std::path::PathBuf;

use super::FileStore;
use crate::model::Digest;
use crate::state::own_file::read;
use crate::state::{CommonBase, Document, LookLimits, Marks, Record, Rescued, WayBack, find, parse_journal};

impl FileStore {
    /// The version that the run of this journal could not put in place, if it got that far.
    pub(super) fn rescued(&self) -> Option<Rescued> {
        let journal = parse_journal(&read(&self.journal_path()).ok()?).ok()?;
        let digest = Digest::of(&read(&self.rescued_path()).ok()?);
        let led_to = |record: &Record| matches!(record, Record::Checkpoint { digest: led_to, .. } if *led_to == digest);
        let base = journal.first().and_then(|open| match open {
            Record::Open { base, .. } => base.clone(),
            _ => None,
        });
        journal.iter().any(led_to).then(|| self.rescued_as(self.rescued_path(), base.as_ref()))
    }

    /// A version in this file that was made from `base`, which may still be in the backup.
    pub(super) fn rescued_as(&self, file: PathBuf, base: Option<&Digest>) -> Rescued {
        let backup = self.backup_path();
        let is_base = read(&backup).is_ok_and(|bytes| Some(&Digest::of(&bytes)) == base);
        Rescued { at: file.into(), base: is_base.then(|| backup.into()), in_place: self.path.exists() }
    }

    pub(super) fn way_back(&self, rescued: Option<Rescued>) -> WayBack {
        let (state, journal) = (self.path.clone().into(), self.journal_path().into());
        WayBack {
            state,
            journal,
            rescued,
            base: None,
            newest_kept: None,
            has_gone_on: false,
            is_missing: !self.path.exists(),
        }
    }

    /// The versions needed to join the state in place with what its journal began with.
    pub(super) fn find_way_to_base(&self) -> WayBack {
        let way = self.way_back(self.rescued());
        let Ok(snapshot) = self.read_once() else { return way };
        let Some(Record::Open { base, writes, .. }) = snapshot.journal.first() else { return way };
        let has = |document: &Document| {
            writes.newest().is_some_and(|newest| {
                document.writes.newest() != Some(newest) && document.writes.contains(newest)
            })
        };
        let has_gone_on = snapshot.document.as_ref().is_some_and(has);
        let base = base.as_ref().filter(|_| !has_gone_on && way.rescued.is_none());
        WayBack { base: base.and_then(|base| self.find(base)), has_gone_on, ..way }
    }

    /// The location of the version with this digest, unless it is in place.
    fn find(&self, version: &Digest) -> Option<CommonBase> {
        let marks = self.marks.iter().flat_map(Marks::on_server).map(|mark| mark.path);
        let mut files = std::iter::once(self.backup_path()).chain(marks);
        let has_it = |file: &PathBuf| read(file).is_ok_and(|bytes| Digest::of(&bytes) == *version);
        let in_git = || find(&self.path, version, LookLimits::default()).map(CommonBase::Commit);
        files.find(has_it).map(|file| CommonBase::Kept(file.into())).or_else(in_git)
    }
}
