//! The id that the vendor gave a template.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The vendor's id of one certificate template. The vendor documents a UUID, and UUIDs compare without regard to case
/// (RFC 9562 section 4), so one is kept in lower case wherever it came from. Whatever else the server answers is kept
/// and compared to the letter; only what people type is held to the documented form ([`TemplateId::parse_uuid`]).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct TemplateId(String);

impl TemplateId {
    /// An id as the server answered it. Nothing for a text that cannot be one: empty, longer than 128 characters,
    /// or with white space or control characters inside.
    pub fn from_server(text: &str) -> Option<Self> {
        let plausible = !text.is_empty()
            && text.len() <= 128
            && !text.chars().any(|c| c.is_control() || c.is_whitespace());
        plausible.then(|| Self::from(text.to_owned()))
    }

    /// An id as a person typed it: a UUID, in lower case from here on. The two that stand for "no id" and "the last id"
    /// (RFC 9562 sections 5.9 and 5.10) are no template's.
    pub fn parse_uuid(text: &str) -> Result<Self, String> {
        match uuid::Uuid::try_parse(text.trim()) {
            Ok(uuid) if !uuid.is_nil() && !uuid.is_max() => Ok(Self(uuid.hyphenated().to_string())),
            _ => Err(format!(
                "{text:?} is not a template id: expected a UUID such as 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01"
            )),
        }
    }

    /// The id's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for TemplateId {
    /// The same text, in lower case if it is a UUID in the documented form.
    fn from(text: String) -> Self {
        const LENGTH: usize = 36;
        let is_uuid = text.len() == LENGTH && uuid::Uuid::try_parse(&text).is_ok();
        Self(if is_uuid { text.to_ascii_lowercase() } else { text })
    }
}

impl From<TemplateId> for String {
    fn from(id: TemplateId) -> Self {
        id.0
    }
}

impl fmt::Display for TemplateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOWER: &str = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01";

    #[test]
    fn one_uuid_is_one_id_whoever_wrote_it_and_in_which_case() {
        let id = TemplateId::parse_uuid(LOWER).unwrap();
        for text in [LOWER.to_uppercase(), LOWER.replace('f', "F"), LOWER.to_owned()] {
            assert_eq!(TemplateId::from_server(&text).as_ref(), Some(&id), "{text}");
            assert_eq!(TemplateId::parse_uuid(&text).as_ref(), Ok(&id), "{text}");
            let read: TemplateId = serde_json::from_value(serde_json::json!(text)).unwrap();
            assert_eq!(read, id, "{text}");
        }
        assert_eq!(serde_json::json!(id), LOWER);
    }

    #[test]
    fn uuids_of_nothing_are_no_ids() {
        for text in ["00000000-0000-0000-0000-000000000000", "{FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF}"] {
            assert!(TemplateId::parse_uuid(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_id_that_is_no_uuid_is_compared_to_the_letter() {
        let simple = LOWER.replace('-', "").to_uppercase();
        for text in ["AbC", "42F", simple.as_str(), "8F14E45F-CEEA-467F-A0E6-6B2D6A6F6F0G"] {
            let id = TemplateId::from_server(text).unwrap();
            assert_eq!(id.as_str(), text);
            assert_ne!(Some(id), TemplateId::from_server(&text.to_lowercase()));
        }
    }
}
