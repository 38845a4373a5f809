//! `certctl fmt` with the real program: which files it writes, which it leaves as they are, and what it says.
#![expect(clippy::unwrap_used, reason = "the lint knows test functions, not the functions that they share")]

#[path = "../support/mod.rs"]
mod support;

use std::path::Path;
use std::process::Command;

use support::{Project, Run};

const UNTIDY: &str = "templates:\n    a:\n        title:   A\n";
const TIDY: &str = "templates:\n  a:\n    title: A\n";

/// A project with these template files.
fn project(files: &[(&str, &str)]) -> Project {
    let project = Project::empty();
    project.write("certctl.toml", "[environments.sandbox]\nurl = \"sandbox\"\n");
    for (name, text) in files {
        project.write(&format!("templates/{name}"), text);
    }
    project
}

/// Runs the command in a folder of the project.
fn run_in(project: &Project, folder: &str, arguments: &[&str]) -> Run {
    Run::of(project.command(arguments).current_dir(project.file(folder)).output().unwrap())
}

#[test]
fn all_template_files_are_written() {
    let project = project(&[("a.yaml", UNTIDY), ("deep/b.yml", UNTIDY), ("c.yaml", TIDY)]);
    project.write("other.yaml", UNTIDY);
    let toml = project.read("certctl.toml");
    let run = project.run(&["fmt"]).exits(0);
    assert_eq!(run.stdout, "templates/a.yaml\ntemplates/deep/b.yml\n");
    assert_eq!(run.stderr, "2 of 3 template files were written in the canonical form.\n");
    for name in ["templates/a.yaml", "templates/deep/b.yml", "templates/c.yaml"] {
        assert_eq!(project.read(name), TIDY, "{name}");
    }
    assert_eq!((project.read("other.yaml").as_str(), project.read("certctl.toml")), (UNTIDY, toml));
    let before = project.snapshot();
    let run = project.run(&["fmt"]).exits(0);
    assert_eq!(
        (run.stdout.as_str(), run.stderr.as_str()),
        ("", "3 template files, which all have the canonical form.\n")
    );
    let run = project.run(&["fmt", "-q"]).exits(0);
    assert_eq!((run.stdout, run.stderr), (String::new(), String::new()));
    assert_eq!(project.snapshot(), before);
}

#[test]
fn check_shows_changes_and_writes_nothing() {
    let long: String = (0..20).map(|number| format!("  k{number}:   {{}}\n")).collect();
    let empty = "templates: {}\n\n\n\n# end\n";
    let project =
        project(&[("a.yaml", UNTIDY), ("b.yaml", &format!("templates:\n{long}")), ("c.yaml", empty)]);
    let before = project.snapshot();
    let run = project.run(&["fmt", "--check"]).exits(1);
    let shown = "templates/a.yaml\n  2 -     a:\n    +   a:\n  3 -         title:   A\n    +     title: A\n\
                 templates/b.yaml\n  2 -   k0:   {}\n    +   k0: {}\n";
    assert!(run.stdout.starts_with(shown), "{}", run.stdout);
    assert!(run.stdout.contains("  … and 10 other lines\n"), "{}", run.stdout);
    assert!(
        run.stdout.ends_with("templates/c.yaml\n  only empty lines and the ends of lines\n"),
        "{}",
        run.stdout
    );
    assert_eq!(
        run.stderr,
        "error: 3 of 3 template files are not in the canonical form\nTo write them in that form: certctl fmt\n"
    );
    assert_eq!(project.snapshot(), before);
    project.run(&["fmt"]).exits(0);
    project.run(&["fmt", "--check"]).exits(0).says("3 template files, which all have the canonical form.");
}

