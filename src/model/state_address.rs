//! The address of a state on storage that machines share, as certctl.toml writes it.

use std::fmt;

/// A kind of storage that machines share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorageKind {
    /// Amazon S3, or a store with its API.
    S3,
    /// Azure Blob Storage.
    Azure,
}

/// The address of a state: a bucket or container, and the key of the state's object in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateAddress {
    kind: StorageKind,
    container: String,
    key: String,
}

/// Why an address cannot be a state's, and what to do. Neither repeats the address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidStateAddress {
    /// What is wrong, as in "state …".
    pub message: &'static str,
    /// What to do.
    pub help: &'static str,
}

impl StorageKind {
    /// The beginning of its addresses.
    pub fn scheme(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Azure => "az",
        }
    }

    fn of_scheme(scheme: &str) -> Result<Self, InvalidStateAddress> {
        let invalid = |message, help| Err(InvalidStateAddress { message, help });
        match scheme {
            "s3" => Ok(Self::S3),
            "az" => Ok(Self::Azure),
            "http" | "https" => invalid(
                "is on a server of Terraform's HTTP protocol, which this version does not support",
                "keep it in a file, or on object storage: state = \"s3://BUCKET/production.json\"",
            ),
            "gs" | "gcs" => invalid(
                "is on Google Cloud Storage, which this version does not support: it is not proven there",
                "use \"s3://BUCKET/production.json\" or \"az://CONTAINER/production.json\"",
            ),
            other if other.eq_ignore_ascii_case("s3") => {
                invalid("begins with another spelling of s3", "write state = \"s3://BUCKET/production.json\"")
            }
            "azure" | "abfs" | "abfss" | "adl" | "blob" => {
                invalid("is Azure's in another form", "write state = \"az://CONTAINER/production.json\"")
            }
            other if other.eq_ignore_ascii_case("az") => invalid(
                "begins with another spelling of az",
                "write state = \"az://CONTAINER/production.json\"",
            ),
            _ => invalid(
                "must be a file or an address on object storage, and this is another address",
                "write \"s3://BUCKET/production.json\", \"az://CONTAINER/production.json\", or the path of a file",
            ),
        }
    }
}

impl StateAddress {
    /// Reads an address; `None` if the text is not one, so that it may be a path.
    pub fn parse(text: &str) -> Option<Result<Self, InvalidStateAddress>> {
        let (scheme, rest) = text.split_once("://")?;
        Some(StorageKind::of_scheme(scheme).and_then(|kind| Self::of(kind, rest)))
    }

    fn of(kind: StorageKind, rest: &str) -> Result<Self, InvalidStateAddress> {
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

    /// What to do with a state after it was written, as the end of a text: one that is a file is to be committed.
    pub fn to_be_committed(state: &str) -> &'static str {
        if Self::parse(state).is_some() { "" } else { " Commit it." }
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

impl fmt::Display for StateAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}/{}", self.kind.scheme(), self.container, self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_written() {
        for text in ["s3://team-states/academy/production.json", "az://states/p.json"] {
            assert_eq!(StateAddress::parse(text).unwrap().unwrap().to_string(), text);
        }
        assert_eq!(StateAddress::parse("state/production.json"), None);
    }

    #[test]
    fn impossible_addresses_are_explained() {
        for (text, why) in [
            ("s3://bucket", "nothing in it"),
            ("s3:///x.json", "no bucket"),
            ("s3://bucket/", "empty part"),
            ("s3://bucket/a//b", "empty part"),
            ("s3://bucket/../b", "`..`"),
            ("s3://bucket/a b", "character"),
            ("s3://bucket/p.json.lock", "beside a state"),
            ("S3://bucket/p.json", "another spelling"),
            ("azure://c/p.json", "another form"),
            ("gs://bucket/p.json", "not proven"),
            ("https://gitlab.example.com/x", "does not support"),
            ("ftp://a/b", "another address"),
        ] {
            let error = StateAddress::parse(text).unwrap().unwrap_err();
            assert!(error.message.contains(why), "{text}: {error:?}");
        }
    }
}
