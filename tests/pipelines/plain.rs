//! Plan, apply, and the state in git: nothing that a server accepted may be lost.

use serde_json::json;

use crate::clone::{Clone, clean, commit, file, git};
use crate::support::running::Running;
use crate::support::{KEY, Run, Sandbox, Template, numbered};

const MARKER: &str = "certctl-applying-test";

#[test]
fn plan_is_applied_and_state_committed() {
    let sandbox = Sandbox::start(&[]);
    let clone = Clone::with(&sandbox, &numbered(1..=2));
    Run::of(clone.script("plain/plan", &[]).output().unwrap()).exits(0).says("Plan: 2 to add");
    assert_eq!((clone.out("exit-code").trim(), clone.out("has-changes").trim()), ("2", "true"));
    for report in ["plan.md", "plan.html", "plan.json", "change.plan", "plan.txt"] {
        assert!(clone.out(report).contains("t-002"), "{report}");
    }
    clone.run("plain/apply", &[]).exits(0).says("2 created").says("The state is recorded in main.");
    assert_eq!(clone.pushed_state()["templates"]["t-001"]["status"], "applied");
    assert_eq!(clone.branches(), ["main"]);
    let log = clone.git(&["log", "-1", "--format=%an %s%n%b", "origin/main"]);
    assert!(log.starts_with("certctl Record what was applied to test [skip ci]\n2 created"), "{log}");
    assert_eq!(clone.git(&["show", "--format=", "--name-only", "origin/main"]), "state/test.json");
    // The clone continues from there, and nothing is left to do.
    assert_eq!(clone.git(&["status", "--porcelain"]), "");
    clone.run("plain/plan", &[]).exits(0).says("No changes.");
    assert_eq!((clone.out("exit-code").trim(), clone.out("has-changes").trim()), ("0", "false"));
    assert_eq!(sandbox.requests().len(), 2);
}

#[test]
fn failed_plan_removes_the_previous_plan() {
    let sandbox = Sandbox::start(&[]);
    let clone = Clone::with(&sandbox, &numbered(1..=2));
    clone.run("plain/plan", &[]).exits(0);
    let limited =
        Run::of(clone.script("plain/plan", &[]).env("CERTCTL_ARGS", "--max-changes\n1\n").output().unwrap());
    limited.exits(5).says("2 to add");
    assert_eq!(clone.out("has-changes").trim(), "false");
    assert!(!clone.project.file("certctl-out/change.plan").exists());
    clone.project.write("templates/all.yaml", "templates:\n  a: { titel: x }\n");
    clone.run("plain/plan", &[]).exits(1).says("titel");
    assert!(clone.out("plan.md").starts_with("<!-- certctl plan test -->\n"));
    clone.run("plain/apply", &[]).exits(1).says("there is no plan");
    assert_eq!(clone.branches(), ["main"]);
}

#[test]
fn failed_rows_fail_the_job_after_recording() {
    for (fault, code, status) in [("bulk:2:reject=Title", 3, "failed"), ("bulk:2:reset-after", 4, "in_doubt")]
    {
        let sandbox = Sandbox::start(&["--fault", fault]);
        let clone = Clone::with(&sandbox, &numbered(1..=2));
        clone.run("plain/plan", &[]).exits(0);
        clone.run("plain/apply", &[]).exits(code).says("The state is recorded in main.");
        assert_eq!(clone.pushed_state()["templates"]["t-002"]["status"], status);
        assert_eq!(clone.branches(), ["main"]);
    }
}

#[test]
fn rows_with_a_running_job_need_an_apply() {
    let sandbox = Sandbox::start(&["--fault", "bulk:1:job=never"]);
    let clone = Clone::with(&sandbox, &numbered(1..=1));
    clone.run("plain/plan", &[]).exits(0);
    clone.run("plain/apply", &[]).exits(3);
    assert_eq!(clone.pushed_state()["templates"]["t-001"]["status"], "pending");
    clone.run("plain/plan", &[]).exits(0);
    assert_eq!((clone.out("exit-code").trim(), clone.out("has-changes").trim()), ("0", "true"));
    let asked = sandbox.requests().len();
    clone.run("plain/apply", &[]).exits(3);
    assert!(sandbox.requests().len() > asked, "the job was not asked for again");
    assert_eq!(sandbox.times_sent("Title 001"), 1);
}

