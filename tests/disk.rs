//! Full disks, read-only directories, files replaced during a run, and links: all are detected and explained, and nothing
//! is lost. The tests run the commands that the messages print.
#![cfg(unix)]
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "the lint knows test functions, not the functions that they share"
)]

#[path = "disk/failed_sync.rs"]
mod failed_sync;
mod support;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use support::running::Running;
use support::{Project, Run, Sandbox, Template, numbered};

const STATE: &str = "state/test.json";
const JOURNAL: &str = "state/test.json.journal";

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

/// Runs the command that follows these words in a message.
#[track_caller]
fn typed(project: &Project, message: &str, after: &str) -> Run {
    let (_, rest) = message.split_once(after).unwrap_or_else(|| panic!("{after:?} is missing in: {message}"));
    let command = rest.lines().next().unwrap().trim();
    let arguments: Vec<&str> = command.split(' ').collect();
    let [program, arguments @ ..] = arguments.as_slice() else { panic!("{message}") };
    if *program == "certctl" {
        return project.run(arguments);
    }
    Run::of(Command::new(program).args(arguments).current_dir(project.path()).output().unwrap())
}

#[test]
fn full_disk_sends_nothing() {
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
fn disk_full_at_checkpoint_keeps_the_journal() {
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

/// Runs as an unprivileged user if the test runs as a privileged one.
fn as_nobody(project: &Project, arguments: &[&str]) -> Run {
    use std::os::unix::process::CommandExt as _;
    let mut command = project.command(arguments);
    let is_root = fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    if is_root {
        command.uid(65_534);
    }
    Run::of(command.output().unwrap())
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn read_only_directories_are_named_before_sending() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=1));
    chmod(project.path(), 0o555);
    let run = as_nobody(&project, &["apply", "-y"]);
    chmod(project.path(), 0o755);
    run.exits(1).says("cannot create the folder").says("state");

    fs::create_dir(project.file("state")).unwrap();
    chmod(&project.file("state"), 0o555);
    let run = as_nobody(&project, &["apply", "-y"]);
    as_nobody(&project, &["plan"]).exits(0).says("1 to add");
    chmod(&project.file("state"), 0o755);
    run.exits(1).says("test.json.lock").says("permissions");

    // Lock and journal can be written, but the state cannot be replaced.
    for name in ["state/test.json.lock", JOURNAL] {
        project.write(name, "");
        chmod(&project.file(name), 0o666);
    }
    chmod(&project.file("state"), 0o555);
    let run = as_nobody(&project, &["apply", "-y"]);
    chmod(&project.file("state"), 0o755);
    run.exits(1).says("cannot write").says("state");
    assert_eq!(sandbox.requests().len(), 0, "it was found before anything was sent");
    project.apply().exits(0);
}

#[test]
fn directories_as_files_are_named_before_sending() {
    for name in ["state/test.json.lock", JOURNAL, STATE, "state"] {
        let sandbox = Sandbox::start(&[]);
        let project = Project::on(&sandbox, "");
        project.templates(&numbered(1..=1));
        if name == "state" {
            project.write("state", "a file where a folder should be");
        } else {
            fs::create_dir_all(project.file(name)).unwrap();
        }
        let run = project.run(&["apply", "-y"]).exits(1).says(name);
        assert!(!run.stderr.contains("os error") && !run.stderr.contains("permissions"), "{}", run.stderr);
        assert_eq!(sandbox.requests().len(), 0, "{name}");
    }
}

/// An apply of `t-002` whose answer the server delays, over a state of serial 2 with `t-001`.
fn applying(sandbox: &Sandbox, project: &Project) -> Running {
    applied_twice(sandbox, project);
    applying_a_third_time(sandbox, project)
}

fn applied_twice(sandbox: &Sandbox, project: &Project) {
    assert!(sandbox.requests().is_empty());
    project.templates(&numbered(1..=1));
    project.apply().exits(0);
    project.write("serial-1.json", project.read(STATE));
    project.templates(&[Template::number(1).titled("Second")]);
    project.apply().exits(0);
    project.write("serial-2.json", project.read(STATE));
}

fn applying_a_third_time(sandbox: &Sandbox, project: &Project) -> Running {
    let before = sandbox.requests().len();
    sandbox.faults(&["bulk:1:slow-drip=8"]);
    project.templates(&[Template::number(1).titled("Second"), Template::number(2)]);
    let running = project.start(&["apply", "-y", "--json"]);
    sandbox.has_read(before + 1);
    running
}

