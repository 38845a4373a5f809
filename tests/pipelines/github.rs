//! GitHub: log, summary, outputs, and the one comment.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::clone::Clone;
use crate::forge::{BOT, Forge};
use crate::support::{KEY, Run, Sandbox, Template, numbered};

const MARKER: &str = "<!-- certctl plan test -->";
const REPOSITORY: &str = "academy/certificates";

/// Texts that a shell, a log or a page would interpret.
const HOSTILE: [&str; 6] = [
    "`touch pwned`",
    "$(touch pwned)",
    "'; touch pwned; '",
    "::set-output name=has-changes::false",
    "##[set-output name=has-changes]false",
    "@everyone <!-- --> ``` </details>",
];

fn hostile_templates() -> Vec<Template> {
    let hostile = HOSTILE.iter().zip(1..).map(|(text, number)| {
        let mut template = Template::number(number);
        template.key = serde_json::to_string(&format!("{text} {number}")).unwrap();
        let quoted = serde_json::to_string(&format!("x\n{text}\r{text}")).unwrap();
        quoted.trim_matches('"').clone_into(&mut template.title);
        template
    });
    hostile.collect()
}

/// Runs a script like a step of GitHub Actions.
fn step(clone: &Clone, script: &str) -> Command {
    let mut command = clone.script(script, &[]);
    command.env("GITHUB_OUTPUT", clone.project.file("certctl-out/outputs"));
    command.env("GITHUB_STEP_SUMMARY", clone.project.file("certctl-out/step-summary"));
    command.env("GITHUB_REPOSITORY", REPOSITORY).env("GITHUB_TOKEN", "token").env("GITHUB_RUN_ID", "99");
    command.env("GITHUB_SERVER_URL", "https://github.example");
    command
}

fn plan(clone: &Clone) -> Run {
    let _ = std::fs::create_dir_all(clone.project.file("certctl-out"));
    for file in ["outputs", "step-summary"] {
        clone.project.write(&format!("certctl-out/{file}"), "");
    }
    Run::of(step(clone, "github/plan").output().unwrap())
}

fn comment(clone: &Clone, forge: &Forge, name: &str, event: &Value) -> Run {
    clone.project.write("certctl-out/event.json", event.to_string());
    let mut command = step(clone, "github/comment");
    command.env("GITHUB_API_URL", &forge.url).env("GITHUB_EVENT_NAME", name);
    command.env("GITHUB_EVENT_PATH", clone.project.file("certctl-out/event.json"));
    Run::of(command.output().unwrap())
}

fn pull_request(from: &str) -> Value {
    json!({ "pull_request": { "number": 5, "head": { "repo": { "full_name": from } } } })
}

/// The lines that the runner would interpret as commands: those outside of a stop-commands block.
fn commands(log: &str) -> Vec<&str> {
    let mut stopped: Option<String> = None;
    let mut found = Vec::new();
    for line in log.split(['\n', '\r']) {
        let line = line.trim_start();
        match &stopped {
            Some(end) if line == end => stopped = None,
            Some(_) => {}
            None => match line.strip_prefix("::stop-commands::") {
                Some(token) => stopped = Some(format!("::{token}::")),
                None if line.starts_with("::") || line.contains("##[") => found.push(line),
                None => {}
            },
        }
    }
    assert!(stopped.is_none(), "commands stay stopped");
    found
}

#[test]
fn plan_fills_log_summary_and_outputs() {
    let sandbox = Sandbox::start(&[]);
    let clone = Clone::with(&sandbox, &numbered(1..=2));
    let run = plan(&clone).exits(0).says("Plan: 2 to add").says("No problem found.");
    assert_eq!(commands(&run.stdout), [] as [&str; 0]);
    let outputs = clone.out("outputs");
    let commit = clone.git(&["rev-parse", "HEAD"]);
    for line in ["exit-code=2", "has-changes=true", &format!("commit={commit}")] {
        assert!(outputs.lines().any(|other| other == line), "{line}\n{outputs}");
    }
    for name in ["plan", "markdown", "html", "json"] {
        let value = outputs.lines().find_map(|line| line.strip_prefix(&format!("{name}="))).unwrap();
        assert!(Path::new(value).is_file(), "{name}: {value}");
    }
    assert!(clone.out("step-summary").starts_with(&format!("{MARKER}\n")));
}

