//! Edits in the admin page, and how the command ends.

use serde_json::json;

use crate::export::foreign;
use crate::support::{Project, Sandbox, Template, numbered};
use crate::{Export, FIELD, applied, differences, drift, drift_json, three};

#[test]
fn equal_templates_are_no_drift() {
    let (_sandbox, project, export) = applied(&three());
    let before = project.snapshot();
    let run = drift(&project, &export, &["--detailed-exitcode"]).exits(0);
    assert!(
        run.stdout.starts_with("No drift in 3 compared templates. Environment: test.\n"),
        "{}",
        run.stdout
    );
    assert!(
        run.stdout.ends_with("\nNo drift in 3 compared templates. Environment: test.\n"),
        "{}",
        run.stdout
    );
    let document = drift_json(&project, &export, 0);
    let expected = json!({
        "compared": 3, "deleted": 0, "differing": 0, "ignored": 0, "not_compared": 0, "stale": 0, "unmanaged": 0
    });
    assert_eq!((&document["summary"], &document["environment"]), (&expected, &json!("test")));
    assert_eq!(document["source"], json!({ "kind": "csv", "takenAt": null }));
    let after = project.snapshot();
    let new: Vec<_> = after.keys().filter(|path| !before.contains_key(*path)).collect();
    assert_eq!(new.len(), 2, "only the exports: {new:?}");
    assert!(before.iter().all(|(path, bytes)| after[path] == *bytes));
}

#[test]
fn edits_are_shown_from_state_to_server() {
    let (_sandbox, project, mut export) = applied(&three());
    export.set(
        "Title 001",
        "labels",
        json!([{ "certificateFieldId": FIELD, "x": 140, "y": 300, "fontSize": 32,
        "fontColor": "#1a2b3c", "textAlign": "center" }]),
    );
    export.set("Title 002", "expirationDays", json!(30));
    export.set("Title 002", "title", json!("Title 002 edited"));
    let run = drift(&project, &export, &["--detailed-exitcode"]).exits(2);
    let run = run.says("Drift: 2 of 3 compared templates differ. Environment: test.");
    let run = run
        .says("~ t-001  last changed at 20")
        .says(&format!("~ labels[{FIELD}] moved: x: 120 → 140, +20 px"));
    run.says("title: \"Title 002\" → \"Title 002 edited\"")
        .says("does not expire by age → expires after 30 days");
    drift(&project, &export, &[]).exits(0);
    let document = drift_json(&project, &export, 2);
    let expected = [format!("t-001 labels[{FIELD}].x"), "t-002 expirationDays".into(), "t-002 title".into()];
    assert_eq!(differences(&document), expected);
    let title = &document["templates"][1]["changes"][1];
    assert_eq!((&title["before"], &title["after"]), (&json!("Title 002"), &json!("Title 002 edited")));
    assert_eq!(document["templates"][1]["id"], export.line("Title 002 edited").id.as_str());
}

#[test]
fn false_and_nothing_are_no_drift() {
    let template = Template::number(1).with("recertificationAutoReset: false").with("expirationDays: 30");
    let (_sandbox, project, mut export) = applied(&[template.with("recertificationAction: resetProgress")]);
    for cell in [json!(false), json!(null)] {
        export.set("Title 001", "recertificationAutoReset", cell);
        drift(&project, &export, &["--detailed-exitcode"]).exits(0);
    }
    export.set("Title 001", "recertificationAutoReset", json!(true));
    assert_eq!(differences(&drift_json(&project, &export, 2)), ["t-001 recertificationAutoReset"]);
}

#[test]
fn refresh_and_apply_put_it_right() {
    let (sandbox, project, mut export) = applied(&three());
    export.set("Title 001", "title", json!("Edited"));
    export.line("Title 003").is_deleted = true;
    let run = drift(&project, &export, &["--detailed-exitcode"]).exits(2);
    run.says("certctl refresh --from-csv templates.csv --labels labels.csv -e test");
    assert_eq!(project.plan_json()["summary"]["update"], 0, "apply goes by the state");
    project.run(&["refresh", "--from-csv", "templates.csv", "--labels", "labels.csv", "-y"]).exits(0);
    let summary = &project.plan_json()["summary"];
    assert_eq!((&summary["update"], &summary["create"]), (&json!(1), &json!(1)));
    project.apply().exits(0);
    drift_json(&project, &Export::of(&sandbox), 0);
}

#[test]
fn deleted_templates_are_drift() {
    let (_sandbox, project, mut export) = applied(&three());
    export.line("Title 003").is_deleted = true;
    let run = drift(&project, &export, &["--detailed-exitcode"]).exits(2);
    run.says("Drift: 0 of 3 compared templates differ, 1 deleted.").says("- t-003  deleted at 20");
    let document = drift_json(&project, &export, 2);
    assert_eq!((&document["summary"]["deleted"], &document["summary"]["differing"]), (&json!(1), &json!(0)));
    assert_eq!(
        (&document["templates"][0]["key"], &document["templates"][0]["deleted"]),
        (&json!("t-003"), &json!(true))
    );
}

#[test]
fn unmanaged_templates_are_named() {
    let (_sandbox, project, mut export) = applied(&three());
    export.lines.extend((1..=25).map(|number| foreign(number, &format!("By hand {number}"))));
    let run = drift(&project, &export, &["--detailed-exitcode"]).exits(0);
    let run =
        run.says("No drift in 3 compared templates, 25 unmanaged.").says("+ \"By hand 1\" (id 8f14e45f");
    run.says("… and 5 more (-v names all)");
    drift(&project, &export, &["-v"]).exits(0).says("By hand 25");
    let document = drift_json(&project, &export, 0);
    assert_eq!(document["unmanaged"].as_array().unwrap().len(), 25);
    assert_eq!(
        (&document["unmanaged"][0]["title"], &document["unmanaged"][0]["resourceType"]),
        (&json!("By hand 1"), &json!("course"))
    );
}

