//! The embedded server, for tests of programs that use certctl.

use std::io;

use crate::model::ApiKey;
use crate::sandbox::{Options, Server};

/// A server in memory that behaves like the documented API. It stops when it is dropped; [`Sandbox::shutdown`] also
/// waits until it has.
#[derive(Debug)]
pub struct Sandbox(Server);

impl Sandbox {
    /// Starts a sandbox on a free port of loopback. Needs a tokio runtime with I/O and time; one thread is enough.
    /// Requests must carry the API key. The error's text is for people.
    pub async fn start(api_key: &str) -> io::Result<Self> {
        let key = ApiKey::new(api_key).map_err(|why| io::Error::new(io::ErrorKind::InvalidInput, why))?;
        Ok(Self(Server::start(Options::new(key)).await?))
    }

    /// Its address as an instance's URL, for example `http://127.0.0.1:40123`.
    pub fn url(&self) -> String {
        self.0.url()
    }

    /// Closes every connection.
    pub async fn shutdown(self) {
        self.0.shutdown().await;
    }
}
