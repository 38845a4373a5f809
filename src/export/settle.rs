//! What an export tells about rows in doubt.

use std::collections::HashMap;

use super::index::{Found, Index, is_the_default};
use super::table::resource_of;
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
    /// A line for its resource cannot be read.
    Unreadable {
        /// Which.
        line: usize,
    },
    /// It has one for the resource, and does not show for which audience.
    Audience {
        /// The template's id.
        id: TemplateId,
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
/// template for its natural key, under its title, and no other row of the state has a claim to it.
pub fn settlements(table: &Table, document: &Document, keys: &[&Key]) -> Vec<(Key, Verdict)> {
    let judge = Judge { index: Index::of(table), owners: Owners::of(document), claims: Claims::of(document) };
    let verdict = |key: &&Key| {
        let row = document.templates.get(*key)?;
        row.attempt()?;
        Some(((*key).clone(), judge.verdict(key, row)))
    };
    keys.iter().filter_map(verdict).collect()
}

struct Judge<'a> {
    index: Index<'a>,
    owners: Owners,
    claims: Claims<'a>,
}

/// Which rows of a state are, or may be, for a natural key or a resource.
pub(super) struct Claims<'a> {
    by_key: HashMap<NaturalKey, Vec<&'a Key>>,
    by_resource: HashMap<NaturalKey, Vec<&'a Key>>,
}

impl<'a> Claims<'a> {
    pub(super) fn of(document: &'a Document) -> Self {
        let rows = document.templates.iter();
        Self::new(rows.flat_map(|(key, row)| row.natural_keys().map(move |natural_key| (key, natural_key))))
    }

    pub(super) fn new(claims: impl Iterator<Item = (&'a Key, NaturalKey)>) -> Self {
        let mut new = Self { by_key: HashMap::new(), by_resource: HashMap::new() };
        for (key, natural_key) in claims {
            new.by_resource.entry(resource_of(&natural_key)).or_default().push(key);
            new.by_key.entry(natural_key).or_default().push(key);
        }
        new
    }

    /// A row other than this one with a claim to what the export shows for the natural key.
    pub(super) fn other(&self, key: &Key, natural_key: &NaturalKey, found: &Exported) -> Option<&'a Key> {
        let claims = if found.shows_audience {
            self.by_key.get(natural_key)
        } else {
            self.by_resource.get(&resource_of(natural_key))
        };
        claims?.iter().find(|other| **other != key).copied()
    }
}

impl Judge<'_> {
    fn verdict(&self, key: &Key, row: &Row) -> Verdict {
        // Creates of one row are for one natural key: another one is held back while any of them is in doubt.
        let mut creates = row.attempts.creates();
        let Some(first) = creates.next() else { return Verdict::Open(Open::Update) };
        let newest = creates.next_back().unwrap_or(first);
        let natural_key = newest.natural_key();
        let found = match self.index.find(&natural_key) {
            Found::Nothing => return Verdict::Open(Open::Missing),
            Found::Unreadable { line } => return Verdict::Open(Open::Unreadable { line }),
            Found::Several(several) => {
                let ids = several.into_iter().map(|template| template.id.clone()).collect();
                return Verdict::Open(Open::Several { ids });
            }
            Found::One(found) | Found::Audience(found) => found,
        };
        let id = found.id.clone();
        if let Some(with) = self.claims.other(key, &natural_key, found) {
            return Verdict::Open(Open::Shared { with: with.clone() });
        }
        if let Some(owner) = self.owners.get(&id).filter(|owner| *owner != key) {
            return Verdict::Open(Open::Taken { id, owner: owner.clone() });
        }
        // It may hold what any of them sent.
        let shown = found.title.as_deref().map(str::trim);
        let title_of = |sent: &'_ Attempt| sent.attributes.title().unwrap_or_default().trim().to_owned();
        let fits = |sent: &&Attempt| shown.is_none_or(|shown| shown == title_of(sent));
        let Some(title) = row.attempts.creates().find(fits).map(title_of) else {
            return Verdict::Open(Open::OtherTitle { id, title: shown.unwrap_or_default().to_owned() });
        };
        if !found.shows_audience && !is_the_default(found, &natural_key, Some(title.as_str())) {
            return Verdict::Open(Open::Audience { id });
        }
        match Age::of(found, first) {
            Age::Before(at) if row.exists() => Verdict::Open(Open::Untouched { id, at }),
            // It exists. Had the attempt arrived, it would have changed it, or nobody knows whether it did.
            Age::Before(_) | Age::NotKnown => Verdict::Settles(Settlement::Exists { id }),
            Age::Since => Verdict::Settles(Settlement::Created { id }),
        }
    }
}

/// When the server's template was last changed, seen from an attempt.
enum Age {
    Before(Timestamp),
    Since,
    /// The export does not say.
    NotKnown,
}

impl Age {
    fn of(found: &Exported, attempt: &Attempt) -> Self {
        match found.updated_at {
            None => Self::NotKnown,
            Some(at) if at.unix_seconds() + CLOCK_SKEW < attempt.at.unix_seconds() => Self::Before(at),
            Some(_) => Self::Since,
        }
    }
}
