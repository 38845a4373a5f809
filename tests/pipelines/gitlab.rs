//! GitLab: the Code Quality report and the one note.

use serde_json::Value;

use crate::clone::Clone;
use crate::forge::{BOT, Forge};
use crate::support::{Run, Sandbox, numbered};

const MARKER: &str = "<!-- certctl plan test -->";

fn note(clone: &Clone, forge: &Forge) -> Run {
    let mut command = clone.script("gitlab/note", &[]);
    command.env("CI_API_V4_URL", &forge.url).env("CI_PROJECT_ID", "3").env("CI_MERGE_REQUEST_IID", "5");
    Run::of(command.env("CERTCTL_NOTE_TOKEN", "token").output().unwrap())
}

#[test]
fn plan_writes_a_code_quality_report() {
    let sandbox = Sandbox::start(&[]);
    let clone = Clone::with(&sandbox, &numbered(1..=1));
    clone.run("gitlab/plan", &[]).exits(0).says("Plan: 1 to add");
    assert_eq!(clone.out("gl-code-quality-report.json"), "[]\n");
    clone.project.write("templates/wrong.yaml", "templates:\n  a:\n    titel: x\n");
    clone.run("gitlab/plan", &[]).exits(1).says("titel");
    let report: Value = serde_json::from_str(&clone.out("gl-code-quality-report.json")).unwrap();
    assert!(
        report.as_array().unwrap().iter().any(|entry| entry["check_name"] == "unknown-field"),
        "{report:#}"
    );
}

#[test]
fn note_is_created_once_then_updated() {
    let sandbox = Sandbox::start(&[]);
    let clone = Clone::with(&sandbox, &numbered(1..=1));
    let forge = Forge::start();
    forge.comment("mallory", &format!("{MARKER}\nthis is not ours"));
    (0..120).for_each(|number| forge.comment("ann", &format!("note {number}")));
    let others = forge.comments();
    clone.run("gitlab/plan", &[]).exits(0);
    note(&clone, &forge).exits(0).says("up to date");
    clone.project.templates(&numbered(1..=2));
    clone.run("gitlab/plan", &[]).exits(0);
    note(&clone, &forge).exits(0);
    let mut comments = forge.comments();
    assert_eq!(comments.pop().unwrap(), (BOT.to_owned(), clone.out("plan.md")));
    assert_eq!(comments, others);
    forge.denies(500);
    note(&clone, &forge).exits(1).says("status 500");
}

#[test]
fn without_a_token_there_is_no_note() {
    let sandbox = Sandbox::start(&[]);
    let clone = Clone::with(&sandbox, &numbered(1..=1));
    clone.run("gitlab/plan", &[]).exits(0);
    clone.run("gitlab/note", &[]).exits(0).says("no token");
}

#[test]
fn apply_pushes_to_the_pipelines_branch() {
    let sandbox = Sandbox::start(&[]);
    let clone = Clone::with(&sandbox, &numbered(1..=1));
    clone.run("gitlab/plan", &[]).exits(0);
    clone.git(&["checkout", "--quiet", "--detach"]);
    let mut apply = clone.script("gitlab/apply", &[]);
    apply.env("CI_COMMIT_BRANCH", "main").env("CERTCTL_API_KEY", crate::support::KEY);
    Run::of(apply.output().unwrap()).exits(0);
    assert_eq!(clone.pushed_state()["serial"], 1);
    let mut ask = clone.script("gitlab/askpass", &["Password for 'https://certctl@gitlab.example.com': "]);
    assert_eq!(Run::of(ask.env("CERTCTL_PUSH_TOKEN", "push").output().unwrap()).stdout, "push\n");
}
