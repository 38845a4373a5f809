//! The state is missing at its path and exists at another.

use std::path::Path;

use crate::support::{Project, Run, Sandbox, Template, numbered};
use crate::work::{Work, git, printed};

/// A project with two applied templates, committed if it is a repository.
fn applied(sandbox: &Sandbox, in_git: bool) -> Work {
    let work = if in_git { Work::on(sandbox) } else { Work { project: Project::on(sandbox, "") } };
    work.project.templates(&numbered(1..=2));
    work.project.apply().exits(0).says("2 created");
    if in_git {
        work.commit("Applied");
    }
    work
}

fn configured(work: &Work, from: &str, to: &str) {
    let text = work.project.read("certctl.toml").replace(from, to);
    work.project.write("certctl.toml", text);
}

/// Runs the printed commands; answers yes to questions.
fn paste(work: &Work, folder: &Path, refusal: &Run) {
    let commands: Vec<String> = printed(refusal)
        .into_iter()
        .map(|command| if command.contains("state accept") { command + " --auto-approve" } else { command })
        .collect();
    assert!(!commands.is_empty(), "no command was printed: {refusal:?}");
    work.shell(folder, &commands.join("\n")).exits(0);
}

/// Nothing is created a second time, and the printed commands lead to an empty plan.
#[track_caller]
fn is_led_back(work: &Work, marked: bool) {
    let run =
        |arguments: &[&str]| if marked { work.project.run(arguments) } else { work.unmarked(arguments) };
    run(&["apply", "--auto-approve"]).exits(5).says("there is no state");
    run(&["import", "t-001", "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01"]).exits(5);
    let refusal = run(&["plan"]).exits(5).says("there is no state").says("created a second time");
    paste(work, work.project.path(), &refusal);
    run(&["plan"]).exits(0).says("No changes.");
    run(&["apply", "--auto-approve"]).exits(0).says("No changes.");
}

#[test]
fn renamed_environment_takes_over_its_state() {
    for (in_git, marked) in [(false, true), (false, false), (true, true), (true, false)] {
        let sandbox = Sandbox::start(&["--no-upsert"]);
        let work = applied(&sandbox, in_git);
        configured(&work, "test", "production");
        is_led_back(&work, marked);
        work.project.run(&["state", "verify"]).exits(0);
    }
}

#[test]
fn renamed_environment_with_state_in_place_too() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let work = Work { project: Project::on(&sandbox, "") };
    configured(&work, "[environments.test.api]", "state = \"state/all.json\"\n[environments.test.api]");
    work.project.templates(&numbered(1..=1));
    work.project.apply().exits(0);
    configured(&work, "test", "production");
    let refusal = work.project.run(&["plan"]).exits(5).says("belongs to environment \"test\"");
    let accept = refusal.stderr.rsplit_once("take its state over: ").unwrap().1.trim().to_owned();
    assert_eq!(accept, "certctl state accept -e production");
    work.shell(work.project.path(), &format!("{accept} -y"))
        .exits(0)
        .says("was that of the environment test");
    work.project.run(&["plan"]).exits(0).says("No changes.");
}

#[test]
fn state_of_an_existing_environment_stays() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let work = applied(&sandbox, false);
    let text =
        work.project.read("certctl.toml") + &format!("[environments.other]\nurl = \"{}\"\n", sandbox.url);
    work.project.write("certctl.toml", &text);
    work.project.write("state/other.json", work.project.read("state/test.json"));
    let refusal = work.project.run(&["-e", "other", "state", "accept", "-y"]).exits(5);
    assert!(!refusal.stderr.contains("take its state over"), "{}", refusal.stderr);
    // With its own state it starts empty, and says what it shares.
    std::fs::remove_file(work.project.file("state/other.json")).unwrap();
    let plan = work.project.run(&["-e", "other", "plan"]).exits(0);
    plan.says("everything will be created, also what is for the same courses in the environment test");
}

