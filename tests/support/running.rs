//! A running command.

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
