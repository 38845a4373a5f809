//! `import --from-csv`.

use super::*;

fn import(project: &Project, more: &[&str], code: i32) -> Value {
    let json = [&["import", "--json", "--from-csv", "export.csv"], more].concat();
    project.run(&json).exits(code).json()
}

const LABELS: &str = "labels: [{ certificateFieldId: 00000000-0000-4000-8000-0000000000f1, x: 1, y: 2, fontSize: 12, fontColor: \"#000000\", textAlign: left }]";

#[test]
fn next_plan_shows_the_true_difference() {
    let project = project(&[
        Template::number(1),
        Template::number(2).with("expirationDays: 30"),
        Template::number(3).with(LABELS),
    ]);
    let shown =
        [Shown { days: "7", ..Shown::number(1) }, Shown { days: "7", ..Shown::number(2) }, Shown::number(3)];
    project.write("export.csv", templates(&shown));
    let told = import(&project, &[], 0);
    assert_eq!((&told["format"], &told["outcome"]), (&json!("certctl.import/v1"), &json!("ok")));
    let first = json!({"id": shown[0].id, "key": "t-001", "outcome": "adopted", "reason": null});
    assert_eq!(told["results"][0], first);
    assert_eq!((&told["findings"], &told["written"]), (&json!([]), &json!([])));
    let row = project.row("t-001");
    assert_eq!((&row["status"], &row["attributes"]["expirationDays"]), (&json!("applied"), &json!(7)));
    assert!(row["unknown"].as_array().unwrap().contains(&json!("labels")));
    let plan = project.plan_json();
    let changes = |key| action(&plan, key)["changes"].clone();
    assert_eq!(changes("t-001"), json!([{"path": "expirationDays", "before": 7, "after": null}]));
    assert_eq!(changes("t-002"), json!([{"path": "expirationDays", "before": 7, "after": 30}]));
    project.run(&["plan"]).exits(0).says("labels: not known → 1 label");
}

#[test]
fn labels_that_were_seen_are_known() {
    let project = project(&[Template::number(1).with(LABELS), Template::number(2)]);
    project.write("export.csv", templates(&[Shown::number(1), Shown::number(2)]));
    project.write("labels.csv", labels(&[(1, 1, 5)]));
    import(&project, &["--labels", "labels.csv"], 0);
    let plan = project.plan_json();
    let moved = json!([{"path": format!("labels[{FIELD}].y"), "before": 5, "after": 2}]);
    assert_eq!(action(&plan, "t-001")["changes"], moved);
    assert_eq!(plan["summary"]["unchanged"], 1);
    assert!(project.row("t-002")["unknown"].as_array().unwrap().contains(&json!("labels")));
}

#[test]
fn undated_contents_need_a_time() {
    let project = project(&numbered(1..=1));
    project.write("export.csv", templates(&[Shown { updated_at: String::new(), ..Shown::number(1) }]));
    let told = import(&project, &[], 0);
    assert!(told["results"][0]["reason"].as_str().unwrap().contains("does not say when it was last changed"));
    assert_eq!(
        (&project.row("t-001")["attributes"], project.plan_json()["summary"]["update"].clone()),
        (&json!(null), json!(1))
    );
    // Another look completes it.
    import(&project, &["--taken-at", "2026-01-01 08:00:00"], 0);
    assert_eq!(project.row("t-001")["appliedAt"], "2026-01-01T08:00:00Z");
    assert_eq!(project.plan_json()["summary"]["unchanged"], 1);
    let future = project.run(&["import", "--from-csv", "export.csv", "--taken-at", "2999-01-01"]).exits(1);
    future.says("is in the future");
    project
        .run(&["import", "--from-csv", "export.csv", "--taken-at", "soon"])
        .exits(1)
        .says("expected a time");
}

#[test]
fn known_contents_are_kept() {
    let project = project(&numbered(1..=1));
    project.write("export.csv", templates(&[Shown::number(1)]));
    import(&project, &[], 0);
    let before = project.read("state/test.json");
    project.write("export.csv", templates(&[Shown { days: "9", ..Shown::number(1) }]));
    let told = import(&project, &[], 0);
    assert_eq!(
        (&told["results"][0]["outcome"], &told["results"][0]["id"]),
        (&json!("known"), &json!(Shown::number(1).id))
    );
    assert_eq!(project.read("state/test.json"), before);
}

#[test]
fn what_validate_would_refuse_is_named() {
    let project = project(&numbered(1..=3));
    let twice = Shown { id: Shown::number(9).id, ..Shown::number(2) };
    project.write("export.csv", templates(&[Shown::number(1), Shown::number(2), twice, Shown::number(3)]));
    project.write("labels.csv", labels(&[(1, -5, 2), (3, 1, 2)]));
    let told = import(&project, &["--labels", "labels.csv"], 3);
    let outcomes: Vec<&Value> =
        told["results"].as_array().unwrap().iter().map(|row| &row["outcome"]).collect();
    assert_eq!(outcomes, ["not_adopted", "not_adopted", "adopted"]);
    let places: Vec<(&Value, &Value, &Value)> =
        told["findings"].as_array().unwrap().iter().map(|f| (&f["file"], &f["line"], &f["column"])).collect();
    assert_eq!(
        places,
        [(&json!("export.csv"), &json!(4), &json!(1)), (&json!("labels.csv"), &json!(2), &json!(38))]
    );
    assert_eq!(project.state()["templates"].as_object().unwrap().keys().collect::<Vec<_>>(), ["t-003"]);
}

#[test]
fn another_instance_is_refused() {
    let project = project(&numbered(1..=2));
    project.write("export.csv", templates(&[Shown::number(1)]));
    import(&project, &[], 0);
    let before = project.snapshot();
    let other = Shown { id: Shown::number(7).id, ..Shown::number(1) };
    project.write("other.csv", templates(&[other, Shown::number(2)]));
    for command in ["import", "recover"] {
        let told = project.run(&[command, "--from-csv", "other.csv", "--json"]).exits(5).json();
        assert_eq!((&told["format"], &told["outcome"]), (&json!("certctl.error/v1"), &json!("refused")));
        let told = project.run(&[command, "--from-csv", "other.csv"]).exits(5);
        told.says("this shows another instance than https://academy.example.com")
            .says("the 1 id that the state has");
    }
    std::fs::remove_file(project.file("other.csv")).unwrap();
    assert_eq!(project.snapshot(), before);
}

#[test]
fn deleted_templates_are_never_adopted() {
    let project = project(&numbered(1..=2));
    let inactive = Shown { status: "i", ..Shown::number(2) };
    project.write("export.csv", templates(&[Shown { status: "d", ..Shown::number(1) }, inactive]));
    let told = import(&project, &[], 0);
    assert_eq!(
        (&told["results"][0]["outcome"], &told["results"][1]["outcome"]),
        (&json!("not_seen"), &json!("adopted"))
    );
}

#[test]
fn failures_are_documents_too() {
    let project = project(&numbered(1..=1));
    project.write("export.csv", "name\n");
    project.write("labels.csv", "x\n");
    let told = import(&project, &["--labels", "labels.csv"], 1);
    assert_eq!(
        (&told["format"], told["findings"].as_array().unwrap().len()),
        (&json!("certctl.error/v1"), 2)
    );
    let told = project.run(&["import", "t-001", "x", "--json"]).exits(1).json();
    assert_eq!(told["format"], "certctl.error/v1");
    let told = project.run(&["import", "t-001", &Shown::number(1).id, "--json"]).exits(0).json();
    assert_eq!(told["results"][0]["outcome"], "adopted");
}
