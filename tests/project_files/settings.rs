//! certctl.toml: invalid settings, and related process variables.

use crate::support::certctl;
use crate::{project, settings_of, surfaces};

#[test]
fn empty_environment_variable_is_ignored() {
    let mut project = project();
    project.set_env("CERTCTL_ENV", "");
    project.set_env("CERTCTL_LOG", "");
    project.run(&["plan"]).exits(0).says("sandbox");
    project.set_env("CERTCTL_ENV", "sandbx");
    project.run(&["plan"]).exits(1).says("did you mean sandbox?");
    project.run(&["plan", "--env", "sandbox"]).exits(0);
    project.run(&["plan", "--env", ""]).exits(1);
}

#[test]
fn abbreviated_environment_is_understood() {
    let project = project();
    settings_of(
        &project,
        "[environments.production]\nurl = \"sandbox\"\n[environments.staging]\nurl = \"sandbox\"\n",
    );
    project.run(&["plan", "-e", "prod"]).exits(1).says("did you mean production?");
    project.run(&["plan", "-e", "stag"]).exits(1).says("did you mean staging?");
}

#[test]
fn directory_without_settings_is_named() {
    let project = project();
    std::fs::create_dir_all(project.file("a/b")).unwrap();
    let folder = std::fs::canonicalize(project.file("a")).unwrap();
    let run = certctl().current_dir(project.file("a/b")).args(["-C", "..", "plan"]).output().unwrap();
    let said = String::from_utf8(run.stderr).unwrap();
    assert!(said.contains(&format!("there is no certctl.toml in {}", folder.display())), "{said}");
    project.run(&["-C", "nowhere", "plan"]).exits(1).says("there is no folder nowhere");
}

#[test]
fn unfinished_merge_is_one_finding() {
    let project = project();
    project.write(
        "certctl.toml",
        "[environments.sandbox]\nurl = \"sandbox\"\n<<<<<<< HEAD\napi_key = \"secret-1\"\n=======\ntimeout = 5\n>>>>>>> main\n",
    );
    project.run(&["plan"]).exits(1).says("certctl.toml:3:1").says("unfinished").says("1 problem in 1 file");
    assert!(!surfaces(&project).contains("secret-1"));
}

#[test]
fn invalid_state_path_creates_no_directory() {
    let project = project();
    for (state, word) in [
        ("~/x.json", "not expanded"),
        ("a\\u0007b.json", "control character"),
        ("a\\nb.json", "control character"),
        ("$HOME/x.json", "not expanded"),
        ("certctl.toml", "configuration file"),
        ("gs://bucket/x.json", "does not support"),
        ("s3://bucket", "nothing in it"),
    ] {
        settings_of(&project, &format!("[environments.p]\nurl = \"sandbox\"\nstate = \"{state}\"\n"));
        let before = project.snapshot();
        project.run(&["apply", "-y", "--env", "p"]).exits(1).says("certctl.toml:3:9").says(word);
        assert_eq!(project.snapshot(), before);
    }
    settings_of(
        &project,
        "[environments.p]\nurl = \"sandbox\"\nstate = \"s\"\n[environments.P]\nurl = \"sandbox\"\nstate = \"S\"\n",
    );
    project.run(&["plan", "--env", "p"]).exits(1).says("share one state");
}

#[test]
fn wrong_settings_are_explained_together() {
    let project = project();
    project.write(
        "certctl.toml",
        "templats = []\n[environments.sandbox]\nurl = \"sandbox\"\napi = 5\n[environments.sandbox.safety]\nmax_change_percent = 300\n\
         max_chnages = 5\n[environments.production.api]\naddressing = \"key\"\ntimeout = 30\npasswrd = \"secret-1\"\n",
    );
    let said = project.run(&["plan"]).exits(1).stderr;
    insta::assert_snapshot!(said);
    assert!(!surfaces(&project).contains("secret-1"));
}
