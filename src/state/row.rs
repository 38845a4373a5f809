//! What is known of one template, what was sent for it and is without an outcome, and how its last attempt ended.

mod accept;
mod attempt;
mod evidence;
mod file;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{BEING_SENT, ResolutionRecord, WriteId, Writes};
use crate::model::{Attributes, Digest, NaturalKey, TemplateId, Timestamp};

pub use attempt::{Attempt, Attempts, Operation};
pub(super) use evidence::Consequence;
use file::RowFile;

/// One template in the state.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(try_from = "RowFile")]
pub struct Row {
    /// Everything that was sent and is without an outcome.
    pub attempts: Attempts,
    /// What the server is known to hold; nothing for a template that was never accepted, or was only imported.
    pub confirmed: Option<Confirmed>,
    /// The vendor's id, where it is known.
    pub identity: Option<Identity>,
    /// Whether forgetting this template takes two steps.
    pub protect: bool,
    /// What people said of attempts whose outcome was not known, the last one at the end.
    pub resolutions: Vec<ResolutionRecord>,
    /// How the last attempt ended.
    pub state: RowState,
    /// The write that made it what it is; nothing for a row of an earlier certctl that has not changed since.
    pub write: Option<WriteId>,
    /// Where that write is a join: the writes whose rows it took for one. Whoever knows all of them knows this row.
    pub joined_writes: Vec<WriteId>,
}

/// Attributes that the server confirmed.
#[derive(Clone, Debug, PartialEq)]
pub struct Confirmed {
    /// All of them.
    pub attributes: Attributes,
    /// Their digest.
    pub digest: Digest,
    /// When the server confirmed them.
    pub applied_at: Option<Timestamp>,
}

/// A template's id and how it was learnt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The id.
    pub id: TemplateId,
    /// How it was learnt.
    pub source: IdSource,
}

/// How an id was learnt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IdSource {
    /// No other assignment was possible.
    Exact,
    /// One of several ids of one request, in the order of its rows: for people, never used to address anything.
    Positional,
    /// A person named it.
    Imported,
}

impl IdSource {
    /// Whether a request may be addressed to an id learnt in this way.
    pub fn may_address(self) -> bool {
        matches!(self, Self::Exact | Self::Imported)
    }
}

/// How the last attempt on a template ended. The attempts themselves are in [`Row::attempts`]; what follows from them
/// is decided in one place, `evidence.rs`.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum RowState {
    /// The server holds what [`Row::confirmed`] says (or the template was imported and nothing is known of it yet). There
    /// are no attempts.
    #[default]
    Applied,
    /// The server refused the last attempt, or a person's word leaves it to be sent again. The attempts, if there are
    /// any, may have set what the server holds; none may have created the template.
    Failed {
        /// What was said.
        error: RowFailure,
    },
    /// A background job of the server goes on with an attempt, and no other create is in doubt.
    Pending,
    /// It was sent, and what became of it is not known. In any case while a create is in doubt.
    InDoubt {
        /// Why it is not known.
        error: RowFailure,
    },
}

/// The word for a [`RowState`] in the state file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowStatus {
    /// See [`RowState::Applied`].
    Applied,
    /// See [`RowState::Failed`].
    Failed,
    /// See [`RowState::Pending`].
    Pending,
    /// See [`RowState::InDoubt`].
    InDoubt,
}

/// Why an attempt failed or is in doubt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RowFailure {
    /// When it was recorded.
    pub at: Timestamp,
    /// In words.
    pub message: String,
    /// The vendor's `record`, as it came.
    #[serde(default)]
    pub record: Option<serde_json::Value>,
}

impl RowFailure {
    fn new(at: Timestamp, message: impl Into<String>) -> Self {
        Self { at, message: message.into(), record: None }
    }

    /// A row in doubt of which no reason was recorded.
    fn unsaid(at: Timestamp) -> Self {
        Self::new(at, "it was sent, and what became of it is not known")
    }
}

