//! The requests that certctl makes, and the trait of what sends them.

use std::future::Future;

use super::Answer;
use super::wire::{BULK, BULK_UPDATE, BulkRequest, JOBS};
use crate::model::Attributes;

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
            Self::Job(id) => {
                let escaped: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
                format!("{JOBS}{escaped}")
            }
        }
    }
}

/// Sends calls to a server: the HTTP client, or a simulated network in tests.
pub trait Transport {
    /// Sends one request, once. The caller decides by [`retry`](super::retry) whether to send it again.
    fn send(&self, call: Call) -> impl Future<Output = Answer>;
}
