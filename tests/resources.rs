//! Too few open files, threads or memory: reported before anything is done.
#![cfg(unix)]

mod support;

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use support::{Project, Sandbox, numbered};

/// A newcomer's project, with the embedded server.
fn newcomer() -> Project {
    let project = Project::empty();
    project.configure("sandbox", "");
    project.templates(&numbered(1..=2));
    project
}

fn with_files(project: &Project, count: u32, arguments: &[&str]) -> support::Run {
    project.in_shell(&format!("ulimit -n {count}; exec \"$@\""), arguments)
}

#[test]
fn too_few_open_files_are_reported_before_sending() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=2));
    let run = with_files(&project, 20, &["apply", "-y", "--json"]).exits(1);
    let error = run.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(error.contains("open files") && error.contains("ulimit -n"), "{error}");
    assert_eq!(sandbox.requests().len(), 0);
    with_files(&newcomer(), 20, &["apply", "-y"]).exits(1).says("ulimit -n");
    project.apply().exits(0);
}

/// Whatever the limit, the run ends properly. Below the first limit at which it starts, the loader ends it.
#[test]
fn no_open_file_limit_causes_a_panic() {
    let mut started = false;
    for count in 3..=44 {
        let project = newcomer();
        for arguments in [&["plan"][..], &["apply", "-y"], &["preview", "--out", "drawings"]] {
            let run = with_files(&project, count, arguments);
            assert!(!run.stderr.contains("panicked"), "{count} {arguments:?}: {}", run.stderr);
            let code = run.code;
            assert!(
                [0, 1].contains(&code) || code == 127 && !started,
                "{count} {arguments:?}: {code} {}",
                run.stderr
            );
            assert!(code != 1 || run.stderr.contains("open files"), "{count} {arguments:?}: {}", run.stderr);
            started |= code != 127;
            // All or nothing: no limit lets it start and then fail.
            let journal = project.file("state/test.json.journal").exists();
            assert!(!journal, "{count} {arguments:?}: {}", run.stderr);
        }
    }
    assert!(started);
}

#[test]
fn missing_threads_are_reported() {
    use std::os::unix::process::CommandExt as _;
    let project = newcomer();
    std::fs::set_permissions(project.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
    for arguments in [&["plan"][..], &["apply", "-y"], &["preview"], &["state", "list"]] {
        let inner = project.command(arguments);
        let mut shell = std::process::Command::new("bash");
        shell.args(["-c", "ulimit -u 1; exec \"$@\"", "sh"]).arg(inner.get_program()).args(inner.get_args());
        shell.current_dir(project.path());
        let is_root = std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
        if is_root {
            // The limit does not apply to root.
            shell.uid(65_534);
        }
        let run = support::Run::of(shell.output().unwrap()).exits(1);
        run.says("cannot start a thread").says("ulimit -u");
        assert!(!project.file("state").exists(), "{arguments:?}");
    }
}
