//! Paths on the command line are relative to the caller, also with -C.

use crate::support::{Project, Template, numbered};

/// A project in the subdirectory `p` of the directory where commands run.
fn inner() -> Project {
    let project = Project::empty();
    project.write("p/certctl.toml", "[environments.test]\nurl = \"sandbox\"\n");
    project.templates(&[Template::number(1).with("asset: https://cdn.example.com/a.png")]);
    std::fs::rename(project.file("templates"), project.file("p/templates")).unwrap();
    project
}

#[test]
fn command_line_paths_are_relative_to_the_caller() {
    let project = inner();
    let run = |arguments: &[&str]| project.run(&[&["-C", "p"], arguments].concat());
    let is_here = |name: &str| {
        assert!(project.file(name).exists(), "{name} is not here");
        assert!(!project.file("p").join(name).exists(), "{name} is in p");
    };
    run(&["plan", "--out", "saved.plan", "--report", "json=r.json"]).exits(0);
    is_here("saved.plan");
    is_here("r.json");
    run(&["show", "saved.plan", "--report", "html=s.html"]).exits(0);
    is_here("s.html");
    run(&["apply", "saved.plan", "--report", "markdown=a.md"]).exits(0);
    is_here("a.md");
    assert!(project.file("p/state/test.json").exists(), "paths in certctl.toml are relative to it");
    std::fs::create_dir_all(project.file("images")).unwrap();
    std::fs::create_dir_all(project.file("fonts")).unwrap();
    let pictures: &[&str] = if cfg!(feature = "pictures") { &["--png", "--fonts", "fonts"] } else { &[] };
    run(&[&["preview", "--assets", "images", "--out", "drawings"], pictures].concat())
        .exits(0)
        .says("images/a.png");
    is_here("drawings");
    project
        .write("export.csv", "id,resourcetype,resourceid,title,usercustomfieldslug,usercustomfieldvalue\n");
    run(&["import", "--from-csv", "export.csv"]).exits(0);
    run(&["recover", "--from-csv", "export.csv"]).exits(0);
    run(&["init", "new"]).exits(0);
    is_here("new");
}

#[test]
fn key_file_is_callers_key_command_is_projects() {
    let sandbox = crate::support::Sandbox::start(&[]);
    let mut project = inner();
    let settings = |command: &str| {
        format!(
            "[environments.test]\nurl = \"{}\"\n{command}\n[environments.test.safety]\nmax_change_percent = 100\n",
            sandbox.url
        )
    };
    project.write("key", crate::support::KEY);
    project.write("p/key-of-project", crate::support::KEY);
    project.write("p/certctl.toml", settings("api_key_command = [\"cat\", \"key-of-project\"]"));
    project.run(&["-C", "p", "apply", "-y"]).exits(0);
    project.set_env("CERTCTL_API_KEY_FILE", "key");
    project.write("p/certctl.toml", settings(""));
    project.templates(&numbered(1..=2));
    std::fs::rename(project.file("templates/all.yaml"), project.file("p/templates/all.yaml")).unwrap();
    project.run(&["-C", "p", "apply", "-y"]).exits(0);
}

#[test]
fn help_explains_relative_paths() {
    let help = crate::project().run(&["plan", "--help"]).exits(0).stdout;
    let words: Vec<&str> = help.split_whitespace().collect();
    assert!(words.join(" ").contains("paths on the command line stay relative to where you are"), "{help}");
}
