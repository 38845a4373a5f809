//! The certificates of a learner, over GraphQL (vendor-api.md section 6.2): the only way in which the vendor shows a
//! template over its API.
//!
//! [`Helium`] sends one request. [`Session`] logs in, renews the login, and waits as the server asks.
//! [`read_certificates`] chooses what to ask for, so that no query costs too much.

mod answer;
mod client;
mod error;
mod query;
mod reading;
mod session;

#[cfg(test)]
mod tests;

#[cfg(feature = "internals")]
pub use answer::read_data;
pub(super) use client::AskHelium;
pub use client::Helium;
pub use error::HeliumError;
pub(super) use query::CertificateQuery;
pub(super) use reading::Asks;
pub use reading::{CertificateReading, read_certificates};
pub use session::{Login, Session};
