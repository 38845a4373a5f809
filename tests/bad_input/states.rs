//! States and journals of a newer certctl, and edited rows.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Project, Run, Sandbox, numbered};

/// A project with two templates whose state is changed by `spoil` and then refused, on a machine without
/// another copy; nothing is sent or changed.
#[track_caller]
fn refused(spoil: impl Fn(&Path, &mut Value), arguments: &[&str], words: &[&str]) {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=2));
    project.apply().exits(0);
    let path = project.file("state/test.json");
    let mut state = project.state();
    spoil(&path, &mut state);
    project.write("state/test.json", format!("{state:#}\n"));
    project.forget_marks();
    let (before, sent) = (project.read("state/test.json"), sandbox.requests().len());
    let run: Run = project.run(arguments).exits(1);
    words.iter().fold(run, |run, word| run.says(word));
    assert_eq!(project.read("state/test.json"), before);
    assert_eq!(sandbox.requests().len(), sent, "something was sent");
}

const ID: &str = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01";

/// Every command that builds on the state.
const BUILD_ON_IT: [&[&str]; 7] = [
    &["plan"],
    &["apply", "-y"],
    &["recover"],
    &["recover", "t-001", "--not-created"],
    &["recover", "t-001", "--resend"],
    &["import", "t-001", ID],
    &["state", "mv", "t-002", "t-003"],
];

mod newer {
    use super::*;

    const WORDS: &[&str] = &["a newer certctl wrote this state", "state/test.json:", "a newer one"];

    #[test]
    fn unknown_fields_are_not_damage() {
        type Spoil = fn(&Path, &mut Value);
        let places: [Spoil; 3] = [
            |_, state| state["later"] = json!(1),
            |_, state| state["templates"]["t-001"]["someday"] = json!(["labels"]),
            |_, state| {
                let row = &mut state["templates"]["t-001"];
                let (attributes, digest) = (row["attributes"].clone(), row["digest"].clone());
                row["status"] = json!("failed");
                row["error"] = json!({"at": "2026-11-23T10:00:00Z", "message": "no", "record": null});
                row["attempt"] = json!({"at": "2026-11-23T10:00:00Z", "batch": "1-1", "attributes": attributes,
                    "digest": digest, "later": 1});
            },
        ];
        for place in places {
            for command in [&["apply", "-y"][..], &["plan"], &["state", "list"]] {
                refused(place, command, WORDS);
            }
        }
    }

    #[test]
    fn unknown_journals_are_not_damage() {
        let open = json!({"record": "open", "at": "2026-11-23T10:00:00Z", "base": null, "environment": "test",
            "format": "certctl.journal/v1", "lineage": "l", "operation": "apply", "serial": 0, "url": "u"});
        let mut opened_later = open.clone();
        opened_later["later"] = json!(1);
        let outcome = |row: Value| json!({"record": "outcome", "at": "2026-11-23T10:00:00Z", "batch": "1", "rows": [row]});
        for (lines, line) in [
            (vec![open.clone(), json!({"record": "later", "at": 1})], 2),
            (
                vec![open.clone(), json!({"record": "protect", "key": "t-001", "protect": true, "later": 1})],
                2,
            ),
            (vec![open.clone(), outcome(json!({"key": "t-001", "result": "applied", "later": 1}))], 2),
            (vec![open, outcome(json!({"key": "t-001", "result": "later"}))], 2),
            (vec![opened_later], 1),
        ] {
            let place = format!("test.json.journal:{line}: a newer certctl wrote this journal");
            let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
            let write =
                |path: &Path, _: &mut Value| fs::write(path.with_extension("json.journal"), &text).unwrap();
            for command in [&["apply", "-y"][..], &["plan"]] {
                refused(write, command, &[&place, "a newer one"]);
            }
        }
    }
}

mod changed_rows {
    use super::*;

    fn retitled(_: &Path, state: &mut Value) {
        state["templates"]["t-001"]["attributes"]["title"] = json!("Changed by hand");
    }

    #[test]
    fn are_refused_by_name() {
        let words = ["what the state says of t-001 does not match", "certctl state rm t-001"];
        for command in BUILD_ON_IT {
            refused(retitled, command, &words);
        }
        // If git may know who did it.
        let in_git = |state: &Path, document: &mut Value| {
            fs::create_dir(state.parent().unwrap().parent().unwrap().join(".git")).unwrap();
            retitled(state, document);
        };
        refused(in_git, &["plan"], &["Put it back as it was. This shows who changed it: git log -p"]);
    }

    #[test]
    fn are_seen_in_attempts_too() {
        let spoil = |_: &Path, state: &mut Value| {
            let row = &mut state["templates"]["t-002"];
            let digest = row["digest"].clone();
            row["status"] = json!("in_doubt");
            row["error"] = json!({"at": "2026-11-23T10:00:00Z", "message": "?", "record": null});
            row["attempt"] = json!({"at": "2026-11-23T10:00:00Z", "batch": "1-1", "candidateIds": [],
                "attributes": {"title": "x"}, "deed": "update", "digest": digest});
        };
        refused(spoil, &["plan"], &["what the state says of t-002"]);
    }

    #[test]
    fn are_shown_and_can_be_replaced() {
        let sandbox = Sandbox::start(&[]);
        let project = Project::on(&sandbox, "");
        project.templates(&numbered(1..=2));
        project.apply().exits(0);
        let id = sandbox.id_of("Title 001");
        let mut state = project.state();
        retitled(Path::new(""), &mut state);
        project.write("state/test.json", format!("{state:#}\n"));
        project.run(&["state", "list"]).exits(0).says("t-001");
        project.run(&["state", "show", "t-001"]).exits(0).says("does not fit what is listed here");
        project
            .run(&["plan"])
            .exits(1)
            .says("what the state says of t-001")
            .says("Bring back what certctl wrote");
        project.forget_marks();
        // The fix that the message names.
        project.run(&["state", "rm", "t-001", "-y"]).exits(0);
        project.run(&["import", "t-001", &id]).exits(0);
        assert_eq!(project.apply_json(0)["summary"]["updated"], 1);
        project.run(&["plan"]).exits(0).says("No changes.");
        assert_eq!(sandbox.templates().len(), 2);
    }
}
