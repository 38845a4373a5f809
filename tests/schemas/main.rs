//! Validates the real program's documents against the published JSON Schemas (`docs/schema`).
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the lint knows test functions, not the functions that they share"
)]

mod changed;
mod exports;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use support::{Project, Sandbox, Template, numbered};

const FORMATS: [&str; 15] = [
    "row",
    "state-list",
    "plan",
    "apply",
    "state",
    "error",
    "validate",
    "doctor",
    "drift",
    "environments",
    "history",
    "import",
    "refresh",
    "recover",
    "observer",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema")
}

fn schema(format: &str) -> Value {
    let path = folder().join(format!("certctl.{format}-v1.schema.json"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn validator(format: &str) -> Validator {
    jsonschema::draft202012::new(&schema(format)).unwrap()
}

/// Checks a document against the schema of its format.
#[track_caller]
fn fits(document: &Value) {
    let format = document["format"].as_str().unwrap_or_else(|| panic!("no format in {document:#}"));
    let format = format.strip_prefix("certctl.").and_then(|rest| rest.strip_suffix("/v1")).unwrap();
    let faults: Vec<String> =
        validator(format).iter_errors(document).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(faults.is_empty(), "{}\n{document:#}", faults.join("\n"));
}

/// Checks that a document is invalid after this change.
#[track_caller]
fn refuses(document: &Value, what: &str, change: impl FnOnce(&mut Value)) {
    let format = document["format"].as_str().unwrap().to_owned();
    let format = format.trim_start_matches("certctl.").trim_end_matches("/v1");
    let mut broken = document.clone();
    change(&mut broken);
    assert_ne!(*document, broken, "{what}: nothing was changed");
    assert!(!validator(format).is_valid(&broken), "{what} is let through\n{broken:#}");
}

/// Every object in a value.
fn objects(value: &mut Value, visit: &mut impl FnMut(&mut serde_json::Map<String, Value>)) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(|member| objects(member, visit));
            visit(members);
        }
        Value::Array(items) => items.iter_mut().for_each(|item| objects(item, visit)),
        _ => {}
    }
}

fn words<'a>(list: &'a Value, member: &str) -> BTreeSet<&'a str> {
    list.as_array().unwrap().iter().map(|item| item[member].as_str().unwrap()).collect()
}

/// One request per row, so that each row can fail differently.
const ONE_BY_ONE: &str = "batch_size = 1\nconcurrency = 1\njob_timeout = \"1s\"";

const FIELD: &str = "f6fadfa7-e5c1-4b62-9362-da5cc13da58a";

/// A project whose state has a row of every status, and whose next plan has every action.
fn eventful() -> (Sandbox, Project) {
    let sandbox = Sandbox::start(&[
        "--fault",
        "bulk[Title 003]:*:reset-before",
        "--fault",
        "bulk[Title 004]:*:job=never",
        "--fault",
        "bulk[Title 005]:*:reject=Title",
    ]);
    let project = Project::on(&sandbox, ONE_BY_ONE);
    let mut first = numbered(1..=8);
    first[6] = first[6].clone().with("protect: true");
    project.templates(&first);
    let result = project.apply_json(4);
    fits(&result);
    assert_eq!(words(&result["results"], "outcome"), ["created", "failed", "in_doubt", "pending"].into());
    // 1 changed, 2 renamed, 6 dropped, 7 no longer protected, 8 another key without `moved`, 9 new.
    let mut next = numbered(1..=9);
    next[0] = next[0].clone().titled("Another title");
    next[1] = next[1].clone().keyed("second");
    next[7] = next[7].clone().keyed("eighth");
    next[8] = next[8]
        .clone()
        .with("asset_size: 1123x794")
        .with(&format!("labels: [{{ certificateFieldId: {FIELD} }}]"));
    next.remove(5);
    project.templates(&next);
    let toml = project.read("certctl.toml");
    project.write("certctl.toml", format!("{toml}[fields]\n{FIELD} = \"nameLabel\"\n"));
    let moved = project.read("templates/all.yaml") + "moved:\n  - { from: t-002, to: second }\n";
    project.write("templates/all.yaml", moved);
    (sandbox, project)
}

#[test]
fn schemas_are_valid_and_describe_every_member() {
    for format in FORMATS {
        let mut schema = schema(format);
        jsonschema::meta::validate(&schema).unwrap();
        assert_eq!(schema["$id"], format!("urn:certctl:schema:{format}:v1"));
        let defined = schema["$defs"].clone();
        let mut bare = Vec::new();
        objects(&mut schema, &mut |members| {
            // The members of `properties`, but not those of conditions, which add nothing.
            let Some(properties) = members.get("properties").filter(|_| members.contains_key("type")) else {
                return;
            };
            for (name, property) in properties.as_object().unwrap() {
                let referred =
                    property["$ref"].as_str().and_then(|to| defined.get(to.strip_prefix("#/$defs/")?));
                let described =
                    |value: &Value| value.get("description").is_some() || value.get("required").is_some();
                if !described(property) && !referred.is_some_and(described) {
                    bare.push(name.clone());
                }
            }
        });
        assert!(bare.is_empty(), "{format}: {bare:?} have no description");
    }
    let files = std::fs::read_dir(folder()).unwrap().count();
    assert_eq!(files, FORMATS.len(), "a schema that no test reads");
}

