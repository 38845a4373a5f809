//! A state on a server of Terraform's HTTP state protocol, such as GitLab: one document with the state and its journal,
//! and a lock. The command line creates it; the ledger and readers use it through [`Store`].
//!
//! | file | holds |
//! |---|---|
//! | `settings` | how a server is reached, by Terraform's variables |
//! | `requests`, `words` | requests, one at a time, and their errors in words |
//! | `exchange` | reads, writes and locks that survive lost answers |
//! | `lock_info`, `server_lock` | what the protocol says about a lock, and how a run holds it |
//! | `document` | the document: the state, its journal, and which write it is |
//! | `guard` | what a run knows while it holds the state |
//! | `moved` | the note in the place of a state that was moved |
//! | `look` | one look at the server, for people |
//! | `unlock` | the lock of another run, and its release |
//!
//! **Why nothing is sent twice.** A run records a request in the document before it sends it, and reads the document right
//! before that. A server that compares the lock of each write refuses those of a run whose lock was released; so
//! everything that such a run recorded is there when the next one reads. See docs/shared-state.md for servers that do not.

mod document;
mod exchange;
mod guard;
mod lock_info;
mod look;
mod moved;
mod requests;
mod server_lock;
mod settings;
mod unlock;
mod words;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::claim;
use super::{
    Document, DocumentText, Holder, Location, LockError, Marks, MovedState, Outline, Record, Snapshot,
    StateClaim, StateError, Store, Version, Wait, WayBack, Writer, parse_journal, parse_state,
};
use crate::crash::{Point, reach};
use crate::model::{Digest, HttpAddress};
use document::ServerDocument;
pub(super) use document::{has_state_serial, state_in};
use exchange::Failed;
use guard::{HttpGuard, is_empty};
use requests::StateServer;
use server_lock::NoLock;
pub(super) use server_lock::release_now;

/// The state of one environment on a server of Terraform's HTTP protocol.
#[derive(Clone, Debug)]
pub struct HttpStore {
    address: HttpAddress,
    /// Connected at the first use: many commands need no state.
    server: Arc<OnceLock<Result<Arc<StateServer>, String>>>,
    claim: StateClaim,
    marks: Option<Marks>,
}

impl HttpStore {
    /// The state at this address, which must have the identity that is claimed. Opens no connection.
    pub fn new(address: HttpAddress, claim: impl Into<StateClaim>) -> Self {
        Self { address, server: Arc::default(), claim: claim.into(), marks: None }
    }

    /// Accepts the state of a renamed environment.
    #[must_use]
    pub fn taking_over(self) -> Self {
        Self { claim: self.claim.taking_over(), ..self }
    }

    /// Keeps a mark of every state that is written here.
    #[must_use]
    pub fn marked(self, marks: Option<Marks>) -> Self {
        Self { marks, ..self }
    }

    /// The marks of this state, if they are kept.
    pub fn marks(&self) -> Option<&Marks> {
        self.marks.as_ref()
    }

    /// The address of the state.
    pub fn address(&self) -> &HttpAddress {
        &self.address
    }

    /// The version of the state that is in place now.
    pub fn version(&self) -> Result<Version, StateError> {
        Ok(self.text()?.map(|text| Digest::of(&text)))
    }

    /// The text of the state that is in place now, as certctl writes it to a file.
    pub fn text(&self) -> Result<Option<Vec<u8>>, StateError> {
        let text = self.stored()?.map(|stored| stored.contents.text);
        Ok(text.filter(|text| !is_empty(text)))
    }

    /// See [`super::FileStore::renamed_from`].
    pub fn renamed_from(&self) -> Option<String> {
        self.claim.renamed_from(Outline::read(&self.stored().ok()??.contents.text)?.identity)
    }

    fn server(&self) -> Result<&Arc<StateServer>, StateError> {
        let connect = || StateServer::new(self.address.clone()).map(Arc::new);
        let server = self.server.get_or_init(connect);
        server.as_ref().map_err(|why| self.failed("connect to the server of", Failed(why.clone())))
    }

    fn location(&self) -> Location {
        Location::Server(self.address.to_string().into())
    }

    fn failed(&self, action: &'static str, Failed(words): Failed) -> StateError {
        StateError::Io { action, at: self.location(), source: std::io::Error::other(words) }
    }

