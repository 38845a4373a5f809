//! `certctl init`: creates a complete project or nothing, and never through a link.

use std::fs;

use crate::support::Project;

/// The names in a directory, sorted.
fn names(project: &Project, folder: &str) -> Vec<String> {
    let entries = fs::read_dir(project.file(folder)).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[cfg(unix)]
mod links {
    use std::os::unix::fs::symlink;

    use super::*;

    /// A directory `p` in which `link` points to `target`, and a directory `out` beside it.
    fn linked(link: &str, target: &str) -> Project {
        let project = Project::empty();
        fs::create_dir(project.file("p")).unwrap();
        fs::create_dir(project.file("out")).unwrap();
        symlink(target, project.file("p").join(link)).unwrap();
        project
    }

    #[test]
    fn nothing_is_written_through_a_link() {
        for (link, target) in [
            ("templates", "../out"),
            ("templates", "../out/missing"),
            (".gitignore", "../out/ignore"),
            (".gitattributes", "../out/attributes"),
            ("certctl.toml", "../out/toml"),
            (".certctl.templates.schema.json", "../out/schema"),
        ] {
            let project = linked(link, target);
            let run = project.run(&["init", "p"]).exits(1).says(&format!("p/{link} is a symbolic link"));
            assert!(run.stderr.contains("nothing was written"), "{}", run.stderr);
            assert_eq!(names(&project, "p"), [link], "{link}");
            assert_eq!(names(&project, "out"), Vec::<String>::new(), "{link}");
            // Following the message fixes it.
            fs::remove_file(project.file("p").join(link)).unwrap();
            project.run(&["init", "p"]).exits(0);
        }
    }

    #[test]
    fn all_links_are_named_together() {
        let project = linked("templates", "../out");
        symlink("../out/ignore", project.file("p/.gitignore")).unwrap();
        project.write("p/certctl.toml", "");
        let run = project.run(&["init", "p"]).exits(1);
        for name in ["p/templates is a", "p/.gitignore is a", "p/certctl.toml exists already"] {
            assert!(run.stderr.contains(name), "{}", run.stderr);
        }
    }

    #[test]
    fn pipes_are_not_written_to() {
        let project = Project::empty();
        let pipe = project.file(".gitignore");
        assert!(std::process::Command::new("mkfifo").arg(pipe).status().unwrap().success());
        project.run(&["init"]).exits(1).says(".gitignore is not a regular file").says("nothing was written");
    }

    #[test]
    fn project_directory_may_be_a_link() {
        let project = linked("unused", "nowhere");
        symlink("out", project.file("q")).unwrap();
        project.run(&["init", "q"]).exits(0);
        assert!(project.file("out/certctl.toml").exists());
        symlink("missing", project.file("r")).unwrap();
        project.run(&["init", "r"]).exits(1).says("r is a symbolic link to nothing");
    }
}

#[test]
fn file_in_place_of_templates_is_named() {
    let project = Project::empty();
    project.write("templates", "");
    project.run(&["init"]).exits(1).says("templates is not a directory");
    assert_eq!(names(&project, "."), ["templates"]);
}

#[test]
fn unexpected_file_types_are_named_once() {
    let project = Project::empty();
    project.write("f", "");
    for folder in ["f", "f/g"] {
        let run = project.run(&["init", folder]).exits(1).says("nothing was written");
        assert_eq!(run.stderr.matches("f is not a directory").count(), 1, "{}", run.stderr);
    }
    fs::create_dir_all(project.file("p/.gitignore")).unwrap();
    project.run(&["init", "p"]).exits(1).says("p/.gitignore is a directory");
    assert_eq!(names(&project, "p"), [".gitignore"]);
}

#[test]
fn missing_git_file_lines_are_named() {
    let project = Project::empty();
    project.write(".gitignore", "node_modules/\n*.lock\n");
    project.write(".gitattributes", "*.x diff");
    let run = project.run(&["init"]).exits(0);
    let printed: Vec<&str> = run.stdout.lines().map(str::trim).collect();
    for line in ["*.journal", "*.sandbox", "*.plan", "state/*.json merge=certctl-state"] {
        assert!(printed.contains(&line), "{line} in:\n{}", run.stdout);
    }
    assert!(!printed.contains(&"*.json.lock"), "{}", run.stdout);
    assert_eq!(project.read(".gitignore"), "node_modules/\n*.lock\n");
    assert_eq!(project.read(".gitattributes"), "*.x diff");
}

#[test]
fn complete_git_files_are_not_mentioned() {
    let project = Project::empty();
    project.run(&["init"]).exits(0);
    fs::remove_file(project.file("certctl.toml")).unwrap();
    fs::remove_dir_all(project.file("templates")).unwrap();
    let run = project.run(&["init"]).exits(0);
    assert!(!run.stdout.contains(".gitattributes") && !run.stdout.contains(".gitignore"), "{}", run.stdout);
}

#[test]
fn new_files_lead_editors_to_their_schemas() {
    let project = Project::empty();
    project.run(&["init"]).exits(0);
    for (file, line, schema, subject) in [
        (
            "templates/cloud.yaml",
            "# yaml-language-server: $schema=../.certctl.templates.schema.json",
            "templates/../.certctl.templates.schema.json",
            "templates",
        ),
        ("certctl.toml", "#:schema .certctl.config.schema.json", ".certctl.config.schema.json", "config"),
    ] {
        assert_eq!(project.read(file).lines().next(), Some(line));
        assert_eq!(project.read(schema), project.run(&["schema", subject]).exits(0).stdout);
    }
    project.run(&["validate", "--deny-warnings"]).exits(0);
}

#[test]
fn schemas_of_another_version_are_named() {
    let project = Project::empty();
    let again = || {
        fs::remove_file(project.file("p q/certctl.toml")).unwrap();
        fs::remove_dir_all(project.file("p q/templates")).unwrap();
        project.run(&["init", "p q"]).exits(0)
    };
    project.run(&["init", "p q"]).exits(0);
    let schema = "p q/.certctl.templates.schema.json";
    let (new, old) = (project.read(schema), project.read(schema).replacen("Certificate", "Old", 1));
    // A checkout may have changed the line breaks.
    project.write(schema, new.replace('\n', "\r\n"));
    assert!(!again().stdout.contains("schema.json"));
    project.write(schema, &old);
    let told = again();
    assert_eq!(project.read(schema), old);
    let command = told.stdout.lines().find(|line| line.contains("certctl schema")).unwrap();
    assert_eq!(command.trim(), "certctl schema templates > 'p q/.certctl.templates.schema.json'");
}
