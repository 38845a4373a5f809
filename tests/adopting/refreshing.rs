//! `refresh --from-csv`.

use super::*;

/// A project with two adopted templates that the YAML describes as they are.
fn adopted() -> Project {
    let project = project(&numbered(1..=2));
    project.write("export.csv", templates(&[earlier(1), earlier(2)]));
    project.run(&["import", "--from-csv", "export.csv"]).exits(0);
    assert_eq!(project.plan_json()["summary"]["unchanged"], 2);
    project
}

/// A template that was last changed long ago.
fn earlier(number: u32) -> Shown {
    Shown { updated_at: "2026-01-01 08:00:00".to_owned(), ..Shown::number(number) }
}

fn refresh(project: &Project, more: &[&str], code: i32) -> Value {
    let json = [&["refresh", "-y", "--json", "--from-csv", "export.csv"], more].concat();
    project.run(&json).exits(code).json()
}

#[test]
fn plan_then_shows_the_way_back() {
    let project = adopted();
    project.write("export.csv", templates(&[Shown { days: "9", ..Shown::number(1) }, earlier(2)]));
    let told = refresh(&project, &[], 0);
    assert_eq!(told["format"], "certctl.refresh/v1");
    assert_eq!(outcomes(&told), [("t-001", "taken"), ("t-002", "unchanged")]);
    assert_eq!(told["results"][0]["reason"], "expirationDays");
    let back = json!([{"path": "expirationDays", "before": 9, "after": null}]);
    assert_eq!(action(&project.plan_json(), "t-001")["changes"], back);
    // Again, there is nothing to take and nothing to ask.
    let before = project.read("state/test.json");
    project.run(&["refresh", "--from-csv", "export.csv"]).exits(0).says("nothing to record");
    assert_eq!(project.read("state/test.json"), before);
}

#[test]
fn deleted_templates_are_created_again() {
    let project = adopted();
    project.write("export.csv", templates(&[Shown { status: "d", ..Shown::number(1) }, earlier(2)]));
    let told = refresh(&project, &[], 0);
    assert_eq!(outcomes(&told), [("t-001", "deleted"), ("t-002", "unchanged")]);
    assert_eq!(action(&project.plan_json(), "t-001")["action"], "create");
    project.run(&["plan"]).exits(0).says("deleted on the server, as line 2 of export.csv shows");
    // What was seen before that adopts nothing.
    project.write("export.csv", templates(&[earlier(1), earlier(2)]));
    let told = project.run(&["import", "--from-csv", "export.csv", "--json"]).exits(3).json();
    assert_eq!(outcomes(&told), [("t-001", "not_adopted"), ("t-002", "known")]);
    let again = Shown { updated_at: "2999-01-01 00:00:00".to_owned(), ..Shown::number(1) };
    project.write("export.csv", templates(&[again]));
    project.run(&["import", "--from-csv", "export.csv"]).exits(3).says("export.csv:2:");
}

#[test]
fn forgetting_names_what_showed_the_template() {
    let project = adopted();
    assert_eq!(project.row("t-001")["seenIn"], "export.csv");
    project.templates(&[Template::number(2)]);
    project.write("templates/removed.yaml", "removed: [{ from: t-001 }]\n");
    let said =
        "the server had it on 2026-01-01T08:00:00Z, as export.csv showed, and nothing later is known: delete";
    project.run(&["plan"]).exits(0).says(said);
    let forget = action(&project.plan_json(), "t-001");
    assert_eq!(
        (&forget["known_at"], &forget["seen_in"]),
        (&json!("2026-01-01T08:00:00Z"), &json!("export.csv"))
    );
    // A state of an earlier version does not say where.
    let mut state = project.state();
    state["templates"]["t-001"].as_object_mut().unwrap().remove("seenIn");
    project.forget_marks();
    project.write("state/test.json", state.to_string());
    project
        .run(&["plan"])
        .exits(0)
        .says("the server had it on 2026-01-01T08:00:00Z, and nothing later is known");
}

#[test]
fn servers_words_are_no_deletion() {
    let project = adopted();
    project.write("export.csv", templates(&[Shown { status: "d", ..Shown::number(1) }, earlier(2)]));
    refresh(&project, &[], 0);
    project.run(&["plan"]).exits(0).says("\n      deleted on the server, as line 2");
    let create = action(&project.plan_json(), "t-001");
    let deleted_at = create["deleted_at"].as_str().unwrap();
    assert_eq!(project.row("t-001")["error"]["at"], deleted_at);
    // The server answers in the same words.
    let mut state = project.state();
    state["templates"]["t-001"]["error"]["at"] = json!("2026-11-01T00:00:00Z");
    project.forget_marks();
    project.write("state/test.json", state.to_string());
    project.run(&["plan"]).exits(0).says("failed last time: ").says("deleted on the server, as line 2");
}

