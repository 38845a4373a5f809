//! Combines two versions of a row that differ when it is not known which is right.

use super::evidence::Evidence;
use super::{Attempt, Attempts, Confirmed, Identity, Operation, Row, RowFailure};
use crate::model::{NaturalKey, TemplateId, Timestamp};

const WHY: &str = "another version of the state says otherwise, and this one was accepted: which of the two is right is not \
    known";

impl Row {
    /// The row that allows for everything that either version considers possible; `None` if both say the same about
    /// the server.
    pub(in crate::state) fn doubted(
        present: Option<&Self>,
        other: Option<&Self>,
        at: Timestamp,
    ) -> Option<Self> {
        let nothing = Self::default();
        let (own, theirs) = (present.unwrap_or(&nothing), other.unwrap_or(&nothing));
        if own.agrees_on_server(theirs) {
            return None;
        }
        let mut row = match (own.exists(), theirs.exists()) {
            (true, true) if !agree(own.id(), theirs.id()) => uncertain(own, theirs, at),
            (true, true) if agree(own.known_key(), theirs.known_key()) => certain(own, theirs, at),
            (true, true) => second(own, theirs, at),
            _ => uncertain(own, theirs, at),
        };
        row.protect = own.protect || theirs.protect;
        row.unknown = own.unknown.union(&theirs.unknown).cloned().collect();
        row.resolutions.clone_from(&own.resolutions);
        row.write = own.write;
        row.joined_writes.clone_from(&own.joined_writes);
        row.attempts.set_ordered(false);
        if !row.attempts.is_empty() {
            row.decide_state(Evidence::Unknown(RowFailure::new(at, WHY)), at);
        }
        Some(row)
    }

    /// Whether both say that the server holds the same.
    fn agrees_on_server(&self, other: &Self) -> bool {
        let contents = |row: &Self| row.confirmed.as_ref().map(|known| known.attributes.clone());
        self.attempts == other.attempts
            && self.exists() == other.exists()
            && contents(self) == contents(other)
            && self.unknown == other.unknown
            && agree(self.id(), other.id())
    }

    fn id(&self) -> Option<TemplateId> {
        self.identity.as_ref().map(|identity| identity.id.clone())
    }

    fn known_key(&self) -> Option<NaturalKey> {
        self.confirmed.as_ref().map(|known| NaturalKey::of(&known.attributes))
    }
}

/// Whether two values may be equal, as far as they are known.
fn agree<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    }
}

/// Both versions say that the template exists, and its contents are unknown.
fn certain(own: &Row, theirs: &Row, at: Timestamp) -> Row {
    let identity = own.identity.clone().or(theirs.identity.clone());
    let (known, instead) = match (&own.confirmed, &theirs.confirmed) {
        (Some(known), Some(other)) if known.attributes != other.attributes => {
            (Some(known.clone()), Some(other))
        }
        (Some(known), Some(_)) => (Some(known.clone()), None),
        // One of them does not know the contents.
        (Some(known), None) | (None, Some(known)) => (None, Some(known)),
        (None, None) => (None, None),
    };
    let update = instead.map(|known| attempt_of(known, None, Operation::Update, at));
    Row {
        attempts: sorted(attempts_of(own, theirs).chain(update)),
        confirmed: known,
        identity,
        ..Row::default()
    }
}

/// The other version is about another course: there may be two templates.
fn second(own: &Row, theirs: &Row, at: Timestamp) -> Row {
    let create = theirs
        .confirmed
        .as_ref()
        .map(|known| attempt_of(known, theirs.identity.as_ref(), Operation::Create, at));
    Row {
        attempts: sorted(attempts_of(own, theirs).chain(create)),
        confirmed: own.confirmed.clone(),
        identity: own.identity.clone(),
        ..Row::default()
    }
}

/// One version says that the template exists or may exist, and the other that it does not; or each means another
/// template.
fn uncertain(own: &Row, theirs: &Row, at: Timestamp) -> Row {
    let mut creates: Vec<Attempt> = Vec::new();
    for row in [own, theirs] {
        let Some(known) = &row.confirmed else { continue };
        let create = attempt_of(known, row.identity.as_ref(), Operation::Create, at);
        match creates.iter_mut().find(|other| other.attributes == create.attributes) {
            Some(other) => other.candidate_ids.extend(create.candidate_ids),
            None => creates.push(create),
        }
    }
    // What was sent as an update may be the only template.
    let sent = attempts_of(own, theirs).map(|attempt| Attempt { operation: Operation::Create, ..attempt });
    let mut attempts = sorted(sent.chain(creates));
    let ids = [own, theirs].into_iter().filter(|row| row.confirmed.is_none()).filter_map(Row::id);
    match attempts.newest_mut() {
        Some(newest) => newest.candidate_ids.extend(ids),
        // Only its id is known: the version that names it is believed.
        None => return if own.exists() { own.clone() } else { theirs.clone() },
    }
    Row { attempts, ..Row::default() }
}

/// The attempts of both, without duplicates.
fn attempts_of(own: &Row, theirs: &Row) -> impl Iterator<Item = Attempt> {
    let new = theirs.attempts.iter().filter(|attempt| !own.attempts.iter().any(|known| known == *attempt));
    own.attempts.iter().chain(new).cloned().collect::<Vec<_>>().into_iter()
}

fn sorted(attempts: impl Iterator<Item = Attempt>) -> Attempts {
    let mut attempts: Vec<Attempt> = attempts.collect();
    attempts.sort_by_key(|attempt| attempt.at);
    Attempts::of(attempts)
}

/// The contents that one version confirms, as an attempt that may have succeeded.
fn attempt_of(
    known: &Confirmed,
    identity: Option<&Identity>,
    operation: Operation,
    at: Timestamp,
) -> Attempt {
    Attempt {
        possibly_set_fields: std::collections::BTreeSet::new(),
        at: known.applied_at.unwrap_or(at),
        attributes: known.attributes.clone(),
        batch: Attempt::OF_A_STATE.to_owned(),
        candidate_ids: identity.map(|identity| identity.id.clone()).into_iter().collect(),
        operation,
        digest: known.digest.clone(),
        job: None,
        requested_by_user: false,
        sent_by: known.applied_by.clone(),
    }
}
