//! The academy behind the server: its templates, jobs, rate limit and faults, and the answer to one request. `connection` calls it
//! with one request at a time; it never waits and never touches the network.

use std::io;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hyper::StatusCode;
use hyper::header::ALLOW;
use hyper::header::HeaderValue;
use serde::Serialize;
use serde_json::{Value, json};

use crate::api::wire::{self, BulkResult};
use crate::model::ApiKey;

use super::fault_schedule::FaultSchedule;
use super::helium::HeliumServer;
use super::jobs::Jobs;
use super::limit::Limiter;
use super::request::Request;
use super::request_log::RequestLog;
use super::response::Response;
use super::rows::{self, ReadRows, RequestRow};
use super::store::{StoredTemplate, TemplateStore};
use super::{
    Endpoint, Envelope, FaultKind, JobFate, Matching, Options, SingleRowFault, certify, control,
    distort_body, distort_result, reject, route,
};

/// Everything that the server knows.
pub(super) struct App {
    /// The templates.
    pub(super) store: TemplateStore,
    /// What goes wrong, and when.
    pub(super) faults: FaultSchedule,
    /// What was asked.
    pub(super) log: RequestLog,
    /// The background jobs.
    pub(super) jobs: Jobs,
    /// How many requests are let through.
    pub(super) limiter: Limiter,
    /// The learner's view.
    pub(super) helium: HeliumServer,
    api_key: ApiKey,
    max_batch: usize,
    matching: Matching,
    envelope: Envelope,
    control: bool,
}

impl App {
    /// An academy with the templates of its store's file, or those to begin with.
    pub(super) fn open(options: Options) -> io::Result<Self> {
        let mut store = TemplateStore::open(options.store.as_deref())?;
        if store.templates().is_empty() {
            for (id, attributes) in &options.beginning {
                let (id, attributes) = (id.as_str().to_owned(), attributes.to_map());
                store.put(StoredTemplate {
                    id,
                    created_at: String::new(),
                    updated_at: String::new(),
                    attributes,
                })?;
            }
        }
        Ok(Self {
            store,
            faults: FaultSchedule::new(options.faults),
            log: RequestLog::default(),
            jobs: Jobs::default(),
            limiter: Limiter::new(options.rate_limit),
            helium: HeliumServer::new(options.learner, options.helium),
            api_key: options.api_key,
            max_batch: options.max_batch,
            matching: options.matching,
            envelope: options.envelope,
            control: options.control,
        })
    }

    /// Answers one request. Nothing here waits, so a request is processed as a whole or not at all.
    pub(super) fn answer(&mut self, request: &Request, now: SystemTime) -> Response {
        if self.control && control::is_meant(&request.path) {
            return control::answer(self, request);
        }
        let since_1970 = now.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        let seq = self.log.record(request);
        let admitted = self.admit(request);
        let standing =
            if admitted.is_ok() { self.limiter.count(since_1970) } else { self.limiter.standing(since_1970) };
        let mut answer = match (admitted, standing.retry_after) {
            (Err(refused), _) => refused,
            (Ok(_), Some(seconds)) => Response::too_many_requests(seconds),
            (Ok((endpoint, id)), None) => self.serve(seq, endpoint, id, request, &iso_8601(since_1970)),
        };
        standing.write(&mut answer.headers);
        if answer.delivery.answers() {
            self.log.answered(seq, answer.status);
        }
        answer
    }

