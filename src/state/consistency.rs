//! Finds rows whose contents do not match their digest: changed by hand, or by a text merge. Commands check it before
//! they build on a state.

use rayon::prelude::*;

use super::{Document, Location, Row, StateError};
use crate::model::{Attributes, Digest, Key};

/// Contents of a row that do not match their digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inconsistency {
    /// The row's key.
    pub key: Key,
    /// Which of its contents.
    pub contents: KnownContents,
    /// The digest in the row.
    pub written: Digest,
    /// The digest of the actual contents.
    pub actual: Digest,
}

/// The contents that a row keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KnownContents {
    /// What the server is known to hold.
    Confirmed,
    /// What an attempt sent.
    Attempt {
        /// The request that it was part of.
        batch: String,
    },
}

impl Document {
    /// All contents that do not match their digest, by key.
    pub fn inconsistencies(&self) -> Vec<Inconsistency> {
        let rows: Vec<(&Key, &Row)> = self.templates.iter().collect();
        rows.into_par_iter().flat_map_iter(|(key, row)| of_row(key, row)).collect()
    }

    /// Checks that every digest matches: commands must build on what a run recorded. `at` is where the document was
    /// read, for the error.
    pub fn check_consistency(&self, at: impl Into<Location>) -> Result<(), StateError> {
        let mut keys: Vec<Key> = self.inconsistencies().into_iter().map(|found| found.key).collect();
        keys.dedup();
        if keys.is_empty() { Ok(()) } else { Err(StateError::Inconsistent { at: at.into(), keys }) }
    }
}

fn of_row<'a>(key: &'a Key, row: &'a Row) -> impl Iterator<Item = Inconsistency> + 'a {
    let confirmed =
        row.confirmed.iter().map(|known| (KnownContents::Confirmed, &known.attributes, &known.digest));
    let attempts = row.attempts.iter().map(|attempt| {
        (KnownContents::Attempt { batch: attempt.batch.clone() }, &attempt.attributes, &attempt.digest)
    });
    confirmed.chain(attempts).filter_map(|(contents, attributes, written)| {
        let actual = misfit(attributes, written)?;
        Some(Inconsistency { key: key.clone(), contents, written: written.clone(), actual })
    })
}

/// The digest of these attributes, if it differs from the written one.
fn misfit(attributes: &Attributes, written: &Digest) -> Option<Digest> {
    Some(attributes.digest()).filter(|actual| actual != written)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::model::Advice;
    use crate::state::{GitFacts, parse_state};

    fn document(confirmed: &str, sent: &str) -> Document {
        let attributes = |title: &str| serde_json::json!({"title": title});
        let digest = |title: &str| serde_json::from_value::<Attributes>(attributes(title)).unwrap().digest();
        let text = serde_json::json!({
            "format": "certctl.state/v1", "lineage": "l", "serial": 1, "environment": "e", "url": "sandbox",
            "templates": { "a": {
                "status": "in_doubt", "attributes": attributes(confirmed), "digest": digest("A"),
                "attempt": {"at": "2026-11-23T10:00:00Z", "batch": "1-1", "attributes": attributes(sent), "digest": digest("B")},
                "error": {"at": "2026-11-23T10:00:00Z", "message": "?"} } } });
        parse_state(Path::new("s.json"), text.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let found = |confirmed, sent| {
            let found = document(confirmed, sent).inconsistencies();
            found.into_iter().map(|found| found.contents).collect::<Vec<_>>()
        };
        let attempt = || KnownContents::Attempt { batch: "1-1".to_owned() };
        assert_eq!(found("A", "B"), []);
        assert_eq!(found("changed", "B"), [KnownContents::Confirmed]);
        assert_eq!(found("A", "changed"), [attempt()]);
        assert_eq!(found("changed", "changed"), [KnownContents::Confirmed, attempt()]);
    }

    #[test]
    fn a_row_is_named_once() {
        let error = document("x", "y").check_consistency(Path::new("s.json")).unwrap_err();
        assert!(error.to_string().starts_with("s.json: what the state says of a does not match"), "{error}");
        let forget = Advice::StateRm { keys: vec![Key::new("a").unwrap()] };
        assert!(error.help(&GitFacts::default()).steps().any(|(_, command)| command == Some(&forget)));
        assert!(document("A", "B").check_consistency(Path::new("s.json")).is_ok());
    }
}
