//! What only another branch knows, and clones.

use crate::support::{Project, Sandbox};
use crate::work::{STATE, Work, git};

/// A branch that is older than the latest apply on main, with its own YAML file.
fn behind(sandbox: &Sandbox) -> Work {
    let work = Work::on(sandbox);
    work.apply_and_commit("Old");
    work.git(&["checkout", "--quiet", "-b", "feature"]);
    work.project.write(
        "templates/more.yaml",
        "templates:\n  t-002:\n    title: Two\n    resourceType: course\n    resourceId: \
         00000000-0000-4000-8000-000000000002\n",
    );
    work.commit("More");
    work.git(&["checkout", "--quiet", "main"]);
    work.apply_and_commit("New");
    work.git(&["checkout", "--quiet", "feature"]);
    work
}

#[test]
fn plan_of_a_behind_branch_says_so() {
    let sandbox = Sandbox::start(&[]);
    let work = behind(&sandbox);
    let run = work.unmarked(&["plan", "--report", "markdown=plan.md"]).exits(0).says("1 to add");
    let place = run.stdout.find("this branch is behind").unwrap();
    assert!(place < run.stdout.find("t-002").unwrap(), "{}", run.stdout);
    assert!(work.project.read("plan.md").contains("this branch is behind"));
    let plan = work.unmarked(&["plan", "--json"]).exits(0).json();
    assert!(plan["warnings"][0].as_str().unwrap().contains("git merge main"), "{plan}");
}

#[test]
fn behind_branch_saves_and_applies_nothing() {
    let sandbox = Sandbox::start(&[]);
    let work = behind(&sandbox);
    work.unmarked(&["plan", "--out", "change.plan"]).exits(5).says("refused:").says("this branch is behind");
    assert!(!work.project.file("change.plan").exists());
    let refusal = work.unmarked(&["apply", "--auto-approve"]).exits(5).says("this branch is behind");
    work.paste(&refusal);
    work.unmarked(&["plan", "--out", "change.plan"]).exits(0).says("1 to add");
    work.unmarked(&["apply", "change.plan"]).exits(0).says("1 created, 0 updated");
}

/// On the machine that applied on the other branch, the mark has the newer state, too.
#[test]
fn behind_branch_is_merged_locally_too() {
    let sandbox = Sandbox::start(&[]);
    let work = behind(&sandbox);
    let refusal =
        work.project.run(&["plan"]).exits(5).says("If this branch is only behind, merge that branch:");
    let [merge, alone] = &crate::work::printed(&refusal)[..] else { panic!("{refusal:?}") };
    assert!(alone.starts_with("cp "), "{refusal:?}");
    assert_eq!(merge, "git merge main");
    work.git(&["merge", "--quiet", "--no-edit", "main"]);
    work.project.run(&["plan"]).exits(0).says("1 to add, 0 to change");
}

#[test]
fn fetched_but_unmerged_clone_is_behind() {
    let sandbox = Sandbox::start(&[]);
    let ours = Work::on(&sandbox);
    ours.apply_and_commit("Old");
    let theirs = ours.cloned();
    ours.apply_and_commit("New");
    theirs.git(&["fetch", "--quiet"]);
    let refusal = theirs.project.apply().exits(5).says("the one in origin/main");
    theirs.paste(&refusal);
    theirs.project.run(&["plan"]).exits(0).says("No changes.");
}

#[test]
fn older_clone_of_one_person_is_refused() {
    let sandbox = Sandbox::start(&[]);
    let work = Work::on(&sandbox);
    work.apply_and_commit("Old");
    let older = tempfile::tempdir().unwrap();
    git(older.path(), &["clone", "--quiet", work.project.path().to_str().unwrap(), "."]);
    work.apply_and_commit("New");
    let mut command = work.project.command(&["plan"]);
    let refusal = crate::support::Run::of(command.current_dir(older.path()).output().unwrap());
    let refusal = refusal.exits(5).says("went back in time");
    work.paste_in(older.path(), &refusal);
    let mut command = work.project.command(&["plan"]);
    crate::support::Run::of(command.current_dir(older.path()).output().unwrap())
        .exits(0)
        .says("~ title: \"New\" → \"Old\"");
}

