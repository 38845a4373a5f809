//! Every command that certctl prints, run exactly as printed: it is accepted, and acts on the same environment.

use std::collections::BTreeSet;

use crate::scene::{KEYS, PROJECT, Scene};
use crate::support::Sandbox;

pub(crate) const ONE_BY_ONE: &str = "batch_size = 1\nconcurrency = 1";

/// The subject of each command, by its words: every kind of advice in the program.
const KINDS: [(&str, &[&str]); 24] = [
    ("Init", &["init"]),
    ("Plan", &["plan"]),
    ("PlanOut", &["plan", "--out"]),
    ("Again", &["--auto-approve"]),
    ("Apply", &["apply"]),
    ("ApplyOnly", &["apply", "--target"]),
    ("ApplyRest", &["apply"]),
    ("ApplyPlan", &["apply", "change.plan"]),
    ("Recover", &["recover"]),
    ("Settle", &["recover", "--not-created"]),
    ("Import", &["import"]),
    ("Refresh", &["refresh", "--from-csv"]),
    ("StateList", &["state list"]),
    ("StateShow", &["state show"]),
    ("StateRm", &["state rm"]),
    ("StateVerify", &["state verify"]),
    ("StateAccept", &["state accept"]),
    ("StateMerge", &["state merge"]),
    ("StateMv", &["state mv"]),
    ("Validate", &["validate"]),
    ("Format", &["fmt"]),
    ("CopyFile", &["cp "]),
    ("RenewSchema", &["schema config > "]),
    ("GitShow", &["git ", " show "]),
];

/// One kind is not printed while nothing can be done about it; the other one is tested with a repository, in
/// `tests/back_in_time/journals.rs`. An option alone is no command; `options_can_be_given` tries each. Those of the
/// observer need one: `tests/observer/certify.rs` pastes them. What leads back to
/// an earlier version is in `tests/looking_back`, and what is for shared states in `tests/shared_state`. What sets git up is
/// pasted in `tests/doctor`; what sets a clock needs root.
const ELSEWHERE: [&str; 21] = [
    "AddOption",
    "AppendLines",
    "Doctor",
    "GitMergeDriver",
    "SetClock",
    "TypeSecret",
    "SetVariable",
    "UnsetVariable",
    "KeepOthersOut",
    "PutAside",
    "Version",
    "GitLog",
    "GitCheckout",
    "ObserverCertify",
    "ObserverStatus",
    "Revert",
    "StateHistory",
    "StatePull",
    "StatePush",
    "StateRestore",
    "StateUnlock",
];

#[test]
fn every_kind_of_advice_is_tested() {
    let code = include_str!("../../src/model/advice.rs");
    let syn::Item::Enum(advice) = syn::parse_file(code)
        .unwrap()
        .items
        .into_iter()
        .find(|item| matches!(item, syn::Item::Enum(item) if item.ident == "Advice"))
        .unwrap()
    else {
        panic!("no Advice")
    };
    let kinds: BTreeSet<String> = advice.variants.iter().map(|variant| variant.ident.to_string()).collect();
    let here: BTreeSet<String> =
        KINDS.iter().map(|(kind, _)| *kind).chain(ELSEWHERE).map(str::to_owned).collect();
    assert_eq!(kinds, here);
}

/// Checks that these kinds of advice are among the commands.
#[track_caller]
pub(crate) fn has(commands: &BTreeSet<String>, kinds: &[&str]) {
    for kind in kinds {
        let (_, words) = KINDS.iter().find(|(name, _)| name == kind).unwrap();
        let is_one = |command: &String| words.iter().all(|word| command.contains(word));
        assert!(commands.iter().any(is_one), "no {kind} in {commands:#?}");
    }
}