#[test]
fn environments_of_one_instance_are_separate() {
    let sandbox = Sandbox::start(&[]);
    let work = applied(&sandbox, false);
    let text =
        work.project.read("certctl.toml") + &format!("[environments.other]\nurl = \"{}\"\n", sandbox.url);
    work.project.write("certctl.toml", text);
    work.project.templates(&[
        Template::number(1).with("environments: [test]"),
        Template::number(3).with("environments: [other]"),
    ]);
    work.project.run(&["-e", "other", "plan"]).exits(0).says("everything will be created. If");
    work.project.run(&["-e", "other", "apply", "-y"]).exits(0).says("1 created");
}

#[test]
fn changed_path_finds_the_old_state() {
    for (in_git, marked) in [(false, true), (false, false), (true, true), (true, false)] {
        let sandbox = Sandbox::start(&["--no-upsert"]);
        let work = applied(&sandbox, in_git);
        configured(&work, "[environments.test.api]", "state = \"states/prod.json\"\n[environments.test.api]");
        is_led_back(&work, marked);
    }
}

#[test]
fn state_removed_at_its_old_path_is_found() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let work = applied(&sandbox, true);
    configured(&work, "[environments.test.api]", "state = \"states/prod.json\"\n[environments.test.api]");
    work.git(&["rm", "--quiet", "state/test.json"]);
    work.commit("Removed");
    is_led_back(&work, false);
}

/// A project with two adopted templates, on a server that is not on this machine; nothing is sent to it.
fn adopted(work: &Work) {
    work.project.configure("https://academy.example.com", "");
    work.project.templates(&numbered(1..=2));
    for (key, id) in
        [("t-001", "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01"), ("t-002", "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f02")]
    {
        work.project.run(&["import", key, id]).exits(0);
    }
}

#[test]
fn project_moved_without_its_state_is_refused() {
    let work = Work { project: Project::empty() };
    adopted(&work);
    for name in ["certctl.toml", "templates/all.yaml"] {
        let text = work.project.read(name);
        work.project.write(&format!("moved/{name}"), text);
    }
    std::fs::remove_dir_all(work.project.file("state")).unwrap();
    let refusal = work.project.run(&["-C", "moved", "plan"]).exits(5).says("there is no state");
    paste(&work, work.project.path(), &refusal);
    work.project.run(&["-C", "moved", "plan"]).exits(0).says("0 to add, 2 to change");
}

/// Another server may have had the same address yesterday.
#[test]
fn local_servers_belong_to_their_project() {
    let sandbox = Sandbox::start(&[]);
    let work = applied(&sandbox, false);
    let other = tempfile::tempdir().unwrap();
    for name in ["certctl.toml", "templates/all.yaml"] {
        let path = other.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, work.project.read(name)).unwrap();
    }
    let run = work.project.command(&["plan"]).current_dir(other.path()).output().unwrap();
    Run::of(run).exits(0).says("2 to add");
}

#[test]
fn project_moved_into_a_subdirectory_finds_state() {
    for marked in [true, false] {
        let sandbox = Sandbox::start(&["--no-upsert"]);
        let work = applied(&sandbox, true);
        std::fs::create_dir(work.project.file("sub")).unwrap();
        work.git(&["mv", "certctl.toml", "templates", "sub/"]);
        work.commit("Moved");
        let run =
            |arguments: &[&str]| if marked { work.project.run(arguments) } else { work.unmarked(arguments) };
        let refusal = run(&["-C", "sub", "plan"]).exits(5).says("there is no state");
        paste(&work, work.project.path(), &refusal);
        run(&["-C", "sub", "plan"]).exits(0).says("No changes.");
    }
}

#[test]
fn clone_without_the_state_is_refused() {
    let work = Work { project: Project::empty() };
    git(work.project.path(), &["init", "--quiet", "--initial-branch", "main"]);
    work.project.write(".gitignore", "state/\n");
    adopted(&work);
    work.commit("Adopted");
    let clone = tempfile::tempdir().unwrap();
    git(clone.path(), &["clone", "--quiet", work.project.path().to_str().unwrap(), "."]);
    let there = |arguments: &[&str]| {
        Run::of(work.project.command(arguments).current_dir(clone.path()).output().unwrap())
    };
    let refusal = there(&["plan"]).exits(5).says("there is no state");
    paste(&work, clone.path(), &refusal);
    there(&["plan"]).exits(0).says("0 to add, 2 to change");
}