#[test]
fn files_that_cannot_be_formatted_stay() {
    let conflict = "templates:\n<<<<<<< HEAD\n  a: {}\n=======\n  b: {}\n>>>>>>> main\n";
    let wrong = [
        ("broken.yaml", "templates:\n  a: [\n", "templates/broken.yaml:2:6"),
        ("merge.yaml", conflict, "templates/merge.yaml:2:1"),
        ("several.yaml", "a: 1\n---\nb: 1\n", "templates/several.yaml:2:1"),
        ("tab.yaml", "templates:\n\ta: {}\n", "templates/tab.yaml:2:1"),
        ("unclear.yaml", "  templates: {}\n  --- a:  1\n", "templates/unclear.yaml:1:1"),
        ("deep.yaml", &format!("a: {}\n", "[".repeat(5000)), "templates/deep.yaml"),
    ];
    let project = project(&[("good.yaml", UNTIDY), ("z.yaml", UNTIDY)]);
    for (name, text, _) in &wrong {
        project.write(&format!("templates/{name}"), text);
    }
    project.write("templates/latin.yaml", b"a: \xe9\n");
    let run = project.run(&["fmt"]).exits(1);
    assert_eq!(run.stdout, "templates/good.yaml\ntemplates/z.yaml\n");
    for (name, text, place) in &wrong {
        assert!(run.stderr.contains(place), "{place}\n{}", run.stderr);
        assert_eq!(project.read(&format!("templates/{name}")), *text, "{name}");
    }
    for said in ["latin.yaml:1:4", "error[format]: in the canonical form, the file might say something else"]
    {
        assert!(run.stderr.contains(said), "{said}\n{}", run.stderr);
    }
    assert!(
        run.stderr.contains("7 problems in 7 files. These files are left unchanged.")
            && run.stderr.contains("2 of 9 template files were written in the canonical form."),
        "{}",
        run.stderr
    );
    let run = project.run(&["fmt", "--check"]).exits(1);
    assert!(run.stdout.is_empty() && !run.stderr.contains("certctl fmt"), "{}{}", run.stdout, run.stderr);
    // What validate says of a file is said here in the same words.
    let only = |command: &[&str]| {
        let run = project.run(command).exits(1);
        run.stderr.split("\n\n").find(|part| part.contains("broken.yaml")).unwrap().to_owned()
    };
    assert_eq!(only(&["fmt"]), only(&["validate"]));
}

#[test]
fn named_files_and_folders_are_written() {
    let project = project(&[
        ("a.yaml", UNTIDY),
        ("b.yaml", UNTIDY),
        ("deep/c.yaml", UNTIDY),
        ("deep/er/d.yaml", UNTIDY),
    ]);
    project.run(&["fmt", "templates/a.yaml"]).exits(0).says("1 of 1 template file was written");
    assert_eq!(
        (project.read("templates/a.yaml").as_str(), project.read("templates/b.yaml").as_str()),
        (TIDY, UNTIDY)
    );
    // Names are relative to the caller's folder, also with -C.
    let run = run_in(&project, "templates/deep", &["-C", "../..", "fmt", "--check", "../b.yaml", "c.yaml"])
        .exits(1);
    assert!(
        run.stderr.ends_with("To write them in that form: certctl -C ../.. fmt ../b.yaml c.yaml\n"),
        "{}",
        run.stderr
    );
    run_in(&project, "templates/deep", &["-C", "../..", "fmt", "../b.yaml"]).exits(0);
    assert_eq!(project.read("templates/b.yaml"), TIDY);
    let run = run_in(&project, "templates", &["-C", "..", "fmt", "deep", "deep/c.yaml"]).exits(0);
    assert_eq!(run.stdout, "templates/deep/c.yaml\ntemplates/deep/er/d.yaml\n");
}

#[test]
fn other_files_are_refused_by_name() {
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("x.yaml"), UNTIDY).unwrap();
    let outside = outside.path().join("x.yaml").display().to_string();
    let project = project(&[("a.yaml", UNTIDY)]);
    project.write("other.yaml", UNTIDY);
    project.write("empty/notes.txt", "x");
    let before = project.snapshot();
    for (name, said) in [
        ("other.yaml", "error[not-a-template]: this is not a template file"),
        ("certctl.toml", "error[not-a-template]: this is not a template file"),
        ("empty", "error[not-a-template]: no template file is in this directory"),
        ("nowhere.yaml", "error[unreadable-file]: the file cannot be read"),
        (&outside, "error[outside-project]: the file is not read: it lies outside of the project"),
        ("../nowhere", "error[outside-project]"),
    ] {
        let run = project.run(&["fmt", name]).exits(1).says(said);
        assert!(run.stderr.contains(&format!("--> {name}:1:1\n")), "{}", run.stderr);
        assert_eq!(project.snapshot(), before, "{name}");
    }
    assert_eq!(std::fs::read_to_string(outside).unwrap(), UNTIDY);
    // The others are written all the same.
    project.run(&["fmt", "other.yaml", "templates/a.yaml"]).exits(1);
    assert_eq!(project.read("templates/a.yaml"), TIDY);
}

#[test]
fn projects_without_template_files_are_explained() {
    let project = project(&[]);
    project.run(&["fmt"]).exits(1).says("error[unmatched-glob]").says("matches no file");
    Project::empty().run(&["fmt"]).exits(1).says("there is no certctl.toml");
    project.write("certctl.toml", "templats = []\n");
    project.run(&["fmt"]).exits(1).says("did you mean");
}

