//! What a certificate field is to people.

use serde::{Deserialize, Serialize};

/// What the configuration tells of one certificate field: for reports and drawings, never sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateField {
    /// What people call it: the name of the variable that holds its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What a label of it prints: the vendor's label type (vendor-api.md section 4), or a sample text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prints: Option<String>,
}
