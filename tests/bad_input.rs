//! Bad input gets a message that says what to do, the documented exit code, no request, and no changed file.

#[path = "bad_input/states.rs"]
mod states;
mod support;

use serde_json::json;
use support::{Project, Run, Sandbox, Template, certctl, numbered};

/// A valid project, changed by `spoil`, then a command that must fail with `code` and these `words`, without
/// sending anything or changing any file.
#[track_caller]
fn refused(spoil: impl FnOnce(&mut Project), arguments: &[&str], code: i32, words: &[&str]) -> Run {
    let sandbox = Sandbox::start(&[]);
    let mut project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=2));
    spoil(&mut project);
    let before = project.snapshot();
    let mut run = project.run(arguments).exits(code);
    for word in words {
        run = run.says(word);
    }
    let mut after = project.snapshot();
    // The lock file does not count.
    after.retain(|path, _| path.extension().is_none_or(|extension| extension != "lock"));
    assert_eq!(after, before, "a file was changed");
    assert_eq!(sandbox.requests().len(), 0, "something was sent");
    run
}

const APPLY: &[&str] = &["apply", "-y"];

#[test]
fn no_configuration() {
    refused(
        |project| std::fs::remove_file(project.file("certctl.toml")).unwrap(),
        APPLY,
        1,
        &["certctl init"],
    );
}

#[test]
fn two_configurations() {
    refused(|project| project.write("certctl.yaml", "a: 1\n"), APPLY, 1, &["certctl.yaml", "certctl.toml"]);
}

#[test]
fn an_unknown_environment() {
    refused(|_| {}, &["plan", "--env", "tset"], 1, &["tset", "test"]);
}

#[test]
fn a_missing_variable() {
    let spoil = |project: &mut Project| {
        project.templates(&[Template::number(1).with("customCss: \"${var.colour}\"")]);
    };
    refused(spoil, APPLY, 1, &["colour", "templates/all.yaml:6:"]);
}

#[test]
fn a_missing_key() {
    refused(|project| project.unset_env("CERTCTL_API_KEY"), APPLY, 1, &["CERTCTL_API_KEY"]);
}

#[test]
fn a_key_with_a_line_break() {
    let run = refused(
        |project| project.set_env("CERTCTL_API_KEY", "first-half\nsecond-half"),
        APPLY,
        1,
        &["line break"],
    );
    assert!(!run.stderr.contains("half"), "the key was shown");
}

#[test]
fn urls_that_cannot_be_meant() {
    for (url, word) in [
        ("https://", "https://"),
        ("academy.example.com", "https://academy.example.com"),
        ("http://academy.example.com", "https"),
        ("https://user:secret@academy.example.com", "https"),
        ("ftp://academy.example.com", "https"),
    ] {
        refused(|project| project.configure(url, ""), APPLY, 1, &["certctl.toml:3:", word]);
    }
}

#[test]
fn unknown_setting_is_named_with_place_and_suggestion() {
    refused(
        |project| project.configure("sandbox", "batchsize = 3"),
        APPLY,
        1,
        &["certctl.toml:6:1", "batch_size"],
    );
}

#[test]
fn files_that_are_not_templates() {
    let cases: [(&str, &[u8], &[&str]); 8] = [
        ("templates/latin1.yaml", b"templates:\n  a:\n    title: Caf\xe9\n", &["latin1.yaml:3:15", "UTF-8"]),
        ("templates/tab.yaml", b"templates:\n\ta: 1\n", &["tab.yaml:2:1", "tab"]),
        ("templates/list.yaml", b"- a\n- b\n", &["list.yaml:1:1"]),
        ("templates/twice.yaml", b"templates:\n  t-001: {}\n", &["t-001", "all.yaml:2:3", "twice.yaml:2:3"]),
        ("templates/inside.yaml", b"defaults:\n  title: a\n  title: b\n", &["inside.yaml:3:3", "title"]),
        ("templates/field.yaml", b"templates:\n  a:\n    titel: x\n", &["field.yaml:3:5", "titel", "title"]),
        ("templates/open.yaml", b"templates: {\n", &["open.yaml"]),
        ("templates/two.yaml", b"templates: {}\n---\ntemplates: {}\n", &["two.yaml"]),
    ];
    for (name, text, words) in cases {
        refused(|project| project.write(name, text), APPLY, 1, words);
    }
}

