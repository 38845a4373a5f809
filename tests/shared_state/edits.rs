//! Commands that change the state without sending, killed between any two steps; another machine, with another home, goes on.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::project;
use crate::servers::{Bucket, Kind};
use crate::support::{Project, Run, Sandbox, Template, numbered};

const ID: &str = "0b9a8f4e-1f5a-4c3e-9a59-3f6d2f0c1a77";

/// A command that is killed.
struct Edit {
    command: &'static [&'static str],
    /// What the first person does before. What lies in the folder then, the second one has too.
    begin: fn(&Project, &Sandbox),
}

const EDITS: [Edit; 5] = [
    Edit { command: &["state", "mv", "t-001", "other"], begin: |ann, _| drop(ann.apply().exits(0)) },
    Edit {
        command: &["recover", "t-001", "--created", ID],
        begin: |ann, sandbox| {
            sandbox.faults(&["bulk:*:reset-after"]);
            ann.apply().exits(4);
            sandbox.faults(&[]);
        },
    },
    Edit {
        command: &["refresh", "-y", "--from-csv", "export.csv"],
        begin: |ann, sandbox| {
            ann.apply().exits(0);
            ann.write("export.csv", sandbox.export().replace("Title 002", "Edited by hand"));
        },
    },
    Edit {
        command: &["import", "--from-csv", "export.csv", "--write", "templates"],
        begin: |ann, sandbox| {
            let carol = Project::on(sandbox, "");
            carol.templates(&numbered(1..=3));
            carol.apply().exits(0);
            ann.write("export.csv", sandbox.export());
            std::fs::remove_dir_all(ann.file("templates")).unwrap();
        },
    },
    Edit {
        command: &["apply", "revert.plan"],
        begin: |ann, _| {
            ann.apply().exits(0);
            ann.templates(&[Template::number(1).titled("New"), Template::number(2), Template::number(3)]);
            ann.apply().exits(0);
            ann.run(&["revert", "t-001", "--at", "1"]).exits(0);
        },
    },
];

/// The templates of the state, as whoever comes next sees them, without what differs between two runs.
fn told(project: &Project) -> Value {
    fn timeless(value: &mut Value) {
        match value {
            Value::Object(map) => {
                for name in
                    ["at", "appliedAt", "write", "id", "batch", "by", "candidateIds", "seen_in", "asOf"]
                {
                    map.remove(name);
                }
                map.values_mut().for_each(timeless);
            }
            Value::Array(items) => items.iter_mut().for_each(timeless),
            _ => {}
        }
    }
    let pulled = project.run(&["state", "pull"]);
    if pulled.code != 0 {
        return Value::Null;
    }
    let mut state = pulled.json()["templates"].clone();
    timeless(&mut state);
    state
}

/// A person at another machine, with the same files.
fn another(ann: &Project, bucket: &Bucket, sandbox: &Sandbox) -> Project {
    let bob = project(bucket, sandbox);
    std::fs::remove_dir_all(bob.file("templates")).unwrap();
    for (path, text) in ann.snapshot() {
        bob.write(path.strip_prefix(ann.path()).unwrap().to_str().unwrap(), text);
    }
    assert_ne!(ann.home(), bob.home());
    bob
}

fn begun(edit: &Edit) -> Option<(Bucket, Sandbox, Project, Project)> {
    let (bucket, sandbox) = (Bucket::new(Kind::S3)?, Sandbox::start(&[]));
    let ann = project(&bucket, &sandbox);
    (edit.begin)(&ann, &sandbox);
    let bob = another(&ann, &bucket, &sandbox);
    Some((bucket, sandbox, ann, bob))
}

fn killed_everywhere(edit: &Edit) -> usize {
    let Some((_bucket, _sandbox, ann, _bob)) = begun(edit) else { return 0 };
    let before = told(&ann);
    let (run, points) = ann.traced(edit.command);
    run.exits(0);
    let points = BTreeSet::from_iter(points);
    let after = told(&ann);
    assert_ne!(before, after, "{:?} changes nothing", edit.command);
    for point in &points {
        let Some((bucket, sandbox, ann, bob)) = begun(edit) else { return 0 };
        let mut command = ann.command(edit.command);
        command.env("CERTCTL_CRASH_AT", format!("{point}:1"));
        assert_ne!(
            Run::of(command.output().unwrap()).code,
            0,
            "{:?} was not killed at {point}",
            edit.command
        );
        let now = told(&bob);
        let sends = edit.command[0] == "apply";
        assert!(sends || now == before || now == after, "{:?} at {point}: {now:#}", edit.command);
        // As if time had passed.
        bucket.remove("academy/test.json.lock");
        let again = bob.run(edit.command);
        if sends {
            // An update in doubt is sent again; what the plan was made for may have moved.
            assert!([0, 4, 5].contains(&again.code), "{point}: {again:?}");
            bob.apply().exits(0);
            bob.run(&["plan"]).exits(0).says("No changes.");
        } else {
            assert!(again.code == 0 || now == after, "{:?} at {point}: {again:?}", edit.command);
            assert_eq!(told(&bob), after, "{:?} at {point}", edit.command);
        }
        sandbox.assert_no_double_create();
    }
    points.len()
}

#[test]
fn killed_at_every_step_of_an_edit() {
    // The others take the same steps.
    let everywhere = std::env::var_os("CERTCTL_CRASHES").is_some_and(|which| which == "all");
    for edit in
        EDITS.iter().filter(|edit| everywhere || !["import", "recover", "refresh"].contains(&edit.command[0]))
    {
        println!("{:?} on a bucket: killed {} times", edit.command, killed_everywhere(edit));
    }
}
