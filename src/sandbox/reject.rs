//! Faults that strike before anything is processed.

use hyper::StatusCode;
use hyper::header::{LOCATION, RETRY_AFTER};

use super::helium;
use super::response::{Delivery, Response};
use super::rows::{self, RequestRow};
use super::{ErrorBody, FaultKind, FaultMoment, RefusalFault, StatusFault, WireFault};

/// The answer in the place of processing, if a fault asks for one. The first that does, wins.
pub(super) fn rejection(kinds: &[FaultKind], rows: &[RequestRow]) -> Option<Response> {
    kinds.iter().find_map(|kind| match kind {
        FaultKind::Refusal(fault) => refused(fault, rows),
        FaultKind::Status(fault) if fault.moment == FaultMoment::Before => Some(status(fault)),
        FaultKind::Wire(fault, FaultMoment::Before) => Some(Response::lost(wire(*fault))),
        _ => None,
    })
}

/// The answer of a status fault.
pub(super) fn status(fault: &StatusFault) -> Response {
    let reason = fault.status.canonical_reason().unwrap_or("Unusual status");
    let mut answer = match fault.body {
        ErrorBody::Json => Response::message(fault.status, reason),
        ErrorBody::Text => Response::of(fault.status, "text/plain; charset=utf-8", reason),
        ErrorBody::Html => Response::of(fault.status, "text/html; charset=utf-8", page(reason)),
        ErrorBody::Empty => Response::empty(fault.status),
    };
    if let Some(value) = &fault.retry_after {
        answer.headers.insert(RETRY_AFTER, value.clone());
    }
    answer
}

/// What becomes of an answer that is withheld.
pub(super) fn wire(fault: WireFault) -> Delivery {
    match fault {
        WireFault::Reset => Delivery::HangUp,
        WireFault::Stall => Delivery::Stall,
    }
}

/// A page, as proxies answer.
pub(super) fn page(title: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n"
    )
}

fn refused(fault: &RefusalFault, rows: &[RequestRow]) -> Option<Response> {
    match fault {
        RefusalFault::Poison { status, text } => rows::titles(rows)
            .iter()
            .any(|title| title.contains(text.as_str()))
            .then(|| Response::message(*status, "A template of the request cannot be processed")),
        RefusalFault::MaxBatch(most) => (rows.len() > most.get()).then(|| {
            let message = format!("At most {most} templates are accepted in one request");
            Response::message(StatusCode::PAYLOAD_TOO_LARGE, &message)
        }),
        RefusalFault::Redirect(url) => {
            let mut answer = Response::empty(StatusCode::TEMPORARY_REDIRECT);
            answer.headers.insert(LOCATION, url.clone());
            Some(answer)
        }
        RefusalFault::GraphqlError(message) => Some(helium::errors(message, "INTERNAL_SERVER_ERROR")),
        RefusalFault::TooManyRequests(seconds) => Some(Response::too_many_requests(u64::from(*seconds))),
    }
}
