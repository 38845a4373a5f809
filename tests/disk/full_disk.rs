//! Full disks: nothing unrecorded is sent, and every outcome is kept or printed.

use super::*;

/// A certctl that cannot write files larger than this many blocks, as on a full disk.
fn with_little_room(project: &Project, blocks: u64, arguments: &[&str]) -> Run {
    project.in_shell(&format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\""), arguments)
}

/// The size of a block in this shell.
fn block() -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let script = "trap '' XFSZ; ulimit -f 1; head -c 5000 /dev/zero > f 2>/dev/null; wc -c < f";
    let output = Command::new("sh").args(["-c", script]).current_dir(&folder).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

#[test]
fn sends_nothing() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=50));
    let run =
        with_little_room(&project, 1, &["apply", "-y", "--json"]).exits(1).says("cannot write the journal");
    assert_eq!(run.json()["summary"]["not_sent"], 50);
    assert_eq!(sandbox.requests().len(), 0);
    assert!(!project.file(STATE).exists());
    assert_eq!(project.apply_json(0)["summary"]["created"], 50, "with room again, all goes on");
}

#[test]
fn unwritable_outcome_is_printed_with_its_command() {
    // A project whose journal, between intent and outcome, ends a few bytes before a block does.
    let padded = |sandbox: &Sandbox, pad: u64, first: u32| {
        let project = Project::on(sandbox, "batch_size = 1\nconcurrency = 1");
        let mut templates = numbered(first..=first + 2);
        templates[0] =
            Template::number(first).with(&format!("customCss: \"{}\"", "x".repeat(pad.try_into().unwrap())));
        project.templates(&templates);
        project
    };
    let sandbox = Sandbox::start(&["--no-upsert", "--fault", "bulk:1:stall-before"]);
    let measured = padded(&sandbox, 1, 101);
    let running = measured.start(&["apply", "-y"]);
    sandbox.has_read(1);
    running.kill();
    let length = fs::metadata(measured.file(JOURNAL)).unwrap().len();
    let block = block();
    let blocks = (length + 40).div_ceil(block);
    let pad = 1 + blocks * block - 40 - length;

    for (json, first) in [(true, 201), (false, 301)] {
        let key = format!("t-{first}");
        sandbox.faults(&[]);
        let before = (sandbox.templates().len(), sandbox.requests().len());
        let project = padded(&sandbox, pad, first);
        let arguments = if json { &["apply", "-y", "--json"][..] } else { &["apply", "-y"] };
        let run = with_little_room(&project, blocks, arguments).exits(4).says("cannot write the journal");
        assert_eq!(sandbox.requests().len(), before.1 + 1, "it stopped sending");
        let id = sandbox.templates()[before.0]["id"].as_str().unwrap().to_owned();
        if json {
            let result = run.json();
            let row = &result["results"][0];
            assert_eq!((&row["outcome"], &row["id"]), (&"created".into(), &Value::from(id.as_str())));
            assert!(row["error"].as_str().unwrap().contains("not recorded"), "{row}");
            assert_eq!(
                (&result["summary"]["created"], &result["summary"]["not_sent"]),
                (&1.into(), &2.into())
            );
            assert_eq!(result["outcome"], "in_doubt");
            assert!(result["warnings"].to_string().contains("could not be recorded"), "{result:#}");
        } else {
            assert!(!run.stdout.contains("Commit it"), "{}", run.stdout);
        }
        // The journal has the request without its outcome, and no incomplete line.
        project.run(&["plan"]).exits(0).says("1 in doubt");
        project.run(&["recover"]).exits(0).says(&key);
        let message =
            if json { run.json()["results"][0]["error"].as_str().unwrap().to_owned() } else { run.stdout };
        typed(&project, &message, "Once the state can be written: ").exits(0).says(&id);
        assert_eq!(project.row(&key)["id"], id.as_str());
        assert_eq!(project.apply_json(0)["summary"]["created"], 2);
        assert_eq!(sandbox.times_sent(&format!("Title {first}")), 1);
    }
}

#[test]
fn keeps_the_journal_at_the_checkpoint() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=60));
    project.apply().exits(0);
    let before = project.read(STATE);
    project.templates(&numbered(1..=61));
    let run = with_little_room(&project, 8, &["apply", "-y", "--json"]).exits(3);
    let result = run.json();
    assert_eq!(result["summary"]["created"], 1);
    assert!(result["warnings"].to_string().contains("keep that file"), "{result:#}");
    assert!(result["results"][0]["id"].is_string());
    assert_eq!(project.read(STATE), before);
    project.run(&["plan"]).exits(0).says("No changes.").says("journal");
    assert_eq!(project.apply_json(0)["requests"], 0);
    assert_eq!(project.row("t-061")["status"], "applied");
    assert!(!project.file(JOURNAL).exists());
}

#[test]
fn torn_last_journal_line_is_harmless() {
    let sandbox = Sandbox::start(&["--fault", "bulk:1:stall-before"]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=1));
    let running = project.start(&["apply", "-y"]);
    sandbox.has_read(1);
    running.kill();
    let torn = project.read(JOURNAL) + "{\"record\":\"outc";
    project.write(JOURNAL, &torn);
    project.run(&["plan"]).exits(0).says("1 in doubt");
    project.run(&["recover", "t-001", "--not-created"]).exits(0);
    // Only half a first line: nothing was sent.
    project.write(JOURNAL, "{\"record\":\"op");
    assert_eq!(project.apply_json(0)["summary"]["created"], 1);
    project.run(&["plan"]).exits(0).says("No changes.");
}
