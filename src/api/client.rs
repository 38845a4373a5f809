//! The HTTP client.

use std::time::Duration;

use hyper::Uri;
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue, LOCATION,
};
use reqwest::redirect::Policy;

use super::failure::{Target, Unconnected, chain, lost};
use super::proxy::{Proxy, ProxyError};
use super::wire::API_ROOT;
use super::{Answer, Call, RateHeaders, Response, Transport};
use crate::crash::{Point, reach};
use crate::model::ApiKey;

/// Talks to one instance.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    root: String,
    authorization: HeaderValue,
    /// Kept to take it out of what comes back.
    key: ApiKey,
    timeout: Duration,
    /// The server's address, for what is told of connections.
    server: Uri,
    proxy: Option<Proxy>,
}

/// Why no client could be made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The operating system's certificates or the like.
    #[error("cannot set up HTTPS on this machine: {0}")]
    Setup(String),
    /// An environment variable should name a proxy and does not.
    #[error(transparent)]
    Proxy(#[from] ProxyError),
    /// Excluded by [`ApiKey::new`].
    #[error("the API key cannot be sent in an HTTP header")]
    Key,
}

impl Client {
    /// The longest connection attempt; after it, nothing was sent.
    const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);
    /// The longest body that is read: several times what a full request's answer can need.
    const LONGEST_BODY: usize = 16 << 20;

    /// A client for the instance with this root (no `/incoming/v2`), one request taking at most `timeout`.
    pub fn new(instance: &str, key: &ApiKey, timeout: Duration) -> Result<Self, ClientError> {
        // An error means that a provider is installed already, by a client made earlier.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("certctl/", env!("CARGO_PKG_VERSION")))
            // A redirect could carry the key to another host, and a repeated POST is a second create.
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            // A kept connection that the server is just closing loses a request that it never read. Requests are few
            // and large, so a fresh connection for each costs little and keeps such rows out of doubt.
            .pool_max_idle_per_host(0)
            .http1_only()
            .connect_timeout(Self::CONNECT_TIMEOUT)
            .timeout(timeout);
        let server: Uri = instance.parse().map_err(|error| ClientError::Setup(format!("{error}")))?;
        let proxy = if server.scheme_str() == Some("http") {
            // Plain http is for loopback only, where no proxy belongs in between.
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
            Call::Job(_) | Call::Ping => self.http.get(url),
        };
        Ok(request
            .header(AUTHORIZATION, self.authorization.clone())
            .header(ACCEPT, "application/json")
            // Nothing here unpacks, and an answer that cannot be read puts its rows in doubt.
            .header(ACCEPT_ENCODING, "identity"))
    }

    fn conceal(&self, said: &str) -> String {
        String::from_utf8_lossy(&self.key.conceal(said.as_bytes().to_vec())).into_owned()
    }

    fn explain(&self, error: &reqwest::Error) -> String {
        if error.is_timeout() {
            format!("no answer within {}", humantime::format_duration(self.timeout))
        } else {
            lost(error)
        }
    }

    /// What is certain where there is no connection.
    async fn unconnected(&self, error: &reqwest::Error) -> Answer {
        let host = self.server.host().unwrap_or_default();
        let is_plain = self.server.scheme_str() == Some("http");
        let port = self.server.port_u16().unwrap_or(if is_plain { 80 } else { 443 });
        let reason = match (Target { host, port, proxy: self.proxy.as_ref() }.unconnected(error), &self.proxy)
        {
            (Unconnected::Untrusted(reason), _) => return Answer::Untrusted { reason },
            (Unconnected::Tunnel, Some(proxy)) => match proxy.refusal(&format!("{host}:{port}")).await {
                Some(status) => {
                    format!("{proxy} answered {status} when asked for a connection to {host}:{port}")
                }
                None => format!("{proxy} does not connect to {host}:{port}"),
            },
            (Unconnected::Other(reason), _) => reason,
            (Unconnected::Tunnel, None) => "the connection could not be made".to_owned(),
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
        // The URL says nothing that the configuration does not.
        let response = match request.send().await.map_err(reqwest::Error::without_url) {
            Ok(response) => response,
            Err(error) if error.is_connect() || error.is_builder() => {
                tracing::debug!(reason = chain(&error), "not sent");
                return self.unconnected(&error).await;
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
        let encoding = encoding.map(|encoding| self.conceal(encoding));
        let location = text(LOCATION.as_str()).map(|location| self.conceal(location));
        // What a server says enters the program here, and only here.
        let body = self.read_body(response).await.map(|body| self.key.conceal(body));
        let body = match (encoding, body) {
            // Some servers say so and send plain text all the same.
            (Some(encoding), Ok(body)) if !is_plain(&body) => {
                Err(format!("its body is packed ({encoding:?}), although it was asked for as it is"))
            }
            (_, body) => body,
        };
        reach(Point::AnswerComplete);
        tracing::debug!(status, ?rate, readable = body.is_ok(), "answered");
        Answer::Response(Response { status, rate, location, body })
    }
}

impl Client {
    async fn read_body(&self, mut response: reqwest::Response) -> Result<Vec<u8>, String> {
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > Self::LONGEST_BODY => {
                    return Err(format!("the answer is longer than {} MiB", Self::LONGEST_BODY >> 20));
                }
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => return Ok(body),
                Err(error) => return Err(format!("the answer broke off: {}", self.explain(&error))),
            }
        }
    }
}

/// Whether a body begins as text does, and not as a packed one.
fn is_plain(body: &[u8]) -> bool {
    const LOOKED_AT: usize = 64;
    !body.iter().take(LOOKED_AT).any(|byte| byte.is_ascii_control() && !byte.is_ascii_whitespace())
}
