//! The control endpoint, for tests and tools: what was asked, what is stored, what goes wrong next.

use hyper::header::ORIGIN;
use hyper::{Method, StatusCode};
use serde::Deserialize;
use serde_json::json;

use super::academy::Academy;
use super::answer::Answer;
use super::armed::Armed;
use super::question::Question;
use super::{FAULT_GRAMMAR, Fault};

const ROOT: &str = "/_sandbox/";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Faults {
    faults: Vec<String>,
}

/// Whether a path is the control endpoint's.
pub(super) fn is_meant(path: &str) -> bool {
    path.starts_with(ROOT)
}

/// Answers a control request. It is not recorded and not counted, and no fault strikes it.
pub(super) fn answer(academy: &mut Academy, question: &Question) -> Answer {
    // There is no key here. A page in a browser on this machine must not be able to empty the store.
    if question.headers.contains_key(ORIGIN) {
        return Answer::message(StatusCode::FORBIDDEN, "The control endpoint is not for browsers");
    }
    let what = question.path.strip_prefix(ROOT).unwrap_or_default();
    match (&question.method, what) {
        (&Method::GET, "requests") => Answer::json(StatusCode::OK, academy.log.entries()),
        (&Method::GET, "templates") => Answer::json(StatusCode::OK, &academy.store.templates()),
        (&Method::POST, "reset") => reset(academy),
        (_, "faults") => faults(academy, question),
        (_, "requests" | "templates" | "reset") => not_allowed(),
        _ => Answer::message(
            StatusCode::NOT_FOUND,
            "There is /_sandbox/requests, /templates, /faults and /reset",
        ),
    }
}

fn faults(academy: &mut Academy, question: &Question) -> Answer {
    match question.method {
        Method::GET => {}
        Method::DELETE => academy.faults = Armed::default(),
        Method::POST | Method::PUT => match read(question) {
            Ok(faults) if question.method == Method::POST => academy.faults.add(faults),
            Ok(faults) => academy.faults = Armed::new(faults),
            Err(message) => return Answer::message(StatusCode::BAD_REQUEST, &message),
        },
        _ => return not_allowed(),
    }
    let faults: Vec<_> = academy.faults.faults().map(ToString::to_string).collect();
    Answer::json(StatusCode::OK, &json!({ "faults": faults }))
}

fn read(question: &Question) -> Result<Vec<Fault>, String> {
    let body = question.body.as_deref().unwrap_or_default();
    let faults: Faults = serde_json::from_slice(body)
        .map_err(|error| format!("the body must be {{\"faults\": [\"bulk:2:reset-after\"]}}: {error}"))?;
    let read: Result<_, _> = faults.faults.iter().map(|text| text.parse::<Fault>()).collect();
    read.map_err(|error| format!("{error}\n\n{FAULT_GRAMMAR}"))
}

fn reset(academy: &mut Academy) -> Answer {
    if let Err(error) = academy.store.clear() {
        let message = format!("The store could not be emptied: {error}");
        return Answer::message(StatusCode::INTERNAL_SERVER_ERROR, &message);
    }
    academy.jobs.clear();
    academy.log.clear();
    academy.limiter.clear();
    academy.faults = Armed::default();
    Answer::empty(StatusCode::NO_CONTENT)
}

fn not_allowed() -> Answer {
    Answer::message(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed")
}
