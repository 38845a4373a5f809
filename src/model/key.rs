//! The stable name of a template in the configuration.

use std::borrow::Borrow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The stable name of a template: what configuration, state and people call it (contract section 1).
///
/// A key is 1 to 200 characters, without control characters and without white space at either end, so that it
/// stands on one line of a plan and can be typed as an argument.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Key(String);

/// Why a text cannot be a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKey {
    /// There is no text.
    #[error("a template's key must not be empty")]
    Empty,
    /// Longer than [`Key::MAX_CHARS`].
    #[error("a template's key must be at most {max} characters long, this one has {0}", max = Key::MAX_CHARS)]
    TooLong(usize),
    /// A line break, a tab, an escape, … inside, or white space at an end.
    #[error("a template's key must not contain control characters, nor begin or end with a space")]
    Unprintable,
}

impl Key {
    /// The longest key, in characters.
    pub const MAX_CHARS: usize = 200;

    /// A key from its text.
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
mod tests {
    use super::*;

    #[test]
    fn a_key_is_one_printable_line() {
        assert!(Key::new("cloud-101").is_ok());
        assert!(Key::new("日本語 コース").is_ok());
        assert_eq!(Key::new(""), Err(InvalidKey::Empty));
        assert_eq!(Key::new("a\nb"), Err(InvalidKey::Unprintable));
        assert_eq!(Key::new(" a"), Err(InvalidKey::Unprintable));
        assert_eq!(Key::new("\u{1b}[31m"), Err(InvalidKey::Unprintable));
        assert_eq!(Key::new("x".repeat(201)), Err(InvalidKey::TooLong(201)));
    }
}