/// Checks that each key appears in some command, as a word that the shell reads as the key.
#[track_caller]
pub(crate) fn has_every_key(commands: &BTreeSet<String>, subcommand: &str) {
    for key in KEYS {
        let names = |command: &String| {
            let arguments = command.replacen("certctl", "printf '%s\\n'", 1);
            let read = std::process::Command::new("sh").args(["-c", &arguments]).output().unwrap();
            command.contains(subcommand)
                && String::from_utf8(read.stdout).unwrap().lines().any(|word| word == key)
        };
        assert!(commands.iter().any(names), "{key} is not in {commands:#?}");
    }
}

pub(crate) fn sandbox() -> Sandbox {
    Sandbox::start(&[])
}

#[test]
fn where_there_is_no_project_yet() {
    let mut scene = Scene::new(sandbox(), "");
    std::fs::remove_file(scene.file("certctl.toml")).unwrap();
    scene.run(&["plan"]).exits(1);
    has(&scene.paste(), &["Init"]);
    scene.write("certctl.yaml", "");
    scene.run(&["plan", "--json", "--report", "markdown=plan.md", "--report", "html=plan.html"]).exits(1);
    scene.seen("plan.md");
    scene.seen("plan.html");
    has(&scene.paste(), &["Init"]);
}

#[test]
fn of_a_new_project() {
    let mut scene = Scene::new(sandbox(), "");
    scene.write("../new one/.certctl.config.schema.json", "{}");
    scene.run(&["init", "new one"]).exits(0);
    has(&scene.paste(), &["Plan", "Apply", "RenewSchema"]);
}

#[test]
fn of_a_project_with_a_mistake() {
    let mut scene = Scene::new(sandbox(), "");
    scene.write("templates/all.yaml", "templates:\n  plain: { titel: Plain }\n");
    scene.run(&["doctor"]).exits(1);
    has(&scene.paste(), &["Validate"]);
}

#[test]
fn to_format_template_files() {
    let mut scene = Scene::new(sandbox(), "");
    for name in ["templates/all.yaml", "templates/it's.yaml", "templates/-x.yaml"] {
        scene.write(name, "templates:\n    plain:   {}\n");
    }
    scene.run(&["fmt", "--check"]).exits(1);
    has(&scene.paste(), &["Format"]);
    let named = [format!("{PROJECT}/templates/it's.yaml"), format!("{PROJECT}/templates/-x.yaml")];
    scene.run(&["fmt", "--check", &named[0], "--", &named[1]]).exits(1);
    has(&scene.paste(), &["Format"]);
    scene.write("templates/all.yaml", "templates: {}\n");
    let quoted = scene.run(&["fmt", "--check", &named[0]]).exits(1).stderr;
    assert!(quoted.contains(&format!("fmt '{PROJECT}/templates/it'\\''s.yaml'\n")), "{quoted}");
}

#[test]
fn to_apply_what_was_planned() {
    let mut scene = Scene::new(sandbox(), "");
    scene.templates(&KEYS);
    scene.run(&["plan", "--out", "change.plan"]).exits(0);
    has(&scene.paste(), &["ApplyPlan"]);
    // No terminal, so no question.
    scene.run(&["apply", "--target", "star*", "--exclude=-dash", "--var", "where=x y"]).exits(1);
    let commands = scene.paste();
    has(&commands, &["Again", "PlanOut", "ApplyPlan"]);
    let again = format!(
        "certctl -C '{PROJECT}' apply --target 'star*' --exclude=-dash --auto-approve --var 'where=x y' -e production"
    );
    assert!(commands.contains(&again), "{commands:#?}");
    // The plan is for the other environment.
    scene.on("test", &["apply", "change.plan"]).exits(5);
    has(&scene.paste(), &["ApplyPlan"]);
    scene.run(&["apply", "-y"]).exits(0);
    scene.run(&["apply", "change.plan", "--report", "markdown=run.md"]).exits(5);
    scene.seen("run.md");
    has(&scene.paste(), &["PlanOut"]);
    std::fs::write(scene.here().join("no.plan"), "{}").unwrap();
    scene.run(&["show", "no.plan"]).exits(1);
    has(&scene.paste(), &["PlanOut"]);
}

