//! Learns what a certificate shows of a template that was edited after its issue. Pure; nobody documents it, and a wrong
//! answer would take old contents for the present ones, so only two things count as evidence: a template that certctl
//! changed after a certificate was issued, and two certificates of one template.

use super::clock::is_before;
use super::contents::{ExportContents, compare};
use super::{Observed, ReadCertificates, SeenAt};
use crate::model::{Attributes, Key, TemplateId, Timestamp};
use crate::state::{Document, ObserverShows, Row};

/// What was learned, and from what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Learned {
    /// What certificates show.
    pub shows: ObserverShows,
    /// The evidence.
    pub evidence: LearnedFrom,
}

/// What something was learned from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LearnedFrom {
    /// A template that was changed after its certificate was issued.
    Changed {
        /// The template.
        key: Key,
        /// When it was changed.
        at: Timestamp,
        /// When the certificate was issued.
        issued_at: Timestamp,
    },
    /// Two certificates show one template with different contents.
    Differing(TemplateId),
}

/// Learns from certificates. `earlier` is a state from before the last changes, if there is one. Evidence that
/// certificates show old contents outweighs the other.
pub fn learn(read: &ReadCertificates, document: &Document, earlier: Option<&Document>) -> Option<Learned> {
    if let Some(id) = read.differing.first() {
        return Some(Learned { shows: ObserverShows::AtIssue, evidence: LearnedFrom::Differing(id.clone()) });
    }
    let mut learned = None;
    for (key, row) in &document.templates {
        let before = earlier.and_then(|earlier| earlier.templates.get(key));
        let Some(one) = before.and_then(|before| of_one(read, key, row, before)) else { continue };
        if one.shows == ObserverShows::AtIssue {
            return Some(one);
        }
        learned = learned.or(Some(one));
    }
    learned
}

fn of_one(read: &ReadCertificates, key: &Key, row: &Row, before: &Row) -> Option<Learned> {
    if !row.attempts.is_empty() || !row.unknown.is_empty() || !before.unknown.is_empty() {
        return None;
    }
    let known = row.confirmed.as_ref()?;
    let older = &before.confirmed.as_ref()?.attributes;
    let at = known.applied_at?;
    let id = &row.identity.as_ref()?.id;
    let found = read.observation.templates.iter().find(|found| found.id == *id)?;
    let SeenAt::Certificate { issued_at, .. } = &found.seen_at else { return None };
    if !is_before(*issued_at, at) {
        return None;
    }
    let shows = match (is_shown(read, found, &known.attributes), is_shown(read, found, older)) {
        (true, false) => ObserverShows::Now,
        (false, true) => ObserverShows::AtIssue,
        // It shows no difference between the two, or neither of them.
        (true, true) | (false, false) => return None,
    };
    Some(Learned { shows, evidence: LearnedFrom::Changed { key: key.clone(), at, issued_at: *issued_at } })
}

/// Whether a certificate shows these attributes, as far as it shows any.
fn is_shown(read: &ReadCertificates, found: &Observed, attributes: &Attributes) -> bool {
    !matches!(compare(&read.observation, found, attributes), ExportContents::Other(_))
}
