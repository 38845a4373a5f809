//! Two branches that have both applied, and git.
#![expect(clippy::unwrap_used, reason = "the lint knows test functions, not the functions that they share")]

mod support;

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use support::{KEY, NO_HOME, Project, Run, Sandbox, Template, at_home, numbered};

const STATE: &str = "state/test.json";
const DRIVER: &str = "certctl state merge %O %A %B -o %A";

/// A command typed in the project's directory, without this machine's settings.
fn typed(project: &Project, command: &str) -> Run {
    let mut shell = Command::new("sh");
    for (name, _) in
        std::env::vars().filter(|(name, _)| name.starts_with("GIT") || name.starts_with("CERTCTL"))
    {
        shell.env_remove(name);
    }
    for who in ["AUTHOR", "COMMITTER"] {
        shell.env(format!("GIT_{who}_NAME"), "Ann").env(format!("GIT_{who}_EMAIL"), "ann@example.com");
    }
    let beside = Path::new(env!("CARGO_BIN_EXE_certctl")).parent().unwrap();
    let path = format!("{}:{}", beside.display(), std::env::var("PATH").unwrap());
    at_home(&mut shell, Path::new(NO_HOME));
    shell.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").env("NO_COLOR", "1");
    shell.env("PATH", path).env("CERTCTL_API_KEY", KEY).stdin(Stdio::null());
    Run::of(shell.args(["-c", command]).current_dir(project.path()).output().unwrap())
}

fn git(project: &Project, arguments: &str) -> Run {
    typed(project, &format!("git {arguments}"))
}

fn commit(project: &Project) {
    git(project, "add --all").exits(0);
    git(project, "commit --quiet -m Applied").exits(0);
}

/// One file per template, so that git merges the YAML.
fn write(project: &Project, template: &Template) {
    let Template { key, title, resource, .. } = template;
    let yaml = format!(
        "templates:\n  {key}:\n    title: \"{title}\"\n    resourceType: course\n    resourceId: {resource}\n"
    );
    project.write(&format!("templates/{key}.yaml"), yaml);
}

/// A repository with three templates applied, on the branch `main`.
fn repository(sandbox: &Sandbox, driver: bool) -> Project {
    let project = Project::on(sandbox, "");
    let ignored = include_str!("../src/cli/init/gitignore");
    project.write(".gitignore", ignored);
    project.write(".gitattributes", include_str!("../src/cli/init/gitattributes"));
    git(&project, "init --quiet --initial-branch main").exits(0);
    if driver {
        git(&project, &format!("config merge.certctl-state.driver '{DRIVER}'")).exits(0);
    }
    for template in numbered(1..=3) {
        write(&project, &template);
    }
    project.apply().exits(0);
    commit(&project);
    project
}

/// A clone on another machine, on the branch `other`.
fn clone(project: &Project) -> Project {
    let mut clone = Project::empty();
    clone.set_env("CERTCTL_API_KEY", KEY);
    git(&clone, &format!("clone --quiet {} .", project.path().display())).exits(0);
    git(&clone, "checkout --quiet -b other").exits(0);
    clone
}

/// A repository without the driver, and its clone: both continued from the same state.
fn forked() -> (Sandbox, Project, Project) {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let project = repository(&sandbox, false);
    let other = clone(&project);
    goes_on(&other, &[Template::number(4)]);
    goes_on(&project, &[Template::number(5)]);
    (sandbox, project, other)
}

/// Merges the other clone's commits.
fn merge(project: &Project, other: &Project, branch: &str) -> Run {
    git(project, &format!("fetch --quiet {} {branch}", other.path().display())).exits(0);
    git(project, "merge --quiet --no-edit FETCH_HEAD")
}

/// Applies and commits these templates.
fn goes_on(project: &Project, templates: &[Template]) {
    for template in templates {
        write(project, template);
    }
    project.apply();
    commit(project);
}

/// The commands in a message, one per line.
fn commands(message: &str) -> String {
    let is_command = |line: &&str| ["git ", "certctl "].iter().any(|program| line.starts_with(program));
    message.lines().map(str::trim).filter(is_command).collect::<Vec<_>>().join("\n")
}