#[test]
fn where_a_limit_is_in_the_way() {
    let mut scene = Scene::applied(sandbox(), "", &KEYS);
    scene.write(
        "certctl.toml",
        &scene.read("certctl.toml").replace("max_change_percent = 100", "max_changes = 3"),
    );
    let numbered: Vec<(usize, &str)> = KEYS.into_iter().enumerate().collect();
    scene.numbered(&numbered, "    expirationDays: 7\n");
    let reports = ["--report", "markdown=plan.md", "--report", "html=plan.html"];
    scene.run(&[&["plan", "--out", "change.plan"][..], &reports].concat()).exits(5);
    scene.seen("plan.md");
    scene.seen("plan.html");
    scene.run(&["apply", "-y"]).exits(5);
    let commands = scene.paste();
    let again = format!("certctl -C '{PROJECT}' plan --out change.plan --max-changes 9 -e production");
    assert!(commands.contains(&again), "{commands:#?}");
}

#[test]
fn of_templates_without_configuration() {
    let mut scene = Scene::applied(sandbox(), "", &KEYS);
    scene.templates(&[]);
    scene.write("templates/all.yaml", "templates:\n  other: { title: Other, resourceType: course, resourceId: 00000000-0000-4000-8000-000000000099 }\n");
    scene.run(&["plan", "--report", "markdown=plan.md", "--report", "html=plan.html"]).exits(0);
    let commands = scene.paste();
    has_every_key(&commands, "state rm");
    scene.seen("plan.md");
    assert_eq!(scene.paste(), commands);
    scene.seen("plan.html");
    assert_eq!(scene.paste(), commands);
    // Existing templates are not forgotten silently.
    scene.run(&["state", "rm", "star*", "-e", "production", "--", "-dash"]).exits(1);
    has(&scene.paste(), &["Again"]);
}

#[test]
fn of_renamed_templates() {
    let mut scene = Scene::applied(sandbox(), "", &KEYS);
    let renamed: Vec<String> = KEYS.iter().map(|key| format!("{key}, new: one")).collect();
    scene.templates(&renamed.iter().map(String::as_str).collect::<Vec<_>>());
    let plan = scene
        .run(&["plan", "--report", "markdown=plan.md"])
        .exits(0)
        .says("9 perhaps renamed, 9 held back")
        .stdout;
    assert!(!plan.contains("admin page"), "{plan}");
    scene.seen("plan.md");
    has_every_key(&scene.paste(), "state rm");
    scene.run(&["apply", "-y"]).exits(3);
    has_every_key(&scene.paste(), "state rm");
    // With the printed YAML, each of them stays one template.
    assert_eq!(plan.matches("moved:\n").count(), 1, "{plan}");
    let lines = plan.lines().skip_while(|line| *line != "moved:");
    let block: String = lines.take_while(|line| !line.is_empty()).map(|line| format!("{line}\n")).collect();
    assert_eq!(block.lines().count(), 1 + KEYS.len(), "{plan}");
    scene.write("templates/moved.yaml", &block);
    scene.run(&["plan"]).exits(0).says("Plan: 0 to add, 0 to change, 0 to destroy, 9 to move.");
}

#[test]
fn of_swapped_templates() {
    let mut scene = Scene::applied(sandbox(), "", &["a b", "-c"]);
    scene.templates(&["-c", "a b"]);
    scene.run(&["plan"]).exits(0).says("2 held back");
    has(&scene.paste(), &["StateMv"]);
}

#[test]
fn of_templates_with_an_uncertain_id() {
    let mut scene = Scene::applied(sandbox(), "", &KEYS);
    let toml = scene
        .read("certctl.toml")
        .replace("[environments.production.api]", "[environments.production.api]\naddressing = \"id\"");
    scene.write("certctl.toml", &toml);
    let numbered: Vec<(usize, &str)> = KEYS.into_iter().enumerate().collect();
    scene.numbered(&numbered, "    expirationDays: 7\n");
    scene.run(&["apply", "-y", "--report", "html=run.html"]).exits(3);
    has_every_key(&scene.paste(), "import");
    scene.seen("run.html");
    has_every_key(&scene.paste(), "import");
}