#[test]
fn old_exports_are_stale() {
    let (_sandbox, project, mut export) = applied(&three());
    export.lines.iter_mut().for_each(|line| line.updated_at = "2026-01-01 08:00:00.000000".to_owned());
    export.set("Title 001", "title", json!("Old"));
    let run = drift(&project, &export, &["--detailed-exitcode"]).exits(3);
    run.says("Drift is not known: no template could be compared, 3 not compared.")
        .says("and the state is newer");
    drift(&project, &export, &[]).exits(0);
    let document = drift_json(&project, &export, 3);
    assert_eq!((&document["summary"]["stale"], &document["stale"][2]["key"]), (&json!(3), &json!("t-003")));
}

#[test]
fn undated_exports_need_a_time() {
    let (_sandbox, project, mut export) = applied(&three());
    export.set("Title 001", "title", json!("Edited"));
    project.write("templates.csv", export.templates().replace("updatedat", "other"));
    let command = ["drift", "--from-csv", "templates.csv", "--detailed-exitcode"];
    project.run(&command).exits(3).says("export updatedat too, or give --taken-at");
    let now = jiff::Timestamp::now().to_string();
    project
        .run(&[&command[..], &["--taken-at", &now]].concat())
        .exits(2)
        .says("changed; it is not known when");
    project.run(&[&command[..], &["--taken-at", "2999-01-01"]].concat()).exits(1).says("in the future");
}

#[test]
fn what_was_not_seen_is_said() {
    let (_sandbox, project, export) = applied(&three());
    project.write("templates.csv", export.templates().replace("customcss", "other"));
    let run = project.run(&["drift", "--from-csv", "templates.csv"]).exits(0);
    run.says("Not seen, so not compared: customCss of 1 template, labels of 1 template.");
}

#[test]
fn rows_in_doubt_are_not_compared() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    sandbox.faults(&["bulk[Title 002]:*:reset-after"]);
    let project = Project::on(&sandbox, "batch_size = 1");
    project.templates(&numbered(1..=2));
    project.apply().exits(4);
    let mut export = Export::of(&sandbox);
    export.set("Title 002", "expirationDays", json!(5));
    let run = drift(&project, &export, &["--detailed-exitcode"]).exits(0);
    run.says("No drift in 1 compared template, 1 not compared.").says("To settle it: certctl recover");
    let document = drift(&project, &export, &["--json"]).exits(0).json();
    assert_eq!((&document["summary"]["stale"], &document["stale"]), (&json!(0), &json!([])));
    assert_eq!(document["not_compared"][0]["key"], "t-002");
}

#[test]
fn fields_are_named_as_in_their_export() {
    let (_sandbox, project, mut export) = applied(&three());
    export.line("Title 001").attributes["labels"][0]["x"] = json!(140);
    project.write("fields.csv", format!("id,label,type\n{FIELD},Learner name,nameLabel\n"));
    let run = drift(&project, &export, &["--fields", "fields.csv"]).exits(0);
    run.says("~ label Learner name moved: x: 120 → 140, +20 px");
    project.write("fields.csv", "id,label\nx,y\n");
    drift(&project, &export, &["--fields", "fields.csv"]).exits(3).says("fields.csv:2:1");
}

#[test]
fn another_instance_is_a_warning() {
    let (_sandbox, project, _) = applied(&three());
    let export = Export { lines: vec![foreign(1, "By hand")] };
    let run = drift(&project, &export, &["--detailed-exitcode"]).exits(3);
    run.says("Warning: this shows another instance than http://")
        .says("none of the 3 ids that the state has is in it");
}

#[test]
fn a_selection_is_said() {
    let (_sandbox, project, mut export) = applied(&three());
    export.set("Title 001", "title", json!("Edited"));
    export.lines.push(foreign(1, "By hand"));
    let run = drift(&project, &export, &["--target", "t-002", "--detailed-exitcode"]).exits(0);
    run.says("No drift in 1 compared template; only templates chosen by --target. Environment: test.");
    drift(&project, &export, &["--exclude", "t-002", "--detailed-exitcode"]).exits(2).says("1 of 2 compared");
    drift(&project, &export, &["--target", "t-2"]).exits(1).says("matches no template");
}

#[test]
fn without_a_state_nothing_is_compared() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    let export = Export { lines: vec![foreign(1, "By hand")] };
    let run = drift(&project, &export, &["--detailed-exitcode"]).exits(3);
    run.says("no template could be compared, 1 unmanaged").says("there is no state at state/test.json yet");
}

#[test]
fn an_old_state_is_refused() {
    let (_sandbox, project, export) = applied(&three());
    let old = project.read("state/test.json");
    project.templates(&numbered(1..=4));
    project.apply().exits(0);
    project.write("state/test.json", old);
    drift(&project, &export, &[]).exits(5).says("older");
}

#[test]
fn an_export_from_before_the_last_apply_is_stale() {
    let mut templates = numbered(1..=3);
    let (_sandbox, project, export) = applied(&templates);
    // The clocks agree to some seconds: only the contents tell that the export is the older one.
    templates[0] = Template::number(1).titled("Second title");
    project.templates(&templates);
    project.apply().exits(0);
    let run = drift(&project, &export, &["--detailed-exitcode"]).exits(0);
    run.says("No drift in 2 compared templates, 1 not compared.").says("is what the state had before it");
    let before = project.read("state/test.json");
    project.run(&["refresh", "-y", "--from-csv", "templates.csv"]).exits(0).says("nothing to record");
    assert_eq!(project.read("state/test.json"), before);
}
