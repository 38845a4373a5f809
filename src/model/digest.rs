//! SHA-256 digests of values, as the state file and saved plans hold them.

use std::fmt;
use std::io;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::canonical_text;

/// A SHA-256 digest, written `sha256:` and 64 lower-case hexadecimal digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(String);

impl Digest {
    const PREFIX: &'static str = "sha256:";

    /// The SHA-256 of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self::hex(&Sha256::digest(bytes))
    }

    /// The SHA-256 of a value's canonical JSON.
    pub fn of_canonical(value: &impl Serialize) -> Result<Self, serde_json::Error> {
        Ok(Self::of(canonical_text(value)?.as_bytes()))
    }

    /// The SHA-256 of the canonical JSON of an object with these members, sorted by name. Hashes one member at a time, so
    /// the text of a large state is never in memory.
    pub fn of_members<'m, M: Serialize>(
        members: impl IntoIterator<Item = (&'m str, M)>,
    ) -> Result<Self, serde_json::Error> {
        let mut hash = Sha256::new();
        let mut before = "{";
        for (name, value) in members {
            hash.update(before);
            hash.update(canonical_text(&name)?);
            hash.update(":");
            hash.update(canonical_text(&value)?);
            before = ",";
        }
        hash.update(if before == "{" { "{}" } else { "}" });
        Ok(Self::hex(&hash.finalize()))
    }

    fn hex(hash: &[u8]) -> Self {
        let mut text = String::with_capacity(Self::PREFIX.len() + 64);
        text.push_str(Self::PREFIX);
        // By hand: the digests of an estate have hundreds of thousands of digits.
        let digit = |half: u8| char::from(if half < 10 { b'0' + half } else { b'a' + half - 10 });
        text.extend(hash.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]));
        Self(text)
    }

    /// The digest's text, including the prefix.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The digest of bytes that come one after the other.
#[derive(Clone, Default)]
pub struct Digesting(Sha256);

impl Digesting {
    /// Takes more bytes into account.
    pub fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all of them.
    pub fn finish(self) -> Digest {
        Digest::hex(&self.0.finalize())
    }
}

impl io::Write for Digesting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.add(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Digest {
    type Error = String;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let hex = text.strip_prefix(Self::PREFIX).unwrap_or_default();
        let lower_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if hex.len() == 64 && hex.bytes().all(lower_hex) {
            Ok(Self(text))
        } else {
            Err(format!("a digest must be sha256: followed by 64 hexadecimal digits, not {text:?}"))
        }
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.0
    }
}

#[cfg(test)]
impl schemars::JsonSchema for Digest {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Digest".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^sha256:[0-9a-f]{64}$", "description": "`sha256:` and a SHA-256 in lower-case hexadecimal digits." })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_the_published_test_vector() {
        // FIPS 180-2, appendix B.1.
        let expected = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Digest::of(b"abc").as_str(), expected);
        assert_eq!(Digest::try_from(expected.to_owned()), Ok(Digest::of(b"abc")));
        assert!(Digest::try_from("sha256:XYZ".to_owned()).is_err());
    }

    #[test]
    fn digest_of_members_equals_that_of_the_object() {
        for value in [serde_json::json!({}), serde_json::json!({"a\"": [1.5], "b": {"d": 1, "c": null}})] {
            let members = value.as_object().unwrap().iter().map(|(name, value)| (name.as_str(), value));
            assert_eq!(Digest::of_members(members).unwrap(), Digest::of_canonical(&value).unwrap());
        }
    }
}
