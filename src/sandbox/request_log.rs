//! The requests that the server has read.

use std::collections::VecDeque;

use hyper::StatusCode;
use hyper::body::Bytes;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::request::Request;
use super::rows::Touched;

/// The requests that the server has read, oldest first. It forgets the oldest rather than grow without end.
#[derive(Default)]
pub(super) struct RequestLog {
    entries: VecDeque<LoggedRequest>,
    /// How many were ever recorded: the number of the last one.
    recorded: u64,
    /// The first entry that may still have its body.
    bodies_from: u64,
    body_bytes: usize,
}

/// One request, as the control endpoint shows it.
#[derive(Serialize)]
struct LoggedRequest {
    seq: u64,
    method: String,
    path: String,
    /// JSON where it is that, else text; null where there is none, it was too long, or it has been forgotten.
    #[serde(serialize_with = "body")]
    body: Bytes,
    /// Whether it did what it was sent for.
    processed: bool,
    /// The status that was answered; null while there is none, and where the answer was withheld.
    status: Option<u16>,
    created: Vec<Touched>,
    updated: Vec<Touched>,
    /// What a query of `/helium` cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    points: Option<u64>,
}

impl RequestLog {
    const MAX_ENTRIES: usize = 100_000;
    const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;

    /// Records a request, and returns its number. Numbers begin with 1.
    pub(super) fn record(&mut self, request: &Request) -> u64 {
        self.recorded += 1;
        let body = request.body.clone().unwrap_or_default();
        self.body_bytes += body.len();
        self.entries.push_back(LoggedRequest {
            seq: self.recorded,
            method: request.method.to_string(),
            path: request.path.clone(),
            body,
            processed: false,
            status: None,
            created: Vec::new(),
            updated: Vec::new(),
            points: None,
        });
        self.forget();
        self.recorded
    }

    /// A request was processed, with this effect.
    pub(super) fn processed(&mut self, seq: u64, created: Vec<Touched>, updated: Vec<Touched>) {
        if let Some(entry) = self.entry(seq) {
            entry.processed = true;
            entry.created = created;
            entry.updated = updated;
        }
    }

    /// A query of `/helium` was processed, at this cost.
    pub(super) fn cost(&mut self, seq: u64, points: u64) {
        self.processed(seq, Vec::new(), Vec::new());
        if let Some(entry) = self.entry(seq) {
            entry.points = Some(points);
        }
    }

    /// A request was answered.
    pub(super) fn answered(&mut self, seq: u64, status: StatusCode) {
        if let Some(entry) = self.entry(seq) {
            entry.status = Some(status.as_u16());
        }
    }

    /// Forgets everything, the numbers included.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Every entry, to be written as JSON.
    pub(super) fn entries(&self) -> &impl Serialize {
        &self.entries
    }

    fn forget(&mut self) {
        while self.body_bytes > Self::MAX_BODY_BYTES && self.bodies_from <= self.recorded {
            let forgotten = self.entry(self.bodies_from).map(|entry| std::mem::take(&mut entry.body));
            self.body_bytes -= forgotten.map_or(0, |body| body.len());
            self.bodies_from += 1;
        }
        if self.entries.len() > Self::MAX_ENTRIES {
            let forgotten = self.entries.pop_front().map(|entry| entry.body);
            self.body_bytes -= forgotten.map_or(0, |body| body.len());
        }
    }

    fn entry(&mut self, seq: u64) -> Option<&mut LoggedRequest> {
        let first = self.entries.front()?.seq;
        let position = usize::try_from(seq.checked_sub(first)?).ok()?;
        self.entries.get_mut(position)
    }
}

fn body<S: Serializer>(body: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
    if body.is_empty() {
        return serializer.serialize_none();
    }
    let text = || Value::String(String::from_utf8_lossy(body).into_owned());
    serde_json::from_slice(body).unwrap_or_else(|_| text()).serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::{HeaderMap, Method};
    use serde_json::json;

    fn request(body: impl Into<Bytes>) -> Request {
        let headers = HeaderMap::new();
        let (method, path, query) = (Method::POST, "/x".to_owned(), None);
        Request { method, path, query, headers, body: Some(body.into()) }
    }

    #[test]
    fn an_entry_is_there_before_it_is_processed() {
        let mut log = RequestLog::default();
        let first = log.record(&request(r#"{"a": 1}"#));
        let second = log.record(&request("no JSON"));
        log.processed(second, Vec::new(), Vec::new());
        log.answered(second, StatusCode::OK);
        let empty: [u8; 0] = [];
        let expected = json!([
            { "seq": first, "method": "POST", "path": "/x", "body": {"a": 1}, "processed": false,
              "status": null, "created": empty, "updated": empty },
            { "seq": second, "method": "POST", "path": "/x", "body": "no JSON", "processed": true,
              "status": 200, "created": empty, "updated": empty },
        ]);
        assert_eq!(serde_json::to_value(log.entries()).unwrap(), expected);
    }

    #[test]
    fn the_oldest_bodies_are_forgotten_first_and_the_entries_stay() {
        let mut log = RequestLog::default();
        let large = Bytes::from(vec![b' '; RequestLog::MAX_BODY_BYTES / 2 + 1]);
        for _ in 0..3 {
            log.record(&request(large.clone()));
        }
        let kept: Vec<_> = log.entries.iter().map(|entry| !entry.body.is_empty()).collect();
        assert_eq!(kept, [false, false, true]);
        assert_eq!(log.body_bytes, large.len());
    }

    #[test]
    fn the_oldest_entries_are_forgotten() {
        let mut log = RequestLog::default();
        for _ in 0..=RequestLog::MAX_ENTRIES {
            log.record(&request("1"));
        }
        assert_eq!(log.entries.len(), RequestLog::MAX_ENTRIES);
        assert_eq!(log.entry(1).map(|entry| entry.seq), None);
        assert_eq!(log.entry(2).map(|entry| entry.seq), Some(2));
        assert_eq!(log.body_bytes, RequestLog::MAX_ENTRIES);
    }
}
