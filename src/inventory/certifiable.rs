//! Which certificates the observer lacks and could get. Pure; `observer certify` calls it.
//!
//! The server chooses which template of a course or learning path a learner gets: that of an audience which the learner
//! belongs to, else the one for everybody. So there is one certificate for each course or learning path.

use std::collections::BTreeMap;

use super::observation::resource_of;
use super::{ObserverStatus, UnseenReason};
use crate::desired::Desired;
use crate::model::{Key, NaturalKey, Timestamp};
use crate::state::{Document, UncertainCertificate};

/// What can be issued, and what cannot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certifiable {
    /// The certificates to issue: the template that each is for, and its course or learning path.
    pub wanted: BTreeMap<Key, NaturalKey>,
    /// Templates that this learner cannot be shown, each with the reason.
    pub impossible: BTreeMap<Key, CannotBeShown>,
    /// Templates whose certificate may have been issued by an earlier run, at this time.
    pub uncertain: BTreeMap<Key, Timestamp>,
}

/// Why a learner cannot be shown a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CannotBeShown {
    /// It is for learners whose custom field has this value.
    Audience {
        /// The field.
        slug: String,
        /// The value.
        value: String,
    },
    /// The learner gets another template of the same course or learning path.
    Gets(Key),
}

/// Chooses what to issue. `named` are the templates that a person named by key: the person says that the learner belongs
/// to their audience. With `again`, also what may have been issued already.
pub fn certifiable(
    status: &ObserverStatus,
    desired: &Desired,
    document: &Document,
    is_chosen: impl Fn(&Key) -> bool,
    named: impl Fn(&Key) -> bool,
    again: bool,
) -> Certifiable {
    let natural_key =
        |key: &Key| desired.templates.get(key).map(|template| NaturalKey::of(&template.attributes));
    // What this learner gets for a course or learning path, by a certificate that is seen.
    let gets: BTreeMap<NaturalKey, Key> = status
        .seen
        .iter()
        .filter_map(|seen| Some((natural_key(&seen.key)?, &seen.key)))
        .filter(|(natural_key, _)| natural_key.user_custom_field_slug.is_some())
        .map(|(natural_key, key)| (resource_of(&natural_key), key.clone()))
        .collect();
    // A request names the course or learning path alone, so one without an outcome concerns every template of it, also
    // under another key.
    let uncertain: BTreeMap<NaturalKey, Timestamp> = document
        .certificates_in_doubt
        .values()
        .map(|uncertain| (requested(uncertain), uncertain.at))
        .collect();
    let mut certifiable = Certifiable::default();
    let mut by_resource: BTreeMap<NaturalKey, Key> = BTreeMap::new();
    // Those for an audience first: a learner who belongs to it gets them.
    let of_audience = |reason: &UnseenReason| !matches!(reason, UnseenReason::Audience { .. });
    let mut unseen: Vec<&(Key, UnseenReason)> =
        status.unseen.iter().filter(|(key, _)| is_chosen(key)).collect();
    unseen.sort_by_key(|(key, reason)| (of_audience(reason), key.clone()));
    for (key, reason) in unseen {
        let Some(natural_key) = natural_key(key) else { continue };
        match reason {
            UnseenReason::Audience { slug, value, is_member } if !is_member && !named(key) => {
                let reason = CannotBeShown::Audience { slug: slug.clone(), value: value.clone() };
                certifiable.impossible.insert(key.clone(), reason);
                continue;
            }
            UnseenReason::Uncertain(at) if !again => {
                certifiable.uncertain.insert(key.clone(), *at);
                continue;
            }
            UnseenReason::NoCertificate { .. }
            | UnseenReason::Audience { .. }
            | UnseenReason::Uncertain(_) => {}
            _ => continue,
        }
        let resource = resource_of(&natural_key);
        if let Some(at) = uncertain.get(&resource).filter(|_| !again) {
            certifiable.uncertain.insert(key.clone(), *at);
            continue;
        }
        let is_for_all = natural_key.user_custom_field_slug.is_none();
        let other = by_resource.get(&resource).or_else(|| gets.get(&resource).filter(|_| is_for_all));
        if let Some(other) = other {
            certifiable.impossible.insert(key.clone(), CannotBeShown::Gets(other.clone()));
            continue;
        }
        by_resource.insert(resource.clone(), key.clone());
        certifiable.wanted.insert(key.clone(), resource);
    }
    certifiable
}

/// The course or learning path that a certificate was asked for.
fn requested(uncertain: &UncertainCertificate) -> NaturalKey {
    NaturalKey {
        resource_type: uncertain.resource_type.clone(),
        resource_id: uncertain.resource_id.clone(),
        user_custom_field_slug: None,
        user_custom_field_value: None,
    }
}
