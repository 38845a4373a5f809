//! `/helium`: what a learner sees of the own certificates, over GraphQL (vendor-api.md section 6.2). Written apart from
//! the client: it shares no name, no query and no count with it.

pub(super) mod certificates;
mod document;
mod learner;
mod schema;

use std::collections::{BTreeMap, HashMap};

use hyper::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use self::certificates::StoredCertificate;
use self::document::{GraphqlOperation, OperationKind, SelectedField};
use self::schema::{ObjectType, no_selection};
use super::request::Request;
use super::response::Response;
use super::store::TemplateStore;
use super::stored_field::{StoredField, certificate_fields};
pub use learner::{CertificateView, HeliumQuirks, Learner};

/// The header with a learner's token.
const TOKEN: &str = "authtoken";

/// The learner and the sessions.
pub(super) struct HeliumServer {
    pub(super) learner: Learner,
    pub(super) quirks: HeliumQuirks,
    /// How often each token was used.
    sessions: HashMap<String, u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Query {
    #[serde(rename = "query")]
    text: String,
    #[serde(default)]
    variables: Option<BTreeMap<String, Value>>,
    #[serde(default, rename = "operationName")]
    _operation_name: Option<String>,
}

/// Why a request has no data.
struct HeliumRefusal {
    message: String,
    code: &'static str,
}

impl HeliumRefusal {
    fn invalid(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: "GRAPHQL_VALIDATION_FAILED" }
    }

    fn unauthenticated(message: &str) -> Self {
        Self { message: message.to_owned(), code: "UNAUTHENTICATED" }
    }
}

/// An answer, and the points that it cost.
pub(super) struct Answered {
    pub(super) response: Response,
    pub(super) points: u64,
}

impl HeliumServer {
    pub(super) fn new(learner: Learner, quirks: HeliumQuirks) -> Self {
        Self { learner, quirks, sessions: HashMap::new() }
    }

    /// Ends every session.
    pub(super) fn clear(&mut self) {
        self.sessions.clear();
    }

    /// Answers one request.
    pub(super) fn answer(&mut self, store: &TemplateStore, request: &Request, now: &str) -> Answered {
        let mut points = 0;
        let response = match self.data(store, request, now, &mut points) {
            Ok(data) => Response::json(StatusCode::OK, &json!({ "data": data })),
            Err(HeliumRefusal { message, code }) => errors(&message, code),
        };
        Answered { response, points }
    }

    fn data(
        &mut self,
        store: &TemplateStore,
        request: &Request,
        now: &str,
        points: &mut u64,
    ) -> Result<Value, HeliumRefusal> {
        let body = request.body.as_deref().unwrap_or_default();
        let query: Query = serde_json::from_slice(body)
            .map_err(|_| HeliumRefusal::invalid("Must provide a query as JSON"))?;
        let variables = query.variables.unwrap_or_default();
        let operation = document::read(&query.text, &variables).map_err(HeliumRefusal::invalid)?;
        *points = self.check(&operation)?;
        let mut data = Map::new();
        for field in &operation.fields {
            let value = match field.name.as_str() {
                "Login" => self.login(field)?,
                "UserCertificates" => {
                    self.session(request)?;
                    self.certificates(store, field, now)
                }
                _ => {
                    self.session(request)?;
                    let all = certificate_fields(store).map(described);
                    all.map(|one| selected(&field.fields, &one, ObjectType::Field)).collect()
                }
            };
            data.insert(field.alias.clone(), value);
        }
        let data = Value::Object(data);
        if self.quirks.lists_count {
            *points = properties(&data);
        }
        let most = self.quirks.max_points;
        if *points > most {
            let message = format!("The query costs {points} points, and the maximum is {most} points");
            return Err(HeliumRefusal { message, code: "QUERY_TOO_COMPLEX" });
        }
        Ok(data)
    }

    /// Checks the request against the schema, and counts its properties.
    fn check(&self, operation: &GraphqlOperation) -> Result<u64, HeliumRefusal> {
        let mut points = 0;
        for field in &operation.fields {
            let (inner, arguments): (_, &[&str]) = match (operation.kind, field.name.as_str()) {
                (OperationKind::Mutation, "Login") => (ObjectType::Login, &["email", "password"]),
                (OperationKind::Query, "UserCertificates") => {
                    (ObjectType::Certificate, &["query", "includeExpiredCertificates"])
                }
                (OperationKind::Query, "UserCertificateFields") => (ObjectType::Field, &[]),
                (kind, name) => {
                    return Err(HeliumRefusal::invalid(format!(
                        "Cannot query field \"{name}\" on type \"{kind:?}\"."
                    )));
                }
            };
            for (name, value) in &field.arguments {
                let is_right = match name.as_str() {
                    "includeExpiredCertificates" => value.is_boolean() || value.is_null(),
                    "query" => value.is_string() || value.is_null(),
                    _ => value.is_string(),
                };
                if !arguments.contains(&name.as_str()) || !is_right {
                    let message =
                        format!("Argument \"{name}\" of \"{}\" is unknown or has a wrong type.", field.name);
                    return Err(HeliumRefusal::invalid(message));
                }
            }
            let is_text = inner == ObjectType::Login && self.quirks.plain_login;
            let within = if is_text { no_selection(field) } else { inner.check(field) };
            points += 1 + within.map_err(HeliumRefusal::invalid)?;
        }
        Ok(points)
    }

