//! One template in the state: what is known of it, its attempts without an outcome, and how its last attempt ended.

mod accept;
mod attempt;
mod evidence;
mod file;
mod observed;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{BEING_SENT, Provenance, ResolutionKind, ResolutionRecord, WriteId, Writes};
use crate::model::{Attributes, Digest, NaturalKey, TemplateId, Timestamp};

pub use attempt::{Attempt, Attempts, Operation};
pub(super) use evidence::{Consequence, every_field};
use file::RowFile;
pub use observed::Baseline;

/// One template in the state.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(try_from = "RowFile")]
pub struct Row {
    /// The attempts without an outcome.
    pub attempts: Attempts,
    /// What the server is known to hold; `None` if no attempt was accepted, or the template was only imported.
    pub confirmed: Option<Confirmed>,
    /// The vendor's id, if known.
    pub identity: Option<Identity>,
    /// Whether forgetting this template takes two steps.
    pub protect: bool,
    /// The resolutions of earlier attempts, the last one at the end.
    pub resolutions: Vec<ResolutionRecord>,
    /// How the last attempt ended.
    pub state: RowState,
    /// Attributes that the server may hold beside those in `confirmed`, with values that are not known: nothing has
    /// shown or set them since the template was adopted. A request neither clears nor assumes them.
    pub unknown: BTreeSet<String>,
    /// The write that made the row what it is; `None` for a row of an earlier certctl that has not changed since.
    pub write: Option<WriteId>,
    /// If that write is a join: the writes of the rows that it joined. A state that has all of them knows this row.
    pub joined_writes: Vec<WriteId>,
}

/// Attributes that the server confirmed.
#[derive(Clone, Debug, PartialEq)]
pub struct Confirmed {
    /// All attributes of the template.
    pub attributes: Attributes,
    /// Digest of `attributes`.
    pub digest: Digest,
    /// When the server confirmed them.
    pub applied_at: Option<Timestamp>,
    /// Who sent them; `None` if they were seen, or an early certctl sent them.
    pub applied_by: Option<Provenance>,
    /// Where they were seen then, if they are not from an answer of the server.
    pub seen_in: Option<String>,
}

/// A template's id and how it was learned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The vendor's id.
    pub id: TemplateId,
    /// How it was learned.
    pub source: IdSource,
}

/// How an id was learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum IdSource {
    /// No other assignment was possible.
    Exact,
    /// One of several ids of one request, in the order of its rows: shown to people, but never used to address a
    /// request.
    Positional,
    /// A person or an export named it.
    Imported,
}

impl IdSource {
    /// Whether a request may be addressed to an id with this source.
    pub fn may_address(self) -> bool {
        matches!(self, Self::Exact | Self::Imported)
    }
}

/// How the last attempt on a template ended. The attempts themselves are in [`Row::attempts`]; `evidence.rs` alone
/// decides what follows from them.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum RowState {
    /// The server holds what [`Row::confirmed`] says, or the template was imported and its contents are unknown.
    /// There are no attempts.
    #[default]
    Applied,
    /// The server rejected the last attempt, or a resolution leaves it to be sent again. Attempts that remain may
    /// have changed the template, but none may have created it.
    Failed {
        /// What the server said, or why it is sent again.
        error: RowFailure,
    },
    /// A background job of the server is processing an attempt, and no other create is in doubt.
    Pending,
    /// An attempt was sent and its outcome is unknown. Always the state while a create is in doubt.
    InDoubt {
        /// Why it is not known.
        error: RowFailure,
    },
}

/// How the last attempt on a template ended, as the state file names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RowStatus {
    /// The last attempt succeeded, or the template was imported.
    Applied,
    /// The server rejected the last attempt, or it is to be sent again.
    Failed,
    /// A job of the server is processing an attempt.
    Pending,
    /// The outcome of an attempt is not known.
    InDoubt,
}

/// Why an attempt failed or is in doubt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RowFailure {
    /// When it was recorded.
    pub at: Timestamp,
    /// The reason, in words.
    pub message: String,
    /// The vendor's `record`, unchanged.
    #[serde(default)]
    pub record: Option<serde_json::Value>,
}

impl RowFailure {
    fn new(at: Timestamp, message: impl Into<String>) -> Self {
        Self { at, message: message.into(), record: None }
    }

    /// The reason of a row in doubt for which none was recorded.
    fn unsaid(at: Timestamp) -> Self {
        Self::new(at, "it was sent, and what became of it is not known")
    }
}

