//! The vendor's API: wire types, HTTP client, throttle and retry table (vendor-api.md).
//!
//! [`Client`] is the only thing in the program that opens a connection to a server of the vendor's. It answers with
//! an [`Answer`], which says no more than what is certain; what follows from it is decided by the table in
//! [`retry`], as data.

mod answer;
mod beside;
mod bounds;
mod call;
mod claim;
mod client;
mod failure;
mod proxy;
mod read;
pub mod retry;
mod strict_json;
mod throttle;
pub mod wire;

pub use answer::{Answer, RateHeaders, Response};
pub use bounds::bounded_record;
pub use call::{Call, Transport};
pub use claim::claimed_ids;
pub use client::{Client, ClientError};
pub use proxy::ProxyError;
pub use read::{Unreadable, error_message, read_bulk, read_job};
pub use throttle::{Hold, Throttle, Ticket};
