//! What can be asked of the server.

use std::future::Future;

use super::Answer;
use super::wire::{BULK, BULK_UPDATE, BulkRequest, JOBS, PING};
use crate::model::Attributes;

/// One request to the vendor's API.
#[derive(Clone, Debug, PartialEq)]
pub enum Call {
    /// Create or update in bulk, matched by natural key.
    Bulk(BulkRequest<Attributes>),
    /// Update in bulk, by id.
    BulkUpdate(BulkRequest<Attributes>),
    /// Ask for a background job.
    Job(String),
    /// Check the key.
    Ping,
}

impl Call {
    /// A bulk call with these rows.
    pub fn bulk(templates: Vec<Attributes>, by_id: bool) -> Self {
        let request = BulkRequest { templates };
        if by_id { Self::BulkUpdate(request) } else { Self::Bulk(request) }
    }

    /// The path below the API root.
    pub fn path(&self) -> String {
        match self {
            Self::Bulk(_) => BULK.to_owned(),
            Self::BulkUpdate(_) => BULK_UPDATE.to_owned(),
            // A job's id comes from the server: whatever it is, it stays one segment of the path.
            Self::Job(id) => {
                let escaped: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
                format!("{JOBS}{escaped}")
            }
            Self::Ping => PING.to_owned(),
        }
    }
}

/// Carries calls to a server and answers back: the HTTP client, or a simulated network.
pub trait Transport {
    /// Makes one request. Never repeats it: what to do after which answer is not the transport's to decide.
    fn send(&self, call: Call) -> impl Future<Output = Answer>;
}
