//! Issuing a certificate (vendor-api.md section 6.3).

use hyper::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::model::Timestamp;

use super::helium::certificates::StoredCertificate;
use super::helium::{Learner, certificate};
use super::request::Request;
use super::response::Response;
use super::store::{StoredTemplate, TemplateStore};

/// The body of the request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Certification {
    user_id: String,
    resource_type: String,
    resource_id: String,
    #[serde(default)]
    expiration_date: Option<String>,
    #[serde(default, rename = "sendEmail")]
    _send_email: Option<bool>,
    #[serde(default)]
    issued_at: Option<String>,
    #[serde(default, rename = "recertificationDate")]
    _recertification_date: Option<String>,
}

/// Issues a certificate to a user, and answers with it.
pub(super) fn answer(
    store: &mut TemplateStore,
    learner: &Learner,
    user: &str,
    request: &Request,
    now: &str,
) -> Result<Response, Response> {
    let refused = |status, message: &str| Response::message(status, message);
    let asked: Certification = request.object().map_err(|why| refused(StatusCode::BAD_REQUEST, &why))?;
    if !asked.user_id.eq_ignore_ascii_case(user) {
        return Err(refused(StatusCode::UNPROCESSABLE_ENTITY, "userId is not that of the address"));
    }
    if !user.eq_ignore_ascii_case(&learner.user_id) {
        return Err(refused(StatusCode::NOT_FOUND, "User not found"));
    }
    let Some(template) = template_for(store, learner, &asked) else {
        return Err(refused(StatusCode::NOT_FOUND, "There is no certificate for this resource"));
    };
    let issued_at = asked.issued_at.unwrap_or_else(|| now.to_owned());
    let issued = StoredCertificate {
        certificate_id: Uuid::new_v4().hyphenated().to_string(),
        user_id: learner.user_id.clone(),
        template_id: template.id.clone(),
        expiration_date: asked.expiration_date.or_else(|| expiry(template, &issued_at)),
        issued_at,
        deleted: false,
        shown: template.attributes.clone(),
    };
    let shown = certificate(&issued, &template.attributes, now);
    store.put_certificate(issued).map_err(|error| {
        refused(StatusCode::INTERNAL_SERVER_ERROR, &format!("The certificate could not be stored: {error}"))
    })?;
    Ok(Response::json(StatusCode::OK, &json!({ "data": { "APICertifyUser": shown } })))
}

/// The template of a resource for this learner: that of an audience the learner belongs to, else the one for everybody.
fn template_for<'s>(
    store: &'s TemplateStore,
    learner: &Learner,
    asked: &Certification,
) -> Option<&'s StoredTemplate> {
    let is = |template: &StoredTemplate, name: &str, value: &str| {
        template
            .attributes
            .get(name)
            .and_then(Value::as_str)
            .is_some_and(|held| held.eq_ignore_ascii_case(value))
    };
    let of_resource: Vec<&StoredTemplate> = store
        .templates()
        .iter()
        .filter(|template| is(template, "resourceType", &asked.resource_type))
        .filter(|template| is(template, "resourceId", &asked.resource_id))
        .collect();
    let for_learner = |template: &&&StoredTemplate| {
        let text = |name: &str| template.attributes.get(name).and_then(Value::as_str).unwrap_or_default();
        let (slug, value) = (text("userCustomFieldSlug"), text("userCustomFieldValue"));
        learner.custom_fields.iter().any(|(own, field)| own == slug && field == value)
    };
    let for_all = |template: &&&StoredTemplate| !template.attributes.contains_key("userCustomFieldSlug");
    of_resource.iter().find(for_learner).or_else(|| of_resource.iter().find(for_all)).copied()
}

/// When a certificate of this template expires.
fn expiry(template: &StoredTemplate, issued_at: &str) -> Option<String> {
    const DAY: i64 = 24 * 3600;
    if let Some(date) = template.attributes.get("expirationDate").and_then(Value::as_str) {
        return Some(date.to_owned());
    }
    let days = template.attributes.get("expirationDays")?.as_i64()?;
    let issued = Timestamp::parse(issued_at)?.unix_seconds();
    Some(Timestamp::from_unix_seconds(issued.saturating_add(days.saturating_mul(DAY))).to_string())
}
