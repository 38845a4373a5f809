//! Ways in which a process dies, and the points where it can.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};

use crate::support::Project;
use crate::support::running::counted;

const ABORTED: i32 = 6;
const KILLED: i32 = 9;

/// What ends the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// The process itself, without any cleanup.
    Abort,
    /// The kernel, by a signal from this test.
    Sigkill,
}

/// The Nth time that one point is reached.
#[derive(Clone, Debug)]
pub(crate) struct Occurrence {
    pub(crate) point: String,
    pub(crate) passage: usize,
    pub(crate) by: By,
}

/// Runs the command undisturbed; returns how often it reaches each point.
pub(crate) fn passages(project: &Project, arguments: &[&str]) -> BTreeMap<String, usize> {
    let (run, points) = project.traced(arguments);
    assert!(matches!(run.code, 0 | 3 | 4), "{arguments:?}: {run:?}");
    counted(points)
}

/// Where to kill a command that reaches these points this often, `by_signal` in both ways.
pub(crate) fn spots(passages: &BTreeMap<String, usize>, by_signal: bool) -> Vec<Occurrence> {
    let everywhere = std::env::var_os("CERTCTL_CRASHES").is_some_and(|which| which == "all");
    let mut spots = Vec::new();
    for (point, &times) in passages {
        let spot = |by| move |passage| Occurrence { point: point.clone(), passage, by };
        spots.extend((1..=times).map(spot(By::Abort)));
        let signals = if everywhere { times } else { usize::from(by_signal) };
        spots.extend((1..=signals).map(spot(By::Sigkill)));
    }
    spots
}

/// Runs the command and kills it at the point. Answers arrive in any order, so a late occurrence may not happen;
/// then the command ends normally and this returns false.
pub(crate) fn run_until(project: &Project, arguments: &[&str], spot: &Occurrence) -> bool {
    let mut command = project.command(arguments);
    command.env("CERTCTL_CRASH_AT", format!("{}:{}", spot.point, spot.passage));
    match spot.by {
        By::Abort => {
            let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
            died(status, ABORTED)
        }
        By::Sigkill => kill_where_it_stands(command.env("CERTCTL_CRASH_BY", "wait")),
    }
}

fn kill_where_it_stands(command: &mut Command) -> bool {
    let mut process = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut told = BufReader::new(process.stderr.take().unwrap());
    let mut line = String::new();
    while told.read_line(&mut line).unwrap() > 0 && !line.contains("waiting at ") {
        line.clear();
    }
    process.kill().unwrap();
    let status = process.wait().unwrap();
    let _ = told.read_to_string(&mut line);
    died(status, KILLED)
}

fn died(status: std::process::ExitStatus, signal: i32) -> bool {
    match status.signal() {
        Some(found) => {
            assert_eq!(found, signal, "{status}");
            true
        }
        None => false,
    }
}
