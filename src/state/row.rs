//! What is known of one template, and how the last attempt on it ended.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize, Serializer};

use super::{Settled, WriteId, settled};
use crate::model::{Attributes, Digest, NaturalKey, TemplateId, Timestamp};

/// One template in the state.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "RowFile")]
pub struct Row {
    /// What the server is known to hold; nothing for a template that was never accepted, or was only imported.
    pub known: Option<Known>,
    /// The vendor's id, where it is known.
    pub identity: Option<Identity>,
    /// Whether forgetting this template takes two steps.
    pub protect: bool,
    /// What people said of attempts whose outcome was not known, the last one at the end.
    pub settled: Vec<Settled>,
    /// How the last attempt ended.
    pub standing: Standing,
    /// The write that made it what it is; nothing for a row of an earlier certctl that has not changed since.
    pub write: Option<WriteId>,
}

/// Attributes that the server confirmed.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
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

/// How the last attempt on a template ended. What could be sent again by mistake is kept in variants that no
/// composer of requests accepts.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing {
    /// The server holds what [`Row::known`] says (or the template was imported and nothing is known of it yet).
    Applied,
    /// The server refused the last attempt.
    Failed {
        /// What it said.
        error: RowFault,
        /// What may have been applied all the same, by this attempt or an earlier one of unknown outcome.
        attempt: Option<Attempt>,
    },
    /// A background job of the server has not ended yet.
    Pending {
        /// The job's id.
        job: String,
        /// What was sent.
        attempt: Attempt,
    },
    /// It was sent, and what became of it is not known.
    InDoubt {
        /// Why it is not known.
        error: RowFault,
        /// What was sent.
        attempt: Attempt,
    },
}

/// The word for a [`Standing`] in the state file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// See [`Standing::Applied`].
    Applied,
    /// See [`Standing::Failed`].
    Failed,
    /// See [`Standing::Pending`].
    Pending,
    /// See [`Standing::InDoubt`].
    InDoubt,
}

/// Why an attempt failed or is in doubt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RowFault {
    /// When it was recorded.
    pub at: Timestamp,
    /// In words.
    pub message: String,
    /// The vendor's `record`, as it came.
    #[serde(default)]
    pub record: Option<serde_json::Value>,
}

/// What an attempt was meant to do on the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Deed {
    /// Bring a template into being: never sent twice on certctl's own account.
    Create,
    /// Set values of one that exists: setting them twice is harmless.
    Update,
}

/// What was sent, kept so that settling the row needs nothing else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Attempt {
    /// Names that earlier attempts of unknown outcome may have set, beyond those in `attributes`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub also_set: BTreeSet<String>,
    /// When it was sent.
    pub at: Timestamp,
    /// All attributes of the template as the attempt would leave it.
    pub attributes: Attributes,
    /// The request it was part of.
    pub batch: String,
    /// Ids that the answer mentioned without saying whose they are.
    #[serde(default)]
    pub candidate_ids: Vec<TemplateId>,
    /// What it was meant to do; a state without it means a create where nothing is known of the template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deed: Option<Deed>,
    /// Digest of `attributes`.
    pub digest: Digest,
}

impl Row {
    /// A row of which nothing is known yet.
    pub(super) fn unknown() -> Self {
        Self {
            known: None,
            identity: None,
            protect: false,
            settled: Vec::new(),
            standing: Standing::Applied,
            write: None,
        }
    }

    /// Whether both say the same, whichever write made them.
    pub fn says_the_same(&self, other: &Self) -> bool {
        // Every field is named, so that a new one cannot be forgotten here.
        let Self { known, identity, protect, settled, standing, write: _ } = self;
        known == &other.known
            && identity == &other.identity
            && protect == &other.protect
            && settled == &other.settled
            && standing == &other.standing
    }

    /// The word for how the last attempt ended.
    pub fn status(&self) -> Status {
        match self.standing {
            Standing::Applied => Status::Applied,
            Standing::Failed { .. } => Status::Failed,
            Standing::Pending { .. } => Status::Pending,
            Standing::InDoubt { .. } => Status::InDoubt,
        }
    }

    /// What was sent and may or may not have arrived.
    pub fn attempt(&self) -> Option<&Attempt> {
        match &self.standing {
            Standing::Applied => None,
            Standing::Failed { attempt, .. } => attempt.as_ref(),
            Standing::Pending { attempt, .. } | Standing::InDoubt { attempt, .. } => Some(attempt),
        }
    }

    /// Why the last attempt failed or is in doubt.
    pub fn fault(&self) -> Option<&RowFault> {
        match &self.standing {
            Standing::Failed { error, .. } | Standing::InDoubt { error, .. } => Some(error),
            Standing::Applied | Standing::Pending { .. } => None,
        }
    }

