//! A state on shared storage: nothing is committed, and who may not see the storage plans against a published copy.

use std::process::Command;

use serde_json::json;

use crate::clone::Clone;
use crate::forge::Forge;
use crate::http_server::{self, PASSWORD, Server};
use crate::servers::{Bucket, Kind};
use crate::support::running::{Running, until};
use crate::support::{KEY, Run, Sandbox, numbered};

/// A clone whose state is in a bucket; `None` where the server is not installed.
fn clone(sandbox: &Sandbox) -> Option<(Clone, Bucket)> {
    let bucket = Bucket::new(Kind::S3)?;
    let clone = Clone::with(sandbox, &numbered(1..=3));
    let state = format!("[environments.test]\nstate = {:?}\nstore = {{ lease = \"10s\" }}", bucket.state());
    let toml = clone.project.read("certctl.toml").replace("[environments.test]", &state);
    clone.project.write("certctl.toml", toml);
    clone.commit("A state in a bucket");
    Some((clone, bucket))
}

/// A script of a job that gets the credentials of the storage.
fn script(clone: &Clone, bucket: &Bucket, name: &str, arguments: &[&str]) -> Command {
    let mut command = clone.script(name, arguments);
    command.envs(bucket.env());
    command
}

fn run(clone: &Clone, bucket: &Bucket, name: &str, arguments: &[&str]) -> Run {
    Run::of(script(clone, bucket, name, arguments).env("CERTCTL_API_KEY", KEY).output().unwrap())
}

/// A plan by somebody who has no credentials of the storage.
fn plan_of_stranger(clone: &Clone, script: &str, copy: &str) -> Run {
    Run::of(clone.script(script, &[]).env("CERTCTL_STATE_COPY", copy).output().unwrap())
}

#[test]
fn nothing_is_committed_after_an_apply() {
    let sandbox = Sandbox::start(&[]);
    let Some((clone, bucket)) = clone(&sandbox) else { return };
    let head = clone.git(&["rev-parse", "HEAD"]);
    run(&clone, &bucket, "plain/plan", &[]).exits(0).says("Plan: 3 to add");
    // Neither a remote nor a branch is needed.
    clone.git(&["checkout", "--quiet", "--detach"]);
    let origin = clone.git(&["remote", "get-url", "origin"]);
    clone.git(&["remote", "set-url", "origin", "/dev/null/nowhere"]);
    run(&clone, &bucket, "plain/apply", &[])
        .exits(0)
        .says("3 created")
        .says(&format!("The state is at {}: there is nothing to commit.", bucket.state()));
    clone.git(&["remote", "set-url", "origin", &origin]);
    assert_eq!(clone.branches(), ["main"]);
    assert_eq!(clone.git(&["rev-parse", "HEAD", "origin/main"]), format!("{head}\n{head}"));
    assert_eq!(clone.git(&["status", "--porcelain"]), "");
    assert!(!clone.project.file("state").exists());
    run(&clone, &bucket, "plain/record", &[]).exits(0).says("nothing to record");
    run(&clone, &bucket, "plain/plan", &[]).exits(0).says("No changes.");
    assert_eq!(clone.out("has-changes").trim(), "false");
}

#[test]
fn gitlab_apply_needs_no_push_token() {
    let sandbox = Sandbox::start(&[]);
    let Some((clone, bucket)) = clone(&sandbox) else { return };
    run(&clone, &bucket, "gitlab/plan", &[]).exits(0);
    let mut apply = script(&clone, &bucket, "gitlab/apply", &[]);
    apply.env("CERTCTL_API_KEY", KEY).env("CI_COMMIT_BRANCH", "main");
    Run::of(apply.output().unwrap()).exits(0).says("there is nothing to commit");
    assert_eq!(sandbox.templates().len(), 3);
}

#[test]
fn stranger_plans_against_the_published_copy() {
    let sandbox = Sandbox::start(&[]);
    let Some((clone, bucket)) = clone(&sandbox) else { return };
    let copy = tempfile::tempdir().unwrap();
    let copy = copy.path().join("copy").into_os_string().into_string().unwrap();
    let publish = || {
        let mut publish = script(&clone, &bucket, "plain/publish", &[]);
        Run::of(publish.env("CERTCTL_STATE_COPY", &copy).output().unwrap())
    };
    publish().exits(1).says("there is no state").says("nothing is published");
    plan_of_stranger(&clone, "plain/plan", &copy).exits(1).says("there is no copy of the state");
    run(&clone, &bucket, "plain/plan", &[]).exits(0);
    run(&clone, &bucket, "plain/apply", &[]).exits(0);
    publish().exits(0);

    clone.project.templates(&numbered(1..=4));
    for script in ["plain/plan", "github/plan", "gitlab/plan"] {
        plan_of_stranger(&clone, script, &copy)
            .exits(0)
            .says("Plan: 1 to add, 0 to change")
            .says("against a copy of the state that is less than 2 minutes old");
        let report = clone.out("plan.md");
        assert!(
            report.starts_with("<!-- certctl plan test -->\n> Planned against a copy of the state"),
            "{report}"
        );
    }
    // GitHub shows a longer report than a comment can have.
    assert!(clone.out("summary.md").contains("> Planned against a copy of the state"));
    let made = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(75);
    let made = json!({ "madeAt": made.strftime("%FT%TZ").to_string() });
    std::fs::write(std::path::Path::new(&copy).join("copy.json"), made.to_string()).unwrap();
    plan_of_stranger(&clone, "plain/plan", &copy).exits(0).says("that is 3 days old (2");
    // A plan with the storage says nothing of a copy.
    run(&clone, &bucket, "plain/plan", &[]).exits(0);
    assert!(!clone.out("plan.md").contains("copy of the state"));
}