#[test]
fn state_is_committed_on_top_of_others() {
    let sandbox = Sandbox::start(&[]);
    let clone = Clone::with(&sandbox, &numbered(1..=1));
    clone.run("plain/plan", &[]).exits(0);
    clone.run("plain/begin", &["certctl-out/change.plan"]).exits(0);
    assert_eq!(clone.branches(), [MARKER, "main"]);
    let kept = clone.pushed(MARKER, "certctl-applying.plan").unwrap();
    assert_eq!(kept, clone.out("change.plan"), "what is about to be sent is written down first");
    let colleague = clone.another();
    colleague.write("notes.txt", "meanwhile\n");
    commit(colleague.path(), "Meanwhile");
    // Changed files of others must not block it.
    clone.project.write("templates/all.yaml", "changed meanwhile\n");
    clone.run("plain/submit", &["certctl-out/change.plan"]).exits(0);
    clone.run("plain/record", &[]).exits(0);
    assert_eq!(clone.pushed("main", "notes.txt").unwrap(), "meanwhile\n");
    assert_eq!(clone.pushed_state()["serial"], 1);
    assert_eq!(clone.branches(), ["main"]);
    clone.run("plain/record", &[]).exits(0).says("nothing to record");
}

#[test]
fn rejected_push_is_tried_again() {
    let sandbox = Sandbox::start(&[]);
    let clone = Clone::with(&sandbox, &numbered(1..=1));
    clone.run("plain/plan", &[]).exits(0);
    clone.run("plain/begin", &["certctl-out/change.plan"]).exits(0);
    clone.run("plain/submit", &["certctl-out/change.plan"]).exits(0);
    let hook = "#!/bin/sh\ntest -e tried && exit 0\ntouch tried\nexit 1\n";
    install_hook(&clone, "pre-receive", hook);
    clone.run("plain/record", &[]).exits(0).says("attempt 2 of 5").says("recorded in main");
    assert_eq!(clone.branches(), ["main"]);
}

#[test]
fn concurrently_changed_state_is_never_merged() {
    let sandbox = Sandbox::start(&[]);
    let clone = Clone::with(&sandbox, &numbered(1..=1));
    clone.run("plain/plan", &[]).exits(0);
    clone.run("plain/begin", &["certctl-out/change.plan"]).exits(0);
    clone.run("plain/submit", &["certctl-out/change.plan"]).exits(0);
    let colleague = clone.another();
    colleague.write("state/test.json", "{}\n");
    commit(colleague.path(), "Another state");
    clone
        .run("plain/record", &[])
        .exits(1)
        .says("THE STATE IS NOT IN main")
        .says("was changed while this apply ran");
    assert_eq!(clone.pushed("main", "state/test.json").unwrap(), "{}\n");
    let branches = clone.branches();
    assert!(branches.contains(&MARKER.to_owned()), "the mark stays: {branches:?}");
    let rescue = branches.iter().find(|branch| branch.starts_with("certctl-state-test-")).unwrap();
    let state = clone.project.read("state/test.json");
    assert_eq!(clone.pushed(rescue, "state/test.json").unwrap(), state);
    assert_eq!(clone.out("state/test.json"), state);
    // Until a person has looked, nothing is sent: an older plan is refused, and a new one cannot be made.
    let older_plan = clone.out("change.plan");
    clone.git(&["stash", "--quiet", "--include-untracked"]);
    clone.git(&["fetch", "--quiet", "origin"]);
    // The stash has that state too; the message names the branch.
    clone
        .run("plain/plan", &[])
        .exits(5)
        .says("there is no state at state/test.json")
        .says(&format!("the one in origin/{rescue}"));
    clone.run("plain/apply", &[]).exits(1).says("there is no plan");
    clone.project.write("certctl-out/change.plan", older_plan);
    clone.run("plain/apply", &[]).exits(5).says("Plan again");
}