/// Two people continue from one state, each on their own machine.
fn forked(sandbox: &Sandbox) -> (Work, Work) {
    let ours = Work::on(sandbox);
    ours.title("One");
    ours.project.apply().exits(0);
    ours.commit("One");
    let theirs = ours.cloned();
    theirs.git(&["checkout", "--quiet", "-b", "theirs"]);
    add(&theirs, 2);
    add(&ours, 3);
    theirs.git(&["push", "--quiet", "origin", "theirs"]);
    (ours, theirs)
}

fn add(work: &Work, number: u32) {
    work.project.write(
        &format!("templates/{number}.yaml"),
        format!(
            "templates:\n  t-00{number}:\n    title: Title {number}\n    resourceType: course\n    resourceId: \
             00000000-0000-4000-8000-00000000000{number}\n"
        ),
    );
    work.project.apply().exits(0).says("1 created");
    work.commit("More");
}

#[test]
fn fork_of_two_people_is_merged() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let (ours, _) = forked(&sandbox);
    ours.project.run(&["plan"]).exits(0).says("the one in theirs were written independently");
    let refusal = ours.project.apply().exits(5).says("Join the two");
    ours.paste(&refusal);
    // None of their templates are in our YAML, and nothing is lost.
    ours.project.run(&["plan"]).exits(0).says("1 orphaned");
    ours.git(&["checkout", "--quiet", "theirs", "--", "templates"]);
    ours.project.run(&["plan"]).exits(0).says("No changes.");
    ours.project.run(&["state", "list"]).exits(0).says("t-002").says("t-003");
    sandbox.assert_no_double_create();
}

#[test]
fn fork_of_two_clones_is_merged() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let ours = Work::on(&sandbox);
    ours.title("One");
    ours.project.apply().exits(0);
    ours.commit("One");
    let other = tempfile::tempdir().unwrap();
    let copied = std::process::Command::new("cp")
        .arg("-a")
        .arg(format!("{}/.", ours.project.path().display()))
        .arg(other.path())
        .status();
    assert!(copied.unwrap().success());
    add(&ours, 2);
    let there = |arguments: &[&str]| {
        let mut command = ours.project.command(arguments);
        crate::support::Run::of(command.current_dir(other.path()).output().unwrap())
    };
    // It would be refused as older; on a machine without a mark it continues, and forks.
    there(&["state", "mv", "t-001", "renamed"]).exits(5);
    let mut command = ours.project.command(&["state", "mv", "t-001", "renamed"]);
    crate::support::at_home(&mut command, std::path::Path::new(crate::support::NO_HOME));
    crate::support::Run::of(command.current_dir(other.path()).output().unwrap()).exits(0);
    let refusal = there(&["plan"]).exits(5).says("written independently");
    ours.paste_in(other.path(), &refusal);
    there(&["state", "list"]).exits(0).says("renamed").says("t-002");
    let list = there(&["state", "list"]);
    assert_eq!(list.stderr, "", "nothing is behind any more");
}

#[test]
fn shallow_clone_says_it_could_not_check() {
    let sandbox = Sandbox::start(&[]);
    let work = Work::twice_applied(&sandbox);
    let shallow = Work { project: Project::on(&sandbox, "") };
    std::fs::remove_file(shallow.project.file("certctl.toml")).unwrap();
    let url = format!("file://{}", work.project.path().display());
    shallow.git(&["clone", "--quiet", "--depth", "1", &url, "."]);
    shallow.project.run(&["plan"]).exits(0).says("No changes.").says("history not checked");
    shallow.title("Newest");
    let run = shallow.project.apply().exits(0).says("1 updated");
    assert_eq!(run.stderr.matches("history not checked").count(), 1, "{}", run.stderr);
    shallow.git(&["fetch", "--quiet", "--unshallow"]);
    let run = shallow.project.run(&["plan"]).exits(0);
    assert!(!run.stderr.contains("history"), "{}", run.stderr);
}

