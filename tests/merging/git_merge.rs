//! git merge, with the driver, with the printed commands, and by hand.

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
    project.write(".gitignore", include_str!("../../src/cli/init/gitignore"));
    project.write(".gitattributes", include_str!("../../src/cli/init/gitattributes"));
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
