//! A server and its client, for one test.

use std::time::Duration;

use certctl::model::ApiKey;
use certctl::sandbox::{Options, Server};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

/// The key that the server requires.
pub(crate) const KEY: &str = "a-key";
/// Paths below the instance's address, as documented.
pub(crate) const BULK: &str = "/incoming/v2/content/certificate-templates/bulk";
pub(crate) const UPDATE: &str = "/incoming/v2/content/certificate-templates/bulk/update";
pub(crate) const PING: &str = "/incoming/v2/ping";
pub(crate) const JOBS: &str = "/incoming/v2/jobs/";

/// A running server and a client.
pub(crate) struct Bench {
    pub(crate) server: Server,
    pub(crate) client: Client,
}

/// A complete answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    /// The result of a bulk request, without its envelope.
    pub(crate) fn created(&self) -> Value {
        self.json()["data"]["APIBulkCreateCertificateTemplates"].clone()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

impl Bench {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// A server with these faults.
    pub(crate) async fn with_faults(faults: &[&str]) -> Self {
        Self::with(|options| options.faults = faults.iter().map(|text| text.parse().unwrap()).collect()).await
    }

    /// A server with changed options.
    pub(crate) async fn with(change: impl FnOnce(&mut Options)) -> Self {
        let mut options = Options::new(ApiKey::new(KEY).unwrap());
        options.control = true;
        change(&mut options);
        let server = Server::start(options).await.unwrap();
        // Only plain HTTP, but the client is built with TLS and requires certificates.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let policy = reqwest::redirect::Policy::none();
        let client = Client::builder().no_proxy().redirect(policy).timeout(Duration::from_secs(20)).build();
        Self { server, client: client.unwrap() }
    }

    /// Sends a request with the key and a JSON body.
    pub(crate) async fn send(&self, method: Method, path: &str, body: impl Into<reqwest::Body>) -> Sent {
        let request = self.client.request(method, format!("{}{path}", self.server.url()));
        let request = request.header(AUTHORIZATION, format!("Bearer {KEY}"));
        read(request.header(CONTENT_TYPE, "application/json").body(body)).await
    }

    pub(crate) async fn bulk(&self, rows: &[Value]) -> Answer {
        self.try_bulk(rows).await.unwrap()
    }

    pub(crate) async fn try_bulk(&self, rows: &[Value]) -> Sent {
        self.send(Method::POST, BULK, json!({ "templates": rows }).to_string()).await
    }

    pub(crate) async fn update(&self, rows: &[Value]) -> Answer {
        self.send(Method::POST, UPDATE, json!({ "templates": rows }).to_string()).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, "").await.unwrap()
    }

    /// The control endpoint's answer, requested without a key.
    pub(crate) async fn control(&self, what: &str) -> Value {
        let request = self.client.get(format!("{}/_sandbox/{what}", self.server.url()));
        let answer = read(request).await.unwrap();
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.json()
    }

    /// The titles of the stored templates, oldest first.
    pub(crate) async fn titles(&self) -> Vec<String> {
        let templates = self.control("templates").await;
        let templates = templates.as_array().unwrap().iter();
        templates.map(|template| template["attributes"]["title"].as_str().unwrap().to_owned()).collect()
    }

    /// The last request that the server has read.
    pub(crate) async fn last_request(&self) -> Value {
        self.control("requests").await.as_array().unwrap().last().unwrap().clone()
    }
}

/// An answer, or the reason why there is none.
pub(crate) type Sent = Result<Answer, reqwest::Error>;

/// Sends a request and reads the complete answer.
pub(crate) async fn read(request: reqwest::RequestBuilder) -> Sent {
    let response = request.send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Ok(Answer { status, headers, text: response.text().await? })
}

/// A complete template for the course with this number.
pub(crate) fn course(number: u32, title: &str) -> Value {
    json!({ "title": title, "resourceType": "course", "resourceId": course_id(number) })
}

pub(crate) fn course_id(number: u32) -> String {
    format!("8f14e45f-ceea-467f-a0e6-6b2d{number:08}")
}

/// A row that fails.
pub(crate) fn lost(title: &str) -> Value {
    json!({ "title": title, "resourceType": "course", "resourceId": "00000000-0000-0000-0000-000000000000" })
}
