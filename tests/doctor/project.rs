//! A project that is missing, has mistakes, or has several environments.

use crate::support::{KEY, Project, Run, Sandbox, numbered};
use crate::{doctor, found, is, only};

#[test]
fn without_a_project_init_is_advised() {
    let project = Project::empty();
    let run = project.run(&["doctor"]).exits(1).says("there is no certctl.toml").says("certctl init");
    assert!(run.stdout.contains("1 thing is wrong"), "{}", run.stdout);
    let run = doctor(&project, 1);
    assert_eq!(run.json()["outcome"], "error");
    is(found(&run, None, "configuration").remove(0), "wrong", "there is no certctl.toml");
}

#[test]
fn a_new_project_is_right() {
    let project = Project::empty();
    project.run(&["init"]).exits(0);
    let run = project.run(&["doctor"]).exits(0);
    assert!(run.stdout.contains("Environment sandbox\n"), "{}", run.stdout);
    assert!(run.stdout.contains("connection: the embedded server: no network, no key\n"), "{}", run.stdout);
    assert!(run.stdout.trim_end().lines().last().unwrap().starts_with("Nothing is wrong"), "{}", run.stdout);
    assert_eq!(run.stderr, "");
    project.run(&["apply", "-y"]).exits(0);
    let run = doctor(&project, 0);
    is(found(&run, Some("sandbox"), "state").remove(0), "right", "has 1 template, serial 1");
    is(found(&run, Some("sandbox"), "templates").remove(0), "right", "1 template in 1 file");
    // The embedded server needs no observer, even if one is named.
    assert!(found(&run, Some("sandbox"), "observer").is_empty(), "{}", run.stdout);
    let toml = project.read("certctl.toml");
    project
        .write("certctl.toml", format!("{toml}\n[environments.sandbox.observer]\nemail = \"o@a.example\"\n"));
    assert!(found(&doctor(&project, 0), Some("sandbox"), "observer").is_empty());
}

/// Two environments of one server, and one whose server does not exist.
fn several(sandbox: &Sandbox) -> Project {
    let mut project = Project::on(sandbox, "");
    project.templates(&numbered(1..=1));
    let toml = project.read("certctl.toml");
    let more = format!(
        "{toml}[environments.dead]\nurl = \"http://127.0.0.1:1\"\n[environments.other]\nurl = \"{}\"\n",
        sandbox.url
    );
    project.write("certctl.toml", more);
    project.set_env("NO_PROXY", "*");
    project
}

#[test]
fn one_broken_environment_stops_no_other() {
    let sandbox = Sandbox::start(&[]);
    let project = several(&sandbox);
    let run = doctor(&project, 1);
    is(found(&run, Some("dead"), "connection").remove(0), "wrong", "connection refused");
    is(found(&run, Some("dead"), "key").remove(0), "look", "could not be checked");
    for name in ["other", "test"] {
        is(found(&run, Some(name), "key").remove(0), "right", "(from CERTCTL_API_KEY) is right");
    }
    let text = project.run(&["doctor"]).exits(1).stdout;
    let places = ["Environment dead", "Environment other", "Environment test"].map(|name| text.find(name));
    assert!(places.is_sorted() && places[0].is_some(), "{text}");
    // One that is asked for alone.
    let run = project.run(&["doctor", "-e", "other", "--json"]).exits(0);
    assert!(found(&run, Some("dead"), "connection").is_empty(), "{}", run.stdout);
    project.run(&["doctor", "-e", "other", "-e", "test"]).exits(0);
    project.run(&["doctor", "-e", "nowhere"]).exits(1).says("there is no environment \"nowhere\"");
}

#[test]
fn a_wrong_setting_leaves_one_environment_out() {
    let sandbox = Sandbox::start(&[]);
    let project = several(&sandbox);
    let toml = project.read("certctl.toml");
    project.write("certctl.toml", toml.replace("[environments.dead]", "[environments.dead]\nstat = \"x\""));
    let run = doctor(&project, 1);
    let (result, message) = found(&run, None, "configuration").remove(0);
    assert!(result == "wrong" && message.contains("1 problem in 1 file: certctl.toml:"), "{message}");
    assert!(found(&run, Some("dead"), "connection").is_empty(), "{}", run.stdout);
    is(only(&run, "key"), "right", "is right");
    project.run(&["doctor"]).exits(1).says("Not looked at until then: dead").says("certctl validate");
}

#[test]
fn a_wrong_inline_setting_leaves_all_out() {
    let sandbox = Sandbox::start(&[]);
    let mut project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=1));
    let environments = "environments = { a = { url = \"sandbox\", stat = 1 }, b = { url = \"sandbox\" } }\n";
    project.write("certctl.toml", environments);
    project.unset_env("CERTCTL_ENV");
    let run = doctor(&project, 1);
    is(found(&run, None, "configuration").remove(0), "wrong", "1 problem in 1 file: certctl.toml:1:");
    for name in ["a", "b"] {
        assert!(found(&run, Some(name), "state").is_empty(), "{}", run.stdout);
    }
    project.run(&["doctor"]).exits(1).says("Not looked at until then: a, b");
}