#[test]
fn of_creates_in_doubt() {
    for keys in [&KEYS[..7], &KEYS] {
        let mut scene = Scene::new(Sandbox::start(&["--fault", "bulk:*:reset-after"]), "");
        scene.templates(keys);
        scene.run(&["apply", "-y", "--report", "markdown=run.md"]).exits(4);
        scene.seen("run.md");
        has(&scene.paste(), &["Recover"]);
        scene.run(&["apply", "-y", "--json"]).exits(4);
        scene.run(&["plan", "--report", "markdown=plan.md", "--report", "html=plan.html"]).exits(0);
        scene.seen("plan.md");
        scene.seen("plan.html");
        has(&scene.paste(), &["Recover"]);
        scene.run(&["recover"]).exits(0);
        has(&scene.paste(), &["Settle"]);
        scene.run(&["recover", "-v"]).exits(0);
        let commands = scene.paste();
        for flag in ["--from-csv", "--created", "--applied", "--not-created", "--resend"] {
            assert!(commands.iter().any(|command| command.contains(flag)), "{flag}: {commands:#?}");
        }
        scene.run(&["recover", "plain", "--applied"]).exits(0);
        has(&scene.paste(), &["Recover"]);
        scene.run(&["import", "star*", "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f77"]).exits(1);
        has(&scene.paste(), &["Recover"]);
    }
}

#[test]
fn of_updates_in_doubt_and_of_failures() {
    let mut scene = Scene::applied(sandbox(), ONE_BY_ONE, &KEYS);
    scene.sandbox.faults(&["bulk:*:reset-after"]);
    let numbered: Vec<(usize, &str)> = KEYS.into_iter().enumerate().collect();
    scene.numbered(&numbered, "    expirationDays: 7\n");
    scene.run(&["apply", "-y", "--target", "plain"]).exits(4);
    scene.run(&["recover"]).exits(0);
    has(&scene.paste(), &["ApplyOnly", "Settle"]);
    scene.sandbox.faults(&[]);
    let nowhere = "00000000-0000-0000-0000-000000000000";
    let templates = scene.read("templates/all.yaml").replace("00000000-0000-4000-8000-000000000001", nowhere);
    scene.write("templates/all.yaml", &templates);
    scene.run(&["apply", "-y", "--exclude", "plain"]).exits(3);
    has(&scene.paste(), &["Apply"]);
}

#[test]
fn of_rows_waiting_for_a_job() {
    let mut scene = Scene::new(Sandbox::start(&["--fault", "bulk:*:job=never"]), "job_timeout = \"1s\"");
    scene.templates(&KEYS[..3]);
    scene.run(&["apply", "-y", "--report", "markdown=run.md"]).exits(3);
    scene.seen("run.md");
    has(&scene.paste(), &["Recover", "Apply"]);
    scene.run(&["recover"]).exits(0);
    has(&scene.paste(), &["Settle", "Apply"]);
    scene.run(&["recover", KEYS[1], "--resend"]).exits(1);
    has(&scene.paste(), &["Recover", "Apply"]);
}

#[test]
fn of_impossible_edits() {
    let mut scene = Scene::applied(sandbox(), "", &KEYS);
    scene.run(&["state", "show", "plane"]).exits(1);
    has(&scene.paste(), &["StateList"]);
    scene.run(&["state", "mv", "plain", "star*"]).exits(1);
    has(&scene.paste(), &["StateRm"]);
    scene.run(&["recover", "plain", "--applied"]).exits(1);
    scene.run(&["recover", "--applied"]).exits(1);
    scene.run(&["recover", "nothing*"]).exits(1);
    has(&scene.paste(), &["Recover"]);
    let numbered: Vec<(usize, &str)> = KEYS.into_iter().enumerate().collect();
    scene.numbered(&numbered, "    protect: true\n");
    scene.run(&["apply", "-y"]).exits(0);
    scene.run(&["state", "rm", "-y", "--", "-dash"]).exits(5);
    has(&scene.paste(), &["Apply"]);
    scene.templates(&["other"]);
    scene.run(&["plan"]).exits(5);
    has(&scene.paste(), &["Apply"]);
}

