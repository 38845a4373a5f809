//! Documents of the program, changed: what the schemas reject, and what they accept from a later version.

use serde_json::{Value, json};

use super::{eventful, fits, objects, refuses, schema};

/// A document of each format with every optional part, as the program wrote it.
fn specimens() -> Vec<Value> {
    let (_sandbox, project) = eventful();
    let plan = project.plan_json();
    let state = project.state();
    let result = project.apply_json(4);
    project.write("templates/wrong.yaml", "templates:\n  a:\n    titel: x\n");
    let error = project.run(&["plan", "--json"]).exits(1).json();
    vec![plan, state, result, error]
}

#[test]
fn promised_members_are_required() {
    let mut tried = 0;
    for document in specimens() {
        let name = document["format"].as_str().unwrap().to_owned();
        let format = name.trim_start_matches("certctl.").trim_end_matches("/v1").to_owned();
        let required = schema(&format)["required"].clone();
        for member in required.as_array().unwrap().iter().map(|member| member.as_str().unwrap()) {
            tried += 1;
            refuses(&document, &format!("{format} without {member}"), |document| {
                document.as_object_mut().unwrap().remove(member);
            });
        }
    }
    assert!(tried > 25, "{tried}");
    let [plan, state, result, error] = specimens().try_into().unwrap();
    for member in ["key", "action", "id", "source", "before", "after", "changes"] {
        refuses(&plan, member, |plan| drop(plan["actions"][0].as_object_mut().unwrap().remove(member)));
    }
    for member in ["key", "action", "outcome", "id", "error"] {
        refuses(&result, member, |result| drop(result["results"][0].as_object_mut().unwrap().remove(member)));
    }
    for member in ["status", "id", "idSource", "digest", "attributes", "protect", "error", "job", "attempt"] {
        refuses(&state, member, |state| {
            drop(state["templates"]["t-001"].as_object_mut().unwrap().remove(member));
        });
    }
    for member in ["file", "line", "column", "rule", "message", "help"] {
        refuses(&error, member, |error| drop(error["findings"][0].as_object_mut().unwrap().remove(member)));
    }
}

#[test]
fn broken_documents_are_rejected() {
    let [plan, state, result, error] = specimens().try_into().unwrap();
    let at = |list: &Value, member: &str, word: &str| {
        list.as_array().unwrap().iter().position(|item| item[member] == word).unwrap()
    };
    refuses(&plan, "another format", |plan| plan["format"] = json!("certctl.plan/v2"));
    refuses(&plan, "a digest in capitals", |plan| {
        plan["digest"] = json!(plan["digest"].as_str().unwrap().to_uppercase());
    });
    refuses(&plan, "a lineage that is not a UUID", |plan| plan["state"]["lineage"] = json!("seven"));
    refuses(&plan, "a serial below zero", |plan| plan["state"]["serial"] = json!(-1));
    refuses(&plan, "a count that is a text", |plan| plan["summary"]["create"] = json!("1"));
    refuses(&plan, "an unknown action", |plan| plan["actions"][0]["action"] = json!("delete"));
    refuses(&plan, "an address without https", |plan| plan["url"] = json!("ftp://academy.example.com"));
    for (action, member) in [("pending", "job"), ("in_doubt", "reason"), ("move", "from")] {
        let position = at(&plan["actions"], "action", action);
        refuses(&plan, member, |plan| {
            drop(plan["actions"][position].as_object_mut().unwrap().remove(member));
        });
    }
    let created = at(&plan["actions"], "action", "create");
    refuses(&plan, "a create that sends nothing", |plan| plan["actions"][created]["after"] = Value::Null);
    refuses(&plan, "a rename from nowhere", |plan| {
        let position = at(&plan["actions"], "key", "eighth");
        plan["actions"][position]["held"] = json!({ "reason": "renamed" });
    });
    refuses(&plan, "a flat canvas", |plan| {
        plan["actions"][0]["canvas"] = json!({ "width": 800, "height": 0 });
    });
    refuses(&plan, "a field without an object", |plan| plan["fields"] = json!({ "a": "name" }));

    refuses(&state, "a serial of nothing", |state| state["serial"] = json!(0));
    refuses(&state, "a time without a zone", |state| {
        state["templates"]["t-001"]["appliedAt"] = json!("2026-11-23 10:00:00");
    });
    for (key, what, member, value) in [
        (
            "t-001",
            "applied with an error",
            "error",
            json!({ "at": "2026-11-23T10:00:00Z", "message": "m", "record": null }),
        ),
        ("t-001", "attributes without a digest", "digest", Value::Null),
        ("t-001", "an id without its source", "idSource", Value::Null),
        ("t-003", "in doubt without its attempt", "attempt", Value::Null),
        ("t-004", "pending without its job", "job", Value::Null),
        ("t-005", "failed without its error", "error", Value::Null),
        ("t-005", "an unknown status", "status", json!("lost")),
    ] {
        refuses(&state, what, |state| state["templates"][key][member] = value);
    }

    refuses(&result, "an unknown outcome", |result| result["results"][0]["outcome"] = json!("deleted"));
    refuses(&result, "an outcome that only a plan has", |result| result["outcome"] = json!("changes"));
    let doubtful = at(&result["results"], "outcome", "in_doubt");
    refuses(&result, "in doubt without a reason", |result| {
        result["results"][doubtful]["error"] = Value::Null;
    });
    refuses(&result, "half a request", |result| result["requests"] = json!(0.5));

    refuses(&error, "a line before the first", |error| error["findings"][0]["line"] = json!(0));
    refuses(&error, "a rule in words", |error| error["findings"][0]["rule"] = json!("Unknown field"));
    refuses(&error, "a success", |error| error["outcome"] = json!("ok"));
}

