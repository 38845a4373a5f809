//! What is known of the environment's observer: what its certificates show, and which of them may have been issued.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Document;
use crate::model::{Key, Timestamp};

/// What a certificate shows of a template that was edited after its issue. The vendor does not say; `observer status` learns
/// it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ObserverShows {
    /// The template as it is.
    Now,
    /// The template as it was when the certificate was issued.
    AtIssue,
}

impl ObserverShows {
    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Now => "now",
            Self::AtIssue => "at-issue",
        }
    }

    /// What two states know together. Where they contradict each other, contents do not count.
    pub(super) fn joined(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(one), Some(other)) if one != other => Some(Self::AtIssue),
            (one, other) => one.or(other),
        }
    }
}

/// A certificate that may have been issued to the observer: the request was recorded, and its outcome is not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UncertainCertificate {
    /// When the request was recorded.
    pub at: Timestamp,
    /// Why the outcome is not known.
    pub message: String,
    /// The course or learning path.
    pub resource_id: String,
    /// Which of the two it is.
    pub resource_type: String,
    /// The user that it is for.
    pub user_id: String,
}

/// The doubts of two states. One that only one of them has stays: the next look at the observer settles it.
pub(super) fn joined_doubts(
    one: &BTreeMap<Key, UncertainCertificate>,
    other: &BTreeMap<Key, UncertainCertificate>,
) -> BTreeMap<Key, UncertainCertificate> {
    let mut joined = one.clone();
    for (key, doubt) in other {
        // The newest, in either order of the two.
        let newest = |held: &UncertainCertificate| (held.at, held.message.clone(), held.resource_id.clone());
        match joined.get(key) {
            Some(held) if newest(held) >= newest(doubt) => {}
            _ => drop(joined.insert(key.clone(), doubt.clone())),
        }
    }
    joined
}

/// The outcome of a request to issue a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case", deny_unknown_fields)]
pub enum CertificateOutcome {
    /// The certificate exists: the server said so, or it was seen.
    Issued,
    /// The server refused it.
    Refused {
        /// The server's message.
        message: String,
    },
    /// The server did not act on it.
    NotSent,
    /// The outcome is not known.
    InDoubt {
        /// Why.
        message: String,
    },
}

/// Why a certificate is uncertain whose run ended before the answer.
const INTERRUPTED: &str = "the run was interrupted after the request was recorded and before its answer was";

impl Document {
    /// Records that a certificate is about to be asked for.
    pub fn certificate_requested(&mut self, key: &Key, at: Timestamp, resource: (&str, &str), user_id: &str) {
        let uncertain = UncertainCertificate {
            at,
            message: INTERRUPTED.to_owned(),
            resource_id: resource.1.to_owned(),
            resource_type: resource.0.to_owned(),
            user_id: user_id.to_owned(),
        };
        self.certificates_in_doubt.insert(key.clone(), uncertain);
    }

    /// Records the outcome of a request for a certificate.
    pub fn certificate_answered(&mut self, key: &Key, outcome: &CertificateOutcome) {
        let CertificateOutcome::InDoubt { message } = outcome else {
            self.certificates_in_doubt.remove(key);
            return;
        };
        if let Some(uncertain) = self.certificates_in_doubt.get_mut(key) {
            uncertain.message.clone_from(message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::StateIdentity;

    #[test]
    fn contradictions_are_taken_for_at_issue() {
        let (now, at_issue) = (Some(ObserverShows::Now), Some(ObserverShows::AtIssue));
        assert_eq!(ObserverShows::joined(now, at_issue), at_issue);
        assert_eq!(ObserverShows::joined(None, now), now);
        assert_eq!(ObserverShows::joined(now, now), now);
        assert_eq!(ObserverShows::joined(None, None), None);
    }

    #[test]
    fn a_certificate_is_uncertain_until_its_answer() {
        let identity = StateIdentity { environment: "test".to_owned(), url: "sandbox".to_owned() };
        let mut document = Document::empty(&identity, "l".to_owned());
        let key = Key::new("a").unwrap_or_else(|_| unreachable!());
        document.certificate_requested(&key, Timestamp::from_unix_seconds(0), ("course", "1"), "u");
        assert!(document.certificates_in_doubt[&key].message.contains("interrupted"));
        document.certificate_answered(&key, &CertificateOutcome::InDoubt { message: "lost".to_owned() });
        assert_eq!(document.certificates_in_doubt[&key].message, "lost");
        document.certificate_answered(&key, &CertificateOutcome::Issued);
        assert!(document.certificates_in_doubt.is_empty());
    }
}
