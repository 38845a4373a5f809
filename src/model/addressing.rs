//! The two ways to tell the server which template a row is about.

use serde::{Deserialize, Serialize};

/// How rows are addressed: the setting `addressing` of an environment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Addressing {
    /// Creates and updates go through the bulk endpoint with all attributes; the server matches rows by natural key.
    #[default]
    Resource,
    /// Each create is one request, so that its id is exact; updates go by id and send only the changed fields.
    Id,
}