fn killed(work: &Work) {
    let mut command = work.project.command(&["apply", "-y"]);
    assert!(!command.env("CERTCTL_CRASH_AT", "answer-complete:1").output().unwrap().status.success());
}

mod a_killed_first_run {
    use super::*;

    const COPIES: &str = "certctl/journals";

    fn of_two() -> (Sandbox, Work) {
        let sandbox = Sandbox::start(&["--no-upsert"]);
        let work = Work { project: Project::on(&sandbox, "") };
        work.project.templates(&numbered(1..=2));
        killed(&work);
        assert!(!work.project.file("state/test.json").exists());
        (sandbox, work)
    }

    #[test]
    fn is_found_after_a_rename_or_move() {
        for (from, to) in [
            ("test", "production"),
            ("[environments.test.api]", "state = \"states/all.json\"\n[environments.test.api]"),
        ] {
            let (sandbox, work) = of_two();
            configured(&work, from, to);
            work.project.apply().exits(5).says("there is no state");
            let refusal = work.project.run(&["plan"]).exits(5).says("what an interrupted first run recorded");
            paste(&work, work.project.path(), &refusal);
            work.project.run(&["plan"]).exits(0).says("2 in doubt");
            work.project.apply().exits(4);
            work.project.run(&["state", "verify"]).exits(0);
            sandbox.assert_no_double_create();
        }
    }

    #[test]
    fn leaves_doubt_if_no_state_is_accepted() {
        let (sandbox, work) = of_two();
        configured(&work, "test", "production");
        work.project.run(&["state", "accept", "-y"]).exits(0).says("2 templates");
        work.project.apply().exits(4).says("2 in doubt");
        sandbox.assert_no_double_create();
    }

    #[test]
    fn under_the_old_name_is_adopted_on_request() {
        let (sandbox, work) = of_two();
        configured(&work, "environments.test", "environments.production");
        let api = "[environments.production.api]";
        configured(&work, api, &format!("state = \"state/test.json\"\n{api}"));
        configured(&work, "default_environment = \"test\"", "default_environment = \"production\"");
        let refusal = work.project.run(&["plan"]).exits(5).says("this journal belongs to environment");
        assert!(refusal.stderr.contains("certctl state accept -e production"), "{refusal:?}");
        work.project.run(&["state", "accept", "-y"]).exits(0).says("was that of the environment test");
        work.project.apply().exits(4).says("2 in doubt");
        sandbox.assert_no_double_create();
    }

