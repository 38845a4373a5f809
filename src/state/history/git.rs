//! Runs git with limits on time and bytes. It never runs hooks, filters or other programs, and never connects
//! anywhere.

use std::ffi::OsStr;
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::blobs::Blobs;
use super::log::short_name;
use super::walk::{HistoryWalk, is_id};
use super::{LookLimits, Unchecked};
use crate::state::FORMAT as STATE_FORMAT;

/// Git takes each path literally.
const PATHS: &str = "--literal-pathspecs";
/// Git takes paths as patterns.
const PATTERNS: &str = "--glob-pathspecs";

/// Git takes each path as it is, for commands that refuse the others. It changes nothing else for them.
const PLAIN: &str = "--no-optional-locks";

/// A repository, with the remaining time and bytes.
pub(super) struct Git {
    root: PathBuf,
    deadline: Instant,
    bytes: u64,
}

/// What kind of clone a repository is.
pub(super) struct CloneOf {
    pub(super) is_shallow: bool,
    /// The commit that is checked out, if any.
    pub(super) head: Option<String>,
    /// The ref of the commit that is being merged into it, if a merge is in progress and not committed.
    pub(super) merging: Option<&'static str>,
    /// Whether a commit is checked out instead of a branch.
    pub(super) is_detached: bool,
    /// Whether `git stash` has entries.
    pub(super) has_stashes: bool,
    /// The files that cut the past of commits off: of a shallow clone, and of grafts.
    cuts: [PathBuf; 2],
}

impl CloneOf {
    /// Whether the past of each commit is there as it was made, also at this moment.
    pub(super) fn has_whole_past(&self) -> bool {
        !self.is_shallow && !self.cuts.iter().any(|cut| cut.exists())
    }
}

/// The ref of the commit that is being merged into the one that is checked out.
pub(super) const MERGE_HEAD: &str = "MERGE_HEAD";

/// A running git process; dropping it ends the process.
pub(super) struct Running {
    child: Child,
    output: Receiver<io::Result<Vec<u8>>>,
    errors: Receiver<io::Result<Vec<u8>>>,
}

impl Git {
    pub(super) fn new(root: &Path, limits: LookLimits) -> Self {
        Self { root: root.to_owned(), deadline: Instant::now() + limits.time, bytes: limits.bytes }
    }

    /// The time that is left, to be given back by [`Self::resume`]: what the caller does meanwhile does not count.
    pub(super) fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    pub(super) fn resume(&mut self, left: Duration) {
        self.deadline = Instant::now() + left;
    }

    /// The folder that the repository belongs to.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Starts to ask for the kind of this clone.
    pub(super) fn start_clone_of(&self) -> Result<Running, Unchecked> {
        let questions = [
            "rev-parse",
            "--is-shallow-repository",
            "--git-path",
            MERGE_HEAD,
            "--git-path",
            "shallow",
            "--git-path",
            "info/grafts",
            "HEAD",
            "--symbolic-full-name",
            "HEAD",
            "refs/stash",
        ];
        self.start(&questions, None)
    }

    /// Waits for the kind of this clone.
    pub(super) fn clone_of(&mut self, running: Running) -> Result<CloneOf, Unchecked> {
        // Before the first commit, and without a stash, git fails, but the lines before that are printed all the same.
        let (output, errors, has_stashes) = self.finish(running)?;
        let text = String::from_utf8_lossy(&output).into_owned();
        let mut lines = text.lines();
        let is_shallow = match lines.next() {
            Some("true") => true,
            Some("false") => false,
            _ => return Err(failure(&errors)),
        };
        let mut path = || lines.next().map(|path| self.root.join(path)).ok_or_else(|| failure(&errors));
        let (merging, cuts) = (path()?, [path()?, path()?]);
        let head = lines.next().filter(|line| is_id(line)).map(str::to_owned);
        let is_detached = head.is_some() && lines.next() == Some("HEAD");
        let merging = (head.is_some() && merging.exists()).then_some(MERGE_HEAD);
        Ok(CloneOf { is_shallow, head, merging, is_detached, has_stashes, cuts })
    }

    /// The output of git for these arguments, about one file or all.
    pub(super) fn ask(&mut self, arguments: &[&str], name: Option<&Path>) -> Result<String, Unchecked> {
        let running = self.start(arguments, name)?;
        Ok(String::from_utf8_lossy(&self.end(Some(running))?).into_owned())
    }

    /// Waits for a process that was started.
    pub(super) fn end(&mut self, running: Option<Running>) -> Result<Vec<u8>, Unchecked> {
        let Some(running) = running else { return Ok(Vec::new()) };
        let (output, errors, succeeded) = self.finish(running)?;
        if succeeded { Ok(output) } else { Err(failure(&errors)) }
    }

