//! The state is replaced or appears during an apply.

use super::*;

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
fn can_be_restored() {
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
fn is_not_overwritten_if_it_appears() {
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