/// Both templates are recorded, and nothing is sent any more.
#[track_caller]
fn all_is_well(sandbox: &Sandbox, project: &Project) {
    assert_eq!(project.apply_json(0)["requests"], 0);
    assert_eq!(project.row("t-001")["attributes"]["title"], "Second");
    let ids: Vec<Value> = sandbox.templates().iter().map(|template| template["id"].clone()).collect();
    assert_eq!(vec![project.row("t-001")["id"].clone(), project.row("t-002")["id"].clone()], ids);
    for left in [JOURNAL, "state/test.json.rescued"] {
        assert!(!project.file(left).exists(), "{left} is left");
    }
}

/// What replaces a state during an apply.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Instead {
    /// An earlier version, as git would restore it.
    Older,
    /// A colleague's version, which continued an earlier one and applied `t-003`.
    Forked,
    Nothing,
}

#[test]
fn state_replaced_during_apply_can_be_restored() {
    for instead in [Instead::Older, Instead::Forked, Instead::Nothing] {
        let sandbox = Sandbox::start(&[]);
        let project = Project::on(&sandbox, "");
        applied_twice(&sandbox, &project);
        let colleague = Project::on(&sandbox, "");
        if instead == Instead::Forked {
            colleague.write(STATE, project.read("serial-1.json"));
            colleague.templates(&[Template::number(1), Template::number(3)]);
            colleague.apply().exits(0);
        }
        let running = applying_a_third_time(&sandbox, &project);
        match instead {
            Instead::Older => drop(fs::copy(project.file("serial-1.json"), project.file(STATE)).unwrap()),
            Instead::Forked => {
                fs::copy(colleague.file(STATE), project.file(STATE)).unwrap();
                project.templates(&[
                    Template::number(1).titled("Second"),
                    Template::number(2),
                    Template::number(3),
                ]);
            }
            Instead::Nothing => fs::remove_file(project.file(STATE)).unwrap(),
        }
        let sent = sandbox.requests().len();
        let run = running.end().exits(3).says("was replaced");
        let message = run.json()["warnings"][0].as_str().unwrap().to_owned();
        assert_eq!(run.json()["results"][0]["outcome"], "created");
        assert!(project.file(JOURNAL).exists());
        // Every command repeats the message for those who overlook it, and nothing is sent.
        for command in [&["plan"][..], &["apply", "-y"], &["recover"], &["state", "list"]] {
            project.run(command).exits(5).says("test.json.rescued").says("certctl plan");
        }
        assert_eq!(sandbox.requests().len(), sent);
        // Two states are merged, and neither is copied over the other.
        assert_eq!(
            message.contains("To go on: certctl state merge "),
            instead != Instead::Nothing,
            "{message}"
        );
        assert_eq!(message.contains("To go on: cp "), instead == Instead::Nothing, "{message}");
        typed(&project, &message, "To go on: ").exits(0);
        project.run(&["plan"]).exits(0).says("No changes.");
        if instead == Instead::Forked {
            assert_eq!(project.row("t-003")["id"], sandbox.id_of("Title 003").as_str());
        }
        assert_eq!(project.row("t-002")["id"], sandbox.id_of("Title 002").as_str());
        assert_eq!(project.row("t-001")["attributes"]["title"], "Second");
        assert_eq!(project.apply_json(0)["requests"], 0);
        for left in [JOURNAL, "state/test.json.rescued"] {
            assert!(!project.file(left).exists(), "{instead:?}: {left} is left");
        }
    }
}

/// From another directory, whose path has spaces and quotes.
#[test]
fn printed_commands_work_in_any_directory() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    let running = applying(&sandbox, &project);
    fs::copy(project.file("serial-1.json"), project.file(STATE)).unwrap();
    running.end().exits(3);
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("Ann's project");
    fs::create_dir(&folder).unwrap();
    for name in ["certctl.toml", "templates", "state"] {
        fs::rename(project.file(name), folder.join(name)).unwrap();
    }
    let said =
        project.command(&["-C", "Ann's project", "-e", "test", "plan"]).current_dir(&outer).output().unwrap();
    let said = Run::of(said).exits(5).stderr;
    for begins in ["certctl state merge", "certctl -C"] {
        let line = said.lines().find_map(|line| Some(&line[line.find(begins)?..])).unwrap();
        let certctl = project.command(&[]);
        let mut shell = Command::new("sh");
        shell.envs(certctl.get_envs().filter_map(|(name, value)| Some((name, value?))));
        shell.args(["-c", &line.replacen("certctl", "\"$0\"", 1)]).arg(certctl.get_program());
        Run::of(shell.current_dir(&outer).output().unwrap()).exits(0);
    }
}

