//! Directories that cannot be written, and directories in place of files.

use super::*;

/// Runs as an unprivileged user if the test runs as a privileged one.
fn unprivileged(project: &Project, arguments: &[&str]) -> Run {
    use std::os::unix::process::CommandExt as _;
    let mut command = project.command(arguments);
    let is_root = fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    if is_root {
        command.uid(65_534);
    }
    Run::of(command.output().unwrap())
}

#[test]
fn read_only_directories_are_named_before_sending() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=1));
    chmod(project.path(), 0o555);
    let run = unprivileged(&project, &["apply", "-y"]);
    chmod(project.path(), 0o755);
    run.exits(1).says("cannot create the folder").says("state");

    fs::create_dir(project.file("state")).unwrap();
    chmod(&project.file("state"), 0o555);
    let run = unprivileged(&project, &["apply", "-y"]);
    unprivileged(&project, &["plan"]).exits(0).says("1 to add");
    chmod(&project.file("state"), 0o755);
    run.exits(1).says("test.json.lock").says("permissions");

    // Lock and journal can be written, but the state cannot be replaced.
    for name in ["state/test.json.lock", JOURNAL] {
        project.write(name, "");
        chmod(&project.file(name), 0o666);
    }
    chmod(&project.file("state"), 0o555);
    let run = unprivileged(&project, &["apply", "-y"]);
    chmod(&project.file("state"), 0o755);
    run.exits(1).says("cannot write").says("state");
    assert_eq!(sandbox.requests().len(), 0, "it was found before anything was sent");
    project.apply().exits(0);
}

#[test]
fn directories_as_files_are_named_before_sending() {
    for name in ["state/test.json.lock", JOURNAL, STATE, "state"] {
        let sandbox = Sandbox::start(&[]);
        let project = Project::on(&sandbox, "");
        project.templates(&numbered(1..=1));
        if name == "state" {
            project.write("state", "a file where a folder should be");
        } else {
            fs::create_dir_all(project.file(name)).unwrap();
        }
        let run = project.run(&["apply", "-y"]).exits(1).says(name);
        assert!(!run.stderr.contains("os error") && !run.stderr.contains("permissions"), "{}", run.stderr);
        assert_eq!(sandbox.requests().len(), 0, "{name}");
    }
}
