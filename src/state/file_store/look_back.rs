//! The earlier versions of a state in a file: its backup, the mark of this machine, and what git has.

use std::ops::ControlFlow;

use super::FileStore;
use crate::state::history::each_committed;
use crate::state::own_file::read;
use crate::state::{FoundAt, LookLimits, PastState, Unchecked, parse_state};

impl FileStore {
    /// Shows the earlier versions of a state with this lineage, or with any, until `see` breaks; one may be shown more than once. The
    /// result says why some are not known.
    pub fn look_back(
        &self,
        lineage: Option<&str>,
        limits: LookLimits,
        see: &mut dyn FnMut(PastState) -> ControlFlow<()>,
    ) -> Option<Unchecked> {
        let url = &self.claim.identity.url;
        let mut see = |past: PastState| {
            if lineage.is_none_or(|lineage| past.document.lineage == lineage) && past.document.url == *url {
                see(past)
            } else {
                ControlFlow::Continue(())
            }
        };
        let path = self.backup_path();
        let backup = read(&path).ok().and_then(|bytes| parse_state(&path, &bytes).ok());
        let mark = self.marks().and_then(|marks| marks.find(lineage).ok().flatten()?.document().ok());
        let kept = [(backup, FoundAt::Backup), (mark, FoundAt::Mark)];
        for (document, found) in kept {
            let Some(document) = document else { continue };
            if see(PastState { document, found }).is_break() {
                return None;
            }
        }
        each_committed(&self.path, limits, &mut see)
    }
}
