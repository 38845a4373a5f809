//! What is seen and cannot be written is named, and the rest is written.

use serde_json::{Value, json};

use crate::estate::{id, labels};
use crate::exports::Exports;
use crate::{Run, import, nothing_changes, project, template};

/// Imports two good templates with these, and checks that only the good ones are there.
#[track_caller]
fn only_the_good(bad: Vec<Value>, words: &[&str]) -> Run {
    let project = project();
    let good = (1..=2).map(|number| template(number, json!({"labels": labels(0)})));
    let told =
        import(&project, &Exports::of(good.chain(bad).collect()), &[]).exits(3).says("2 templates written");
    nothing_changes(&project);
    let yaml = project.read("templates/templates.yaml");
    let count = yaml.matches("resourceId:").count();
    assert_eq!(count, 2, "{yaml}");
    assert!(!project.read("state/production.json").contains("Bad"), "the state has it");
    words.iter().fold(told, |told, word| told.says(word))
}

#[test]
fn labels_that_validate_would_refuse() {
    let mut wrong = labels(0);
    wrong[0]["x"] = json!(-5);
    only_the_good(
        vec![template(3, json!({"title": "Bad", "labels": wrong}))],
        &["l.csv:14:", "x must be at least 0"],
    );
}

#[test]
fn half_an_audience() {
    only_the_good(
        vec![template(3, json!({"title": "Bad", "userCustomFieldSlug": "region"}))],
        &["t.csv:4:", "usercustomfieldvalue"],
    );
}

#[test]
fn two_with_one_natural_key() {
    let twins = [3, 4].map(|number| template(number, json!({"title": "Bad", "resourceId": id(70_000)})));
    only_the_good(twins.to_vec(), &["t.csv:4:1", "t.csv:5:1", "2 live templates"]);
}

#[test]
fn two_expiries() {
    let bad = template(
        3,
        json!({"title": "Bad", "expirationDate": "2028-01-01 00:00:00.000000", "expirationDays": 5}),
    );
    only_the_good(vec![bad], &["t.csv:4:", "expirationDate and expirationDays are both set"]);
}

#[test]
fn deleted_templates_are_passed_over() {
    let project = project();
    let gone = template(2, json!({"title": "Bad", "statusGroup": "d"}));
    import(&project, &Exports::of(vec![template(1, json!({})), gone]), &[])
        .exits(0)
        .says("1 template written");
    nothing_changes(&project);
    assert!(!project.read("templates/templates.yaml").contains("Bad"));
}

#[test]
fn exports_of_unknown_age() {
    let project = project();
    let mut exports = Exports::of(vec![template(1, json!({})), template(2, json!({}))]);
    exports.columns.retain(|column| *column != "updatedAt");
    import(&project, &exports, &[]).exits(3).says("--taken-at").says("No template was written");
    assert!(!project.file("templates").exists());
    import(&project, &exports, &["--taken-at", "2026-03-01T10:00:00Z"]).exits(0).says("2 templates written");
    nothing_changes(&project);
}

#[test]
fn exports_without_audiences() {
    let project = project();
    let mut exports = Exports::of(vec![template(1, json!({}))]);
    exports.columns.retain(|column| *column != "userCustomFieldSlug");
    import(&project, &exports, &[]).exits(3).says("userCustomFieldSlug").says("No template was written");
    assert!(!project.file("templates").exists());
}

#[test]
fn fields_that_cannot_be_read() {
    let project = project();
    let exports = Exports::estate(6);
    exports.put(&project);
    project.write("g.csv", "id,label\nx,y\n");
    let all =
        ["import", "--from-csv", "t.csv", "--labels", "l.csv", "--fields", "g.csv", "--write", "templates"];
    project.run(&all).exits(3).says("g.csv:2:1");
    nothing_changes(&project);
}
