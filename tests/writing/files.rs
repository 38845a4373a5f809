//! Where files are written, and that none is lost.

use std::path::Path;

use serde_json::json;

use crate::estate::labels;
use crate::exports::Exports;
use crate::support::running::Running;
use crate::{TOML, files, import, nothing_changes, project, template};

#[test]
fn a_dry_run_writes_nothing() {
    let project = project();
    let exports = Exports::estate(20);
    exports.put(&project);
    let before = project.snapshot();
    let told = import(&project, &exports, &["--dry-run"]).exits(0);
    assert_eq!(project.snapshot(), before);
    let told = told
        .says("==> templates/templates.yaml\n")
        .says("==> certctl.toml, added to [environments.production.vars]");
    import(&project, &exports, &[]).exits(0);
    assert!(told.stdout.contains(project.read("templates/templates.yaml").trim_end()), "{}", told.stdout);
    let document = import(&project, &Exports::estate(21), &["--dry-run", "--json"]).exits(0).json();
    assert_eq!(document["written"], json!([]));
    assert!(document["results"].to_string().contains("would_be_written"), "{document}");
}

#[test]
fn a_second_run_writes_only_what_is_new() {
    let project = project();
    import(&project, &Exports::estate(20), &[]).exits(0);
    let before = files(&project);
    import(&project, &Exports::estate(20), &[]).exits(0).says("No template was written");
    assert_eq!(files(&project), before);
    import(&project, &Exports::estate(25), &[])
        .exits(0)
        .says("wrote templates/templates-2.yaml")
        .says("5 templates written");
    assert_eq!(files(&project)["templates/templates.yaml"], before["templates/templates.yaml"]);
    nothing_changes(&project);
}

#[test]
fn two_at_once_write_each_template_once() {
    for wait in ["60s", "0s"] {
        let project = project();
        Exports::estate(40).put(&project);
        let run = [
            &[
                "import",
                "--from-csv",
                "t.csv",
                "--labels",
                "l.csv",
                "--fields",
                "f.csv",
                "--write",
                "templates",
            ],
            &["--lock-timeout", wait][..],
        ]
        .concat();
        let both = [0; 2].map(|_| project.start(&run)).map(Running::end);
        let codes = [both[0].code, both[1].code];
        assert!(codes.contains(&0) && codes.iter().all(|code| [0, 6].contains(code)), "{codes:?} {both:?}");
        assert!(wait == "0s" || codes == [0, 0], "{both:?}");
        let written = both.iter().filter(|run| run.stdout.contains("40 templates written")).count();
        assert_eq!(written, 1, "{both:?}");
        nothing_changes(&project);
        assert!(!project.file("templates/templates-2.yaml").exists());
    }
}

#[test]
fn files_of_others_are_left_alone() {
    let project = project();
    project.write("templates/templates.yaml", "# mine\nlayouts: {}\n");
    project.write("templates/css/landscape.css", "p {}\n");
    import(&project, &Exports::estate(20), &[]).exits(0).says("wrote templates/templates-2.yaml");
    assert_eq!(project.read("templates/templates.yaml"), "# mine\nlayouts: {}\n");
    assert_eq!(project.read("templates/css/landscape.css"), "p {}\n");
    nothing_changes(&project);
}

#[test]
fn folders_outside_are_refused() {
    let project = project();
    Exports::estate(5).put(&project);
    let before = project.snapshot();
    let outside = tempfile::tempdir().unwrap();
    let outside = outside.path().to_str().unwrap();
    for (folder, words) in [
        ("yaml", "\"yaml/**/*.{yaml,yml}\""),
        (".", "\"**/*.{yaml,yml}\""),
        ("templates/../yaml/sub", "\"yaml/sub/**/*.{yaml,yml}\""),
        (outside, "outside of the project"),
        ("t.csv", "is not a directory"),
    ] {
        project.run(&["import", "--from-csv", "t.csv", "--write", folder]).exits(1).says(words);
        assert_eq!(project.snapshot(), before, "{folder}");
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(outside, project.file("templates")).unwrap();
        project
            .run(&["import", "--from-csv", "t.csv", "--write", "templates"])
            .exits(1)
            .says("outside of the project");
    }
}