fn all_is_well(sandbox: &Sandbox, project: &Project, templates: usize) {
    let before = sandbox.requests().len();
    project.run(&["plan"]).exits(0).says("No changes.");
    project.apply().exits(0);
    assert_eq!(sandbox.requests().len(), before);
    assert_eq!(sandbox.templates().len(), templates);
    for held in sandbox.templates() {
        let rows = project.state()["templates"].clone();
        assert!(rows.as_object().unwrap().values().any(|row| row["id"] == held["id"]), "{held}");
    }
}

mod git_merge {
    use super::*;

    #[test]
    fn driver_merges_two_applied_branches() {
        let sandbox = Sandbox::start(&[]);
        let project = repository(&sandbox, true);
        let other = clone(&project);
        goes_on(&other, &[Template::number(4), Template::number(1).titled("Changed there")]);
        goes_on(&project, &[Template::number(5), Template::number(2).titled("Changed here")]);
        merge(&project, &other, "other").exits(0);
        assert_eq!(project.state()["serial"], 3);
        all_is_well(&sandbox, &project, 5);
        // The other clone gets the same result.
        git(&project, "branch before HEAD~1").exits(0);
        git(&other, &format!("config merge.certctl-state.driver '{DRIVER}'")).exits(0);
        merge(&other, &project, "before").exits(0);
        assert_eq!(other.read(STATE), project.read(STATE));
    }

    #[test]
    fn create_in_doubt_stays_in_doubt() {
        let sandbox = Sandbox::start(&["--no-upsert"]);
        let project = repository(&sandbox, true);
        let other = clone(&project);
        sandbox.faults(&["bulk:1:reset-after"]);
        goes_on(&other, &[Template::number(4)]);
        sandbox.faults(&[]);
        goes_on(&project, &[Template::number(5)]);
        merge(&project, &other, "other").exits(0);
        project.run(&["plan"]).exits(0).says("1 in doubt");
        project.apply().exits(4);
        assert_eq!(sandbox.times_sent("Title 004"), 1);
    }

    #[test]
    fn printed_commands_merge_without_the_driver() {
        let (sandbox, project, other) = forked();
        merge(&project, &other, "other").exits(1).says("CONFLICT");
        let requests = sandbox.requests().len();
        for command in [&["plan"][..], &["apply", "-y"], &["recover"], &["state", "list"]] {
            project.run(command).exits(1).says("git conflict markers");
        }
        assert_eq!(sandbox.requests().len(), requests);
        let advice = commands(&project.run(&["plan"]).stderr);
        assert_eq!(advice.lines().count(), 4, "{advice}");
        typed(&project, &advice).exits(0);
        all_is_well(&sandbox, &project, 5);
        for copy in ["base", "ours", "theirs"] {
            assert!(advice.contains(&format!("test.json.{copy}")), "{advice}");
            assert!(!project.file(&format!("{STATE}.{copy}")).exists(), "{copy} is left");
        }
        commit(&project);
        assert_eq!(git(&project, "status --porcelain").exits(0).stdout, "");
    }

    #[test]
    fn unrelated_states_are_not_merged_by_default() {
        let sandbox = Sandbox::start(&[]);
        let project = repository(&sandbox, true);
        let theirs = project.read(STATE).replace(project.state()["lineage"].as_str().unwrap(), "other");
        project.write("theirs.json", theirs);
        let before = project.read(STATE);
        let run = project.run(&["state", "merge", STATE, STATE, "theirs.json", "-o", STATE]).exits(5);
        run.says("not two versions of one state").says("--unrelated");
        assert_eq!(project.read(STATE), before);
    }

    /// Two people apply for the first time, independently: git finds no common ancestor.
    fn begun_twice(driver: bool) -> (Sandbox, Project) {
        let sandbox = Sandbox::start(&["--no-upsert"]);
        let project = Project::on(&sandbox, "");
        project.write(".gitignore", include_str!("../src/cli/init/gitignore"));
        project.write(".gitattributes", include_str!("../src/cli/init/gitattributes"));
        git(&project, "init --quiet --initial-branch main").exits(0);
        commit(&project);
        let other = clone(&project);
        for (project, number) in [(&other, 2), (&project, 3)] {
            if driver {
                git(project, &format!("config merge.certctl-state.driver '{DRIVER}'")).exits(0);
            }
            goes_on(project, &[Template::number(number)]);
        }
        merge(&project, &other, "other").exits(1).says("CONFLICT");
        (sandbox, project)
    }

