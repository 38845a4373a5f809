//! Decides what follows for a row from what is learned about its attempts. Pure, and the only place that decides a row's
//! state. Replay and the edits of a person call it.
//!
//! An attempt is kept from the moment that it is sent until evidence ends it. Evidence is the answer to a request
//! ([`RecordedOutcome`]), or a statement about the template ([`Resolution`]). The rules:
//!
//! * What the server accepted is confirmed. A request sets every attribute, and clears every other one that an earlier
//!   attempt may have set: so an acceptance ends the earlier attempts on the same template as well.
//! * A rejection ends only the attempt that it answers.
//! * When the template is known to exist, its creates can only have changed its contents: they count as updates from
//!   then on.
//! * Contents are confirmed only if every attempt that may have set them would have left the same.
//! * A create for another natural key concerns a second template: once that is known to exist, the first one is left
//!   behind in its own row, with the updates on it.
//! * A row is in doubt while a create has no outcome, else pending while a job is running, else what the newest evidence
//!   says.

use std::collections::BTreeSet;

use super::{Attempt, Attempts, Confirmed, IdSource, Identity, Operation, Row, RowFailure, RowState};
use crate::model::{TEMPLATE_FIELDS, TemplateId, Timestamp};
use crate::state::{RecordedOutcome, Resolution, resolution};

/// A row after new evidence.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::state) struct Consequence {
    /// The updated row.
    pub(in crate::state) row: Row,
    /// The template that the row's key no longer means, if the server has it besides the new one.
    pub(in crate::state) left_behind: Option<Row>,
}

/// What the newest evidence says about its attempt.
pub(super) enum Evidence {
    /// Its outcome is known.
    Concluded,
    /// It was rejected, with the reason.
    Refused(RowFailure),
    /// A background job is processing it.
    Waits,
    /// Its outcome is unknown, with the reason.
    Unknown(RowFailure),
}

/// The error of a row that is known to exist with one of several contents.
const AMBIGUOUS: &str = "it is there, and it was sent more than once with different contents: which of them it holds is \
    not known. The next apply sends all its attributes";
/// The error of a row that is known to exist after a request whose record is lost.
const UNRECORDED: &str = "it is there, and what was sent last is not known, because the record of it is lost. The next apply sends all \
    its attributes";
/// The error of a row whose template the server changed instead of creating a second one.
const MIXED: &str = "it is there, made of the template that was there before: what it has kept of that one is not known. \
    The next apply sends all its attributes";
const FOUND: &str = "it is there, as the vendor's export says, and what it holds is not known. The next apply sends all its \
    attributes";
const NOT_CREATED: &str = "not created, as a person said";
const OLD_VALUES: &str = "as it was before, as a person said, and what it holds is not known. \
    The next apply sends all its attributes";

/// The error of a row that stays in doubt although its repetition was rejected.
fn refused_again(refusal: &str) -> String {
    format!(
        "sent again and refused: {refusal}; what became of the attempt before is as little known as it was"
    )
}

/// The error of a row that stays in doubt while a job processes its repetition.
fn waits_again(job: Option<&str>) -> String {
    format!(
        "sent again, and the server's job {} goes on with that; what became of the attempt before is not known",
        job.unwrap_or_default()
    )
}

pub(super) fn imported(id: &TemplateId) -> Identity {
    Identity { id: id.clone(), source: IdSource::Imported }
}

/// What is not known of a template of which only the id is known.
pub(in crate::state) fn every_field() -> BTreeSet<String> {
    TEMPLATE_FIELDS.iter().map(|field| field.name.to_owned()).collect()
}

impl Consequence {
    fn of(row: Row) -> Self {
        Self { row, left_behind: None }
    }
}

impl Row {
    /// The consequence of a request that carried `attempt` and was answered at `at`.
    pub(in crate::state) fn sent(
        mut self,
        attempt: Attempt,
        result: &RecordedOutcome,
        at: Timestamp,
    ) -> Consequence {
        if *result == RecordedOutcome::NotSent {
            return Consequence::of(self);
        }
        // The requested resend is carried out now.
        self.attempts.set_ordered(false);
        self.attempts.push(attempt);
        let newest = self.attempts.as_slice().len() - 1;
        self.heard(newest, result, at)
    }

    /// The consequence of an answer about an attempt of this request that the row keeps, such as the end of its job.
    pub(in crate::state) fn answered(
        self,
        batch: &str,
        result: &RecordedOutcome,
        at: Timestamp,
    ) -> Consequence {
        match self.attempts.position_of(batch) {
            Some(position) if *result != RecordedOutcome::NotSent => self.heard(position, result, at),
            _ => Consequence::of(self),
        }
    }

