//! Problems that are in no line of certctl.toml are not reported at its first line.

use crate::project;
use crate::{settings_of, template_file};

/// The output of a plan with these arguments, which must not point to the first line of certctl.toml.
#[track_caller]
fn said(project: &crate::support::Project, arguments: &[&str]) -> String {
    let run = project.run(&[&["plan", "--report", "markdown=r.md"], arguments].concat()).exits(1);
    let text = run.stderr + &project.read("r.md");
    assert!(!text.contains("certctl.toml:1:1"), "{text}");
    text
}

#[test]
fn flag_is_named_without_a_line() {
    let project = project();
    let text = said(&project, &["--var", "nmae=New"]);
    assert!(text.contains("--var nmae") && text.contains("certctl.toml"), "{text}");
    project.templates(&[crate::Template::number(1).titled("${var.name}")]);
    let text = said(&project, &["--var", "name=${var.other}"]);
    assert!(text.contains("--var name uses the variable other"), "{text}");
}

#[test]
fn default_glob_without_files_says_where_they_go() {
    let project = project();
    std::fs::remove_dir_all(project.file("templates")).unwrap();
    let text = said(&project, &[]);
    assert!(text.contains("templates/**/*.{yaml,yml} matches no file"), "{text}");
    assert!(text.contains("put the template files into the folder templates"), "{text}");
}

#[cfg(unix)]
#[test]
fn linked_directory_is_named() {
    let elsewhere = tempfile::tempdir().unwrap();
    let project = project();
    std::fs::remove_dir_all(project.file("templates")).unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), project.file("templates")).unwrap();
    let text = said(&project, &[]);
    assert!(
        text.contains("templates is a symbolic link") && text.contains("outside of the project"),
        "{text}"
    );
    assert!(text.contains("--> templates"), "{text}");
    // Also in a subdirectory. If certctl.toml sets it, there is a line.
    std::fs::remove_file(project.file("templates")).unwrap();
    std::fs::create_dir(project.file("a")).unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), project.file("a/b")).unwrap();
    settings_of(&project, "templates = [\"a/b/c/*.yaml\"]");
    project.run(&["plan"]).exits(1).says("a/b is a symbolic link").says("certctl.toml:1:14");
}

#[test]
fn glob_naming_a_directory_is_explained() {
    let project = project();
    settings_of(&project, "templates = [\"templates\"]");
    let run = project.run(&["plan"]).exits(1).says("templates is a directory");
    run.says("templates/**/*.{yaml,yml}");
    // Also beside one that matches.
    project.write("more/b.yaml", template_file(2));
    settings_of(&project, "templates = [\"templates/*.yaml\", \"more\"]");
    project.run(&["plan"]).exits(0).says("more is a directory").says("more/**/*.{yaml,yml}");
}

#[test]
fn excluding_glob_is_an_error() {
    let project = project();
    project.write("templates/b.yaml", template_file(2));
    for glob in ["!templates/b.yaml", "{!templates/b.yaml,a}"] {
        settings_of(&project, &format!("templates = [\"templates/*.yaml\", \"{glob}\"]"));
        let run = project.run(&["plan"]).exits(1).says("certctl.toml:1:3");
        assert!(
            run.stderr.contains("excludes nothing") && !run.stderr.contains("submodule"),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn files_without_templates_are_explained() {
    let project = project();
    project.write("templates/all.yaml", "# nothing\n");
    let text = said(&project, &[]);
    assert!(
        text.contains("templates/all.yaml") && text.contains("the template file has no template in it"),
        "{text}"
    );
    assert!(text.contains("under `templates:`") && text.contains("--allow-empty"), "{text}");
    project.write("templates/b.yaml", "layouts: {}\n");
    let text = said(&project, &[]);
    assert!(text.contains("templates/all.yaml and templates/b.yaml"), "{text}");
    project.run(&["validate", "--format", "github"]).exits(1).says("::error file=templates/all.yaml");
}
