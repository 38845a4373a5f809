//! The scheduled look for drift: the exports, the comparison, and the one issue.

use std::process::Command;

use crate::clone::Clone;
use crate::forge::{BOT, Forge};
use crate::support::{Run, Sandbox, numbered};

const MARKER: &str = "<!-- certctl drift test -->";
const TITLE: &str = "certctl: drift on test";

/// A clone whose templates are applied and recorded.
fn applied(sandbox: &Sandbox) -> Clone {
    let clone = Clone::with(sandbox, &numbered(1..=2));
    clone.project.apply().exits(0);
    clone.commit("Apply");
    clone
}

/// Writes an export of the server in which the first template has this title.
fn export(clone: &Clone, sandbox: &Sandbox, title: &str) {
    let text = sandbox.export().replace("Title 001", title);
    clone.project.write("certctl-out/exports/certificatetemplates.csv", text);
}

/// Compares like a step of GitHub Actions.
fn github(clone: &Clone) -> Run {
    let mut command = clone.script("github/drift", &[]);
    command.env("GITHUB_OUTPUT", clone.project.file("certctl-out/outputs"));
    command.env("GITHUB_STEP_SUMMARY", clone.project.file("certctl-out/step-summary"));
    Run::of(command.output().unwrap())
}

fn issue(clone: &Clone, forge: &Forge) -> Run {
    let mut command = clone.script("github/issue", &[]);
    command.env("GITHUB_API_URL", &forge.url).env("GITHUB_SERVER_URL", "https://github.example");
    command
        .env("GITHUB_REPOSITORY", "academy/certificates")
        .env("GITHUB_TOKEN", "token")
        .env("GITHUB_RUN_ID", "99");
    Run::of(command.output().unwrap())
}

fn gitlab(clone: &Clone, forge: &Forge) -> Run {
    let mut command = clone.script("gitlab/drift", &[]);
    command
        .env("CI_API_V4_URL", &forge.url)
        .env("CI_PROJECT_ID", "3")
        .env("CI_JOB_URL", "https://gitlab.example/job");
    Run::of(command.env("CERTCTL_NOTE_TOKEN", "token").output().unwrap())
}

#[test]
fn drift_fills_log_summary_and_outputs() {
    let sandbox = Sandbox::start(&[]);
    let clone = applied(&sandbox);
    export(&clone, &sandbox, "Edited");
    github(&clone).exits(0).says("Drift: 1 of 2 compared templates differs.");
    assert!(clone.out("step-summary").starts_with(&format!("{MARKER}\n")));
    let outputs = clone.out("outputs");
    assert!(outputs.contains("exit-code=2\n") && outputs.contains("html="), "{outputs}");
    assert!(clone.out("drift.html").contains("Edited"));

    // What cannot be read fails the step; the reports are there all the same.
    clone
        .project
        .write("certctl-out/exports/certificatetemplates.csv", sandbox.export().replace("course", "c"));
    github(&clone).exits(3).says("::error title=certctl::");
    clone.project.write("certctl-out/exports/certificatetemplates.csv", "nothing\n");
    github(&clone).exits(1).says("are required");
    std::fs::remove_dir_all(clone.project.file("certctl-out/exports")).unwrap();
    github(&clone).exits(1).says("cannot read the export");
}

#[test]
fn one_issue_is_open_while_there_is_drift() {
    let sandbox = Sandbox::start(&[]);
    let clone = applied(&sandbox);
    let forge = Forge::start();
    // Anybody can write such a first line, in any number of issues.
    forge.issue("mallory", &format!("{MARKER}\nthis is not ours"));
    forge.issue(BOT, "<!-- certctl drift test2 -->\nanother environment");
    (0..120).for_each(|number| forge.issue("ann", &format!("issue {number}")));
    let others = forge.issues();
    export(&clone, &sandbox, "Title 001");
    github(&clone).exits(0);
    issue(&clone, &forge).exits(0).says("no issue about it");
    for title in ["Edited", "Edited again"] {
        export(&clone, &sandbox, title);
        github(&clone).exits(0);
        issue(&clone, &forge).exits(0).says("up to date: #123");
        let (state, name, body) = forge.issues().pop().unwrap();
        assert_eq!((state.as_str(), name.as_str(), forge.issues().len()), ("open", TITLE, others.len() + 1));
        assert!(
            body.starts_with(&format!("{MARKER}\n")) && body.contains(&format!("+ title: {title}\n")),
            "{body}"
        );
        assert!(body.contains("https://github.example/academy/certificates/actions/runs/99"), "{body}");
    }
    // What found nothing out changes nothing.
    clone.project.write("certctl-out/exports/certificatetemplates.csv", "nothing\n");
    github(&clone).exits(1);
    issue(&clone, &forge).exits(0).says("stays as it is");
    assert_eq!(forge.issues().pop().unwrap().0, "open");

    export(&clone, &sandbox, "Title 001");
    github(&clone).exits(0);
    issue(&clone, &forge).exits(0).says("#123 is closed");
    let mut issues = forge.issues();
    assert_eq!((issues.pop().unwrap().0.as_str(), issues), ("closed", others));
    assert!(forge.comments().pop().unwrap().1.contains("found no drift"));

    // The next drift has an issue of its own.
    export(&clone, &sandbox, "Edited");
    github(&clone).exits(0);
    issue(&clone, &forge).exits(0).says("#124");
}

