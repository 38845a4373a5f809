//! A request, read to its end.

use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use hyper::{HeaderMap, Method, StatusCode};

use crate::api::wire::BulkRequest;

use super::response::Response;
use super::rows::RequestRow;

/// A request, read to its end.
pub(super) struct Request {
    /// Its method.
    pub(super) method: Method,
    /// Its path, without the query.
    pub(super) path: String,
    /// Its query, without the question mark.
    pub(super) query: Option<String>,
    /// Its headers.
    pub(super) headers: HeaderMap,
    /// Its body; nothing where that was too long to be kept.
    pub(super) body: Option<Bytes>,
}

impl Request {
    /// Longest body that is read, in bytes.
    pub(super) const BODY_LIMIT: usize = 32 * 1024 * 1024;

    /// Whether it carries this key. The scheme's name is the same in either case (RFC 9110 section 11.1).
    pub(super) fn carries(&self, key: &str) -> bool {
        let value = self.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        value
            .and_then(|value| value.split_once(' '))
            .is_some_and(|(scheme, sent)| scheme.eq_ignore_ascii_case("bearer") && sent.trim() == key)
    }

    /// Whether its query carries this key, as `/helium` wants it.
    pub(super) fn asks_with(&self, key: &str) -> bool {
        let pairs = url::form_urlencoded::parse(self.query.as_deref().unwrap_or_default().as_bytes());
        pairs.into_iter().any(|(name, value)| name == "apiKey" && value == key)
    }

    /// The object in the body, or why there is none.
    pub(super) fn object<T: serde::de::DeserializeOwned>(&self) -> Result<T, String> {
        if !self.is_json() {
            return Err("Content-Type must be application/json".to_owned());
        }
        let body = self.body.as_deref().unwrap_or_default();
        serde_json::from_slice(body).map_err(|error| format!("The request body is malformed: {error}"))
    }

    /// The rows of a bulk request, or the answer that says why there are none.
    pub(super) fn rows(&self, most: usize) -> Result<Vec<RequestRow>, Response> {
        let refused = |status, message: &str| Err(Response::message(status, message));
        if !self.is_json() {
            return refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Content-Type must be application/json");
        }
        let Some(body) = &self.body else {
            return refused(StatusCode::PAYLOAD_TOO_LARGE, "The request body is too large");
        };
        let rows = match serde_json::from_slice::<BulkRequest>(body) {
            Ok(request) => request.templates,
            Err(error) => {
                return refused(StatusCode::BAD_REQUEST, &format!("The request body is malformed: {error}"));
            }
        };
        if rows.len() > most {
            let message = format!("At most {most} templates are accepted in one request");
            return refused(StatusCode::PAYLOAD_TOO_LARGE, &message);
        }
        Ok(rows)
    }

    fn is_json(&self) -> bool {
        let value = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = value.and_then(|value| value.split(';').next());
        essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;

    fn request(authorization: &'static str, content_type: &'static str, body: &'static str) -> Request {
        let headers = HeaderMap::from_iter([
            (AUTHORIZATION, HeaderValue::from_static(authorization)),
            (CONTENT_TYPE, HeaderValue::from_static(content_type)),
        ]);
        let (method, path, query) = (Method::POST, String::new(), None);
        Request { method, path, query, headers, body: Some(Bytes::from(body)) }
    }

    #[test]
    fn a_key_is_the_whole_key() {
        for (sent, right) in [
            ("Bearer key", true),
            ("bearer key", true),
            ("Bearer ke", false),
            ("Bearer keys", false),
            ("Basic key", false),
            ("key", false),
            ("Bearer", false),
            ("Bearer ", false),
        ] {
            assert_eq!(request(sent, "", "").carries("key"), right, "{sent}");
        }
    }

    #[test]
    fn only_a_list_of_objects_in_json_is_a_bulk_request() {
        let status = |kind, body| request("", kind, body).rows(2).map_err(|answer| answer.status.as_u16());
        let json = "application/json; charset=utf-8";
        assert_eq!(status(json, r#"{"templates": [{}, {}]}"#).map(|rows| rows.len()), Ok(2));
        assert_eq!(status(json, r#"{"templates": [{}, {}, {}]}"#), Err(413));
        assert_eq!(status("text/plain", r#"{"templates": []}"#), Err(415));
        for body in ["", "{", "[]", "{}", r#"{"templates": null}"#, r#"{"templates": [1]}"#] {
            assert_eq!(status(json, body), Err(400), "{body}");
        }
    }
}
