//! `state migrate` between files and buckets, whole and interrupted at every step.

use std::path::Path;

use crate::servers::{Bucket, Kind};
use crate::sharing::has_recorded;
use crate::support::{Project, Run, Sandbox, numbered};
use crate::unlocking::{printed, refused, typed};
use crate::{project, project_at};

const KEY: &str = "academy/test.json";

/// Names the place of the state in certctl.toml.
fn keep_at(project: &Project, state: &str) {
    let config = project.read("certctl.toml");
    let line = config.lines().find(|line| line.starts_with("state = ")).unwrap().to_owned();
    project.write("certctl.toml", config.replace(&line, &format!("state = {state:?}")));
}

fn migrate(project: &Project, from: &str, to: &str) -> Run {
    project.run(&["state", "migrate", from, to, "--auto-approve"])
}

/// A project whose state has a template in doubt, in the journal of a run that was interrupted.
fn interrupted(project: &Project, sandbox: &Sandbox) {
    project.templates(&numbered(1..=2));
    project.apply().exits(0);
    project.templates(&numbered(1..=3));
    let mut command = project.command(&["apply", "--auto-approve"]);
    command.env("CERTCTL_CRASH_AT", "request-sending:1");
    assert_ne!(Run::of(command.output().unwrap()).code, 0, "it was not killed");
    assert_eq!(sandbox.requests().len(), 1);
}

/// Checks that no command uses the old place any more.
#[track_caller]
fn is_left(project: &Project, new: &str) {
    for command in [&["plan"][..], &["apply", "-y"], &["state", "list"], &["state", "pull"], &["recover"]] {
        project.run(command).exits(5).says(&format!("was moved to {new}"));
    }
}

/// Checks that the place has everything, and that the old one is not used any more.
#[track_caller]
fn is_at(project: &Project, old: &str, new: &str) {
    project.run(&["plan"]).exits(5).says(&format!("was moved to {new}"));
    keep_at(project, new);
    let plan = project.plan_json();
    assert_eq!(
        (&plan["summary"]["unchanged"], &plan["summary"]["in_doubt"]),
        (&2.into(), &1.into()),
        "{old}"
    );
}

#[test]
fn a_state_moves_between_all_places() {
    let (Some(one), Some(two), Some(azure)) =
        (Bucket::new(Kind::S3), Bucket::new(Kind::S3), Bucket::new(Kind::Azure))
    else {
        return;
    };
    let sandbox = Sandbox::start(&[]);
    let project = project_at("state/test.json", &[&one, &azure], &sandbox);
    interrupted(&project, &sandbox);
    let sent = sandbox.requests().len();
    let places = [
        "state/test.json".to_owned(),
        one.state(),
        two.state(),
        azure.state(),
        "elsewhere/test.json".to_owned(),
        // The way back, over the notes.
        one.state(),
        "state/test.json".to_owned(),
    ];
    for way in places.windows(2) {
        let [from, to] = way else { unreachable!() };
        project.run(&["state", "migrate", from, to]).exits(1).says("--auto-approve");
        migrate(&project, from, to).exits(0).says(&format!("state = {to:?}"));
        is_left(&project, to);
        is_at(&project, from, to);
        project.run(&["state", "verify"]).exits(0);
    }
    assert_eq!(sandbox.requests().len(), sent);
    project.run(&["recover", "t-003", "--not-created"]).exits(0);
    project.apply().exits(0);
    sandbox.assert_no_double_create();
}

/// Every crash point that a move reaches, with how often.
fn points(project: &Project, from: &str, to: &str) -> Vec<String> {
    let (run, names) = project.traced(&["state", "migrate", from, to, "--auto-approve"]);
    run.exits(0);
    let mut points: Vec<String> = Vec::new();
    for name in names {
        let times = points.iter().filter(|point| point.rsplit_once(':').unwrap().0 == name).count();
        points.push(format!("{name}:{}", times + 1));
    }
    points
}

