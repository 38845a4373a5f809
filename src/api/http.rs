//! One server over HTTP: how a request gets there, and what is certain afterwards. It follows no redirect and repeats
//! nothing. [`Client`](super::Client) and the observer's client add what their endpoints need.

use std::time::Duration;

use hyper::Uri;
use reqwest::RequestBuilder;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, AGE, CONTENT_ENCODING, DATE, LOCATION};
use reqwest::redirect::Policy;

use super::answer::http_date;
use super::connection_error::{ConnectFailure, ConnectionTarget, chain, lost};
use super::proxy::{Proxy, ProxyError};
use super::{Answer, HttpResponse, RateHeaders};
use crate::crash::{Point, reach};
use crate::model::ApiKey;

/// The connections to one server.
#[derive(Clone)]
pub(super) struct Http {
    client: reqwest::Client,
    /// Kept so that it can be redacted from responses.
    key: Option<ApiKey>,
    timeout: Duration,
    /// The server's address, for messages about connections.
    server: Uri,
    proxy: Option<Proxy>,
}

/// Why a client cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// TLS cannot be set up, for example because the system's certificates cannot be read.
    #[error("cannot set up HTTPS on this machine: {0}")]
    Setup(String),
    /// Without a certificate authority, no server can be trusted.
    #[error(
        "this machine trusts no certificate authority, so no connection is safe. Install those of the system (on Debian \
         and Ubuntu, the package ca-certificates), or name a file with some in PEM form: export \
         SSL_CERT_FILE=/path/to/authorities.pem"
    )]
    NoAuthorities,
    /// An environment variable that should name a proxy has an unusable value.
    #[error(transparent)]
    Proxy(#[from] ProxyError),
    /// The key has a character that no header can carry. [`ApiKey::new`] rejects such keys.
    #[error("the API key cannot be sent in an HTTP header")]
    Key,
}

/// Why no client can be built. The library tells it in words only.
fn setup_failure(why: String) -> ClientError {
    if why.contains("No CA certificates") { ClientError::NoAuthorities } else { ClientError::Setup(why) }
}

impl Http {
    /// Time limit for connecting. When it passes, nothing was sent.
    const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);
    /// Longer bodies are not read. A full request's answer needs a fraction of this.
    const MAX_BODY_BYTES: usize = 16 << 20;

    /// Prepares connections to the instance at this address. Each request may take at most `timeout`; the key is redacted
    /// from responses.
    pub(super) fn to(instance: &str, key: Option<&ApiKey>, timeout: Duration) -> Result<Self, ClientError> {
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
            // Plain http is allowed for loopback only, which needs no proxy and no certificate authorities.
            builder = builder.no_proxy().tls_certs_only([]);
            None
        } else {
            Proxy::to(&server, &|name| std::env::var(name).ok())?
        };
        let client = builder.build().map_err(|error| setup_failure(chain(&error)))?;
        Ok(Self { client, key: key.cloned(), timeout, server, proxy })
    }

    /// A request, not yet sent.
    pub(super) fn post(&self, url: &str) -> RequestBuilder {
        self.client.post(url)
    }

    /// A request, not yet sent.
    pub(super) fn get(&self, url: &str) -> RequestBuilder {
        self.client.get(url)
    }

    /// The proxy on the way to the server, if there is one.
    pub(super) fn proxy(&self) -> Option<&Proxy> {
        self.proxy.as_ref()
    }

    fn redact(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.without_key(text.as_bytes().to_vec())).into_owned()
    }

    fn without_key(&self, text: Vec<u8>) -> Vec<u8> {
        match &self.key {
            Some(key) => key.redact(text),
            None => text,
        }
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

    /// Sends a request once. `path` is for the log; it must not contain a secret.
    pub(super) async fn send(&self, request: RequestBuilder, path: &str) -> Answer {
        self.send_timed(request, path).await.0
    }

    /// Like [`Self::send`], and returns the Unix time of the answer by the server's own clock, if it says so.
    pub(super) async fn send_timed(&self, request: RequestBuilder, path: &str) -> (Answer, Option<i64>) {
        let request = request
            .header(ACCEPT, "application/json")
            // The client does not decompress, and an unreadable answer puts its rows in doubt.
            .header(ACCEPT_ENCODING, "identity");
        tracing::debug!(path, "sending");
        reach(Point::RequestSending);
        // Errors are shown to users. The URL would repeat the configuration, or the key.
        let response = match request.send().await.map_err(reqwest::Error::without_url) {
            Ok(response) => response,
            Err(error) if error.is_connect() || error.is_builder() => {
                tracing::debug!(reason = chain(&error), "not sent");
                return (self.not_connected(&error).await, None);
            }
            Err(error) => {
                let reason = self.explain(&error);
                tracing::debug!(reason = chain(&error), "lost");
                return (Answer::Lost { reason }, None);
            }
        };
        reach(Point::AnswerBegun);
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let rate = RateHeaders::read(text, jiff::Timestamp::now().as_second());
        // A cache on the way keeps the time of the answer that it repeats, and says how old that is.
        let age = text(AGE.as_str()).and_then(|age| age.trim().parse::<u32>().ok()).unwrap_or_default();
        let date = text(DATE.as_str()).and_then(http_date).map(|date| date.saturating_add(age.into()));
        let encoding = text(CONTENT_ENCODING.as_str()).filter(|encoding| *encoding != "identity");
        let encoding = encoding.map(|encoding| self.redact(encoding));
        let location = text(LOCATION.as_str()).map(|location| self.redact(location));
        // This is the only place where a server's text enters the program.
        let body = self.read_body(response).await.map(|body| self.without_key(body));
        let body = match (encoding, body) {
            // Some servers declare an encoding and send plain text.
            (Some(encoding), Ok(body)) if !is_plain(&body) => {
                Err(format!("its body is compressed ({encoding:?}) although the request forbade it"))
            }
            (_, body) => body,
        };
        reach(Point::AnswerComplete);
        tracing::debug!(status, ?rate, readable = body.is_ok(), "answered");
        (Answer::Response(HttpResponse { status, rate, location, body }), date)
    }

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
