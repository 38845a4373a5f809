//! Finds and removes the objects beside a shared state that nothing needs any more. Only a command that a person gives for
//! this removes objects; runs never do.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;

use super::place::StatePlace;
use super::{SharedGuard, SharedStore, closing, journal};
use crate::state::{Document, RowStatus, StateError};

/// How many objects are read or removed at the same time.
const AT_ONCE: usize = 8;

/// The objects beside a state that can be removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prunable {
    /// How many journals of runs are among them.
    pub journals: usize,
    /// The objects of these journals, which are part of the state.
    pub records: Vec<String>,
    /// What runs wrote to find out whether the store compares and swaps.
    pub probes: Vec<String>,
    /// Versions of the state, the oldest first.
    pub versions: Vec<String>,
    /// How many versions stay.
    pub kept_versions: usize,
}

impl Prunable {
    /// How many objects it is.
    pub fn count(&self) -> usize {
        self.records.len() + self.probes.len() + self.versions.len()
    }

    /// The serials of the oldest and the newest version that can be removed.
    pub fn serials(&self) -> Option<(u64, u64)> {
        Some((serial_of(self.versions.first()?)?, serial_of(self.versions.last()?)?))
    }
}

impl SharedStore {
    /// What can be removed while this run holds the state, if the newest `keep` versions stay. `document` is the state
    /// with an unfinished journal included.
    pub fn prunable(
        &self,
        guard: &SharedGuard,
        document: Option<&Document>,
        keep: usize,
    ) -> Result<Prunable, StateError> {
        let place = self.place()?;
        let all = |folder: String| place.list(&folder, &format!("{folder}/0"));
        let journals = ended_journals(place, &all(place.journal())?, guard.epoch.sealed)?;
        let versions = all(place.history())?;
        let needed = document.map(|document| needed(&versions, document)).unwrap_or_default();
        let old = versions.len().saturating_sub(keep.max(1));
        let versions_to_go: Vec<String> =
            versions.iter().take(old).filter(|key| !needed.contains(*key)).cloned().collect();
        Ok(Prunable {
            journals: journals.len(),
            records: journals.concat(),
            probes: all(place.probe())?,
            kept_versions: versions.len() - versions_to_go.len(),
            versions: versions_to_go,
        })
    }

    /// Removes these objects. What is removed twice, or was removed by others, is no error.
    pub fn prune(&self, prunable: &Prunable) -> Result<(), StateError> {
        let place = self.place()?;
        let Prunable { records, probes, versions, .. } = prunable;
        let keys: Vec<&String> = records.iter().chain(probes).chain(versions).collect();
        keys.chunks(AT_ONCE).try_for_each(|keys| remove_all(place, keys))
    }
}

fn remove_all(place: &StatePlace, keys: &[&String]) -> Result<(), StateError> {
    thread::scope(|scope| {
        let removers: Vec<_> = keys.iter().map(|key| scope.spawn(move || place.remove(key))).collect();
        removers.into_iter().try_for_each(|remover| remover.join().unwrap_or(Err(StateError::Ended)))
    })
}

/// The objects that can go of each journal that is part of the state. The newest journal of all stays in any case: should
/// the state's object get lost, it shows on every machine that there was one. So does the end of a journal that another
/// run closed: it keeps a run that stands still from recording anything when it goes on.
fn ended_journals(place: &StatePlace, keys: &[String], sealed: u64) -> Result<Vec<Vec<String>>, StateError> {
    let newest = keys.iter().filter_map(|key| journal::epoch_of(key)).max();
    let mut journals: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
    for key in keys {
        let is_over = |epoch: u64| epoch <= sealed && Some(epoch) != newest;
        if let Some((folder, _)) =
            key.rsplit_once('/').filter(|_| journal::epoch_of(key).is_some_and(is_over))
        {
            journals.entry(folder).or_default().push(key);
        }
    }
    let journals: Vec<Vec<&String>> = journals.into_values().collect();
    let mut ended = Vec::new();
    for journals in journals.chunks(AT_ONCE) {
        let removable = thread::scope(|scope| {
            let readers: Vec<_> =
                journals.iter().map(|objects| scope.spawn(move || without_end(place, objects))).collect();
            let read = readers.into_iter().map(|reader| reader.join().unwrap_or(Err(StateError::Ended)));
            read.collect::<Result<Vec<_>, _>>()
        });
        ended.extend(removable?.into_iter().filter(|objects| !objects.is_empty()));
    }
    Ok(ended)
}

/// The objects of a journal, sorted, without the end that another run gave it.
fn without_end(place: &StatePlace, objects: &[&String]) -> Result<Vec<String>, StateError> {
    let mut objects: Vec<String> = objects.iter().map(|key| (*key).clone()).collect();
    if let Some(last) = objects.last()
        && place.get(last)?.is_some_and(|object| closing::is_closing(&object.bytes))
    {
        objects.pop();
    }
    Ok(objects)
}

/// The versions that rows without a known outcome came from: the one that has their last write, and the one before.
fn needed(versions: &[String], document: &Document) -> BTreeSet<String> {
    let is_open = |status| matches!(status, RowStatus::InDoubt | RowStatus::Pending);
    let rows = document.templates.values();
    let open = rows.filter(|row| is_open(row.status()) || row.attempt().is_some());
    let writes: BTreeSet<String> =
        open.filter_map(|row| row.write).map(|write| format!("-{write}.json")).collect();
    let has_write = |key: &String| {
        key.len().checked_sub(ENDING).and_then(|at| key.get(at..)).is_some_and(|end| writes.contains(end))
    };
    let mut needed = BTreeSet::new();
    for (index, key) in versions.iter().enumerate().filter(|(_, key)| has_write(key)) {
        needed.insert(key.clone());
        needed.extend(index.checked_sub(1).and_then(|before| versions.get(before)).cloned());
    }
    needed
}

/// The length of what follows the serial in the name of a version: a hyphen, a UUID and `.json`.
const ENDING: usize = 1 + 36 + 5;

/// The serial in the name of a version.
fn serial_of(key: &str) -> Option<u64> {
    let name = key.rsplit('/').next()?;
    name.split(['-', '.']).next()?.parse().ok()
}
