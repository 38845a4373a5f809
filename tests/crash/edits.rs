//! `recover`, `import` and edits of the state, killed at every point: each edit is made completely or not at all, and
//! repeating the command completes it.

use certctl::model::{Key, TemplateId, Timestamp};
use certctl::state::{Baseline, Document, IdIndex, Record, Resolution, WriteId, accept};
use serde_json::Value;

use crate::kill::{passages, run_until, spots};
use crate::promises::state;
use crate::support::{Project, Sandbox, numbered};

const ID: &str = "0b9a8f4e-1f5a-4c3e-9a59-3f6d2f0c1a77";

/// A project with its first template in doubt and two applied.
fn set_up(sandbox: &Sandbox) -> Project {
    sandbox.http("POST", "/_sandbox/reset", "");
    sandbox.faults(&["bulk[Title 001]:*:reset-after"]);
    let project = Project::on(sandbox, "batch_size = 1");
    project.templates(&numbered(1..=3));
    project.apply().exits(4);
    sandbox.faults(&[]);
    project
}

/// A document without times and names of writes.
pub(crate) fn told(document: &Document) -> Value {
    fn timeless(value: &mut Value) {
        match value {
            Value::Object(map) => {
                for name in ["at", "appliedAt", "write"] {
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

/// Kills the command at every point that it reaches; `edit` is its intended effect.
fn kill_everywhere(command: &[&str], edit: impl Fn(&mut Document)) {
    kill_everywhere_on(&Sandbox::start(&["--no-upsert"]), command, |_| {}, edit);
}

fn kill_everywhere_on(
    sandbox: &Sandbox,
    command: &[&str],
    prepare: impl Fn(&Project),
    edit: impl Fn(&mut Document),
) {
    let set_up = || {
        let project = set_up(sandbox);
        prepare(&project);
        project
    };
    let passages = passages(&set_up(), command);
    let spots = spots(&passages, true);
    for spot in &spots {
        let project = set_up();
        let serial = project.state()["serial"].as_u64().unwrap();
        let mut expected = state(&project, &sandbox.url);
        let before = told(&expected);
        edit(&mut expected);
        let after = told(&expected);
        assert_ne!(before, after, "{command:?} changes nothing");
        assert!(run_until(&project, command, spot), "{command:?} was not killed at {spot:?}");
        let now = told(&state(&project, &sandbox.url));
        assert!(now == before || now == after, "{command:?} is incomplete after {spot:?}:\n{now:#}");
        let plan = project.run(&["plan"]);
        // A state that is not yet accepted is refused.
        assert!(
            plan.code == 0 || (plan.code == 5 && command.contains(&"accept") && now == before),
            "{spot:?}: {}",
            plan.stderr
        );
        let again = project.run(command);
        // If it is already done, the command may have nothing to do; an import names the row in doubt that it skipped.
        assert!(
            [0, 3].contains(&again.code) || (again.code == 1 && now == after),
            "{spot:?}: {}",
            again.stderr
        );
        assert_eq!(told(&state(&project, &sandbox.url)), after, "{command:?} after {spot:?}");
        assert_eq!(
            project.state()["serial"],
            serial + 1,
            "{command:?} after {spot:?}: one edit, one version"
        );
        assert!(!project.file("state/test.json.journal").exists(), "{command:?} after {spot:?}");
    }
    println!("{command:?}: killed {} times at {} points", spots.len(), passages.len());
}

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn settle_first(settlement: Resolution) -> impl Fn(&mut Document) {
    move |document| {
        let mut owners = IdIndex::of(document);
        document.resolve(&mut owners, &key("t-001"), &settlement, Timestamp::from_unix_seconds(0)).unwrap();
    }
}

#[test]
fn recover_created() {
    let id = TemplateId::parse_uuid(ID).unwrap();
    kill_everywhere(&["recover", "t-001", "--created", ID], settle_first(Resolution::Created { id }));
}

#[test]
fn recover_not_created() {
    kill_everywhere(&["recover", "t-001", "--not-created"], settle_first(Resolution::NotCreated));
}

#[test]
fn recover_applied() {
    kill_everywhere(&["recover", "t-001", "--applied"], settle_first(Resolution::Applied));
}

/// A resend is a request for one more attempt by this command only. Wherever it is killed, it never becomes two attempts,
/// and the row is in doubt or applied.
#[test]
fn recover_resend() {
    let command = ["recover", "t-001", "--resend"];
    let sandbox = Sandbox::start(&[]);
    let passages = passages(&set_up(&sandbox), &command);
    let spots = spots(&passages, true);
    for spot in &spots {
        let project = set_up(&sandbox);
        assert!(run_until(&project, &command, spot), "not killed at {spot:?}");
        let mut orders = 1;
        let row = serde_json::to_value(&state(&project, &sandbox.url).templates[&key("t-001")]).unwrap();
        match row["status"].as_str().unwrap() {
            "in_doubt" => {
                orders += 1;
                let sent = sandbox.times_sent("Title 001");
                project.apply().exits(4);
                assert_eq!(
                    sandbox.times_sent("Title 001"),
                    sent,
                    "{spot:?}: an apply is not a request to resend"
                );
                project.run(&command).exits(0);
            }
            status => {
                assert_eq!(status, "applied", "{spot:?}");
                assert_eq!(row["settled"][0]["as"], "resend", "{spot:?}");
            }
        }
        assert!(sandbox.times_sent("Title 001") <= 1 + orders, "{spot:?}");
        assert_eq!(project.apply_json(0)["requests"], 0, "{spot:?}");
        project.run(&["plan"]).exits(0).says("No changes.");
        assert_eq!(project.row("t-001")["status"], "applied", "{spot:?}");
    }
    println!("{command:?}: killed {} times at {} points", spots.len(), passages.len());
}

fn export(sandbox: &Sandbox, project: &Project) {
    project.write("export.csv", sandbox.export());
}

#[test]
fn recover_from_csv() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let command = ["recover", "--from-csv", "export.csv"];
    let set_up = |project: &Project| export(&sandbox, project);
    kill_everywhere_on(&sandbox, &command, set_up, |document| {
        let id = sandbox.id_of("Title 001");
        let settlement = Resolution::Created { id: TemplateId::parse_uuid(&id).unwrap() };
        settle_first(settlement)(document);
    });
}

/// What the export shows of a template.
fn shown(sandbox: &Sandbox, title: &str) -> Baseline {
    let all = sandbox.templates();
    let template = all.iter().find(|template| template["attributes"]["title"] == title).unwrap();
    Baseline {
        absent: ["userCustomFieldSlug", "userCustomFieldValue"].map(str::to_owned).into(),
        as_of: Some(Timestamp::from_unix_seconds(0)),
        ends_attempts: false,
        seen_in: Some("export.csv".to_owned()),
        id: TemplateId::parse_uuid(template["id"].as_str().unwrap()).unwrap(),
        seen: serde_json::from_value(template["attributes"].clone()).unwrap(),
    }
}

#[test]
fn import_from_csv() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    // Two templates exist and are in the YAML, but the state knows neither: both are adopted, or none.
    let set_up = |project: &Project| {
        export(&sandbox, project);
        project.run(&["state", "rm", "t-002", "-y"]).exits(0);
        project.run(&["state", "rm", "t-003", "-y"]).exits(0);
    };
    kill_everywhere_on(&sandbox, &["import", "--from-csv", "export.csv"], set_up, |document| {
        let mut owners = IdIndex::of(document);
        for (name, title) in [("t-002", "Title 002"), ("t-003", "Title 003")] {
            document.observe(&mut owners, &key(name), &shown(&sandbox, title)).unwrap();
        }
    });
}

#[test]
fn import() {
    let id = TemplateId::parse_uuid(ID).unwrap();
    let set_up = |project: &Project| {
        let new = "templates:\n  t-009: { title: T, resourceType: course, resourceId: 00000000-0000-4000-8000-000000000009 }\n";
        project.write("templates/new.yaml", new);
    };
    kill_everywhere_on(&Sandbox::start(&["--no-upsert"]), &["import", "t-009", ID], set_up, |document| {
        document.import(&mut IdIndex::of(document), &key("t-009"), &id).unwrap();
    });
}

#[test]
fn state_mv() {
    kill_everywhere(&["state", "mv", "t-002", "other"], |document| {
        document.move_row(&key("t-002"), &key("other")).unwrap();
    });
}

#[test]
fn state_rm() {
    kill_everywhere(&["state", "rm", "t-003", "-y"], |document| document.forget(&key("t-003")).unwrap());
}

#[test]
fn apply_of_removed() {
    let list = |project: &Project| {
        project.templates(&numbered(1..=2));
        project.write("templates/removed.yaml", "removed: [{ from: t-003 }]\n");
    };
    let command = ["apply", "-y", "--exclude", "t-001"];
    kill_everywhere_on(&Sandbox::start(&["--no-upsert"]), &command, list, |document| {
        document.forget(&key("t-003")).unwrap();
    });
}

/// Another version of the state, with one more write, in which `t-003` has another title.
fn other_version(document: &Document) -> Document {
    let mut other = document.clone();
    other.writes.push(WriteId::new(uuid::Uuid::from_u128(1)));
    let known = other.templates.get_mut(&key("t-003")).and_then(|row| row.confirmed.as_mut()).unwrap();
    let mut attributes = known.attributes.to_map();
    attributes.insert("title".to_owned(), "Another".into());
    known.attributes = attributes.into();
    known.digest = known.attributes.digest();
    other
}

#[test]
fn state_accept() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let raise_the_mark = |project: &Project| {
        let other = other_version(&state(project, &sandbox.url));
        std::fs::write(project.mark(), other.to_text().unwrap()).unwrap();
    };
    kill_everywhere_on(&sandbox, &["state", "accept", "--auto-approve"], raise_the_mark, |document| {
        let other = other_version(document);
        let Record::Accept { rows, .. } = accept(document, &[other], Timestamp::from_unix_seconds(0)) else {
            panic!("another record")
        };
        document.templates.extend(rows);
    });
}