    /// The best-known ref of the commit, as people type it.
    pub(super) fn name_of(&mut self, commit: &str) -> Result<String, Unchecked> {
        let contains = format!("--contains={commit}");
        let running = self.start(&["for-each-ref", "--format=%(refname)", &contains], None)?;
        let output = self.end(Some(running))?;
        let text = String::from_utf8_lossy(&output);
        let names = || text.lines().filter(|name| !name.ends_with("/HEAD"));
        let ranks: [fn(&str) -> bool; 4] = [
            |name| ["refs/remotes/origin/main", "refs/remotes/origin/master"].contains(&name),
            |name| ["refs/heads/main", "refs/heads/master"].contains(&name),
            |name| name.starts_with("refs/remotes/"),
            |name| name.starts_with("refs/heads/"),
        ];
        let best = ranks.into_iter().find_map(|rank| names().find(|name| rank(name))).or(names().next());
        best.map(|name| short_name(name).to_owned()).ok_or_else(|| Unchecked::Failed(String::new()))
    }

    /// The files of a commit that contain this text.
    pub(super) fn files_with(&mut self, text: &str, commit: &str) -> Result<Vec<PathBuf>, Unchecked> {
        let arguments = [
            "grep",
            "--files-with-matches",
            "--null",
            "--full-name",
            "--no-color",
            "--no-textconv",
            "--no-recurse-submodules",
            "--fixed-strings",
            "-e",
            text,
            commit,
            "--",
        ];
        let running = self.start(&arguments, None)?;
        let (output, errors, succeeded) = self.finish(running)?;
        // Git also fails, without a message, if there are none.
        if !succeeded && !errors.is_empty() {
            return Err(failure(&errors));
        }
        let prefix = format!("{commit}:");
        let names = output.split(|byte| *byte == 0).map(|name| String::from_utf8_lossy(name).into_owned());
        Ok(names.filter_map(|name| Some(PathBuf::from(name.strip_prefix(&prefix)?))).collect())
    }

    /// The JSON files that the commits up to this one removed, the youngest first, each with a commit that still has
    /// it.
    pub(super) fn removed(&mut self, commit: &str) -> Result<Vec<(String, PathBuf)>, Unchecked> {
        // Only files that contained a state: others may be many and large.
        let with_format = format!("-S{STATE_FORMAT}");
        let arguments = [
            "log",
            "-z",
            "--format=commit %P",
            "--full-history",
            "--name-only",
            "--diff-filter=D",
            &with_format,
            "--no-renames",
            "--no-color",
            "--no-ext-diff",
            "--no-mailmap",
            "--no-notes",
            "--no-show-signature",
            "--no-textconv",
            commit,
            "--",
            "**/*.json",
        ];
        let running = self.start_with(PATTERNS, &arguments, None)?;
        let output = self.end(Some(running))?;
        let mut parent = String::new();
        let mut removed = Vec::new();
        for part in output.split(|byte| *byte == 0) {
            let part = String::from_utf8_lossy(part);
            let part = part.trim_start_matches('\n');
            match part.strip_prefix("commit ") {
                Some(parents) => parents.split(' ').next().unwrap_or_default().clone_into(&mut parent),
                // Git is queried line by line.
                None if part.is_empty() || parent.is_empty() || part.contains('\n') => {}
                None => removed.push((parent.clone(), PathBuf::from(part))),
            }
        }
        Ok(removed)
    }

    /// The content of an object: an id, or `COMMIT:path`.
    pub(super) fn content(&mut self, object: &OsStr) -> Result<Vec<u8>, Unchecked> {
        let running = self.start(&["cat-file", "blob"], Some(Path::new(object)))?;
        self.end(Some(running))
    }

    /// The contents of the repository.
    pub(super) fn blobs(&self) -> Blobs {
        Blobs::new(self.command(PATHS, &["cat-file", "--batch"], None), self.bytes, self.deadline)
    }

    pub(super) fn start(&self, arguments: &[&str], path: Option<&Path>) -> Result<Running, Unchecked> {
        self.start_with(PATHS, arguments, path)
    }

    /// Starts git for a command that takes a whole path and no patterns.
    pub(super) fn start_plain(&self, arguments: &[&str], path: &Path) -> Result<Running, Unchecked> {
        self.start_with(PLAIN, arguments, Some(path))
    }

    /// Starts git with the revisions of a walk as its input: there may be too many for arguments.
    pub(super) fn start_asking(&self, arguments: &[&str], walk: &HistoryWalk) -> Result<Running, Unchecked> {
        let mut command = self.command(PATHS, arguments, Some(walk.name.as_os_str()));
        let mut running = Running::of(command.stdin(Stdio::piped()), self.bytes)?;
        if let Some(mut input) = running.child.stdin.take() {
            let revisions = walk.revisions.iter().map(|revision| format!("{revision}\n")).collect::<String>();
            // If git ends before it has read them, it says why.
            thread::spawn(move || input.write_all(revisions.as_bytes()));
        }
        Ok(running)
    }

