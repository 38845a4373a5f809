//! `action.yml` and the example workflows: complete, and safe from injection.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use serde_yaml::Value;

use crate::clone::file;

fn yaml(name: &str) -> Value {
    serde_yaml::from_str(&std::fs::read_to_string(file(name)).unwrap()).unwrap()
}

fn scripts() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in ["ci", "ci/plain", "ci/github", "ci/gitlab", "examples/pipelines/plain"] {
        let entries = std::fs::read_dir(file(folder)).unwrap().map(|entry| entry.unwrap().path());
        found.extend(entries.filter(|path| path.is_file()));
    }
    found
}

/// Every string in a value.
fn texts<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Sequence(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Mapping(members) => members.values().for_each(|member| texts(member, found)),
        _ => {}
    }
}

fn steps(value: &Value) -> Vec<&Value> {
    value["steps"].as_sequence().unwrap().iter().collect()
}

#[test]
fn action_scripts_interpolate_nothing() {
    let action = yaml("action.yml");
    assert_eq!(action["runs"]["using"], "composite");
    let mut run = BTreeSet::new();
    for step in steps(&action["runs"]) {
        let Some(text) = step["run"].as_str() else { continue };
        assert!(!text.contains("${{"), "{text}");
        let script = text.strip_prefix("exec \"$GITHUB_ACTION_PATH/").unwrap().split('"').next().unwrap();
        assert!(file(script).is_file(), "{script}");
        run.insert(script.to_owned());
        assert_eq!(step["shell"], "bash");
    }
    for script in [
        "ci/github/plan",
        "ci/github/comment",
        "ci/github/apply",
        "ci/plain/begin",
        "ci/plain/record",
        "ci/plain/publish",
        "ci/plain/export",
        "ci/github/drift",
        "ci/github/issue",
    ] {
        assert!(run.contains(script), "{script} is not run: {run:?}");
    }
}

#[test]
fn inputs_and_outputs_are_wired() {
    let action = yaml("action.yml");
    let mut used = Vec::new();
    texts(&action["runs"], &mut used);
    for input in action["inputs"].as_mapping().unwrap().keys().map(|name| name.as_str().unwrap()) {
        let name = format!("inputs.{input}");
        assert!(used.iter().any(|text| text.contains(&name)), "{input} is not used");
    }
    let ids: BTreeSet<&str> = steps(&action["runs"]).iter().filter_map(|step| step["id"].as_str()).collect();
    for output in action["outputs"].as_mapping().unwrap().values() {
        let value = output["value"].as_str().unwrap();
        for step in value.split("steps.").skip(1) {
            assert!(ids.contains(step.split('.').next().unwrap()), "{value}");
        }
    }
}

#[test]
fn state_is_always_recorded() {
    let action = yaml("action.yml");
    let steps = steps(&action["runs"]);
    let position = |script: &str| {
        steps.iter().position(|step| step["run"].as_str().is_some_and(|run| run.contains(script))).unwrap()
    };
    assert!(position("plain/begin") < position("github/apply"));
    assert!(position("github/apply") < position("plain/record"));
    assert!(steps[position("plain/record")]["if"].as_str().unwrap().starts_with("always()"));
    // Only the comment and the issue get a token; the key is not an input.
    for step in &steps {
        let has_token = step["env"]["GITHUB_TOKEN"].is_string();
        let writes = |run: &str| run.contains("comment") || run.contains("issue");
        assert_eq!(has_token, step["run"].as_str().is_some_and(writes), "{step:?}");
    }
}

#[test]
fn pull_requests_get_no_key() {
    let workflow = yaml("examples/pipelines/github/certctl.yml");
    let on: Vec<&str> =
        workflow["on"].as_mapping().unwrap().keys().map(|name| name.as_str().unwrap()).collect();
    assert_eq!(on, ["pull_request", "push", "workflow_dispatch"]);
    let mut plan = Vec::new();
    texts(&workflow["jobs"]["plan"], &mut plan);
    assert!(plan.iter().all(|text| !text.contains("secrets.")), "{plan:?}");
    assert_eq!(workflow["jobs"]["plan"]["steps"][0]["with"]["persist-credentials"], false);
    assert_eq!(workflow["permissions"]["contents"], "read");
    let apply = &workflow["jobs"]["apply"];
    assert_eq!(apply["environment"], "production");
    assert!(apply["if"].as_str().unwrap().contains("github.event_name != 'pull_request'"));
    assert_eq!(apply["steps"][0]["with"]["ref"], "${{ needs.plan.outputs.commit }}");
    let group = workflow["concurrency"]["group"].as_str().unwrap();
    assert!(group.contains("'certctl-production-apply'"), "{group}");
    assert!(workflow["concurrency"]["cancel-in-progress"].as_str().unwrap().contains("== 'pull_request'"));

    let comment = yaml("examples/pipelines/github/certctl-comment.yml");
    let on: Vec<&str> =
        comment["on"].as_mapping().unwrap().keys().map(|name| name.as_str().unwrap()).collect();
    assert_eq!(on, ["workflow_run"]);
    let mut all = Vec::new();
    texts(&comment, &mut all);
    assert!(all.iter().all(|text| !text.contains("checkout") && !text.contains("secrets.")), "{all:?}");
}

