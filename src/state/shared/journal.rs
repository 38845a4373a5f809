//! The journal of a shared state: objects in a folder for each run, one for each record. They are never removed by the
//! run that wrote them; the state's epoch says up to which run they are part of the state.

use std::collections::BTreeMap;
use std::thread;

use uuid::Uuid;

use super::place::StatePlace;
use crate::state::{Record, StateError, parse_journal};

/// How many objects are read at the same time.
const READERS: usize = 8;

/// The folder of a run's journal, below that of all journals. In the order of their names, folders have the order of
/// their epochs.
pub(super) fn folder(place: &StatePlace, epoch: u64, run: Uuid) -> String {
    format!("{}/{epoch:010}-{run}", place.journal())
}

/// An object of a journal, by its number from 1.
pub(super) fn object(folder: &str, number: u64) -> String {
    format!("{folder}/{number:06}.json")
}

/// The epoch of the run whose journal has the object with this key.
pub(super) fn epoch_of(key: &str) -> Option<u64> {
    key.rsplit_once('/')?.0.rsplit('/').next()?.split('-').next()?.parse().ok()
}

/// The journal of one run.
#[derive(Debug, Default, PartialEq)]
pub(super) struct RunJournal {
    pub(super) epoch: u64,
    pub(super) folder: String,
    /// The keys of its objects, in order.
    pub(super) objects: Vec<String>,
}

/// The journal that may not be part of the state yet: that of the newest run after `sealed` and up to `newest`.
///
/// There is one at most. A run makes an earlier journal part of the state before it begins its own; whatever an earlier
/// run still adds to its own after that was not acted upon, because that run looks at the epoch before it acts.
pub(super) fn unsealed(
    place: &StatePlace,
    sealed: u64,
    newest: u64,
) -> Result<Option<RunJournal>, StateError> {
    let folder = place.journal();
    let after = format!("{folder}/{:010}", sealed.saturating_add(1));
    let mut runs: BTreeMap<(u64, String), Vec<String>> = BTreeMap::new();
    for key in place.list(&folder, &after)? {
        let Some((run, _)) = key.rsplit_once('/') else { continue };
        let name = run.rsplit('/').next().unwrap_or_default();
        let Some(epoch) = name.split('-').next().and_then(|number| number.parse::<u64>().ok()) else {
            continue;
        };
        if epoch > sealed && epoch <= newest {
            runs.entry((epoch, run.to_owned())).or_default().push(key);
        }
    }
    Ok(runs.pop_last().map(|((epoch, folder), objects)| RunJournal { epoch, folder, objects }))
}

impl RunJournal {
    /// Reads the records. `expected` is how many objects it must have at least.
    pub(super) fn read(&self, place: &StatePlace, expected: u64) -> Result<Vec<Record>, StateError> {
        let mut number = 0;
        for key in &self.objects {
            number += 1;
            if *key != object(&self.folder, number) {
                return Err(incomplete(place, &object(&self.folder, number)));
            }
        }
        if number < expected {
            return Err(incomplete(place, &object(&self.folder, number + 1)));
        }
        let texts = self.texts(place)?;
        parse_journal(&texts.concat()).map_err(|damage| {
            let at = place.location(&self.folder);
            if damage.is_newer {
                StateError::NewerJournal { at, damage }
            } else {
                StateError::DamagedJournal { at, damage, copy: None }
            }
        })
    }

    fn texts(&self, place: &StatePlace) -> Result<Vec<Vec<u8>>, StateError> {
        let read = |key: &String| match place.get(key) {
            Ok(Some(object)) => Ok(object.bytes),
            Ok(None) => Err(incomplete(place, key)),
            Err(error) => Err(error),
        };
        let mut texts = Vec::new();
        for keys in self.objects.chunks(READERS) {
            let read_all = thread::scope(|scope| {
                let readers: Vec<_> = keys.iter().map(|key| scope.spawn(move || read(key))).collect();
                readers
                    .into_iter()
                    .map(|reader| reader.join().unwrap_or(Err(StateError::Ended)))
                    .collect::<Result<Vec<_>, _>>()
            });
            texts.extend(read_all?);
        }
        Ok(texts)
    }
}

/// A record that must be there is not.
pub(super) fn incomplete(place: &StatePlace, key: &str) -> StateError {
    StateError::JournalIncomplete { at: place.location(key) }
}
