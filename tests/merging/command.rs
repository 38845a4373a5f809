//! `certctl state merge` as a command: its files and what it prints.

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
        project.run(&["state", "merge", &base, &ours, &theirs, "-o", file]).exits(5).says("not overwritten");
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
