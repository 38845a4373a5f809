//! What certctl reads from a project, which anyone who can open a pull request may have changed: its settings and the
//! files that they refer to. SECURITY.md refers to these tests.
#![expect(clippy::unwrap_used, reason = "the lint knows test functions, not the functions that they share")]

mod endless;
mod globs;
mod keys;
#[cfg(unix)]
mod new;
#[cfg(unix)]
mod new_pipeline;
mod nowhere;
#[cfg(unix)]
mod outside;
mod pasted;
mod paths;
mod settings;
mod variables;

#[path = "../support/mod.rs"]
mod support;

use support::{Project, Template};

/// The output of all the project's commands: both streams, and the reports.
fn surfaces(project: &Project) -> String {
    let reports = [
        "--report",
        "markdown=r.md",
        "--report",
        "html=r.html",
        "--report",
        "json=r.json",
        "-vv",
        "--out",
        "saved",
    ];
    let mut said = String::new();
    for arguments in [
        &[&["plan"], reports.as_slice()].concat()[..],
        &["plan", "--json"],
        &["apply", "-y", "--report", "markdown=r2.md"],
        &["apply", "-y", "--json"],
        &["validate", "-vv"],
        &["validate", "--json"],
        &["validate", "--format", "github"],
        &["validate", "--format", "gitlab"],
        &["preview"],
        &["state", "list"],
        &["recover"],
    ] {
        let run = project.run(arguments);
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
        said += &format!("\n$ {arguments:?}\n{}\n{}", run.stdout, run.stderr);
    }
    for report in ["r.md", "r.html", "r.json", "r2.md", "saved"] {
        said += &std::fs::read_to_string(project.file(report)).unwrap_or_default();
    }
    said
}

#[track_caller]
fn is_silent_about(said: &str, secret: &str) {
    let shown: Vec<&str> = said.lines().filter(|line| line.contains(secret)).collect();
    assert!(shown.is_empty(), "{secret} is shown:\n{}", shown.join("\n"));
}

/// A valid project with the environment `sandbox`.
fn project() -> Project {
    let project = Project::empty();
    settings_of(&project, "");
    project.templates(&[Template::number(1)]);
    project
}

/// A file with the template with this number.
fn template_file(number: u32) -> String {
    format!(
        "templates:\n  t-{number:03}:\n    title: Title {number}\n    resourceType: course\n    \
         resourceId: 00000000-0000-4000-8000-{number:012}\n"
    )
}

/// Its certctl.toml: these lines, and the environment.
fn settings_of(project: &Project, lines: &str) {
    project.write("certctl.toml", format!("{lines}\n[environments.sandbox]\nurl = \"sandbox\"\n"));
}
