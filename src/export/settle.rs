//! What an export tells about rows in doubt.

use std::collections::HashMap;

use super::index::{Found, Index};
use super::{Exported, Table};
use crate::model::{Key, NaturalKey, TemplateId, Timestamp};
use crate::state::{Attempt, Document, Owners, Row, Settlement};

/// What an export says of one row in doubt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It settles the row.
    Settles(Settlement),
    /// It leaves the row in doubt.
    Open(Open),
}

/// Why a row stays in doubt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Open {
    /// An update: the export does not show what a template holds, and sending again is harmless.
    Update,
    /// The export has no template for this resource. It may be older than the attempt, so that proves nothing.
    Missing,
    /// It has one under another title: perhaps one that was there before.
    OtherTitle {
        /// The template's id.
        id: TemplateId,
        /// Its title.
        title: String,
    },
    /// It has several.
    Several {
        /// Their ids.
        ids: Vec<TemplateId>,
    },
    /// Its id belongs to another row.
    Taken {
        /// The id.
        id: TemplateId,
        /// The row that has it.
        owner: Key,
    },
    /// Another row of the state is, or may be, for the same resource.
    Shared {
        /// That row.
        with: Key,
    },
    /// The server's template was last changed before the attempt, and the row has another one already.
    Untouched {
        /// The template's id.
        id: TemplateId,
        /// When it was changed.
        at: Timestamp,
    },
}

/// How far the server's clock and ours may be apart, in seconds.
const CLOCK_SKEW: i64 = 300;

/// What the export says of these rows, which are in doubt. A row is settled only if the export has exactly one
/// template for its natural key, under its title, and nobody else in the state has a claim to it.
pub fn settlements(table: &Table, document: &Document, keys: &[&Key]) -> Vec<(Key, Verdict)> {
    let index = Index::of(table);
    let owners = Owners::of(document);
    let mut claims: HashMap<NaturalKey, Vec<&Key>> = HashMap::new();
    for (key, row) in &document.templates {
        for natural_key in row.natural_keys().filter_map(|natural_key| index.comparable(&natural_key)) {
            let claimants = claims.entry(natural_key).or_default();
            if !claimants.contains(&key) {
                claimants.push(key);
            }
        }
    }
    let verdict = |key: &&Key| {
        let row = document.templates.get(*key)?;
        row.attempt()?;
        Some(((*key).clone(), judge(&index, &owners, &claims, key, row)))
    };
    keys.iter().filter_map(verdict).collect()
}

fn judge(
    index: &Index<'_>,
    owners: &Owners,
    claims: &HashMap<NaturalKey, Vec<&Key>>,
    key: &Key,
    row: &Row,
) -> Verdict {
    // Creates of one row are for one natural key: another one is held back while any of them is in doubt.
    let (Some(first), Some(last)) = (row.attempts.creates().next(), row.attempts.creates().next_back())
    else {
        return Verdict::Open(Open::Update);
    };
    let Some(natural_key) = index.comparable(&last.natural_key()) else {
        return Verdict::Open(Open::Missing);
    };
    if let Some(other) = claims.get(&natural_key).and_then(|keys| keys.iter().find(|other| **other != key)) {
        return Verdict::Open(Open::Shared { with: (*other).clone() });
    }
    let found = match index.find(&natural_key) {
        Found::Nothing => return Verdict::Open(Open::Missing),
        Found::Several(several) => {
            let ids = several.into_iter().map(|template| template.id.clone()).collect();
            return Verdict::Open(Open::Several { ids });
        }
        Found::One(found) => found,
    };
    let id = found.id.clone();
    if let Some(owner) = owners.get(&id).filter(|owner| *owner != key) {
        return Verdict::Open(Open::Taken { id, owner: owner.clone() });
    }
    let has_title = |other: &str, sent: &Attempt| sent.attributes.title().unwrap_or_default().trim() == other;
    let of_none = |other: &&str| !row.attempts.creates().any(|sent| has_title(other, sent));
    if let Some(other) = found.title.as_deref().map(str::trim).filter(of_none) {
        return Verdict::Open(Open::OtherTitle { id, title: other.to_owned() });
    }
    match untouched_since(found, first) {
        Some(at) if row.exists() => Verdict::Open(Open::Untouched { id, at }),
        // It was there before, so the attempt would have changed it had it arrived.
        Some(_) => Verdict::Settles(Settlement::Exists { id }),
        None => Verdict::Settles(Settlement::Created { id }),
    }
}

/// When the template was last changed, if that was before the attempt.
fn untouched_since(found: &Exported, attempt: &Attempt) -> Option<Timestamp> {
    found.updated_at.filter(|at| at.unix_seconds() + CLOCK_SKEW < attempt.at.unix_seconds())
}
