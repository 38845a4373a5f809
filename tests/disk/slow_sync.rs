//! A disk that takes longer to make a record durable than a request may take. What is answered meanwhile is answered.

use std::io::{BufRead as _, BufReader, Read as _};
use std::time::Duration;

use certctl::crash::Point;

use crate::support::running::Running;
use crate::support::{Project, Run, Sandbox, numbered};

/// The shortest `timeout` that can be configured, and how long the disk takes.
const TIMEOUT: Duration = Duration::from_secs(1);
const STALL: Duration = Duration::from_millis(2500);

/// The journal's record that is the outcome of one of two requests in flight: `open`, `intent` and `outcome` of the first
/// request, which goes alone, then two intents.
const OUTCOME_OF_ONE_OF_TWO: usize = 6;

#[test]
fn answers_during_a_stalled_sync_are_answers() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let settings = format!("batch_size = 1\nconcurrency = 2\ntimeout = \"{}s\"", TIMEOUT.as_secs());
    let project = Project::on(&sandbox, &settings);
    project.templates(&numbered(1..=3));
    let resume = project.file("resume");
    let mut command = project.command(&["apply", "-y", "--json"]);
    command.env("CERTCTL_PAUSE_AT", format!("{}:{OUTCOME_OF_ONE_OF_TWO}", Point::RecordWritten.name()));
    let mut run = Running::start(command.env("CERTCTL_RESUME", &resume));
    let mut told = BufReader::new(run.child().stderr.take().unwrap());
    let mut line = String::new();
    while told.read_line(&mut line).unwrap() > 0 && !line.contains(Point::RecordWritten.name()) {
        line.clear();
    }
    assert!(!line.is_empty(), "it never wrote that record");
    // The server has answered all three before the disk is done.
    sandbox.has_read(3);
    std::thread::sleep(STALL);
    std::fs::write(&resume, "").unwrap();
    let mut stderr = String::new();
    told.read_to_string(&mut stderr).unwrap();
    let run = Run { stderr, ..run.end() }.exits(0);
    assert_eq!(run.json()["summary"]["created"], 3);
    for number in 1..=3 {
        let id = project.row(&format!("t-{number:03}"))["id"].clone();
        assert_eq!(id, sandbox.id_of(&format!("Title {number:03}")).as_str());
    }
}
