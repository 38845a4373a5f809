//! The lock file, or the state's whole directory, is removed during a run, and a second run starts.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "the lint knows test functions, not the functions that they share")]

#[path = "lost_lock/a_run_from_elsewhere.rs"]
mod a_run_from_elsewhere;
#[path = "lost_lock/the_lock_outside_of_the_folder.rs"]
mod the_lock_outside_of_the_folder;

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::PathBuf;
use std::process::{ChildStderr, Command};

use certctl::crash::Point;
use tempfile::TempDir;

use crate::support::running::Running;
use crate::support::{Project, Run, Sandbox, Template, numbered};

const JOURNAL: &str = "state/test.json.journal";
const LOCK: &str = "state/test.json.lock";

/// Requests one after the other, one row each.
const ONE_BY_ONE: &str = "batch_size = 1\nconcurrency = 1";

/// A run that waits at a point until it may continue.
struct Paused {
    run: Running,
    told: BufReader<ChildStderr>,
    /// It continues once this file exists.
    folder: TempDir,
}

impl Paused {
    /// An apply that waits when it reaches the point for the `passage`th time.
    fn apply(project: &Project, point: Point, passage: usize) -> Self {
        Self::start(project.command(&["apply", "--auto-approve", "--json"]), point, passage)
    }

    fn start(mut command: Command, point: Point, passage: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let resume = folder.path().join("resume");
        command.env("CERTCTL_PAUSE_AT", format!("{}:{passage}", point.name()));
        let mut run = Running::start(command.env("CERTCTL_RESUME", &resume));
        let mut told = BufReader::new(run.child().stderr.take().unwrap());
        let mut line = String::new();
        while told.read_line(&mut line).unwrap() > 0 && !line.contains("waiting at ") {
            line.clear();
        }
        assert!(line.contains(point.name()), "it never came to {point:?}");
        Self { run, told, folder }
    }

    /// Lets it continue.
    fn resumed(self) -> Self {
        fs::write(self.folder.path().join("resume"), "").unwrap();
        self
    }

    /// Waits for a line of its output.
    #[track_caller]
    fn says(&mut self, text: &str) {
        let mut line = String::new();
        while self.told.read_line(&mut line).unwrap() > 0 && !line.contains(text) {
            line.clear();
        }
        assert!(line.contains(text), "{text:?} was not said");
    }

    /// Lets it continue to its end.
    fn end(self) -> Run {
        let mut this = self.resumed();
        let mut stderr = String::new();
        this.told.read_to_string(&mut stderr).unwrap();
        Run { stderr, ..this.run.end() }
    }
}

/// Two of six templates, one per request, are on the server; the second is not answered yet.
fn two_of_six(sandbox: &Sandbox, project: &Project) -> Paused {
    project.templates(&numbered(1..=6));
    let first = Paused::apply(project, Point::AnswerComplete, 2);
    assert_eq!(sandbox.requests().len(), 2);
    first
}

fn remove_lock(project: &Project) {
    fs::remove_file(project.file(LOCK)).unwrap();
}

fn remove_folder(project: &Project) {
    fs::remove_dir_all(project.file("state")).unwrap();
}

/// Another user or machine, which does not share the first one's locks.
struct Elsewhere(TempDir);

impl Elsewhere {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A command in the same project.
    fn command(&self, project: &Project, arguments: &[&str]) -> Command {
        let mut command = project.command(arguments);
        command.env("XDG_STATE_HOME", self.0.path());
        command
    }

    fn run(&self, project: &Project, arguments: &[&str]) -> Run {
        Run::of(self.command(project, arguments).output().unwrap())
    }
}

/// Checks that every template is on the server once, that the state knows them all, and that nothing is left to do.
#[track_caller]
fn all_six_once(sandbox: &Sandbox, project: &Project) {
    sandbox.assert_no_double_create();
    assert_eq!(sandbox.templates().len(), 6);
    project.run(&["plan"]).exits(0).says("No changes.");
    for number in 1..=6 {
        let row = project.row(&format!("t-{number:03}"));
        assert_eq!(row["id"], sandbox.id_of(&format!("Title {number:03}")).as_str());
    }
}

mod the_second_run_is_kept_out {
    use super::*;

    #[track_caller]
    fn while_the_first_runs(remove: fn(&Project)) {
        let sandbox = Sandbox::start(&["--no-upsert"]);
        let project = Project::on(&sandbox, ONE_BY_ONE);
        let first = two_of_six(&sandbox, &project);
        remove(&project);
        for command in [
            &["apply", "-y"][..],
            &["import", "t-006", "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01"],
            &["state", "rm", "t-001", "-y"],
        ] {
            let run = project.run(&[command, &["--lock-timeout", "0s"]].concat()).exits(6);
            run.says("`certctl apply` of ").says("--lock-timeout");
        }
        project.run(&["plan"]).exits(0).says("is writing this state now");
        let result = first.end().exits(3).json();
        assert_eq!((&result["summary"]["created"], &result["summary"]["not_sent"]), (&2.into(), &4.into()));
        assert_eq!(sandbox.requests().len(), 2, "nothing more was sent");
        assert_eq!(project.apply_json(0)["summary"]["created"], 4);
        all_six_once(&sandbox, &project);
    }

