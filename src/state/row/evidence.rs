//! What follows for a row from what is learnt about its attempts. Pure, and the one place where a row's standing is
//! decided.
//!
//! An attempt is kept from the moment that it is sent until evidence settles it. Evidence is the answer to a request
//! ([`RecordedOutcome`]), or a word about the template ([`Resolution`]). What follows:
//!
//! * What the server accepted is confirmed. A request sets every attribute, and clears every other one that an earlier
//!   attempt may have set: so an acceptance settles the earlier attempts on the same template as well.
//! * A refusal settles the attempt that it answers, and no other.
//! * When the template is known to exist, its creates can only have set what it holds: they count as updates from then
//!   on.
//! * What it holds is confirmed only if every attempt that may have set it would have left the same.
//! * A create for another natural key is about a second template: the first one, with the updates on it, is left behind
//!   in a row of its own once the second is known to exist.
//! * A row is in doubt while a create has no outcome, else pending while a job goes on, else what the newest evidence
//!   says.

use super::{Attempt, Attempts, Confirmed, IdSource, Identity, Operation, Row, RowFailure, RowState};
use crate::model::{TemplateId, Timestamp};
use crate::state::{RecordedOutcome, Resolution, resolution};

/// A row after evidence was taken into account.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::state) struct Consequence {
    /// The row.
    pub(in crate::state) row: Row,
    /// The template that the row's key no longer means, where the server has it beside the new one.
    pub(in crate::state) left_behind: Option<Row>,
}

/// What the newest evidence says of the attempt that it is about.
pub(super) enum Word {
    /// It is settled.
    Settled,
    /// It was not accepted, and this is why.
    Refused(RowFailure),
    /// A job goes on with it.
    Waits,
    /// What became of it is not known.
    Unknown(RowFailure),
}

/// Words of a row that was told to exist and holds one of several contents.
const AMBIGUOUS: &str = "it is there, and it was sent more than once with different contents: which of them it holds is \
    not known. The next apply sends all its attributes";
/// Words of a row whose template the server changed instead of making a second one.
const MIXED: &str = "it is there, made of the template that was there before: what it has kept of that one is not known. \
    The next apply sends all its attributes";
const FOUND: &str = "it is there, as the vendor's export says, and what it holds is not known. The next apply sends all its \
    attributes";
const NOT_CREATED: &str = "not created, as a person said";
const OLD_VALUES: &str = "as it was before, as a person said, and what it holds is not known. \
    The next apply sends all its attributes";

/// What to say of a row that stays in doubt although its repetition was refused.
fn refused_again(refusal: &str) -> String {
    format!(
        "sent again and refused: {refusal}; what became of the attempt before is as little known as it was"
    )
}

/// What to say of a row that stays in doubt although a job goes on with its repetition.
fn waits_again(job: Option<&str>) -> String {
    format!(
        "sent again, and the server's job {} goes on with that; what became of the attempt before is not known",
        job.unwrap_or_default()
    )
}

fn imported(id: &TemplateId) -> Identity {
    Identity { id: id.clone(), source: IdSource::Imported }
}

impl Consequence {
    fn of(row: Row) -> Self {
        Self { row, left_behind: None }
    }
}

impl Row {
    /// What follows from a request that carried `attempt` and was answered at that time.
    pub(in crate::state) fn sent(
        mut self,
        attempt: Attempt,
        result: &RecordedOutcome,
        at: Timestamp,
    ) -> Consequence {
        if *result == RecordedOutcome::NotSent {
            return Consequence::of(self);
        }
        // What was ordered is done.
        self.attempts.set_ordered(false);
        self.attempts.push(attempt);
        let newest = self.attempts.as_slice().len() - 1;
        self.heard(newest, result, at)
    }