    fn heard(mut self, position: usize, result: &RecordedOutcome, at: Timestamp) -> Consequence {
        let job = if let RecordedOutcome::Pending { job } = result { Some(job.clone()) } else { None };
        if let Some(attempt) = self.attempts.get_mut(position) {
            attempt.job = job;
        }
        let evidence = match result {
            RecordedOutcome::Applied { id } => {
                let identity = id.clone().map(|(id, source)| Identity { id, source });
                return self.accepted(position, identity, at);
            }
            RecordedOutcome::Failed { message, record, perhaps_applied } => {
                if !*perhaps_applied {
                    self.attempts.remove(position);
                }
                Evidence::Refused(RowFailure {
                    record: record.clone(),
                    ..RowFailure::new(at, message.as_str())
                })
            }
            RecordedOutcome::Pending { .. } | RecordedOutcome::NotSent => Evidence::Waits,
            RecordedOutcome::InDoubt { message } => Evidence::Unknown(RowFailure::new(at, message.as_str())),
        };
        self.decide_state(evidence, at);
        Consequence::of(self)
    }

    /// The server holds what this attempt sent.
    fn accepted(mut self, position: usize, identity: Option<Identity>, at: Timestamp) -> Consequence {
        let mut earlier = self.attempts.take();
        let newer = earlier.split_off((position + 1).min(earlier.len()));
        let Some(accepted) = earlier.pop() else { return Consequence::of(self) };
        let creates = accepted.operation == Operation::Create;
        let left_behind = (creates && self.confirmed.is_some()).then(|| self.part(&mut earlier, at));
        // An update that names an id created a template, which holds what was sent: whoever named the id before, its
        // template is not the one that was changed.
        self.identity = identity.or(self.identity.take());
        let natural_key = accepted.natural_key();
        let of_another = |attempt: &Attempt| {
            attempt.operation == Operation::Create && attempt.natural_key() != natural_key
        };
        let ended = |attempt: &&Attempt| !of_another(attempt);
        for attempt in earlier.iter().filter(ended).chain([&accepted]) {
            // The request has set these fields, or cleared them.
            for field in attempt.fields() {
                self.unknown.remove(field);
            }
        }
        earlier.retain(of_another);
        let newer = newer.into_iter().map(|attempt| {
            if of_another(&attempt) { attempt } else { Attempt { operation: Operation::Update, ..attempt } }
        });
        self.attempts = Attempts::of(earlier.into_iter().chain(newer).collect());
        let Attempt { attributes, digest, sent_by, .. } = accepted;
        self.confirmed =
            Some(Confirmed { attributes, digest, applied_at: Some(at), applied_by: sent_by, seen_in: None });
        self.decide_state(Evidence::Concluded, at);
        Consequence { row: self, left_behind }
    }

    /// The consequence of a resolution by a person or an export.
    pub(in crate::state) fn resolved_as(self, resolution: &Resolution, at: Timestamp) -> Consequence {
        let mut consequence = match resolution {
            Resolution::Created { id } => self.arrived(Some(imported(id)), at),
            Resolution::Applied => self.arrived(None, at),
            Resolution::Exists { id } => self.was_there(imported(id), at),
            Resolution::NotCreated => Consequence::of(self.was_not_done(at)),
            Resolution::Resend => Consequence::of(self.may_be_repeated()),
        };
        resolution::add(&mut consequence.row.resolutions, resolution, at);
        consequence
    }

    /// At least one of the attempts succeeded.
    fn arrived(mut self, identity: Option<Identity>, at: Timestamp) -> Consequence {
        let mut attempts = self.attempts.take();
        let creates = attempts.iter().any(|attempt| attempt.operation == Operation::Create);
        // The server changed the existing template: there is no second one to leave behind.
        let mixed =
            creates && self.confirmed.is_some() && identity.is_some() && self.has_id_of(identity.as_ref());
        let left_behind =
            (creates && self.confirmed.is_some() && !mixed).then(|| self.part(&mut attempts, at));
        let had = self.confirmed.take();
        self.identity = identity.or(self.identity.take());
        self.attempts = Attempts::of(attempts);
        match self.attempts.agreed() {
            Some(sent) if !mixed => {
                let known = Confirmed {
                    attributes: sent.attributes.clone(),
                    digest: sent.digest.clone(),
                    applied_at: Some(sent.at),
                    applied_by: sent.sent_by.clone(),
                    seen_in: None,
                };
                self.unknown.retain(|field| !known.attributes.has(field));
                self.confirmed = Some(known);
                self.attempts = Attempts::default();
                self.state = RowState::Applied;
            }
            _ => {
                if let (true, Some(had)) = (mixed, had) {
                    self.attempts.may_have_set_too(had.attributes.names());
                }
                self.attempts.count_as_updates();
                let is_unrecorded = self.attempts.iter().any(Attempt::is_of_a_lost_record);
                let why = match (mixed, is_unrecorded) {
                    (true, _) => MIXED,
                    (false, true) => UNRECORDED,
                    (false, false) => AMBIGUOUS,
                };
                self.state = RowState::Failed { error: RowFailure::new(at, why) };
            }
        }
        Consequence { row: self, left_behind }
    }

