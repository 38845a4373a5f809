//! The vendor's API: wire types, HTTP client, throttle and retry table (vendor-api.md).
//!
//! `apply` calls this module; `plan` and `report` must not. [`Client`] and [`Helium`] are the only code that opens a
//! connection to the vendor. [`Client`] sends each request once and returns an [`Answer`], which states only what is certain. It never repeats a
//! request: [`retry`] holds that decision, as a table.

mod answer;
mod bounds;
mod call;
mod certified;
mod claimed_ids;
mod client;
mod connection_error;
mod helium;
mod http;
mod ping;
mod proxy;
mod read;
pub mod retry;
mod strict_json;
mod throttle;
mod undocumented_errors;
pub mod wire;

pub use answer::{Answer, HttpResponse, RateHeaders};
pub use bounds::bounded_record;
pub use call::{Call, Transport};
pub use certified::read_certified;
pub use claimed_ids::claimed_ids;
pub use client::Client;
#[cfg(feature = "internals")]
pub use helium::read_data;
pub use helium::{CertificateReading, Helium, HeliumError, Login, Session, read_certificates};
pub use ping::Ping;
pub use read::{error_message, read_bulk, read_job};
pub use throttle::{HoldReason, Throttle, Ticket};
