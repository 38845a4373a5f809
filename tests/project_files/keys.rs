//! Keys and passwords that somebody wrote into certctl.toml, in whatever form.

use crate::{project, surfaces};

/// Not what a key looks like, so that only the place tells that it is one.
const KEY: &str = "tilive-abcdef";
/// What a key looks like, wherever it is.
const RANDOM: &str = "ti_live_abcdef0123456789";

/// Lines of certctl.toml with `KEY` in them.
const FORMS: [&str; 38] = [
    "api_key = KEY",
    "api_key = \"KEY",
    "api_key = \"KEY\"",
    "api_key = 'KEY",
    "api_key = \"KEY\" x",
    "api_key = [KEY]",
    "api_key =\n  KEY",
    "api_key = \"\"\"\nKEY",
    "api_key = '''\nKEY\n'''\nx =",
    "api_key: KEY",
    "export CERTCTL_API_KEY=KEY",
    "CERTCTL_API_KEY=KEY",
    "Authorization: Bearer KEY",
    "bearer = KEY",
    "bearer = \"KEY\"",
    "credentials = KEY",
    "credentials = \"KEY\"",
    "credentials = { user = \"x\", value = \"KEY\" }",
    "passwd = KEY\nx = = 1",
    "PASSWORD = \"KEY",
    "token = KEY",
    "client_secret = KEY",
    "api_key_command = \"KEY\"",
    "api_key_command = KEY",
    "api_key_command = [\"op\", KEY]",
    "api_key_command = [\n  \"op\",\n  KEY\n]",
    "api_key_command = [\n  \"op\",\n  \"KEY\",\n  1,\n]",
    "headers = { Authorization = \"Bearer KEY\" }",
    "headers = [\"Authorization\", KEY]",
    "headers = [\n  KEY,\n  Authorization\n]",
    "state = \"https://me:KEY@example.com/x\"",
    "state = \"postgres://me:KEY@example.com/x\"",
    "state = 'a?key=KEY/'",
    "stat = \"https://me:KEY@example.com/x\"",
    "x = \"https://example.com/?a=KEY\"",
    "x = https://example.com/?a=KEY",
    "[environments.p.credentials]\nvalue = \"KEY\"",
    "[environments.p.secrets]\nvalue = KEY",
];

/// Addresses of an environment with `KEY` in them.
const ADDRESSES: [&str; 12] = [
    "https://academy.example.com/?key=KEY",
    "https://academy.example.com?a=KEY",
    "https://academy.example.com/#KEY",
    "https://me:KEY@academy.example.com",
    "https://KEY@academy.example.com",
    "http://me:KEY@academy.example.com",
    "me:KEY@academy.example.com",
    "academy.example.com/?a=KEY",
    "ftp://academy.example.com/?a=KEY",
    "https://?a=KEY",
    "https://academy.example.com/ ?a=KEY",
    "sandbox?a=KEY",
];

#[track_caller]
fn never_shown(what: &str, settings: &str, key: &str) {
    let project = project();
    project.write("certctl.toml", settings);
    let said = surfaces(&project);
    assert!(!said.contains(key), "{what}\n{said}");
    project.run(&["plan"]).exits(1).says("certctl.toml:");
}

#[test]
fn no_form_of_a_key_in_the_settings_is_shown() {
    for form in FORMS {
        for (before, after) in [("url = \"sandbox\"\n", ""), ("", "\nurl = \"sandbox\"")] {
            let lines = form.replace("KEY", KEY);
            never_shown(form, &format!("[environments.p]\n{before}{lines}{after}\n"), KEY);
        }
    }
}

#[test]
fn no_address_with_a_secret_in_it_is_shown() {
    for address in ADDRESSES {
        let address = address.replace("KEY", KEY);
        never_shown(&address, &format!("[environments.p]\nurl = \"{address}\"\n"), KEY);
        never_shown(&address, &format!("[environments.p]\nurl = {address}\n"), KEY);
    }
}

#[test]
fn what_looks_like_a_key_is_shown_nowhere() {
    for lines in [
        "KEY",
        "= KEY",
        "x = KEY",
        "\"KEY\" = 1",
        "default_environment = \"KEY\"",
        "[environments.KEY]\nurl = 5",
        "[environments.\"KEY !\"]\nurl = \"sandbox\"",
        "[fields]\nKEY = \"x\"",
        "[environments.p]\nurl = \"KEY\"",
        "[environments.p]\nurl = \"https:KEY\"",
    ] {
        never_shown(lines, &format!("{}\n", lines.replace("KEY", RANDOM)), RANDOM);
    }
}

#[test]
fn a_key_given_as_a_program_is_not_shown() {
    let mut project = project();
    project.templates(&[crate::Template::number(1)]);
    project.write(
        "certctl.toml",
        format!("[environments.p]\nurl = \"https://academy.example.com\"\napi_key_command = [\"{RANDOM}\"]\n"),
    );
    let run = project.run(&["apply", "-y"]).exits(1).says("api_key_command").says("could not be started");
    assert!(!run.stderr.contains(RANDOM), "{}", run.stderr);
    project.set_env("CERTCTL_API_KEY_FILE", RANDOM);
    let run = project.run(&["apply", "-y"]).exits(1).says("CERTCTL_API_KEY_FILE");
    assert!(!run.stderr.contains(RANDOM), "{}", run.stderr);
}

#[test]
fn other_lines_are_shown_with_what_is_wrong() {
    let project = project();
    project.write("certctl.toml", "templats = [\"a\"]\n[environments.p]\nurl = \"sandbox\"\ntimeout = 5\n");
    let run = project.run(&["plan"]).exits(1).says("templats = [\"a\"]").says("timeout = 5");
    assert!(run.stderr.contains("did you mean templates?"), "{}", run.stderr);
    project.write("certctl.toml", "[environments.p]\nurl = sandbox\n");
    project.run(&["plan"]).exits(1).says("url = sandbox");
}
