//! The versions of a shared state, each in an object beside it.

use std::ops::ControlFlow;
use std::time::Instant;

use uuid::Uuid;

use super::SharedStore;
use super::place::StatePlace;
use crate::state::{Document, FoundAt, Location, LookLimits, PastState, StateError, Unchecked, parse_state};

impl SharedStore {
    /// Keeps this version of the state beside it.
    pub(super) fn keep_version(&self, document: &Document) -> Result<(), StateError> {
        let place = self.place()?;
        let text =
            document.to_text().map_err(|error| StateError::Unwritable { message: error.to_string() })?;
        place.create(&version_key(place, document), text.as_bytes()).map(drop)
    }

    /// Keeps the version that a run finds in place, if the one before could not. It only helps people who look back, so
    /// no run fails because of it.
    pub(super) fn keep_found_version(&self, document: &Document) {
        let keep = || -> Result<(), StateError> {
            let place = self.place()?;
            match place.tag(&version_key(place, document))? {
                Some(_) => Ok(()),
                None => self.keep_version(document),
            }
        };
        if let Err(error) = keep() {
            tracing::info!(%error, "the version in place was not kept beside it");
        }
    }

    /// Keeps what is in the place of a lost state, for people.
    pub(super) fn put_aside(&self, object: &[u8]) -> Result<(), StateError> {
        let place = self.place()?;
        let key = format!("{}/damaged-{}.json", place.history(), Uuid::new_v4());
        place.create(&key, object).map(drop)
    }

    /// The newest version that was kept: its number, and where it is.
    pub fn newest_version(&self) -> Option<(u64, Location)> {
        let place = self.place().ok()?;
        let at = place.location(versions(place).ok()?.first()?);
        Some((at.serial()?, at))
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
    // Not what was put aside.
    keys.retain(|key| {
        key.rsplit('/').next().is_some_and(|name| name.starts_with(|c: char| c.is_ascii_digit()))
    });
    keys.reverse();
    Ok(keys)
}

fn version_key(place: &StatePlace, document: &Document) -> String {
    let write = document.writes.newest().map(|write| format!("-{write}")).unwrap_or_default();
    format!("{}/{:010}{write}.json", place.history(), document.serial)
}
