//! Tests of certctl.toml as people write it, and of the findings about it.

use std::path::Path;
use std::time::Duration;

use super::{Config, MAX_BYTES, ServerAddress, VariableSource, is_readable, load, parse};
use crate::model::{Addressing, Advice, RunOption, SourceText};

fn read(text: &str) -> Config {
    parse(&SourceText::new("certctl.toml", text), Path::new("/p"))
        .unwrap_or_else(|findings| panic!("{findings:?}"))
}

/// Returns the globs of the template files.
fn texts(config: &Config) -> Vec<&str> {
    config.templates.iter().map(|glob| glob.text.as_str()).collect()
}

/// Returns the findings as `line:column rule`; fails if there are none.
fn findings(text: &str) -> Vec<String> {
    let findings = all_findings(text);
    assert_ne!(findings, Vec::<String>::new(), "{text}");
    findings
}

/// Returns the findings as `line:column rule`, possibly none.
fn all_findings(text: &str) -> Vec<String> {
    let findings = parse(&SourceText::new("certctl.toml", text), Path::new("/p")).err().unwrap_or_default();
    findings.iter().map(|f| format!("{}:{} {}", f.place.line, f.place.column, f.rule)).collect()
}

const EXAMPLE: &str = r#"
templates = ["certs/*.yaml"]
default_environment = "sandbox"

[environments.sandbox]
url = "sandbox"

[environments.production]
url   = "https://academy.example.com/"
state = "elsewhere/production.json"
api_key_command = ["op", "read", "x"]

[environments.production.vars]
cloud_101 = "8f14e45f"

[environments.production.api]
batch_size = 50
requests_per_minute = 120
concurrency = 2
timeout = "30s"
job_timeout = "1h"
addressing = "id"
trust_upsert = true

[environments.production.safety]
max_changes = 7
max_change_percent = 5
require_saved_plan = true
"#;

#[test]
fn every_setting_is_read() {
    let config = read(EXAMPLE);
    assert_eq!(texts(&config), ["certs/*.yaml"]);
    assert_eq!((config.templates[0].place.line, config.templates[0].place.column), (2, 14));
    let production = config.environment(Some("production")).unwrap();
    assert_eq!(production.server.identity(), "https://academy.example.com");
    assert_eq!(production.state, Path::new("/p/elsewhere/production.json"));
    assert_eq!(production.vars["cloud_101"].value.to_string(), "8f14e45f");
    assert_eq!(production.api_key_command.as_deref().map(<[String]>::len), Some(3));
    let api = production.api;
    assert_eq!((api.batch_size, api.requests_per_minute, api.concurrency), (50, 120, 2));
    assert_eq!((api.timeout, api.job_timeout), (Duration::from_secs(30), Duration::from_secs(3600)));
    assert_eq!((api.addressing, api.trust_upsert), (Addressing::Id, true));
    let safety = production.safety;
    assert_eq!(
        (safety.max_changes, safety.max_change_percent, safety.require_saved_plan),
        (Some(7), 5, true)
    );
}

#[test]
fn missing_settings_have_defaults() {
    let config = read("[environments.e]\nurl = \"sandbox\"\n");
    let only = config.environment(None).unwrap();
    assert_eq!(only.state, Path::new("/p/state/e.json"));
    assert_eq!((only.api.batch_size, only.api.concurrency, only.safety.max_change_percent), (100, 4, 30));
    assert_eq!(texts(&config), ["templates/**/*.{yaml,yml}"]);
    assert_eq!(read("").environment(None).unwrap().server, ServerAddress::Sandbox);
}

#[test]
fn an_environment_is_chosen_by_name_or_default() {
    let config = read(EXAMPLE);
    assert_eq!(config.environment(None).unwrap().name, "sandbox");
    let error = config.environment(Some("prodution")).unwrap_err().to_string();
    assert!(error.contains("did you mean production?") && error.contains("sandbox"), "{error}");
    let two = read("[environments.a]\nurl = \"sandbox\"\n[environments.b]\nurl = \"sandbox\"\n");
    let advice = two.environment(None).unwrap_err().help();
    let advice: Vec<_> = advice.steps().filter_map(|(_, command)| command).collect();
    assert_eq!(advice, [&Advice::AddOption(RunOption::Environment)]);
}