#[test]
fn impossible_push_keeps_mark_and_state() {
    let sandbox = Sandbox::start(&[]);
    let clone = Clone::with(&sandbox, &numbered(1..=1));
    clone.run("plain/plan", &[]).exits(0);
    clone.run("plain/begin", &["certctl-out/change.plan"]).exits(0);
    clone.run("plain/submit", &["certctl-out/change.plan"]).exits(0);
    install_hook(&clone, "update", "#!/bin/sh\ntest \"$1\" != refs/heads/main\n");
    clone.run("plain/record", &[]).exits(1).says("attempt 5 of 5").says("THE STATE IS NOT IN main");
    let state = clone.project.read("state/test.json");
    assert_eq!(clone.out("state/test.json"), state);
    let branches = clone.branches();
    assert!(branches.contains(&MARKER.to_owned()), "the mark stays: {branches:?}");
    let rescue = branches.iter().find(|branch| branch.starts_with("certctl-state-test-")).unwrap();
    assert_eq!(clone.pushed(rescue, "state/test.json").unwrap(), state);
}

#[test]
fn nothing_is_sent_during_another_apply() {
    let sandbox = Sandbox::start(&[]);
    let clone = Clone::with(&sandbox, &numbered(1..=1));
    clone.run("plain/plan", &[]).exits(0);
    clone.git(&["push", "--quiet", "origin", &format!("main:{MARKER}")]);
    clone.run("plain/apply", &[]).exits(6).says(MARKER).says("docs/pipelines.md");
    assert_eq!(clone.branches(), [MARKER, "main"], "the mark of another is left alone");
    clone.git(&["push", "--quiet", "--delete", "origin", MARKER]);

    clone.project.write("state/test.json.journal", "");
    clone.run("plain/apply", &[]).exits(5).says("is not the one in git");
    std::fs::remove_file(clone.project.file("state/test.json.journal")).unwrap();

    let colleague = clone.another();
    colleague.write("state/test.json", "{}\n");
    commit(colleague.path(), "An apply of somebody else");
    clone.run("plain/apply", &[]).exits(5).says("Plan again");
    assert_eq!(clone.branches(), ["main"]);
    assert_eq!(sandbox.requests().len(), 0);
}

#[test]
fn refused_apply_removes_its_mark() {
    let sandbox = Sandbox::start(&[]);
    let clone = Clone::with(&sandbox, &numbered(1..=2));
    clone.run("plain/plan", &[]).exits(0);
    let plan = clone.out("change.plan").replace("Title 001", "Title 666");
    clone.project.write("certctl-out/change.plan", plan);
    clone.run("plain/apply", &[]).exits(5).says("changed after it was made");
    assert_eq!(clone.branches(), ["main"]);
    assert_eq!(clone.git(&["rev-parse", "HEAD"]), clone.git(&["rev-parse", "origin/main"]));
    assert_eq!(sandbox.requests().len(), 0);
}

#[test]
fn cancelled_apply_is_recorded() {
    let sandbox = Sandbox::start(&["--fault", "bulk:2:stall-before"]);
    let clone = Clone::with(&sandbox, &numbered(1..=3));
    clone.run("plain/plan", &[]).exits(0);
    let mut running = Running::start(clone.script("plain/apply", &[]).env("CERTCTL_API_KEY", KEY));
    sandbox.has_read(2);
    // Runners interrupt first and terminate a few seconds later. A shell that waits may miss an interrupt, so this is the
    // signal that counts.
    running.signal("TERM");
    running.end().exits(4).says("The state is recorded in main.");
    assert_eq!(sandbox.requests().len(), 2, "the signal did not arrive");
    let state = clone.pushed_state();
    assert_eq!(state["templates"]["t-001"]["status"], "applied");
    assert_eq!(state["templates"]["t-002"]["status"], "in_doubt");
    assert_eq!(clone.branches(), ["main"]);
}

