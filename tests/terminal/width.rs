//! Output for people fits the terminal, without breaking tables or commands.

use crate::support::terminal::Session;
use crate::support::{Project, Sandbox, Template};

const COLUMNS: u16 = 60;

/// A command's output on a narrow terminal.
fn shown(project: &Project, arguments: &[&str]) -> String {
    Session::start(&project.command(arguments), COLUMNS).end().1
}

/// Checks that every line fits, except commands, which must be copied whole.
#[track_caller]
fn fits(text: &str) {
    for line in text.lines() {
        let is_command = line.trim_start().starts_with("certctl ");
        assert!(is_command || line.chars().count() <= COLUMNS.into(), "{line:?} is too wide in\n{text}");
    }
}

fn project(sandbox: &Sandbox) -> Project {
    let project = Project::on(sandbox, "");
    let title = "A title that goes on and on until no terminal in the whole academy is wide enough for it";
    project.templates(&[
        Template::number(1).titled(title).with(&format!("recertificationInstructions: \"{title}\"")),
        Template::number(2).titled(title),
    ]);
    project
}

#[test]
fn of_every_command_about_the_state() {
    let sandbox = Sandbox::start(&[]);
    let project = project(&sandbox);
    project.apply().exits(0);
    for arguments in [
        &["state", "show", "t-001"][..],
        &["state", "list"],
        &["state", "verify"],
        &["state", "mv", "t-002", "a-key-that-is-rather-long-for-a-key"],
        &["state", "rm", "a-key-that-is-rather-long-for-a-key", "-y"],
        &["import", "t-002", "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01"],
        &["recover"],
    ] {
        let text = shown(&project, arguments);
        assert!(text.lines().count() > 0, "{arguments:?}");
        fits(&text);
    }
    let mut asked = Session::start(&project.command(&["state", "rm", "t-001"]), COLUMNS);
    asked.shows("Type yes");
    asked.types("no\n");
    fits(&asked.end().1);
}

#[test]
fn of_rows_in_doubt_or_pending() {
    for fault in ["bulk:*:reset-after", "bulk:*:job=never"] {
        let sandbox = Sandbox::start(&["--fault", fault]);
        let project = project(&sandbox);
        let toml = project
            .read("certctl.toml")
            .replace("[environments.test.api]\n", "[environments.test.api]\njob_timeout = \"1s\"\n");
        project.write("certctl.toml", toml);
        project.run(&["apply", "-y"]);
        fits(&shown(&project, &["recover"]));
        fits(&shown(&project, &["state", "show", "t-001"]));
        fits(&shown(&project, &["recover", "t-001", "t-002", "--not-created"]));
    }
}

#[test]
fn long_title_does_not_break_the_table() {
    let sandbox = Sandbox::start(&[]);
    let project = project(&sandbox);
    project.apply().exits(0);
    let wide = Session::start(&project.command(&["state", "list"]), 90).end().1;
    assert_eq!(wide.lines().count(), 2, "one line for each template\n{wide}");
    assert!(wide.lines().all(|line| line.ends_with('…') && line.chars().count() <= 90), "{wide}");
    let piped = project.run(&["state", "list"]).exits(0).stdout;
    assert!(piped.lines().all(|line| line.ends_with("wide enough for it")), "{piped}");
}
