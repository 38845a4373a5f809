//! Which files are template files, and what certctl says about others.

use crate::support::{Project, Template};
use crate::{project, settings_of, template_file};

#[test]
fn default_glob_reads_both_extensions() {
    let project = project();
    project.write("templates/deep/b.yml", template_file(2));
    project.run(&["plan"]).exits(0).says("2 to add");
}

/// A project whose template `t-001` was applied from `templates/all.yaml`.
fn applied(globs: &str) -> Project {
    let project = project();
    settings_of(&project, &format!("templates = {globs}"));
    project.write("templates/b.yaml", template_file(2));
    project.run(&["apply", "-y"]).exits(0);
    project
}

#[test]
fn unmatched_file_is_named_before_orphans() {
    let project = applied("[\"templates/**/*.yaml\"]");
    std::fs::rename(project.file("templates/all.yaml"), project.file("templates/all.yml")).unwrap();
    let run = project.run(&["plan", "--report", "markdown=r.md", "--report", "html=r.html"]).exits(0);
    for text in [&run.stdout, &project.read("r.md"), &project.read("r.html")] {
        let (warning, orphan) = (text.find("all.yml").unwrap(), text.find("orphan: in the state"));
        assert!(orphan.or_else(|| text.find("Orphaned")).is_none_or(|orphan| warning < orphan), "{text}");
    }
    let plan = project.run(&["plan", "--json"]).exits(0).json();
    assert!(plan["warnings"][0].as_str().unwrap().contains("templates/all.yml"), "{plan}");
    project.run(&["validate"]).exits(0).says("warning[unread-file]").says("templates/all.yml");
    project.run(&["validate", "--format", "github"]).exits(0).says("::warning file=templates/all.yml");
    project.run(&["validate", "--format", "gitlab"]).exits(0).says("unread-file");
    let valid = project.run(&["validate", "--json"]).exits(0).json();
    assert_eq!(valid["warnings"][0]["rule"], "unread-file");
}

#[test]
fn unmatched_glob_is_reported_at_its_place() {
    let project = applied("[\"templates/*.yaml\", \"brand/**/*.{yaml,yml}\"]");
    project.run(&["plan"]).exits(0).says("certctl.toml:1:34").says("brand/**/*.{yaml,yml} matches no file");
    project.run(&["validate"]).exits(0).says("warning[unmatched-glob]").says("certctl.toml:1:34");
    project
        .run(&["validate", "--format", "github"])
        .exits(0)
        .says("::warning file=certctl.toml,line=1,col=34");
    let valid = project.run(&["validate", "--json"]).exits(0).json();
    assert_eq!((&valid["warnings"][0]["line"], &valid["warnings"][0]["column"]), (&1.into(), &34.into()));
    project.run(&["preview"]).exits(0).says("certctl.toml:1:34");
}

#[test]
fn layout_in_missing_files_is_explained() {
    let project = project();
    settings_of(&project, "templates = [\"templates/*.yaml\", \"brand/*.yaml\"]");
    project.templates(&[Template::number(1).with("layout: brand")]);
    project.run(&["plan"]).exits(1).says("there is no layout brand").says("brand/*.yaml matches no file");
}

#[test]
fn no_templates_is_an_error_unless_allowed() {
    let project = Project::empty();
    settings_of(&project, "templates = [\"a/*.yaml\", \"b/*.yaml\"]");
    project.write("a/x.yml", "templates: {}\n");
    let run =
        project.run(&["plan"]).exits(1).says("a/*.yaml matches no file").says("b/*.yaml matches no file");
    assert!(run.stderr.contains("a/x.yml") && run.stderr.contains("--allow-empty"), "{}", run.stderr);
    project.run(&["plan", "--allow-empty"]).exits(0).says("No changes").says("b/*.yaml matches no file");
}

#[test]
fn unbalanced_braces_are_reported_at_the_brace() {
    let project = project();
    for (glob, place) in [("templates/*.{yaml,yml", "1:27"), ("templates/*.yaml}", "1:31"), ("a[", "1:15")] {
        settings_of(&project, &format!("templates = [{glob:?}]"));
        project.run(&["plan"]).exits(1).says(&format!("certctl.toml:{place}")).says("is not a glob");
    }
}
