//! Prints the table of settings as `docs/settings.md`, and checks that its examples and defaults pass its own rules.

use std::collections::BTreeSet;
use std::path::Path;

use super::{SETTINGS, Setting, SettingType};
use crate::config::parse;
use crate::model::SourceText;
use crate::model::reference::{assert_current, code, row};

const INTRODUCTION: &str = "\
# Settings of certctl.toml

certctl reads `certctl.toml` in the current directory, or in the one that `-C` names. Everything that it may hold is listed here; any
other name is an error, with the nearest name that exists. All findings come in one run, each with file, line and column.
`certctl init` writes a file with comments. `NAME` is a name of your own choice. API keys never belong in this file.

This page is printed from the table in `src/config/settings/table.rs`; `just snapshots` renews it.
";

/// Writes a path as the heading of its table.
fn heading(path: &str) -> String {
    let is_list = |setting: &Setting| setting.path == path && matches!(setting.value, SettingType::Tables);
    match path {
        "" => "The whole file".to_owned(),
        path if SETTINGS.iter().any(is_list) => format!("`[[{path}]]`"),
        path => format!("`[{}]`", path.replace('*', "NAME")),
    }
}

fn value(setting: &Setting) -> String {
    match &setting.value {
        SettingType::Number { unit, .. } => format!("{} ({unit})", setting.value.expected()),
        SettingType::Globs => "a list of globs".to_owned(),
        SettingType::EnvironmentName => "the name of an environment".to_owned(),
        SettingType::Server => "an address, or `\"sandbox\"`".to_owned(),
        SettingType::StatePath => "the path of a file, or an address".to_owned(),
        SettingType::Command => "a program and its arguments, as a list of strings".to_owned(),
        other => other.expected(),
    }
}

fn default(setting: &Setting) -> String {
    let of_type = match &setting.value {
        SettingType::Number { default: Some(number), .. } => code(&number.to_string()),
        SettingType::Time { default, .. } => code(&format!("{:?}", format!("{}s", default.as_secs()))),
        SettingType::Boolean { default } => code(&default.to_string()),
        SettingType::OneOf(words) => code(&format!("{:?}", words[0])),
        _ => String::new(),
    };
    match (setting.required, setting.absent) {
        (Some(_), _) => "required".to_owned(),
        (None, "") => of_type,
        (None, words) => words.to_owned(),
    }
}

fn meaning(setting: &Setting) -> String {
    let mut text = setting.meaning.to_owned();
    if !setting.excludes.is_empty() {
        text.push_str(&format!("; not together with {}", setting.excludes.join(", ")));
    }
    if setting.since != "0.1.0" {
        text.push_str(&format!(" (since {})", setting.since));
    }
    text
}

fn section(path: &str, about: &str) -> String {
    let of_table: Vec<&Setting> = SETTINGS.iter().filter(|setting| setting.table() == path).collect();
    let about = if about.is_empty() { String::new() } else { format!("{about}.\n\n") };
    let mut text = format!("\n## {}\n\n{about}", heading(path));
    text.push_str(&row(&["setting", "value", "without it", "meaning", "example"]));
    text.push_str("|---|---|---|---|---|\n");
    for setting in of_table {
        let name = match setting.name() {
            "*" => "`NAME`".to_owned(),
            name => code(name),
        };
        let (value, default, meaning) = (value(setting), default(setting), meaning(setting));
        text.push_str(&row(&[&name, &value, &default, &meaning, &code(setting.example)]));
    }
    text
}

#[test]
fn the_page_is_current() {
    let mut text = INTRODUCTION.to_owned() + &section("", "");
    for table in SETTINGS.iter().filter(|setting| setting.is_table() && setting.path != "environments") {
        text.push_str(&section(table.path, &meaning(table)));
    }
    let removed: Vec<String> = SETTINGS
        .iter()
        .filter_map(|setting| match setting.value {
            SettingType::Removed { since, instead } => Some(row(&[&code(setting.path), since, instead])),
            _ => None,
        })
        .collect();
    if !removed.is_empty() {
        text.push_str(&format!(
            "\n## No longer read\n\n| setting | since | instead |\n|---|---|---|\n{}",
            removed.concat()
        ));
    }
    assert_current("settings.md", &text);
}

