//! Columns that certctl does not know, written under `extra` on request.

use serde_json::{Value, json};

use crate::exports::Exports;
use crate::{import, nothing_changes, project, template};

/// Three templates with columns of a newer vendor.
fn newer() -> Exports {
    let long = "A long text that several templates share. ".repeat(20) + "${var.x}\nand a second line";
    let of = |number: usize| {
        let labels = crate::estate::labels(0);
        template(
            number,
            json!({"labels": labels, "badgelevel": number, "isshared": number != 2, "Long Text": long}),
        )
    };
    let mut exports = Exports::of((1..=3).map(of).collect());
    exports.columns.extend(["badgelevel", "isshared", "Long Text"]);
    exports
}

#[test]
fn columns_are_written_under_extra() {
    let project = project();
    let named = ["--extra", "badge_level=badgeLevel", "--extra", "*"];
    let told = import(&project, &newer(), &named).exits(0).says("3 templates written");
    assert!(!told.stdout.contains("Not read"), "{}", told.stdout);
    let yaml = project.read("templates/templates.yaml");
    assert_eq!(yaml.matches("    extra:\n      badgeLevel: ").count(), 3, "{yaml}");
    assert_eq!(yaml.matches("      isshared: true\n").count(), 2, "{yaml}");
    let state: Value = serde_json::from_str(&project.read("state/production.json")).unwrap();
    let known = &state["templates"]["cloud-1"]["attributes"];
    assert_eq!((&known["badgeLevel"], &known["isshared"]), (&json!(1), &json!(true)));
    nothing_changes(&project);
    // The same exports say the same.
    let all = ["drift", "--from-csv", "t.csv", "--labels", "l.csv", "--detailed-exitcode"];
    project.run(&[&all[..], &named[..]].concat()).exits(0).says("No drift in 3 compared templates");
    project.run(&all).exits(0).says("badgeLevel");
}

#[test]
fn drift_compares_what_is_kept() {
    let project = project();
    import(&project, &newer(), &["--extra", "badgelevel=badgeLevel"]).exits(0);
    let mut later = newer();
    later.templates[0]["badgelevel"] = json!(9);
    later.templates[0]["updatedAt"] = json!("2026-04-01 10:00:00");
    later.put(&project);
    let all = ["drift", "--from-csv", "t.csv", "--labels", "l.csv", "--extra", "badgelevel=badgeLevel"];
    project.run(&[&all[..], &["--detailed-exitcode"][..]].concat()).exits(2).says("badgeLevel: 1 → 9");
    let refresh = [&["refresh"], &all[1..], &["--auto-approve"]].concat();
    project.run(&refresh).exits(0);
    project.run(&["plan"]).exits(0).says("badgeLevel: 9 → 1");
}

#[test]
fn unknown_columns_are_named() {
    let project = project();
    let said =
        "Not read, because certctl does not know them: columns called badgelevel, isshared and long text.";
    import(&project, &newer(), &["--dry-run"]).exits(0).says(said).says("give --extra '*'");
    import(&project, &newer(), &[]).exits(0).says(said).says("import again, with --extra '*'");
    nothing_changes(&project);
    assert!(!project.read("templates/templates.yaml").contains("extra"));
}

#[test]
fn what_cannot_be_kept_is_refused() {
    let project = project();
    import(&project, &newer(), &["--extra", "createdat", "--extra", "badge"])
        .exits(1)
        .says("the column createdat cannot be kept under extra")
        .says("the file has no column badge (did you mean badgelevel?)");
    assert!(!project.file("templates").exists());
}