#[cfg(unix)]
mod unix {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn mode(project: &Project, name: &str) -> u32 {
        fs::metadata(project.file(name)).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn modes_stay_and_read_only_files_too() {
        let project = project(&[("a.yaml", UNTIDY), ("b.yaml", UNTIDY), ("c.yaml", UNTIDY)]);
        for (name, mode) in
            [("templates/a.yaml", 0o640), ("templates/b.yaml", 0o444), ("templates/c.yaml", 0o755)]
        {
            fs::set_permissions(project.file(name), Permissions::from_mode(mode)).unwrap();
        }
        let run = project.run(&["fmt"]).exits(1).says("the file cannot be written: it is read-only");
        assert_eq!(run.stdout, "templates/a.yaml\ntemplates/c.yaml\n");
        assert!(run.stderr.contains("--> templates/b.yaml"), "{}", run.stderr);
        assert_eq!(project.read("templates/b.yaml"), UNTIDY);
        assert_eq!([mode(&project, "templates/a.yaml"), mode(&project, "templates/c.yaml")], [0o640, 0o755]);
        assert_eq!(fs::read_dir(project.file("templates")).unwrap().count(), 3, "no temporary file stays");
    }

    #[test]
    fn links_lead_to_files_of_the_project() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("x.yaml"), UNTIDY).unwrap();
        let project = project(&[("a.yaml", UNTIDY)]);
        project.write("shared/b.yaml", UNTIDY);
        symlink("../shared/b.yaml", project.file("templates/b.yaml")).unwrap();
        symlink(outside.path().join("x.yaml"), project.file("templates/x.yaml")).unwrap();
        symlink(outside.path(), project.file("templates/folder")).unwrap();
        let run = project.run(&["fmt"]).exits(1).says("error[outside-project]");
        assert_eq!(run.stdout, "templates/a.yaml\ntemplates/b.yaml\n");
        assert!(
            run.stderr.contains("templates/x.yaml") && run.stderr.contains("templates/folder"),
            "{}",
            run.stderr
        );
        assert_eq!(project.read("shared/b.yaml"), TIDY);
        assert!(fs::symlink_metadata(project.file("templates/b.yaml")).unwrap().is_symlink());
        project.run(&["fmt", "templates/x.yaml"]).exits(1).says("it lies outside of the project");
        assert_eq!(fs::read_to_string(outside.path().join("x.yaml")).unwrap(), UNTIDY);
    }

    #[test]
    fn pipes_are_not_waited_for() {
        let project = project(&[("a.yaml", UNTIDY)]);
        assert!(Command::new("mkfifo").arg(project.file("templates/p.yaml")).status().unwrap().success());
        let run = project.run(&["fmt"]).exits(1).says("it is a pipe, a socket or a device");
        assert_eq!(run.stdout, "templates/a.yaml\n");
    }
}

#[test]
fn secrets_are_not_printed() {
    let mut project = project(&[("a.yaml", &format!("templates:\n  a:\n     title:  {}\n", support::KEY))]);
    project.set_env("CERTCTL_API_KEY", support::KEY);
    let run = project.run(&["fmt", "--check"]).exits(1);
    assert!(run.stdout.contains("title:"), "{}", run.stdout);
    project.write("templates/a.yaml", "templates:\n  a:\n     password:  \"hunter2 and more\"\n");
    let run = project.run(&["fmt", "--check"]).exits(1);
    assert!(run.stdout.contains("  3 is not shown: it may hold a key or a password\n"), "{}", run.stdout);
    assert!(!run.stdout.contains("hunter2"), "{}", run.stdout);
}

/// What a generator may write: megabytes, in many lines and in one. The time grows with the size.
#[test]
fn large_files_are_formatted() {
    let templates: String = (0..20_000)
        .map(|number| format!("    t{number}:\n        title:   \"A title of some length, so that the file grows: {number}\"\n        labels: [{{x: 1,y:   2}}]\n"))
        .collect();
    let project = project(&[
        ("a.yaml", &format!("templates:\n{templates}")),
        ("b.yaml", &format!("a: {{x: \"{}\",   y: [{}]}}\n", "z ".repeat(1 << 18), "x,".repeat(1 << 18))),
    ]);
    let run = project.run(&["fmt", "--check"]).exits(1);
    assert!(
        run.stdout.len() < 10_000 && run.stdout.contains("  … and 59990 other lines"),
        "{}",
        run.stdout.len()
    );
    project.run(&["fmt"]).exits(0);
    let new = project.read("templates/a.yaml");
    assert!(new.ends_with("  t19999:\n    title: \"A title of some length, so that the file grows: 19999\"\n    labels: [{ x: 1, y: 2 }]\n"));
    assert!(new.len() > 2_000_000, "{}", new.len());
}

#[test]
fn new_projects_have_the_canonical_form() {
    let project = Project::empty();
    project.run(&["init", "academy"]).exits(0);
    project.run(&["-C", "academy", "fmt", "--check"]).exits(0);
    let academy = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/academy");
    project.run(&["-C", academy.to_str().unwrap(), "fmt", "--check"]).exits(0);
}
