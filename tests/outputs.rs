//! Requested files, saved plans and reports: written completely or not at all, and never over certctl's own files.
#![cfg(unix)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::PathBuf;

use support::{Project, Run, Sandbox, Template, numbered};

const STATE: &str = "state/test.json";

/// A project with its first template applied and a new second one.
fn with_a_change(sandbox: &Sandbox) -> Project {
    let project = Project::on(sandbox, "");
    project.templates(&numbered(1..=1));
    project.apply().exits(0);
    project.templates(&[Template::number(1).titled("New"), Template::number(2)]);
    project
}

mod over_what_certctl_lives_on {
    use super::*;

    /// Checks that the command is refused, and that no byte of the project changes.
    #[track_caller]
    fn is_refused(project: &Project, arguments: &[&str], target: &str) {
        let before = project.snapshot();
        let run = project.run(arguments);
        assert_eq!(run.code, 1, "{arguments:?}\n{}\n{}", run.stdout, run.stderr);
        run.says(target).says("may be written over");
        assert_eq!(changed(&before, &project.snapshot()), Vec::<PathBuf>::new(), "{arguments:?}");
    }

    fn changed(before: &BTreeMap<PathBuf, Vec<u8>>, after: &BTreeMap<PathBuf, Vec<u8>>) -> Vec<PathBuf> {
        let names = before.keys().chain(after.keys());
        names.filter(|name| before.get(*name) != after.get(*name)).cloned().collect()
    }

    #[test]
    fn nothing_is_written_and_nothing_is_sent() {
        let sandbox = Sandbox::start(&[]);
        let project = with_a_change(&sandbox);
        fs::write(project.file("state/test.json.backup"), "").unwrap();
        fs::hard_link(project.file(STATE), project.file("another-name")).unwrap();
        symlink("state", project.file("by-folder")).unwrap();
        let absolute = project.file(STATE).to_str().unwrap().to_owned();
        let sent = sandbox.requests().len();
        for target in [
            STATE,
            &absolute,
            "./state/../state/test.json",
            "another-name",
            "by-folder/test.json",
            "state/test.json.journal",
            "state/test.json.lock",
            "state/test.json.backup",
            "state/test.json.rescued",
            "state/test.json.sandbox",
            "certctl.toml",
            "./certctl.toml",
            "templates/all.yaml",
        ] {
            let named = ["markdown", "html", "json"].map(|format| format!("{format}={target}"));
            is_refused(&project, &["plan", "--out", target], target);
            is_refused(&project, &["plan", "--report", &named[0]], target);
            is_refused(&project, &["plan", "--report", &named[1], "--json"], target);
            is_refused(&project, &["apply", "-y", "--report", &named[2]], target);
        }
        assert_eq!(sandbox.requests().len(), sent);
    }

    #[test]
    fn also_before_it_exists() {
        let project = Project::empty();
        project.configure("sandbox", "");
        project.templates(&numbered(1..=1));
        for target in [STATE, "state/test.json.journal"] {
            fs::create_dir_all(project.file("state")).unwrap();
            is_refused(&project, &["plan", "--out", target], target);
        }
    }

    const OF_GIT: [&str; 5] =
        [".git/config", ".GIT/hooks/x", ".gitignore", ".gitattributes", "bare.git/config"];

    /// With a repository, another environment, and a bare repository.
    fn in_a_repository(sandbox: &Sandbox) -> Project {
        let project = with_a_change(sandbox);
        for folder in [".git", "bare.git"] {
            for inner in ["objects/x", "refs/x", "HEAD", "config", "hooks/x"] {
                project.write(&format!("{folder}/{inner}"), "");
            }
        }
        project.write(".GIT/hooks/y", "");
        project.write(".gitignore", "state\n");
        let other = "\n[environments.other]\nurl = \"sandbox\"\nstate = \"else/where\"\n";
        project.write("certctl.toml", project.read("certctl.toml") + other);
        project.write("else/y", "");
        project
    }

