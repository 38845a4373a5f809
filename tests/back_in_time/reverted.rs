//! YAML and state were reverted together, but the server was not.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::support::{Run, Sandbox};
use crate::work::{STATE, Work, printed};

/// Every command that writes refuses and changes nothing; those that read continue and report it.
#[track_caller]
fn is_refused(work: &Work) -> Run {
    let before = files(work);
    let id = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01";
    for arguments in [
        &["apply", "--auto-approve"][..],
        &["import", "t-001", id],
        &["state", "mv", "t-001", "t-002"],
        &["state", "rm", "t-001", "-y"],
        &["recover", "t-001", "--applied"],
        &["plan", "--out", "change.plan"],
    ] {
        work.project.run(arguments).exits(5).says("went back in time");
    }
    for arguments in [&["state", "list"][..], &["state", "show", "t-001"], &["recover"]] {
        work.project.run(arguments).exits(0).says("warning:").says("went back in time");
    }
    let run = work.project.run(&["plan"]).exits(5).says("went back in time");
    assert_eq!(run.stdout, "", "no plan is shown that would be wrong");
    assert_eq!(files(work), before);
    run
}

/// The state with the files beside it, and the YAML; git's own files may change.
fn files(work: &Work) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = work.project.snapshot();
    files.retain(|path, _| !path.components().any(|part| part.as_os_str() == ".git"));
    files.retain(|path, _| !path.to_string_lossy().ends_with(".lock"));
    files
}

/// The printed commands lead to a plan that shows the difference between the server and the YAML.
#[track_caller]
fn the_way_back_is_true(work: &Work, sandbox: &Sandbox, refusal: &Run) {
    work.paste(refusal);
    work.project.run(&["plan"]).exits(0).says("~ title: \"New\" → \"Old\"");
    work.project.apply().exits(0).says("1 updated");
    sandbox.id_of("Old");
    work.project.run(&["plan"]).exits(0).says("No changes.");
}

#[test]
fn revert_is_refused_and_can_be_undone() {
    let sandbox = Sandbox::start(&[]);
    let work = Work::twice_applied(&sandbox);
    work.git(&["revert", "--no-edit", "HEAD"]);
    let refusal = is_refused(&work);
    assert!(printed(&refusal)[0].starts_with("git checkout "), "{refusal:?}");
    the_way_back_is_true(&work, &sandbox, &refusal);
}

#[test]
fn revert_is_noticed_without_a_mark() {
    let sandbox = Sandbox::start(&[]);
    let work = Work::twice_applied(&sandbox);
    work.git(&["revert", "--no-edit", "HEAD"]);
    let refusal = work.unmarked(&["plan"]).exits(5).says("went back in time");
    the_way_back_is_true(&work, &sandbox, &refusal);
}

#[test]
fn reset_is_refused_and_can_be_undone() {
    let sandbox = Sandbox::start(&[]);
    let work = Work::twice_applied(&sandbox);
    work.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    let refusal = is_refused(&work);
    assert!(printed(&refusal)[0].starts_with("cp "), "only the mark has it: {refusal:?}");
    the_way_back_is_true(&work, &sandbox, &refusal);
}

#[test]
fn older_checkout_is_refused() {
    let sandbox = Sandbox::start(&[]);
    let work = Work::twice_applied(&sandbox);
    work.git(&["checkout", "--quiet", "HEAD~1"]);
    let refusal = is_refused(&work);
    the_way_back_is_true(&work, &sandbox, &refusal);
}

#[test]
fn files_of_an_older_commit_are_refused() {
    let sandbox = Sandbox::start(&[]);
    let work = Work::twice_applied(&sandbox);
    work.git(&["checkout", "--quiet", "HEAD~1", "--", "."]);
    let refusal = work.unmarked(&["plan"]).exits(5).says("went back in time");
    the_way_back_is_true(&work, &sandbox, &refusal);
}