#[test]
fn paths_are_unique_and_have_a_table() {
    let paths: BTreeSet<&str> = SETTINGS.iter().map(|setting| setting.path).collect();
    assert_eq!(paths.len(), SETTINGS.len());
    for setting in SETTINGS {
        assert!(setting.table().is_empty() || paths.contains(setting.table()), "{}", setting.path);
        for other in setting.excludes {
            assert!(SETTINGS.iter().any(|one| one.table() == setting.table() && one.name() == *other));
        }
    }
}

/// Writes a file with one setting, in an environment that has an address.
fn file_with(setting: &Setting, value: &str) -> String {
    let name = if setting.name() == "*" { "field" } else { setting.name() };
    let url = "[environments.sandbox]\nurl = \"sandbox\"\nvars = { field = \"x\" }\n";
    let table = setting.table().replace('*', "e");
    match setting.table() {
        "" => format!("{name} = {value}\n{url}"),
        "fields" => format!("{url}[fields]\n{name} = {value}\n"),
        "drift" => format!("{url}[drift]\n{name} = {value}\n"),
        "drift.ignore" => {
            let others = [("reason", "reason = \"x\"\n"), ("key", "key = \"x\"\n")];
            let others = others.into_iter().filter(|(other, _)| !name.starts_with(other));
            let others: String = others.map(|(_, line)| line).collect();
            format!("{url}[[drift.ignore]]\n{others}{name} = {value}\n")
        }
        "environments.*" if name == "url" => format!("[{table}]\nurl = {value}\n"),
        "environments.*" => format!("[{table}]\nurl = \"sandbox\"\n{name} = {value}\n"),
        _ => {
            let required = SETTINGS.iter().filter(|other| {
                other.table() == setting.table() && other.required.is_some() && other.path != setting.path
            });
            let beside: String =
                required.map(|other| format!("{} = {}\n", other.name(), other.example)).collect();
            format!("[environments.e]\nurl = \"sandbox\"\n[{table}]\n{name} = {value}\n{beside}")
        }
    }
}

fn messages(text: &str) -> Vec<String> {
    let found = parse(&SourceText::new("certctl.toml", text), Path::new("/p")).err().unwrap_or_default();
    found.into_iter().map(|finding| finding.message).collect()
}

#[test]
fn examples_pass_their_own_rules() {
    for setting in SETTINGS.iter().filter(|setting| !setting.is_table()) {
        let text = file_with(setting, setting.example);
        assert_eq!(messages(&text), [""; 0], "{text}");
    }
}

#[test]
fn numbers_are_limited_as_the_table_says() {
    for setting in SETTINGS {
        let SettingType::Number { range, .. } = &setting.value else { continue };
        let fits = |number: u64| messages(&file_with(setting, &number.to_string())).is_empty();
        assert!(fits(*range.start()), "{}", setting.path);
        assert!(*range.start() == 0 || !fits(range.start() - 1), "{}", setting.path);
        if *range.end() < u64::MAX {
            assert!(fits(*range.end()) && !fits(range.end() + 1), "{}", setting.path);
        }
    }
}

#[test]
fn defaults_are_values_that_the_rules_allow() {
    for setting in SETTINGS {
        let value = match &setting.value {
            SettingType::Number { default: Some(number), .. } => number.to_string(),
            SettingType::Time { default, .. } => format!("{:?}", format!("{}s", default.as_secs())),
            SettingType::OneOf(words) => format!("{:?}", words[0]),
            _ => continue,
        };
        assert_eq!(messages(&file_with(setting, &value)), [""; 0], "{}", setting.path);
    }
}

/// Settings of later versions: accepted before they have an effect, they would promise what does not happen.
#[test]
fn settings_of_later_versions_are_unknown() {
    for lines in ["[lint]\nrules = {}\n", "allow_unsafe_store = true\n"] {
        let text = format!("{lines}[environments.e]\nurl = \"sandbox\"\n");
        let said = messages(&text);
        assert!(said.len() == 1 && said[0].contains("is not a setting of"), "{lines}: {said:?}");
    }
}