    #[test]
    fn of_environments_git_and_new_templates() {
        let sandbox = Sandbox::start(&[]);
        let project = in_a_repository(&sandbox);
        let beside = ["", ".sandbox", ".lock", ".journal", ".backup", ".rescued"];
        let others = beside.map(|ending| format!("else/where{ending}"));
        let new = ["templates/new.yaml", "templates/new.yml", "./templates/../templates/new.yaml"];
        for target in OF_GIT.into_iter().chain(new).chain(others.iter().map(String::as_str)) {
            is_refused(&project, &["plan", "--out", target], target);
            is_refused(&project, &["apply", "-y", "--report", &format!("json={target}")], target);
        }
        is_refused(&project, &["preview", "--out", ".git"], ".git");
        // Other files are written.
        project.run(&["plan", "--out", "templates/change.plan"]).exits(0);
        project.run(&["plan", "--report", "json=new.yaml"]).exits(0);
    }

    #[test]
    fn despite_mistakes_in_the_configuration() {
        let sandbox = Sandbox::start(&[]);
        let project = in_a_repository(&sandbox);
        let toml = project.read("certctl.toml");
        let names = [
            "state/production.json",
            "else/where",
            "else/where.lock",
            "state/test.json.lock",
            "a.sandbox",
            "templates/new.yaml",
        ];
        for mistake in [
            "\nbogus = 1\n",
            "\nbogus = \n",
            "\n[environments.other]\n",
            "<<<<<<< HEAD\n",
            "\nstate = else/where\n",
        ] {
            project.write("certctl.toml", format!("{toml}{mistake}"));
            for target in OF_GIT.into_iter().chain(names) {
                is_refused(&project, &["plan", "--report", &format!("markdown={target}")], target);
            }
            project.run(&["plan", "--report", "markdown=plan.md"]).exits(1);
            assert!(project.read("plan.md").contains("Plan failed"), "{mistake}");
            fs::remove_file(project.file("plan.md")).unwrap();
        }
    }

    #[test]
    fn also_by_a_report_of_a_failure() {
        let sandbox = Sandbox::start(&[]);
        let project = with_a_change(&sandbox);
        let saved = "change.plan";
        project.run(&["plan", "--out", saved]).exits(0);
        is_refused(&project, &["show", saved, "--report", "markdown=change.plan"], saved);
        is_refused(&project, &["apply", saved, "--report", "json=change.plan"], saved);
        // Before the configuration says where the state is.
        project.write("certctl.toml", "default_environment = 7\n");
        for target in [STATE, "certctl.toml", "templates/all.yaml"] {
            for format in ["markdown", "json"] {
                is_refused(&project, &["plan", "--report", &format!("{format}={target}")], target);
            }
        }
    }

    #[test]
    fn also_in_another_folder() {
        let sandbox = Sandbox::start(&[]);
        let project = with_a_change(&sandbox);
        fs::create_dir(project.file("elsewhere")).unwrap();
        let before = project.snapshot();
        let mut command = project.command(&["-C", "..", "plan", "--out", "../state/test.json"]);
        let run = Run::of(command.current_dir(project.file("elsewhere")).output().unwrap());
        run.exits(1).says("may be written over");
        assert_eq!(changed(&before, &project.snapshot()), Vec::<PathBuf>::new());
    }

    #[test]
    fn two_outputs_are_not_one_file() {
        let sandbox = Sandbox::start(&[]);
        let project = with_a_change(&sandbox);
        let run = project.run(&["plan", "--out", "x", "--report", "json=./x"]).exits(1);
        run.says("more than once");
        assert!(project.read("x").contains("certctl.error/v1"), "{}", project.read("x"));
    }
}

mod through_links {
    use super::*;