#[test]
fn every_error_is_found_in_one_run() {
    let text = "template = []\ndefault_environment = 7\n[environments.p]\nurl = \"http://academy.example.com\"\nurls = 1\n\
                [environments.p.api]\nbatch_size = 0\ntimeout = 30\naddressing = \"key\"\n[environments.p.safety]\nmax_change_percent = 101\n\
                [environments.p.vars]\nx = 1.5\n";
    assert_eq!(
        findings(text),
        [
            "1:1 unknown-setting",
            "2:23 wrong-setting",
            "4:7 url",
            "5:1 unknown-setting",
            "7:14 wrong-setting",
            "8:11 wrong-setting",
            "9:14 wrong-setting",
            "11:22 wrong-setting",
            "13:5 wrong-setting",
        ]
    );
}

#[test]
fn errors_of_the_whole_file_are_found() {
    assert_eq!(
        findings("default_environment = \"b\"\n[environments.a]\nurl = \"sandbox\"\n"),
        ["1:23 unknown-environment"]
    );
    assert_eq!(findings("[environments.a]\n"), ["1:15 url"]);
    assert_eq!(findings("[environments.\"a/b\"]\nurl = \"sandbox\"\n"), ["1:15 environment-name"]);
    let shared = "[environments.a]\nurl = \"sandbox\"\nstate = \"s\"\n[environments.b]\nurl = \"sandbox\"\nstate = \"s\"\n";
    assert_eq!(findings(shared), ["4:15 shared-state"]);
    assert_eq!(findings("a = \n"), ["1:5 toml-syntax"]);
    assert_eq!(findings("environments = 3\n"), ["1:16 wrong-setting"]);
    assert_eq!(findings("[environments]\na = 3\n"), ["2:5 wrong-setting"]);
}

#[test]
fn one_error_hides_no_other() {
    assert_eq!(findings("a = \nb = ]\nc = 1\nc = 2\n").len(), 3, "syntax");
    assert_eq!(
        findings("default_environment = \"prodution\"\n[environments.production]\nurl = 5\n"),
        ["1:23 unknown-environment", "3:7 wrong-setting"]
    );
    assert_eq!(findings("templates = [1, \"a\", 2]\n"), ["1:14 wrong-setting", "1:22 wrong-setting"]);
    let shared = "[environments.a]\nurl = \"sandbox\"\nstate = \"x/../state/b.json\"\n[environments.b]\nurl = \"sandbox\"\n";
    assert_eq!(findings(shared), ["4:15 shared-state"]);
}

#[test]
fn numbers_and_times_have_bounds() {
    let with = |table: &str, line: &str| {
        format!("[environments.e]\nurl = \"sandbox\"\n[environments.e.{table}]\n{line}\n")
    };
    for (table, line, fits) in [
        ("api", "batch_size = 1_000", true),
        ("api", "batch_size = 0x10", true),
        ("api", "batch_size = 1001", false),
        ("api", "batch_size = -1", false),
        ("api", "batch_size = 1.0", false),
        ("api", "batch_size = \"5\"", false),
        ("api", "requests_per_minute = 0", false),
        ("api", "concurrency = 32", true),
        ("api", "concurrency = 33", false),
        ("api", "timeout = \"1500ms\"", true),
        ("api", "timeout = \"0s\"", false),
        ("api", "timeout = \"120\"", false),
        ("api", "job_timeout = \"7d\"", true),
        ("api", "job_timeout = \"584542046090years\"", false),
        ("api", "trust_upsert = \"yes\"", false),
        ("store", "lease = \"10s\"", true),
        ("store", "lease = \"9s\"", false),
        ("store", "lease = \"2h\"", false),
        ("store", "allow_unsafe_store = true", true),
        ("safety", "max_changes = 0", true),
        ("safety", "max_change_percent = 100", true),
        ("safety", "max_change_percent = 101", false),
        ("vars", "a = true", true),
        ("vars", "a = 365", true),
        ("vars", "a = 9223372036854775808", false),
        ("vars", "a = 1.5", false),
        ("vars", "a = [\"x\"]", false),
    ] {
        let text = with(table, line);
        let column = line.find('=').unwrap() + 3;
        let expected = if fits { Vec::new() } else { vec![format!("4:{column} wrong-setting")] };
        assert_eq!(all_findings(&text), expected, "{line}");
    }
}

