//! A state, read from the texts of its files.

use std::path::Path;

use super::Error;
use crate::model::{Digest, Key};
use crate::state::{
    Document, JournalFit, Location, Snapshot, StateError, StateIdentity, parse_journal, parse_state,
};

/// Everything that certctl knows about the server, with what an unfinished run has recorded so far.
#[derive(Clone, Debug)]
pub struct State {
    location: Location,
    document: Document,
}

impl State {
    /// Reads the texts of a state file and of the journal beside it, as far as each exists. `file` is the path of the
    /// state, for errors. `None` if neither exists: nothing was applied yet.
    ///
    /// Fails if a text is damaged or has a newer format, if the two do not belong together, or if the state contradicts
    /// itself because another program changed it.
    pub fn from_texts(
        file: impl AsRef<Path>,
        state: Option<&[u8]>,
        journal: Option<&[u8]>,
    ) -> Result<Option<Self>, Error> {
        let file = file.as_ref();
        let snapshot = snapshot(file, state, journal).map_err(|error| Error::of(&error))?;
        let serial = snapshot.document.as_ref().map_or(0, |document| document.serial);
        let document = snapshot.effective().map_err(|fit| does_not_fit(file, serial, fit))?;
        let Some(document) = document else { return Ok(None) };
        let location = Location::from(file);
        document.check_consistency(location.clone()).map_err(|error| Error::of(&error))?;
        Ok(Some(Self { location, document }))
    }

    /// The keys of the templates that it has a row for, in order.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.document.templates.keys()
    }

    /// The keys of the templates whose last attempt has an unknown outcome.
    pub fn in_doubt(&self) -> impl Iterator<Item = &Key> {
        self.document.in_doubt().map(|(key, _)| key)
    }

    /// The number of the version: each write makes it larger.
    pub fn serial(&self) -> u64 {
        self.document.serial
    }

    /// The document, if it belongs to this environment and instance.
    pub(super) fn of(&self, identity: &StateIdentity) -> Result<&Document, Error> {
        let checked = self.document.check_identity(identity, self.location.clone());
        checked.map_err(|error| Error::of(&error))?;
        Ok(&self.document)
    }
}

fn snapshot(file: &Path, state: Option<&[u8]>, journal: Option<&[u8]>) -> Result<Snapshot, StateError> {
    let document = state.map(|text| parse_state(file, text)).transpose()?;
    let damaged = |damage| StateError::DamagedJournal {
        at: file.with_added_extension("journal").into(),
        damage,
        copy: None,
    };
    let journal = journal.map_or(Ok(Vec::new()), parse_journal).map_err(damaged)?;
    Ok(Snapshot { document, version: state.map(Digest::of), journal, ..Snapshot::default() })
}

fn does_not_fit(file: &Path, serial: u64, fit: JournalFit) -> Error {
    let begun = match fit {
        JournalFit::Foreign { expected } => format!(", which is number {expected}"),
        JournalFit::None | JournalFit::Open | JournalFit::Checkpointed => String::new(),
    };
    Error::of(&format!(
        "the journal beside {} belongs to another version of the state{begun}, not to number {serial}. The command \
         line tells how to join the two",
        file.display()
    ))
}