    #[test]
    fn printed_commands_merge_unrelated_states() {
        for driver in [true, false] {
            let (sandbox, project) = begun_twice(driver);
            let advice = commands(&project.run(&["plan"]).exits(1).says("git conflict markers").stderr);
            let refusal = typed(&project, &advice).exits(5).says("Each was begun without the other");
            let advice = refusal.stderr.split("To keep everything from both: ").nth(1).unwrap();
            typed(&project, advice.lines().next().unwrap()).exits(0);
            all_is_well(&sandbox, &project, 2);
            commit(&project);
            all_is_well(&sandbox, &project, 2);
            assert_eq!(git(&project, "status --porcelain").exits(0).stdout, "", "a copy is left");
        }
    }

    #[test]
    fn committed_conflict_markers_are_resolved_too() {
        for committed in [false, true] {
            let (sandbox, project, other) = forked();
            merge(&project, &other, "other").exits(1);
            git(&project, "add --all").exits(0);
            if committed {
                git(&project, "commit --quiet -m Merged").exits(0);
                project.write("other.txt", "later");
                commit(&project);
            }
            let advice = commands(&project.run(&["plan"]).exits(1).says("git conflict markers").stderr);
            assert_eq!(advice.lines().count(), 4, "{advice}");
            typed(&project, &advice).exits(0);
            all_is_well(&sandbox, &project, 5);
        }
    }

    /// One of two conflicts was resolved in an editor and the result committed.
    fn settle_one(project: &Project) {
        let text = project.read(STATE);
        assert!(text.matches("<<<<<<< ").count() > 1, "{text}");
        let (before, rest) = text.split_once("<<<<<<< ").unwrap();
        let (ours, rest) = rest.split_once("=======\n").unwrap();
        let (_, ours) = ours.split_once('\n').unwrap();
        let (_, rest) = rest.split_once(">>>>>>> ").unwrap();
        let (_, after) = rest.split_once('\n').unwrap();
        project.write(STATE, format!("{before}{ours}{after}"));
        commit(project);
    }

    #[test]
    fn partly_resolved_markers_are_resolved_too() {
        // Also if another branch merged them.
        for on_a_branch in [false, true] {
            let (sandbox, project, other) = forked();
            if on_a_branch {
                git(&project, "checkout --quiet -b joining").exits(0);
            }
            merge(&project, &other, "other").exits(1);
            commit(&project);
            settle_one(&project);
            if on_a_branch {
                git(&project, "checkout --quiet main").exits(0);
                git(&project, "merge --quiet --no-ff --no-edit joining").exits(0);
            }
            let advice = commands(&project.run(&["plan"]).exits(1).says("git conflict markers").stderr);
            typed(&project, &advice).exits(0);
            all_is_well(&sandbox, &project, 5);
        }
    }

    #[test]
    fn failed_driver_leaves_both_sides() {
        let (_sandbox, project) = begun_twice(true);
        let text = project.read(STATE);
        assert!(text.starts_with("<<<<<<< ours\n{"), "{text}");
        assert!(text.contains("t-002") && text.contains("t-003"), "{text}");
    }

    /// What a person might do on a forge: take one side of the rows, and both lists of writes.
    #[test]
    fn manual_merge_hides_nothing() {
        let (sandbox, project, other) = forked();
        let (ours, theirs) = (project.state(), other.state());
        merge(&project, &other, "other").exits(1);
        let mut joined = ours.clone();
        let writes = joined["writes"].as_array_mut().unwrap();
        writes.push(theirs["writes"].as_array().unwrap().last().unwrap().clone());
        project.write(STATE, serde_json::to_string_pretty(&joined).unwrap());
        commit(&project);
        project.run(&["state", "verify"]).exits(1).says("is not as certctl wrote it");
        let run = project.run(&["plan"]).exits(5).says("is not as certctl wrote it");
        typed(&project, &commands(&run.stderr)).exits(0);
        let run = project.run(&["plan"]).exits(5).says("written independently");
        let all: Vec<&str> = run.stderr.lines().map(str::trim).collect();
        let is_command =
            |line: &&&str| ["git ", "certctl ", "rm "].iter().any(|program| line.starts_with(program));
        let advice: Vec<&str> = all.iter().filter(is_command).copied().collect();
        typed(&project, &advice[..3].join("\n")).exits(0);
        all_is_well(&sandbox, &project, 5);
    }

