//! By what the server is told which template is meant.

use serde::{Deserialize, Serialize};

/// How rows are addressed (contract section 7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Addressing {
    /// Creates and updates go through the bulk endpoint with all attributes; the server matches by natural key.
    #[default]
    Resource,
    /// Creates go one row a request, so that each id is exact; updates go by id with the changed fields.
    Id,
}
