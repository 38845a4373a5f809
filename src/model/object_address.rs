//! The address of a state in a bucket or container, as certctl.toml writes it.

use std::fmt;

use super::state_address::InvalidStateAddress;

/// A kind of storage that keeps objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorageKind {
    /// Amazon S3, or a store with its API.
    S3,
    /// Azure Blob Storage.
    Azure,
}

/// The address of a state's object: a bucket or container, and the key in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectAddress {
    kind: StorageKind,
    container: String,
    key: String,
}

impl StorageKind {
    /// The beginning of its addresses.
    pub fn scheme(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Azure => "az",
        }
    }
}

impl ObjectAddress {
    /// Reads what follows the scheme.
    pub(super) fn of(kind: StorageKind, rest: &str) -> Result<Self, InvalidStateAddress> {
        const WHOLE: &str = "write the bucket and a name in it: \"s3://BUCKET/production.json\"";
        let invalid = |message, help| Err(InvalidStateAddress { message, help });
        let Some((container, key)) = rest.split_once('/') else {
            return invalid("names a bucket and nothing in it", WHOLE);
        };
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if container.is_empty() || !container.chars().all(is_plain) {
            return invalid("names no bucket", WHOLE);
        }
        if key.is_empty() || key.split('/').any(|part| ["", ".", ".."].contains(&part)) {
            return invalid("has an empty part in its path, or `.` or `..`", WHOLE);
        }
        // Other characters are encoded in requests, and two stores do not agree how.
        if !key.chars().all(|c| is_plain(c) || c == '/') {
            return invalid(
                "has a character that stores treat differently",
                "use letters, digits, `-`, `_`, `.` and `/` in the path",
            );
        }
        if [".lock", ".journal", ".history", ".probe"].iter().any(|ending| key.ends_with(ending)) {
            return invalid("has a name that certctl gives to objects beside a state", WHOLE);
        }
        Ok(Self { kind, container: container.to_owned(), key: key.to_owned() })
    }

    /// The kind of storage.
    pub fn kind(&self) -> StorageKind {
        self.kind
    }

    /// The bucket or container.
    pub fn container(&self) -> &str {
        &self.container
    }

    /// The key of the state's object.
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl fmt::Display for ObjectAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}/{}", self.kind.scheme(), self.container, self.key)
    }
}
