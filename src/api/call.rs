//! The requests that certctl makes, and the trait of what sends them.

use std::future::Future;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::Answer;
use super::wire::{BULK, BULK_UPDATE, BulkRequest, JOBS};
use crate::model::Attributes;

/// Escaped in a segment of a path: everything but the unreserved characters (RFC 3986, section 2.3).
const NOT_IN_A_SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// One request to the vendor's API.
#[derive(Clone, Debug, PartialEq)]
pub enum Call {
    /// Create or update in bulk, matched by natural key.
    Bulk(BulkRequest<Attributes>),
    /// Update in bulk, by id.
    BulkUpdate(BulkRequest<Attributes>),
    /// Get a background job by its id.
    Job(String),
}

impl Call {
    /// A bulk call with one object per row; `by_id` selects the endpoint that updates by id.
    pub fn bulk(templates: Vec<Attributes>, by_id: bool) -> Self {
        let request = BulkRequest { templates };
        if by_id { Self::BulkUpdate(request) } else { Self::Bulk(request) }
    }

    /// The path below the API root.
    pub fn path(&self) -> String {
        match self {
            Self::Bulk(_) => BULK.to_owned(),
            Self::BulkUpdate(_) => BULK_UPDATE.to_owned(),
            // The id comes from the server, so it is escaped: it must not lead to another path.
            Self::Job(id) => format!("{JOBS}{}", segment(id)),
        }
    }
}

/// A text as one segment of a path.
pub(super) fn segment(text: &str) -> impl std::fmt::Display {
    utf8_percent_encode(text, NOT_IN_A_SEGMENT)
}

/// Sends calls to a server: the HTTP client, or a simulated network in tests.
pub trait Transport {
    /// Sends one request, once. The caller decides by [`retry`](super::retry) whether to send it again.
    fn send(&self, call: Call) -> impl Future<Output = Answer>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn job_ids_are_one_segment_of_the_path() {
        for (id, path) in [
            ("8f14e45f-ceea_1.2~a", "/jobs/8f14e45f-ceea_1.2~a"),
            ("a b+c", "/jobs/a%20b%2Bc"),
            ("../x?y#z%2F", "/jobs/..%2Fx%3Fy%23z%252F"),
            ("日", "/jobs/%E6%97%A5"),
        ] {
            assert_eq!(Call::Job(id.to_owned()).path(), path);
        }
    }
}