    #[test]
    fn uncommitted_merge_hides_nothing() {
        let (sandbox, project, other) = forked();
        merge(&project, &other, "other").exits(1);
        git(&project, &format!("checkout --quiet --ours {STATE}")).exits(0);
        project.run(&["plan"]).exits(5).says("written independently");
        project.run(&["apply", "-y"]).exits(5);
        assert_eq!(sandbox.times_sent("Title 004"), 1);
    }

    #[test]
    fn person_decides_rows_changed_on_both_branches() {
        let sandbox = Sandbox::start(&[]);
        let project = repository(&sandbox, true);
        let other = clone(&project);
        goes_on(&other, &[Template::number(1).titled("There"), Template::number(4)]);
        goes_on(&project, &[Template::number(1).titled("Here"), Template::number(5)]);
        git(&project, &format!("fetch --quiet {} other", other.path().display())).exits(0);
        let merge = git(&project, "merge --quiet --no-edit --strategy-option ours FETCH_HEAD").exits(1);
        merge.says("decide about 1 template:\n  t-001: both sides changed it").says("CONFLICT");
        for command in [&["plan"][..], &["apply", "-y"]] {
            project.run(command).exits(1).says("contradict each other about: t-001");
        }
        // An editor's "accept current change", with its only place.
        let text = project.read(STATE);
        assert_eq!(text.matches("<<<<<<< ours\n").count(), 1);
        let (before, rest) = text.split_once("<<<<<<< ours\n").unwrap();
        let (here, rest) = rest.split_once("=======\n").unwrap();
        let (_, after) = rest.split_once(">>>>>>> theirs\n").unwrap();
        let twice = ["<<<<<<< ours\n", here, "=======\n", here, ">>>>>>> theirs\n"].concat();
        project.write(STATE, [before, &twice, after].concat());
        let told = project.run(&["plan"]).exits(1);
        told.says("the two versions are identical").says("Then: certctl state verify");
        project.write(STATE, [before, here, after].concat());
        all_is_well(&sandbox, &project, 5);
        assert_eq!(sandbox.id_of("Here"), project.row("t-001")["id"].as_str().unwrap());
    }

    /// Both created a template for one course, so the server has two.
    #[test]
    fn person_decides_one_course_under_two_keys() {
        let sandbox = Sandbox::start(&[]);
        let project = repository(&sandbox, true);
        let other = clone(&project);
        goes_on(&other, &[Template::number(4)]);
        goes_on(&project, &[Template::number(4).keyed("four")]);
        let merge = merge(&project, &other, "other").exits(1);
        merge.says("four: t-004, on the other side, is for the same resource and audience");
        project.run(&["state", "list"]).exits(1).says("contradict each other about: four, t-004");
    }
}

mod command {
    use super::*;

    /// Two states with a common ancestor, as files.
    fn sides(project: &Project) -> [String; 3] {
        let row = |number: u8, by: u128| {
            json!({"status": "applied", "write": format!("00000000-0000-0000-0000-{by:012}"),
                "attributes": {"title": "T", "resourceType": "course", "resourceId": format!("r{number}")}})
        };
        let state = |by: &[u128], rows: &[(&str, Value)]| {
            let rows: serde_json::Map<_, _> =
                rows.iter().map(|(key, row)| ((*key).to_owned(), row.clone())).collect();
            let writes: Vec<_> = by.iter().map(|by| format!("00000000-0000-0000-0000-{by:012}")).collect();
            json!({"format": "certctl.state/v1", "environment": "e", "url": "sandbox", "lineage": "L",
                "serial": by.len(), "templates": rows, "writes": writes})
        };
        project.write("base", state(&[1], &[("a", row(1, 1))]).to_string());
        project.write("ours", state(&[1, 2], &[("a", row(1, 1)), ("b", row(2, 2))]).to_string());
        project.write("theirs", state(&[1, 3], &[("a", row(1, 3)), ("c", row(3, 3))]).to_string());
        ["base", "ours", "theirs"].map(str::to_owned)
    }