    /// A project on an academy, to which nothing is sent, and the copy that a run elsewhere left.
    fn on_an_academy(path: &str, environment: &str) -> Work {
        let (_sandbox, killed) = of_two();
        let copies = killed.project.state_home().join(COPIES);
        let copy = std::fs::read_dir(copies).unwrap().next().unwrap().unwrap().path();
        let text = std::fs::read_to_string(copy).unwrap();
        let (first, rest) = text.split_once('\n').unwrap();
        let mut open: serde_json::Value = serde_json::from_str(first).unwrap();
        open["url"] = "https://academy.example.com".into();
        open["environment"] = environment.into();
        let work = Work { project: Project::empty() };
        work.project.configure("https://academy.example.com", "");
        work.project.templates(&numbered(1..=2));
        let folder = work.project.state_home().join(COPIES);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(path), format!("{open}\n{rest}")).unwrap();
        work
    }

    #[test]
    fn is_known_by_its_copy_wherever_it_was() {
        for environment in ["test", "gone"] {
            let work = on_an_academy("0123-4.journal", environment);
            work.project.run(&["import", "t-001", "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01"]).exits(5);
            let refusal = work.project.run(&["plan"]).exits(5).says("for a state in another place");
            paste(&work, work.project.path(), &refusal);
            work.project.run(&["plan"]).exits(0).says("2 in doubt");
            work.project.run(&["recover", "t-001", "--not-created"]).exits(0);
            // It is part of the state here, and no longer counts anywhere else.
            assert_eq!(std::fs::read_dir(work.project.state_home().join(COPIES)).unwrap().count(), 0);
        }
    }

    /// As in another clone of the same person.
    #[test]
    fn of_one_lineage_is_noticed_beside_a_state() {
        let work = on_an_academy("0123-4.journal", "test");
        let copy = work.project.state_home().join(COPIES).join("0123-4.journal");
        let text = std::fs::read_to_string(&copy).unwrap();
        std::fs::remove_file(&copy).unwrap();
        work.project.templates(&numbered(1..=3));
        work.project.run(&["import", "t-003", "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f03"]).exits(0);
        work.project.run(&["plan"]).exits(0);
        let state: serde_json::Value = serde_json::from_str(&work.project.read("state/test.json")).unwrap();
        let (first, rest) = text.split_once('\n').unwrap();
        let mut open: serde_json::Value = serde_json::from_str(first).unwrap();
        for name in ["lineage", "serial", "writes"] {
            open[name] = state[name].clone();
        }
        std::fs::write(&copy, format!("{open}\n{rest}")).unwrap();
        work.project.run(&["plan"]).exits(5).says("does not have what").says("for a state in another place");
        work.project.run(&["state", "accept", "-y"]).exits(0).says("t-001, t-002");
        work.project.run(&["plan"]).exits(0).says("2 in doubt");
    }

    #[test]
    fn of_other_courses_or_environments_is_ignored() {
        let work = on_an_academy("0123-4.journal", "test");
        work.project.templates(&numbered(7..=8));
        work.project.run(&["plan"]).exits(0).says("everything will be created");
        let work = on_an_academy("0123-4.journal", "other");
        let second = "[environments.other]\nurl = \"https://academy.example.com\"\n";
        work.project.write("certctl.toml", work.project.read("certctl.toml") + second);
        work.project.run(&["plan"]).exits(0).says("everything will be created");
        work.project.run(&["-e", "other", "plan"]).exits(5);
    }
}

#[test]
fn state_is_recognised_by_its_journal() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let work = applied(&sandbox, false);
    work.project.templates(&numbered(1..=3));
    killed(&work);
    work.project.templates(&numbered(3..=3));
    configured(&work, "test", "production");
    let refusal = work.project.run(&["plan"]).exits(5).says("created a second time");
    work.project.run(&["state", "accept", "-y"]).exits(0).says("t-003");
    work.project.apply().exits(4).says("3 in doubt");
    assert!(refusal.stderr.contains("mv "), "{refusal:?}");
    sandbox.assert_no_double_create();
}

/// A killed run left a journal there.
#[test]
fn journal_moves_with_its_state() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let work = applied(&sandbox, false);
    work.project.templates(&numbered(1..=3));
    killed(&work);
    configured(&work, "test", "production");
    let refusal = work.project.run(&["plan"]).exits(5);
    paste(&work, work.project.path(), &refusal);
    work.project.run(&["plan"]).exits(0).says("1 in doubt");
}

#[test]
fn saved_plan_of_first_apply_is_refused() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let work = Work { project: Project::on(&sandbox, "") };
    work.project.templates(&numbered(1..=2));
    work.project.run(&["plan", "--out", "change.plan"]).exits(0);
    work.project.apply().exits(0);
    configured(&work, "[environments.test.api]", "state = \"elsewhere/x.json\"\n[environments.test.api]");
    std::fs::remove_dir_all(work.project.file("templates")).unwrap();
    work.project.run(&["apply", "change.plan"]).exits(5).says("there is no state");
}

#[test]
fn another_project_starts_empty() {
    let sandbox = Sandbox::start(&[]);
    let work = applied(&sandbox, true);
    for name in ["other/certctl.toml", "third/certctl.toml"] {
        work.project.write(name, work.project.read("certctl.toml"));
        let template = "templates:\n  t-001:\n    title: Another\n    resourceType: course\n    resourceId: \
                        00000000-0000-4000-8000-00000000000NUMBER\n";
        let number = if name.starts_with("other") { "8" } else { "9" };
        let file = name.replace("certctl.toml", "templates/a.yaml");
        work.project.write(&file, template.replace("NUMBER", number));
    }
    for name in ["other", "third"] {
        work.project.run(&["-C", name, "plan"]).exits(0).says("everything will be created");
        work.project.run(&["-C", name, "apply", "-y"]).exits(0).says("1 created");
    }
}
