//! The journal of a shared state: objects in a folder for each run, one for each record. They are never removed by the
//! run that wrote them; the state's epoch says up to which run they are part of the state.

use std::collections::BTreeMap;
use std::thread;

use uuid::Uuid;

use super::closing;
use super::epoch::LeftJournal;
use super::journal_notes::JournalNotes;
use super::place::StatePlace;
use crate::model::Timestamp;
use crate::state::{PlannedRow, Record, StateError, parse_journal};

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

/// The number of an object of the journal in this folder.
pub(super) fn number(folder: &str, key: &str) -> Option<u64> {
    let number = key.strip_prefix(folder)?.strip_prefix('/')?.strip_suffix(".json")?.parse().ok()?;
    (object(folder, number) == key).then_some(number)
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
/// There is one at most. A run closes an earlier journal, so that nothing is added to it any more, and makes it part of the
/// state before it begins its own.
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
    while let Some(((epoch, folder), objects)) = runs.pop_last() {
        let journal = RunJournal { epoch, folder, objects };
        if !journal.is_empty(place)? {
            return Ok(Some(journal));
        }
    }
    Ok(None)
}

/// The newest epoch that any journal names; 0 without journals.
pub(super) fn newest_epoch(place: &StatePlace) -> Result<u64, StateError> {
    let folder = place.journal();
    let keys = place.list(&folder, &format!("{folder}/0"))?;
    let epoch = |key: &String| key.strip_prefix(&folder)?.get(1..)?.split('-').next()?.parse::<u64>().ok();
    Ok(keys.iter().filter_map(epoch).max().unwrap_or_default())
}

impl RunJournal {
    /// A journal that can grow no more: its objects are known by their number.
    pub(super) fn left(place: &StatePlace, left: &LeftJournal) -> Self {
        let folder = folder(place, left.number, left.run);
        let objects = (1..=left.records).map(|number| object(&folder, number)).collect();
        Self { epoch: left.number, folder, objects }
    }

    /// The run that wrote it.
    pub(super) fn run(&self) -> Option<Uuid> {
        let (_, run) = self.folder.rsplit('/').next()?.split_once('-')?;
        run.parse().ok()
    }

    /// Whether it was closed before its first record.
    fn is_empty(&self, place: &StatePlace) -> Result<bool, StateError> {
        let [only] = &self.objects[..] else { return Ok(false) };
        Ok(*only == object(&self.folder, 1)
            && place.get(only)?.is_some_and(|object| closing::is_closing(&object.bytes)))
    }

    /// Reads the records. `named` is what the lock says of it, and the length of the lease in seconds. Where an object
    /// is missing, the result says which rows it may be about.
    pub(super) fn read(
        &self,
        place: &StatePlace,
        named: Option<(&JournalNotes, u64)>,
    ) -> Result<Vec<Record>, StateError> {
        let texts = self.texts(place)?;
        let there = texts.last_key_value().map_or(0, |(number, _)| *number);
        let last = named.map_or(0, |(notes, _)| notes.records).max(there);
        let missing: Vec<u64> = (1..=last).filter(|number| !texts.contains_key(number)).collect();
        if missing.is_empty() {
            return self.parsed(place, &texts.into_values().collect::<Vec<_>>().concat());
        }
        self.with_losses(place, texts, &missing, named)
    }

    /// The records that are left: those in objects, and those in the notes. A last record says which rows the others may
    /// be about.
    fn with_losses(
        &self,
        place: &StatePlace,
        mut texts: BTreeMap<u64, Vec<u8>>,
        missing: &[u64],
        named: Option<(&JournalNotes, u64)>,
    ) -> Result<Vec<Record>, StateError> {
        let at = |number: u64| object(&self.folder, number);
        let unexplained = || incomplete(place, &at(missing.first().copied().unwrap_or(1)));
        let lines = named.map(|(notes, _)| &notes.lines);
        let line = |number: &u64| lines.and_then(|lines| lines.get(number));
        let has_begun = texts.contains_key(&1);
        for number in missing {
            if let Some(line) = line(number) {
                texts.insert(*number, line.as_bytes().to_vec());
            }
        }
        let begun = if has_begun { "" } else { named.map_or("", |(notes, _)| notes.begun.as_str()) };
        if !has_begun && begun.is_empty() {
            return Err(unexplained());
        }
        let texts: Vec<Vec<u8>> = texts.into_values().collect();
        let mut records = self.parsed(place, &[begun.as_bytes(), &texts.concat()].concat())?;
        let Some(rows) = planned(&records) else {
            // A run that sends nothing has not more records than its edits.
            let sends = |record: &Record| matches!(record, Record::Intent { .. } | Record::Certify { .. });
            let is_whole = missing.iter().all(|number| line(number).is_some()) && !records.iter().any(sends);
            return if is_whole { Ok(records) } else { Err(unexplained()) };
        };
        let objects = missing.iter().map(|number| place.location(&at(*number)).to_string()).collect();
        let lost = Record::Lost { at: latest(&records, named), objects, rows };
        records.insert(records.len().min(1), lost);
        Ok(records)
    }

    fn parsed(&self, place: &StatePlace, text: &[u8]) -> Result<Vec<Record>, StateError> {
        parse_journal(text).map_err(|damage| {
            let at = place.location(&self.folder);
            if damage.is_newer {
                StateError::NewerJournal { at, damage }
            } else {
                StateError::DamagedJournal { at, damage, copy: None }
            }
        })
    }

    /// The contents of its objects, by their numbers.
    fn texts(&self, place: &StatePlace) -> Result<BTreeMap<u64, Vec<u8>>, StateError> {
        let numbered: Vec<(u64, &String)> =
            self.objects.iter().filter_map(|key| Some((number(&self.folder, key)?, key))).collect();
        let mut texts = BTreeMap::new();
        for keys in numbered.chunks(READERS) {
            let read_all = thread::scope(|scope| {
                let readers: Vec<_> =
                    keys.iter().map(|(number, key)| (*number, scope.spawn(move || place.get(key)))).collect();
                let read = readers.into_iter().map(|(number, reader)| {
                    reader.join().unwrap_or(Err(StateError::Ended)).map(|object| (number, object))
                });
                read.collect::<Result<Vec<_>, _>>()
            });
            let read = read_all?.into_iter();
            texts.extend(
                read.filter_map(|(number, object)| Some((number, closing::record_in(object?.bytes)))),
            );
        }
        Ok(texts)
    }
}

/// What the run of this journal was going to send, if it says so.
fn planned(records: &[Record]) -> Option<Vec<PlannedRow>> {
    records
        .iter()
        .find_map(|record| if let Record::Planned { rows } = record { Some(rows.clone()) } else { None })
}

/// A time after which the run has recorded nothing, as far as that is known.
fn latest(records: &[Record], named: Option<(&JournalNotes, u64)>) -> Timestamp {
    let alive = named.and_then(|(notes, lease)| {
        let lease = i64::try_from(lease).unwrap_or_default();
        Some(Timestamp::from_unix_seconds(notes.at?.unix_seconds().saturating_add(lease)))
    });
    let recorded = records.iter().filter_map(Record::at);
    recorded.chain(alive).max().unwrap_or_else(|| Timestamp::from_unix_seconds(0))
}

/// A record that must be there is not.
pub(super) fn incomplete(place: &StatePlace, key: &str) -> StateError {
    StateError::JournalIncomplete { at: place.location(key) }
}