#[test]
fn plans_of_every_action_are_valid() {
    let (_sandbox, project) = eventful();
    let printed =
        project.run(&["plan", "--json", "--out", "saved.plan", "--report", "json=report.json"]).exits(0);
    let plan = printed.json();
    fits(&plan);
    let all = ["create", "update", "orphan", "pending", "in_doubt", "move"];
    assert_eq!(words(&plan["actions"], "action"), all.into());
    let created = plan["actions"].as_array().unwrap().iter().find(|action| action["key"] == "t-009").unwrap();
    assert_eq!(created["canvas"], json!({ "width": 1123, "height": 794 }));
    assert_eq!(plan["fields"], json!({ FIELD: { "prints": "nameLabel" } }));
    assert_eq!(plan["protect"], json!({ "t-007": false }));
    let held = plan["actions"].as_array().unwrap().iter().find(|action| action["key"] == "eighth").unwrap();
    assert_eq!(held["held"], json!({ "reason": "renamed", "from": "t-008" }));
    for file in ["saved.plan", "report.json"] {
        assert_eq!(serde_json::from_str::<Value>(&project.read(file)).unwrap(), plan, "{file}");
    }
    assert_eq!(project.run(&["show", "--json", "saved.plan"]).exits(0).json(), plan);
    // Before there is any state.
    let fresh = Project::empty();
    fresh.run(&["init"]).exits(0);
    let plan = fresh.plan_json();
    assert_eq!((&plan["state"]["lineage"], &plan["url"]), (&Value::Null, &json!("sandbox")));
    fits(&plan);
}

#[test]
fn forgotten_templates_have_valid_documents() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=2));
    project.apply().exits(0);
    project.templates(&numbered(1..=1));
    let removed = project.read("templates/all.yaml") + "removed:\n  - { from: t-002 }\n";
    project.write("templates/all.yaml", removed);
    let plan = project.plan_json();
    fits(&plan);
    assert_eq!(words(&plan["actions"], "action"), ["forget"].into());
    let result = project.apply_json(0);
    fits(&result);
    assert_eq!(words(&result["results"], "outcome"), ["forgotten"].into());
}

#[test]
fn plans_with_held_or_resent_rows_are_valid() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&[
        Template::number(1).with("expirationDays: 5"),
        Template::number(2),
        Template::number(3),
    ]);
    project.apply().exits(0);
    sandbox.faults(&["bulk[Title 003 again]:*:status=400,body=text"]);
    // The first loses an attribute; the second takes the first one's course, and the first moves to another.
    let mut moved = Template::number(1);
    moved.resource = Template::number(7).resource;
    let mut taking = Template::number(4);
    taking.resource = Template::number(2).resource;
    project.templates(&[
        Template::number(1),
        Template { key: "t-002".to_owned(), ..moved.clone().titled("Title 002") },
        taking,
        Template::number(3).titled("Title 003 again"),
    ]);
    let plan = project.plan_json();
    fits(&plan);
    let action = |key: &str| {
        plan["actions"].as_array().unwrap().iter().find(|action| action["key"] == key).unwrap().clone()
    };
    assert_eq!(action("t-001")["clear"], json!(["expirationDays"]));
    assert_eq!(action("t-002")["action"], "replace");
    assert_eq!(action("t-004")["held"], json!({ "reason": "taken", "by": "t-002" }));

    let by_id = Project::on(&sandbox, "addressing = \"id\"");
    by_id.templates(&numbered(1..=2));
    by_id.write("state/test.json", project.read("state/test.json"));
    by_id.templates(&[Template::number(1).titled("By id"), Template::number(2), Template::number(3)]);
    let plan = by_id.plan_json();
    fits(&plan);
    assert_eq!(plan["actions"][0]["held"], json!({ "reason": "no_exact_id" }));
}

