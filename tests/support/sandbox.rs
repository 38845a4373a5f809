//! A sandbox process, and what its own log says about what reached it.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use serde_json::Value;

use super::{KEY, certctl};

/// A sandbox process; it is killed when dropped.
pub struct Sandbox {
    process: Child,
    pub url: String,
}

impl Sandbox {
    /// Starts a sandbox with these arguments on a free port.
    pub fn start(arguments: &[&str]) -> Self {
        let mut process = certctl()
            .args(["sandbox", "--listen", "127.0.0.1:0", "--api-key", KEY, "--quiet"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut url).unwrap();
        assert!(url.starts_with("http://"), "the sandbox did not start: {url:?}");
        Self { process, url: url.trim().to_owned() }
    }

    /// Sends a request to it; returns the body.
    pub fn http(&self, method: &str, path: &str, body: &str) -> String {
        let address = self.url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer:?}"));
        assert!(head.starts_with("HTTP/1.1 2"), "{method} {path}: {answer}");
        if head.to_lowercase().contains("transfer-encoding: chunked") {
            unchunked(body)
        } else {
            body.to_owned()
        }
    }

    /// Replaces all faults with these.
    pub fn faults(&self, faults: &[&str]) {
        self.http("PUT", "/_sandbox/faults", &serde_json::json!({ "faults": faults }).to_string());
    }

    /// Every API request that it has read.
    pub fn requests(&self) -> Vec<Value> {
        let log: Value = serde_json::from_str(&self.http("GET", "/_sandbox/requests", "")).unwrap();
        let log = log.as_array().unwrap().iter();
        log.filter(|request| request["path"].as_str().unwrap().starts_with("/incoming/")).cloned().collect()
    }

    /// The templates that it holds.
    pub fn templates(&self) -> Vec<Value> {
        serde_json::from_str(&self.http("GET", "/_sandbox/templates", "")).unwrap()
    }

    /// The id of its template with this title.
    pub fn id_of(&self, title: &str) -> String {
        let templates = self.templates();
        let found = templates.iter().find(|template| template["attributes"]["title"] == title);
        found.unwrap_or_else(|| panic!("no template {title:?}"))["id"].as_str().unwrap().to_owned()
    }

    /// Its templates as the vendor's reporting product would export them.
    pub fn export(&self) -> String {
        let mut csv = "id,companyid,resourcetype,resourceid,title,usercustomfieldslug,usercustomfieldvalue,\
                       updatedat\n"
            .to_owned();
        // Everything was changed just now, after certctl's requests in the test.
        let now = jiff::Timestamp::now();
        for template in self.templates() {
            let field = |name: &str| template["attributes"][name].as_str().unwrap_or_default().to_owned();
            let fields =
                ["resourceType", "resourceId", "title", "userCustomFieldSlug", "userCustomFieldValue"]
                    .map(field);
            csv.push_str(&format!("{},1,{},{now}\n", template["id"].as_str().unwrap(), fields.join(",")));
        }
        csv
    }

    /// How many requests contained a row with this title.
    pub fn times_sent(&self, title: &str) -> usize {
        let carries = |request: &&Value| {
            request["body"]["templates"]
                .as_array()
                .is_some_and(|rows| rows.iter().any(|row| row["title"] == title))
        };
        self.requests().iter().filter(carries).count()
    }

    /// Checks by the server's own log that no natural key was created twice.
    #[track_caller]
    pub fn assert_no_double_create(&self) {
        assert_once(&self.created());
    }

    fn created(&self) -> Created {
        let mut created = Created::new();
        for request in self.requests() {
            for template in request["created"].as_array().into_iter().flatten() {
                *created.entry(template["naturalKey"].to_string()).or_default() += 1;
            }
        }
        created
    }
}

/// Every passing test ends with a check of the sandbox's log.
impl Drop for Sandbox {
    fn drop(&mut self) {
        let created = if std::thread::panicking() { BTreeMap::new() } else { self.created() };
        let _ = self.process.kill();
        let _ = self.process.wait();
        assert_once(&created);
    }
}

/// How often the server created a template for each natural key.
type Created = BTreeMap<String, usize>;

#[track_caller]
fn assert_once(created: &Created) {
    let doubled: Vec<_> = created.iter().filter(|(_, count)| **count > 1).collect();
    assert!(doubled.is_empty(), "created more than once: {doubled:?}");
}

fn unchunked(mut body: &str) -> String {
    let mut whole = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let size = usize::from_str_radix(size.trim(), 16).unwrap();
        if size == 0 {
            break;
        }
        whole.push_str(&rest[..size]);
        body = rest[size..].trim_start_matches("\r\n");
    }
    whole
}
