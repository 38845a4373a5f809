//! The control endpoint, for tests and tools: what was asked, what is stored, what goes wrong next.

use hyper::header::ORIGIN;
use hyper::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::app::App;
use super::fault_schedule::FaultSchedule;
use super::helium::certificates::StoredCertificate;
use super::request::Request;
use super::response::Response;
use super::rows::{self, RequestRow};
use super::store::StoredTemplate;
use super::{FAULT_GRAMMAR, Fault};

const ROOT: &str = "/_sandbox/";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultList {
    faults: Vec<String>,
}

/// Whether a path is the control endpoint's.
pub(super) fn is_meant(path: &str) -> bool {
    path.starts_with(ROOT)
}

/// Answers a control request. It is not recorded and not counted, and no fault strikes it.
pub(super) fn answer(app: &mut App, request: &Request) -> Response {
    // There is no key here. A page in a browser on this machine must not be able to empty the store.
    if request.headers.contains_key(ORIGIN) {
        return Response::message(StatusCode::FORBIDDEN, "The control endpoint is not for browsers");
    }
    let what = request.path.strip_prefix(ROOT).unwrap_or_default();
    match (&request.method, what) {
        (&Method::GET, "requests") => Response::json(StatusCode::OK, app.log.entries()),
        (&Method::GET, "templates") => Response::json(StatusCode::OK, &app.store.templates()),
        (&Method::PUT, "templates") => edit(app, request),
        (&Method::GET, "certificates") => Response::json(StatusCode::OK, &app.store.certificates()),
        (&Method::PUT, "certificates") => keep(app, request),
        (&Method::POST, "reset") => reset(app),
        (_, "faults") => faults(app, request),
        (_, "requests" | "templates" | "certificates" | "reset") => not_allowed(),
        _ => Response::message(
            StatusCode::NOT_FOUND,
            "There is /_sandbox/requests, /templates, /certificates, /faults and /reset",
        ),
    }
}

/// Lays fields over a template, as a person does in the admin page.
fn edit(app: &mut App, request: &Request) -> Response {
    let row: RequestRow = match request.object() {
        Ok(row) => row,
        Err(why) => return Response::message(StatusCode::BAD_REQUEST, &why),
    };
    let held = row.get("id").and_then(Value::as_str).and_then(|id| app.store.by_id(id)).cloned();
    let Some(held) = held else {
        return Response::message(StatusCode::NOT_FOUND, "There is no such template");
    };
    let updated_at = format!("{:.3}", jiff::Timestamp::now());
    let attributes = rows::merged(held.attributes.clone(), &row);
    stored(app.store.put(StoredTemplate { updated_at, attributes, ..held }))
}

/// Keeps a certificate, whoever issued it and when.
fn keep(app: &mut App, request: &Request) -> Response {
    match request.object::<StoredCertificate>() {
        Ok(certificate) => stored(app.store.put_certificate(certificate)),
        Err(why) => Response::message(StatusCode::BAD_REQUEST, &why),
    }
}

fn stored(result: std::io::Result<()>) -> Response {
    match result {
        Ok(()) => Response::empty(StatusCode::NO_CONTENT),
        Err(error) => Response::message(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

fn faults(app: &mut App, request: &Request) -> Response {
    match request.method {
        Method::GET => {}
        Method::DELETE => app.faults = FaultSchedule::default(),
        Method::POST | Method::PUT => match read(request) {
            Ok(faults) if request.method == Method::POST => app.faults.add(faults),
            Ok(faults) => app.faults = FaultSchedule::new(faults),
            Err(message) => return Response::message(StatusCode::BAD_REQUEST, &message),
        },
        _ => return not_allowed(),
    }
    let faults: Vec<_> = app.faults.faults().map(ToString::to_string).collect();
    Response::json(StatusCode::OK, &json!({ "faults": faults }))
}

fn read(request: &Request) -> Result<Vec<Fault>, String> {
    let body = request.body.as_deref().unwrap_or_default();
    let faults: FaultList = serde_json::from_slice(body)
        .map_err(|error| format!("the body must be {{\"faults\": [\"bulk:2:reset-after\"]}}: {error}"))?;
    let read: Result<_, _> = faults.faults.iter().map(|text| text.parse::<Fault>()).collect();
    read.map_err(|error| format!("{error}\n\n{FAULT_GRAMMAR}"))
}

fn reset(app: &mut App) -> Response {
    if let Err(error) = app.store.clear() {
        let message = format!("The store could not be emptied: {error}");
        return Response::message(StatusCode::INTERNAL_SERVER_ERROR, &message);
    }
    app.jobs.clear();
    app.log.clear();
    app.limiter.clear();
    app.helium.clear();
    app.faults = FaultSchedule::default();
    Response::empty(StatusCode::NO_CONTENT)
}

fn not_allowed() -> Response {
    Response::message(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed")
}