    #[test]
    fn nothing_is_written_through_the_link() {
        let sandbox = Sandbox::start(&[]);
        let project = with_a_change(&sandbox);
        project.write("victim", "precious");
        symlink("victim", project.file("a link")).unwrap();
        symlink("nowhere", project.file("dangling")).unwrap();
        let sent = sandbox.requests().len();
        for link in ["a link", "dangling"] {
            let report = format!("markdown={link}");
            for arguments in [
                &["plan", "--out", link][..],
                &["plan", "--report", &report],
                &["apply", "-y", "--report", &report],
            ] {
                project.run(arguments).exits(1).says(link).says("symbolic link");
            }
            assert!(fs::symlink_metadata(project.file(link)).unwrap().is_symlink());
        }
        assert_eq!(project.read("victim"), "precious");
        assert!(!project.file("nowhere").exists());
        assert_eq!(sandbox.requests().len(), sent);
    }

    #[test]
    fn system_links_are_the_standard_streams() {
        let sandbox = Sandbox::start(&[]);
        let project = with_a_change(&sandbox);
        for stream in ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"] {
            let run = project.run(&["plan", "--json", "--report", &format!("markdown={stream}")]).exits(0);
            assert!(run.stdout.contains("<!-- certctl plan test -->"), "{stream}: {}", run.stdout);
        }
        let run = project.run(&["plan", "--report", "markdown=/dev/stderr"]).exits(0);
        assert!(run.stderr.contains("<!-- certctl plan test -->"), "{}", run.stderr);
        // Also if that is a file, which stays unchanged.
        let script = "echo before > out; exec \"$@\" >> out";
        project.in_shell(script, &["plan", "--report", "markdown=/dev/stdout"]).exits(0);
        let out = project.read("out");
        assert!(out.starts_with("before\n") && out.contains("<!-- certctl plan test -->"), "{out}");
    }

    #[test]
    fn directory_of_drawings_must_not_be_one() {
        let sandbox = Sandbox::start(&[]);
        let project = with_a_change(&sandbox);
        fs::create_dir(project.file("elsewhere")).unwrap();
        symlink("elsewhere", project.file("drawings")).unwrap();
        project.run(&["preview", "--out", "drawings"]).exits(1).says("drawings").says("symbolic link");
        assert_eq!(fs::read_dir(project.file("elsewhere")).unwrap().count(), 0);
    }
}

mod whole_or_not_at_all {
    use super::*;

    #[test]
    fn full_disk_keeps_the_old_file() {
        let sandbox = Sandbox::start(&[]);
        let project = with_a_change(&sandbox);
        project.templates(&numbered(1..=60));
        for (file, arguments) in [
            ("change.plan", &["plan", "--out", "change.plan"][..]),
            ("plan.html", &["plan", "--report", "html=plan.html"]),
        ] {
            project.write(file, "an earlier one");
            let run = project.in_shell("trap '' XFSZ; ulimit -f 1; exec \"$@\"", arguments);
            run.exits(1).says(file);
            assert_eq!(project.read(file), "an earlier one");
        }
        let left =
            project.snapshot().into_keys().filter(|path| path.to_str().unwrap().contains("certctl-tmp"));
        assert_eq!(left.count(), 0);
    }

    #[test]
    fn existing_mode_is_kept_new_is_readable() {
        let sandbox = Sandbox::start(&[]);
        let project = with_a_change(&sandbox);
        let mode = |name: &str| fs::metadata(project.file(name)).unwrap().mode() & 0o777;
        project.in_shell("umask 022; exec \"$@\"", &["plan", "--out", "new.plan"]).exits(0);
        assert_eq!(mode("new.plan"), 0o644);
        project.in_shell("umask 077; : > own.plan; exec \"$@\"", &["plan", "--out", "own.plan"]).exits(0);
        assert_eq!(mode("own.plan"), 0o600);
        project.in_shell("umask 077; exec \"$@\"", &["plan", "--out", "own.plan"]).exits(0);
        assert_eq!(mode("own.plan"), 0o600);
        // Neither is the mode that a new file would get.
        for kept in [0o600, 0o664] {
            let permissions = std::os::unix::fs::PermissionsExt::from_mode(kept);
            fs::set_permissions(project.file("own.plan"), permissions).unwrap();
            project.in_shell("umask 022; exec \"$@\"", &["plan", "--out", "own.plan"]).exits(0);
            assert_eq!(mode("own.plan"), kept);
        }
    }