#[test]
fn a_left_out_name_like_a_key_is_hidden() {
    let sandbox = Sandbox::start(&[]);
    let mut project = several(&sandbox);
    // With the key in the process's environment, every output hides it.
    project.unset_env("CERTCTL_API_KEY");
    let toml = project.read("certctl.toml");
    let name = "\"ti_live_FOOBAR123\"";
    project.write(
        "certctl.toml",
        toml.replace("[environments.dead]", &format!("[environments.{name}]\nstat = 1")),
    );
    let run = project.run(&["doctor"]).exits(1).says("Not looked at until then: (not shown)");
    assert!(!run.stdout.contains("FOOBAR") && !run.stderr.contains("FOOBAR"), "{}", run.stdout);
}

#[test]
fn mistakes_in_templates_are_named() {
    let sandbox = Sandbox::start(&[]);
    let project = Project::on(&sandbox, "");
    project.write("templates/a.yaml", "templates:\n  a:\n    titel: x\n");
    let run = doctor(&project, 1);
    let (result, message) = only(&run, "templates");
    assert!(result == "wrong" && message.contains("templates/a.yaml:3:"), "{message}");
    is(only(&run, "key"), "right", "is right");
}

#[test]
fn misplaced_keys_are_not_shown() {
    for key in [KEY, "ti_live_FOOBAR123"] {
        for (file, before, after) in [
            ("certctl.toml", "default_environment", "\"KEY\" = 1\ndefault_environment"),
            (
                "certctl.toml",
                "[environments.test.safety]",
                "[environments.\"KEY\"]\n[environments.test.safety]",
            ),
            ("certctl.toml", "url = \"", "url = \"https://a.example/KEY/\"\nx = \""),
            ("templates/all.yaml", "    title:", "    \"KEY\": 1\n    title:"),
            ("templates/all.yaml", "    title:", "    resourceType: KEY\n    title: ${var.KEY}\n    title:"),
        ] {
            let mut project = Project::empty();
            project.configure("http://127.0.0.1:1", "");
            project.set_env("CERTCTL_API_KEY", key);
            project.templates(&numbered(1..=1));
            let text = project.read(file);
            assert!(text.contains(before), "{file} has no {before}");
            project.write(file, text.replacen(before, &after.replace("KEY", key), 1));
            for arguments in [&["doctor", "-vv"][..], &["doctor", "--json"]] {
                let run = project.run(arguments);
                assert_eq!(run.code, 1, "{after}: {}", run.stdout);
                assert!(!run.stdout.contains(key) && !run.stderr.contains(key), "{after}: {}", run.stdout);
            }
        }
    }
}

#[test]
#[cfg(unix)]
fn schemas_for_editors_can_be_renewed() {
    let project = Project::empty();
    project.run(&["init"]).exits(0);
    let schemas = |run: &Run| found(run, None, "editor-schema");
    let run = doctor(&project, 0);
    for (result, message) in schemas(&run) {
        assert!(result == "right" && message.ends_with("is of this version of certctl"), "{message}");
    }
    assert_eq!(schemas(&run).len(), 2);
    project.write(".certctl.config.schema.json", "{}");
    std::fs::remove_file(project.file(".certctl.templates.schema.json")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", project.file(".certctl.templates.schema.json")).unwrap();
    let found = schemas(&project.run(&["doctor", "--json"]).exits(0));
    is(found[0].clone(), "look", ".certctl.templates.schema.json cannot be read");
    is(found[1].clone(), "look", ".certctl.config.schema.json is not the one of this version");
    std::fs::remove_file(project.file(".certctl.templates.schema.json")).unwrap();
    let run = doctor(&project, 0);
    let document = run.json();
    let checks = document["checks"].as_array().unwrap().iter();
    let outdated = checks.filter(|check| check["subject"] == "editor-schema");
    let commands: Vec<&str> = outdated.map(|check| check["remedy"][0]["command"].as_str().unwrap()).collect();
    assert_eq!(commands, ["certctl schema config > .certctl.config.schema.json"]);
    let renewed = project.run(&["schema", "config"]).exits(0).stdout;
    project.write(".certctl.config.schema.json", renewed);
    is(schemas(&doctor(&project, 0)).remove(0), "right", ".certctl.config.schema.json is of this version");
    // From another folder.
    project.write(".certctl.config.schema.json", "");
    std::fs::create_dir(project.file("below")).unwrap();
    let mut command = project.command(&["-C", "..", "doctor"]);
    let run = Run::of(command.current_dir(project.file("below")).output().unwrap()).exits(0);
    run.says("certctl schema config > ../.certctl.config.schema.json");
}