#[test]
fn earlier_state_can_be_restored_too() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    let running = applying(&sandbox, &project);
    fs::copy(project.file("serial-1.json"), project.file(STATE)).unwrap();
    running.end().exits(3);
    fs::copy(project.file("serial-2.json"), project.file(STATE)).unwrap();
    project.run(&["plan"]).exits(0).says("No changes.");
    all_is_well(&sandbox, &project);
}

#[test]
fn older_state_beside_a_journal_is_refused() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    let running = applying(&sandbox, &project);
    running.kill();
    fs::copy(project.file("serial-1.json"), project.file(STATE)).unwrap();
    for command in [&["plan"][..], &["apply", "-y"], &["recover"]] {
        project.run(command).exits(5).says("serial 2").says("serial 1").says("put serial 2 back");
    }
    fs::copy(project.file("serial-2.json"), project.file(STATE)).unwrap();
    project.run(&["plan"]).exits(0).says("1 in doubt");
    let id = sandbox.templates()[1]["id"].as_str().unwrap().to_owned();
    project.run(&["recover", "t-002", "--created", &id]).exits(0);
    all_is_well(&sandbox, &project);
}

#[test]
fn state_appearing_during_apply_is_not_overwritten() {
    let sandbox = Sandbox::start(&["--no-upsert", "--fault", "bulk:1:stall-after"]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=1));
    let running = project.start(&["apply", "-y"]);
    sandbox.has_read(1);
    running.kill();
    let other = format!(
        "{{\"format\":\"certctl.state/v1\",\"lineage\":\"other\",\"serial\":9,\"environment\":\"test\",\
         \"url\":\"{}\",\"templates\":{{}}}}",
        sandbox.url
    );
    project.write(STATE, &other);
    let run = project.run(&["plan"]).exits(5).says("no state");
    assert_eq!(project.read(STATE), other);
    typed(&project, &run.stderr, "To go on: ").exits(0);
    project.run(&["plan"]).exits(0).says("1 in doubt");
    assert_eq!(project.state()["serial"], 10);
    project.apply().exits(4);
    assert_eq!(sandbox.times_sent("Title 001"), 1);
}

#[test]
fn journal_removed_during_apply_is_restored() {
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
fn directory_removed_during_first_apply_is_recreated() {
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
fn directory_removed_during_later_apply_is_recreated() {
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

#[test]
fn leftover_temporary_files_are_removed() {
    let sandbox = Sandbox::start(&[]);
    let mut project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=1));
    project.set_env("CERTCTL_CRASH_AT", "state-written:1");
    assert_eq!(project.run(&["apply", "-y"]).code, -1, "it was killed");
    project.unset_env("CERTCTL_CRASH_AT");
    let left = || -> Vec<String> {
        let entries = fs::read_dir(project.file("state")).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with(".certctl-tmp")).collect()
    };
    assert_eq!(left().len(), 1);
    // For another state in this directory, and for files that a person named like this.
    let others =
        [".certctl-tmp-test.json-2-abc123", ".certctl-tmp-other.json-abc123", ".certctl-tmp-test.json-mine"];
    for name in others {
        project.write(&format!("state/{name}"), "");
    }
    project.run(&["plan"]).exits(0);
    assert_eq!(left().len(), 4, "reading removes nothing");
    project.apply().exits(0);
    let mut kept = left();
    kept.sort();
    assert_eq!(kept, [others[1], others[0], others[2]]);
}

#[test]
fn file_system_without_locks_sends_nothing() {
    let sandbox = Sandbox::start(&[]);
    let mut project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=1));
    project.set_env("CERTCTL_NO_LOCKS", "1");
    for command in [
        &["apply", "-y"][..],
        &["import", "t-001", "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01"],
        &["state", "rm", "t-001", "-y"],
    ] {
        project.run(command).exits(1).says("cannot lock").says("test.json.lock").says("network share");
    }
    assert_eq!(sandbox.requests().len(), 0);
    project.run(&["plan"]).exits(0).says("1 to add");
    project.unset_env("CERTCTL_NO_LOCKS");
    project.apply().exits(0);
}