#[test]
fn unmatched_names_are_refused() {
    assert_eq!(findings("templates = []\n"), ["1:13 wrong-setting"]);
    for line in ["state = \"\"", "state = \"state/\"", "api_key_command = []", "api_key_command = [\"\"]"] {
        let text = format!("[environments.e]\nurl = \"sandbox\"\n{line}\n");
        assert_eq!(findings(&text), [format!("3:{} wrong-setting", line.find('=').unwrap() + 3)], "{line}");
    }
    let long = format!("[environments.{}]\nurl = \"sandbox\"\n", "x".repeat(101));
    assert_eq!(findings(&long), ["1:15 environment-name"]);
}

#[test]
fn lines_with_a_password_are_hidden() {
    let text = "[environments.e]\nurl = \"https://me:topsecret@a.example\"\n";
    let found = parse(&SourceText::new("certctl.toml", text), Path::new("/p")).unwrap_err();
    assert_eq!((found.len(), found[0].place.line), (1, 2));
    assert!(!format!("{found:?}").contains("topsecret"), "{found:?}");
}

#[test]
fn missing_or_ambiguous_files_are_reported() {
    let says = |make: &dyn Fn(&Path)| {
        let folder = tempfile::tempdir().unwrap();
        make(folder.path());
        load(folder.path(), &crate::model::GivenKeys::default()).unwrap_err().to_string()
    };
    let write = |folder: &Path, name: &str, bytes: &[u8]| std::fs::write(folder.join(name), bytes).unwrap();
    assert!(says(&|_| {}).contains("there is no certctl.toml"));
    assert!(
        says(&|folder| std::fs::create_dir(folder.join("certctl.toml")).unwrap()).contains("a directory")
    );
    assert!(says(&|folder| write(folder, "certctl.toml", b"a = \"\xff\"")).contains("certctl.toml:1:6"));
    let only_yaml = says(&|folder| write(folder, "certctl.yaml", b""));
    assert!(only_yaml.contains("certctl.yaml") && only_yaml.contains("no certctl.toml"), "{only_yaml}");
    let two = says(&|folder| {
        write(folder, "certctl.toml", b"");
        write(folder, ".certctl.toml", b"");
    });
    assert!(two.contains(".certctl.toml") && two.contains("both"), "{two}");
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "certctl.toml", "\u{feff}templates = [\"é\"]\r\n".as_bytes());
    assert_eq!(texts(&load(folder.path(), &crate::model::GivenKeys::default()).unwrap()), ["é"]);
}

#[test]
fn expansion_of_globs_is_limited() {
    let hundreds =
        format!("{{{}}}/*.yaml", (0..300).map(|number| format!("a{number}")).collect::<Vec<_>>().join(","));
    let globs = |count: usize| format!("templates = [\n{}]\n", format!("{hundreds:?},\n").repeat(count));
    assert_eq!(all_findings(&globs(3)), Vec::<String>::new());
    assert_eq!(findings(&globs(50)), ["5:1 glob"]);
}

