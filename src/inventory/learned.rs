//! Learns what a certificate shows of a template that was edited after its issue. Pure. The vendor does not say, and a wrong
//! answer would take old contents for the present ones, so only two things count as evidence: a template that certctl
//! changed after a certificate was issued, and two certificates of one template.

use std::collections::HashMap;

use super::contents::{ExportContents, compare};
use super::{Observation, Observed, ReadCertificates, SeenAt};
use crate::model::clock::is_before;
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

/// Learns from certificates. `earlier` are earlier versions of the state, the newest first, as far as they are at hand.
/// Evidence that certificates show old contents outweighs the other, for which every template that could say something must
/// say the same: one alone may have been given its new contents by hand, before the issue.
pub fn learn(read: &ReadCertificates, document: &Document, earlier: &[Document]) -> Option<Learned> {
    if let Some(id) = read.differing.first() {
        let evidence = LearnedFrom::Differing(id.clone());
        return Some(Learned { shows: ObserverShows::AtIssue, evidence });
    }
    let observation = &read.observation;
    let by_id: HashMap<&TemplateId, &Observed> =
        observation.templates.iter().map(|found| (&found.id, found)).collect();
    let witness = |(key, row): (&Key, &Row)| {
        let found = by_id.get(&row.identity.as_ref()?.id)?;
        Witness::of(observation, found, key, row, earlier)
    };
    let witnesses: Vec<Witness> = document.templates.iter().filter_map(witness).collect();
    let says = |shows| move |witness: &&Witness| witness.shows == Some(shows);
    let agree = witnesses.iter().all(|witness| says(ObserverShows::Now)(&witness));
    let at_issue = witnesses.iter().find(says(ObserverShows::AtIssue));
    let witness = at_issue.or_else(|| witnesses.first().filter(|_| agree))?;
    Some(Learned { shows: witness.shows?, evidence: witness.evidence.clone() })
}

/// A template that certctl changed after the issue of its certificate.
struct Witness {
    /// What the certificate shows; `None` if it is neither the new contents nor those before.
    shows: Option<ObserverShows>,
    evidence: LearnedFrom,
}

impl Witness {
    fn of(
        observation: &Observation,
        found: &Observed,
        key: &Key,
        row: &Row,
        earlier: &[Document],
    ) -> Option<Self> {
        if !row.attempts.is_empty() || !row.unknown.is_empty() {
            return None;
        }
        let known = row.confirmed.as_ref()?;
        let at = known.applied_at?;
        let SeenAt::Certificate { issued_at, .. } = &found.seen_at else { return None };
        if !is_before(*issued_at, at) {
            return None;
        }
        let older = before(key, &known.attributes, earlier)?;
        let shows =
            match (is_shown(observation, found, &known.attributes), is_shown(observation, found, older)) {
                (true, false) => Some(ObserverShows::Now),
                (false, true) => Some(ObserverShows::AtIssue),
                (false, false) => None,
                // It shows no difference between the two.
                (true, true) => return None,
            };
        Some(Self { shows, evidence: LearnedFrom::Changed { key: key.clone(), at, issued_at: *issued_at } })
    }
}

/// What the template was known to hold before it got these attributes. `None` if it is known to have had the same ones
/// earlier still: a certificate from then shows them, whatever certificates show.
fn before<'d>(key: &Key, now: &Attributes, earlier: &'d [Document]) -> Option<&'d Attributes> {
    let known = |document: &'d Document| {
        let row = document.templates.get(key).filter(|row| row.unknown.is_empty())?;
        row.confirmed.as_ref().map(|known| &known.attributes)
    };
    let mut others = earlier.iter().filter_map(known).skip_while(|attributes| attributes.is_same_as(now));
    let older = others.next()?;
    (!others.any(|attributes| attributes.is_same_as(now))).then_some(older)
}

/// Whether these attributes were seen, as far as any were.
pub(super) fn is_shown(observation: &Observation, found: &Observed, attributes: &Attributes) -> bool {
    !matches!(compare(observation, found, attributes), ExportContents::Other(_))
}
