//! The key of a template, checked once on creation.

use std::borrow::Borrow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The stable name of a template: what configuration, state and people call it (contract section 1).
///
/// A key has 1 to 200 characters, no control characters, and no white space at either end, so that it fits on one line of
/// a plan and can be typed as an argument.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Key(String);

/// Why a text cannot be a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKey {
    /// The text is empty.
    #[error("a template's key must not be empty")]
    Empty,
    /// The text has more than [`Key::MAX_CHARS`] characters; holds how many.
    #[error("a template's key must be at most {max} characters long, this one has {0}", max = Key::MAX_CHARS)]
    TooLong(usize),
    /// The text contains a control character, or has white space at either end.
    #[error("a template's key must not contain control characters, nor begin or end with a space")]
    Unprintable,
}

impl Key {
    /// Maximum length, in characters.
    pub const MAX_CHARS: usize = 200;

    /// Checks the text of a key.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidKey> {
        let text = text.into();
        let chars = text.chars().count();
        if text.is_empty() {
            Err(InvalidKey::Empty)
        } else if chars > Self::MAX_CHARS {
            Err(InvalidKey::TooLong(chars))
        } else if text.chars().any(char::is_control) || text.trim() != text {
            Err(InvalidKey::Unprintable)
        } else {
            Ok(Self(text))
        }
    }

    /// The key's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl TryFrom<String> for Key {
    type Error = InvalidKey;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(text)
    }
}

impl std::str::FromStr for Key {
    type Err = InvalidKey;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

impl From<Key> for String {
    fn from(key: Key) -> Self {
        key.0
    }
}

impl Borrow<str> for Key {
    fn borrow(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
impl schemars::JsonSchema for Key {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Key".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "minLength": 1, "maxLength": 200, "description": "A template's stable name in the configuration." })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_one_printable_line() {
        assert!(Key::new("cloud-101").is_ok());
        assert!(Key::new("日本語 コース").is_ok());
        assert_eq!(Key::new(""), Err(InvalidKey::Empty));
        assert_eq!(Key::new("a\nb"), Err(InvalidKey::Unprintable));
        assert_eq!(Key::new(" a"), Err(InvalidKey::Unprintable));
        assert_eq!(Key::new("\u{1b}[31m"), Err(InvalidKey::Unprintable));
        assert_eq!(Key::new("x".repeat(201)), Err(InvalidKey::TooLong(201)));
    }
}