    /// Why the lock could not be taken.
    fn not_locked(&self, error: NoLock) -> StateError {
        match error {
            NoLock::Failed(failed) => self.failed("lock", failed),
            NoLock::Held(said) => {
                let lock = Box::new(self.held_lock(said.as_deref()));
                StateError::Lock(LockError::Leased { lock })
            }
        }
    }

    fn taken_over(&self) -> StateError {
        StateError::TakenOver { at: self.location() }
    }

    fn stored(&self) -> Result<Option<ServerDocument>, StateError> {
        let body = self.server()?.read().map_err(|error| self.failed("read", error))?;
        Ok(body.map(ServerDocument::read))
    }

    /// The state with this text, if it belongs to this environment.
    fn document(&self, text: &[u8]) -> Result<Document, StateError> {
        let document =
            parse_state(self.location(), text).map_err(|error| error.with_ways_back(self.marks(), None))?;
        self.claim.check(&self.location(), document)
    }

    fn journal(&self, lines: &[String]) -> Result<Vec<Record>, StateError> {
        let text: String = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
        let journal = parse_journal(text.as_bytes()).map_err(|damage| {
            let at = self.location();
            if damage.is_newer {
                StateError::NewerJournal { at, damage }
            } else {
                StateError::DamagedJournal { at, damage, copy: None }
            }
        })?;
        if let Some(identity) = claim::identity_in(&journal) {
            self.claim.check_identity(&self.location(), "journal", &identity)?;
        }
        Ok(journal)
    }
}

impl Store for HttpStore {
    type Guard = HttpGuard;

    fn read(&self) -> Result<Snapshot, StateError> {
        let Some(stored) = self.stored()? else { return Ok(Snapshot::default()) };
        let document = self.document(&stored.contents.text)?;
        let journal = self.journal(&stored.contents.journal)?;
        if document.serial == 0 {
            return Ok(Snapshot { journal, ..Snapshot::default() });
        }
        let version = Some(Digest::of(&stored.contents.text));
        Ok(Snapshot { document: Some(document), version, blob: None, journal })
    }

    fn lock(&self, holder: &Holder, wait: Duration) -> Result<HttpGuard, StateError> {
        HttpGuard::take(self, holder, wait)
    }

    /// Who holds the lock is told only to those who ask for the lock itself. So what a run is doing now counts as
    /// interrupted.
    fn writer(&self) -> Writer {
        Writer::Absent
    }

    fn check(&self, guard: &HttpGuard) -> Result<(), StateError> {
        guard.check(self)
    }

    /// What a run records after another one took over is part of no state, so there is nothing to wait for.
    fn regain(&self, _: &mut HttpGuard, _: Wait) -> Result<(), StateError> {
        Ok(())
    }

    fn append(&self, guard: &mut HttpGuard, record: &Record) -> Result<(), StateError> {
        guard.append(self, record)
    }

    fn save(
        &self,
        guard: &mut HttpGuard,
        expected: &Version,
        new: &DocumentText<'_>,
    ) -> Result<bool, StateError> {
        if *expected != guard.version {
            return Ok(false);
        }
        reach(Point::SaveCompared);
        let text = new.to_bytes()?;
        guard.save(self, text)?;
        guard.version = Some(new.digest().clone());
        reach(Point::StateDurable);
        Ok(true)
    }

    fn saved(&self, document: &Document) {
        let Some(marks) = &self.marks else { return };
        if let Err(error) = marks.raise(document) {
            tracing::info!(%error, "the mark was not raised");
        }
    }

    fn replace_journal(&self, guard: &mut HttpGuard, records: &[Record]) -> Result<(), StateError> {
        guard.replace_journal(self, records)
    }

    /// Saving has done so already if there was anything to save.
    fn clear_journal(&self, guard: &mut HttpGuard) -> Result<(), StateError> {
        reach(Point::JournalClosed);
        guard.clear_journal(self)?;
        reach(Point::JournalGone);
        Ok(())
    }

    fn leave(&self, guard: &mut HttpGuard, moved: &MovedState) -> Result<(), StateError> {
        self.put_note(guard, moved)
    }

    fn way_to_base(&self) -> WayBack {
        let is_missing = matches!(self.version(), Ok(None));
        WayBack {
            state: self.location(),
            journal: self.location(),
            rescued: None,
            base: None,
            newest_kept: None,
            has_gone_on: false,
            is_missing,
        }
    }
}