    fn keys(text: &str) -> Vec<String> {
        let state: Value = serde_json::from_str(text).unwrap();
        state["templates"].as_object().unwrap().keys().cloned().collect()
    }

    #[test]
    fn without_out_the_merge_goes_to_stdout() {
        let project = Project::empty();
        let [base, ours, theirs] = sides(&project);
        let run = project.run(&["state", "merge", &base, &ours, &theirs]).exits(0);
        assert_eq!(keys(&run.stdout), ["a", "b", "c"]);
        assert!(!project.file("certctl.toml").exists(), "it needs none");
    }

    #[test]
    fn out_may_be_an_input_file() {
        let project = Project::empty();
        let [base, ours, theirs] = sides(&project);
        project.write(&base, "");
        project.run(&["state", "merge", &base, &ours, &theirs, "-o", &ours]).exits(0).says("3 templates");
        assert_eq!(keys(&project.read(&ours)), ["a", "b", "c"]);
    }

    #[test]
    fn out_never_overwrites_other_files() {
        let project = Project::empty();
        let [base, ours, theirs] = sides(&project);
        for (file, text) in
            [("certctl.toml", "[environments.e]\n"), ("x.json.journal", "{}\n"), ("t.yaml", "a: 1\n")]
        {
            project.write(file, text);
            project
                .run(&["state", "merge", &base, &ours, &theirs, "-o", file])
                .exits(5)
                .says("not overwritten");
            assert_eq!(project.read(file), text);
        }
        project.write("markers", "<<<<<<< HEAD\n\"format\": \"certctl.state/v1\"\n");
        project.run(&["state", "merge", &base, &ours, &theirs, "-o", "markers"]).exits(0);
    }

