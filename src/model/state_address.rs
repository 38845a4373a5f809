//! The address of a state on storage that machines share, as certctl.toml writes it.

use std::fmt;

use super::http_address::HttpAddress;
use super::object_address::{ObjectAddress, StorageKind};

/// The address of a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StateAddress {
    /// An object in a bucket or container.
    Object(ObjectAddress),
    /// A document on a server of Terraform's HTTP protocol.
    Http(HttpAddress),
}

/// Why an address cannot be a state's, and what to do. Neither repeats the address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidStateAddress {
    /// What is wrong, as in "state …".
    pub message: &'static str,
    /// What to do.
    pub help: &'static str,
}

impl StateAddress {
    /// Reads an address; `None` if the text is not one, so that it may be a path.
    pub fn parse(text: &str) -> Option<Result<Self, InvalidStateAddress>> {
        let (scheme, rest) = text.split_once("://")?;
        Some(Self::of(scheme, rest, text))
    }

    fn of(scheme: &str, rest: &str, text: &str) -> Result<Self, InvalidStateAddress> {
        let invalid = |message, help| Err(InvalidStateAddress { message, help });
        match scheme {
            "s3" => ObjectAddress::of(StorageKind::S3, rest).map(Self::Object),
            "az" => ObjectAddress::of(StorageKind::Azure, rest).map(Self::Object),
            "http" | "https" => HttpAddress::parse(text).map(Self::Http),
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
                "must be a file, an address on object storage or one of Terraform's HTTP protocol, and this is another \
                 address",
                "write \"s3://BUCKET/production.json\", \"az://CONTAINER/production.json\", \"https://…\", or the path of \
                 a file",
            ),
        }
    }

    /// What to do with a state after it was written, as the end of a text: one that is a file is to be committed.
    pub fn to_be_committed(state: &str) -> &'static str {
        if Self::parse(state).is_some() { "" } else { " Commit it." }
    }
}

impl fmt::Display for StateAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Object(address) => address.fmt(f),
            Self::Http(address) => address.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_written() {
        for text in [
            "s3://team-states/academy/production.json",
            "az://states/p.json",
            "https://gitlab.example.com/api/v4/projects/1/terraform/state/production",
        ] {
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
            ("http://gitlab.example.com/x", "without TLS"),
            ("ftp://a/b", "another address"),
        ] {
            let error = StateAddress::parse(text).unwrap().unwrap_err();
            assert!(error.message.contains(why), "{text}: {error:?}");
        }
    }
}