    fn login(&mut self, field: &SelectedField) -> Result<Value, HeliumRefusal> {
        let is = |name: &str, right: &str| field.arguments.get(name).and_then(Value::as_str) == Some(right);
        if !is("email", &self.learner.email) || !is("password", &self.learner.password) {
            return Err(HeliumRefusal::unauthenticated("Invalid email or password"));
        }
        let token = Uuid::new_v4().simple().to_string();
        self.sessions.insert(token.clone(), 0);
        if self.quirks.plain_login {
            return Ok(Value::String(token));
        }
        let user = json!({ "id": self.learner.user_id });
        let login = Map::from_iter([("token".to_owned(), token.into()), ("user".to_owned(), user)]);
        Ok(selected(&field.fields, &login, ObjectType::Login))
    }

    /// Finds the session of a token, and counts its use.
    fn session(&mut self, request: &Request) -> Result<(), HeliumRefusal> {
        let token = request.headers.get(TOKEN).and_then(|value| value.to_str().ok());
        let uses = token.and_then(|token| self.sessions.get_mut(token));
        let Some(uses) = uses else { return Err(HeliumRefusal::unauthenticated("You must be logged in")) };
        *uses += 1;
        if self.quirks.token_uses.is_some_and(|most| *uses > most) {
            return Err(HeliumRefusal::unauthenticated("Your session has expired"));
        }
        if self.learner.role != "STUDENT" {
            let message = "You do not have permission: the role STUDENT is required".to_owned();
            return Err(HeliumRefusal { message, code: "FORBIDDEN" });
        }
        Ok(())
    }

    fn certificates(&self, store: &TemplateStore, field: &SelectedField, now: &str) -> Value {
        let argument = |name: &str| field.arguments.get(name);
        let with_expired = argument("includeExpiredCertificates").and_then(Value::as_bool).unwrap_or(false);
        let search = argument("query").and_then(Value::as_str).filter(|_| self.quirks.searches);
        let search = search.map(str::to_lowercase);
        let own = store.certificates().iter().filter(|held| held.user_id == self.learner.user_id);
        let shown = own.filter_map(|held| {
            let certificate = self.shown(store, held, now);
            let is_expired = certificate.get("isExpired") == Some(&Value::Bool(true));
            let title =
                certificate["certificateTemplate"]["title"].as_str().unwrap_or_default().to_lowercase();
            let is_found = search.as_ref().is_none_or(|search| title.contains(search));
            ((with_expired || !is_expired) && is_found)
                .then(|| selected(&field.fields, &certificate, ObjectType::Certificate))
        });
        shown.collect()
    }

    fn shown(&self, store: &TemplateStore, held: &StoredCertificate, now: &str) -> Map<String, Value> {
        let present = store.by_id(&held.template_id).map(|template| &template.attributes);
        let attributes = match self.quirks.view {
            CertificateView::Now => present.unwrap_or(&held.shown),
            CertificateView::AtIssue => &held.shown,
        };
        certificate(held, attributes, now)
    }
}

/// A certificate as the answers show it.
pub(super) fn certificate(
    held: &StoredCertificate,
    attributes: &Map<String, Value>,
    now: &str,
) -> Map<String, Value> {
    let mut template = attributes.clone();
    template.insert("id".to_owned(), held.template_id.clone().into());
    let text = |name: &str| attributes.get(name).cloned().unwrap_or(Value::Null);
    let is_expired = held.expiration_date.as_deref().is_some_and(|date| date < now);
    let members = [
        ("id", held.certificate_id.clone().into()),
        ("resourceType", text("resourceType")),
        // The template itself is answered without it.
        ("resourceId", template.remove("resourceId").unwrap_or(Value::Null)),
        ("issuedAt", held.issued_at.clone().into()),
        ("expirationDate", held.expiration_date.clone().into()),
        ("isExpired", is_expired.into()),
        ("deleted", held.deleted.into()),
        ("source", "manual".into()),
        ("isExternal", false.into()),
        ("certificateTemplate", Value::Object(template)),
    ];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A certificate field as the answers show it.
fn described(field: StoredField) -> Map<String, Value> {
    let members = [("id", field.id), ("label", field.label), ("type", field.kind)];
    members.into_iter().map(|(name, value)| (name.to_owned(), Value::String(value))).collect()
}

/// What was asked for of an object.
fn selected(fields: &[SelectedField], object: &Map<String, Value>, of: ObjectType) -> Value {
    let one = |field: &SelectedField| {
        let value = object.get(&field.name).cloned().unwrap_or(Value::Null);
        let value = match (of.inner(&field.name), value) {
            (Some(ObjectType::Field), _) => {
                let id = object.get("certificateFieldId").and_then(Value::as_str).unwrap_or_default();
                selected(&field.fields, &described(StoredField::with_id(id)), ObjectType::Field)
            }
            (Some(inner), Value::Object(members)) => selected(&field.fields, &members, inner),
            (Some(inner), Value::Array(items)) => items
                .iter()
                .filter_map(|item| Some(selected(&field.fields, item.as_object()?, inner)))
                .collect(),
            (_, value) => value,
        };
        (field.alias.clone(), value)
    };
    fields.iter().map(one).collect()
}

/// How many properties an answer has.
fn properties(value: &Value) -> u64 {
    match value {
        Value::Object(members) => members.values().map(|member| 1 + properties(member)).sum(),
        Value::Array(items) => items.iter().map(properties).sum(),
        _ => 0,
    }
}

/// Errors as GraphQL tells them.
pub(super) fn errors(message: &str, code: &str) -> Response {
    let error = json!({ "message": message, "extensions": { "code": code } });
    Response::json(StatusCode::OK, &json!({ "errors": [error], "data": null }))
}