#[test]
fn fork_on_gitlab_fetches_the_copy() {
    let sandbox = Sandbox::start(&[]);
    let Some((clone, bucket)) = clone(&sandbox) else { return };
    run(&clone, &bucket, "gitlab/plan", &[]).exits(0);
    run(&clone, &bucket, "plain/apply", &[]).exits(0);
    run(&clone, &bucket, "gitlab/publish", &[]).exits(0);
    let forge = Forge::start();
    let fork = || {
        let mut plan = clone.script("gitlab/plan", &[]);
        plan.env("CI_API_V4_URL", &forge.url).env("CI_JOB_TOKEN", "job");
        plan.env("CI_MERGE_REQUEST_PROJECT_ID", "3").env("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "4");
        plan.env("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main");
        plan.env("CI_MERGE_REQUEST_EVENT_TYPE", "merged_result");
        Run::of(plan.output().unwrap())
    };
    clone.project.templates(&numbered(1..=4));
    fork().exits(1).says("the published copy of the state cannot be had");
    for name in ["state.json", "copy.json"] {
        forge.artifact(name, &clone.project.read(&format!("certctl-state-copy/{name}")));
    }
    fork().exits(0).says("Plan: 1 to add").says("Planned against a copy");
    let path = "GET /projects/3/jobs/artifacts/main/raw/certctl-state-copy/state.json";
    assert!(forge.requests().contains(&path.to_owned()), "{:?}", forge.requests());
    // A state in git comes with the fork.
    let toml = clone.project.read("certctl.toml");
    let is_about_state = |line: &&str| line.starts_with("state = ") || line.starts_with("store = ");
    let other: Vec<&str> = toml.lines().filter(|line| !is_about_state(line)).collect();
    clone.project.write("certctl.toml", other.join("\n"));
    for copy in ["certctl-state-copy", "certctl-out/state-copy"] {
        std::fs::remove_dir_all(clone.project.file(copy)).unwrap();
    }
    fork().exits(0).says("Plan: 4 to add");
}

#[test]
fn gitlab_keeps_the_state_itself() {
    let sandbox = Sandbox::start(&[]);
    let server = Server::start(http_server::Kind::GitLab);
    let clone = Clone::with(&sandbox, &numbered(1..=3));
    let toml = clone.project.read("certctl.toml");
    let state = format!("[environments.test]\nstate = {:?}", server.state());
    clone.project.write("certctl.toml", toml.replace("[environments.test]", &state));
    let job = |script: &str| {
        let mut command = clone.script(script, &[]);
        command.env("CI_API_V4_URL", format!("http://{}/api/v4", server.address));
        command.env("CI_JOB_TOKEN", PASSWORD).env("CI_COMMIT_BRANCH", "main");
        Run::of(command.env("CERTCTL_API_KEY", KEY).output().unwrap())
    };
    job("gitlab/plan").exits(0).says("Plan: 3 to add");
    job("gitlab/apply").exits(0).says("3 created").says("there is nothing to commit");
    assert!(server.document().is_some() && server.lock().is_none());
    job("gitlab/publish").exits(0);
    job("gitlab/plan").exits(0).says("No changes.");
    server.forget_requests();
    plan_of_stranger(&clone, "plain/plan", "certctl-state-copy").exits(0).says("No changes.");
    assert_eq!(server.requests().len(), 0);
}

/// What a script gives to certctl, where the state is at this address of a GitLab.
fn given(clone: &Clone, script: &str, state: &str) -> String {
    let seen = clone.project.file("certctl-out/seen");
    let program = format!(
        "#!/bin/sh\ncase \"$*\" in\n*validate*) echo '{}' ;;\n*) env >'{}'; cat \"$AWS_WEB_IDENTITY_TOKEN_FILE\" \
         \"$AZURE_FEDERATED_TOKEN_FILE\" >>'{}' 2>/dev/null ;;\nesac\n",
        json!({ "shared": true, "state": state }),
        seen.display(),
        seen.display()
    );
    clone.project.write("certctl-out/certctl", program);
    let file = clone.project.file("certctl-out/certctl");
    assert!(Command::new("chmod").arg("+x").arg(&file).status().unwrap().success());
    let mut command = clone.script(script, &[]);
    command.env("CERTCTL", &file).env("CI_API_V4_URL", "https://gitlab.example.com/api/v4");
    command.env("CI_JOB_TOKEN", "token-of-job").env("CERTCTL_AWS_TOKEN", "token-for-aws");
    command.env("AWS_ROLE_ARN", "arn:aws:iam::1:role/read").env("CERTCTL_AZURE_TOKEN", "token-for-azure");
    // Of a script that takes what this program prints for a state or a plan, only what it gives is of interest.
    let _ = command.output().unwrap();
    std::fs::read_to_string(seen).unwrap()
}

#[test]
fn gitlab_vouches_for_each_job() {
    let sandbox = Sandbox::start(&[]);
    let clone = Clone::with(&sandbox, &numbered(1..=1));
    for script in ["gitlab/plan", "gitlab/publish", "gitlab/drift"] {
        let seen = given(&clone, script, "s3://bucket/p.json");
        assert!(
            seen.contains("\nAWS_WEB_IDENTITY_TOKEN_FILE=/") && seen.contains("\ntoken-for-aws"),
            "{seen}"
        );
        assert!(!seen.contains("AZURE_FEDERATED_TOKEN_FILE"), "{seen}");
        assert!(!seen.contains("TF_HTTP_PASSWORD"), "another server's state gets the job's token: {seen}");
        let seen = given(&clone, script, "https://gitlab.example.com/api/v4/projects/1/terraform/state/p");
        assert!(seen.contains("\nTF_HTTP_PASSWORD=token-of-job\n"), "{seen}");
        let seen = given(&clone, script, "https://gitlab.example.com/api/v4.evil.example/p");
        assert!(!seen.contains("TF_HTTP_PASSWORD"), "{seen}");
    }
}

#[test]
fn cancelled_apply_lets_go_of_the_state() {
    let sandbox = Sandbox::start(&["--fault", "bulk:2:stall-before"]);
    let Some((clone, bucket)) = clone(&sandbox) else { return };
    run(&clone, &bucket, "plain/plan", &[]).exits(0);
    let mut running = Running::start(script(&clone, &bucket, "plain/apply", &[]).env("CERTCTL_API_KEY", KEY));
    sandbox.has_read(2);
    running.signal("TERM");
    running.end().exits(4).says("there is nothing to commit");
    sandbox.faults(&[]);
    // The next run, on another machine, waits for nothing.
    let next = clone.another();
    std::fs::remove_dir_all(clone.project.file("certctl-out")).unwrap();
    let at = |name: &str| {
        let mut command = script(&clone, &bucket, name, &[]);
        command.current_dir(next.path()).env("CERTCTL_API_KEY", KEY).env("CERTCTL_LOCK_TIMEOUT", "0s");
        Run::of(command.output().unwrap())
    };
    at("plain/plan").exits(0).says("1 in doubt");
    at("plain/apply").exits(4).says("1 created");
    sandbox.assert_no_double_create();
}

#[test]
fn second_apply_waits_or_is_refused() {
    let sandbox = Sandbox::start(&[]);
    let Some((clone, bucket)) = clone(&sandbox) else { return };
    let other = clone.another();
    run(&clone, &bucket, "plain/plan", &[]).exits(0);
    let at_other = |name: &str| {
        let mut command = script(&clone, &bucket, name, &[]);
        command.current_dir(other.path()).env("CERTCTL_API_KEY", KEY);
        command
    };
    Run::of(at_other("plain/plan").output().unwrap()).exits(0);
    let resume = clone.project.file("certctl-out/resume");
    let mut first = script(&clone, &bucket, "plain/apply", &[]);
    first.env("CERTCTL_API_KEY", KEY).env("CERTCTL_PAUSE_AT", "record-begun:1");
    let first = Running::start(first.env("CERTCTL_RESUME", &resume));
    until("the first apply holds the state", || bucket.keys().contains(&"academy/test.json.lock".to_owned()));
    let at_once = Run::of(at_other("plain/apply").env("CERTCTL_LOCK_TIMEOUT", "0s").output().unwrap());
    at_once.exits(6).says("another run holds the state");
    let second = Running::start(&mut at_other("plain/apply"));
    let said = other.file("certctl-out/apply.txt");
    until("the second apply waits", || {
        std::fs::read_to_string(&said).is_ok_and(|said| said.contains("for up to 9m 59s (--lock-timeout)"))
    });
    std::fs::write(resume, "").unwrap();
    first.end().exits(0).says("3 created");
    // Its plan is not for the state that the first one left.
    second.end().exits(5);
    assert_eq!(sandbox.templates().len(), 3);
    sandbox.assert_no_double_create();
}
