//! Reads what a state says about itself, without parsing its templates.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Ancestry, FORMAT, StateIdentity, Writes};

/// The identity and the past of a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// The environment and instance that it belongs to.
    pub identity: StateIdentity,
    /// Its lineage, serial and writes.
    pub ancestry: Ancestry,
}

/// In a text written by certctl, `templates` begins within this many bytes.
pub(super) const HEAD: usize = 4096;
/// In a text written by certctl, `templates` ends within this many bytes of the end: a hundred writes and the URL
/// follow.
pub(super) const TAIL: usize = 16_384;

#[derive(Deserialize)]
struct OutlineMembers {
    environment: String,
    format: String,
    lineage: String,
    serial: u64,
    #[serde(rename = "templates")]
    _templates: IgnoredAny,
    url: String,
    #[serde(default)]
    writes: Writes,
}

impl Outline {
    /// Reads the outline of a state; `None` if the text is not a state. Of a text written by certctl only the ends
    /// are parsed, and its middle may be missing.
    pub fn read(text: &[u8]) -> Option<Self> {
        let members = without_templates(text)
            .and_then(|text| serde_json::from_slice::<OutlineMembers>(&text).ok())
            .or_else(|| serde_json::from_slice::<OutlineMembers>(text).ok())
            .filter(|members| members.format == FORMAT)?;
        let OutlineMembers { environment, lineage, serial, url, writes, .. } = members;
        Some(Self {
            identity: StateIdentity { environment, url },
            ancestry: Ancestry { lineage, serial, writes },
        })
    }
}

/// The text with empty templates. A JSON string cannot contain a line break, so these lines are unambiguous in a text
/// written by certctl.
fn without_templates(text: &[u8]) -> Option<Vec<u8>> {
    let head = text.get(..HEAD.min(text.len()))?;
    let tail = text.get(text.len().saturating_sub(TAIL)..)?;
    Some([head.get(..templates_begin(head)?)?, tail.get(templates_end(tail)?..)?].concat())
}

/// The position after the opening bracket of the templates.
pub(super) fn templates_begin(head: &[u8]) -> Option<usize> {
    const BEGIN: &[u8] = b"\n  \"templates\": {";
    Some(head.windows(BEGIN.len()).position(|window| window == BEGIN)? + BEGIN.len())
}

/// The position before the line with their closing bracket.
pub(super) fn templates_end(tail: &[u8]) -> Option<usize> {
    const END: &[u8] = b"\n  },\n  \"url\":";
    tail.windows(END.len()).rposition(|window| window == END)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::state::{Document, Row, WriteId};

    fn document(templates: usize) -> Document {
        let identity =
            StateIdentity { environment: "test".to_owned(), url: "https://a.example.com".to_owned() };
        let mut document = Document::empty(&identity, "l".to_owned());
        document.serial = 7;
        document.writes = Writes::of((0..100).map(|id| WriteId::new(Uuid::from_u128(id))).collect());
        let key = |number: usize| crate::model::Key::new(format!("t-{number}")).unwrap();
        document.templates = (0..templates).map(|number| (key(number), Row::default())).collect();
        document
    }

    fn outline(document: &Document) -> Outline {
        let identity = StateIdentity { environment: document.environment.clone(), url: document.url.clone() };
        Outline { identity, ancestry: document.ancestry() }
    }

    #[test]
    fn an_outline_is_that_of_the_whole_text() {
        for templates in [0, 1, 500] {
            let document = document(templates);
            let text = document.to_text().unwrap();
            assert_eq!(Outline::read(text.as_bytes()), Some(outline(&document)), "{templates}");
            let compact = serde_json::to_string(&document).unwrap();
            assert_eq!(Outline::read(compact.as_bytes()), Some(outline(&document)), "{templates}");
        }
    }

    #[test]
    fn the_middle_is_not_needed() {
        let document = document(500);
        let text = document.to_text().unwrap().into_bytes();
        let ends = [&text[..HEAD], &text[text.len() - TAIL..]].concat();
        assert_eq!(Outline::read(&ends), Some(outline(&document)));
    }

    #[test]
    fn other_texts_have_no_outline() {
        let newer = document(1).to_text().unwrap().replace("state/v1", "state/v2");
        for text in ["", "{}", "<<<<<<< HEAD\n", "{\"format\": \"certctl.state/v1\"}", &newer] {
            assert_eq!(Outline::read(text.as_bytes()), None, "{text}");
        }
    }
}