#[test]
fn killed_run_leaves_its_journal() {
    let sandbox = Sandbox::start(&["--no-upsert", "--fault", "bulk:1:stall-after"]);
    let clone = Clone::with(&sandbox, &numbered(1..=1));
    clone.run("plain/plan", &[]).exits(0);
    clone.run("plain/begin", &["certctl-out/change.plan"]).exits(0);
    // A certctl that dies as soon as its request is sent.
    let real = env!("CARGO_BIN_EXE_certctl");
    clone.project.write(
        "certctl-out/dying",
        format!(
            "#!/bin/sh\ncase \"$*\" in *' apply '*) ;; *) exec {real} \"$@\" ;; esac\n{real} \"$@\" &\n\
             while ! grep -q intent state/test.json.journal 2>/dev/null; do sleep 0.01; done\nkill -9 $!\nwait $!\n"
        ),
    );
    std::process::Command::new("chmod")
        .arg("+x")
        .arg(clone.project.file("certctl-out/dying"))
        .status()
        .unwrap();
    let mut submit = clone.script("plain/submit", &["certctl-out/change.plan"]);
    submit.env("CERTCTL_API_KEY", KEY).env("CERTCTL", clone.project.file("certctl-out/dying"));
    Run::of(submit.output().unwrap()).exits(137);
    // It may have died before its request reached the fault.
    sandbox.faults(&[]);
    clone.run("plain/record", &[]).exits(0);
    assert!(clone.pushed("main", "state/test.json.journal").unwrap().contains("intent"));
    assert_eq!(clone.branches(), ["main"]);

    // On another machine: what may have been sent is known and not sent again.
    let next = clone.another();
    let plan = next.run(&["plan", "--json"]).exits(0).json();
    assert_eq!(plan["summary"]["in_doubt"], 1);
    // The next apply adds the journal, which the plan has included, to the state and removes it from git.
    clone.pull();
    clone.project.templates(&numbered(1..=2));
    clone.commit("One more");
    clone.run("plain/plan", &[]).exits(0);
    clone.run("plain/apply", &[]).exits(4).says("1 created");
    assert_eq!(clone.pushed("main", "state/test.json.journal"), None);
    assert_eq!(clone.pushed_state()["templates"]["t-001"]["status"], "in_doubt");
    assert!(sandbox.times_sent("Title 001") <= 1);
}

#[test]
fn shallow_detached_checkout_works() {
    let sandbox = Sandbox::start(&[]);
    let clone = Clone::with(&sandbox, &numbered(1..=1));
    clone.project.write("notes.txt", "so that there is a history\n");
    clone.commit("More");
    let origin = clone.git(&["remote", "get-url", "origin"]);
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), &["clone", "--quiet", "--depth", "1", &format!("file://{origin}"), "."]).exits(0);
    git(folder.path(), &["checkout", "--quiet", "--detach"]).exits(0);
    let script = |name: &str| {
        let mut command = clone.script(name, &[]);
        command.current_dir(folder.path()).env("CERTCTL_API_KEY", KEY);
        command
    };
    Run::of(script("plain/plan").output().unwrap()).exits(0);
    Run::of(script("plain/apply").output().unwrap()).exits(1).says("CERTCTL_BRANCH");
    Run::of(script("plain/apply").env("CERTCTL_BRANCH", "main").output().unwrap()).exits(0);
    assert_eq!(clone.pushed_state()["serial"], 1);
    assert!(clone.pushed("main", "notes.txt").is_some());
}

#[test]
fn strange_directory_names_work() {
    let sandbox = Sandbox::start(&[]);
    let clone = Clone::with(&sandbox, &numbered(1..=1));
    let strange = "a b*[c]$(touch pwned)`touch pwned`";
    for name in ["certctl.toml", "templates/all.yaml"] {
        clone.project.write(&format!("{strange}/{name}"), clone.project.read(name));
    }
    clone.commit("Move");
    let script = |name: &str| {
        Run::of(
            clone.script(name, &[]).env("CERTCTL_DIR", strange).env("CERTCTL_API_KEY", KEY).output().unwrap(),
        )
    };
    script("plain/plan").exits(0);
    script("plain/apply").exits(0);
    let state = clone.pushed("main", &format!("{strange}/state/test.json")).unwrap();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&state).unwrap()["serial"], json!(1));
    assert!(!clone.project.file("pwned").exists() && !clone.project.file(strange).join("pwned").exists());
}

