//! What people call a certificate field.

use serde::{Deserialize, Serialize};

/// What the configuration says about one certificate field. For reports and drawings; never sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CertificateField {
    /// The name of the variable that holds the field's id, for example `course_title`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What a label with this field prints: the vendor's label type (vendor-api.md section 4), or a sample text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prints: Option<String>,
}
