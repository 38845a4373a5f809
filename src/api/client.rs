//! The HTTP client. It adds the API key to each request, removes it from each response, follows no redirect and repeats
//! nothing.

use std::time::Duration;

use hyper::Uri;
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue, LOCATION,
};
use reqwest::redirect::Policy;

use super::connection_error::{ConnectFailure, ConnectionTarget, chain, lost};
use super::proxy::{Proxy, ProxyError};
use super::wire::API_ROOT;
use super::{Answer, Call, HttpResponse, RateHeaders, Transport};
use crate::crash::{Point, reach};
use crate::model::ApiKey;

/// A client for one instance (one academy's server).
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    root: String,
    authorization: HeaderValue,
    /// Kept so that it can be redacted from responses.
    key: ApiKey,
    timeout: Duration,
    /// The server's address, for messages about connections.
    server: Uri,
    proxy: Option<Proxy>,
}

/// Why a [`Client`] cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// TLS cannot be set up, for example because the system's certificates cannot be read.
    #[error("cannot set up HTTPS on this machine: {0}")]
    Setup(String),
    /// An environment variable that should name a proxy has an unusable value.
    #[error(transparent)]
    Proxy(#[from] ProxyError),
    /// The key has a character that no header can carry. [`ApiKey::new`] rejects such keys.
    #[error("the API key cannot be sent in an HTTP header")]
    Key,
}

impl Client {
    /// Time limit for connecting. When it passes, nothing was sent.
    const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);
    /// Longer bodies are not read. A full request's answer needs a fraction of this.
    const MAX_BODY_BYTES: usize = 16 << 20;

    /// Builds a client for the instance at this address (without `/incoming/v2`). Each request may take at most `timeout`.
    pub fn new(instance: &str, key: &ApiKey, timeout: Duration) -> Result<Self, ClientError> {
        // An error means that a provider is installed already, by a client made earlier.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("certctl/", env!("CARGO_PKG_VERSION")))
            // A redirect could carry the key to another host, and a repeated POST is a second create.
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            // If the server closes a kept connection just as a request is sent, the request is lost unread and its rows
            // are in doubt. Requests are few and large, so a new connection for each costs little.
            .pool_max_idle_per_host(0)
            .http1_only()
            .connect_timeout(Self::CONNECT_TIMEOUT)
            .timeout(timeout);
        let server: Uri = instance.parse().map_err(|error| ClientError::Setup(format!("{error}")))?;
        let proxy = if server.scheme_str() == Some("http") {
            // Plain http is allowed for loopback only, which needs no proxy.
            builder = builder.no_proxy();
            None
        } else {
            Proxy::to(&server, &|name| std::env::var(name).ok())?
        };
        let http = builder.build().map_err(|error| ClientError::Setup(chain(&error)))?;
        let mut authorization =
            HeaderValue::try_from(format!("Bearer {}", key.expose())).map_err(|_| ClientError::Key)?;
        authorization.set_sensitive(true);
        Ok(Self {
            http,
            root: format!("{}{API_ROOT}", instance.trim_end_matches('/')),
            authorization,
            key: key.clone(),
            timeout,
            server,
            proxy,
        })
    }

    fn request(&self, call: &Call) -> Result<reqwest::RequestBuilder, serde_json::Error> {
        let url = format!("{}{}", self.root, call.path());
        let request = match call {
            Call::Bulk(body) | Call::BulkUpdate(body) => {
                let body = serde_json::to_vec(body)?;
                self.http.post(url).header(CONTENT_TYPE, "application/json").body(body)
            }
            Call::Job(_) => self.http.get(url),
        };
        Ok(request
            .header(AUTHORIZATION, self.authorization.clone())
            .header(ACCEPT, "application/json")
            // The client does not decompress, and an unreadable answer puts its rows in doubt.
            .header(ACCEPT_ENCODING, "identity"))
    }

    fn redact(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.key.redact(text.as_bytes().to_vec())).into_owned()
    }

    fn explain(&self, error: &reqwest::Error) -> String {
        if error.is_timeout() {
            format!("no answer within {}", humantime::format_duration(self.timeout))
        } else {
            lost(error)
        }
    }

    /// The answer for a connection that could not be made.
    async fn not_connected(&self, error: &reqwest::Error) -> Answer {
        let host = self.server.host().unwrap_or_default();
        let is_plain = self.server.scheme_str() == Some("http");
        let port = self.server.port_u16().unwrap_or(if is_plain { 80 } else { 443 });
        let destination = ConnectionTarget { host, port, proxy: self.proxy.as_ref() };
        let reason = match (destination.failure(error), &self.proxy) {
            (ConnectFailure::Untrusted(reason), _) => return Answer::Untrusted { reason },
            (ConnectFailure::Tunnel, Some(proxy)) => match proxy.refusal(&format!("{host}:{port}")).await {
                Some(status) => {
                    format!("{proxy} answered {status} when asked for a connection to {host}:{port}")
                }
                None => format!("{proxy} does not connect to {host}:{port}"),
            },
            (ConnectFailure::Other(reason), _) => reason,
            (ConnectFailure::Tunnel, None) => "the connection could not be made".to_owned(),
        };
        Answer::NotSent { reason }
    }
}

