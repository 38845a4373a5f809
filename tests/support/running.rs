//! A running command.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{Project, Run, Sandbox};

/// Longer than anything takes on a busy machine; a test that waits this long has failed.
pub const PATIENCE: Duration = Duration::from_secs(40);

/// A process that is killed when dropped.
pub struct Running(Option<Child>);

impl Project {
    /// Starts a command without waiting for it.
    pub fn start(&self, arguments: &[&str]) -> Running {
        Running::start(&mut self.command(arguments))
    }

    /// Starts a command that waits when it comes to this point (`crash::Point`), until the file exists.
    pub fn start_waiting(&self, arguments: &[&str], point: &str) -> (Running, PathBuf) {
        let resume = self.file("resume");
        let mut command = self.command(arguments);
        command.env("CERTCTL_PAUSE_AT", format!("{point}:1")).env("CERTCTL_RESUME", &resume);
        (Running::start(&mut command), resume)
    }

    /// Starts an apply that waits right before it sends, until the file exists.
    pub fn held_up(&self) -> (Running, PathBuf) {
        self.start_waiting(&["apply", "--auto-approve", "--json"], "request-ready")
    }

    /// Runs a command; returns the points that it comes to (`crash::Point`), each as often as it comes to it.
    pub fn traced(&self, arguments: &[&str]) -> (Run, Vec<String>) {
        let trace = self.file("trace.txt");
        let run = Run::of(self.command(arguments).env("CERTCTL_CRASH_TRACE", &trace).output().unwrap());
        let points = std::fs::read_to_string(trace).unwrap_or_default();
        (run, points.lines().map(str::to_owned).collect())
    }

    /// The points that a whole apply comes to, with how often.
    pub fn points_of_apply(&self) -> BTreeMap<String, usize> {
        let (run, points) = self.traced(&["apply", "--auto-approve"]);
        run.exits(0);
        counted(points)
    }
}

impl Running {
    pub fn start(command: &mut Command) -> Self {
        Self(Some(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()))
    }

    pub fn child(&mut self) -> &mut Child {
        self.0.as_mut().unwrap()
    }

    /// Sends a signal, such as `TERM`.
    pub fn signal(&mut self, name: &str) {
        let process = self.child().id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &process]).status().unwrap().success());
    }

    pub fn kill(mut self) {
        let mut child = self.0.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Waits for its end.
    pub fn end(mut self) -> Run {
        Run::of(self.0.take().unwrap().wait_with_output().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// How often there is each of these.
pub fn counted(points: Vec<String>) -> BTreeMap<String, usize> {
    let mut times = BTreeMap::new();
    for point in points {
        *times.entry(point).or_default() += 1;
    }
    times
}

/// Waits until a condition holds.
#[track_caller]
pub fn until(what: &str, is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

impl Sandbox {
    /// Waits until the server has read this many requests.
    #[track_caller]
    pub fn has_read(&self, requests: usize) {
        until("the request", || self.requests().len() >= requests);
    }
}