    #[test]
    fn after_the_lock_file_is_removed() {
        while_the_first_runs(remove_lock);
    }

    #[test]
    fn after_the_folder_is_removed() {
        while_the_first_runs(remove_folder);
    }

    #[test]
    fn after_the_folder_is_made_again() {
        while_the_first_runs(|project| {
            remove_folder(project);
            fs::create_dir(project.file("state")).unwrap();
        });
    }

    #[test]
    fn after_a_timeout_it_gets_its_turn() {
        let sandbox = Sandbox::start(&["--no-upsert"]);
        let project = Project::on(&sandbox, ONE_BY_ONE);
        let first = two_of_six(&sandbox, &project);
        remove_folder(&project);
        let mut second = project.start(&["apply", "-y", "--lock-timeout", "10m"]);
        // Otherwise it might start only after the first one has ended.
        let mut told = BufReader::new(second.child().stderr.take().unwrap());
        let mut line = String::new();
        told.read_line(&mut line).unwrap();
        assert!(line.contains("waiting for `certctl apply` of "), "it did not wait: {line:?}");
        assert_eq!(sandbox.requests().len(), 2, "it sent something meanwhile");
        first.end().exits(3);
        second.end().exits(0);
        all_six_once(&sandbox, &project);
    }
}

mod nothing_more_is_sent {
    use super::*;

    /// An apply of three templates, one per request, that has recorded its second request but not sent it.
    fn before_the_second_request() -> (Sandbox, Project, Paused) {
        let sandbox = Sandbox::start(&["--no-upsert"]);
        let project = Project::on(&sandbox, ONE_BY_ONE);
        project.templates(&numbered(1..=3));
        let run = Paused::apply(&project, Point::RequestReady, 2);
        (sandbox, project, run)
    }

    /// The result if the files change now.
    #[track_caller]
    fn when(change: fn(&Project)) {
        let (sandbox, project, run) = before_the_second_request();
        change(&project);
        let result = run.end().exits(3).json();
        assert_eq!(sandbox.requests().len(), 1, "the intent was recorded, and nothing was sent");
        assert_eq!(result["requests"], 1);
        assert_eq!((&result["summary"]["created"], &result["summary"]["not_sent"]), (&1.into(), &2.into()));
        assert_eq!(project.apply_json(0)["summary"]["created"], 2);
        project.run(&["plan"]).exits(0).says("No changes.");
    }

    #[test]
    fn without_the_lock_file() {
        when(remove_lock);
    }

    #[test]
    fn with_another_lock_file() {
        when(|project| {
            remove_lock(project);
            fs::write(project.file(LOCK), "").unwrap();
        });
    }

    #[test]
    fn with_a_link_to_the_lock_file() {
        let (sandbox, project, run) = before_the_second_request();
        fs::rename(project.file(LOCK), project.file("state/moved")).unwrap();
        std::os::unix::fs::symlink("moved", project.file(LOCK)).unwrap();
        run.end().exits(3);
        assert_eq!(sandbox.requests().len(), 1);
        project.run(&["apply", "-y"]).exits(1).says("test.json.lock: it is a symbolic link");
    }

    #[test]
    fn without_the_journal() {
        when(|project| fs::remove_file(project.file(JOURNAL)).unwrap());
    }

    #[test]
    fn without_the_folder() {
        when(remove_folder);
    }

    /// Not even a harmless query: another run queries the job now.
    #[test]
    fn for_a_job_without_the_lock_file() {
        let sandbox = Sandbox::start(&["--fault", "bulk:1:job=late:9"]);
        let project = Project::on(&sandbox, "job_timeout = \"1ms\"");
        project.templates(&numbered(1..=1));
        project.apply().exits(3);
        let run = Paused::apply(&project, Point::RequestReady, 1);
        assert_eq!(run.end().exits(3).json()["summary"]["pending"], 1, "nothing is recorded, and it asks");
        let asked = sandbox.requests().len();
        let run = Paused::apply(&project, Point::RequestReady, 1);
        remove_lock(&project);
        assert_eq!(run.end().exits(1).json()["summary"]["pending"], 1);
        assert_eq!(sandbox.requests().len(), asked);
    }

    #[test]
    fn a_second_time_without_the_lock_file() {
        let sandbox = Sandbox::start(&["--no-upsert", "--fault", "bulk:1:status=503,retry-after=0"]);
        let project = Project::on(&sandbox, ONE_BY_ONE);
        project.templates(&numbered(1..=1));
        let run = Paused::apply(&project, Point::AnswerComplete, 1);
        remove_lock(&project);
        let result = run.end().exits(3).json();
        assert_eq!((&result["requests"], &result["summary"]["not_sent"]), (&1.into(), &1.into()));
        assert_eq!(sandbox.requests().len(), 1);
        assert_eq!(project.apply_json(0)["summary"]["created"], 1);
    }
}