    #[test]
    fn pipe_is_written_directly() {
        let sandbox = Sandbox::start(&[]);
        let project = with_a_change(&sandbox);
        let pipe = project.file("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let reader = {
            let pipe = pipe.clone();
            std::thread::spawn(move || {
                let mut text = String::new();
                fs::File::open(pipe).unwrap().read_to_string(&mut text).unwrap();
                text
            })
        };
        project.run(&["plan", "--report", "markdown=pipe"]).exits(0);
        assert!(reader.join().unwrap().contains("<!-- certctl plan test -->"));
    }
}

mod what_cannot_be_told {
    use super::*;

    const FULL: &str = "exec \"$@\" > /dev/full";

    #[test]
    fn is_recorded_but_not_a_success() {
        let sandbox = Sandbox::start(&[]);
        let project = with_a_change(&sandbox);
        let run = project.in_shell(FULL, &["apply", "-y", "--json"]).exits(1);
        run.says("cannot write to stdout").says("is recorded");
        assert_eq!(project.row("t-002")["status"], "applied");
        project.templates(&numbered(1..=3));
        let run = project.run(&["apply", "-y", "--report", "markdown=/dev/full"]).exits(1);
        run.says("/dev/full").says("is recorded");
        assert_eq!(project.row("t-003")["status"], "applied");
    }

    #[test]
    fn does_not_hide_what_is_worse() {
        let sandbox = Sandbox::start(&["--fault", "bulk:1:reset-after"]);
        let project = Project::on(&sandbox, "");
        project.templates(&numbered(1..=1));
        project.in_shell(FULL, &["apply", "-y", "--json"]).exits(4).says("cannot write to stdout");
        sandbox.faults(&["bulk:*:poison=422,Title 003"]);
        project.templates(&numbered(1..=3));
        project.run(&["recover", "t-001", "--applied"]).exits(0);
        project.in_shell(FULL, &["apply", "-y", "--json"]).exits(3).says("cannot write to stdout");
    }

    #[test]
    fn is_found_before_sending_if_possible() {
        let sandbox = Sandbox::start(&[]);
        let project = with_a_change(&sandbox);
        let sent = sandbox.requests().len();
        project.write("a-file", "");
        let _listener = std::os::unix::net::UnixListener::bind(project.file("socket")).unwrap();
        for target in ["no/such/folder.md", "a-file/plan.md", "state", "new.md/", "socket"] {
            let run = project.run(&["apply", "-y", "--report", &format!("markdown={target}")]).exits(1);
            run.says(target);
            assert_eq!(sandbox.requests().len(), sent, "{target}");
        }
        project.in_shell(FULL, &["apply", "-y"]).exits(1);
        assert_eq!(sandbox.requests().len(), sent);
    }

    #[test]
    fn of_an_edit_is_recorded_too() {
        let sandbox = Sandbox::start(&["--fault", "bulk:2:reset-after"]);
        let project = with_a_change(&sandbox);
        project.apply().exits(4);
        project.templates(&[Template::number(1).titled("New"), Template::number(2), Template::number(3)]);
        for (edit, key, status) in [
            (&["recover", "t-002", "--applied"][..], "t-002", "applied"),
            (&["import", "t-003", "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01"], "t-003", "applied"),
            (&["state", "mv", "t-003", "t-010"], "t-010", "applied"),
        ] {
            project.in_shell(FULL, edit).exits(1).says("cannot write to stdout").says("is recorded");
            assert_eq!(project.row(key)["status"], status, "{edit:?}");
        }
    }

    #[test]
    fn of_a_plan_is_not_a_success() {
        let sandbox = Sandbox::start(&[]);
        let project = with_a_change(&sandbox);
        for arguments in [&["plan"][..], &["plan", "--json"], &["validate"], &["state", "list"], &["recover"]]
        {
            let run = project.in_shell(FULL, arguments).exits(1).says("cannot write to stdout");
            assert!(!run.stderr.contains("is recorded"), "{}", run.stderr);
        }
        project.run(&["plan", "--out", "/dev/full"]).exits(1).says("/dev/full");
    }
}
