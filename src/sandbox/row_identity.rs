//! What makes two rows the same template for this server.

use serde::Serialize;
use serde_json::{Map, Value};

/// The natural key as this server reads it (vendor-api.md section 3). Written a second time here, apart from the
/// client's, on purpose.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RowIdentity {
    resource_type: String,
    resource_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_custom_field_slug: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_custom_field_value: Option<String>,
}

impl RowIdentity {
    /// The identity of a template with these fields. UUIDs are the same in either case (RFC 9562 section 4).
    pub(super) fn of(fields: &Map<String, Value>) -> Self {
        let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
        Self {
            resource_type: text("resourceType").unwrap_or_default(),
            resource_id: text("resourceId").unwrap_or_default().to_ascii_lowercase(),
            user_custom_field_slug: text("userCustomFieldSlug"),
            user_custom_field_value: text("userCustomFieldValue"),
        }
    }
}
