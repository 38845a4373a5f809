//! `recover`, `import` and the edits of the state, killed at every point: each edit is made whole or not at all, and
//! the same command again makes it.

use certctl::model::{Key, TemplateId, Timestamp};
use certctl::state::{Document, Settlement};
use serde_json::Value;

use crate::kill::{passages, run_until, spots};
use crate::promises::state;
use crate::support::{Project, Sandbox, numbered};

const ID: &str = "0b9a8f4e-1f5a-4c3e-9a59-3f6d2f0c1a77";

/// A project whose first template is in doubt and whose other two are applied.
fn set_up(sandbox: &Sandbox) -> Project {
    sandbox.http("POST", "/_sandbox/reset", "");
    sandbox.faults(&["bulk[Title 001]:*:reset-after"]);
    let project = Project::on(sandbox, "batch_size = 1");
    project.templates(&numbered(1..=3));
    project.apply().exits(4);
    sandbox.faults(&[]);
    project
}

/// What a document says, without the times.
fn told(document: &Document) -> Value {
    fn timeless(value: &mut Value) {
        match value {
            Value::Object(map) => {
                for name in ["at", "appliedAt"] {
                    map.remove(name);
                }
                map.values_mut().for_each(timeless);
            }
            Value::Array(items) => items.iter_mut().for_each(timeless),
            _ => {}
        }
    }
    let mut value = serde_json::to_value(&document.templates).unwrap();
    timeless(&mut value);
    value
}

/// Kills the command at every point that it passes; `edit` is what it is meant to do.
fn kill_everywhere(command: &[&str], edit: impl Fn(&mut Document)) {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let passages = passages(&set_up(&sandbox), command);
    for spot in spots(&passages) {
        let project = set_up(&sandbox);
        let mut expected = state(&project, &sandbox.url);
        let before = told(&expected);
        edit(&mut expected);
        let after = told(&expected);
        assert_ne!(before, after, "{command:?} changes nothing");
        assert!(run_until(&project, command, &spot), "{command:?} was not killed at {spot:?}");
        let now = told(&state(&project, &sandbox.url));
        assert!(now == before || now == after, "{command:?} is half made after {spot:?}:\n{now:#}");
        project.run(&["plan"]).exits(0);
        let again = project.run(command);
        // Made already, it may say that there is nothing to do.
        assert!(again.code == 0 || (again.code == 1 && now == after), "{spot:?}: {}", again.stderr);
        assert_eq!(told(&state(&project, &sandbox.url)), after, "{command:?} after {spot:?}");
        assert_eq!(project.state()["serial"], 2, "{command:?} after {spot:?}: one edit, one version");
        assert!(!project.file("state/test.json.journal").exists(), "{command:?} after {spot:?}");
    }
    println!("{command:?}: killed at {} points", passages.len());
}

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn settle_first(settlement: Settlement) -> impl Fn(&mut Document) {
    move |document| document.settle(&key("t-001"), &settlement, Timestamp::from_unix_seconds(0)).unwrap()
}

#[test]
fn recover_created() {
    let id = TemplateId::parse_uuid(ID).unwrap();
    kill_everywhere(&["recover", "t-001", "--created", ID], settle_first(Settlement::Created { id }));
}

#[test]
fn recover_not_created() {
    kill_everywhere(&["recover", "t-001", "--not-created"], settle_first(Settlement::NotCreated));
}

#[test]
fn recover_applied() {
    kill_everywhere(&["recover", "t-001", "--applied"], settle_first(Settlement::Applied));
}

#[test]
fn recover_resend() {
    kill_everywhere(&["recover", "t-001", "--resend"], settle_first(Settlement::Resend));
}

#[test]
fn import() {
    let id = TemplateId::parse_uuid(ID).unwrap();
    kill_everywhere(&["import", "t-009", ID], |document| document.import(&key("t-009"), &id).unwrap());
}

#[test]
fn state_mv() {
    kill_everywhere(&["state", "mv", "t-002", "other"], |document| {
        document.move_row(&key("t-002"), &key("other")).unwrap();
    });
}

#[test]
fn state_rm() {
    kill_everywhere(&["state", "rm", "t-003"], |document| document.forget(&key("t-003")).unwrap());
}