    fn admit<'q>(&self, request: &'q Request) -> Result<(Endpoint, &'q str), Response> {
        let Some((endpoint, id)) = route::endpoint(&request.path) else {
            return Err(Response::message(StatusCode::NOT_FOUND, "Not found"));
        };
        let method = endpoint.method();
        if request.method != method {
            let mut answer = Response::message(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed");
            answer.headers.extend(HeaderValue::from_str(method.as_str()).ok().map(|value| (ALLOW, value)));
            return Err(answer);
        }
        let key = self.api_key.expose();
        let is_admitted =
            if endpoint == Endpoint::Helium { request.asks_with(key) } else { request.carries(key) };
        if is_admitted {
            Ok((endpoint, id))
        } else {
            // Documented: an empty body.
            Err(Response::empty(StatusCode::UNAUTHORIZED))
        }
    }

    fn serve(&mut self, seq: u64, endpoint: Endpoint, id: &str, request: &Request, now: &str) -> Response {
        let rows = match endpoint {
            Endpoint::Bulk | Endpoint::Update => request.rows(self.max_batch),
            Endpoint::Jobs | Endpoint::Ping | Endpoint::Certify | Endpoint::Helium => Ok(Vec::new()),
        };
        let rows = match rows {
            Ok(rows) => rows,
            Err(refused) => return refused,
        };
        let kinds = self.faults.strike(endpoint, &rows::titles(&rows));
        if let Some(refused) = reject::rejection(&kinds, &rows) {
            return distort_body::with_headers(refused, &kinds);
        }
        let answer = match endpoint {
            Endpoint::Bulk | Endpoint::Update => {
                self.bulk(seq, self.reading(endpoint, &kinds, now), &rows, &kinds)
            }
            Endpoint::Jobs => self.job(seq, id, &kinds),
            Endpoint::Helium => {
                let answered = self.helium.answer(&self.store, request, now);
                self.log.cost(seq, answered.points);
                answered.response
            }
            Endpoint::Certify => {
                let answered = certify::answer(&mut self.store, &self.helium.learner, id, request, now);
                if answered.is_ok() {
                    self.log.processed(seq, Vec::new(), Vec::new());
                }
                answered.unwrap_or_else(|refused| refused)
            }
            Endpoint::Ping => {
                self.log.processed(seq, Vec::new(), Vec::new());
                Response::json(StatusCode::OK, &json!({ "valid": true }))
            }
        };
        distort_body::distort(answer, &kinds)
    }

    fn reading(&self, endpoint: Endpoint, kinds: &[FaultKind], now: &str) -> ReadRows {
        let rejected = kinds.iter().filter_map(|kind| match kind {
            FaultKind::RequestRow(SingleRowFault::Reject(text)) => Some(text.clone()),
            _ => None,
        });
        ReadRows { endpoint, matching: self.matching, rejected: rejected.collect(), now: now.to_owned() }
    }

    fn bulk(&mut self, seq: u64, reading: ReadRows, rows: &[RequestRow], kinds: &[FaultKind]) -> Response {
        let envelope = match reading.endpoint {
            Endpoint::Update => wire::UPDATE_ENVELOPE,
            _ => wire::CREATE_ENVELOPE,
        };
        let fate = kinds.iter().find_map(|kind| match kind {
            FaultKind::Job(fate) => Some(*fate),
            _ => None,
        });
        let mut result = match fate {
            Some(fate) if !fate.stores_at_once() => self.postpone(fate, reading, rows),
            Some(fate) => self.store_behind_a_job(seq, fate, reading, rows),
            None => self.store_now(seq, &reading, rows),
        };
        for kind in kinds {
            if let FaultKind::Result(fault) = kind {
                distort_result::distort(&mut result, fault, rows, &self.store);
            }
        }
        self.tell(&result, envelope, kinds)
    }

    fn store_now(&mut self, seq: u64, reading: &ReadRows, rows: &[RequestRow]) -> BulkResult {
        let outcome = rows::process(&mut self.store, reading, rows);
        self.log.processed(seq, outcome.created, outcome.updated);
        outcome.result
    }

    /// The answer names a job, and what it says of it may not be what was done.
    fn store_behind_a_job(
        &mut self,
        seq: u64,
        fate: JobFate,
        reading: ReadRows,
        rows: &[RequestRow],
    ) -> BulkResult {
        let done = self.store_now(seq, &reading, rows);
        let background_job = Some(self.jobs.open(fate, reading, Vec::new()));
        match fate {
            JobFate::Complete => BulkResult { background_job, ..done },
            _ => BulkResult { background_job, errors: done.errors, ..BulkResult::default() },
        }
    }

    /// Row errors are in the first answer; the other rows wait for the job.
    fn postpone(&mut self, fate: JobFate, reading: ReadRows, rows: &[RequestRow]) -> BulkResult {
        let (errors, waiting) = rows::survey(&self.store, &reading, rows);
        let background_job = Some(self.jobs.open(fate, reading, waiting));
        BulkResult { errors, background_job, ..BulkResult::default() }
    }

    fn job(&mut self, seq: u64, id: &str, kinds: &[FaultKind]) -> Response {
        let Some(asked) = self.jobs.ask(id) else {
            return Response::message(StatusCode::NOT_FOUND, "Job not found");
        };
        let due = asked.due.map(|(reading, rows)| rows::process(&mut self.store, &reading, &rows));
        let due = due.unwrap_or_default();
        self.log.processed(seq, due.created, due.updated);
        self.tell(&asked.job, wire::JOB_ENVELOPE, kinds)
    }

    fn tell(&self, result: &impl Serialize, name: &str, kinds: &[FaultKind]) -> Response {
        let bare = self.envelope == Envelope::Bare;
        // The wire types have text keys only, so they always have a value.
        let result = serde_json::to_value(result).unwrap_or(Value::Null);
        Response::json(StatusCode::OK, &distort_body::enveloped(result, name, bare, kinds))
    }
}

/// A moment as the vendor writes it: `2024-01-01T00:00:00.000Z`.
fn iso_8601(since_1970: Duration) -> String {
    let millis = i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX);
    let moment = jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::MAX);
    format!("{moment:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_look_as_the_vendor_writes_them() {
        assert_eq!(iso_8601(Duration::from_secs(1_704_067_200)), "2024-01-01T00:00:00.000Z");
        assert_eq!(iso_8601(Duration::from_millis(1_704_067_200_007)), "2024-01-01T00:00:00.007Z");
    }
}
