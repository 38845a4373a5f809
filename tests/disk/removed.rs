//! The journal, the lock file or the directory is removed during an apply.

use super::*;

/// An apply of five templates, one per request, with a delayed second answer.
fn applying_five(sandbox: &Sandbox, project: &Project) -> Running {
    let before = sandbox.requests().len();
    sandbox.faults(&["bulk:2:slow-drip=8"]);
    project.templates(&numbered(1..=5));
    let running = project.start(&["apply", "-y", "--json"]);
    sandbox.has_read(before + 2);
    running
}

#[test]
fn journal_is_restored() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    let running = applying(&sandbox, &project);
    fs::remove_file(project.file(JOURNAL)).unwrap();
    running.end().exits(0);
    all_is_well(&sandbox, &project);

    // And with a crash after it: the whole journal exists again.
    sandbox.faults(&["bulk:1:slow-drip=8", "bulk:2+:stall-before"]);
    project.configure(&sandbox.url, "batch_size = 1\nconcurrency = 1");
    let mut templates = numbered(1..=4);
    templates[0] = Template::number(1).titled("Second");
    project.templates(&templates);
    let running = project.start(&["apply", "-y", "--json"]);
    sandbox.has_read(4);
    fs::remove_file(project.file(JOURNAL)).unwrap();
    sandbox.has_read(5);
    running.kill();
    sandbox.faults(&[]);
    let result = project.apply_json(4);
    assert_eq!(result["summary"]["in_doubt"], 1);
    assert_eq!(project.row("t-003")["status"], "applied");
}

#[test]
fn directory_is_recreated_in_a_first_apply() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let project = Project::on(&sandbox, "batch_size = 1\nconcurrency = 1");
    let running = applying_five(&sandbox, &project);
    fs::remove_dir_all(project.file("state")).unwrap();
    let run = running.end().exits(3).says("test.json.lock was removed");
    let result = run.json();
    assert_eq!((&result["summary"]["created"], &result["summary"]["not_sent"]), (&2.into(), &3.into()));
    assert!(!result.to_string().contains("not recorded"), "{result:#}");
    assert_eq!(sandbox.requests().len(), 2, "nothing more was sent");
    for (key, title) in [("t-001", "Title 001"), ("t-002", "Title 002")] {
        assert_eq!(project.row(key)["id"], sandbox.id_of(title).as_str());
    }
    assert!(!project.file(JOURNAL).exists());
    assert_eq!(project.apply_json(0)["summary"]["created"], 3);
    project.run(&["plan"]).exits(0).says("No changes.");
}

#[test]
fn directory_is_recreated_in_a_later_apply() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let project = Project::on(&sandbox, "batch_size = 1\nconcurrency = 1");
    project.templates(&numbered(1..=1));
    project.apply().exits(0);
    sandbox.faults(&["bulk:1:slow-drip=8"]);
    project.templates(&numbered(1..=2));
    let running = project.start(&["apply", "-y", "--json"]);
    sandbox.has_read(2);
    fs::remove_dir_all(project.file("state")).unwrap();
    let run = running.end().exits(3).says("was replaced");
    let message = run.json()["warnings"][0].as_str().unwrap().to_owned();
    typed(&project, &message, "To go on: ").exits(0);
    project.run(&["plan"]).exits(0).says("No changes.");
    assert_eq!(project.row("t-002")["id"], sandbox.id_of("Title 002").as_str());
    assert_eq!(project.apply_json(0)["requests"], 0);
}

#[test]
fn unrecoverable_directory_prints_commands_for_every_row() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "batch_size = 1\nconcurrency = 1");
    let running = applying_five(&sandbox, &project);
    fs::remove_dir_all(project.file("state")).unwrap();
    project.write("state", "a file where the folder was");
    let run = running.end().exits(4).says("cannot be put back");
    let result = run.json();
    assert!(!result.to_string().contains("keep that file"), "there is none: {result:#}");
    assert!(result["warnings"].to_string().contains("the journal is gone"), "{result:#}");
    assert_eq!((&result["summary"]["created"], &result["summary"]["not_sent"]), (&2.into(), &3.into()));
    fs::remove_file(project.file("state")).unwrap();
    for (position, title) in [(0, "Title 001"), (1, "Title 002")] {
        let row = &result["results"][position];
        typed(&project, row["error"].as_str().unwrap(), "Once the state can be written: ").exits(0);
        assert_eq!(project.row(row["key"].as_str().unwrap())["id"], sandbox.id_of(title).as_str());
    }
    let again = project.apply_json(0);
    assert_eq!((&again["summary"]["created"], &again["summary"]["updated"]), (&3.into(), &2.into()));
    assert_eq!(sandbox.templates().len(), 5);
}

#[test]
fn nothing_is_sent_without_the_lock_file() {
    let sandbox = Sandbox::start(&["--no-upsert", "--fault", "bulk:1:slow-drip=8"]);
    let project = Project::on(&sandbox, "batch_size = 1\nconcurrency = 1");
    project.templates(&numbered(1..=2));
    let running = project.start(&["apply", "-y", "--json"]);
    sandbox.has_read(1);
    fs::remove_file(project.file("state/test.json.lock")).unwrap();
    let run = running.end().exits(3).says("test.json.lock was removed");
    assert_eq!(
        (&run.json()["summary"]["created"], &run.json()["summary"]["not_sent"]),
        (&1.into(), &1.into())
    );
    assert_eq!(sandbox.requests().len(), 1);
    assert_eq!(project.apply_json(0)["summary"]["created"], 1);
}