#[test]
fn findings_are_annotations_and_in_the_summary() {
    let sandbox = Sandbox::start(&[]);
    let clone = Clone::with(&sandbox, &numbered(1..=1));
    clone.project.write("templates/wrong.yaml", "templates:\n  a:\n    titel: x\n");
    let run = plan(&clone).exits(1);
    let found = commands(&run.stdout);
    assert!(
        found.iter().any(|line| line.starts_with("::error file=templates/wrong.yaml,line=3,col=5,")),
        "{found:?}"
    );
    assert!(clone.out("step-summary").contains("titel"));
    assert!(clone.out("outputs").contains("exit-code=1\nhas-changes=false\n"));
    assert!(!clone.out("outputs").contains("plan="));
}

#[test]
fn templates_cannot_inject_commands() {
    let sandbox = Sandbox::start(&[]);
    let clone = Clone::with(&sandbox, &hostile_templates());
    let run = plan(&clone).exits(0).says("Plan: 6 to add").says("##[set-output");
    assert_eq!(commands(&run.stdout), [] as [&str; 0]);
    assert_eq!(commands(&run.stderr), [] as [&str; 0]);
    let forge = Forge::start();
    comment(&clone, &forge, "pull_request", &pull_request(REPOSITORY)).exits(0);
    assert_eq!(forge.comments()[0].1, clone.out("plan.md").trim_end());
    // Also with faults.
    let wrong: String =
        HOSTILE.iter().map(|text| format!("  {}: {{ {}: 1 }}\n", json!(text), json!(text))).collect();
    clone.project.write("templates/all.yaml", format!("templates:\n{wrong}"));
    let run = plan(&clone).exits(1);
    for line in commands(&run.stdout) {
        assert!(line.starts_with("::error file=templates/all.yaml,line="), "{line}");
    }
    assert_eq!(commands(&run.stderr), [] as [&str; 0]);
    assert!(clone.out("outputs").contains("has-changes=false"));
    for folder in ["", "certctl-out/", "templates/"] {
        assert!(!clone.project.file(&format!("{folder}pwned")).exists(), "something was run");
    }
}

#[test]
fn summary_respects_githubs_size_limit() {
    let sandbox = Sandbox::start(&[]);
    let long = "word ".repeat(400);
    let templates: Vec<Template> = numbered(1..=5000)
        .into_iter()
        .map(|template| template.with(&format!("customCss: \"{long}\"")))
        .collect();
    let clone = Clone::with(&sandbox, &templates);
    Run::of(step(&clone, "github/plan").env("CERTCTL_ARGS", "--max-changes\n5000").output().unwrap())
        .exits(0);
    let summary = clone.project.file("certctl-out/step-summary").metadata().unwrap().len();
    assert!((900_000..1_024_000).contains(&summary), "{summary}");
    assert!(clone.out("plan.md").len() <= 65_536);
}

#[test]
fn apply_reports_its_result_and_exit_code() {
    let sandbox = Sandbox::start(&["--fault", "bulk:2:reset-after"]);
    let clone = Clone::with(&sandbox, &numbered(1..=2));
    plan(&clone).exits(0);
    clone.run("plain/begin", &["certctl-out/change.plan"]).exits(0);
    let mut apply = step(&clone, "github/apply");
    let run =
        Run::of(apply.arg("certctl-out/change.plan").env("CERTCTL_API_KEY", KEY).output().unwrap()).exits(4);
    let found = commands(&run.stdout);
    assert!(found.len() == 1 && found[0].starts_with("::error title=certctl::The outcome"), "{found:?}");
    clone.run("plain/record", &[]).exits(0);
    assert!(clone.out("outputs").contains("exit-code=4\n"));
    assert!(clone.out("step-summary").contains("certctl apply"));
    assert_eq!(clone.pushed_state()["templates"]["t-002"]["status"], "in_doubt");
    // Without a mark, nothing is sent.
    let mut apply = step(&clone, "github/apply");
    Run::of(apply.arg("certctl-out/change.plan").env("CERTCTL_API_KEY", KEY).output().unwrap()).exits(1);
    assert_eq!(sandbox.requests().len(), 2);
}

