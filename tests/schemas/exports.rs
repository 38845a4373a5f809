//! Documents of the commands that read the vendor's exports.

use serde_json::{Value, json};

use super::support::{Project, Sandbox, numbered};
use super::{fits, refuses, words};

#[test]
fn what_is_taken_from_exports_is_valid() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=3));
    project.apply().exits(0);
    let export = sandbox.export();
    project.write("export.csv", &export);
    project.run(&["state", "rm", "t-001", "-y"]).exits(0);
    let command = |arguments: &[&str], code: i32| {
        let told = project.run(&[arguments, &["--json"]].concat()).exits(code).json();
        fits(&told);
        told
    };
    let told = command(&["import", "--from-csv", "export.csv"], 0);
    assert_eq!(words(&told["results"], "outcome"), ["adopted"].into());
    let told = command(&["import", "--from-csv", "export.csv"], 0);
    assert_eq!(words(&told["results"], "outcome"), ["known"].into());
    project.write("export.csv", export.replace("Title 002", "Edited"));
    let told = command(&["refresh", "-y", "--from-csv", "export.csv"], 0);
    assert_eq!(words(&told["results"], "outcome"), ["taken", "unchanged"].into());
    sandbox.faults(&["bulk:*:reset-after"]);
    project.templates(&numbered(1..=5));
    project.apply().exits(4);
    let told = command(&["recover"], 0);
    assert_eq!(words(&told["results"], "outcome"), ["in_doubt"].into());
    let new =
        sandbox.export().lines().filter(|line| !line.contains("Title 005")).collect::<Vec<_>>().join("\n");
    project.write("export.csv", format!("{new}\nx\n"));
    let told = command(&["recover", "--from-csv", "export.csv"], 4);
    assert_eq!(words(&told["results"], "outcome"), ["created", "in_doubt"].into());
    assert!(!told["findings"].as_array().unwrap().is_empty());
    let told = command(&["recover", "t-005", "--not-created"], 0);
    assert_eq!(words(&told["results"], "outcome"), ["not_created"].into());
    refuses(&told, "another outcome", |told| told["results"][0]["outcome"] = json!("adopted"));
}

#[test]
fn comparisons_are_valid() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=4));
    project.apply().exits(0);
    let settings = project.read("certctl.toml");
    let entry = "[[drift.ignore]]\nkey = \"t-002\"\nreason = \"meant\"\n";
    project.write("certctl.toml", format!("{settings}\n{entry}{}", entry.replace("t-002", "x")));
    // The first two differ, the third was not seen, and the last cannot be read.
    let lines = sandbox.export().replace("Title 001", "Edited").replace("Title 002", "Meant");
    let lines: Vec<&str> = lines.lines().filter(|line| !line.contains("Title 003")).collect();
    let by_hand = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01,1,course,8f14e45f-ceea-467f-a0e6-6b2d6a6f6f02,By hand,,,2026-01-01";
    let lines = format!("{}\n{by_hand}\nx,1,course,x,x,,,\n", lines.join("\n"));
    project.write("export.csv", lines);
    let command = ["drift", "--from-csv", "export.csv", "--json", "--report", "json=drift.json"];
    let document = project.run(&command).exits(3).json();
    fits(&document);
    let counts = [
        ("differing", 1),
        ("ignored", 1),
        ("stale", 0),
        ("not_compared", 1),
        ("unmanaged", 1),
        ("compared", 3),
    ];
    for (name, count) in counts {
        assert_eq!(document["summary"][name], count, "{name}: {document:#}");
    }
    assert_eq!(serde_json::from_str::<Value>(&project.read("drift.json")).unwrap(), document);
    for list in ["templates", "not_compared", "unmanaged", "findings"] {
        for member in document[list][0].as_object().unwrap().keys() {
            refuses(&document, &format!("{list} without {member}"), |document| {
                drop(document[list][0].as_object_mut().unwrap().remove(member));
            });
        }
    }
    refuses(&document, "another kind", |document| document["source"]["kind"] = json!("guess"));
}
