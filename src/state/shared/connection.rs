//! Connections to a store, for the library that signs requests. They repeat nothing and follow no redirect, say what
//! went wrong in words, and add the store's time to each answer.

use futures_util::future::BoxFuture;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
};
use url::{Host, Url};

use super::request_failure::RequestFailure;
use crate::model::{StorageKind, is_loopback};
use crate::state::store_requests::client;

/// The time at which the store answered, in seconds since 1970, by its own clock.
#[derive(Clone, Copy, Debug)]
pub(super) struct AnsweredAt(pub(super) i64);

/// Connections to a store of this kind.
#[derive(Clone, Debug)]
pub(super) struct Connection {
    client: reqwest::Client,
    kind: StorageKind,
    /// The service that gives credentials to this machine, if it is at another address than usual.
    credentials_at: Option<Url>,
}

impl Connection {
    pub(super) fn new(kind: StorageKind, is_on_this_machine: bool) -> Result<Self, reqwest::Error> {
        let credentials_at =
            std::env::var("AWS_METADATA_ENDPOINT").ok().and_then(|url| Url::parse(&url).ok());
        Ok(Self { client: client(is_on_this_machine)?, kind, credentials_at })
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, RequestFailure> {
        let url = Url::parse(&request.uri().to_string()).ok();
        let host = url.as_ref().and_then(Url::host);
        let name = host.as_ref().map(ToString::to_string).unwrap_or_default();
        let is_named = |at: &Url| url.as_ref().is_some_and(|url| url.origin() == at.origin());
        let is_of_machine = host.as_ref().is_some_and(gives_credentials)
            || self.credentials_at.as_ref().is_some_and(is_named);
        let is_plain = url.as_ref().is_none_or(|url| url.scheme() != "https");
        if is_plain && !is_of_machine && !host.as_ref().is_some_and(is_loopback) {
            return Err(RequestFailure::plain_http(&name));
        }
        let response = match self.client.call(request).await {
            Ok(response) => response,
            Err(_) if is_of_machine => return Err(RequestFailure::no_credentials(self.kind)),
            Err(error) => return Err(RequestFailure::lost(&name, &error)),
        };
        let status = response.status().as_u16();
        if response.status().is_success() {
            return Ok(timed(response));
        }
        if is_of_machine {
            return Err(RequestFailure::no_credentials(self.kind));
        }
        let (parts, body) = response.into_parts();
        let header = parts.headers.get("x-ms-error-code").and_then(|code| code.to_str().ok()).and_then(code);
        // A body that is cut off says nothing.
        let body = body.bytes().await.unwrap_or_default();
        let code = header.or_else(|| code_in(&body));
        let is_about_the_bucket = matches!(code.as_deref(), Some("NoSuchBucket" | "ContainerNotFound"));
        match status {
            // The library decides by these.
            304 | 404 | 409 | 412 if !is_about_the_bucket => Ok(HttpResponse::from_parts(parts, body.into())),
            _ => Err(RequestFailure::answered(status, code.as_deref(), self.kind)),
        }
    }
}

impl HttpService for Connection {
    fn call<'s, 'c>(&'s self, request: HttpRequest) -> BoxFuture<'c, Result<HttpResponse, HttpError>>
    where
        's: 'c,
        Self: 'c,
    {
        Box::pin(async move {
            self.send(request).await.map_err(|failure| HttpError::new(HttpErrorKind::Unknown, failure))
        })
    }
}

impl HttpConnector for Connection {
    fn connect(&self, _: &object_store::ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

/// Adds the time of the answer, for the reader of an object.
fn timed(mut response: HttpResponse) -> HttpResponse {
    let date = response.headers().get("date").and_then(|date| date.to_str().ok());
    let date = date.and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
    if let Some(date) = date {
        response.extensions_mut().insert(AnsweredAt(date.timestamp().as_second()));
    }
    response
}

/// Whether this host gives credentials to the machine, by a network that only the machine has.
fn gives_credentials(host: &Host<&str>) -> bool {
    match host {
        Host::Ipv4(address) => address.is_link_local(),
        Host::Ipv6(address) => address.segments()[..2] == [0xfd00, 0x0ec2],
        Host::Domain(_) => false,
    }
}

/// The code of an error, if it is one word.
fn code(text: &str) -> Option<String> {
    let is_word = !text.is_empty() && text.len() <= 64 && text.chars().all(|c| c.is_ascii_alphanumeric());
    is_word.then(|| text.to_owned())
}

/// The code in the XML of an error.
fn code_in(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let (_, rest) = text.split_once("<Code>")?;
    code(rest.split_once("</Code>")?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_words() {
        assert_eq!(code_in(b"<Error><Code>NoSuchBucket</Code>").as_deref(), Some("NoSuchBucket"));
        assert_eq!(code_in(b"<Code>a b</Code>"), None);
        assert_eq!(code_in(b"nothing"), None);
    }
}