#[test]
fn state_outside_the_repository_is_refused() {
    let sandbox = Sandbox::start(&[]);
    let clone = Clone::with(&sandbox, &numbered(1..=1));
    let elsewhere = tempfile::tempdir().unwrap();
    let toml = clone.project.read("certctl.toml");
    let state = format!("\nstate = \"{}/s.json\"\n[environments.test.api]", elsewhere.path().display());
    clone.project.write("certctl.toml", toml.replace("\n[environments.test.api]", &state));
    clone.commit("State elsewhere");
    clone.run("plain/plan", &[]).exits(0);
    clone.run("plain/apply", &[]).exits(1).says("is not in this git repository");
    assert_eq!(sandbox.requests().len(), 0);
}

fn executable(clone: &Clone, name: &str, text: String) {
    clone.project.write(name, text);
    std::process::Command::new("chmod").arg("+x").arg(clone.project.file(name)).status().unwrap();
}

#[test]
fn git_gets_no_key_and_runs_no_hook() {
    let sandbox = Sandbox::start(&[]);
    let clone = Clone::with(&sandbox, &numbered(1..=1));
    let [seen, ran] = ["seen", "ran"].map(|name| clone.project.file("certctl-out").join(name));
    executable(&clone, ".git/hooks/pre-push", format!("#!/bin/sh\ntouch '{}'\n", ran.display()));
    let path = std::env::var("PATH").unwrap();
    let looks = format!("#!/bin/sh\nenv >>'{}'\nPATH='{path}' exec git \"$@\"\n", seen.display());
    executable(&clone, ".git/looking/git", looks);
    clone.run("plain/plan", &[]).exits(0);
    let mut apply = clone.script("plain/apply", &[]);
    apply.env("PATH", format!("{}:{path}", clone.project.file(".git/looking").display()));
    Run::of(apply.env("CERTCTL_API_KEY", KEY).env("TI_API_KEY", KEY).output().unwrap()).exits(0);
    let seen = std::fs::read_to_string(seen).unwrap();
    assert!(seen.contains("GIT_AUTHOR_NAME=certctl") && !seen.contains(KEY), "{seen}");
    assert!(!ran.exists(), "a hook ran");
}

#[test]
fn example_scripts_plan_and_apply() {
    let sandbox = Sandbox::start(&[]);
    let clone = Clone::with(&sandbox, &[Template::number(1), Template::number(2)]);
    let toml = clone.project.read("certctl.toml").replace("environments.test", "environments.production");
    clone.project.write("certctl.toml", toml.replace("\"test\"", "\"production\""));
    clone.commit("As in the example");
    let path = format!(
        "{}:{}",
        std::path::Path::new(env!("CARGO_BIN_EXE_certctl")).parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    let example = |name: &str| {
        let mut command = std::process::Command::new(file("examples/pipelines/plain").join(name));
        clean(&mut command);
        command.current_dir(clone.project.path()).env("PATH", &path).env("CERTCTL_SOURCE", file(""));
        command
    };
    Run::of(example("pull-request.sh").output().unwrap()).exits(0).says("2 to add");
    Run::of(example("merged.sh").env("CERTCTL_API_KEY", KEY).output().unwrap()).exits(0).says("2 created");
    assert!(clone.pushed("main", "state/production.json").is_some());
    Run::of(example("merged.sh").env("CERTCTL_API_KEY", KEY).output().unwrap()).exits(0).says("No changes.");
}

/// A hook of the origin, which sees every push before it is accepted.
fn install_hook(clone: &Clone, name: &str, text: &str) {
    let path = std::path::PathBuf::from(clone.git(&["remote", "get-url", "origin"])).join("hooks").join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    std::process::Command::new("chmod").arg("+x").arg(path).status().unwrap();
}
