//! The lock in a directory of the user, which is not removed with the state.

use super::*;

fn locks(project: &Project) -> PathBuf {
    project.state_home().join("certctl/locks")
}

#[test]
fn is_private_and_removed_with_the_run() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, ONE_BY_ONE);
    let run = two_of_six(&sandbox, &project);
    let mode = |path: PathBuf| fs::metadata(path).unwrap().mode() & 0o7777;
    assert_eq!(mode(project.state_home().join("certctl")), 0o700);
    assert_eq!(mode(locks(&project)), 0o700);
    let files: Vec<_> = fs::read_dir(locks(&project)).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 1);
    assert_eq!(mode(files[0].clone()), 0o600);
    run.end().exits(0);
    assert_eq!(fs::read_dir(locks(&project)).unwrap().count(), 0);
}

#[test]
fn is_never_a_link_and_absence_is_logged() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=1));
    let victim = tempfile::tempdir().unwrap();
    fs::create_dir(project.state_home()).unwrap();
    std::os::unix::fs::symlink(victim.path(), project.state_home().join("certctl")).unwrap();
    let run = project.run(&["apply", "-y"]).exits(0);
    assert!(!run.stderr.contains("certctl/locks"), "{}", run.stderr);
    project.templates(&numbered(1..=2));
    project.run(&["apply", "-y", "-v"]).exits(0).says("symbolic link");
    assert_eq!(fs::read_dir(victim.path()).unwrap().count(), 0);
}

#[test]
fn is_optional_without_a_writable_home() {
    let sandbox = Sandbox::start(&[]);
    let mut project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=1));
    project.set_env("XDG_STATE_HOME", "/proc/self/none");
    project.run(&["apply", "-y", "-v"]).exits(0).says("/proc/self/none");
}

#[test]
fn uses_the_runtime_directory_without_a_home() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let mut project = Project::on(&sandbox, ONE_BY_ONE);
    let runtime = tempfile::tempdir().unwrap();
    fs::set_permissions(runtime.path(), fs::Permissions::from_mode(0o700)).unwrap();
    project.set_env("XDG_STATE_HOME", "/proc/self/none");
    project.set_env("XDG_RUNTIME_DIR", runtime.path().to_str().unwrap());
    let first = two_of_six(&sandbox, &project);
    remove_folder(&project);
    project.run(&["apply", "-y", "--lock-timeout", "0s"]).exits(6);
    first.end().exits(3);
}

#[test]
fn differs_between_states() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let project = Project::on(&sandbox, ONE_BY_ONE);
    let first = two_of_six(&sandbox, &project);
    let mut other = Project::on(&sandbox, "");
    other.set_env("XDG_STATE_HOME", project.state_home().to_str().unwrap());
    other.templates(&[Template::number(9)]);
    other.apply().exits(0);
    first.end().exits(0);
}
