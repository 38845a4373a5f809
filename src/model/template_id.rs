//! The id that the vendor gave a template.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The vendor's id of one certificate template. The vendor documents a UUID; what the server really answers is kept
/// as it came, and only what people type is held to that form ([`TemplateId::parse_uuid`]).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TemplateId(String);

impl TemplateId {
    /// An id as the server answered it. Nothing for a text that cannot be one: empty, longer than 128 characters,
    /// or with white space or control characters inside.
    pub fn from_server(text: &str) -> Option<Self> {
        let plausible = !text.is_empty()
            && text.len() <= 128
            && !text.chars().any(|c| c.is_control() || c.is_whitespace());
        plausible.then(|| Self(text.to_owned()))
    }

    /// An id as a person typed it: a UUID, in lower case from here on.
    pub fn parse_uuid(text: &str) -> Result<Self, String> {
        match uuid::Uuid::try_parse(text.trim()) {
            Ok(uuid) => Ok(Self(uuid.hyphenated().to_string())),
            Err(_) => Err(format!(
                "{text:?} is not a template id: expected a UUID such as 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01"
            )),
        }
    }

    /// The id's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TemplateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
