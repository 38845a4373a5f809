//! The client of the REST API. It adds the API key to each request, follows no redirect and repeats nothing.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};

use super::call::segment;
use super::http::{ClientError, Http};
use super::wire::{API_ROOT, CERTIFY, CertifyRequest, USERS};
use super::{Answer, Call, Transport};
use crate::model::ApiKey;

/// A client for one instance (one academy's server).
#[derive(Clone)]
pub struct Client {
    http: Http,
    root: String,
    authorization: HeaderValue,
}

impl Client {
    /// Builds a client for the instance at this address (without `/incoming/v2`). Each request may take at most `timeout`.
    pub fn new(instance: &str, key: &ApiKey, timeout: Duration) -> Result<Self, ClientError> {
        let http = Http::to(instance, Some(key), timeout)?;
        let mut authorization =
            HeaderValue::try_from(format!("Bearer {}", key.expose())).map_err(|_| ClientError::Key)?;
        authorization.set_sensitive(true);
        Ok(Self { http, root: format!("{}{API_ROOT}", instance.trim_end_matches('/')), authorization })
    }

    fn request(&self, call: &Call) -> Result<reqwest::RequestBuilder, serde_json::Error> {
        let url = format!("{}{}", self.root, call.path());
        let post = |body: Vec<u8>| self.http.post(&url).header(CONTENT_TYPE, "application/json").body(body);
        let request = match call {
            Call::Bulk(body) | Call::BulkUpdate(body) => post(serde_json::to_vec(body)?),
            Call::Job(_) => self.http.get(&url),
        };
        Ok(request.header(AUTHORIZATION, self.authorization.clone()))
    }
}

impl Client {
    /// Issues a certificate, with one request. The caller decides whether it may be sent again.
    pub async fn certify(&self, body: &CertifyRequest) -> Answer {
        let path = format!("{USERS}{}{CERTIFY}", segment(&body.user_id));
        let bytes = match serde_json::to_vec(body) {
            Ok(bytes) => bytes,
            Err(error) => return Answer::NotSent { reason: format!("cannot write the request: {error}") },
        };
        let request = self.http.post(&format!("{}{path}", self.root));
        let request = request.header(CONTENT_TYPE, "application/json").body(bytes);
        self.http.send(request.header(AUTHORIZATION, self.authorization.clone()), &path).await
    }
}

impl Transport for Client {
    async fn send(&self, call: Call) -> Answer {
        match self.request(&call) {
            Ok(request) => self.http.send(request, &call.path()).await,
            Err(error) => Answer::NotSent { reason: format!("cannot write the request: {error}") },
        }
    }
}