impl Row {
    /// Whether both say the same, whichever write made them.
    pub fn says_the_same(&self, other: &Self) -> bool {
        // Every field is named, so that a new one cannot be forgotten here.
        let Self {
            attempts,
            confirmed: known,
            identity,
            protect,
            resolutions: settled,
            state: standing,
            write: _,
            joined_writes: _,
        } = self;
        attempts == &other.attempts
            && known == &other.confirmed
            && identity == &other.identity
            && protect == &other.protect
            && settled == &other.resolutions
            && standing == &other.state
    }

    /// Whether a state with these writes knows, or once knew, this row.
    pub(super) fn is_known_to(&self, writes: &Writes) -> bool {
        let knows = |write: &WriteId| writes.contains(*write);
        self.write.as_ref().is_some_and(knows)
            || !self.joined_writes.is_empty() && self.joined_writes.iter().all(knows)
    }

    /// Names the write that made it what it is.
    pub(super) fn sign(&mut self, write: WriteId) {
        self.write = Some(write);
        self.joined_writes.clear();
    }

    /// The word for how the last attempt ended.
    pub fn status(&self) -> RowStatus {
        match self.state {
            RowState::Applied => RowStatus::Applied,
            RowState::Failed { .. } => RowStatus::Failed,
            RowState::Pending => RowStatus::Pending,
            RowState::InDoubt { .. } => RowStatus::InDoubt,
        }
    }

    /// What was sent last of all that may or may not have arrived.
    pub fn attempt(&self) -> Option<&Attempt> {
        self.attempts.newest()
    }

    /// The server's job that goes on with an attempt.
    pub fn job(&self) -> Option<&str> {
        self.attempts.waiting().and_then(|attempt| attempt.job.as_deref())
    }

    /// Why the last attempt failed or is in doubt.
    pub fn fault(&self) -> Option<&RowFailure> {
        match &self.state {
            RowState::Failed { error } | RowState::InDoubt { error } => Some(error),
            RowState::Applied | RowState::Pending => None,
        }
    }

    /// Whether another run waits for the answer to it at this moment.
    pub fn is_being_sent(&self) -> bool {
        matches!(&self.state, RowState::InDoubt { error } if error.message == BEING_SENT)
    }

    /// Why the server refused the last attempt; `None` where a person's word, or an export, ended it since.
    pub fn refusal(&self) -> Option<&RowFailure> {
        let RowState::Failed { error } = &self.state else { return None };
        self.resolutions.last().is_none_or(|settled| settled.at != error.at).then_some(error)
    }

    /// What the attempts without an outcome may have done: created a template, if any of them may have.
    pub fn operation(&self) -> Option<Operation> {
        let newest = self.attempts.newest()?;
        Some(if self.attempts.creates().next().is_some() { Operation::Create } else { newest.operation })
    }

    /// Whether the server is known to hold this template, whatever its attributes. An update is only ever sent for one
    /// that exists.
    pub fn exists(&self) -> bool {
        let updates = |attempt: &Attempt| attempt.operation == Operation::Update;
        self.confirmed.is_some() || self.identity.is_some() || self.attempts.iter().any(updates)
    }

    /// Whether the server holds this template, as far as is known, or may hold it.
    pub fn may_exist(&self) -> bool {
        self.exists() || !self.attempts.is_empty()
    }

    /// Every natural key under which the server holds this template, or may hold it.
    pub fn natural_keys(&self) -> impl Iterator<Item = NaturalKey> {
        let known = self.confirmed.as_ref().map(|known| NaturalKey::of(&known.attributes));
        known.into_iter().chain(self.attempts.iter().map(Attempt::natural_key))
    }

    /// Every field that a request which does this has to set or to clear: those that the server holds, or may hold, for
    /// the template that it is about. A create for another natural key is about the new template, not about the one
    /// that is there.
    pub fn possibly_set_fields(&self, deed: Operation) -> BTreeSet<&str> {
        let about_another = deed == Operation::Create && self.confirmed.is_some();
        let known = self.confirmed.iter().filter(|_| !about_another);
        let attempts =
            self.attempts.iter().filter(|attempt| !about_another || attempt.operation == Operation::Create);
        known.flat_map(|known| known.attributes.names()).chain(attempts.flat_map(Attempt::fields)).collect()
    }
}
