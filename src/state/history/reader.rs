//! Reads the states in commits and compares them with the one in place.

use std::cell::Cell;
use std::collections::HashMap;
use std::path::PathBuf;

use super::blobs::Blobs;
use super::log::Commit;
use super::{HistoryMemory, HistoryRequest, Unchecked, has_conflict};
use crate::state::{InGit, Outline, Sighting, SightingSource, Snapshot, StateIdentity};

/// The number of outlines that a search remembers: a search that finds nothing reads one state, that before the last
/// write.
const MOST: usize = 4;

/// Reads states from commits, each content once.
pub(super) struct HistoryReader<'a> {
    request: &'a HistoryRequest<'a>,
    memory: &'a HistoryMemory,
    blobs: Blobs,
    seen: HashMap<String, Option<Sighting>>,
    /// The root of the repository, and the path of the state below it.
    place: (PathBuf, PathBuf),
    /// The number of outlines that are still worth remembering.
    to_remember: usize,
    /// The first commit whose content cannot be read as a state.
    pub(super) unreadable: Option<String>,
}

impl<'a> HistoryReader<'a> {
    pub(super) fn new(
        request: &'a HistoryRequest<'a>,
        memory: &'a HistoryMemory,
        blobs: Blobs,
        place: (PathBuf, PathBuf),
    ) -> Self {
        Self { request, memory, blobs, seen: HashMap::new(), place, to_remember: MOST, unreadable: None }
    }

    /// Reads the state in this commit; `None` if it does not belong to this instance.
    pub(super) fn see(
        &mut self,
        commit: &Commit,
        origin: impl FnOnce(InGit) -> SightingSource,
    ) -> Result<Option<Sighting>, Unchecked> {
        let Some(blob) = &commit.blob else { return Ok(None) };
        if let Some(known) = self.seen.get(blob) {
            return Ok(known.clone());
        }
        let (root, path) = self.place.clone();
        let origin = origin(InGit { root, commit: commit.id.clone(), path });
        let sighting = match self.in_place(blob) {
            Some(outline) => self.compare(&outline, &origin, || true),
            None => self.read(blob, &commit.id, &origin)?,
        };
        self.seen.insert(blob.clone(), sighting.clone());
        Ok(sighting)
    }

    /// The outline of the state file, if this is its content, byte for byte.
    fn in_place(&self, blob: &str) -> Option<Outline> {
        let Snapshot { document, blob: own, .. } = self.request.snapshot;
        let document = document.as_ref().filter(|_| own.as_ref().is_some_and(|own| own.as_str() == blob))?;
        let identity = StateIdentity { environment: document.environment.clone(), url: document.url.clone() };
        Some(Outline { identity, ancestry: document.ancestry() })
    }

    fn read(
        &mut self,
        blob: &str,
        commit: &str,
        origin: &SightingSource,
    ) -> Result<Option<Sighting>, Unchecked> {
        if let Some(outline) = self.memory.outline(blob) {
            // A remembered outline lacks the templates, so where they decide the state is read.
            let is_needed = Cell::new(false);
            let seen = self.compare(&outline, origin, || is_needed.replace(true));
            if !is_needed.get() {
                return Ok(seen);
            }
        }
        let bytes = self.blobs.read(blob)?;
        let outline = Outline::read(&bytes);
        if outline.is_none() && !has_conflict(&bytes) && self.unreadable.is_none() {
            self.unreadable = Some(commit.to_owned());
        }
        if let Some(outline) = outline.as_ref().filter(|_| self.to_remember > 0) {
            self.to_remember -= 1;
            self.memory.keep_outline(blob, outline);
        }
        let HistoryRequest { path, snapshot, .. } = self.request;
        let same = || !snapshot.contradicts(path, &bytes);
        Ok(outline.and_then(|outline| self.compare(&outline, origin, same)))
    }

    /// Compares a state with the one in place; `None` if it does not belong to this instance.
    fn compare(
        &self,
        outline: &Outline,
        origin: &SightingSource,
        same: impl FnOnce() -> bool,
    ) -> Option<Sighting> {
        let HistoryRequest { identity, in_place, .. } = self.request;
        // The environment may have had another name.
        if outline.identity.url != identity.url {
            return None;
        }
        // A state that a sandbox forgot, or that only another branch began with, does not count.
        let may_be_another = self.request.all_refs && matches!(origin, SightingSource::Head(_));
        let another = || {
            let in_place = in_place.filter(|_| may_be_another)?;
            Sighting::unrelated(in_place, outline, origin.clone())
        };
        Sighting::new(*in_place, outline.clone(), origin.clone(), same).or_else(another)
    }
}
