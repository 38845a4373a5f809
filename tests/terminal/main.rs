//! Colour, width, prompts and progress, with and without a real terminal.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "the lint knows test functions, not the functions that they share")]

// A new controlling terminal, which turns Ctrl-C into a signal, needs `setsid` of util-linux.
#[cfg(target_os = "linux")]
mod progress;
#[cfg(target_os = "linux")]
mod prompts;
#[path = "../support/mod.rs"]
mod support;
#[cfg(target_os = "linux")]
mod width;

use std::io::Read as _;

use support::terminal::terminal;
use support::{Project, Template};

/// A project with a title that is too wide for any terminal.
fn project() -> Project {
    let project = Project::empty();
    project.configure("sandbox", "");
    let title = "資格証明書 Cloud Foundations and everything that belongs to them";
    project.templates(&[Template::number(1).titled(title), Template::number(2)]);
    project
}

/// The output of `plan` on a terminal with this many columns.
fn on_terminal(project: &Project, columns: u16, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let (mut master, terminal) = terminal(columns);
    let mut command = project.command(&["plan"]);
    command.args(arguments).env_remove("NO_COLOR").env("TERM", "xterm").envs(variables.iter().copied());
    let mut process = command.stdout(terminal).spawn().unwrap();
    // The command has a copy of the terminal; reading ends when the last copy is closed.
    drop(command);
    let (mut text, mut buffer) = (Vec::new(), [0; 4096]);
    // Linux reports an error when the terminal is closed everywhere.
    while let Ok(length @ 1..) = master.read(&mut buffer) {
        text.extend_from_slice(&buffer[..length]);
    }
    assert!(process.wait().unwrap().success());
    String::from_utf8(text).unwrap().replace("\r\n", "\n")
}

/// The output of `plan` into a pipe.
fn in_pipe(project: &Project, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let mut command = project.command(&["plan"]);
    command.args(arguments).env_remove("NO_COLOR").env("TERM", "xterm").envs(variables.iter().copied());
    support::Run::of(command.output().unwrap()).exits(0).stdout
}

fn is_coloured(text: &str) -> bool {
    text.contains('\u{1b}')
}

#[test]
fn terminals_get_colour_by_default() {
    let project = project();
    assert!(is_coloured(&on_terminal(&project, 80, &[], &[])));
    for variables in [("NO_COLOR", "1"), ("CLICOLOR", "0"), ("TERM", "dumb"), ("TERM", "")] {
        assert!(!is_coloured(&on_terminal(&project, 80, &[], &[variables])), "{variables:?}");
    }
    let both = [("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")];
    assert!(!is_coloured(&on_terminal(&project, 80, &[], &both)));
    assert!(is_coloured(&on_terminal(&project, 80, &["--color", "always"], &both)));
    assert!(!is_coloured(&on_terminal(&project, 80, &["--color", "never"], &[])));
}

#[test]
fn pipes_get_colour_only_on_request() {
    let project = project();
    assert!(!is_coloured(&in_pipe(&project, &[], &[])));
    assert!(is_coloured(&in_pipe(&project, &[], &[("CLICOLOR_FORCE", "1")])));
    assert!(!is_coloured(&in_pipe(&project, &[], &[("CLICOLOR_FORCE", "0")])));
    assert!(!is_coloured(&in_pipe(&project, &[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")])));
    assert!(is_coloured(&in_pipe(&project, &["--color", "always"], &[("NO_COLOR", "1")])));
}

#[test]
fn lines_wrap_in_terminals_but_not_pipes() {
    let project = project();
    // Each of these characters is two columns wide.
    let columns = |line: &str| line.chars().count() + line.chars().filter(|c| *c >= '\u{2e80}').count();
    for width in [40, 60] {
        let text = on_terminal(&project, width, &["--color", "never"], &[]);
        assert!(text.lines().all(|line| columns(line) <= width.into()), "{width}: {text}");
        assert!(text.lines().any(|line| columns(line) > usize::from(width) / 2), "{text}");
    }
    let text = in_pipe(&project, &[], &[]);
    assert!(text.contains("everything that belongs to them\"\n"), "{text}");
    assert!(text.ends_with("\nPlan: 2 to add, 0 to change, 0 to destroy. Environment: test.\n"), "{text}");
    // Colour was requested.
    let narrow = in_pipe(&project, &[], &[("COLUMNS", "40")]);
    assert_eq!(narrow, on_terminal(&project, 200, &["--color", "never"], &[("COLUMNS", "40")]));
    assert!(narrow.lines().all(|line| columns(line) <= 40), "{narrow}");
}
