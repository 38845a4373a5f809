//! Files changed during a run, and a crash while certctl handles that.

use std::fs;
use std::io::{BufRead, BufReader, Read as _};
use std::process::{Command, Stdio};

use certctl::crash::Point;

use crate::kill::By;
use crate::promises::{everything_comes_right, nothing_lost_or_mistaken, server_holds};
use crate::support::{Project, Sandbox, Template, numbered};

const STATE: &str = "state/test.json";
const JOURNAL: &str = "state/test.json.journal";

/// Points that are reached only while a run rescues its own state.
pub(crate) const RESCUE: [Point; 4] =
    [Point::RescueWritten, Point::RescueSynced, Point::RescueRenamed, Point::RescueDurable];
/// Points that are reached only if a journal was removed or could not be synced.
pub(crate) const ANEW: [Point; 4] =
    [Point::CopyCut, Point::JournalCopied, Point::JournalPutBack, Point::JournalRenewed];

/// Runs an apply that pauses when the answer has arrived, changes files, and makes it crash at the given point.
fn dies_after(project: &Project, change: impl FnOnce(), point: Point, by: By) {
    let resume = project.file("resume");
    let mut command = project.command(&["apply", "--auto-approve"]);
    if by == By::Sigkill {
        command.env("CERTCTL_CRASH_BY", "wait");
    }
    let mut run = command
        .env("CERTCTL_PAUSE_AT", format!("{}:1", Point::AnswerComplete.name()))
        .env("CERTCTL_RESUME", &resume)
        .env("CERTCTL_CRASH_AT", format!("{}:1", point.name()))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(run.stderr.take().unwrap());
    wait_for_pause(&mut told);
    change();
    fs::write(resume, "").unwrap();
    if by == By::Sigkill {
        wait_for_pause(&mut told);
        run.kill().unwrap();
    }
    let mut line = String::new();
    told.read_to_string(&mut line).unwrap();
    assert_eq!(run.wait().unwrap().code(), None, "it did not die at {point:?}\n{line}");
}

/// Reads until the run says that it waits.
fn wait_for_pause(told: &mut impl BufRead) {
    let mut line = String::new();
    while told.read_line(&mut line).unwrap() > 0 && !line.contains("waiting at ") {
        line.clear();
    }
}

/// A project with three applied templates; the first one has a new title.
fn set_up(sandbox: &Sandbox) -> (Project, Vec<Template>) {
    sandbox.http("POST", "/_sandbox/reset", "");
    let project = Project::on(sandbox, "");
    let mut templates = numbered(1..=3);
    project.templates(&templates);
    project.apply().exits(0);
    templates[0] = Template::number(1).titled("New title");
    project.templates(&templates);
    (project, templates)
}

fn all_is_well(project: &Project, sandbox: &Sandbox, templates: Vec<Template>, point: Point) {
    nothing_lost_or_mistaken(project, sandbox, &point);
    everything_comes_right(project, sandbox, &point);
    let titles: Vec<_> = templates.into_iter().map(|template| template.title).collect();
    server_holds(project, sandbox, &titles, &point);
}

#[test]
fn killed_while_a_state_is_rescued() {
    let sandbox = Sandbox::start(&[]);
    for (point, by) in RESCUE.into_iter().flat_map(|point| [(point, By::Abort), (point, By::Sigkill)]) {
        let (project, templates) = set_up(&sandbox);
        let own = project.read(STATE);
        let other = own.replace("\"serial\": 1", "\"serial\": 9");
        dies_after(&project, || fs::write(project.file(STATE), other).unwrap(), point, by);
        for command in [&["plan"][..], &["apply", "-y"], &["recover"], &["state", "list"]] {
            project.run(command).exits(5);
        }
        fs::write(project.file(STATE), own).unwrap();
        all_is_well(&project, &sandbox, templates, point);
    }
    println!("a state that was replaced: killed {} times at {} points", 2 * RESCUE.len(), RESCUE.len());
}

#[test]
fn killed_while_a_rescued_state_is_removed() {
    let sandbox = Sandbox::start(&[]);
    let point = Point::RescueRemoved;
    for by in [By::Abort, By::Sigkill] {
        let (project, templates) = set_up(&sandbox);
        let left = project.file("state/test.json.rescued");
        dies_after(&project, || fs::write(left, "").unwrap(), point, by);
        all_is_well(&project, &sandbox, templates, point);
    }
    println!("a rescued state cleared away: killed 2 times at 1 points");
}

#[test]
fn killed_while_a_journal_is_restored() {
    let sandbox = Sandbox::start(&[]);
    let points = [Point::JournalCopied, Point::JournalPutBack];
    for (point, by) in points.into_iter().flat_map(|point| [(point, By::Abort), (point, By::Sigkill)]) {
        let (project, templates) = set_up(&sandbox);
        dies_after(&project, || fs::remove_file(project.file(JOURNAL)).unwrap(), point, by);
        if point == Point::JournalCopied {
            // The journal is gone, but the user's copy is not.
            let refusal = project.apply().exits(5).says("is gone").stderr;
            let command = refusal.lines().map(str::trim).find(|line| line.starts_with("cp ")).unwrap();
            let shell = Command::new("sh").args(["-c", command]).current_dir(project.path()).status();
            assert!(shell.unwrap().success(), "{command}");
        }
        all_is_well(&project, &sandbox, templates, point);
    }
    println!("a journal that was removed: killed 4 times at 2 points");
}

#[test]
fn killed_while_a_journal_is_replaced() {
    let sandbox = Sandbox::start(&[]);
    let points = [Point::CopyCut, Point::JournalCopied, Point::JournalRenewed];
    for (point, by) in points.into_iter().flat_map(|point| [(point, By::Abort), (point, By::Sigkill)]) {
        let (mut project, templates) = set_up(&sandbox);
        // The third record is the outcome.
        project.set_env("CERTCTL_FAIL_SYNC", "3");
        dies_after(&project, || {}, point, by);
        project.unset_env("CERTCTL_FAIL_SYNC");
        all_is_well(&project, &sandbox, templates, point);
    }
    println!("a journal that could not be synced: killed 6 times at 3 points");
}
