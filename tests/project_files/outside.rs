//! Files outside of the project, and things that are not regular files.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::support::Project;
use crate::{is_silent_about, project, settings_of, surfaces};

const SECRET: &str = "gho_SECRETVALUE";

/// A file with a secret outside of the project, in forms that each parser reports errors for.
fn secret() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("a.yaml", format!("token: {SECRET}\nuser: root\n")),
        ("b.yaml", format!("{SECRET}\u{0}\n  - [\n")),
        ("certctl.toml", format!("[default]\naws_session = {SECRET}\n")),
        (
            "state.json",
            format!("{{\"format\": \"certctl.state/v1\", \"lineage\": \"x\", \"{SECRET}\": \"{SECRET}\"}}"),
        ),
        ("text", format!("\"{SECRET}\"\n")),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

#[track_caller]
fn refused(project: &Project, name: &str) {
    let said = surfaces(project);
    is_silent_about(&said, "SECRETVALUE");
    assert!(said.contains(name), "{name} is not named");
    project.run(&["plan"]).exits(1);
}

#[test]
fn link_out_of_the_project_is_refused() {
    let elsewhere = secret();
    for (target, link, name) in [
        (elsewhere.path().join("a.yaml"), "templates/link.yaml", "templates/link.yaml"),
        (elsewhere.path().join("b.yaml"), "templates/link.yaml", "templates/link.yaml"),
        (elsewhere.path().to_owned(), "templates/link", "templates/link"),
        ("/".into(), "templates/root", "templates/root"),
    ] {
        let project = project();
        symlink(target, project.file(link)).unwrap();
        refused(&project, &format!("{name}:1:1"));
    }
}

#[test]
fn process_environment_is_not_read() {
    let mut project = project();
    project.set_env("CI_JOB_TOKEN", SECRET);
    symlink("/proc/self/environ", project.file("templates/e.yaml")).unwrap();
    refused(&project, "templates/e.yaml:1:1");
}

#[test]
fn glob_out_of_the_project_is_refused() {
    let elsewhere = secret();
    for glob in
        [format!("{}/*.yaml", elsewhere.path().display()), "../**/*.yaml".to_owned(), "/etc/*".to_owned()]
    {
        let project = project();
        settings_of(&project, &format!("templates = [\"templates/*.yaml\", {glob:?}]"));
        refused(&project, "certctl.toml:1:34");
        project.run(&["plan"]).exits(1).says(&glob).says("1 problem in 1 file");
    }
}

#[test]
fn settings_must_not_be_a_link() {
    let elsewhere = secret();
    let project = Project::empty();
    symlink(elsewhere.path().join("certctl.toml"), project.file("certctl.toml")).unwrap();
    refused(&project, "certctl.toml");
    project.run(&["plan"]).exits(1).says("symbolic link");
}

#[test]
fn state_outside_is_allowed_but_not_shown() {
    let elsewhere = secret();
    for name in ["a.yaml", "state.json", "text", "certctl.toml"] {
        let project = project();
        symlink(elsewhere.path().join(name), project.file("linked.json")).unwrap();
        settings_of(&project, "[environments.elsewhere]\nurl = \"sandbox\"\nstate = \"linked.json\"\n");
        let said = project.run(&["plan", "--env", "elsewhere", "--report", "markdown=r.md"]).exits(1);
        assert!(!format!("{}{}", said.stderr, project.read("r.md")).contains("SECRET"), "{}", said.stderr);
    }
    // Also a journal beside it.
    std::fs::write(
        elsewhere.path().join("x.json.journal"),
        format!("{{\"{SECRET}\": 1}}\n\"{SECRET}\"\n{SECRET}\n"),
    )
    .unwrap();
    let project = project();
    let state = elsewhere.path().join("x.json");
    settings_of(&project, &format!("[environments.elsewhere]\nurl = \"sandbox\"\nstate = {state:?}\n"));
    let said = project.run(&["plan", "--env", "elsewhere"]).exits(1).says("x.json.journal:1");
    assert!(!said.stderr.contains("SECRET"), "{}", said.stderr);
}

#[test]
fn pipes_and_devices_are_not_read() {
    let pipe = |project: &Project, name: &str| {
        assert!(Command::new("mkfifo").arg(project.file(name)).status().unwrap().success());
    };
    let piped = project();
    pipe(&piped, "templates/pipe.yaml");
    piped.run(&["plan"]).exits(1).says("templates/pipe.yaml:1:1").says("a pipe");
    for state in ["pipe", "/dev/zero", "/proc/kmsg", "/dev/tty"] {
        let project = project();
        pipe(&project, "pipe");
        settings_of(&project, &format!("[environments.odd]\nurl = \"sandbox\"\nstate = {state:?}\n"));
        for command in ["plan", "validate", "recover"] {
            project.run(&[command, "--env", "odd"]).exits(1).says(state);
        }
        if state == "/dev/zero" {
            let run = project.run(&["apply", "-y", "--env", "odd"]).exits(1).says("`state` in certctl.toml");
            assert!(!run.stderr.contains("move it away"), "{}", run.stderr);
        }
    }
    let project = Project::empty();
    pipe(&project, "certctl.toml");
    project.run(&["plan"]).exits(1).says("a pipe");
}

#[test]
fn link_within_the_repository_is_followed() {
    let project = project();
    project.write(
        "eu/certctl.toml",
        "templates = [\"own/*.yaml\", \"../shared/*.yaml\"]\n[environments.sandbox]\nurl = \"sandbox\"\n",
    );
    std::fs::rename(project.file("templates"), project.file("shared")).unwrap();
    std::fs::create_dir(project.file("eu/own")).unwrap();
    symlink("../../shared/all.yaml", project.file("eu/own/link.yaml")).unwrap();
    project.run(&["-C", "eu", "plan"]).exits(1).says("lies outside of the project");
    std::fs::write(project.file(".git"), "gitdir: elsewhere\n").unwrap();
    project.run(&["-C", "eu", "plan"]).exits(0).says("1 to add");
}

#[test]
fn git_directory_is_excluded() {
    let project = project();
    project.write(".git/config.yaml", format!("extraheader: {SECRET}\n"));
    symlink("../.git/config.yaml", project.file("templates/c.yaml")).unwrap();
    refused(&project, "templates/c.yaml:1:1");
}

#[test]
fn image_outside_its_directory_is_not_read() {
    let project = project();
    project.templates(&[crate::Template::number(1).with("asset: https://cdn.example.com/a.png")]);
    std::fs::create_dir(project.file("images")).unwrap();
    symlink(Path::new("/etc/passwd"), project.file("images/a.png")).unwrap();
    project.run(&["preview", "--assets", "images", "--out", "d"]).exits(0).says("leads out of the folder");
    std::fs::remove_file(project.file("images/a.png")).unwrap();
    assert!(Command::new("mkfifo").arg(project.file("images/a.png")).status().unwrap().success());
    project.run(&["preview", "--assets", "images", "--out", "d"]).exits(0).says("a pipe");
}

#[test]
fn oversized_template_file_is_not_read() {
    let project = project();
    let file = std::fs::File::create(project.file("templates/large.yaml")).unwrap();
    file.set_len(64_000_001).unwrap();
    project.run(&["plan"]).exits(1).says("templates/large.yaml:1:1").says("64 MB");
    file.set_len(64_000_000).unwrap();
    for number in 0..4 {
        std::fs::File::create(project.file(&format!("templates/large-{number}.yaml")))
            .unwrap()
            .set_len(64_000_000)
            .unwrap();
    }
    project.run(&["plan"]).exits(1).says("256 MB");
}
