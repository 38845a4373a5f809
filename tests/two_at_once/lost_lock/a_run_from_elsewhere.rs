//! A user or machine that does not share the first one's locks cannot be kept out: nothing is created twice, and the work of
//! both ends up in one state.

use super::*;

/// Runs the command of a message in a shell.
#[track_caller]
fn typed(project: &Project, message: &str, begins: &str) -> Run {
    assert!(message.contains(begins), "{begins:?} was not said: {message}");
    let line = message.lines().find_map(|line| Some(&line[line.find(begins)?..])).unwrap();
    let script = line.replacen("certctl", "\"$@\"", 1);
    project.in_shell(&script, &[])
}

#[test]
fn takes_over_and_the_first_adds_the_rest() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let project = Project::on(&sandbox, ONE_BY_ONE);
    let first = two_of_six(&sandbox, &project);
    remove_lock(&project);
    let second = Elsewhere::new().run(&project, &["apply", "-y", "--json"]).exits(4).json();
    assert_eq!((&second["summary"]["created"], &second["summary"]["in_doubt"]), (&4.into(), &1.into()));
    let result = first.end().exits(3).json();
    assert_eq!((&result["summary"]["created"], &result["summary"]["not_sent"]), (&2.into(), &4.into()));
    assert!(!result.to_string().contains("state merge"), "nothing is left for a person: {result:#}");
    let sent = result["results"].as_array().unwrap().iter().filter(|row| row["outcome"] == "not_sent");
    assert!(sent.clone().all(|row| row["error"] == "another run sent it meanwhile"), "{result:#}");
    all_six_once(&sandbox, &project);
    for left in [JOURNAL, "state/test.json.rescued"] {
        assert!(!project.file(left).exists(), "{left} is left");
    }
    assert_eq!(project.apply_json(0)["requests"], 0);
}

#[test]
fn leaves_nothing_to_send_or_settle() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let project = Project::on(&sandbox, ONE_BY_ONE);
    project.templates(&numbered(1..=6));
    let command = project.command(&["apply", "--auto-approve"]);
    let first = Paused::start(command, Point::AnswerComplete, 2);
    remove_lock(&project);
    let second = Elsewhere::new().run(&project, &["apply", "-y"]).exits(4).says("has not finished");
    assert!(!second.stderr.contains("interrupted"), "{second:?}");
    let first = first.end().exits(3).says("another run sent it meanwhile");
    assert!(!first.stdout.contains("To send the rest"), "{first:?}");
}

#[test]
fn takes_over_although_the_first_died() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let project = Project::on(&sandbox, ONE_BY_ONE);
    project.templates(&numbered(1..=6));
    let mut command = project.command(&["apply", "-y"]);
    command.env("CERTCTL_CRASH_AT", format!("{}:1", Point::RunEnded.name()));
    let first = Paused::start(command, Point::AnswerComplete, 2);
    remove_lock(&project);
    Elsewhere::new().run(&project, &["apply", "-y"]).exits(4);
    assert_eq!(first.end().code, -1, "it was killed");
    project.run(&["plan"]).exits(0).says("No changes.").says("journal");
    assert_eq!(project.apply_json(0)["requests"], 0);
    all_six_once(&sandbox, &project);
}

#[test]
fn is_awaited_if_it_takes_longer() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let project = Project::on(&sandbox, ONE_BY_ONE);
    let first = two_of_six(&sandbox, &project);
    remove_lock(&project);
    let elsewhere = Elsewhere::new();
    let apply = elsewhere.command(&project, &["apply", "-y", "--json"]);
    let second = Paused::start(apply, Point::AnswerComplete, 1);
    let mut first = first.resumed();
    first.says("waiting for it to end");
    second.end().exits(4);
    first.end().exits(3);
    all_six_once(&sandbox, &project);
}

/// If that takes too long, both states are kept to be merged.
#[test]
fn that_never_ends_leaves_the_first_its_file() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let project = Project::on(&sandbox, ONE_BY_ONE);
    project.templates(&numbered(1..=6));
    let apply = project.command(&["apply", "-y", "--json", "--lock-timeout", "0s"]);
    let first = Paused::start(apply, Point::AnswerComplete, 2);
    remove_lock(&project);
    let elsewhere = Elsewhere::new();
    let apply = elsewhere.command(&project, &["apply", "-y", "--json"]);
    let second = Paused::start(apply, Point::AnswerComplete, 1);
    let result = first.end().exits(3).json();
    let told = result["warnings"][0].as_str().unwrap().to_owned();
    assert!(!told.contains("certctl import") && !told.contains("cp "), "{told}");
    assert!(!result["results"].to_string().contains("not recorded"), "{result:#}");
    let files = fs::read_dir(project.file("state")).unwrap().map(|file| file.unwrap().path());
    let rescued: Vec<_> = files.filter(|path| path.extension().is_some_and(|end| end == "rescued")).collect();
    assert_eq!(rescued.len(), 1);
    assert!(fs::read_to_string(&rescued[0]).unwrap().contains(&sandbox.id_of("Title 002")));
    assert!(told.contains(rescued[0].file_name().unwrap().to_str().unwrap()), "{told}");
    second.end().exits(4);
    // A person has to check only rows that one has in doubt and the other knows.
    let joined = typed(&project, &told, "certctl state merge").exits(1).says("t-002: both sides changed it");
    for other in ["t-001", "t-003", "t-004", "t-005", "t-006"] {
        assert!(!joined.stderr.contains(other), "{}", joined.stderr);
    }
    project.run(&["apply", "-y"]).exits(1).says("t-002");
}

#[test]
fn followed_by_manual_work_is_merged_by_hand() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let project = Project::on(&sandbox, ONE_BY_ONE);
    let first = two_of_six(&sandbox, &project);
    remove_lock(&project);
    let elsewhere = Elsewhere::new();
    elsewhere.run(&project, &["apply", "-y"]).exits(4);
    elsewhere.run(&project, &["recover", "t-002", "--created", &sandbox.id_of("Title 002")]).exits(0);
    first.end().exits(3);
    for command in [&["plan"][..], &["apply", "-y"], &["recover"], &["state", "list"]] {
        let run = project.run(command).exits(5).says("certctl state merge").says("test.json.rescued");
        assert!(!run.stderr.contains("cp "), "{}", run.stderr);
    }
    sandbox.assert_no_double_create();
    let told = project.run(&["plan"]).stderr;
    typed(&project, &told, "certctl state merge").exits(1).says("t-002: both sides changed it");
}
