//! Shared by the end-to-end tests: a project in a temporary directory, the real binary, and a sandbox process.
#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

pub mod running;
#[cfg(unix)]
pub mod terminal;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// The key of these tests' sandbox; it looks different in each encoding.
pub const KEY: &str = "marked+key/8d1f=Z";

/// The result of a command.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Checks the exit code; prints everything if it is wrong.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "exit code\n--- stdout\n{}\n--- stderr\n{}", self.stdout, self.stderr);
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        for said in [&self.stdout, &self.stderr] {
            assert!(!said.contains("(os error "), "a number for programmers\n{said}");
        }
        assert!(!self.stdout.contains(KEY) && !self.stderr.contains(KEY), "the key was printed");
        self
    }

    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(
            self.stdout.contains(text) || self.stderr.contains(text),
            "{text:?} is missing\n--- stdout\n{}\n--- stderr\n{}",
            self.stdout,
            self.stderr
        );
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("stdout is not JSON ({error})\n{}\n{}", self.stdout, self.stderr))
    }
}

/// A directory that cannot exist: a process with this home stores nothing there.
pub const NO_HOME: &str = "/dev/null/home";

/// Gives a process a temporary home, so that no test touches the real one.
pub fn at_home(command: &mut Command, home: &Path) {
    command.env("HOME", home).env("XDG_STATE_HOME", home.join("state")).env_remove("XDG_RUNTIME_DIR");
}

/// A certctl process with a clean environment and no home.
pub fn certctl() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_certctl"));
    for (name, _) in std::env::vars() {
        if name.starts_with("CERTCTL_") || name.starts_with("TI_") || name.to_lowercase().ends_with("_proxy")
        {
            command.env_remove(name);
        }
    }
    command
        .env_remove("CLICOLOR_FORCE")
        .env_remove("CLICOLOR")
        .env_remove("COLUMNS")
        .env("NO_COLOR", "1")
        .stdin(Stdio::null());
    at_home(&mut command, Path::new(NO_HOME));
    command
}

/// A project in a temporary directory, with a temporary home for its user.
pub struct Project {
    folder: tempfile::TempDir,
    home: tempfile::TempDir,
    env: BTreeMap<String, String>,
}

impl Project {
    /// An empty project directory.
    pub fn empty() -> Self {
        let folder = || tempfile::tempdir().unwrap();
        Self { folder: folder(), home: folder(), env: BTreeMap::new() }
    }

    /// A project whose environment `test` is this sandbox, with these lines in its `api` table.
    pub fn on(sandbox: &Sandbox, api: &str) -> Self {
        let mut project = Self::empty();
        project.configure(&sandbox.url, api);
        project.env.insert("CERTCTL_API_KEY".to_owned(), KEY.to_owned());
        project
    }

    pub fn configure(&self, url: &str, api: &str) {
        self.write(
            "certctl.toml",
            format!(
                "default_environment = \"test\"\n[environments.test]\nurl = \"{url}\"\n\
                 [environments.test.api]\nrequests_per_minute = 60000\n{api}\n\
                 [environments.test.safety]\nmax_change_percent = 100\n"
            ),
        );
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Makes this machine forget all states.
    pub fn forget_marks(&self) {
        std::fs::remove_dir_all(self.home()).unwrap();
    }

    /// The home of the user who runs commands here.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Where certctl keeps this user's files outside of projects.
    pub fn state_home(&self) -> PathBuf {
        self.home().join("state")
    }

    /// The newest state that is kept for this user.
    pub fn mark(&self) -> PathBuf {
        let files = std::fs::read_dir(self.state_home().join("certctl/marks")).unwrap();
        let is_state = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "json");
        let mut marks: Vec<PathBuf> = files.map(|file| file.unwrap().path()).filter(is_state).collect();
        assert_eq!(marks.len(), 1, "{marks:?}");
        marks.remove(0)
    }

    /// Makes commands run as on a machine that never wrote this state.
    pub fn on_another_machine(&self) {
        // Nothing may be stored here yet.
        let _ = std::fs::remove_dir_all(self.state_home());
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub fn set_env(&mut self, name: &str, value: &str) {
        self.env.insert(name.to_owned(), value.to_owned());
    }

    pub fn unset_env(&mut self, name: &str) {
        self.env.remove(name);
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.file(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.file(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Writes `templates/all.yaml` with these templates.
    pub fn templates(&self, templates: &[Template]) {
        let text: String = templates.iter().map(Template::yaml).collect();
        self.write("templates/all.yaml", format!("templates:\n{text}"));
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = certctl();
        at_home(&mut command, self.home());
        command.args(arguments).current_dir(self.path()).envs(&self.env);
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).output().unwrap())
    }

    /// A command that a script runs as `"$@"`.
    pub fn in_shell(&self, script: &str, arguments: &[&str]) -> Run {
        let inner = self.command(arguments);
        let mut shell = Command::new("sh");
        shell.args(["-c", script, "sh"]).arg(inner.get_program()).args(inner.get_args());
        shell.current_dir(self.path()).stdin(Stdio::null());
        for (name, value) in inner.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        Run::of(shell.output().unwrap())
    }

    /// `apply --auto-approve`.
    pub fn apply(&self) -> Run {
        self.run(&["apply", "--auto-approve"])
    }

    /// `apply --auto-approve --json`, as JSON.
    #[track_caller]
    pub fn apply_json(&self, code: i32) -> Value {
        self.run(&["apply", "--auto-approve", "--json"]).exits(code).json()
    }

    /// `plan --json`, as JSON.
    #[track_caller]
    pub fn plan_json(&self) -> Value {
        self.run(&["plan", "--json"]).exits(0).json()
    }

    /// The state file.
    pub fn state(&self) -> Value {
        serde_json::from_str(&self.read("state/test.json")).unwrap()
    }

    /// One row of the state file.
    pub fn row(&self, key: &str) -> Value {
        self.state()["templates"][key].clone()
    }

    /// Every file in the directory with its contents, to check that a command changed nothing.
    pub fn snapshot(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut folders = vec![self.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if let Ok(content) = std::fs::read(&path) {
                    files.insert(path, content);
                }
            }
        }
        files
    }
}

/// A template for its own course.
#[derive(Clone, Debug)]
pub struct Template {
    pub key: String,
    pub title: String,
    pub resource: String,
    pub more: String,
}

impl Template {
    /// The template number `number`: key `t-NNN`, title `Title NNN`.
    pub fn number(number: u32) -> Self {
        Self {
            key: format!("t-{number:03}"),
            title: format!("Title {number:03}"),
            resource: format!("00000000-0000-4000-8000-{number:012}"),
            more: String::new(),
        }
    }

    pub fn titled(mut self, title: &str) -> Self {
        title.clone_into(&mut self.title);
        self
    }

    pub fn keyed(mut self, key: &str) -> Self {
        key.clone_into(&mut self.key);
        self
    }

    /// Adds a line of YAML.
    pub fn with(mut self, line: &str) -> Self {
        self.more.push_str(&format!("    {line}\n"));
        self
    }

    pub fn yaml(&self) -> String {
        let Self { key, title, resource, more } = self;
        format!(
            "  {key}:\n    title: \"{title}\"\n    resourceType: course\n    resourceId: {resource}\n{more}"
        )
    }
}

/// The templates with these numbers.
pub fn numbered(numbers: std::ops::RangeInclusive<u32>) -> Vec<Template> {
    numbers.map(Template::number).collect()
}

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