#[test]
fn stashed_state_is_missed() {
    let sandbox = Sandbox::start(&[]);
    let work = Work::on(&sandbox);
    work.apply_and_commit("Old");
    work.title("New");
    work.project.apply().exits(0);
    work.git(&["stash", "--quiet"]);
    let refusal = is_refused(&work);
    the_way_back_is_true(&work, &sandbox, &refusal);
}

/// For a state that git already tracked and for a new one, in the newest stash and in an older one.
#[test]
fn stash_is_noticed_without_a_mark() {
    for (is_known, others) in [(true, 0), (true, 1), (false, 0), (false, 2)] {
        let sandbox = Sandbox::start(&[]);
        let work = Work::on(&sandbox);
        if is_known {
            work.apply_and_commit("Old");
        } else {
            work.commit("YAML");
        }
        work.title("New");
        work.project.apply().exits(0);
        work.git(&["stash", "--quiet", "--include-untracked"]);
        for number in 0..others {
            work.project.write("note", number.to_string());
            work.git(&["stash", "--quiet", "--include-untracked"]);
        }
        if !is_known {
            work.title("Old");
        }
        let place = format!("the one in stash@{{{others}}}");
        work.unmarked(&["apply", "--auto-approve"]).exits(5).says(&place);
        let plan = work.unmarked(&["plan"]).exits(0).says(&place);
        assert!(!plan.stdout.contains("branch") && !plan.stdout.contains("merge"), "{}", plan.stdout);
        let refusal = work.unmarked(&["plan", "--out", "change.plan"]).exits(5);
        let commands = printed(&refusal);
        assert!(commands[0].starts_with("git checkout ") && commands.len() == 1, "{commands:?}");
        work.paste(&refusal);
        work.unmarked(&["plan"]).exits(0).says("~ title: \"New\" → \"Old\"");
    }
}

/// The README's way: only the YAML is reverted.
#[test]
fn reverted_yaml_alone_is_an_ordinary_change() {
    let sandbox = Sandbox::start(&[]);
    let work = Work::twice_applied(&sandbox);
    work.git(&["revert", "--no-commit", "HEAD"]);
    work.git(&["checkout", "HEAD", "--", STATE]);
    work.project.run(&["plan"]).exits(0).says("~ title: \"New\" → \"Old\"");
    work.project.apply().exits(0).says("1 updated");
}

#[test]
fn commands_are_quoted_and_act_correctly() {
    let sandbox = Sandbox::start(&[]);
    let work = Work::on(&sandbox);
    let inner = "it's a $(folder)/[x]";
    for name in ["certctl.toml", ".gitignore"] {
        let text = work.project.read(name);
        work.project.write(&format!("{inner}/{name}"), text);
    }
    let apply = |title: &str| {
        let template = format!(
            "templates:\n  t-001:\n    title: {title}\n    resourceType: course\n    resourceId: \
             00000000-0000-4000-8000-000000000001\n"
        );
        work.project.write(&format!("{inner}/templates/a.yaml"), template);
        work.project.run(&["-C", inner, "apply", "--auto-approve"]).exits(0);
        work.commit(title);
    };
    apply("Old");
    apply("New");
    // Noticed by git's history, from inside and outside of the repository, and by the mark alone.
    let outside = tempfile::tempdir().unwrap();
    let whole = work.project.file(inner);
    for (step, folder, project) in [
        ("revert --no-edit HEAD", work.project.path(), inner),
        ("revert --no-edit HEAD", outside.path(), whole.to_str().unwrap()),
        ("reset --hard HEAD~1", work.project.path(), inner),
    ] {
        work.git(&step.split(' ').collect::<Vec<_>>());
        let mut command = work.project.command(&["-C", project, "-e", "test", "plan"]);
        let refusal = Run::of(command.current_dir(folder).output().unwrap()).exits(5);
        work.paste_in(folder, &refusal);
        work.project.run(&["-C", inner, "plan"]).exits(0).says("~ title: \"New\" → \"Old\"");
        work.git(&["reset", "--quiet", "--hard", "main@{1}"]);
        work.project.run(&["-C", inner, "plan"]).exits(0).says("No changes.");
    }
}