/// A step of a job that uses this action.
fn step<'a>(job: &'a Value, action: &str) -> &'a Value {
    let uses = |step: &&Value| step["uses"].as_str().is_some_and(|uses| uses.starts_with(action));
    steps(job).into_iter().find(uses).unwrap()
}

/// A step of a job that gives this to the action.
fn step_with<'a>(job: &'a Value, name: &str, value: &str) -> &'a Value {
    steps(job).into_iter().find(|step| step["with"][name] == value).unwrap()
}

#[test]
fn shared_state_needs_no_right_to_push() {
    let workflow = yaml("examples/pipelines/github/certctl-shared.yml");
    let mut all = Vec::new();
    texts(&workflow, &mut all);
    assert!(
        all.iter().all(|text| !text.contains("contents: write") && !text.contains("pull_request_target"))
    );
    let jobs = workflow["jobs"].as_mapping().unwrap();
    for (name, job) in jobs {
        assert_eq!(job["permissions"]["contents"], "read", "{name:?}");
        assert_eq!(step(job, "actions/checkout@")["with"]["persist-credentials"], false, "{name:?}");
        let mut texts_of_job = Vec::new();
        texts(job, &mut texts_of_job);
        let has_secret = texts_of_job.iter().any(|text| text.contains("secrets."));
        assert_eq!(has_secret, name == "apply", "{name:?}");
    }
    assert_eq!(workflow["jobs"]["apply"]["environment"], "production");
    // The schedule neither plans nor applies, and no merge that waits is dropped for it.
    assert_eq!(workflow["jobs"]["plan"]["if"], "github.event_name != 'schedule'");
    let group = workflow["concurrency"]["group"].as_str().unwrap();
    assert!(
        group.contains("== 'schedule' && 'certctl-production-publish' || 'certctl-production-apply'"),
        "{group}"
    );
    let text = std::fs::read_to_string(file("examples/pipelines/gitlab/shared.gitlab-ci.yml")).unwrap();
    assert!(!text.contains("PUSH_TOKEN"));
    // The two forms install certctl in one way.
    let (pipeline, in_git) = (
        yaml("examples/pipelines/gitlab/shared.gitlab-ci.yml"),
        yaml("examples/pipelines/gitlab/.gitlab-ci.yml"),
    );
    for name in ["image", "before_script", "cache"] {
        assert_eq!(pipeline[".certctl"][name], in_git[".certctl"][name], "{name}");
    }
}

#[test]
fn strangers_get_the_copy_and_no_credentials() {
    let workflow = yaml("examples/pipelines/github/certctl-shared.yml");
    let plan = &workflow["jobs"]["plan"];
    for action in ["aws-actions/configure-aws-credentials@", "azure/login@"] {
        let condition = step(plan, action)["if"].as_str().unwrap();
        assert!(condition.starts_with("env.STRANGER != 'true' && "), "{condition}");
    }
    let restore = step(plan, "actions/cache/restore@");
    assert_eq!(restore["if"], "env.STRANGER == 'true'");
    let publish = &workflow["jobs"]["publish"];
    let save = step(publish, "actions/cache/save@");
    // A cache is found by its path, too.
    assert_eq!(restore["with"]["path"], save["with"]["path"]);
    assert_eq!(step(publish, "your-org/")["with"]["state-copy"], save["with"]["path"]);
    assert!(save["with"]["key"].as_str().unwrap().starts_with(restore["with"]["key"].as_str().unwrap()));
    let used = step(plan, "your-org/")["with"]["state-copy"].as_str().unwrap();
    assert_eq!(used, "${{ env.STRANGER == 'true' && format('{0}/certctl-state-copy', runner.temp) || '' }}");
    let condition = publish["if"].as_str().unwrap();
    assert!(condition.contains("github.event_name != 'pull_request'"), "{condition}");
}