#[test]
fn results_and_states_of_every_status_are_valid() {
    let (sandbox, project) = eventful();
    let state = project.state();
    fits(&state);
    let rows = state["templates"].as_object().unwrap().values();
    let statuses: BTreeSet<&str> = rows.map(|row| row["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["applied", "failed", "in_doubt", "pending"].into());

    project.run(&["recover", "t-003", "--not-created"]).exits(0);
    sandbox.faults(&["bulk[Title 003]:*:reset-after"]);
    let result = project.apply_json(4);
    fits(&result);
    let outcomes = ["created", "in_doubt", "moved", "not_sent", "pending", "updated"];
    assert_eq!(words(&result["results"], "outcome"), outcomes.into());
    project.run(&["recover", "t-003", "--applied"]).exits(0);
    let imported = "templates:\n  t-099: { title: T, resourceType: course, resourceId: 00000000-0000-4000-8000-000000000099 }\n";
    project.write("templates/imported.yaml", imported);
    project.run(&["import", "t-099", "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01"]).exits(0);
    let state = project.state();
    fits(&state);
    assert_eq!(state["templates"]["t-003"]["settled"][1]["as"], "applied");
    assert_eq!(state["templates"]["t-099"]["idSource"], "imported");
}

#[test]
fn results_of_stopped_runs_are_valid() {
    let sandbox = Sandbox::start(&["--fault", "bulk:2+:status=401,body=empty"]);
    let project = Project::on(&sandbox, ONE_BY_ONE);
    project.templates(&numbered(1..=3));
    let result = project.apply_json(3);
    assert!(result["stopped"].is_string(), "{result:#}");
    fits(&result);
    fits(&project.apply_json(1));
    sandbox.faults(&[]);
    let written = project.run(&["apply", "-y", "--report", "json=result.json"]).exits(0);
    assert!(written.stdout.contains("2 created"));
    let result: Value = serde_json::from_str(&project.read("result.json")).unwrap();
    fits(&result);
    let idle = project.apply_json(0);
    fits(&idle);
    assert_eq!(idle["requests"], 0);
    project.templates(&numbered(2..=3));
    fits(&project.apply_json(0));
}

#[test]
fn early_failures_are_valid() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=3));
    let failure = |arguments: &[&str], code: i32, outcome: &str| {
        let document = project.run(arguments).exits(code).json();
        assert_eq!(document["format"], "certctl.error/v1", "{arguments:?}");
        assert_eq!(document["outcome"], outcome, "{arguments:?}");
        fits(&document);
        document
    };
    failure(&["plan", "--json", "--nonsense"], 1, "error");
    failure(&["validate", "--format", "json", "--nonsense"], 1, "error");
    failure(&["-C", "nowhere", "plan", "--json"], 1, "error");
    failure(&["validate", "--json", "--env", "nowhere"], 1, "error");
    failure(&["apply", "-y", "--json", "--max-changes", "1"], 5, "refused");
    project.run(&["plan", "--out", "saved.plan"]).exits(0);
    project.apply().exits(0);
    failure(&["apply", "saved.plan", "--json"], 5, "refused");

    sandbox.faults(&["bulk:*:stall-before"]);
    project.templates(&numbered(1..=4));
    let seen = sandbox.requests().len();
    let holder = project.start(&["apply", "-y"]);
    sandbox.has_read(seen + 1);
    failure(&["apply", "-y", "--json", "--lock-timeout", "0s"], 6, "locked");
    holder.kill();

    project.write("templates/wrong.yaml", "templates:\n  a b:\n    titel: x\n    resourceType: curse\n");
    for arguments in [&["plan", "--json"][..], &["apply", "-y", "--json"], &["validate", "--format=json"]] {
        let document = failure(arguments, 1, "error");
        assert!(document["findings"].as_array().unwrap().len() >= 3, "{document:#}");
    }
}

#[test]
fn what_doctor_finds_has_a_valid_document() {
    let (_sandbox, project) = eventful();
    for (project, code) in [(&project, 0), (&Project::empty(), 1)] {
        let document = project.run(&["doctor", "--json"]).exits(code).json();
        fits(&document);
        refuses(&document, "another result", |document| document["checks"][0]["result"] = json!("fine"));
        refuses(&document, "no summary", |document| {
            document.as_object_mut().unwrap().remove("summary");
        });
    }
}

#[test]
fn valid_project_has_a_valid_document() {
    let project = Project::empty();
    project.run(&["init"]).exits(0);
    for arguments in [["validate", "--json"], ["validate", "--format=json"]] {
        let document = project.run(&arguments).exits(0).json();
        fits(&document);
        assert_eq!(document["templates"], 1);
        refuses(&document, "a finding", |document| document["findings"] = json!([{}]));
        refuses(&document, "another outcome", |document| document["outcome"] = json!("partial"));
    }
}

#[test]
fn plan_digest_matches_its_documentation() {
    let (_sandbox, project) = eventful();
    let mut plan = project.plan_json();
    let written = plan["digest"].take();
    // This map sorts its names, and this printer writes no white space.
    let text = serde_json::to_string(&plan).unwrap();
    let digest: String = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(written, format!("sha256:{digest}"));
    let attributes = &project.row("t-001")["attributes"];
    let digest: String =
        Sha256::digest(attributes.to_string()).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(project.row("t-001")["digest"], format!("sha256:{digest}"));
}
