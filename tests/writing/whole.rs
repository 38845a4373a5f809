//! Whole estates, from the exports to an empty plan.

use serde_json::json;

use crate::estate::labels;
use crate::exports::Exports;
use crate::support::Project;
use crate::{files, import, nothing_changes, project, template};

/// The files that were written, by name.
fn yaml(project: &Project) -> Vec<(String, String)> {
    files(project).into_iter().filter(|(name, _)| name.starts_with("templates/")).collect()
}

#[test]
fn exports_become_no_changes() {
    let project = project();
    let told = import(&project, &Exports::estate(300), &[]).exits(0);
    told.says("wrote templates/templates.yaml").says("300 templates written");
    nothing_changes(&project);
    assert_eq!(
        project.read("certctl.toml").lines().take(5).collect::<Vec<_>>(),
        crate::TOML.lines().collect::<Vec<_>>()
    );
    let bytes: usize = yaml(&project).iter().map(|(_, text)| text.len()).sum();
    println!("{bytes} bytes of YAML");
    assert!(bytes < 300 * 400, "{bytes}");
}

#[test]
fn every_form_of_grouping_is_whole() {
    for (group_by, file) in [
        ("type", "courses.yaml"),
        ("layout", "landscape.yaml"),
        ("prefix", "security.yaml"),
        ("none", "templates.yaml"),
    ] {
        let project = project();
        import(&project, &Exports::estate(60), &["--group-by", group_by])
            .exits(0)
            .says(&format!("templates/{file}"));
        nothing_changes(&project);
    }
}

#[test]
fn order_of_rows_changes_no_byte() {
    let (one, other) = (project(), project());
    let mut exports = Exports::estate(40);
    import(&one, &exports, &[]).exits(0);
    exports.templates.reverse();
    import(&other, &exports, &[]).exits(0);
    assert_eq!(yaml(&one), yaml(&other));
    assert_eq!(one.read("certctl.toml"), other.read("certctl.toml"));
}

#[test]
fn hostile_titles_survive() {
    let titles = [
        "${var.x} and $${y}",
        "a: b",
        "# no comment",
        "- dash",
        "  leading",
        "trailing  ",
        "two\nlines",
        "yes",
        "365",
        "\"quoted\" it's",
        "{a} [b] &c *d !e | > %f @g `h`",
        "tab\there",
        "日本語：入門",
        "Straße 🎓",
        "!!!",
        "2027-01-01",
        "key:",
        "<<<<<<< HEAD",
        "---",
    ];
    let project = project();
    let of =
        |(number, title): (usize, &&str)| template(number + 1, json!({"title": title, "labels": labels(0)}));
    import(&project, &Exports::of(titles.iter().enumerate().map(of).collect()), &[]).exits(0);
    nothing_changes(&project);
    let state = project.read("state/production.json");
    for title in titles {
        assert!(state.contains(&json!(title).to_string()), "{title}");
    }
}

#[test]
fn labels_that_were_not_seen_are_not_written() {
    let project = project();
    Exports::estate(12).put(&project);
    let without = ["import", "--from-csv", "t.csv", "--write", "templates"];
    project.run(&[&without[..], &["--dry-run"]].concat()).exits(0).says("Give --labels FILE as well.");
    project.run(&without).exits(0).says("remove the new template files and import again, with --labels FILE");
    nothing_changes(&project);
    assert!(!project.read("templates/templates.yaml").contains("labels:"));
    let state = project.read("state/production.json");
    assert!(state.contains("\"unknown\""), "{state}");

    std::fs::remove_file(project.file("templates/templates.yaml")).unwrap();
    let told = import(&project, &Exports::estate(12), &[]).exits(0).says("12 templates written");
    assert!(!told.stdout.contains("labels were not seen"), "{}", told.stdout);
    nothing_changes(&project);
    assert!(project.read("templates/templates.yaml").contains("labels:"));
    assert!(!project.read("state/production.json").contains("\"unknown\""));
}

#[test]
fn what_only_the_state_knows_is_written() {
    let project = project();
    let mut exports = Exports::estate(12);
    import(&project, &exports, &[]).exits(0);
    std::fs::remove_dir_all(project.file("templates")).unwrap();
    exports.columns.retain(|column| *column != "expirationDays");
    import(&project, &exports, &[]).exits(0).says("12 templates written");
    nothing_changes(&project);
    assert!(project.read("templates/templates.yaml").contains("expirationDays: 730"));
}

#[test]
fn certificate_fields_without_an_export_have_variables() {
    let project = project();
    Exports::estate(12).put(&project);
    project.run(&["import", "--from-csv", "t.csv", "--labels", "l.csv", "--write", "templates"]).exits(0);
    nothing_changes(&project);
    assert!(
        project.read("certctl.toml").contains("field_00900000 = \"00900000-"),
        "{}",
        project.read("certctl.toml")
    );
}

#[test]
fn json_names_files_and_keys() {
    let project = project();
    let document = import(&project, &Exports::estate(12), &["--json"]).exits(0).json();
    assert_eq!(document["format"], "certctl.import/v1");
    let schema = include_str!("../../docs/schema/certctl.import-v1.schema.json");
    let schema = jsonschema::draft202012::new(&serde_json::from_str(schema).unwrap()).unwrap();
    assert!(
        schema.is_valid(&document),
        "{:?}",
        schema.iter_errors(&document).map(|error| error.to_string()).collect::<Vec<_>>()
    );
    assert_eq!(document["results"].as_array().unwrap().len(), 12);
    assert_eq!(document["results"][0]["outcome"], "written");
    let written: Vec<&str> =
        document["written"].as_array().unwrap().iter().map(|file| file.as_str().unwrap()).collect();
    assert!(
        written.contains(&"certctl.toml") && written.contains(&"templates/templates.yaml"),
        "{written:?}"
    );
    for file in written {
        assert!(project.file(file).is_file(), "{file}");
    }
}
