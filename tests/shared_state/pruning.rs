//! `state prune`: removes journals of runs that are over, probes and old versions, and nothing that is needed.

use crate::project;
use crate::servers::{Bucket, Kind};
use crate::sharing::has_recorded;
use crate::support::{Project, Run, Sandbox, numbered};

const KEY: &str = "academy/test.json";

fn below(bucket: &Bucket, folder: &str) -> Vec<String> {
    let folder = format!("{KEY}.{folder}/");
    bucket.keys().into_iter().filter(|key| key.starts_with(&folder)).collect()
}

/// Applies this many versions of the templates.
fn applied(project: &Project, versions: u32) {
    for count in 1..=versions {
        project.templates(&numbered(1..=count));
        project.apply().exits(0);
    }
}

/// A run that is killed after it sent one more template.
fn interrupted(project: &Project, templates: u32) {
    project.templates(&numbered(1..=templates));
    let mut command = project.command(&["apply", "--auto-approve"]);
    command.env("CERTCTL_CRASH_AT", "request-sending:1");
    assert_ne!(Run::of(command.output().unwrap()).code, 0, "it was not killed");
}

#[test]
fn what_nothing_needs_is_removed() {
    let (Some(bucket), sandbox) = (Bucket::new(Kind::S3), Sandbox::start(&[])) else { return };
    let ann = project(&bucket, &sandbox);
    applied(&ann, 5);
    let before = bucket.keys();
    ann.run(&["state", "prune", "--keep", "2"]).exits(1).says("state prune --keep 2 --auto-approve -e test");
    let shown = ann.run(&["state", "prune", "--keep", "2", "-y"]).exits(0);
    let shown = shown
        .says("4 journals of runs that are over")
        .says("3 old versions of the state (serials 1 to 3); 2 stay");
    shown.says("whether the store compares and swaps");
    assert_eq!((below(&bucket, "history").len(), below(&bucket, "probe").len()), (2, 0));
    // The newest journal stays: a state that is lost is still known to have been there.
    let journals = below(&bucket, "journal");
    assert!(!journals.is_empty() && journals.len() < before.len(), "{journals:?}");
    ann.run(&["state", "prune", "--keep", "2", "-y"]).exits(0).says("There is nothing to remove");
    ann.run(&["plan"]).exits(0).says("No changes.");
    ann.run(&["state", "show", "t-001", "--at", "4"]).exits(0);
    ann.run(&["state", "show", "t-001", "--at", "1"]).exits(1);
    applied(&ann, 6);
    let state = bucket.read(KEY);
    bucket.remove(KEY);
    let bob = project(&bucket, &sandbox);
    bob.apply().exits(5);
    bucket.write(KEY, &state);
    bob.templates(&numbered(1..=6));
    bob.run(&["plan"]).exits(0).says("No changes.");
    sandbox.assert_no_double_create();
}

#[test]
fn an_interrupted_run_keeps_its_journal() {
    let (Some(bucket), sandbox) = (Bucket::new(Kind::S3), Sandbox::start(&[])) else { return };
    let ann = project(&bucket, &sandbox);
    applied(&ann, 2);
    interrupted(&ann, 3);
    bucket.remove(&format!("{KEY}.lock"));
    let bob = project(&bucket, &sandbox);
    bob.templates(&numbered(1..=3));
    let newest = below(&bucket, "journal").pop().unwrap();
    bob.run(&["state", "prune", "--keep", "1", "-y"]).exits(0);
    assert!(bucket.keys().contains(&newest));
    bob.run(&["plan"]).exits(0).says("1 in doubt");
    bob.apply().exits(4);
    // The version before the row got in doubt stays until it is settled.
    for title in ["A", "B", "C"] {
        bob.templates(
            &[numbered(1..=3), vec![crate::support::Template::number(1).titled(title)]].concat()[1..],
        );
        bob.apply().exits(4);
    }
    bob.run(&["state", "prune", "--keep", "1", "-y"]).exits(0);
    assert_eq!(below(&bucket, "history").len(), 3);
    bob.run(&["recover", "t-003", "--not-created"]).exits(0);
    bob.run(&["state", "prune", "--keep", "1", "-y"]).exits(0);
    assert_eq!(below(&bucket, "history").len(), 1);
    bob.apply().exits(0);
    sandbox.assert_no_double_create();
}

#[test]
fn a_run_that_works_is_not_disturbed() {
    let (Some(bucket), sandbox) = (Bucket::new(Kind::S3), Sandbox::start(&[])) else { return };
    let (ann, bob) = (project(&bucket, &sandbox), project(&bucket, &sandbox));
    let (running, resume) = ann.held_up();
    has_recorded(&bucket);
    bob.run(&["state", "prune", "-y", "--lock-timeout", "0s"]).exits(6);
    std::fs::write(resume, "").unwrap();
    running.end().exits(0);
}

#[test]
fn objects_in_azure_are_removed() {
    let (Some(bucket), sandbox) = (Bucket::new(Kind::Azure), Sandbox::start(&[])) else { return };
    let ann = project(&bucket, &sandbox);
    applied(&ann, 3);
    ann.run(&["state", "prune", "--keep", "1", "-y"]).exits(0).says("2 old versions");
    ann.run(&["state", "prune", "--keep", "1", "-y"]).exits(0).says("There is nothing to remove");
    ann.run(&["plan"]).exits(0).says("No changes.");
}

#[test]
fn beside_a_file_there_is_nothing() {
    let sandbox = Sandbox::start(&[]);
    let ann = Project::on(&sandbox, "");
    ann.templates(&numbered(1..=1));
    ann.apply().exits(0);
    ann.run(&["state", "prune"]).exits(0).says("There is nothing to remove");
    ann.run(&["state", "prune", "--keep", "0"]).exits(1).says("expected a whole number from 1");
}