#[test]
fn gitlab_has_the_same_issue() {
    let sandbox = Sandbox::start(&[]);
    let clone = applied(&sandbox);
    let forge = Forge::start();
    forge.issue("mallory", &format!("{MARKER}\nthis is not ours"));
    export(&clone, &sandbox, "Edited");
    gitlab(&clone, &forge).exits(0).says("is #2");
    export(&clone, &sandbox, "Edited again");
    gitlab(&clone, &forge).exits(0).says("up to date: #2");
    assert_eq!(forge.issues()[1], ("open".to_owned(), TITLE.to_owned(), clone.out("drift.md")));
    clone.project.write("certctl-out/exports/certificatetemplates.csv", "nothing\n");
    gitlab(&clone, &forge).exits(1).says("stays as it is");
    export(&clone, &sandbox, "Title 001");
    gitlab(&clone, &forge).exits(0).says("#2 is closed");
    gitlab(&clone, &forge).exits(0).says("no issue about it");
    let states: Vec<String> = forge.issues().into_iter().map(|issue| issue.0).collect();
    assert_eq!(states, ["open", "closed"]);
}

#[test]
fn denied_issues_fail_the_step() {
    let sandbox = Sandbox::start(&[]);
    let clone = applied(&sandbox);
    let forge = Forge::start();
    forge.denies(403);
    export(&clone, &sandbox, "Edited");
    github(&clone).exits(0);
    issue(&clone, &forge).exits(1).says("status 403").says("issues: write");
    gitlab(&clone, &forge).exits(1).says("status 403");
    let mut without = clone.script("gitlab/drift", &[]);
    Run::of(without.output().unwrap()).exits(0).says("no token");
}

/// A psql that prints a table's name as CSV, or fails.
fn psql(clone: &Clone, script: &str) -> Command {
    use std::os::unix::fs::PermissionsExt as _;
    clone.project.write("bin/psql", format!("#!/bin/sh\n{script}\n"));
    std::fs::set_permissions(clone.project.file("bin/psql"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = clone.script("plain/export", &[]);
    let path = format!("{}:{}", clone.project.file("bin").display(), std::env::var("PATH").unwrap());
    command.env("PATH", path);
    command
}

#[test]
fn exports_are_whole_or_not_there() {
    let sandbox = Sandbox::start(&[]);
    let clone = applied(&sandbox);
    let mut export = psql(
        &clone,
        "for last; do :; done; printf 'id\\n%s\\n' \"$last\"; printf '%s ' \"$PGTZ\" \"$@\" >>\"$0.log\"",
    );
    Run::of(export.output().unwrap()).exits(0).says("2 lines of certificates");
    assert_eq!(clone.out("exports/certificates.csv"), "id\nselect * from certificates\n");
    let log = clone.project.read("bin/psql.log");
    assert!(log.contains("UTC --no-psqlrc --no-password --quiet --csv"), "{log}");

    let mut broken = psql(&clone, "printf 'id\\n1\\n'; exit 2");
    Run::of(broken.output().unwrap()).exits(1).says("certificatetemplates could not be exported");
    assert!(!clone.project.file("certctl-out/exports/certificatetemplates.csv").exists());
    let mut hostile = psql(&clone, "exit 0");
    hostile.env("CERTCTL_TABLES", "x; drop table users");
    Run::of(hostile.output().unwrap()).exits(1).says("is not the name of a table");
}