impl Transport for Client {
    async fn send(&self, call: Call) -> Answer {
        let request = match self.request(&call) {
            Ok(request) => request,
            Err(error) => return Answer::NotSent { reason: format!("cannot write the request: {error}") },
        };
        tracing::debug!(path = call.path(), "sending");
        reach(Point::RequestSending);
        // Errors are shown to users; the URL would only repeat the configuration.
        let response = match request.send().await.map_err(reqwest::Error::without_url) {
            Ok(response) => response,
            Err(error) if error.is_connect() || error.is_builder() => {
                tracing::debug!(reason = chain(&error), "not sent");
                return self.not_connected(&error).await;
            }
            Err(error) => {
                let reason = self.explain(&error);
                tracing::debug!(reason = chain(&error), "lost");
                return Answer::Lost { reason };
            }
        };
        reach(Point::AnswerBegun);
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let rate = RateHeaders::read(text, jiff::Timestamp::now().as_second());
        let encoding = text(CONTENT_ENCODING.as_str()).filter(|encoding| *encoding != "identity");
        let encoding = encoding.map(|encoding| self.redact(encoding));
        let location = text(LOCATION.as_str()).map(|location| self.redact(location));
        // This is the only place where a server's text enters the program.
        let body = self.read_body(response).await.map(|body| self.key.redact(body));
        let body = match (encoding, body) {
            // Some servers declare an encoding and send plain text.
            (Some(encoding), Ok(body)) if !is_plain(&body) => {
                Err(format!("its body is compressed ({encoding:?}) although the request forbade it"))
            }
            (_, body) => body,
        };
        reach(Point::AnswerComplete);
        tracing::debug!(status, ?rate, readable = body.is_ok(), "answered");
        Answer::Response(HttpResponse { status, rate, location, body })
    }
}

impl Client {
    async fn read_body(&self, mut response: reqwest::Response) -> Result<Vec<u8>, String> {
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > Self::MAX_BODY_BYTES => {
                    return Err(format!("the answer is longer than {} MiB", Self::MAX_BODY_BYTES >> 20));
                }
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => return Ok(body),
                Err(error) => return Err(format!("the answer was cut off: {}", self.explain(&error))),
            }
        }
    }
}

/// Whether a body begins like text. A compressed one has control characters in its first bytes.
fn is_plain(body: &[u8]) -> bool {
    const CHECKED_BYTES: usize = 64;
    !body.iter().take(CHECKED_BYTES).any(|byte| byte.is_ascii_control() && !byte.is_ascii_whitespace())
}
