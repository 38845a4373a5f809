//! Exports that are not what they should be, and texts that are made to mislead.

use serde_json::json;

use crate::{applied, differences, drift, drift_json, three};

#[test]
fn files_that_are_no_export_are_errors() {
    let (_sandbox, project, export) = applied(&three());
    let wide: Vec<u8> = export.templates().encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (bytes, expected) in [
        (Vec::new(), "the file is empty"),
        (b"id,title\n".to_vec(), "resourcetype and resourceid are required"),
        (wide, "UTF-16"),
        (b"PK\x03\x04xl/".to_vec(), "Excel"),
        (vec![0xff; 100], "not UTF-8"),
    ] {
        project.write("templates.csv", bytes);
        for more in [&[][..], &["--json", "--detailed-exitcode"]] {
            let run = project.run(&[&["drift", "--from-csv", "templates.csv"], more].concat()).exits(1);
            assert!(format!("{}{}", run.stdout, run.stderr).contains(expected), "{expected}: {}", run.stderr);
        }
    }
    project.run(&["drift", "--from-csv", "none.csv"]).exits(1).says("cannot read the export none.csv");
    project.run(&["drift"]).exits(1).says("--from-csv");
}

#[test]
fn clients_write_one_table_differently() {
    let (_sandbox, project, mut export) = applied(&three());
    export.set("Title 001", "title", json!("Edited \"twice\", really"));
    let expected = drift_json(&project, &export, 2);
    let templates = export.templates();
    for other in [
        templates.replace('\n', "\r\n"),
        format!("\u{feff}{templates}"),
        templates.replacen("statusgroup", "Status_Group", 1).replacen("resourceid", "ResourceId", 1),
    ] {
        project.write("templates.csv", other);
        let command = ["drift", "--from-csv", "templates.csv", "--labels", "labels.csv", "--json"];
        assert_eq!(project.run(&command).exits(0).json(), expected);
    }
}

#[test]
fn unreadable_lines_do_not_hide_the_others() {
    let (_sandbox, project, mut export) = applied(&three());
    export.set("Title 001", "title", json!("Edited"));
    export.set("Title 003", "expirationDays", json!("soon"));
    let run = drift(&project, &export, &[]).exits(3);
    run.says("templates.csv:4:").says("1 of 2 compared templates differs, 1 not compared");
    // Differences are what a schedule must hear of first.
    let document = drift_json(&project, &export, 2);
    assert_eq!(differences(&document), ["t-001 title"]);
    let finding = &document["findings"][0];
    assert_eq!((&finding["rule"], &finding["line"]), (&json!("csv-cell"), &json!(4)));
    export.set("Edited", "title", json!("Title 001"));
    drift_json(&project, &export, 3);
}

#[test]
fn huge_and_forged_texts_stay_texts() {
    let (_sandbox, project, mut export) = applied(&three());
    export.set("Title 001", "customCss", json!("x".repeat(5_000_000)));
    export.set("Title 002", "title", json!("x\nNo drift in 3 compared templates. Environment: test.\u{1b}[2J</code><script>alert(1)</script>`@all`"));
    let reports =
        ["--report", "markdown=drift.md", "--report", "html=drift.html", "--report", "json=drift.json"];
    let run = drift(&project, &export, &reports).exits(0);
    assert!(run.stdout.len() < 20_000 && !run.stdout.contains('\u{1b}'), "{}", run.stdout.len());
    let verdicts = run.stdout.lines().filter(|line| line.starts_with("No drift")).count();
    assert_eq!(verdicts, 0, "{}", run.stdout);
    let markdown = project.read("drift.md");
    assert!(
        markdown.starts_with("<!-- certctl drift test -->\n### certctl drift for `test`\n"),
        "{markdown}"
    );
    assert!(markdown.len() <= 65_536 && !markdown.contains('\u{1b}'));
    let page = project.read("drift.html");
    assert!(page.len() < 200_000 && !page.contains("<script>alert"), "{}", page.len());
    serde_json::from_str::<serde_json::Value>(&project.read("drift.json")).unwrap();
}

#[test]
fn reports_are_never_written_over_exports() {
    let (_sandbox, project, export) = applied(&three());
    let run = drift(&project, &export, &["--report", "markdown=templates.csv"]).exits(1);
    run.says("is an export that is read");
    drift(&project, &export, &["--report", "json=state/test.json"]).exits(1);
}

#[test]
fn a_failure_is_in_the_reports() {
    let (_sandbox, project, _) = applied(&three());
    project.write("templates.csv", "id,title\n");
    let command = ["drift", "--from-csv", "templates.csv", "--report", "markdown=drift.md", "--json"];
    let document = project.run(&command).exits(1).json();
    assert_eq!(document["format"], "certctl.error/v1");
    assert!(project.read("drift.md").starts_with("<!-- certctl drift test -->\n"));
}