    #[cfg(unix)]
    #[test]
    fn new_file_is_private() {
        use std::os::unix::fs::PermissionsExt as _;
        let project = Project::empty();
        let [base, ours, theirs] = sides(&project);
        project.run(&["state", "merge", &base, &ours, &theirs, "-o", "new.json"]).exits(0);
        let mode = std::fs::metadata(project.file("new.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn unreadable_input_is_named_and_nothing_written() {
        let project = Project::empty();
        let [base, ours, theirs] = sides(&project);
        for (text, says) in [
            ("", "ours is empty, and only BASE may be"),
            ("{", "ours:1:1: the state is damaged"),
            ("<<<<<<< HEAD\n", "git conflict markers"),
            ("{\"format\":\"certctl.state/v9\"}", "which this version of certctl does not know"),
        ] {
            project.write(&ours, text);
            project.run(&["state", "merge", &base, &ours, &theirs, "-o", "out"]).exits(1).says(says);
            assert!(!project.file("out").exists());
        }
        project.run(&["state", "merge", "nowhere", &ours, &theirs]).exits(1).says("cannot read nowhere");
    }

    /// Git first merges several common ancestors, which may leave a conflict there.
    #[test]
    fn base_with_conflict_markers_is_ignored() {
        let project = Project::empty();
        let [base, ours, theirs] = sides(&project);
        project.write(&base, "<<<<<<< ours\n");
        let run = project.run(&["state", "merge", &base, &ours, &theirs]).exits(0).says("joined without it");
        assert_eq!(keys(&run.stdout), ["a", "b", "c"]);
    }

    #[test]
    fn init_prints_the_driver_command() {
        let project = Project::empty();
        let run = project.run(&["init", "a folder"]).exits(0);
        let command = commands(&run.stdout).lines().last().unwrap().to_owned();
        typed(&project, "git init --quiet 'a folder'").exits(0);
        typed(&project, &command).exits(0);
        let configured = typed(&project, "git -C 'a folder' config merge.certctl-state.driver").exits(0);
        assert_eq!(configured.stdout.trim_end(), DRIVER);
        let attribute = "git -C 'a folder' check-attr merge state/production.json";
        typed(&project, attribute).exits(0).says("merge: certctl-state");
    }
}

mod verify {
    use super::*;

    /// A project with three applied templates, and a manual change to the state's text.
    fn changed(change: impl FnOnce(String) -> String) -> (Sandbox, Project) {
        let sandbox = Sandbox::start(&[]);
        let project = Project::on(&sandbox, "");
        project.templates(&numbered(1..=3));
        project.apply().exits(0);
        project.write(STATE, change(project.read(STATE)));
        (sandbox, project)
    }

    #[test]
    fn states_by_certctl_pass() {
        let project = Project::empty();
        project.run(&["init"]).exits(0);
        project.run(&["state", "verify"]).exits(0).says("nothing was applied yet");
        project.run(&["apply", "-y"]).exits(0);
        project.run(&["state", "verify"]).exits(0).says("1 template, serial 1, nothing is wrong.");
        project.run(&["state", "verify", "state/sandbox.json"]).exits(0).says("nothing is wrong.");
        let elsewhere = Project::empty();
        elsewhere.write("copy.json", project.read("state/sandbox.json"));
        elsewhere.run(&["state", "verify", "copy.json"]).exits(0).says("copy.json: 1 template,");
    }

    #[test]
    fn every_faulty_template_is_named() {
        let (_sandbox, project) = changed(|text| {
            text.replacen("00000000-0000-4000-8000-000000000002", "00000000-0000-4000-8000-000000000001", 1)
        });
        let run = project.run(&["state", "verify"]).exits(1);
        assert!(run.stdout.contains("t-001: t-002 is, or may be, for the same resource"), "{}", run.stdout);
        assert!(run.stdout.contains("t-002: its attributes do not fit their digest"), "{}", run.stdout);
        assert!(!run.stdout.contains("t-003"), "{}", run.stdout);
    }

    #[test]
    fn duplicate_template_is_damage() {
        let (_sandbox, project) = changed(|text| text.replace("\"t-002\": {", "\"t-001\": {"));
        for command in [&["state", "verify"][..], &["plan"], &["apply", "-y"]] {
            project.run(command).exits(1).says("the template t-001 is there twice");
        }
    }

    #[test]
    fn matching_journals_are_reported_and_others_refused() {
        let sandbox = Sandbox::start(&[]);
        let project = Project::on(&sandbox, "");
        project.templates(&numbered(1..=1));
        project.apply().exits(0);
        let before = project.read(STATE);
        sandbox.faults(&["bulk:1:stall-after"]);
        project.templates(&numbered(1..=2));
        let running = project.start(&["apply", "-y"]);
        sandbox.has_read(2);
        running.kill();
        project.run(&["state", "verify"]).exits(0).says("its journal fits");
        project.write(STATE, before.replace("\"serial\": 1", "\"serial\": 7"));
        project.run(&["state", "verify"]).exits(5).says("the journal belongs to serial 1");
    }
}

mod journal {
    use super::*;

    /// The state of a killed run continues in git before the next run can write the checkpoint.
    #[test]
    fn journal_counts_after_a_merge() {
        let sandbox = Sandbox::start(&["--no-upsert"]);
        let project = repository(&sandbox, true);
        let other = clone(&project);
        goes_on(&other, &[Template::number(5)]);
        goes_on(&project, &[Template::number(6)]);
        let requests = sandbox.requests().len();
        sandbox.faults(&["bulk:1:stall-after"]);
        write(&project, &Template::number(4));
        let running = project.start(&["apply", "-y"]);
        sandbox.has_read(requests + 1);
        running.kill();
        sandbox.faults(&[]);
        git(&project, "add --all").exits(0);
        git(&project, "commit --quiet -m Wanted").exits(0);
        merge(&project, &other, "other").exits(0);
        project.run(&["plan"]).exits(0).says("1 in doubt");
        let journal = project.read("state/test.json.journal");
        project.apply().exits(4).says("part of the state now");
        assert_eq!(sandbox.times_sent("Title 004"), 1);
        assert_eq!(project.row("t-004")["status"], "in_doubt");
        // A person settles and forgets it; another copy of the journal does not restore it.
        project.run(&["recover", "t-004", "--not-created"]).exits(0);
        project.run(&["state", "rm", "t-004"]).exits(0);
        project.write("state/test.json.journal", journal);
        project.run(&["state", "list"]).exits(0);
        let listed = project.run(&["state", "list"]).exits(0).stdout;
        assert!(!listed.contains("t-004"), "{listed}");
    }
}
