//! Attribute names, without an allocation for the vendor's own names.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

use super::json_text::push_string;

/// The vendor's field names (vendor-api.md section 4), sorted.
const KNOWN: [&str; 18] = [
    "asset",
    "assetLibraryId",
    "customCss",
    "expirationDate",
    "expirationDays",
    "labels",
    "recertificationAction",
    "recertificationActionText",
    "recertificationActionUrl",
    "recertificationAfterDays",
    "recertificationAutoReset",
    "recertificationInstructions",
    "resourceId",
    "resourceType",
    "supplementalAssets",
    "title",
    "userCustomFieldSlug",
    "userCustomFieldValue",
];

/// The name of an attribute. The vendor's names are static and cost no memory per template.
#[derive(Clone)]
pub struct AttributeName(NameForm);

#[derive(Clone)]
enum NameForm {
    Known(&'static str),
    Other(Arc<str>),
}

impl AttributeName {
    /// The attribute name with this text.
    pub fn new(name: &str) -> Self {
        // Their lengths tell most of them apart, so this is faster than a binary search.
        match KNOWN.iter().find(|known| **known == name) {
            Some(known) => Self(NameForm::Known(known)),
            None => Self(NameForm::Other(name.into())),
        }
    }

    /// Appends the name's JSON to `text`.
    pub(super) fn push_json(&self, text: &mut String) {
        match &self.0 {
            NameForm::Known(name) => {
                text.push('"');
                text.push_str(name);
                text.push('"');
            }
            NameForm::Other(name) => push_string(text, name),
        }
    }

    /// The name's text.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            NameForm::Known(name) => name,
            NameForm::Other(name) => name,
        }
    }
}

impl AsRef<str> for AttributeName {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq for AttributeName {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for AttributeName {}

impl PartialEq<str> for AttributeName {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialOrd for AttributeName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for AttributeName {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for AttributeName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Debug for AttributeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl<'de> Deserialize<'de> for AttributeName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = AttributeName;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string key")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<AttributeName, E> {
                Ok(AttributeName::new(name))
            }
        }

        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_names_are_sorted_and_found() {
        assert!(KNOWN.is_sorted());
        for name in KNOWN {
            assert!(matches!(AttributeName::new(name).0, NameForm::Known(known) if known == name));
        }
        assert!(matches!(AttributeName::new("a\"b").0, NameForm::Other(_)));
    }

    #[test]
    fn every_name_has_its_json() {
        for (name, expected) in [("title", "\"title\""), ("a\"b", "\"a\\\"b\"")] {
            let mut text = String::new();
            AttributeName::new(name).push_json(&mut text);
            assert_eq!(text, expected);
        }
    }
}
