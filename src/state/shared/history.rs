//! The versions of a shared state, each in an object beside it.

use std::ops::ControlFlow;
use std::time::Instant;

use super::SharedStore;
use super::place::StatePlace;
use crate::state::{Document, FoundAt, Location, LookLimits, PastState, StateError, Unchecked, parse_state};

impl SharedStore {
    /// Keeps this version of the state beside it.
    fn keep_version(&self, document: &Document) -> Result<(), StateError> {
        let place = self.place()?;
        let text =
            document.to_text().map_err(|error| StateError::Unwritable { message: error.to_string() })?;
        let write = document.writes.newest().map(|write| format!("-{write}")).unwrap_or_default();
        let key = format!("{}/{:010}{write}.json", place.history(), document.serial);
        place.create(&key, text.as_bytes()).map(drop)
    }

    /// Keeps this version of the state beside it, if that is possible. The state itself has it.
    pub(super) fn keep(&self, document: &Document) {
        if let Err(error) = self.keep_version(document) {
            tracing::info!(%error, "this version of the state was not kept beside it");
        }
    }

    /// Where the newest version is that was kept.
    pub(super) fn newest_version(&self) -> Option<Location> {
        let place = self.place().ok()?;
        Some(place.location(versions(place).ok()?.first()?))
    }

    /// Shows the versions of a state with this lineage, the newest first, until `see` breaks. The result says why some are
    /// not known.
    pub fn look_back(
        &self,
        lineage: Option<&str>,
        limits: LookLimits,
        see: &mut dyn FnMut(PastState) -> ControlFlow<()>,
    ) -> Option<Unchecked> {
        let unchecked = |error: StateError| Some(Unchecked::Store(error.to_string()));
        let (began, mut bytes) = (Instant::now(), 0);
        let place = match self.place() {
            Ok(place) => place,
            Err(error) => return unchecked(error),
        };
        let keys = match versions(place) {
            Ok(keys) => keys,
            Err(error) => return unchecked(error),
        };
        for key in keys {
            let object = match place.get(&key) {
                Ok(Some(object)) => object,
                Ok(None) => continue,
                Err(error) => return unchecked(error),
            };
            bytes += object.bytes.len() as u64;
            // Other texts, and states of other environments, are not versions of this one.
            let document = parse_state(place.location(&key), &object.bytes).ok();
            let document = document.filter(|it| {
                lineage.is_none_or(|lineage| it.lineage == lineage) && it.url == self.claim.identity.url
            });
            if let Some(document) = document
                && see(PastState { document, found: FoundAt::Kept }).is_break()
            {
                return None;
            }
            if began.elapsed() > limits.time {
                return Some(Unchecked::TooLong);
            }
            if bytes > limits.bytes {
                return Some(Unchecked::TooLarge);
            }
        }
        None
    }

    /// Some earlier versions of a state, the newest first.
    pub fn earlier(&self, in_place: &Document, limits: LookLimits) -> Vec<Document> {
        const VERSIONS: usize = 8;
        let mut earlier = Vec::new();
        let _ = self.look_back(Some(&in_place.lineage), limits, &mut |past| {
            if past.document.serial < in_place.serial {
                earlier.push(past.document);
            }
            if earlier.len() < VERSIONS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        earlier
    }
}

/// The objects with the versions, the newest first.
fn versions(place: &StatePlace) -> Result<Vec<String>, StateError> {
    let folder = place.history();
    let mut keys = place.list(&folder, &format!("{folder}/0"))?;
    keys.reverse();
    Ok(keys)
}
