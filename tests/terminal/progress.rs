//! The progress line, and the messages after an interrupt.

use crate::support::terminal::{CTRL_C, Session};
use crate::support::{Project, Sandbox, numbered};

/// Every state of the line, oldest first.
fn frames(shown: &str) -> Vec<&str> {
    shown.split(['\r', '\n']).filter(|frame| frame.contains(" of ")).collect()
}

#[test]
fn running_job_is_not_done() {
    let sandbox = Sandbox::start(&["--fault", "bulk:*:job=late:3"]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=3));
    let (code, shown) = Session::start(&project.command(&["apply", "-y"]), 80).end();
    assert_eq!(code, 0, "{shown}");
    let waiting: Vec<&str> =
        frames(&shown).into_iter().filter(|frame| frame.contains("waiting for the server's job")).collect();
    assert!(!waiting.is_empty(), "{shown:?}");
    assert!(waiting.iter().all(|frame| frame.contains("0 of 3")), "{waiting:#?}");
}

/// An apply that waits for the server's rate limit, on a terminal with this many columns.
fn waiting(columns: u16) -> (Sandbox, Project, Session) {
    let sandbox = Sandbox::start(&["--fault", "bulk:2:429=300"]);
    let project = Project::on(&sandbox, "batch_size = 1\nconcurrency = 1");
    project.templates(&numbered(1..=2));
    let session = Session::start(&project.command(&["apply", "-y"]), columns);
    session.shows("waiting ");
    (sandbox, project, session)
}

#[test]
fn progress_line_is_erased_at_the_end() {
    let (_sandbox, _project, mut session) = waiting(60);
    session.types(CTRL_C);
    let (code, shown) = session.end();
    assert_eq!(code, 130, "{shown}");
    for frame in frames(&shown) {
        let seen = frame.split('\u{1b}').next().unwrap();
        assert!(seen.chars().count() < 60, "{seen:?} is too wide");
    }
    let after = shown.rsplit(" of ").next().unwrap();
    assert!(after.contains("\u{1b}[J"), "the last line is not cleared: {after:?}");
    assert!(shown.contains("Stopped: by a signal"), "{shown}");
}

#[test]
fn first_interrupt_says_what_it_waits_for() {
    for arguments in [&["apply", "-y"][..], &["apply", "-y", "-q"]] {
        let sandbox = Sandbox::start(&["--fault", "bulk:2+:stall-after"]);
        let project = Project::on(&sandbox, "batch_size = 1\nconcurrency = 2");
        project.templates(&numbered(1..=5));
        let mut session = Session::start(&project.command(arguments), 100);
        sandbox.has_read(3);
        session.types(CTRL_C);
        session.shows("at once");
        session.types(CTRL_C);
        let (code, shown) = session.end();
        assert_eq!(code, 4, "{shown}");
        // Clearing the progress line also clears the ^C that was typed into it.
        let said = shown.split(['\n', '\r']).map(|line| line.trim_start_matches("\u{1b}[J"));
        let said: Vec<&str> = said.filter(|line| line.starts_with("Stopping:")).collect();
        assert_eq!(said.len(), 1, "{shown:?}");
        assert!(shown.contains("the answers to 2 requests, for at most 6 seconds"), "{shown}");
        assert!(shown.contains("Ctrl-C again"), "{shown}");
    }
}

#[test]
fn narrow_terminal_keeps_one_line() {
    let (_sandbox, _project, mut session) = waiting(120);
    session.resize(50);
    // A line drawn for 120 columns now takes two or three rows of 50: all are cleared.
    session.shows("\u{1b}[1A");
    session.types(CTRL_C);
    assert_eq!(session.end().0, 130);
}