    /// What follows from an answer about an attempt of this request that the row keeps, such as the end of its job.
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
        let word = match result {
            RecordedOutcome::Applied { id } => {
                let identity = id.clone().map(|(id, source)| Identity { id, source });
                return self.accepted(position, identity, at);
            }
            RecordedOutcome::Failed { message, record, perhaps_applied } => {
                if !*perhaps_applied {
                    self.attempts.remove(position);
                }
                Word::Refused(RowFailure { record: record.clone(), ..RowFailure::new(at, message.as_str()) })
            }
            RecordedOutcome::Pending { .. } | RecordedOutcome::NotSent => Word::Waits,
            RecordedOutcome::InDoubt { message } => Word::Unknown(RowFailure::new(at, message.as_str())),
        };
        self.stands(word, at);
        Consequence::of(self)
    }

    /// The server holds what this attempt sent.
    fn accepted(mut self, position: usize, identity: Option<Identity>, at: Timestamp) -> Consequence {
        let mut earlier = self.attempts.take();
        let newer = earlier.split_off((position + 1).min(earlier.len()));
        let Some(accepted) = earlier.pop() else { return Consequence::of(self) };
        let creates = accepted.operation == Operation::Create;
        let left_behind = (creates && self.confirmed.is_some()).then(|| self.part(&mut earlier, at));
        // A person's word about an id holds until the person takes it back.
        let holds = !creates && self.identity.as_ref().is_some_and(|had| had.source == IdSource::Imported);
        if !holds {
            self.identity = identity.or(self.identity.take());
        }
        let natural_key = accepted.natural_key();
        let of_another = |attempt: &Attempt| {
            attempt.operation == Operation::Create && attempt.natural_key() != natural_key
        };
        earlier.retain(of_another);
        let newer = newer.into_iter().map(|attempt| {
            if of_another(&attempt) { attempt } else { Attempt { operation: Operation::Update, ..attempt } }
        });
        self.attempts = Attempts::of(earlier.into_iter().chain(newer).collect());
        let Attempt { attributes, digest, .. } = accepted;
        self.confirmed = Some(Confirmed { attributes, digest, applied_at: Some(at) });
        self.stands(Word::Settled, at);
        Consequence { row: self, left_behind }
    }

    /// What follows from what a person says, or an export.
    pub(in crate::state) fn told(self, settlement: &Resolution, at: Timestamp) -> Consequence {
        let mut consequence = match settlement {
            Resolution::Created { id } => self.arrived(Some(imported(id)), at),
            Resolution::Applied => self.arrived(None, at),
            Resolution::Exists { id } => self.was_there(imported(id), at),
            Resolution::NotCreated => Consequence::of(self.was_not_done(at)),
            Resolution::Resend => Consequence::of(self.may_be_repeated()),
        };
        resolution::add(&mut consequence.row.resolutions, settlement, at);
        consequence
    }

    /// At least one of the attempts arrived.
    fn arrived(mut self, identity: Option<Identity>, at: Timestamp) -> Consequence {
        let mut attempts = self.attempts.take();
        let creates = attempts.iter().any(|attempt| attempt.operation == Operation::Create);
        // The server changed the template that it had: there is no second one to leave behind.
        let mixed =
            creates && self.confirmed.is_some() && identity.is_some() && self.has_id_of(identity.as_ref());
        let left_behind =
            (creates && self.confirmed.is_some() && !mixed).then(|| self.part(&mut attempts, at));
        let had = self.confirmed.take();
        self.identity = identity.or(self.identity.take());
        self.attempts = Attempts::of(attempts);
        match self.attempts.agreed() {
            Some(sent) if !mixed => {
                let (attributes, digest) = (sent.attributes.clone(), sent.digest.clone());
                self.confirmed = Some(Confirmed { attributes, digest, applied_at: Some(sent.at) });
                self.attempts = Attempts::default();
                self.state = RowState::Applied;
            }
            _ => {
                if let (true, Some(had)) = (mixed, had) {
                    self.attempts.may_have_set_too(had.attributes.names());
                }
                self.attempts.count_as_updates();
                let why = if mixed { MIXED } else { AMBIGUOUS };
                self.state = RowState::Failed { error: RowFailure::new(at, why) };
            }
        }
        Consequence { row: self, left_behind }
    }

    /// The template is there, whether any of the attempts arrived or not. They are kept until it is overwritten.
    fn was_there(mut self, identity: Identity, at: Timestamp) -> Consequence {
        let mut attempts = self.attempts.take();
        let creates = attempts.iter().any(|attempt| attempt.operation == Operation::Create);
        let another = creates && self.confirmed.is_some() && !self.has_id_of(Some(&identity));
        let left_behind = another.then(|| self.part(&mut attempts, at));
        self.identity = Some(identity);
        self.attempts = Attempts::of(attempts);
        self.attempts.count_as_updates();
        self.state = RowState::Failed { error: RowFailure::new(at, FOUND) };
        Consequence { row: self, left_behind }
    }

    /// None of the creates arrived; or, where there are none, none of the updates.
    fn was_not_done(mut self, at: Timestamp) -> Self {
        let creates = self.attempts.creates().next().is_some();
        if creates {
            self.attempts.retain(|attempt| attempt.operation == Operation::Update);
        } else if self.confirmed.is_some() || self.identity.is_some() {
            self.attempts = Attempts::default();
        } else {
            // They are all that tells of the template, and one of them, earlier, did arrive.
            self.attempts.count_as_updates();
            self.state = RowState::Failed { error: RowFailure::new(at, OLD_VALUES) };
            return self;
        }
        if self.exists() {
            self.stands(Word::Settled, at);
        } else {
            self.state = RowState::Failed { error: RowFailure::new(at, NOT_CREATED) };
        }
        self
    }

    /// A person takes it upon them that there may be two.
    fn may_be_repeated(mut self) -> Self {
        self.attempts.set_ordered(true);
        self
    }

    fn has_id_of(&self, other: Option<&Identity>) -> bool {
        self.identity.as_ref().map(|identity| &identity.id) == other.map(|identity| &identity.id)
    }

    /// Leaves the template that the server had behind, with the updates on it, for the one that was created.
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
            write: self.write,
            joined_writes: self.joined_writes.clone(),
        };
        old.stands(Word::Settled, at);
        old
    }

    /// Decides the standing from the attempts that are left and the newest word.
    pub(super) fn stands(&mut self, word: Word, at: Timestamp) {
        let before = || self.fault().cloned().unwrap_or_else(|| RowFailure::unsaid(at));
        self.state = if self.attempts.has_create_in_doubt() {
            let error = match word {
                Word::Unknown(error) => error,
                Word::Refused(error) => RowFailure { message: refused_again(&error.message), ..error },
                Word::Waits => RowFailure::new(at, waits_again(self.job())),
                Word::Settled => before(),
            };
            RowState::InDoubt { error }
        } else if self.attempts.waiting().is_some() {
            RowState::Pending
        } else {
            match word {
                Word::Refused(error) => RowState::Failed { error },
                Word::Unknown(error) => RowState::InDoubt { error },
                Word::Settled | Word::Waits if self.attempts.is_empty() => RowState::Applied,
                Word::Settled | Word::Waits => RowState::InDoubt { error: before() },
            }
        };
    }
}
