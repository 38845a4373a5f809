//! Sends a GraphQL request. The API key is a part of its address here, so the address is never shown or logged.

use std::future::Future;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderValue};

use crate::api::Answer;
use crate::api::http::{ClientError, Http};
use crate::model::{ApiKey, SecretText};

/// The path, as it is logged.
const PATH: &str = "/helium";
/// The header with the token of a login.
const TOKEN: &str = "authToken";

/// The client of one instance's `/helium`.
pub struct Helium {
    http: Http,
    /// With the key.
    address: SecretText,
}

/// Sends GraphQL requests to a server, or to a simulated one in tests.
pub trait AskHelium {
    /// Sends one request, once.
    fn ask(&self, body: Vec<u8>, token: Option<&SecretText>) -> impl Future<Output = Answer>;
}

impl Helium {
    /// Builds a client for the instance at this address. Each request may take at most `timeout`.
    pub fn new(instance: &str, key: &ApiKey, timeout: Duration) -> Result<Self, ClientError> {
        let http = Http::to(instance, Some(key), timeout)?;
        let query: String = url::form_urlencoded::byte_serialize(key.expose().as_bytes()).collect();
        let address = format!("{}{PATH}?apiKey={query}", instance.trim_end_matches('/'));
        Ok(Self { http, address: SecretText::new(address, "(the address)") })
    }
}

impl AskHelium for Helium {
    async fn ask(&self, body: Vec<u8>, token: Option<&SecretText>) -> Answer {
        let mut request =
            self.http.post(self.address.expose()).header(CONTENT_TYPE, "application/json").body(body);
        if let Some(token) = token {
            let Ok(mut value) = HeaderValue::try_from(token.expose()) else {
                return Answer::NotSent {
                    reason: "the server's token cannot be sent in a header".to_owned(),
                };
            };
            value.set_sensitive(true);
            request = request.header(TOKEN, value);
        }
        self.http.send(request, PATH).await
    }
}
