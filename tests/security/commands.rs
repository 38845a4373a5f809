//! Every command, so that none escapes the search for the key.

use crate::ID;
use crate::support::certctl;

/// Every command, as typed in a project after its first apply.
pub(crate) const COMMANDS: &[(&str, &[&[&str]])] = &[
    (
        "init",
        &[&["init"], &["init", "other"], &["init", "--ci", "github"], &["init", "x", "--state", "s3://b"]],
    ),
    ("validate", &[&["validate"], &["validate", "--json"]]),
    ("explain", &[&["explain"], &["explain", "duplicate-key"]]),
    ("fmt", &[&["fmt", "--check"], &["fmt"], &["fmt", "certctl.toml"]]),
    ("plan", &[&["plan", "--out", "saved.plan", "--report", "json=plan.json"], &["plan", "--json"]]),
    (
        "apply",
        &[&["apply", "saved.plan"], &["apply", "-y", "--json", "--report", "json=run.json"], &["apply"]],
    ),
    ("show", &[&["show", "saved.plan"], &["show", "saved.plan", "--json"]]),
    ("preview", &[&["preview"], &["preview", "--out", "drawings", "--png"]]),
    (
        "recover",
        &[
            &["recover"],
            &["recover", "--from-csv", "certctl.toml"],
            &["recover", "t-001", "--resend"],
            &["recover", "t-001", "--created", ID],
        ],
    ),
    ("import", &[&["import", "t-009", ID], &["import", "--from-csv", "certctl.toml"]]),
    (
        "refresh",
        &[
            &["refresh", "--from-csv", "certctl.toml", "-y"],
            &["refresh", "--from-csv", "certctl.toml", "--json", "-y"],
        ],
    ),
    (
        "drift",
        &[
            &["drift", "--from-csv", "certctl.toml"],
            &["drift", "--from-csv", "certctl.toml", "--json", "--report", "json=drift.json"],
        ],
    ),
    ("doctor", &[&["doctor"], &["doctor", "--json"]]),
    ("revert", &[&["revert", "--to", "1"], &["revert", "t-001", "--at", "1", "--out", "back.plan"]]),
    ("observer", &[&["observer", "status"], &["observer", "status", "--json"], &["observer", "certify"]]),
    (
        "state",
        &[
            &["state", "list"],
            &["state", "list", "--json"],
            &["state", "show", "t-002"],
            &["state", "show", "t-002", "--at", "1"],
            &["state", "show", "t-002", "--json"],
            &["state", "history"],
            &["state", "history", "t-002", "--json"],
            &["state", "pull"],
            &["state", "push", "state/test.json", "-y"],
            &["state", "restore", "1", "-y"],
            &["state", "unlock", ID, "-y"],
            &["state", "prune", "-y"],
            &["state", "mv", "t-002", "t-008"],
            &["state", "rm", "t-008", "-y"],
        ],
    ),
    ("explain", &[&["explain"], &["explain", "past-expiry"]]),
    // A separate test starts the server, checks its output, and stops it.
    ("sandbox", &[&["sandbox", "--listen", "192.0.2.1:1"]]),
    ("completions", &[&["completions", "bash"]]),
    ("schema", &[&["schema", "templates"], &["schema", "config"], &["schema", "state"]]),
    ("help", &[&["help"], &["help", "apply"]]),
];

#[test]
fn every_command_is_covered() {
    let help = String::from_utf8(certctl().arg("--help").output().unwrap().stdout).unwrap();
    let (_, list) = help.split_once("Commands:\n").unwrap();
    let names: Vec<&str> = list
        .lines()
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .map(|line| line.split_whitespace().next().unwrap())
        .collect();
    assert!(names.len() > 8, "{names:?}");
    for name in names {
        assert!(COMMANDS.iter().any(|(command, _)| *command == name), "`certctl {name}` is not in this test");
    }
}
