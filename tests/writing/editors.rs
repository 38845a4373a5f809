//! The line by which editors find the schema of a written file.

use std::path::Path;

use crate::exports::Exports;
use crate::support::Project;
use crate::{files, import, nothing_changes, project};

const SCHEMA: &str = ".certctl.templates.schema.json";

/// Checks that the first line of each template file, and no other, leads to the schema.
#[track_caller]
fn each_file_leads_to_the_schema(project: &Project, folder: &str) {
    let all = files(project);
    let is_yaml = |name: &str| Path::new(name).extension().is_some_and(|ending| ending == "yaml");
    let written: Vec<&String> = all.keys().filter(|name| name.starts_with(folder) && is_yaml(name)).collect();
    assert!(!written.is_empty(), "{:?}", all.keys());
    for name in written {
        let (line, rest) = all[name].split_once('\n').unwrap();
        let schema = line.strip_prefix("# yaml-language-server: $schema=").unwrap();
        let from = project.file(Path::new(name).parent().unwrap().to_str().unwrap());
        let real = |path: &Path| path.canonicalize().unwrap();
        assert_eq!(real(&from.join(schema)), real(&project.file(SCHEMA)), "{name}");
        assert!(!rest.contains("$schema"), "{name}");
    }
}

#[test]
fn every_file_names_the_schema_once() {
    for grouping in ["none", "type", "layout", "prefix"] {
        let project = project();
        let told = import(&project, &Exports::estate(20), &["--group-by", grouping, "--json"]).exits(0);
        assert_eq!(told.json()["written"][0], SCHEMA);
        each_file_leads_to_the_schema(&project, "templates/");
        assert_eq!(project.read(SCHEMA), project.run(&["schema", "templates"]).exits(0).stdout);
        nothing_changes(&project);
    }
}

#[test]
fn nested_folders_lead_up_to_the_schema() {
    let project = project();
    let exports = Exports::estate(5);
    exports.put(&project);
    let import = ["import", "--from-csv", "t.csv", "--write", "templates/eu/2027"];
    let told = project.run(&[&import[..], &["--dry-run"]].concat()).exits(0);
    assert!(!told.stdout.contains("draft-07") && !project.file(SCHEMA).exists(), "{}", told.stdout);
    told.says("==> .certctl.templates.schema.json, the schema for editors")
        .says("$schema=../../../.certctl.templates.schema.json");
    project.run(&import).exits(0).says("wrote .certctl.templates.schema.json\nwrote templates/eu/2027/");
    each_file_leads_to_the_schema(&project, "templates/eu/2027/");
}

#[test]
fn beside_certctl_toml_the_schema_is_no_template() {
    let project = project();
    let toml = project.read("certctl.toml").replace("templates/**/*.yaml", "*.{yaml,json}");
    project.write("certctl.toml", toml);
    let exports = Exports::estate(5);
    exports.put(&project);
    project.run(&["import", "--from-csv", "t.csv", "--write", "."]).exits(0);
    each_file_leads_to_the_schema(&project, "");
    project.run(&["validate", "--deny-warnings"]).exits(0).says("5 templates");
    nothing_changes(&project);
}

#[test]
fn schema_that_is_there_is_kept() {
    let project = project();
    project.write(SCHEMA, "{}\n");
    let told = import(&project, &Exports::estate(5), &["--json"]).exits(0);
    assert_eq!(project.read(SCHEMA), "{}\n");
    assert!(!told.json()["written"].to_string().contains("schema"), "{}", told.stdout);
    each_file_leads_to_the_schema(&project, "templates/");
    // A project that needs no file needs no schema.
    std::fs::remove_file(project.file(SCHEMA)).unwrap();
    import(&project, &Exports::estate(5), &[]).exits(0).says("No template was written");
    assert!(!project.file(SCHEMA).exists());
}
