//! The state is missing.

use crate::support::{Project, Sandbox, numbered};
use crate::work::{STATE, Work};

#[test]
fn revert_removing_the_state_is_refused() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let work = Work::on(&sandbox);
    work.title("One");
    work.commit("YAML");
    work.project.apply().exits(0);
    work.commit("State");
    work.git(&["revert", "--no-edit", "HEAD"]);
    assert!(!work.project.file(STATE).exists());
    for unmarked in [false, true] {
        let run = |arguments: &[&str]| {
            if unmarked { work.unmarked(arguments) } else { work.project.run(arguments) }
        };
        run(&["apply", "--auto-approve"]).exits(5).says("there is no state").says("a second time");
        let refusal = run(&["plan"]).exits(5).says("there is no state").says("a second time");
        work.paste(&refusal);
        run(&["plan"]).exits(0).says("No changes.");
        work.git(&["rm", "--quiet", "--force", STATE]);
    }
}

#[test]
fn removed_uncommitted_state_is_refused() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let work = Work::on(&sandbox);
    work.title("One");
    work.project.apply().exits(0);
    std::fs::remove_dir_all(work.project.file("state")).unwrap();
    work.project.apply().exits(5).says("there is no state");
    let refusal = work.project.run(&["plan"]).exits(5).says("there is no state");
    work.paste(&refusal);
    work.project.run(&["plan"]).exits(0).says("No changes.");
}

/// Any of its templates may be on the server, because it is assumed to have existed.
#[test]
fn accepting_a_missing_state_creates_nothing() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let work = Work::on(&sandbox);
    work.title("One");
    work.project.apply().exits(0);
    std::fs::remove_file(work.project.file(STATE)).unwrap();
    work.project.run(&["state", "accept"]).exits(1).says("state accept --auto-approve");
    work.project.run(&["state", "accept", "--auto-approve"]).exits(0).says("Environment test").says("t-001");
    work.project.apply().exits(4).says("1 in doubt");
    let id = sandbox.id_of("One");
    // Another version of the state does not count as a request.
    let told =
        work.project.run(&["recover"]).exits(0).says(&id).says("by one version of the state, as a create");
    let shown = work
        .project
        .run(&["state", "show", "t-001"])
        .exits(0)
        .says("by one version of the state, as a create");
    for text in [told.stdout, shown.stdout] {
        assert!(!text.contains("equest state accept"), "{text}");
    }
    work.project.run(&["recover", "t-001", "--created", &id]).exits(0);
    work.project.run(&["plan"]).exits(0).says("No changes.");
}

mod damaged {
    use super::*;

    #[test]
    fn is_restored_from_the_mark() {
        let sandbox = Sandbox::start(&[]);
        let work = Work::on(&sandbox);
        work.title("One");
        work.project.apply().exits(0);
        work.title("Two");
        work.project.apply().exits(0);
        let whole = work.project.read(STATE);
        work.project.write(STATE, &whole[..whole.len() / 2]);
        for arguments in [&["plan"][..], &["apply", "-y"], &["state", "verify"], &["recover"]] {
            work.project
                .run(arguments)
                .exits(1)
                .says("the state is damaged")
                .says(&work.project.mark().display().to_string());
        }
        let refusal = work.project.run(&["plan"]).exits(1);
        let paste = refusal.stderr.lines().find_map(|line| line.split_once(": cp ")).unwrap().1.to_owned();
        work.shell(work.project.path(), &format!("cp {paste}")).exits(0);
        assert_eq!(work.project.read(STATE), whole);
        work.project.run(&["plan"]).exits(0).says("No changes.");
    }

    #[test]
    fn without_a_mark_names_the_backups_age() {
        let sandbox = Sandbox::start(&[]);
        let work = Work::on(&sandbox);
        work.title("One");
        work.project.apply().exits(0);
        let whole = work.project.read(STATE);
        work.project.on_another_machine();
        work.project.write(STATE, "{");
        let told = work.project.run(&["plan"]).exits(1).says("from git");
        assert!(!told.stderr.contains(".backup"), "there is no backup: {}", told.stderr);
        work.project.write(STATE, &whole);
        work.title("Two");
        work.project.apply().exits(0);
        work.project.on_another_machine();
        work.project.write(STATE, "{");
        work.project.run(&["plan"]).exits(1).says("what the last command wrote is not in it").says(".backup");
    }
}

#[test]
fn first_plan_says_everything_is_created() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=2));
    project
        .run(&["plan"])
        .exits(0)
        .says("there is no state at state/test.json")
        .says("everything will be created");
    let plan = project.plan_json();
    assert!(plan["warnings"][0].as_str().unwrap().contains("there is no state"), "{plan}");
    project.apply().exits(0);
    assert_eq!(project.plan_json()["warnings"], serde_json::json!([]));
}

#[test]
fn state_of_another_instance_is_ignored() {
    let (first, second) = (Sandbox::start(&[]), Sandbox::start(&[]));
    let work = Work::on(&first);
    work.title("One");
    work.project.apply().exits(0);
    work.commit("State");
    work.git(&["rm", "--quiet", STATE]);
    work.project.configure(&second.url, "");
    work.project.run(&["plan"]).exits(0).says("as is normal before the first apply");
    work.project.apply().exits(0).says("1 created");
}

#[test]
fn sandbox_without_data_starts_empty() {
    let project = Project::empty();
    project.write(
        "certctl.toml",
        "default_environment = \"test\"\n[environments.test]\nurl = \"sandbox\"\n[environments.test.safety]\n\
         max_change_percent = 100\n",
    );
    let work = Work { project };
    work.git(&["init", "--quiet", "--initial-branch", "main"]);
    work.project.write(".gitignore", "*.sandbox\n*.lock\n");
    work.apply_and_commit("One");
    std::fs::remove_file(work.project.file(STATE)).unwrap();
    work.project.apply().exits(5).says("there is no state");
    std::fs::remove_file(work.project.file("state/test.json.sandbox")).unwrap();
    work.project.run(&["plan"]).exits(0).says("everything will be created");
    work.project.apply().exits(0).says("1 created");
    work.title("Two");
    work.project.apply().exits(0).says("1 updated");
}