    fn start_with(
        &self,
        pathspecs: &str,
        arguments: &[&str],
        path: Option<&Path>,
    ) -> Result<Running, Unchecked> {
        let mut command = self.command(pathspecs, arguments, path.map(Path::as_os_str));
        Running::of(command.stdin(Stdio::null()), self.bytes)
    }

    /// Counts bytes that were read elsewhere.
    pub(super) fn spend(&mut self, bytes: u64) -> Result<(), Unchecked> {
        self.bytes = self.bytes.checked_sub(bytes).ok_or(Unchecked::TooLarge)?;
        Ok(())
    }

    /// The output, the error output, and whether the process succeeded.
    pub(super) fn finish(&mut self, mut running: Running) -> Result<(Vec<u8>, Vec<u8>, bool), Unchecked> {
        let output = receive(&running.output, self.deadline)?.map_err(|_| Unchecked::TooLarge)?;
        self.bytes = self.bytes.saturating_sub(output.len() as u64);
        // It closed its output, so it is about to end.
        let errors = receive(&running.errors, self.deadline)?.unwrap_or_default();
        let status = running.child.wait().map_err(|error| Unchecked::Failed(error.to_string()))?;
        Ok((output, errors, status.success()))
    }

    /// A git that runs no other program: settings of the repository, or of anyone who wrote files into it, cannot
    /// make it start one or connect anywhere.
    fn command(&self, pathspecs: &str, arguments: &[&str], path: Option<&OsStr>) -> Command {
        let mut command = Command::new("git");
        for (name, _) in std::env::vars_os() {
            let name_text = name.to_string_lossy();
            // The repository is the one with the state, whatever the environment says; and keys are not passed to
            // git.
            if ["GIT_", "CERTCTL_", "TI_"].iter().any(|start| name_text.starts_with(start)) {
                command.env_remove(&name);
            }
        }
        command
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_ALLOW_PROTOCOL", "")
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("LC_ALL", "C")
            // Not as the working directory: a search path may be relative.
            .arg("-C")
            .arg(&self.root)
            .args(["--no-pager", pathspecs])
            .args(["-c", "safe.bareRepository=explicit", "-c", "core.fsmonitor=false"])
            .args(["-c", "core.hooksPath=/dev/null", "-c", "protocol.allow=never"])
            .args(["-c", "log.showSignature=false", "-c", "log.follow=false"])
            .args(["-c", "log.showRoot=true", "-c", "log.diffMerges=separate"])
            .args(arguments)
            .args(path)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }
}

impl Running {
    fn of(command: &mut Command, bytes: u64) -> Result<Self, Unchecked> {
        let mut child = command.spawn().map_err(|error| not_started(&error))?;
        let output = collect(child.stdout.take(), bytes);
        let errors = collect(child.stderr.take(), 4096);
        Ok(Self { child, output, errors })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// Ends a process, whatever it is doing.
pub(super) fn end(child: &mut Child) {
    // It may have ended already.
    let _ = child.kill();
    let _ = child.wait();
}

pub(super) fn not_started(error: &io::Error) -> Unchecked {
    match error.kind() {
        io::ErrorKind::NotFound => Unchecked::NoGit,
        _ => Unchecked::Failed(error.to_string()),
    }
}

pub(super) fn failure(errors: &[u8]) -> Unchecked {
    let text = String::from_utf8_lossy(errors);
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("git failed");
    Unchecked::Failed(line.trim_start_matches("fatal: ").to_owned())
}

/// Reads a pipe to its end on its own thread, so that waiting can be given up. More than `most` bytes are an error.
fn collect(pipe: Option<impl Read + Send + 'static>, most: u64) -> Receiver<io::Result<Vec<u8>>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = match pipe {
            Some(pipe) => pipe.take(most.saturating_add(1)).read_to_end(&mut bytes),
            None => Ok(0),
        };
        let is_too_much = bytes.len() as u64 > most;
        let answer = match read {
            Ok(_) if is_too_much => Err(io::ErrorKind::FileTooLarge.into()),
            Ok(_) => Ok(bytes),
            Err(error) => Err(error),
        };
        // The receiver is gone if the caller gave up waiting.
        let _ = sender.send(answer);
    });
    receiver
}

pub(super) fn receive<T>(receiver: &Receiver<T>, deadline: Instant) -> Result<T, Unchecked> {
    receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())).map_err(|error| match error {
        RecvTimeoutError::Timeout => Unchecked::TooLong,
        RecvTimeoutError::Disconnected => Unchecked::Failed("git ended too early".to_owned()),
    })
}