/// The id under which somebody made the first template again.
const AGAIN: &str = "8f14e45f-ceea-467f-a0e6-0000000000a1";

#[test]
fn recreated_templates_are_not_created_twice() {
    let deleted = || Shown { status: "d", ..Shown::number(1) };
    let again = || Shown { id: AGAIN.to_owned(), ..Shown::number(1) };
    // In one export: the state stays, and the other id is named with the command that takes it.
    let project = adopted();
    project.write("export.csv", templates(&[deleted(), again(), earlier(2)]));
    let told = refresh(&project, &[], 0);
    assert_eq!(outcomes(&told), [("t-001", "not_taken"), ("t-002", "unchanged")]);
    assert!(
        told["results"][0]["reason"].as_str().unwrap().contains(&format!("import t-001 {AGAIN}")),
        "{told}"
    );
    assert_eq!(project.plan_json()["summary"]["create"], 0);
    let drift = project.run(&["drift", "--from-csv", "export.csv", "--detailed-exitcode"]).exits(2);
    drift.says(AGAIN).says("its template was deleted").says("compared template differ, 1 replaced");
    // In a later one: it is taken.
    let project = adopted();
    project.write("export.csv", templates(&[deleted(), earlier(2)]));
    refresh(&project, &[], 0);
    project.write("export.csv", templates(&[again(), earlier(2)]));
    project
        .run(&["drift", "--from-csv", "export.csv"])
        .exits(0)
        .says(AGAIN)
        .says("the state has it as deleted");
    let told = refresh(&project, &[], 0);
    assert_eq!(outcomes(&told), [("t-001", "taken"), ("t-002", "unchanged")]);
    assert_eq!(project.plan_json()["summary"]["create"], 0);
}

#[test]
fn stale_and_unseen_rows_are_listed() {
    let project = adopted();
    let older = Shown { updated_at: "2025-12-31 08:00:00".to_owned(), days: "9", ..Shown::number(1) };
    project.write("export.csv", templates(&[older]));
    let before = project.read("state/test.json");
    let told = refresh(&project, &[], 0);
    assert_eq!(outcomes(&told), [("t-001", "stale"), ("t-002", "not_seen")]);
    assert_eq!(project.read("state/test.json"), before);
    project
        .run(&["refresh", "-y", "--from-csv", "export.csv"])
        .exits(0)
        .says("t-001")
        .says("2025-12-31T08:00:00Z");
}

#[test]
fn labels_are_learned_later() {
    let project = adopted();
    project.write("labels.csv", labels(&[(2, 1, 2)]));
    let told = refresh(&project, &["--labels", "labels.csv"], 0);
    assert_eq!(outcomes(&told), [("t-001", "unchanged"), ("t-002", "taken")]);
    assert!(told["results"][1]["reason"].as_str().unwrap().contains("not known before"));
    let cleared = action(&project.plan_json(), "t-002");
    assert_eq!((&cleared["action"], cleared["changes"].as_array().unwrap().len()), (&json!("update"), 1));
}

#[test]
fn unseen_labels_of_an_edited_template_are_unknown() {
    let project = adopted();
    project.write("labels.csv", labels(&[(1, 1, 2)]));
    refresh(&project, &["--labels", "labels.csv"], 0);
    project.write("export.csv", templates(&[Shown { days: "9", ..Shown::number(1) }]));
    let told = refresh(&project, &[], 0);
    assert_eq!(told["results"][0]["reason"], "expirationDays; no longer known: labels");
    assert!(project.row("t-001")["unknown"].as_array().unwrap().contains(&json!("labels")));
    assert_eq!(project.row("t-001")["attributes"].get("labels"), None);
}

#[test]
fn what_is_meant_is_not_taken() {
    let project = adopted();
    let settings = project.read("certctl.toml");
    let ignore =
        "[drift]\nignore = [{ key = \"t-001\", attribute = \"expirationDays\", reason = \"a trial\" }]";
    project.write("certctl.toml", format!("{settings}\n{ignore}\n"));
    project.write("export.csv", templates(&[Shown { days: "9", ..Shown::number(1) }, earlier(2)]));
    let before = project.read("state/test.json");
    let told = refresh(&project, &[], 0);
    assert_eq!(outcomes(&told), [("t-001", "ignored"), ("t-002", "unchanged")]);
    let told = project.run(&["refresh", "-y", "--from-csv", "export.csv"]).exits(0);
    told.says("the state keeps what it has");
    assert_eq!(project.read("state/test.json"), before);
}

