//! The row as written in the state file: flat, with the names of the contract.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize, Serializer};

use super::{
    Attempt, Attempts, Confirmed, IdSource, Identity, Operation, Row, RowFailure, RowState, RowStatus,
};
use crate::model::{Attributes, Digest, TemplateId, Timestamp};
use crate::state::{Provenance, ResolutionRecord, WriteId, resolution};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RowFile {
    #[serde(default)]
    applied_at: Option<Timestamp>,
    #[serde(default)]
    applied_by: Option<Provenance>,
    #[serde(default)]
    attempt: Option<AttemptFile>,
    #[serde(default)]
    attributes: Option<Attributes>,
    #[serde(default)]
    digest: Option<Digest>,
    #[serde(default)]
    earlier_attempts: Vec<AttemptFile>,
    #[serde(default)]
    error: Option<RowFailure>,
    #[serde(default)]
    id: Option<TemplateId>,
    #[serde(default)]
    id_source: Option<IdSource>,
    #[serde(default)]
    job: Option<String>,
    #[serde(default)]
    joined_writes: Vec<WriteId>,
    #[serde(default)]
    protect: bool,
    #[serde(default)]
    seen_in: Option<String>,
    #[serde(default, deserialize_with = "resolution::read")]
    settled: Vec<ResolutionRecord>,
    status: RowStatus,
    #[serde(default)]
    unknown: BTreeSet<String>,
    #[serde(default)]
    write: Option<WriteId>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AttemptFile {
    #[serde(default)]
    also_set: BTreeSet<String>,
    at: Timestamp,
    attributes: Attributes,
    batch: String,
    #[serde(default)]
    candidate_ids: Vec<TemplateId>,
    /// If the file does not say, a row without known contents had a create.
    #[serde(default)]
    deed: Option<Operation>,
    digest: Digest,
    #[serde(default)]
    job: Option<String>,
    #[serde(default)]
    ordered: bool,
    #[serde(default)]
    sent_by: Option<Provenance>,
}

impl AttemptFile {
    fn into_attempt(self, of_what_exists: bool) -> Attempt {
        let by_knowledge = if of_what_exists { Operation::Update } else { Operation::Create };
        Attempt {
            possibly_set_fields: self.also_set,
            at: self.at,
            attributes: self.attributes,
            batch: self.batch,
            candidate_ids: self.candidate_ids,
            operation: self.deed.unwrap_or(by_knowledge),
            digest: self.digest,
            job: self.job,
            requested_by_user: self.ordered,
            sent_by: self.sent_by,
        }
    }
}

impl TryFrom<RowFile> for Row {
    type Error = &'static str;

    fn try_from(file: RowFile) -> Result<Self, Self::Error> {
        let known = file.attributes.map(|attributes| Confirmed {
            digest: file.digest.unwrap_or_else(|| attributes.digest()),
            attributes,
            applied_at: file.applied_at,
            applied_by: file.applied_by,
            seen_in: file.seen_in,
        });
        let identity = match (file.id, file.id_source) {
            (Some(id), Some(source)) => Some(Identity { id, source }),
            (None, None) => None,
            _ => return Err("id and idSource must both be there, or both be null"),
        };
        if file.attempt.is_none() && !file.earlier_attempts.is_empty() {
            return Err("attempt is required beside earlierAttempts: it is the newest");
        }
        let exists = known.is_some() || identity.is_some();
        let mut attempts: Vec<Attempt> = file
            .earlier_attempts
            .into_iter()
            .chain(file.attempt)
            .map(|attempt| attempt.into_attempt(exists))
            .collect();
        if file.status == RowStatus::Pending && attempts.iter().all(|attempt| attempt.job.is_none()) {
            // Earlier versions named the job only in the row.
            match (attempts.last_mut(), file.job) {
                (Some(newest), Some(job)) => newest.job = Some(job),
                _ => return Err("job and attempt are required for a pending template"),
            }
        }
        if file.status == RowStatus::Failed && known.is_none() && identity.is_some() {
            // Earlier versions kept a create as such after they had learned that the template exists.
            for attempt in &mut attempts {
                attempt.operation = Operation::Update;
            }
        }
        let attempts = Attempts::of(attempts);
        let state = state_of(file.status, file.error, &attempts)?;
        Ok(Self {
            attempts,
            confirmed: known,
            identity,
            protect: file.protect,
            resolutions: file.settled,
            state,
            unknown: file.unknown,
            write: file.write,
            joined_writes: file.joined_writes,
        })
    }
}

/// Derives the state of a row. Earlier versions let a rejected repetition hide the create that it repeated; and a
/// person, or a text merge, may have written anything. The attempts take precedence over the status in the file.
fn state_of(
    status: RowStatus,
    error: Option<RowFailure>,
    attempts: &Attempts,
) -> Result<RowState, &'static str> {
    let Some(newest) = attempts.newest() else {
        return match (status, error) {
            (RowStatus::Applied, _) => Ok(RowState::Applied),
            (RowStatus::Failed, Some(error)) => Ok(RowState::Failed { error }),
            (RowStatus::Failed, None) => Err("error is required for a failed template"),
            (RowStatus::Pending, _) => Err("job and attempt are required for a pending template"),
            (RowStatus::InDoubt, _) => Err("error and attempt are required for a template in doubt"),
        };
    };
    match (status, error) {
        (RowStatus::Applied, _) => Err("attempt is not allowed for an applied template"),
        (RowStatus::Failed, None) => Err("error is required for a failed template"),
        (RowStatus::InDoubt, None) => Err("error and attempt are required for a template in doubt"),
        (_, error) if attempts.has_create_in_doubt() => {
            Ok(RowState::InDoubt { error: error.unwrap_or_else(|| RowFailure::unsaid(newest.at)) })
        }
        _ if attempts.waiting().is_some() => Ok(RowState::Pending),
        (RowStatus::Failed, Some(error)) => Ok(RowState::Failed { error }),
        (RowStatus::Pending | RowStatus::InDoubt, error) => {
            Ok(RowState::InDoubt { error: error.unwrap_or_else(|| RowFailure::unsaid(newest.at)) })
        }
    }
}

