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

pub use answer::read_data;
pub use client::{AskHelium, Helium};
pub use error::HeliumError;
pub use query::CertificateQuery;
pub use reading::{Asks, CertificateReading, read_certificates};
pub use session::{Login, Session};
