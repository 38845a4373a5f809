//! What goes over the wire, under the vendor's names (vendor-api.md sections 1 and 2). The client and the sandbox share
//! these types and nothing else, so that a bug in one cannot hide a bug in the other.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// Path below the instance's API root of the bulk endpoint that creates or updates.
pub const BULK: &str = "/content/certificate-templates/bulk";
/// Path below the instance's API root of the bulk endpoint that updates by id.
pub const BULK_UPDATE: &str = "/content/certificate-templates/bulk/update";
/// Path below the instance's API root of the key check.
pub const PING: &str = "/ping";
/// Path below the instance's API root of background jobs, followed by the job's id.
pub const JOBS: &str = "/jobs/";
/// Path below the instance's API root of users, followed by the user's id.
pub const USERS: &str = "/users/";
/// Path behind a user's id that issues a certificate.
pub const CERTIFY: &str = "/certify";
/// The API root below an instance's address.
pub const API_ROOT: &str = "/incoming/v2";

/// Name of the envelope around the answer of [`BULK`].
pub const CREATE_ENVELOPE: &str = "APIBulkCreateCertificateTemplates";
/// Name of the envelope around the answer of [`BULK_UPDATE`].
pub const UPDATE_ENVELOPE: &str = "APIBulkUpdateCertificateTemplates";
/// Name of the envelope around the answer of [`JOBS`].
pub const JOB_ENVELOPE: &str = "APIBackgroundJob";

/// The body of [`CERTIFY`]. It never asks for a mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CertifyRequest {
    /// The id of the user, as in the path.
    pub user_id: String,
    /// The kind of what the certificate is issued for.
    pub resource_type: String,
    /// The id of what the certificate is issued for.
    pub resource_id: String,
    /// Always false: a mail would go to a mailbox that perhaps a person reads.
    pub send_email: bool,
}

/// The body of both bulk endpoints. The client writes it from attributes that it shares with the plan; the sandbox reads
/// whatever objects come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BulkRequest<T = Map<String, Value>> {
    /// One object per template.
    pub templates: Vec<T>,
}

/// The answer of both bulk endpoints. The vendor does not state nullability, so null and absent mean the same.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BulkResult {
    /// Templates created by this request.
    #[serde(deserialize_with = "count")]
    pub created_count: u64,
    /// Templates updated by this request.
    #[serde(deserialize_with = "count")]
    pub updated_count: u64,
    /// Ids of the created templates, in no promised order.
    #[serde(deserialize_with = "null_is_default")]
    pub created_ids: Vec<String>,
    /// One entry per template that failed.
    #[serde(deserialize_with = "null_is_default")]
    pub errors: Vec<RowError>,
    /// Messages that are not errors.
    #[serde(deserialize_with = "null_is_default")]
    pub warnings: Vec<String>,
    /// The job that continues the request in the background.
    pub background_job: Option<BackgroundJob>,
}

/// A template of a bulk request that failed. It has no index, so it is matched to its row by what it names.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RowError {
    /// Documented as the template's id; a sibling endpoint uses the same name for the course's or learning path's id.
    pub resource_id: Option<String>,
    /// The template's title.
    pub title: Option<String>,
    /// The error message.
    pub error: Option<String>,
    /// "Raw record data" in an unknown encoding: JSON text, JSON itself, or anything else.
    pub record: Option<Value>,
}

/// A background job.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BackgroundJob {
    /// The job's id, used with [`JOBS`].
    pub id: Option<String>,
    /// The kind of job.
    pub r#type: Option<String>,
    /// A description for people.
    pub description: Option<String>,
    /// Why it failed.
    pub error_message: Option<String>,
    /// When it was queued, ISO 8601.
    pub created_at: Option<String>,
    /// Whether it can be started again.
    pub repeatable: Option<bool>,
    /// `queued`, `processing`, `complete` (the reporting product lists `completed` too) or `failed`; anything else is not
    /// success.
    pub status: Option<String>,
}

/// A count. JSON has one kind of number, so `3.0` is 3.
fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    /// 2^53: beyond it, a float cannot represent every whole number.
    const MAX_WHOLE: f64 = 9_007_199_254_740_992.0;
    let Some(number) = Option::<serde_json::Number>::deserialize(deserializer)? else { return Ok(0) };
    let whole = |float: &f64| float.fract() == 0.0 && (0.0..=MAX_WHOLE).contains(float);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and within the range")]
    let from_float = || number.as_f64().filter(whole).map(|float| float as u64);
    number
        .as_u64()
        .or_else(from_float)
        .ok_or_else(|| serde::de::Error::custom(format!("{number} is not a count")))
}

fn null_is_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn null_and_absent_are_the_same() {
        let absent: BulkResult = serde_json::from_value(json!({})).unwrap();
        let null: BulkResult = serde_json::from_value(json!({
            "createdCount": null, "updatedCount": null, "createdIds": null,
            "errors": null, "warnings": null, "backgroundJob": null
        }))
        .unwrap();
        assert_eq!(absent, null);
    }
}