impl Row {
    /// Whether two rows are equal apart from the writes that made them.
    pub fn says_the_same(&self, other: &Self) -> bool {
        // Every field is listed, so that a new one cannot be forgotten here.
        let Self {
            attempts,
            confirmed,
            identity,
            protect,
            resolutions,
            state,
            unknown,
            write: _,
            joined_writes: _,
        } = self;
        attempts == &other.attempts
            && confirmed == &other.confirmed
            && identity == &other.identity
            && protect == &other.protect
            && resolutions == &other.resolutions
            && state == &other.state
            && unknown == &other.unknown
    }

    /// Whether a state with these writes knows this row, or once did.
    pub(super) fn is_known_to(&self, writes: &Writes) -> bool {
        let knows = |write: &WriteId| writes.contains(*write);
        self.write.as_ref().is_some_and(knows)
            || !self.joined_writes.is_empty() && self.joined_writes.iter().all(knows)
    }

    /// Sets the write that made the row what it is.
    pub(super) fn sign(&mut self, write: WriteId) {
        self.write = Some(write);
        self.joined_writes.clear();
    }

    /// The name of the row's state.
    pub fn status(&self) -> RowStatus {
        match self.state {
            RowState::Applied => RowStatus::Applied,
            RowState::Failed { .. } => RowStatus::Failed,
            RowState::Pending => RowStatus::Pending,
            RowState::InDoubt { .. } => RowStatus::InDoubt,
        }
    }

    /// The newest attempt without an outcome.
    pub fn attempt(&self) -> Option<&Attempt> {
        self.attempts.newest()
    }

    /// The background job that is processing an attempt.
    pub fn job(&self) -> Option<&str> {
        self.attempts.waiting().and_then(|attempt| attempt.job.as_deref())
    }

    /// Why the last attempt failed or is in doubt.
    pub fn failure(&self) -> Option<&RowFailure> {
        match &self.state {
            RowState::Failed { error } | RowState::InDoubt { error } => Some(error),
            RowState::Applied | RowState::Pending => None,
        }
    }

    /// Whether another run is waiting for its answer now.
    pub fn is_being_sent(&self) -> bool {
        matches!(&self.state, RowState::InDoubt { error } if error.message == BEING_SENT)
    }

    /// Why the server rejected the last attempt; `None` if a resolution has ended it since.
    pub fn refusal(&self) -> Option<&RowFailure> {
        let RowState::Failed { error } = &self.state else { return None };
        let mut settled = self.resolutions.iter().filter(|record| record.how != ResolutionKind::Deleted);
        settled.next_back().is_none_or(|settled| settled.at != error.at).then_some(error)
    }

    /// What the attempts without an outcome may have done: a create, if any of them is one.
    pub fn operation(&self) -> Option<Operation> {
        let newest = self.attempts.newest()?;
        Some(if self.attempts.creates().next().is_some() { Operation::Create } else { newest.operation })
    }

    /// Whether the server is known to hold this template, whatever its attributes. Updates are sent only for existing
    /// templates.
    pub fn exists(&self) -> bool {
        let updates = |attempt: &Attempt| attempt.operation == Operation::Update;
        self.confirmed.is_some() || self.identity.is_some() || self.attempts.iter().any(updates)
    }

    /// Whether the id of its template is known only from the position in a response.
    pub fn has_guessed_id(&self) -> bool {
        self.identity.as_ref().is_some_and(|identity| !identity.source.may_address())
    }

    /// Whether the server holds this template, or may hold it.
    pub fn may_exist(&self) -> bool {
        self.exists() || !self.attempts.is_empty()
    }

    /// Whether the row's contents, if it has any, are those of the template with this id. Without a certain id they
    /// are: they belong to the row's resource.
    pub(super) fn is_template(&self, id: &TemplateId) -> bool {
        match &self.identity {
            Some(had) if had.source.may_address() => had.id == *id,
            // After a requested resend there may be two templates, and the confirmed contents may be the other one's.
            _ => self.resolutions.iter().all(|record| record.how != ResolutionKind::Resend),
        }
    }

    /// Every natural key under which the server holds, or may hold, this template.
    pub fn natural_keys(&self) -> impl Iterator<Item = NaturalKey> {
        let known = self.confirmed.as_ref().map(|known| NaturalKey::of(&known.attributes));
        known.into_iter().chain(self.attempts.iter().map(Attempt::natural_key))
    }

    /// Every field that such a request has to set or clear: those that the server holds, or may hold, for its
    /// template. A create for another natural key concerns the new template, not the existing one.
    pub fn possibly_set_fields(&self, operation: Operation) -> BTreeSet<&str> {
        let about_another = operation == Operation::Create && self.confirmed.is_some();
        let known = self.confirmed.iter().filter(|_| !about_another);
        let attempts =
            self.attempts.iter().filter(|attempt| !about_another || attempt.operation == Operation::Create);
        known.flat_map(|known| known.attributes.names()).chain(attempts.flat_map(Attempt::fields)).collect()
    }
}