#[test]
fn billion_laughs_fail_fast() {
    let mut text = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for level in 1..12 {
        let below = format!("*a{}", level - 1);
        text.push_str(&format!("a{level}: &a{level} [{}]\n", vec![below; 9].join(", ")));
    }
    refused(|project| project.write("templates/lol.yaml", &text), APPLY, 1, &["lol.yaml"]);
}

#[test]
fn byte_order_mark_and_crlf_are_accepted() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=2));
    let windows = format!("\u{feff}{}", project.read("templates/all.yaml").replace('\n', "\r\n"));
    project.write("templates/all.yaml", windows);
    let toml = format!("\u{feff}{}", project.read("certctl.toml").replace('\n', "\r\n"));
    project.write("certctl.toml", toml);
    project.apply().exits(0);
    assert_eq!(project.row("t-001")["attributes"]["title"], "Title 001");
}

#[test]
fn a_folder_instead_of_a_file() {
    let spoil = |project: &mut Project| {
        std::fs::remove_file(project.file("certctl.toml")).unwrap();
        std::fs::create_dir(project.file("certctl.toml")).unwrap();
    };
    refused(spoil, APPLY, 1, &["certctl.toml"]);
    refused(
        |project| std::fs::create_dir_all(project.file("state/test.json")).unwrap(),
        APPLY,
        1,
        &["test.json"],
    );
}

#[test]
fn no_templates() {
    refused(
        |project| std::fs::remove_dir_all(project.file("templates")).unwrap(),
        APPLY,
        1,
        &["templates", "--allow-empty"],
    );
    refused(|project| project.write("templates/all.yaml", "templates: {}\n"), APPLY, 1, &["--allow-empty"]);
    refused(|project| project.write("templates/all.yaml", ""), APPLY, 1, &["--allow-empty"]);
    let project = Project::empty();
    project.configure("sandbox", "");
    project.run(&["plan", "--allow-empty"]).exits(0).says("No changes.");
}

#[test]
fn invalid_states() {
    let newer = json!({"format": "certctl.state/v2", "anything": 1}).to_string();
    let foreign =
        json!({"format": "certctl.state/v1", "lineage": "l", "serial": 1, "environment": "production",
        "url": "https://academy.example.com", "templates": {}})
        .to_string();
    let conflict = "{\n<<<<<<< HEAD\n  \"serial\": 1\n=======\n  \"serial\": 2\n>>>>>>> other\n}\n";
    for (text, code, words) in [
        ("", 1, ["damaged", "test.json"]),
        ("{\"format\": \"certctl.st", 1, ["damaged", "test.json:1:"]),
        (newer.as_str(), 1, ["certctl.state/v2", "newer"]),
        (foreign.as_str(), 5, ["production", "--env"]),
        (conflict, 1, ["conflict", "test.json:2"]),
    ] {
        for command in [APPLY, &["plan"], &["state", "list"]] {
            refused(|project| project.write("state/test.json", text), command, code, &words);
        }
    }
}

#[test]
fn a_damaged_journal() {
    refused(
        |project| project.write("state/test.json.journal", "nonsense\nmore\n"),
        APPLY,
        1,
        &["test.json.journal:1"],
    );
}

#[test]
fn usage_errors_have_exit_code_1() {
    certctl().arg("--help").output().map(|output| assert_eq!(output.status.code(), Some(0))).unwrap();
    let project = Project::empty();
    project.run(&["paln"]).exits(1).says("plan");
    project.run(&["plan", "--report", "pdf=x"]).exits(1).says("json");
    let failure = project.run(&["plan", "--json"]).exits(1).json();
    assert_eq!(failure["format"], "certctl.error/v1");
    assert_eq!(failure["outcome"], "error");
    let failure = project.run(&["plan", "--json", "--nonsense"]).exits(1).json();
    assert_eq!(failure["outcome"], "error");
}

#[test]
fn all_findings_come_in_one_run() {
    let project = Project::empty();
    project.configure("sandbox", "");
    project.write(
        "templates/a.yaml",
        "templates:\n  one:\n    title: 5\n    resourceType: curse\n    resourceId: nonsense\n    expirationDays: 0\n",
    );
    let run = project.run(&["validate"]).exits(1);
    for place in
        ["templates/a.yaml:3:12", "templates/a.yaml:4:19", "templates/a.yaml:5:17", "templates/a.yaml:6:21"]
    {
        assert!(run.stderr.contains(place), "{place}\n{}", run.stderr);
    }
    let failure = project.run(&["validate", "--json"]).exits(1).json();
    assert_eq!(failure["findings"].as_array().unwrap().len(), 4);
    assert_eq!(failure["findings"][0]["line"], 3);
}
