//! A change is planned as merged with its target, with the newest state.

use serde_yaml::Value;

use crate::clone::{Clone, commit, file, git};
use crate::support::{KEY, Run, Sandbox, Template, numbered};

fn yaml(name: &str) -> Value {
    serde_yaml::from_str(&std::fs::read_to_string(file(name)).unwrap()).unwrap()
}

#[test]
fn full_history_is_checked_out() {
    let github = yaml("examples/pipelines/github/certctl.yml");
    for job in ["plan", "apply"] {
        let steps = github["jobs"][job]["steps"].as_sequence().unwrap();
        let is_checkout = |uses: &str| uses.starts_with("actions/checkout@");
        let checkout = steps.iter().find(|step| step["uses"].as_str().is_some_and(is_checkout)).unwrap();
        assert_eq!(checkout["with"]["fetch-depth"], 0, "{job}");
    }
    assert_eq!(yaml("examples/pipelines/gitlab/.gitlab-ci.yml")["variables"]["GIT_DEPTH"], 0);
}

/// A clone on a branch that is older than the latest apply on main, with one template more than main.
fn behind(sandbox: &Sandbox) -> Clone {
    let clone = Clone::with(sandbox, &numbered(1..=1));
    clone.git(&["checkout", "--quiet", "-b", "feature"]);
    let colleague = clone.another();
    let mut apply = colleague.command(&["apply", "--auto-approve"]);
    Run::of(apply.env("CERTCTL_API_KEY", KEY).output().unwrap()).exits(0);
    commit(colleague.path(), "An apply on main");
    clone.project.write(
        "templates/more.yaml",
        "templates:\n  more:\n    title: More\n    resourceType: course\n    resourceId: \
         00000000-0000-4000-8000-000000000099\n",
    );
    clone.git(&["add", "--all"]);
    clone.git(&["commit", "--quiet", "--message", "More"]);
    clone
}

fn plan(clone: &Clone, event: &str) -> Run {
    let mut plan = clone.script("gitlab/plan", &[]);
    plan.env("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main").env("CI_MERGE_REQUEST_EVENT_TYPE", event);
    Run::of(plan.output().unwrap())
}

#[test]
fn merge_request_is_planned_as_merged() {
    let sandbox = Sandbox::start(&[]);
    let clone = behind(&sandbox);
    plan(&clone, "detached").exits(0).says("Plan: 1 to add, 0 to change");
    assert_eq!(clone.git(&["rev-parse", "--abbrev-ref", "HEAD"]), "HEAD", "no branch was moved");
    // A second time, nothing is left to merge.
    plan(&clone, "detached").exits(0).says("Plan: 1 to add, 0 to change");
}

#[test]
fn merged_commits_are_left_unchanged() {
    let sandbox = Sandbox::start(&[]);
    let clone = behind(&sandbox);
    clone.git(&["fetch", "--quiet", "origin"]);
    plan(&clone, "merged_result").exits(5).says("there is no state").says("origin/main");
    assert_eq!(clone.git(&["rev-parse", "--abbrev-ref", "HEAD"]), "feature");
}

#[test]
fn conflicting_change_is_not_planned() {
    let sandbox = Sandbox::start(&[]);
    let clone = behind(&sandbox);
    let colleague = clone.another();
    colleague.templates(&[Template::number(1).titled("Theirs")]);
    commit(colleague.path(), "Theirs");
    clone.project.templates(&[Template::number(1).titled("Ours")]);
    clone.git(&["commit", "--quiet", "--all", "--message", "Ours"]);
    plan(&clone, "detached").exits(1).says("does not merge with main by itself");
    assert_eq!(git(clone.project.path(), &["status", "--porcelain", "--untracked-files=no"]).stdout, "");
}
