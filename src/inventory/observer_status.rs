//! Which configured templates the observer sees, and why not the others. Pure; `observer status` and `observer certify`
//! call it.

use std::collections::HashSet;

use super::index::{Index, Match};
use super::{Observation, Observed, SeenAt, Unreadable, cell};
use crate::desired::Desired;
use crate::model::{Key, NaturalKey, TemplateId, Timestamp};
use crate::state::{Document, Row, RowStatus};

/// What the observer sees of a configuration. Every configured template is in one of the lists.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ObserverStatus {
    /// Templates that a certificate shows, by key.
    pub seen: Vec<VisibleTemplate>,
    /// Templates that none shows, by key, each with the reason.
    pub unseen: Vec<(Key, UnseenReason)>,
    /// Templates that certificates show and the configuration does not have.
    pub unmanaged: Vec<Observed>,
}

/// A template that a certificate shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisibleTemplate {
    /// Its key.
    pub key: Key,
    /// The vendor's id.
    pub id: TemplateId,
    /// When the certificate was issued; the newest, if there are several.
    pub issued_at: Timestamp,
}

/// Why no certificate shows a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnseenReason {
    /// The observer has no certificate for its course or learning path.
    NoCertificate {
        /// Whether the state knows the template on the server.
        is_known: bool,
    },
    /// It is for the learners of an audience, and the observer has no certificate of it.
    Audience {
        /// The custom field that the learner needs.
        slug: String,
        /// The value that the field needs.
        value: String,
        /// Whether another certificate shows that the observer belongs to this audience.
        is_member: bool,
    },
    /// Not every certificate could be read, so it is not known whether there is one; this is why.
    NotRead(String),
    /// A certificate for it may have been issued at this time, and none is seen.
    Uncertain(Timestamp),
    /// The state knows that the server does not have it.
    NotApplied,
    /// The outcome of an attempt on it is unknown.
    Open,
    /// Certificates show several templates for it.
    Several {
        /// Their ids.
        ids: Vec<TemplateId>,
    },
    /// Certificates show another template in its place.
    OtherId {
        /// The id in the state.
        known: TemplateId,
        /// The id on the certificate.
        shown: TemplateId,
    },
    /// A certificate for its course or learning path cannot be read.
    Unreadable {
        /// Which one.
        seen_at: SeenAt,
    },
}

/// Compares what certificates show with the configuration.
pub fn observer_status(
    observation: &Observation,
    desired: &Desired,
    document: Option<&Document>,
) -> ObserverStatus {
    let looking = StatusLookup { index: Index::of(observation), observation, document };
    let mut status = ObserverStatus::default();
    let mut claimed: HashSet<TemplateId> = HashSet::new();
    for (key, template) in &desired.templates {
        let natural_key = NaturalKey::of(&template.attributes);
        match looking.find(key, &natural_key, &mut claimed) {
            Ok(found) => status.seen.push(VisibleTemplate {
                key: key.clone(),
                id: found.id.clone(),
                issued_at: issued_at(&found.seen_at),
            }),
            Err(reason) => status.unseen.push((key.clone(), reason)),
        }
    }
    let is_unmanaged = |template: &&Observed| !claimed.contains(&template.id);
    status.unmanaged = observation.templates.iter().filter(is_unmanaged).cloned().collect();
    status
}

struct StatusLookup<'a> {
    index: Index<'a>,
    observation: &'a Observation,
    document: Option<&'a Document>,
}

impl<'a> StatusLookup<'a> {
    fn find(
        &self,
        key: &Key,
        natural_key: &NaturalKey,
        claimed: &mut HashSet<TemplateId>,
    ) -> Result<&'a Observed, UnseenReason> {
        let row = self.document.and_then(|document| document.templates.get(key));
        let found = match self.index.find(natural_key) {
            Match::One(found) => found,
            Match::Nothing => return Err(self.nothing(key, natural_key, row)),
            Match::Several(several) => {
                let ids: Vec<TemplateId> = several.into_iter().map(|template| template.id.clone()).collect();
                claimed.extend(ids.iter().cloned());
                return Err(UnseenReason::Several { ids });
            }
            Match::Unreadable { beside, .. } if self.observation.not_read.is_some() => match beside[..] {
                [one] => one,
                _ => return Err(self.nothing(key, natural_key, row)),
            },
            Match::Unreadable { seen_at, beside } => {
                claimed.extend(beside.into_iter().map(|template| template.id.clone()));
                return Err(UnseenReason::Unreadable { seen_at: seen_at.clone() });
            }
        };
        claimed.insert(found.id.clone());
        let known =
            row.and_then(|row| row.identity.as_ref()).filter(|identity| identity.source.may_address());
        match known.filter(|known| known.id != found.id) {
            Some(known) => Err(UnseenReason::OtherId { known: known.id.clone(), shown: found.id.clone() }),
            None => Ok(found),
        }
    }

    fn nothing(&self, key: &Key, natural_key: &NaturalKey, row: Option<&Row>) -> UnseenReason {
        if let Some(why) = self.not_read() {
            return UnseenReason::NotRead(why);
        }
        let uncertain = self.document.and_then(|document| document.certificates_in_doubt.get(key));
        if let Some(uncertain) = uncertain {
            return UnseenReason::Uncertain(uncertain.at);
        }
        match row {
            Some(row) if matches!(row.status(), RowStatus::InDoubt | RowStatus::Pending) => {
                return UnseenReason::Open;
            }
            Some(row) if !row.may_exist() => return UnseenReason::NotApplied,
            Some(_) | None => {}
        }
        match (&natural_key.user_custom_field_slug, &natural_key.user_custom_field_value) {
            (Some(slug), Some(value)) => {
                let is_member = self.is_member(slug, value);
                UnseenReason::Audience { slug: slug.clone(), value: value.clone(), is_member }
            }
            _ => UnseenReason::NoCertificate { is_known: row.is_some() },
        }
    }

    /// Why a certificate may be there that is not seen.
    fn not_read(&self) -> Option<String> {
        let is_anywhere = |unreadable: &&Unreadable| {
            let resource = &unreadable.resource;
            cell::uuid("resourceId", &resource.resource_id).is_err()
        };
        let odd = || self.observation.unreadable.iter().find(is_anywhere);
        let not_read = self.observation.not_read.clone();
        not_read.or_else(|| odd().map(|odd| format!("{} cannot be read", odd.seen_at)))
    }

    /// Whether a certificate shows that the observer belongs to an audience.
    fn is_member(&self, slug: &str, value: &str) -> bool {
        self.observation.templates.iter().any(|template| {
            let shown = &template.natural_key;
            shown.user_custom_field_slug.as_deref() == Some(slug)
                && shown.user_custom_field_value.as_deref() == Some(value)
        })
    }
}

fn issued_at(seen_at: &SeenAt) -> Timestamp {
    match seen_at {
        SeenAt::Certificate { issued_at: Some(issued_at), .. } => *issued_at,
        // The observer has certificates only, and those without a time are unreadable.
        SeenAt::Certificate { issued_at: None, .. } | SeenAt::Line { .. } => Timestamp::from_unix_seconds(0),
    }
}