#[test]
fn missing_repository_is_logged_only_verbosely() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&[crate::support::Template::number(1)]);
    let quiet = project.apply().exits(0);
    assert!(!quiet.stderr.contains("history"), "{}", quiet.stderr);
    project.run(&["-v", "plan"]).exits(0).says("history not checked: the state is in no git repository");
}

#[test]
fn missing_git_program_is_reported() {
    let sandbox = Sandbox::start(&[]);
    let work = Work::twice_applied(&sandbox);
    let without_git = |home: &std::path::Path| {
        let mut command = work.project.command(&["plan"]);
        crate::support::at_home(&mut command, home);
        crate::support::Run::of(command.env("PATH", "/nonexistent").output().unwrap())
    };
    without_git(work.project.home()).exits(0).says("note: history not checked: git is not installed here");
    // The mark needs no git; without a mark either, certctl says so.
    work.git(&["revert", "--no-edit", "HEAD"]);
    without_git(work.project.home()).exits(5).says("went back in time");
    without_git(std::path::Path::new(crate::support::NO_HOME))
        .exits(0)
        .says("No changes.")
        .says("note: history not checked: git is not installed here");
}

/// As git-crypt and Git LFS store it: no filter is run, so the contents in git are unreadable.
#[test]
fn filtered_state_is_reported() {
    let sandbox = Sandbox::start(&[]);
    let work = Work::on(&sandbox);
    work.project.write(".gitattributes", "state/*.json filter=secret\n");
    work.git(&["config", "filter.secret.clean", "base64"]);
    work.git(&["config", "filter.secret.smudge", "base64 -d"]);
    work.apply_and_commit("Old");
    work.apply_and_commit("New");
    work.unmarked(&["plan"]).exits(0).says("history not checked: the state in commit ").says("git-crypt");
    work.git(&["revert", "--no-edit", "HEAD"]);
    work.unmarked(&["plan"]).exits(0).says("history not checked: the state in commit ");
    work.project.run(&["plan"]).exits(5).says("went back in time");
}

/// A commit without a readable state, such as one with an unfinished merge, is not a filter if a state follows.
#[test]
fn earlier_other_contents_are_ignored() {
    let sandbox = Sandbox::start(&[]);
    let work = Work::on(&sandbox);
    work.apply_and_commit("Old");
    let state = work.project.read(STATE);
    work.project.write(STATE, format!("<<<<<<< HEAD\n{state}"));
    work.commit("Conflict");
    work.project.write(STATE, state);
    work.apply_and_commit("New");
    let plan = work.unmarked(&["plan"]).exits(0);
    assert!(!plan.stderr.contains("history"), "{}", plan.stderr);
}

/// A repository named by the environment is not the state's repository.
#[test]
fn git_variables_have_no_effect() {
    let sandbox = Sandbox::start(&[]);
    let work = Work::twice_applied(&sandbox);
    work.git(&["revert", "--no-edit", "HEAD"]);
    let elsewhere = tempfile::tempdir().unwrap();
    git(elsewhere.path(), &["init", "--quiet"]);
    let mut command = work.project.command(&["plan"]);
    crate::support::at_home(&mut command, std::path::Path::new(crate::support::NO_HOME));
    command.env("GIT_DIR", elsewhere.path().join(".git")).env("GIT_WORK_TREE", elsewhere.path());
    let trap = elsewhere.path().join("trap");
    std::fs::write(&trap, "#!/bin/sh\ntouch sprung\n").unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&trap, mode).unwrap();
    // The trap works: unrestricted git runs the program.
    let mut git = std::process::Command::new("git");
    git.args(["diff", "HEAD~1"]).current_dir(work.project.path()).env("GIT_EXTERNAL_DIFF", &trap);
    assert!(git.output().unwrap().status.success());
    std::fs::remove_file(work.project.file("sprung")).expect("this git runs no external diff");
    command.env("GIT_EXTERNAL_DIFF", &trap).env("GIT_PAGER", &trap).env("PAGER", &trap);
    crate::support::Run::of(command.output().unwrap()).exits(5).says("went back in time");
    assert!(!work.project.file("sprung").exists() && work.project.file(STATE).exists());
}