// Fields in alphabetical order: "keys sorted" (contract section 2).
/// What certctl remembers of one template.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Row"))]
#[serde(rename_all = "camelCase")]
struct RowText<'a> {
    /// When the server confirmed `attributes`.
    applied_at: Option<Timestamp>,
    /// Who sent `attributes`, from which commit and in which run of a pipeline. Absent if that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    applied_by: Option<&'a Provenance>,
    /// The newest attempt without an outcome; null if there is none.
    attempt: Option<&'a Attempt>,
    /// What the server is known to hold, under the vendor's names; null if nothing is known.
    attributes: Option<&'a Attributes>,
    /// The SHA-256 of the canonical JSON of `attributes`.
    digest: Option<&'a Digest>,
    /// The other attempts without an outcome, the oldest first. Absent if there are none.
    #[serde(skip_serializing_if = "<[Attempt]>::is_empty")]
    earlier_attempts: &'a [Attempt],
    /// Why the last attempt failed or is in doubt.
    error: Option<&'a RowFailure>,
    /// The vendor's id; null if it is not known.
    id: Option<&'a TemplateId>,
    /// How the id was learned.
    id_source: Option<IdSource>,
    /// The id of the server's job that has not ended.
    job: Option<&'a str>,
    /// If that write is a merge: the writes whose rows it took for one. Absent otherwise.
    #[serde(skip_serializing_if = "<[WriteId]>::is_empty")]
    joined_writes: &'a [WriteId],
    /// Forgetting this template takes two steps.
    protect: bool,
    /// Where `attributes` were seen, if they are not known from an answer of the server: the names of the export's files, or
    /// the observer. Absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    seen_in: Option<&'a str>,
    /// What people said of attempts whose outcome was not known, the newest last. Absent if there are none. An early
    /// version wrote only the newest, not in a list.
    #[serde(skip_serializing_if = "<[ResolutionRecord]>::is_empty")]
    settled: &'a [ResolutionRecord],
    /// `in_doubt` while any create of it has no outcome, else `pending` while a job is processing an attempt, else how the
    /// last attempt ended.
    status: RowStatus,
    /// Attributes that the server may hold beside `attributes`, with values that are not known: nothing has shown or set
    /// them since the template was adopted. Absent if there are none.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    unknown: &'a BTreeSet<String>,
    /// The write that last changed this row. Absent for a row of an early version that has not changed since.
    #[serde(skip_serializing_if = "Option::is_none")]
    write: Option<WriteId>,
}

#[cfg(test)]
impl schemars::JsonSchema for Row {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Row".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        RowText::json_schema(generator)
    }
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let known = self.confirmed.as_ref();
        let identity = self.identity.as_ref();
        RowText {
            applied_at: known.and_then(|known| known.applied_at),
            applied_by: known.and_then(|known| known.applied_by.as_ref()),
            attempt: self.attempts.newest(),
            attributes: known.map(|known| &known.attributes),
            digest: known.map(|known| &known.digest),
            earlier_attempts: self.attempts.earlier(),
            error: self.failure(),
            id: identity.map(|identity| &identity.id),
            id_source: identity.map(|identity| identity.source),
            job: self.job().filter(|_| self.status() == RowStatus::Pending),
            joined_writes: &self.joined_writes,
            protect: self.protect,
            seen_in: known.and_then(|known| known.seen_in.as_deref()),
            settled: &self.resolutions,
            status: self.status(),
            unknown: &self.unknown,
            write: self.write,
        }
        .serialize(serializer)
    }
}
