//! The parts of GitHub's and GitLab's APIs that deal with comments and issues.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

/// The account of the scripts on GitHub.
pub const BOT: &str = "github-actions[bot]";
/// The account of the scripts on GitLab.
const BOT_ID: u64 = 7;

#[derive(Default)]
struct Held {
    comments: Vec<Value>,
    issues: Vec<Value>,
    pulls: Value,
    artifacts: BTreeMap<String, String>,
    denies: Option<u16>,
    requests: Vec<String>,
}

/// The server; its thread ends with the process.
pub struct Forge {
    pub url: String,
    held: Arc<Mutex<Held>>,
}

impl Forge {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let held = Arc::new(Mutex::new(Held { pulls: json!([]), ..Held::default() }));
        let shared = Arc::clone(&held);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                // The client may have disconnected.
                let _ = answer(stream.unwrap(), &shared);
            }
        });
        Self { url, held }
    }

    /// Adds a comment of another user.
    pub fn comment(&self, login: &str, body: &str) {
        add(&mut self.held.lock().unwrap().comments, login, 1, body);
    }

    /// Adds an issue of another user.
    pub fn issue(&self, login: &str, body: &str) {
        open(&mut self.held.lock().unwrap().issues, login, 1, &json!({ "title": "other", "body": body }));
    }

    /// State, title and text of the issues.
    pub fn issues(&self) -> Vec<(String, String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let held = self.held.lock().unwrap();
        let issue = |issue: &Value| (text(&issue["state"]), text(&issue["title"]), text(&issue["body"]));
        held.issues.iter().map(issue).collect()
    }

    /// The open pull requests.
    pub fn pulls(&self, pulls: Value) {
        self.held.lock().unwrap().pulls = pulls;
    }

    /// Keeps a file that a job left, for everybody.
    pub fn artifact(&self, name: &str, text: &str) {
        self.held.lock().unwrap().artifacts.insert(name.to_owned(), text.to_owned());
    }

    /// Answers every further request with this status.
    pub fn denies(&self, status: u16) {
        self.held.lock().unwrap().denies = Some(status);
    }

    /// Authors and texts of the comments.
    pub fn comments(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let held = self.held.lock().unwrap();
        held.comments.iter().map(|c| (text(&c["user"]["login"]), text(&c["body"]))).collect()
    }

    /// Method and path of every request.
    pub fn requests(&self) -> Vec<String> {
        self.held.lock().unwrap().requests.clone()
    }
}

fn add(comments: &mut Vec<Value>, login: &str, author: u64, body: &str) {
    let id = comments.len() + 1;
    comments.push(json!({ "id": id, "user": { "login": login }, "author": { "id": author }, "body": body }));
}

/// GitHub calls its number `number` and its text `body`, GitLab `iid` and `description`.
fn open(issues: &mut Vec<Value>, login: &str, author: u64, sent: &Value) {
    let number = issues.len() + 1;
    let body = sent.get("body").or_else(|| sent.get("description")).unwrap();
    issues.push(json!({
        "number": number, "iid": number, "title": sent["title"], "body": body, "description": body, "state": "open",
        "user": { "login": login }, "author": { "id": author }
    }));
}

/// Changes an issue as either of the two is asked to.
fn change(issue: &mut Value, sent: &Value) {
    if let Some(body) = sent.get("body").or_else(|| sent.get("description")) {
        issue["body"] = body.clone();
        issue["description"] = body.clone();
    }
    if sent["state"] == "closed" || sent["state_event"] == "close" {
        issue["state"] = json!("closed");
    }
}

fn answer(mut stream: TcpStream, held: &Mutex<Held>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut head = String::new();
    let mut length = 0;
    let mut token = false;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line == "\r\n" {
            break;
        }
        let lower = line.to_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        token |=
            line.trim_end() == "Authorization: Bearer token" || line.trim_end() == "PRIVATE-TOKEN: token";
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let mut words = head.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let path = target.split('?').next().unwrap_or_default();
    let (status, text) = if path.contains("/jobs/artifacts/") {
        let mut held = held.lock().unwrap();
        held.requests.push(format!("{method} {path}"));
        let kept = held.artifacts.get(path.rsplit('/').next().unwrap_or_default());
        kept.map_or((404, String::new()), |text| (200, text.clone()))
    } else if token {
        let (status, answer) = respond(&mut held.lock().unwrap(), method, target, &body);
        (status, answer.to_string())
    } else {
        (401, "null".to_owned())
    };
    write!(stream, "HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{text}", text.len())
}

fn respond(held: &mut Held, method: &str, target: &str, body: &[u8]) -> (u16, Value) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    held.requests.push(format!("{method} {path}"));
    if let Some(status) = held.denies {
        return (status, json!({ "message": "Resource not accessible by integration" }));
    }
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = || body["body"].as_str().unwrap().to_owned();
    let page = |all: Vec<Value>| -> Value {
        let page: usize = query.split("&page=").nth(1).unwrap().parse().unwrap();
        all.into_iter().skip(100 * (page - 1)).take(100).collect()
    };
    let is_issue = path.split('/').rev().nth(1) == Some("issues");
    match (method, path.rsplit('/').next().unwrap()) {
        ("GET", "issues") => {
            let is_open = |issue: &&Value| issue["state"] == "open";
            (200, page(held.issues.iter().filter(is_open).cloned().collect()))
        }
        ("POST", "issues") => {
            open(&mut held.issues, BOT, BOT_ID, &body);
            (201, held.issues.last().cloned().unwrap())
        }
        ("PATCH" | "PUT", number) if is_issue => {
            let number: usize = number.parse().unwrap();
            change(&mut held.issues[number - 1], &body);
            (200, held.issues[number - 1].clone())
        }
        ("GET", "pulls") => (200, held.pulls.clone()),
        ("GET", "user") => (200, json!({ "id": BOT_ID })),
        ("GET", "comments" | "notes") => (200, page(held.comments.clone())),
        ("POST", "comments" | "notes") => {
            add(&mut held.comments, BOT, BOT_ID, &text());
            (201, json!({}))
        }
        ("PATCH" | "PUT", id) => {
            let id: usize = id.parse().unwrap();
            held.comments[id - 1]["body"] = json!(text());
            (200, json!({}))
        }
        _ => (404, json!({ "message": "Not Found" })),
    }
}
