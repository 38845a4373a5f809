//! Requests to a server of Terraform's HTTP state protocol, each made once. The credentials go to the origin of the
//! state's address alone; no redirect is followed.

use std::error::Error;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use md5::{Digest as _, Md5};
use reqwest::{Method, header};
use url::Url;

use super::settings::ServerSettings;
use super::words;
use crate::model::{HttpAddress, io_words};
use crate::state::request_thread::RequestThread;
use crate::state::store_requests::client;

/// A server, ready to be asked.
#[derive(Debug)]
pub(super) struct StateServer {
    pub(super) address: HttpAddress,
    pub(super) settings: ServerSettings,
    client: reqwest::Client,
    thread: RequestThread,
}

/// An answer.
#[derive(Debug)]
pub(super) struct ServerReply {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

/// No answer, in words. Whether the request was carried out is not known.
#[derive(Debug)]
pub(super) struct Silence(pub(super) String);

impl StateServer {
    /// Longer answers are not read, in bytes: a state of a hundred thousand templates needs less.
    const LONGEST_BODY: usize = 1 << 30;

    /// Prepares connections. The error is in words.
    pub(super) fn new(address: HttpAddress) -> Result<Self, String> {
        let settings = ServerSettings::of(&address, &|name| std::env::var(name).ok())?;
        let client = client(address.is_on_this_machine())
            .map_err(|_| "HTTPS cannot be set up on this machine".to_owned())?;
        let thread =
            RequestThread::start().map_err(|error| format!("a thread cannot be started: {error}"))?;
        Ok(Self { address, settings, client, thread })
    }

    /// Makes a request.
    pub(super) fn ask(
        &self,
        method: &Method,
        url: &Url,
        body: Option<&[u8]>,
    ) -> Result<ServerReply, Silence> {
        let host = url.host_str().unwrap_or_default().to_owned();
        let mut request = self.client.request(method.clone(), url.clone());
        if let Some(username) = self.settings.username.as_ref().filter(|_| self.is_trusted(url)) {
            let password = self.settings.password.as_ref().map(crate::model::SecretText::expose);
            request = request.basic_auth(username, password);
        }
        if let Some(body) = body {
            let sum = BASE64_STANDARD.encode(Md5::digest(body));
            request = request
                .header(header::CONTENT_TYPE, "application/json")
                .header("Content-MD5", sum)
                .body(body.to_vec());
        }
        let answer = async move {
            let lost = |error: &reqwest::Error| Silence(format!("no answer from {host}: {}", deepest(error)));
            let mut response = request.send().await.map_err(|error| lost(&error))?;
            let status = response.status().as_u16();
            let mut body = Vec::new();
            while let Some(piece) = response.chunk().await.map_err(|error| lost(&error))? {
                body.extend_from_slice(&piece);
                if body.len() > Self::LONGEST_BODY {
                    return Err(Silence(format!("the answer of {host} does not end")));
                }
            }
            Ok(ServerReply { status, body })
        };
        self.thread.run(answer).unwrap_or_else(|| Err(Silence(RequestThread::HAS_ENDED.to_owned())))
    }

    /// Explains a status.
    pub(super) fn words(&self, status: u16) -> String {
        words::words(status, &self.settings, self.is_gitlab())
    }

    /// Whether the address is one of GitLab's.
    pub(super) fn is_gitlab(&self) -> bool {
        self.address.gitlab_lock().is_some()
    }

    /// Whether the credentials may go to this address.
    pub(super) fn is_trusted(&self, url: &Url) -> bool {
        url.origin() == self.address.url().origin()
    }
}

/// The innermost error, which says what happened.
fn deepest(error: &reqwest::Error) -> String {
    let mut last: &(dyn Error + 'static) = error;
    while let Some(inner) = last.source() {
        last = inner;
    }
    match last.downcast_ref::<std::io::Error>() {
        Some(error) => io_words(error),
        None => last.to_string(),
    }
}