#[test]
fn symlinked_state_is_written_through_the_link() {
    for prepare in ["file", "folder", "dangling", "chain"] {
        let sandbox = Sandbox::start(&[]);
        let project = Project::on(&sandbox, "");
        project.templates(&numbered(1..=1));
        let elsewhere = tempfile::tempdir().unwrap();
        let target = elsewhere.path().join("test.json");
        if prepare == "folder" {
            symlink(elsewhere.path(), project.file("state")).unwrap();
        } else {
            fs::create_dir(project.file("state")).unwrap();
            if prepare == "chain" {
                symlink(&target, project.file("state/between.json")).unwrap();
                symlink("between.json", project.file(STATE)).unwrap();
            } else {
                symlink(&target, project.file(STATE)).unwrap();
            }
        }
        if prepare == "file" {
            project.apply().exits(0);
            project.templates(&numbered(1..=2));
        }
        project.apply().exits(0);
        let link = if prepare == "folder" { "state" } else { STATE };
        assert!(fs::symlink_metadata(project.file(link)).unwrap().is_symlink(), "{prepare}");
        assert!(fs::symlink_metadata(&target).unwrap().is_file(), "{prepare}");
        assert!(elsewhere.path().join("test.json.lock").exists(), "{prepare}: locked where it is");
        project.run(&["plan"]).exits(0).says("No changes.");
    }
}

/// Anyone who can change a project's files may put a link there.
#[test]
fn links_at_internal_names_overwrite_nothing() {
    let victims = tempfile::tempdir().unwrap();
    let victim = victims.path().join("victim");
    for (name, is_refused) in [
        ("state/test.json.lock", true),
        (JOURNAL, true),
        ("state/test.json.sandbox", true),
        ("state/test.json.backup", false),
    ] {
        let project = Project::empty();
        project.configure("sandbox", "");
        project.templates(&numbered(1..=1));
        project.apply().exits(0);
        for (round, text) in [(1, Some("precious")), (2, None)] {
            // Something to write each time.
            project.templates(&numbered(1..=1 + round));
            let _ = fs::remove_file(&victim);
            if let Some(text) = text {
                fs::write(&victim, text).unwrap();
            }
            let _ = fs::remove_file(project.file(name));
            symlink(&victim, project.file(name)).unwrap();
            if is_refused {
                let run = project.apply().exits(1).says(name).says("symbolic link");
                assert!(!run.stderr.contains("permissions"), "{}", run.stderr);
            } else {
                project.apply().exits(0);
                assert!(
                    fs::symlink_metadata(project.file(name)).unwrap().is_file(),
                    "{name} was not written"
                );
            }
            assert_eq!(fs::read_to_string(&victim).ok().as_deref(), text, "{name}");
        }
        fs::remove_file(project.file(name)).unwrap_or_default();
        project.apply().exits(0);
    }
}

#[test]
fn link_at_rescued_name_overwrites_nothing() {
    let victims = tempfile::tempdir().unwrap();
    let victim = victims.path().join("victim");
    for text in [Some("precious"), None] {
        let _ = fs::remove_file(&victim);
        if let Some(text) = text {
            fs::write(&victim, text).unwrap();
        }
        let sandbox = Sandbox::start(&[]);
        let project = Project::on(&sandbox, "");
        let running = applying(&sandbox, &project);
        let rescued = project.file("state/test.json.rescued");
        symlink(&victim, &rescued).unwrap();
        fs::copy(project.file("serial-1.json"), project.file(STATE)).unwrap();
        running.end().exits(3).says("was replaced");
        assert!(fs::symlink_metadata(&rescued).unwrap().is_file());
        assert!(fs::read_to_string(&rescued).unwrap().contains(&sandbox.id_of("Title 002")));
        assert_eq!(fs::read_to_string(&victim).ok().as_deref(), text);
    }
}

#[test]
fn pipes_at_internal_names_do_not_block() {
    for name in ["state/test.json.lock", JOURNAL, STATE, "state/test.json.sandbox"] {
        let project = Project::empty();
        project.configure("sandbox", "");
        project.templates(&numbered(1..=1));
        fs::create_dir(project.file("state")).unwrap();
        assert!(Command::new("mkfifo").arg(project.file(name)).status().unwrap().success());
        let run = project.apply().exits(1).says(name).says("not a regular file");
        assert!(!run.stderr.contains("permissions"), "{}", run.stderr);
        let code = project.run(&["plan"]).code;
        assert!([0, 1].contains(&code), "{name}");
    }
}