#[test]
fn comment_is_created_once_then_updated() {
    let sandbox = Sandbox::start(&[]);
    let clone = Clone::with(&sandbox, &numbered(1..=1));
    let forge = Forge::start();
    // Other people may write anything, in any number of comments.
    forge.comment("mallory", &format!("{MARKER}\nthis is not ours"));
    forge.comment(BOT, "<!-- certctl plan test2 -->\nanother environment");
    (0..120).for_each(|number| forge.comment("ann", &format!("comment {number}")));
    let others = forge.comments();
    plan(&clone).exits(0);
    comment(&clone, &forge, "pull_request", &pull_request(REPOSITORY)).exits(0).says("up to date");
    assert_eq!(forge.comments().len(), others.len() + 1);
    let (login, body) = forge.comments().pop().unwrap();
    assert_eq!((login.as_str(), body.as_str()), (BOT, clone.out("plan.md").trim_end()));

    clone.project.templates(&numbered(1..=3));
    plan(&clone).exits(0);
    comment(&clone, &forge, "pull_request", &pull_request(REPOSITORY)).exits(0);
    let mut comments = forge.comments();
    assert!(comments.pop().unwrap().1.contains("3 to add"));
    assert_eq!(comments, others);

    // A failing plan replaces the previous comment.
    clone.project.write("templates/all.yaml", "templates: 5\n");
    plan(&clone).exits(1);
    comment(&clone, &forge, "pull_request", &pull_request(REPOSITORY)).exits(0);
    assert!(forge.comments().pop().unwrap().1.contains("Plan failed"), "{:?}", forge.comments().pop());
    assert_eq!(forge.comments().len(), others.len() + 1);
}

#[test]
fn oversized_report_is_cut_to_its_summary() {
    let sandbox = Sandbox::start(&[]);
    let clone = Clone::with(&sandbox, &numbered(1..=1));
    plan(&clone).exits(0);
    let report = clone.out("plan.md") + &"```\n".repeat(20_000);
    clone.project.write("certctl-out/plan.md", report);
    let forge = Forge::start();
    comment(&clone, &forge, "pull_request", &pull_request(REPOSITORY)).exits(0);
    let body = forge.comments().pop().unwrap().1;
    assert!(body.starts_with(MARKER) && body.contains("1 to add") && body.len() < 500, "{body}");
    assert!(body.contains(&format!("https://github.example/{REPOSITORY}/actions/runs/99")), "{body}");
}

#[test]
fn missing_comment_permission_is_reported() {
    let sandbox = Sandbox::start(&[]);
    let clone = Clone::with(&sandbox, &numbered(1..=1));
    plan(&clone).exits(0);
    let forge = Forge::start();
    let run = comment(&clone, &forge, "pull_request", &pull_request("mallory/certificates")).exits(0);
    assert!(
        run.stdout.starts_with("::notice title=certctl::This pull request comes from a fork"),
        "{}",
        run.stdout
    );
    assert_eq!(forge.requests(), [] as [&str; 0]);
    comment(&clone, &forge, "push", &json!({})).exits(0).says("no pull request");
    forge.denies(403);
    comment(&clone, &forge, "pull_request", &pull_request(REPOSITORY)).exits(0).says("::notice");
    forge.denies(500);
    comment(&clone, &forge, "pull_request", &pull_request(REPOSITORY)).exits(1).says("status 500");
    assert_eq!(forge.comments(), []);
}

/// The event that GitHub passes to the workflow after the fork's run.
fn fork_ended() -> Value {
    json!({ "workflow_run": {
        "id": 77, "head_sha": "abc", "head_branch": "fix",
        "head_repository": { "full_name": "mallory/certificates", "owner": { "login": "mallory" } } } })
}

fn fork_pull(sha: &str, from: &str) -> Value {
    json!([
        { "number": 4, "head": { "sha": "other", "repo": { "full_name": "mallory/certificates" } } },
        { "number": 6, "head": { "sha": sha, "repo": { "full_name": from } } },
    ])
}