#[test]
fn a_variable_has_its_place() {
    let config =
        read("[environments.e]\nurl = \"sandbox\"\n[environments.e.vars]\na = \"x\"\napi_token = \"y\"\n");
    let places: Vec<(usize, usize, &str)> = config.environments["e"]
        .vars
        .values()
        .map(|variable| match &variable.source {
            VariableSource::File(place) => (place.line, place.column, place.source_line.as_str()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(places, [(4, 5, "a = \"x\""), (5, 13, "")]);
}

#[test]
fn findings_are_limited_to_a_thousand() {
    let text: String = (0..3000).map(|number| format!("[environments.e{number}]\nx = 1\n")).collect();
    let found = parse(&SourceText::new("certctl.toml", &text), Path::new("/p")).unwrap_err();
    assert_eq!(found.len(), 1000);
}

#[test]
fn lookalike_characters_are_named() {
    for (line, name) in [
        ("url\u{a0}= \"sandbox\"", "no-break space (U+00A0)"),
        ("url = \u{201c}sandbox\u{201d}", "typographic quote (U+201C)"),
    ] {
        let text = format!("[environments.p]\n{line}\n");
        let found = parse(&SourceText::new("certctl.toml", &text), Path::new("/p")).unwrap_err();
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].message.contains(name) && found[0].place.source_line == line, "{found:?}");
    }
}

#[test]
fn names_like_keys_are_not_shown() {
    for text in [
        "ti_live_FOOBAR = 1\n",
        "ti_live_FOOBAR123 = 1\n",
        "ti_live_SECRETKEY123 = 1\n",
        "abcSECRET123 = 1\n",
        "ti_live_FOOBAR\n",
        "[ti_live_FOOBAR]\nx = 1\n",
        "[environments.ti_live_FOOBAR]\nurl = \"sandbox\"\n",
        "[environments.ti_live_FOOBAR]\nurl = \"sandbox\"\nstate = \"\"\n",
        "[environments.p.ti_live_FOOBAR]\nx = 1\n",
        "[environments.p.vars]\nti_live_FOOBAR = 1\n",
        "[environments.p.vars]\nti_live_FOOBAR = []\n",
        "[environments.p.vars]\nti_live_FOOBAR = 1\nti_live_FOOBAR = 1\n",
        "[fields]\nti_live_FOOBAR = 1\n",
        "default_environment = \"ti_live_FOOBAR\"\n",
        "[environments.p]\nurl = \"https://a.example/ti_live_FOOBAR\"\n",
        "[environments.p]\nurl = \"https://a.example/;x=FOOBAR\"\n",
    ] {
        let found = parse(&SourceText::new("certctl.toml", text), Path::new("/p")).unwrap_err();
        let said = format!("{found:?}");
        assert!(!said.contains("FOOBAR") && !said.contains("SECRET") && !found.is_empty(), "{text}: {said}");
    }
}

#[test]
fn repeated_table_is_one_finding() {
    let text = "[environments.p]\nurl = \"sandbox\"\n[environments.q]\nurl = \"sandbox\"\n\
                [environments.p]\nurl = \"sandbox\"\nstate = \"a\"\n[environments.q.vars]\na = 1\na = 2\n";
    let found = parse(&SourceText::new("certctl.toml", text), Path::new("/p")).unwrap_err();
    let said: Vec<_> = found.iter().map(|one| (one.place.line, one.message.as_str())).collect();
    assert_eq!(
        said,
        [
            (5, "[environments.p] is defined twice, and only one can count"),
            (10, "\"a\" is defined twice, and only one can count")
        ]
    );
    assert_eq!(found[0].related[0].0.line, 1);
}

#[test]
fn nesting_errors_have_our_words() {
    let text = format!("x = {}", "[".repeat(3000));
    let found = parse(&SourceText::new("certctl.toml", &text), Path::new("/p")).unwrap_err();
    assert_eq!(found[0].message, "this is not TOML: lists or tables are nested too deeply here");
}

#[test]
fn one_invalid_line_is_one_finding() {
    let text = "[environments.p]\nurl: sandbox\n";
    let found = parse(&SourceText::new("certctl.toml", text), Path::new("/p")).unwrap_err();
    assert_eq!((found.len(), found[0].place.line), (1, 2), "{found:?}");
}

#[test]
fn no_message_contradicts_itself() {
    let text = "[environments.p]\nurl = \"sandbox\"\n[environments.p.safety]\nmax_change_percent = 300\n";
    let found = parse(&SourceText::new("certctl.toml", text), Path::new("/p")).unwrap_err();
    assert_eq!(found[0].message, "max_change_percent must be a whole number from 0 to 100");
}

#[test]
fn fields_are_named_by_variable_or_id() {
    let text = "[fields]\nlearner = \"nameLabel\"\n8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01 = \"Dr Marquardt\"\n\
                [environments.e]\nurl = \"sandbox\"\nvars = { learner = \"x\" }\n";
    assert_eq!(read(text).fields["learner"], "nameLabel");
    let wrong = text.replace("learner = \"nameLabel\"", "lerner = 1");
    assert_eq!(findings(&wrong), ["2:1 unknown-field", "2:10 wrong-setting"]);
}

proptest::proptest! {
    #[test]
    fn no_text_is_a_panic(text: String) {
        let _ = parse(&SourceText::new("certctl.toml", &text), Path::new("/p"));
    }
}

#[test]
fn too_long_a_text_is_not_written() {
    let limit = usize::try_from(MAX_BYTES).unwrap();
    assert!(is_readable(&" ".repeat(limit)) && !is_readable(&" ".repeat(limit + 1)));
}