#[test]
fn exports_are_not_older_than_their_lines() {
    let project = adopted();
    let run = project.run(&["refresh", "--from-csv", "export.csv", "--taken-at", "2020-01-01T00:00:00Z"]);
    run.exits(1).says("--taken-at 2020-01-01T00:00:00Z is before every line of export.csv was last changed");
}

#[test]
fn asks_unless_told_not_to() {
    let project = adopted();
    project.write("export.csv", templates(&[Shown { days: "9", ..Shown::number(1) }]));
    let before = project.snapshot();
    let told = project.run(&["refresh", "--from-csv", "export.csv", "--target", "t-001"]).exits(1);
    told.says("certctl refresh --target t-001 --from-csv export.csv --auto-approve -e test");
    let told = project.run(&["refresh", "--from-csv", "export.csv", "--json"]).exits(1).json();
    assert_eq!(told["format"], "certctl.error/v1");
    assert_eq!(project.snapshot(), before);
}

#[test]
fn selections_take_only_their_own() {
    let project = adopted();
    let shown = [1, 2].map(|number| Shown { days: "9", ..Shown::number(number) });
    project.write("export.csv", templates(&shown));
    assert_eq!(refresh(&project, &["--target", "t-002"], 0)["outcome"], "ok");
    assert_eq!(project.row("t-001")["attributes"].get("expirationDays"), None);
    assert_eq!(project.row("t-002")["attributes"]["expirationDays"], 9);
    project.run(&["refresh", "--from-csv", "export.csv", "--target", "x"]).exits(1);
}

#[test]
fn needs_a_state_of_this_instance() {
    let project = project(&numbered(1..=1));
    project.write("export.csv", templates(&[Shown::number(1)]));
    project
        .run(&["refresh", "--from-csv", "export.csv"])
        .exits(1)
        .says("there is no state at state/test.json");
    project.run(&["refresh"]).exits(1).says("--from-csv FILE");
    project.run(&["import", "--from-csv", "export.csv"]).exits(0);
    project.write("export.csv", templates(&[Shown { id: Shown::number(5).id, ..Shown::number(1) }]));
    project.run(&["refresh", "-y", "--from-csv", "export.csv"]).exits(5).says("another instance");
}

/// `--write`.
mod written {
    use super::*;

    #[test]
    fn values_on_their_own_line_are_changed() {
        let project = adopted();
        let before = project.read("templates/all.yaml");
        let text = before.replacen("title: \"Title 001\"", "title: \"Title 001\" # keep", 1);
        project.write("templates/all.yaml", &text);
        let edited = Shown { title: "Cloud: the first".to_owned(), ..Shown::number(1) };
        project.write("export.csv", templates(&[edited, Shown { days: "9", ..Shown::number(2) }]));
        let told = project.run(&["refresh", "-y", "--write", "--from-csv", "export.csv"]).exits(0);
        told.says("Into the YAML")
            .says("To write by hand")
            .says("templates/all.yaml:6 t-002\n    expirationDays: 9");
        let expected = text.replacen("\"Title 001\"", "\"Cloud: the first\"", 1);
        assert_eq!(project.read("templates/all.yaml"), expected);
        let plan = project.plan_json();
        assert_eq!((&plan["summary"]["unchanged"], &plan["summary"]["update"]), (&json!(1), &json!(1)));
    }

    #[test]
    fn shared_values_are_for_a_person() {
        let project = project(&[]);
        let template = |number: u32| {
            let resource = Template::number(number).resource;
            format!(
                "  t-00{number}:\n    title: Title 00{number}\n    resourceType: course\n    resourceId: {resource}\n"
            )
        };
        let text = format!("defaults:\n  expirationDays: 5\ntemplates:\n{}{}", template(1), template(2));
        project.write("templates/all.yaml", &text);
        let shown = [1, 2].map(|number| Shown { days: "5", ..earlier(number) });
        project.write("export.csv", templates(&shown));
        project.run(&["import", "--from-csv", "export.csv"]).exits(0);
        project.write("export.csv", templates(&[Shown { days: "9", ..Shown::number(1) }]));
        let told = refresh(&project, &["--write"], 0);
        assert_eq!((&told["written"], project.read("templates/all.yaml")), (&json!([]), text));
    }

    #[test]
    fn files_are_named() {
        let project = adopted();
        project.write("export.csv", templates(&[Shown { title: "New".to_owned(), ..Shown::number(1) }]));
        assert_eq!(refresh(&project, &["--write"], 0)["written"], json!(["templates/all.yaml"]));
        assert_eq!(project.plan_json()["summary"]["unchanged"], 2);
    }
}
