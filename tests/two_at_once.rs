//! Two runs on one state: one writer at a time, by whatever path, and readers at any time.

#[path = "two_at_once/being_sent.rs"]
mod being_sent;
#[path = "two_at_once/lost_lock.rs"]
mod lost_lock;
mod support;

use std::io::{BufRead as _, BufReader};

use support::{Project, Run, Sandbox, numbered};

#[test]
fn simultaneous_applies_create_once() {
    // This server would create a second template for a second create.
    let sandbox = Sandbox::start(&["--no-upsert"]);
    for round in 0..4 {
        let project = Project::on(&sandbox, "batch_size = 2");
        project.templates(&numbered(10 * round + 1..=10 * round + 5));
        let before = sandbox.templates().len();
        let both = [0; 2].map(|_| project.start(&["apply", "-y", "--json", "--lock-timeout", "60s"]));
        let mut created: Vec<u64> =
            both.map(|run| run.end().exits(0).json()["summary"]["created"].as_u64().unwrap()).into();
        created.sort_unstable();
        assert_eq!(created, [0, 5], "round {round}");
        assert_eq!(sandbox.templates().len(), before + 5);
        project.run(&["plan"]).exits(0).says("No changes.");
    }
}

#[test]
fn without_waiting_the_second_apply_ends() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    for round in 0..4 {
        let project = Project::on(&sandbox, "");
        project.templates(&numbered(round + 1..=round + 1));
        let both = [0; 2].map(|_| project.start(&["apply", "-y", "--lock-timeout", "0s"]));
        let codes = both.map(|run| run.end().code);
        assert!(codes.iter().all(|code| [0, 6].contains(code)) && codes.contains(&0), "{codes:?}");
        assert_eq!(sandbox.templates().len(), usize::try_from(round).unwrap() + 1);
    }
}

/// Checks that the run was refused because of an apply on this machine, with the complete holder.
#[track_caller]
fn names_the_holder(run: Run, process: u32) {
    let host = gethostname::gethostname().to_string_lossy().into_owned();
    run.exits(6)
        .says("`certctl apply` of ann")
        .says(&format!("on {host}"))
        .says(&format!("(process {process})"))
        .says("since 20")
        .says("--lock-timeout");
}

#[test]
fn lock_holder_is_named_and_readers_continue() {
    let sandbox = Sandbox::start(&["--fault", "bulk:1:stall-before"]);
    let mut project = Project::on(&sandbox, "");
    project.set_env("USER", "ann");
    project.templates(&numbered(1..=1));
    let mut holder = project.start(&["apply", "-y"]);
    let process = holder.child().id();
    sandbox.has_read(1);
    for command in [
        &["apply", "-y"][..],
        &["recover", "t-001", "--applied"],
        &["import", "t-001", "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01"],
        &["state", "mv", "t-001", "t-002"],
        &["state", "rm", "t-001", "-y"],
    ] {
        names_the_holder(project.run(&[command, &["--lock-timeout", "0s"]].concat()), process);
    }
    let refused = project.run(&["apply", "-y", "--json", "--lock-timeout", "0s"]).exits(6).json();
    assert_eq!(refused["outcome"], "locked");

    let before = project.snapshot();
    for command in [&["plan"][..], &["state", "list"], &["state", "show", "t-001"], &["recover"]] {
        project.run(command).exits(0).says("is writing this state now").says("of ann");
    }
    assert_eq!(project.plan_json()["summary"]["in_doubt"], 1);
    assert_eq!(project.snapshot(), before, "reading changes nothing");

    // The dead run's lock is released, and what it sent is in doubt.
    holder.kill();
    let result = project.apply_json(4);
    assert_eq!(result["requests"], 0);
    assert_eq!(project.row("t-001")["status"], "in_doubt");
}

#[test]
fn waiting_run_says_for_whom_unless_quiet() {
    let sandbox = Sandbox::start(&["--fault", "bulk:1:stall-before"]);
    let mut project = Project::on(&sandbox, "");
    project.set_env("USER", "ann");
    project.templates(&numbered(1..=1));
    let mut holder = project.start(&["apply", "-y"]);
    let process = holder.child().id();
    sandbox.has_read(1);
    let mut waiting = project.start(&["recover", "t-001", "--not-created", "--lock-timeout", "10m"]);
    let mut told = BufReader::new(waiting.child().stderr.take().unwrap());
    let mut note = String::new();
    told.read_line(&mut note).unwrap();
    assert!(note.starts_with("waiting for `certctl apply` of ann"), "{note}");
    assert!(note.contains(&format!("(process {process})")) && note.contains("--lock-timeout"), "{note}");
    // With --quiet, it says nothing until its time is up.
    let quiet = project.run(&["-q", "state", "rm", "t-001", "-y", "--lock-timeout", "1500ms"]).exits(6);
    assert!(!quiet.stderr.contains("waiting for"), "{}", quiet.stderr);
    holder.kill();
    waiting.end().exits(0);
    assert_eq!(project.row("t-001")["status"], "failed");
}

#[cfg(unix)]
#[test]
fn every_path_to_a_state_shares_one_lock() {
    use std::os::unix::fs::symlink;
    // Two projects share a state that does not exist yet: by its file, by a link to its future place,
    // by a link to its directory, and by a link to the whole project.
    let sandbox = Sandbox::start(&["--fault", "bulk:1:stall-before"]);
    let real = Project::on(&sandbox, "");
    std::fs::create_dir(real.file("state")).unwrap();
    let file = Project::on(&sandbox, "");
    std::fs::create_dir(file.file("state")).unwrap();
    symlink(real.file("state/test.json"), file.file("state/test.json")).unwrap();
    let folder = Project::on(&sandbox, "");
    symlink(real.file("state"), folder.file("state")).unwrap();
    let whole = Project::on(&sandbox, "");
    symlink(real.path(), whole.file("link")).unwrap();
    let projects = [&real, &file, &folder];
    for project in projects {
        project.templates(&numbered(1..=1));
    }
    let absolute = real.path().to_str().unwrap().to_owned();
    let others: [(&Project, &[&str]); 5] = [
        (&real, &["-C", "."]),
        (&file, &["-C", "."]),
        (&folder, &["-C", "."]),
        (&whole, &["-C", "link"]),
        (&whole, &["-C", &absolute]),
    ];
    let turned_away = |when: &str| {
        for (project, at) in others {
            let run = project.run(&[at, &["apply", "-y", "--lock-timeout", "0s"]].concat());
            assert_eq!(run.code, 6, "{when} {at:?} {}\n{}", project.path().display(), run.stderr);
        }
    };
    // The holder uses the link: the others must notice it.
    let holder = file.start(&["apply", "-y"]);
    sandbox.has_read(1);
    turned_away("before there is a state");
    holder.kill();
    real.run(&["recover", "t-001", "--not-created"]).exits(0);
    sandbox.faults(&["bulk:1:stall-before"]);
    let holder = real.start(&["apply", "-y"]);
    sandbox.has_read(2);
    turned_away("with a state");
    holder.kill();
    for project in projects {
        project.run(&["recover"]).exits(0).says("t-001");
    }
}
