//! What a person said of an attempt whose outcome was not known: kept, so that it can be looked up when it turns out
//! to have been a mistake.

use serde::{Deserialize, Serialize};

use super::Settlement;
use crate::model::{TemplateId, Timestamp};

/// A settlement as the row keeps it, until the next one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settled {
    /// As what.
    #[serde(rename = "as")]
    pub how: SettledAs,
    /// When.
    pub at: Timestamp,
    /// The id that the person named, or the vendor's export.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<TemplateId>,
}

/// The word for a [`Settlement`] in the state file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettledAs {
    /// See [`Settlement::Created`].
    Created,
    /// See [`Settlement::NotCreated`].
    NotCreated,
    /// See [`Settlement::Applied`].
    Applied,
    /// See [`Settlement::Exists`].
    Exists,
    /// See [`Settlement::Resend`].
    Resend,
}

impl Settled {
    pub(super) fn new(settlement: &Settlement, at: Timestamp) -> Self {
        let (how, id) = match settlement {
            Settlement::Created { id } => (SettledAs::Created, Some(id.clone())),
            Settlement::Exists { id } => (SettledAs::Exists, Some(id.clone())),
            Settlement::NotCreated => (SettledAs::NotCreated, None),
            Settlement::Applied => (SettledAs::Applied, None),
            Settlement::Resend => (SettledAs::Resend, None),
        };
        Self { how, at, id }
    }
}