    /// What the attempt in flight or in doubt was meant to do.
    pub fn deed(&self) -> Option<Deed> {
        let by_knowledge = if self.exists() { Deed::Update } else { Deed::Create };
        self.attempt().map(|attempt| attempt.deed.unwrap_or(by_knowledge))
    }

    /// Whether the server is known to hold this template, whatever its attributes.
    pub fn exists(&self) -> bool {
        self.known.is_some() || self.identity.is_some()
    }

    /// Every natural key under which the server holds this template, or may hold it.
    pub fn natural_keys(&self) -> impl Iterator<Item = NaturalKey> {
        let known = self.known.as_ref().map(|known| NaturalKey::of(&known.attributes));
        let attempted = self.attempt().map(|attempt| NaturalKey::of(&attempt.attributes));
        known.into_iter().chain(attempted)
    }

    /// Every attribute name that the server holds for this template, or may hold.
    pub fn names_possibly_set(&self) -> BTreeSet<&str> {
        let known = self.known.iter().flat_map(|known| known.attributes.names());
        let attempted = self.attempt().into_iter().flat_map(|attempt| {
            attempt.attributes.names().chain(attempt.also_set.iter().map(String::as_str))
        });
        known.chain(attempted).collect()
    }
}

/// The row as it stands in the file: flat, under the contract's names.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RowFile {
    #[serde(default)]
    applied_at: Option<Timestamp>,
    #[serde(default)]
    attempt: Option<Attempt>,
    #[serde(default)]
    attributes: Option<Attributes>,
    #[serde(default)]
    digest: Option<Digest>,
    #[serde(default)]
    error: Option<RowFault>,
    #[serde(default)]
    id: Option<TemplateId>,
    #[serde(default)]
    id_source: Option<IdSource>,
    #[serde(default)]
    job: Option<String>,
    #[serde(default)]
    protect: bool,
    #[serde(default, deserialize_with = "settled::read")]
    settled: Vec<Settled>,
    status: Status,
    #[serde(default)]
    write: Option<WriteId>,
}

impl TryFrom<RowFile> for Row {
    type Error = &'static str;

    fn try_from(file: RowFile) -> Result<Self, Self::Error> {
        let known = file.attributes.map(|attributes| Known {
            digest: file.digest.unwrap_or_else(|| attributes.digest()),
            attributes,
            applied_at: file.applied_at,
        });
        let identity = match (file.id, file.id_source) {
            (Some(id), Some(source)) => Some(Identity { id, source }),
            (None, None) => None,
            _ => return Err("`id` and `idSource` must both be there, or both be null"),
        };
        let standing = match (file.status, file.error, file.job, file.attempt) {
            (Status::Applied, _, _, None) => Standing::Applied,
            (Status::Failed, Some(error), _, attempt) => Standing::Failed { error, attempt },
            (Status::Pending, _, Some(job), Some(attempt)) => Standing::Pending { job, attempt },
            (Status::InDoubt, Some(error), _, Some(attempt)) => Standing::InDoubt { error, attempt },
            (Status::Applied, ..) => return Err("an applied template must not have an `attempt`"),
            (Status::Failed, ..) => return Err("a failed template needs its `error`"),
            (Status::Pending, ..) => return Err("a pending template needs its `job` and its `attempt`"),
            (Status::InDoubt, ..) => return Err("a template in doubt needs its `error` and its `attempt`"),
        };
        Ok(Self {
            known,
            identity,
            protect: file.protect,
            settled: file.settled,
            standing,
            write: file.write,
        })
    }
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        /// Fields in alphabetical order: "keys sorted" (contract section 2).
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct RowText<'a> {
            applied_at: Option<Timestamp>,
            attempt: Option<&'a Attempt>,
            attributes: Option<&'a serde_json::Map<String, serde_json::Value>>,
            digest: Option<&'a Digest>,
            error: Option<&'a RowFault>,
            id: Option<&'a TemplateId>,
            id_source: Option<IdSource>,
            job: Option<&'a str>,
            protect: bool,
            #[serde(skip_serializing_if = "<[Settled]>::is_empty")]
            settled: &'a [Settled],
            status: Status,
            #[serde(skip_serializing_if = "Option::is_none")]
            write: Option<WriteId>,
        }
        let known = self.known.as_ref();
        let identity = self.identity.as_ref();
        let job = match &self.standing {
            Standing::Pending { job, .. } => Some(job.as_str()),
            _ => None,
        };
        RowText {
            applied_at: known.and_then(|known| known.applied_at),
            attempt: self.attempt(),
            attributes: known.map(|known| known.attributes.as_map()),
            digest: known.map(|known| &known.digest),
            error: self.fault(),
            id: identity.map(|identity| &identity.id),
            id_source: identity.map(|identity| identity.source),
            job,
            protect: self.protect,
            settled: &self.settled,
            status: self.status(),
            write: self.write,
        }
        .serialize(serializer)
    }
}
