//! The state: damaged, held, interrupted, older than another, and with rows that need a person.

use crate::support::{Project, Sandbox, numbered};
use crate::{doctor, found, is, only};

fn applied(sandbox: &Sandbox) -> Project {
    let project = Project::on(sandbox, "");
    project.templates(&numbered(1..=2));
    project.apply().exits(0);
    project
}

#[test]
fn right_states_have_right_lines() {
    let sandbox = Sandbox::start(&[]);
    let project = applied(&sandbox);
    let run = doctor(&project, 0);
    is(only(&run, "state"), "right", "state/test.json has 2 templates, serial 1");
    is(only(&run, "rows"), "right", "nothing is in doubt, pending or failed");
    is(only(&run, "history"), "right", "no newer state is known");
    is(only(&run, "lock"), "right", "no run holds the state");
    is(only(&run, "journal"), "right", "no run was interrupted");
    is(only(&run, "merging"), "look", "in no git repository");
}

#[test]
fn damaged_states_are_wrong() {
    let sandbox = Sandbox::start(&[]);
    let project = applied(&sandbox);
    let state = project.read("state/test.json");
    project.write("state/test.json", &state[..state.len() / 2]);
    is(only(&doctor(&project, 1), "state"), "wrong", "the state is damaged");
    project.write("state/test.json", state.replace("certctl.state/v1", "certctl.state/v2"));
    let run = doctor(&project, 1);
    is(only(&run, "state"), "wrong", "which this version of certctl does not know");
    assert_eq!(crate::commands_for(&run, Some("test"), "state"), ["certctl --version --verbose"]);
    project.write("state/test.json", state.replacen("Title 001", "Title 009", 1));
    is(only(&doctor(&project, 1), "state"), "wrong", "do not fit their digest");
}

#[test]
#[cfg(unix)]
fn unusable_marks_have_a_command() {
    use std::os::unix::fs::PermissionsExt as _;

    let sandbox = Sandbox::start(&[]);
    let project = applied(&sandbox);
    let folder = project.state_home().join("certctl/marks");
    let is_mark = |path: &std::path::PathBuf| path.extension().is_some_and(|ending| ending == "json");
    let entries = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let mark = entries.into_iter().find(is_mark).unwrap();
    std::fs::write(&mark, "{}").unwrap();
    let run = doctor(&project, 0);
    is(only(&run, "history"), "look", "the newest state that this machine keeps cannot be read");
    let commands = crate::commands_for(&run, Some("test"), "history");
    assert_eq!(commands.len(), 1, "{commands:?}");
    crate::pasted(&project, &commands[0], "");
    assert!(!mark.exists());
    is(only(&doctor(&project, 0), "history"), "right", "no newer state is known");

    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o777)).unwrap();
    let run = doctor(&project, 0);
    is(found(&run, None, "user-folder").remove(0), "look", "can be written by others");
    let commands = crate::commands_for(&run, None, "user-folder");
    assert_eq!(commands.len(), 1, "{commands:?}");
    crate::pasted(&project, &commands[0], "");
    is(found(&doctor(&project, 0), None, "user-folder").remove(0), "right", "can be kept in");
}

#[test]
fn states_that_went_back_are_wrong() {
    let sandbox = Sandbox::start(&[]);
    let project = applied(&sandbox);
    let old = project.read("state/test.json");
    project.templates(&numbered(1..=3));
    project.apply().exits(0);
    project.write("state/test.json", old);
    is(only(&doctor(&project, 1), "history"), "wrong", "is older than");
    std::fs::remove_file(project.file("state/test.json")).unwrap();
    let run = doctor(&project, 1);
    is(only(&run, "state"), "wrong", "there is none at state/test.json");
    is(only(&run, "history"), "wrong", "there is no state at");
}

#[test]
fn held_and_interrupted_states_are_told() {
    let sandbox = Sandbox::start(&["--fault", "bulk:*:stall-before"]);
    let mut project = Project::on(&sandbox, "");
    project.set_env("USER", "ann");
    project.templates(&numbered(1..=1));
    let holder = project.start(&["apply", "-y"]);
    sandbox.has_read(1);
    let run = project.run(&["doctor", "--json"]).exits(0);
    is(only(&run, "lock"), "look", "`certctl apply` of ann");
    is(only(&run, "journal"), "right", "of the run that holds the state");
    holder.kill();
    let run = doctor(&project, 0);
    is(only(&run, "lock"), "right", "no run holds the state");
    is(only(&run, "journal"), "look", "a run was interrupted");
    is(only(&run, "rows"), "look", "1 template is in doubt");
    project.run(&["doctor"]).exits(0).says("certctl recover");
}

#[test]
fn failed_and_pending_rows_are_worth_a_look() {
    let sandbox = Sandbox::start(&[
        "--fault",
        "bulk[Title 001]:*:reject=Title",
        "--fault",
        "bulk[Title 002]:*:job=never",
    ]);
    let project = Project::on(&sandbox, "batch_size = 1\njob_timeout = \"1s\"");
    project.templates(&numbered(1..=3));
    project.apply().exits(3);
    let run = doctor(&project, 0);
    let rows = found(&run, Some("test"), "rows");
    assert_eq!(rows.len(), 2, "{rows:?}");
    is(rows[0].clone(), "look", "1 template is pending");
    is(rows[1].clone(), "look", "1 template is recorded as failed");
}
