//! What a state's text says of itself, read without its templates.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Ancestry, FORMAT, StateIdentity, Writes};

/// Whose a state is, and what came before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// Whose it is.
    pub owner: StateIdentity,
    /// What came before it.
    pub ancestry: Ancestry,
}

/// So far from the beginning `templates` begins in what certctl writes.
pub(super) const HEAD: usize = 4096;
/// So far from the end they end: a hundred writes and the url come after them.
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
    /// Reads the outline of a state; nothing for a text that is none. A text as certctl writes it is not read as a
    /// whole, and its middle may be missing.
    pub fn read(text: &[u8]) -> Option<Self> {
        let members = without_templates(text)
            .and_then(|text| serde_json::from_slice::<OutlineMembers>(&text).ok())
            .or_else(|| serde_json::from_slice::<OutlineMembers>(text).ok())
            .filter(|members| members.format == FORMAT)?;
        let OutlineMembers { environment, lineage, serial, url, writes, .. } = members;
        Some(Self {
            owner: StateIdentity { environment, url },
            ancestry: Ancestry { lineage, serial, writes },
        })
    }
}

/// The text with nothing in its templates. Line breaks stand in no string of a JSON text, so these lines are what they
/// seem to be wherever the text is certctl's own.
fn without_templates(text: &[u8]) -> Option<Vec<u8>> {
    let head = text.get(..HEAD.min(text.len()))?;
    let tail = text.get(text.len().saturating_sub(TAIL)..)?;
    Some([head.get(..templates_begin(head)?)?, tail.get(templates_end(tail)?..)?].concat())
}

/// Where the templates begin, behind their bracket.
pub(super) fn templates_begin(head: &[u8]) -> Option<usize> {
    const BEGIN: &[u8] = b"\n  \"templates\": {";
    Some(head.windows(BEGIN.len()).position(|window| window == BEGIN)? + BEGIN.len())
}

/// Where they end, before the line with their bracket.
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
        let owner = StateIdentity { environment: "test".to_owned(), url: "https://a.example.com".to_owned() };
        let mut document = Document::empty(&owner, "l".to_owned());
        document.serial = 7;
        document.writes = Writes::of((0..100).map(|id| WriteId::new(Uuid::from_u128(id))).collect());
        let key = |number: usize| crate::model::Key::new(format!("t-{number}")).unwrap();
        document.templates = (0..templates).map(|number| (key(number), Row::default())).collect();
        document
    }

    fn outline(document: &Document) -> Outline {
        let owner = StateIdentity { environment: document.environment.clone(), url: document.url.clone() };
        Outline { owner, ancestry: document.ancestry() }
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
    fn the_middle_of_a_long_text_is_not_needed() {
        let document = document(500);
        let text = document.to_text().unwrap().into_bytes();
        let ends = [&text[..HEAD], &text[text.len() - TAIL..]].concat();
        assert_eq!(Outline::read(&ends), Some(outline(&document)));
    }

    #[test]
    fn what_is_no_state_has_no_outline() {
        let newer = document(1).to_text().unwrap().replace("state/v1", "state/v2");
        for text in ["", "{}", "<<<<<<< HEAD\n", "{\"format\": \"certctl.state/v1\"}", &newer] {
            assert_eq!(Outline::read(text.as_bytes()), None, "{text}");
        }
    }
}