    /// The template exists, whether or not any attempt succeeded. The attempts are kept until it is overwritten.
    fn was_there(mut self, identity: Identity, at: Timestamp) -> Consequence {
        let mut attempts = self.attempts.take();
        let creates = attempts.iter().any(|attempt| attempt.operation == Operation::Create);
        let another = creates && self.confirmed.is_some() && !self.has_id_of(Some(&identity));
        let left_behind = another.then(|| self.part(&mut attempts, at));
        if self.confirmed.is_none() {
            // A person may have made it, with attributes that no attempt sent.
            self.unknown = every_field();
        }
        self.identity = Some(identity);
        self.attempts = Attempts::of(attempts);
        self.attempts.count_as_updates();
        self.state = RowState::Failed { error: RowFailure::new(at, FOUND) };
        Consequence { row: self, left_behind }
    }

    /// None of the creates succeeded; or, without creates, none of the updates.
    fn was_not_done(mut self, at: Timestamp) -> Self {
        let creates = self.attempts.creates().next().is_some();
        if creates {
            self.attempts.retain(|attempt| attempt.operation == Operation::Update);
        } else if self.confirmed.is_some() || self.identity.is_some() {
            self.attempts = Attempts::default();
        } else {
            // Only the attempts say that the template exists, and one of the earlier ones succeeded.
            self.attempts.count_as_updates();
            self.state = RowState::Failed { error: RowFailure::new(at, OLD_VALUES) };
            return self;
        }
        if self.exists() {
            self.decide_state(Evidence::Concluded, at);
        } else {
            self.state = RowState::Failed { error: RowFailure::new(at, NOT_CREATED) };
        }
        self
    }

    /// A person accepts the risk of a second template.
    fn may_be_repeated(mut self) -> Self {
        self.attempts.set_ordered(true);
        self
    }

    fn has_id_of(&self, other: Option<&Identity>) -> bool {
        self.identity.as_ref().map(|identity| &identity.id) == other.map(|identity| &identity.id)
    }

    /// Separates the existing template, with its updates, from the one that was created.
    fn part(&mut self, attempts: &mut Vec<Attempt>, at: Timestamp) -> Self {
        let (updates, creates) =
            std::mem::take(attempts).into_iter().partition(|attempt| attempt.operation == Operation::Update);
        *attempts = creates;
        let mut old = Self {
            attempts: Attempts::of(updates),
            confirmed: self.confirmed.take(),
            identity: self.identity.take(),
            protect: false,
            resolutions: self.resolutions.clone(),
            state: RowState::Applied,
            unknown: std::mem::take(&mut self.unknown),
            write: self.write,
            joined_writes: self.joined_writes.clone(),
        };
        old.decide_state(Evidence::Concluded, at);
        old
    }

    /// Decides the row's state from the remaining attempts and the newest evidence.
    pub(super) fn decide_state(&mut self, evidence: Evidence, at: Timestamp) {
        let before = || self.failure().cloned().unwrap_or_else(|| RowFailure::unsaid(at));
        self.state = if self.attempts.has_create_in_doubt() {
            let error = match evidence {
                Evidence::Unknown(error) => error,
                Evidence::Refused(error) => RowFailure { message: refused_again(&error.message), ..error },
                Evidence::Waits => RowFailure::new(at, waits_again(self.job())),
                Evidence::Concluded => before(),
            };
            RowState::InDoubt { error }
        } else if self.attempts.waiting().is_some() {
            RowState::Pending
        } else {
            match evidence {
                Evidence::Refused(error) => RowState::Failed { error },
                Evidence::Unknown(error) => RowState::InDoubt { error },
                Evidence::Concluded | Evidence::Waits if self.attempts.is_empty() => RowState::Applied,
                Evidence::Concluded | Evidence::Waits => RowState::InDoubt { error: before() },
            }
        };
    }
}