#[test]
fn examples_name_one_placeholder() {
    for entry in std::fs::read_dir(file("examples/pipelines/github")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        for (at, _) in text.match_indices("your-org/") {
            let placeholder = "your-org/certctl@v0.1.0";
            assert!(text[at..].starts_with(placeholder), "{}: {}", path.display(), &text[at..at + 40]);
        }
    }
}

#[test]
fn gitlab_plan_has_no_secret_apply_is_manual() {
    let pipeline = yaml("examples/pipelines/gitlab/.gitlab-ci.yml");
    let plan = &pipeline["plan"];
    assert_eq!(plan["artifacts"]["reports"]["codequality"], "certctl-out/gl-code-quality-report.json");
    let apply = &pipeline["apply"];
    assert_eq!(apply["rules"][1]["when"], "manual");
    assert!(apply["resource_group"].is_string());
    assert_eq!(
        (&apply["interruptible"], &apply["artifacts"]["when"]),
        (&Value::Bool(false), &"always".into())
    );
    let mut all = Vec::new();
    texts(&pipeline, &mut all);
    let run = all
        .iter()
        .filter_map(|text| Some(text.split_once(".certctl/source/ci/")?.1.split([' ', ')']).next().unwrap()));
    let run: BTreeSet<&str> = run.collect();
    assert_eq!(
        run,
        ["gitlab/apply", "gitlab/drift", "gitlab/note", "gitlab/plan", "install", "plain/export"].into()
    );
    // A schedule only looks.
    for job in ["plan", "apply"] {
        let never = &pipeline[job]["rules"][0];
        assert!(never["if"].as_str().unwrap().contains("schedule") && never["when"] == "never", "{never:?}");
    }
}

#[test]
fn drift_needs_no_key_and_keeps_no_exports() {
    let workflow = yaml("examples/pipelines/github/certctl-drift.yml");
    let on: Vec<&str> =
        workflow["on"].as_mapping().unwrap().keys().map(|name| name.as_str().unwrap()).collect();
    assert_eq!(on, ["schedule", "workflow_dispatch"]);
    let job = &workflow["jobs"]["drift"];
    assert_eq!(
        (&job["permissions"]["contents"], &job["permissions"]["issues"]),
        (&"read".into(), &"write".into())
    );
    assert_eq!(job["steps"][0]["with"]["persist-credentials"], false);
    let mut all = Vec::new();
    texts(&workflow, &mut all);
    assert!(all.iter().all(|text| !text.contains("API_KEY")), "{all:?}");
    let upload = job["steps"].as_sequence().unwrap().last().unwrap();
    assert_eq!(upload["with"]["path"], "certctl-out/drift.*");
    // Environments do not wait for each other.
    let environment = step_with(job, "command", "drift")["with"]["environment"].as_str().unwrap();
    let group = format!("certctl-drift-{environment}");
    assert_eq!(workflow["concurrency"]["group"].as_str(), Some(group.as_str()));
    let pipeline = yaml("examples/pipelines/gitlab/.gitlab-ci.yml");
    let kept = pipeline["drift"]["artifacts"]["paths"].as_sequence().unwrap();
    assert!(kept.iter().all(|path| path.as_str().unwrap().starts_with("certctl-out/drift.")), "{kept:?}");
    for file in ["examples/pipelines/gitlab/.gitlab-ci.yml", "examples/pipelines/gitlab/shared.gitlab-ci.yml"]
    {
        assert_eq!(yaml(file)["drift"]["resource_group"].as_str(), Some(group.as_str()), "{file}");
    }
}

#[test]
fn scripts_are_executable_and_stop_on_failure() {
    for script in scripts() {
        let text = std::fs::read_to_string(&script).unwrap();
        let name = script.display();
        if script.extension().is_some_and(|extension| extension == "bash") {
            assert!(!text.starts_with("#!"), "{name} is sourced");
            continue;
        }
        assert!(text.starts_with("#!/usr/bin/env bash\n# "), "{name}");
        assert!(text.contains("\nset -euo pipefail\n") || script.ends_with("askpass"), "{name}");
        assert_eq!(script.metadata().unwrap().permissions().mode() & 0o111, 0o111, "{name}");
    }
}

#[test]
fn shellcheck_finds_nothing() {
    let Ok(version) = Command::new("shellcheck").arg("--version").output() else {
        // Not every machine has it; the scripts' behaviour is tested anyway.
        return;
    };
    assert!(version.status.success());
    let mut command = Command::new("shellcheck");
    command.args(["--external-sources", "--source-path", "SCRIPTDIR/../.."]).args(scripts());
    let output = command.current_dir(file("")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
