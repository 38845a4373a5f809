//! The certificates that were issued.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One certificate. Also one line of the store's file, and one entry of the control endpoint's list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::sandbox) struct StoredCertificate {
    /// The certificate's id; a template has no such member, which tells the lines of the file apart.
    pub(in crate::sandbox) certificate_id: String,
    /// Who holds it.
    pub(in crate::sandbox) user_id: String,
    /// The template's id.
    pub(in crate::sandbox) template_id: String,
    /// When it was issued, ISO 8601.
    pub(in crate::sandbox) issued_at: String,
    /// When it expires, ISO 8601.
    pub(in crate::sandbox) expiration_date: Option<String>,
    /// Whether it was taken back.
    pub(in crate::sandbox) deleted: bool,
    /// The template as it was when the certificate was issued.
    pub(in crate::sandbox) shown: Map<String, Value>,
}