/// Moves a state, killed at each step, and again until it ends.
fn killed_everywhere(from_bucket: bool, to_bucket: bool) {
    let begin = || {
        let (one, two) = (Bucket::new(Kind::S3)?, Bucket::new(Kind::S3)?);
        let sandbox = Sandbox::start(&[]);
        let from = if from_bucket { one.state() } else { "state/test.json".to_owned() };
        let to = if to_bucket { two.state() } else { "elsewhere/test.json".to_owned() };
        let project = project_at(&from, &[&one], &sandbox);
        interrupted(&project, &sandbox);
        // As if time had passed.
        one.remove(&format!("{KEY}.lock"));
        Some((one, two, sandbox, project, from, to))
    };
    let Some((.., project, from, to)) = begin() else { return };
    let points = points(&project, &from, &to);
    assert!(points.len() > 10, "{points:?}");
    for point in points {
        let Some((one, two, sandbox, project, from, to)) = begin() else { return };
        let mut command = project.command(&["state", "migrate", &from, &to, "--auto-approve"]);
        command.env("CERTCTL_CRASH_AT", &point);
        assert_ne!(Run::of(command.output().unwrap()).code, 0, "it was not killed at {point}");
        for bucket in [&one, &two] {
            bucket.remove(&format!("{KEY}.lock"));
        }
        // Whichever place is used, nothing is forgotten.
        let plan = project.run(&["plan", "--json"]);
        assert!(plan.code == 5 || plan.json()["summary"]["in_doubt"] == 1, "{point}: {plan:?}");
        let again = migrate(&project, &from, &to);
        let is_over = plan.code == 5 && again.code == 5 && again.stderr.contains("was moved to");
        assert!(again.code == 0 || is_over, "{point}: {again:?}");
        is_at(&project, &from, &to);
        assert_eq!(sandbox.requests().len(), 1, "{point}");
    }
}

#[test]
fn interrupted_moves_from_file_to_file_end() {
    killed_everywhere(false, false);
}

#[test]
fn interrupted_moves_from_file_to_bucket_end() {
    killed_everywhere(false, true);
}

#[test]
fn interrupted_moves_from_bucket_to_file_end() {
    killed_everywhere(true, false);
}

#[test]
fn interrupted_moves_between_buckets_end() {
    if std::env::var_os("CERTCTL_SERVERS_REQUIRED").is_some() {
        killed_everywhere(true, true);
    }
}

#[test]
fn a_copy_that_was_left_behind_is_renewed() {
    let (Some(bucket), sandbox) = (Bucket::new(Kind::S3), Sandbox::start(&[])) else { return };
    let project = project_at("state/test.json", &[&bucket], &sandbox);
    project.templates(&numbered(1..=2));
    project.apply().exits(0);
    let mut command = project.command(&["state", "migrate", "state/test.json", &bucket.state(), "-y"]);
    command.env("CERTCTL_CRASH_AT", "journal-gone:1");
    assert_ne!(Run::of(command.output().unwrap()).code, 0);
    assert!(Path::new(&project.file("state/test.json")).exists());
    // Somebody goes on with the old place.
    project.templates(&numbered(1..=3));
    project.apply().exits(0);
    bucket.remove(&format!("{KEY}.lock"));
    migrate(&project, "state/test.json", &bucket.state()).exits(0);
    keep_at(&project, &bucket.state());
    project.run(&["plan"]).exits(0).says("No changes.");
    // A copy that was used since is another state.
    project.templates(&numbered(1..=4));
    project.apply().exits(0);
    let other = project_at("state/test.json", &[&bucket], &sandbox);
    other.apply().exits(0);
    migrate(&other, "state/test.json", &bucket.state()).exits(5).says("there is another state at");
}

#[test]
fn who_still_runs_is_stopped_by_the_note() {
    let (Some(bucket), Some(other)) = (Bucket::new(Kind::S3), Bucket::new(Kind::S3)) else { return };
    let sandbox = Sandbox::start(&[]);
    let (ann, bob) = (project(&bucket, &sandbox), project(&bucket, &sandbox));
    let (running, resume) = ann.held_up();
    has_recorded(&bucket);
    typed(&bob, &printed(&refused(&bob)), &["--auto-approve"]).exits(0);
    migrate(&bob, &bucket.state(), &other.state()).exits(0).says("are reached with the variables AWS_");
    std::fs::write(resume, "").unwrap();
    let stopped = running.end();
    assert!([1, 3, 4].contains(&stopped.code), "{stopped:?}");
    assert_eq!(sandbox.requests().len(), 0);
    ann.apply().exits(5).says(&format!("was moved to {}", other.state()));
    keep_at(&bob, &other.state());
    bob.run(&["plan"]).exits(0).says("3 in doubt");
}

#[test]
fn impossible_moves_are_refused() {
    let sandbox = Sandbox::start(&[]);
    let project = project_at("state/test.json", &[], &sandbox);
    project.templates(&numbered(1..=1));
    project.apply().exits(0);
    for (to, why) in [
        ("gs://bucket/x.json", "not proven there"),
        ("s3://bucket", "names a bucket and nothing in it"),
        ("state/../state/test.json", "is where the state is"),
    ] {
        migrate(&project, "state/test.json", to).exits(1).says(why);
    }
    let config = project.read("certctl.toml");
    let other =
        "[environments.other]\nurl = \"https://other.example.com\"\nstate = \"s3://bucket/other.json\"\n";
    project.write("certctl.toml", config + other);
    migrate(&project, "state/test.json", "s3://bucket/other.json")
        .exits(1)
        .says("is the state of the environment other");
    project.run(&["plan", "-e", "test"]).exits(0).says("No changes.");
}