#[test]
fn of_an_edited_state() {
    let mut scene = Scene::applied(sandbox(), "", &KEYS);
    let state = scene.read("state/production.json");
    scene.write("state/production.json", &state.replace("\"production 1\"", "\"changed\""));
    scene.run(&["plan"]).exits(1).says("a b, c: d does not match");
    // A contradictory state cannot be accepted.
    let printed = scene.paste();
    has(&printed, &["CopyFile"]);
    assert!(!printed.iter().any(|command| command.contains("state accept")), "{printed:?}");
    // On a machine without another copy.
    std::fs::remove_dir_all(scene.home()).unwrap();
    scene.run(&["plan"]).exits(1).says("a b, c: d does not match");
    has(&scene.paste(), &["StateRm", "Import"]);
    let other = state.replace("\"serial\": 1", "\"serial\": 2");
    scene.write("state/production.json", &format!("<<<<<<< HEAD\n{state}=======\n{other}>>>>>>> other\n"));
    scene.run(&["plan", "--json"]).exits(1);
    has(&scene.paste(), &["GitShow", "StateMerge"]);
}

#[test]
fn of_two_contradictory_states() {
    let mut scene = Scene::applied(sandbox(), "", &KEYS);
    let file = format!("{PROJECT}/state/production.json");
    let copy = |scene: &Scene, name: &str| {
        std::fs::copy(scene.here().join(&file), scene.here().join(name)).unwrap();
    };
    copy(&scene, "base.json");
    let [first, second] = ["    expirationDays: 7\n", "    expirationDays: 8\n"];
    scene.numbered(&[(0, KEYS[0])], first);
    scene.run(&["apply", "-y"]).exits(0);
    copy(&scene, "ours.json");
    std::fs::copy(scene.here().join("base.json"), scene.here().join(&file)).unwrap();
    std::fs::remove_dir_all(scene.home()).unwrap();
    scene.numbered(&[(0, KEYS[0])], second);
    scene.run(&["apply", "-y"]).exits(0);
    scene.run(&["state", "merge", "base.json", "ours.json", &file, "-o", &file]).exits(1);
    has(&scene.paste(), &["StateVerify"]);
    scene.run(&["plan"]).exits(1);
    has(&scene.paste(), &["StateVerify"]);
}

#[test]
fn of_an_outdated_state() {
    let mut scene = Scene::applied(sandbox(), "", &KEYS);
    let earlier = scene.read("state/production.json");
    scene.numbered(&[(0, KEYS[0])], "    expirationDays: 7\n");
    scene.run(&["apply", "-y"]).exits(0);
    scene.write("state/production.json", &earlier);
    scene.run(&["plan"]).exits(5);
    has(&scene.paste(), &["StateAccept", "CopyFile"]);
    scene.run(&["state", "accept"]).exits(1);
    has(&scene.paste(), &["Again"]);
}

#[test]
fn of_a_state_replaced_during_a_run() {
    let mut scene = Scene::new(Sandbox::start(&["--fault", "bulk:1:stall-after"]), "");
    scene.templates(&["plain"]);
    let running = scene.start(&["apply", "-y"]);
    scene.sandbox.has_read(1);
    running.kill();
    let url = scene.sandbox.url.clone();
    scene.write(
        "state/production.json",
        &format!(
            "{{\"format\":\"certctl.state/v1\",\"lineage\":\"other\",\"serial\":9,\"environment\":\"production\",\
             \"url\":\"{url}\",\"templates\":{{}}}}"
        ),
    );
    scene.run(&["plan"]).exits(5);
    has(&scene.paste(), &["StateMerge", "Plan"]);
    // Both the present state and the records of the run count.
    scene.run(&["plan"]).exits(0).says("1 in doubt");
}