#[test]
fn unknown_members_are_accepted() {
    for mut document in specimens() {
        objects(&mut document, &mut |members| {
            // A map of keys must not get a member of another kind.
            if !members.values().all(|value| value.is_object() || value.is_boolean()) || members.is_empty() {
                members.insert("later".to_owned(), json!({ "than": "v1.0" }));
            }
        });
        fits(&document);
    }
}

#[test]
fn histories_are_valid() {
    let sandbox = super::Sandbox::start(&[]);
    let mut project = super::Project::on(&sandbox, "");
    project.set_env("CERTCTL_ACTOR", "ann");
    for count in 1..=2 {
        project.templates(&super::numbered(1..=count));
        project.apply().exits(0);
    }
    for arguments in [&["state", "history", "--json"][..], &["state", "history", "t-002", "--json"]] {
        super::fits(&project.run(arguments).exits(0).json());
    }
    super::fits(&project.state());
}

#[test]
fn results_of_several_environments_are_valid() {
    let sandbox = super::Sandbox::start(&[]);
    let project = super::Project::on(&sandbox, "");
    project.templates(&super::numbered(1..=1));
    let document = project.run(&["apply", "-y", "-e", "test", "-e", "missing", "--json"]).exits(1).json();
    super::fits(&document);
    for run in document["environments"].as_array().unwrap() {
        super::fits(&run["result"]);
    }
}

#[test]
fn lists_and_rows_are_valid() {
    let (_sandbox, project) = super::eventful();
    let list = project.run(&["state", "list", "--json"]).exits(0).json();
    super::fits(&list);
    let statuses = super::words(&list["templates"], "status");
    assert_eq!(statuses, ["applied", "failed", "in_doubt", "pending"].into());
    assert_eq!((&list["serial"], &list["templates"][0]["title"]), (&1.into(), &"Title 001".into()));
    let state = project.state();
    for template in list["templates"].as_array().unwrap() {
        let key = template["key"].as_str().unwrap();
        let document = project.run(&["state", "show", key, "--json"]).exits(0).json();
        super::fits(&document);
        assert_eq!(document["row"], state["templates"][key]);
        assert_eq!(document["row"]["status"], template["status"]);
    }
    let earlier = project.run(&["state", "show", "t-001", "--at", "1", "--json"]).exits(0).json();
    assert_eq!(
        (&earlier["serial"], &earlier["row"]["attributes"]["title"]),
        (&1.into(), &"Title 001".into())
    );
    let missing = project.run(&["state", "show", "no-such", "--json"]).exits(1).json();
    assert_eq!(missing["format"], "certctl.error/v1");
    // Before there is any state.
    let fresh = super::Project::empty();
    fresh.run(&["init"]).exits(0);
    let list = fresh.run(&["state", "list", "--json"]).exits(0).json();
    super::fits(&list);
    assert_eq!(
        (&list["serial"], &list["lineage"], &list["templates"]),
        (&0.into(), &().into(), &[(); 0].into())
    );
}
