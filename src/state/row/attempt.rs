//! Attempts: what was sent and has no outcome.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::model::{Attributes, Digest, NaturalKey, TemplateId, Timestamp};
use crate::state::Provenance;

/// What an attempt may have done on the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    /// Create a template: certctl never repeats it by itself.
    Create,
    /// Update an existing template: repeating it is harmless. A create becomes an update when the template turns out
    /// to exist: only its contents are unknown then.
    Update,
}

/// A request's row, with all that is needed to resolve it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// Fields that attempts which are no longer listed may have set, besides those in `attributes`.
    #[serde(rename = "alsoSet", skip_serializing_if = "BTreeSet::is_empty")]
    pub possibly_set_fields: BTreeSet<String>,
    /// When it was sent.
    pub at: Timestamp,
    /// All attributes of the template as the attempt would leave it.
    pub attributes: Attributes,
    /// The request that it was part of.
    pub batch: String,
    /// Ids in the answer that could not be matched with rows.
    pub candidate_ids: Vec<TemplateId>,
    /// Whether it creates or updates.
    #[serde(rename = "deed")]
    pub operation: Operation,
    /// Digest of `attributes`.
    pub digest: Digest,
    /// The background job that is processing it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
    /// Whether a person asked for another attempt, although this one may have succeeded.
    #[serde(rename = "ordered", skip_serializing_if = "std::ops::Not::not")]
    pub requested_by_user: bool,
    /// Who sent it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_by: Option<Provenance>,
}

impl Attempt {
    /// The batch of an attempt that is known only from another version of the state.
    pub(super) const OF_A_STATE: &str = "state accept";

    /// The batch of an attempt whose own record is lost.
    pub(in crate::state) const OF_A_LOST_RECORD: &str = "lost record";

    /// Whether its own record is lost: it may have been sent or not.
    pub fn is_of_a_lost_record(&self) -> bool {
        self.batch == Self::OF_A_LOST_RECORD
    }

    /// Whether only some of its attributes are known, because its own record is lost.
    pub fn has_unknown_contents(&self) -> bool {
        self.is_of_a_lost_record() && !self.possibly_set_fields.is_empty()
    }

    /// Whether it only stands in for the contents of another version of the state, which was not accepted.
    pub fn is_of_a_state(&self) -> bool {
        self.batch == Self::OF_A_STATE
    }

    /// The natural key that it was sent for.
    pub fn natural_key(&self) -> NaturalKey {
        NaturalKey::of(&self.attributes)
    }

    /// Every field that it may have set.
    pub(super) fn fields(&self) -> impl Iterator<Item = &str> {
        self.attributes.names().chain(self.possibly_set_fields.iter().map(String::as_str))
    }

    fn is_create(&self) -> bool {
        self.operation == Operation::Create
    }
}

impl<'a> IntoIterator for &'a Attempts {
    type Item = &'a Attempt;
    type IntoIter = std::slice::Iter<'a, Attempt>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The attempts on one template without an outcome, in the order in which they were sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attempts(Vec<Attempt>);

impl Attempts {
    /// Makes a list from attempts, the newest last.
    pub fn of(attempts: Vec<Attempt>) -> Self {
        Self(attempts)
    }

    /// All attempts, the newest last.
    pub fn as_slice(&self) -> &[Attempt] {
        &self.0
    }

    /// All attempts, the oldest first.
    pub fn iter(&self) -> std::slice::Iter<'_, Attempt> {
        self.0.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The attempt that was sent last.
    pub fn newest(&self) -> Option<&Attempt> {
        self.0.last()
    }

    pub(super) fn newest_mut(&mut self) -> Option<&mut Attempt> {
        self.0.last_mut()
    }

    /// All attempts but the newest, the oldest first.
    pub fn earlier(&self) -> &[Attempt] {
        self.0.split_last().map_or(&[], |(_, earlier)| earlier)
    }

    /// The creates, the oldest first.
    pub fn creates(&self) -> impl DoubleEndedIterator<Item = &Attempt> {
        self.0.iter().filter(|attempt| attempt.is_create())
    }

    /// Whether the outcome of a create is unknown and no job is processing it.
    pub fn has_create_in_doubt(&self) -> bool {
        self.creates().any(|create| create.job.is_none())
    }

    /// The newest attempt that a background job is processing.
    pub fn waiting(&self) -> Option<&Attempt> {
        self.0.iter().rev().find(|attempt| attempt.job.is_some())
    }

    /// Whether another request may be sent: no job is running, and for every create a person asked for a resend or
    /// the server is `trusted` to recognise existing templates.
    pub fn allow_another(&self, trusted: bool) -> bool {
        self.waiting().is_none() && self.creates().all(|create| trusted || create.requested_by_user)
    }

    /// An attempt with the contents that all of them would have left, if those are equal. `None` if an attempt that
    /// is no longer listed may have set something else.
    pub(super) fn agreed(&self) -> Option<&Attempt> {
        let newest = self.newest()?;
        let same = |attempt: &Attempt| {
            attempt.possibly_set_fields.is_empty() && attempt.attributes == newest.attributes
        };
        self.0.iter().all(same).then_some(newest)
    }

    /// The number of attempts that are kept in any case. Beyond it, an update is dropped if a newer one has the same
    /// contents.
    const MANY: usize = 20;

    pub(super) fn push(&mut self, attempt: Attempt) {
        self.0.push(attempt);
        if self.0.len() > Self::MANY {
            let repeated = (0..self.0.len()).find(|&old| {
                let newer = &self.0[old + 1..];
                !self.0[old].is_create()
                    && newer.iter().any(|newer| newer.attributes == self.0[old].attributes)
            });
            if let Some(repeated) = repeated {
                let gone = self.0.remove(repeated);
                if let Some(newest) = self.0.last_mut() {
                    newest.candidate_ids.extend(gone.candidate_ids);
                    newest.possibly_set_fields.extend(gone.possibly_set_fields);
                }
            }
        }
    }

    /// The position of the attempt of this request: the newest that a job is processing, otherwise the newest.
    pub(super) fn position_of(&self, batch: &str) -> Option<usize> {
        let of_batch = |attempt: &Attempt| attempt.batch == batch;
        let waits = self.0.iter().rposition(|attempt| of_batch(attempt) && attempt.job.is_some());
        waits.or_else(|| self.0.iter().rposition(of_batch))
    }

    pub(super) fn get_mut(&mut self, position: usize) -> Option<&mut Attempt> {
        self.0.get_mut(position)
    }

    pub(super) fn set_ordered(&mut self, ordered: bool) {
        for attempt in &mut self.0 {
            attempt.requested_by_user = ordered;
        }
    }

    pub(super) fn remove(&mut self, position: usize) {
        self.0.remove(position);
    }

    pub(super) fn retain(&mut self, keeps: impl FnMut(&Attempt) -> bool) {
        self.0.retain(keeps);
    }

    /// The template exists: only which contents it holds is unknown.
    pub(super) fn count_as_updates(&mut self) {
        for attempt in &mut self.0 {
            attempt.operation = Operation::Update;
            attempt.job = None;
            attempt.requested_by_user = false;
        }
    }

    /// Adds fields that the server may hold besides those that the attempts set.
    pub(super) fn may_have_set_too<'f>(&mut self, fields: impl Iterator<Item = &'f str>) {
        if let Some(oldest) = self.0.first_mut() {
            oldest.possibly_set_fields.extend(fields.map(str::to_owned));
        }
    }

    /// Removes and returns all attempts.
    pub(super) fn take(&mut self) -> Vec<Attempt> {
        std::mem::take(&mut self.0)
    }
}