#[test]
fn only_the_plan_of_a_fork_is_used() {
    let sandbox = Sandbox::start(&[]);
    let clone = Clone::with(&sandbox, &hostile_templates());
    plan(&clone).exits(0);
    // Other artifacts of the fork may contain anything.
    clone.project.write("certctl-out/plan.md", format!("{MARKER}\n@everyone click here\n"));
    clone.project.write("certctl-out/number", "1");
    clone.project.write("certctl-out/state-copied-at", "2020-01-02T03:04:05Z\n@everyone");
    let forge = Forge::start();
    forge.pulls(fork_pull("abc", "mallory/certificates"));
    comment(&clone, &forge, "workflow_run", &fork_ended()).exits(0).says("#6");
    assert!(forge.requests().contains(&format!("POST /repos/{REPOSITORY}/issues/6/comments")));
    let body = forge.comments().pop().unwrap().1;
    assert!(body.starts_with(&format!("{MARKER}\n> This pull request comes from a fork")), "{body}");
    assert!(body.contains("6 to add") && !body.contains("click here"), "{body}");
    assert!(body.contains(" days old (2020-01-02T03:04:05Z)") && !body.contains("@everyone\n"), "{body}");
    assert!(!clone.project.file("pwned").exists());

    // A changed plan is refused.
    clone.project.write(
        "certctl-out/change.plan",
        clone.out("change.plan").replace("Title", "Tidle").replace('x', "y"),
    );
    let mut command = step(&clone, "github/comment");
    command
        .env("GITHUB_API_URL", &forge.url)
        .env("GITHUB_EVENT_NAME", "workflow_run")
        .env("CERTCTL_ENV", "test");
    Run::of(command.env("GITHUB_EVENT_PATH", clone.project.file("certctl-out/event.json")).output().unwrap())
        .exits(0);
    assert_eq!(forge.comments().len(), 1);
    let body = forge.comments().pop().unwrap().1;
    assert!(body.contains("no plan") && body.contains("/actions/runs/77"), "{body}");
}

#[test]
fn plan_of_a_fork_reaches_only_its_request() {
    let sandbox = Sandbox::start(&[]);
    let clone = Clone::with(&sandbox, &numbered(1..=1));
    plan(&clone).exits(0);
    let forge = Forge::start();
    for pulls in [json!([]), fork_pull("newer", "mallory/certificates"), fork_pull("abc", "ann/certificates")]
    {
        forge.pulls(pulls);
        comment(&clone, &forge, "workflow_run", &fork_ended()).exits(0).says("::notice");
    }
    forge.pulls(fork_pull("abc", "mallory/certificates"));
    let mut command = step(&clone, "github/comment");
    command
        .env("GITHUB_API_URL", &forge.url)
        .env("GITHUB_EVENT_NAME", "workflow_run")
        .env("CERTCTL_ENV", "production");
    let run =
        command.env("GITHUB_EVENT_PATH", clone.project.file("certctl-out/event.json")).output().unwrap();
    Run::of(run).exits(0).says("another environment");
    assert_eq!(forge.comments(), []);
}

#[test]
fn links_in_fork_artifacts_are_not_followed() {
    let sandbox = Sandbox::start(&[]);
    let clone = Clone::with(&sandbox, &numbered(1..=1));
    plan(&clone).exits(0);
    clone.project.write("secret.plan", clone.out("change.plan"));
    clone.project.write("precious.txt", "precious");
    for (link, target) in
        [("change.plan", "secret.plan"), ("fork.md", "precious.txt"), ("comment.md", "precious.txt")]
    {
        let link = clone.project.file("certctl-out").join(link);
        let _ = std::fs::remove_file(&link);
        std::os::unix::fs::symlink(clone.project.file(target), link).unwrap();
    }
    let forge = Forge::start();
    forge.pulls(fork_pull("abc", "mallory/certificates"));
    comment(&clone, &forge, "workflow_run", &fork_ended()).exits(0);
    assert_eq!(forge.comments(), []);
    assert_eq!(clone.project.read("precious.txt"), "precious");
}

#[test]
fn cache_key_follows_the_source() {
    let sandbox = Sandbox::start(&[]);
    let clone = Clone::with(&sandbox, &numbered(1..=1));
    std::fs::create_dir_all(clone.project.file("certctl-out")).unwrap();
    let install = |arguments: &[&str]| {
        let mut command = clone.script("github/install", arguments);
        command.env("CERTCTL_ROOT", clone.project.file("certctl-out/root"));
        command.env("GITHUB_ENV", clone.project.file("certctl-out/env"));
        command.env("GITHUB_OUTPUT", clone.project.file("certctl-out/key"));
        Run::of(command.output().unwrap()).exits(0)
    };
    install(&[]).says("certctl 0.1.0");
    assert_eq!(clone.out("env"), format!("CERTCTL={}\n", env!("CARGO_BIN_EXE_certctl")));
    install(&["key"]);
    let key = clone.out("key");
    assert!(key.starts_with("key=") && key.trim_end().len() == 36, "{key}");
}