#[test]
fn folders_are_relative_to_the_caller() {
    let project = project();
    Exports::estate(5).put(&project);
    std::fs::create_dir_all(project.file("elsewhere")).unwrap();
    let mut command =
        project.command(&["-C", "..", "import", "--from-csv", "../t.csv", "--write", "../templates/sub"]);
    let told = crate::Run::of(command.current_dir(project.file("elsewhere")).output().unwrap()).exits(0);
    told.says("/templates/sub/templates.yaml\n");
    nothing_changes(&project);
}

#[test]
fn a_killed_run_is_finished_by_the_next() {
    let exports = Exports::estate(30);
    let whole = project();
    import(&whole, &exports, &["--group-by", "prefix"]).exits(0);
    // Whatever was written before the state, and the state never.
    for kept in ["certctl.toml", "css", "layouts.yaml", "cloud.yaml", "everything"] {
        let project = project();
        let copy = |name: &str| project.write(name, whole.read(name));
        copy("certctl.toml");
        for path in files(&whole).into_keys() {
            let is_text =
                Path::new(&path).extension().is_some_and(|ending| ending == "css" || ending == "txt");
            let is_there = match kept {
                "css" => is_text,
                "layouts.yaml" => is_text || path.ends_with("layouts.yaml"),
                "cloud.yaml" => is_text || path.ends_with("layouts.yaml") || path.ends_with("cloud.yaml"),
                "everything" => path.starts_with("templates"),
                _ => false,
            };
            if is_there && path.starts_with("templates") {
                copy(&path);
            }
        }
        import(&project, &exports, &["--group-by", "prefix"]).exits(0);
        nothing_changes(&project);
        let rows = project.read("state/production.json").matches("\"idSource\": \"imported\"").count();
        assert_eq!(rows, 30, "{kept}");
    }
}

#[test]
fn certctl_toml_gets_lines_and_loses_none() {
    let project = project();
    let text = format!(
        "{TOML}\n# The variables.\n[environments.production.vars]\nbase = \"x\" # a remark\nname_of_learner = \"{}\"\n\n# Limits\n[environments.production.safety]\nmax_changes = 9\n",
        crate::estate::field_id(0)
    );
    project.write("certctl.toml", &text);
    import(&project, &Exports::estate(12), &[]).exits(0);
    nothing_changes(&project);
    let now = project.read("certctl.toml");
    let mut lines = now.lines();
    assert!(text.lines().all(|line| lines.any(|other| other == line)), "{now}");
    assert!(now.find("course_cloud_101").unwrap() < now.find("# Limits").unwrap(), "{now}");
    assert!(project.read("templates/templates.yaml").contains("${var.name_of_learner}"));
}

#[test]
fn variables_that_cannot_be_added_are_printed() {
    let project = project();
    let text = "[environments.production]\nurl = \"https://academy.example.com\"\nvars = { a = 1 }\n";
    project.write("certctl.toml", text);
    let exports = Exports::estate(5);
    exports.put(&project);
    let before = files(&project);
    import(&project, &exports, &[])
        .exits(1)
        .says("[environments.production.vars]")
        .says("course_cloud_101_foundations");
    assert_eq!(files(&project), before);
}

#[test]
fn texts_of_two_folders_are_told_apart() {
    let project = project();
    project.write("css/landscape.css", "other {}\n");
    import(&project, &Exports::estate(12), &[]).exits(0);
    nothing_changes(&project);
    assert!(project.read("templates/templates.yaml").contains("file: templates/css/landscape.css"));
}

#[test]
fn labels_alone_make_no_layout() {
    let project = project();
    import(&project, &Exports::of(vec![template(1, json!({"labels": labels(0)}))]), &[]).exits(0);
    nothing_changes(&project);
    assert!(!project.read("templates/templates.yaml").contains("layouts:"));
}
