//! Keys and passwords in certctl.toml, in every form.

use crate::{is_silent_about, project, surfaces};

/// Does not look like a key, so only its position shows that it is one.
const KEY: &str = "tilive-abcdef";
/// Looks like a key in any position.
const RANDOM: &str = "ti_live_abcdef0123456789";

/// Lines of certctl.toml with the placeholder `VALUE`.
const FORMS: [&str; 40] = [
    "api_key = VALUE",
    "api_key = \"VALUE",
    "api_key = \"VALUE\"",
    "api_key = 'VALUE",
    "api_key = \"VALUE\" x",
    "api_key = [VALUE]",
    "api_key =\n  VALUE",
    "api_key = \"\"\"\nVALUE",
    "api_key = '''\nVALUE\n'''\nx =",
    "api_key: VALUE",
    "export CERTCTL_API_KEY=VALUE",
    "CERTCTL_API_KEY=VALUE",
    "Authorization: Bearer VALUE",
    "bearer = VALUE",
    "bearer = \"VALUE\"",
    "credentials = VALUE",
    "credentials = \"VALUE\"",
    "credentials = { user = \"x\", value = \"VALUE\" }",
    "passwd = VALUE\nx = = 1",
    "PASSWORD = \"VALUE",
    "token = VALUE",
    "client_secret = VALUE",
    "api_key_command = \"VALUE\"",
    "api_key_command = VALUE",
    "api_key_command = [\"op\", VALUE]",
    "api_key_command = [\n  \"op\",\n  VALUE\n]",
    "api_key_command = [\n  \"op\",\n  \"VALUE\",\n  1,\n]",
    "headers = { Authorization = \"Bearer VALUE\" }",
    "headers = [\"Authorization\", VALUE]",
    "headers = [\n  VALUE,\n  Authorization\n]",
    "state = \"https://me:VALUE@example.com/x\"",
    "state = \"postgres://me:VALUE@example.com/x\"",
    "state = 'a?key=VALUE/'",
    "stat = \"https://me:VALUE@example.com/x\"",
    "x = \"https://example.com/?a=VALUE\"",
    "x = https://example.com/?a=VALUE",
    "state = \"me:VALUE@example.com/x.json\"",
    "state = \"https://example.com/x.json?a=VALUE\"",
    "[environments.p.credentials]\nvalue = \"VALUE\"",
    "[environments.p.secrets]\nvalue = VALUE",
];

/// Addresses of an environment with the placeholder `VALUE`.
const ADDRESSES: [&str; 12] = [
    "https://academy.example.com/?key=VALUE",
    "https://academy.example.com?a=VALUE",
    "https://academy.example.com/#VALUE",
    "https://me:VALUE@academy.example.com",
    "https://VALUE@academy.example.com",
    "http://me:VALUE@academy.example.com",
    "me:VALUE@academy.example.com",
    "academy.example.com/?a=VALUE",
    "ftp://academy.example.com/?a=VALUE",
    "https://?a=VALUE",
    "https://academy.example.com/ ?a=VALUE",
    "sandbox?a=VALUE",
];

#[track_caller]
fn never_shown(what: &str, settings: &str, key: &str) {
    let project = project();
    project.write("certctl.toml", settings);
    let run = project.run(&["plan", "-vv", "--report", "markdown=r.md"]).exits(1).says("certctl.toml:");
    let said = format!("{}{}{}", run.stdout, run.stderr, project.read("r.md"));
    assert!(!said.contains(key), "{what}\n{settings}\n{}", run.stderr);
}

#[test]
fn no_surface_shows_a_key_in_the_settings() {
    for form in [
        "api_key = VALUE",
        "api_key_command = [\n  VALUE,\n]",
        "url = \"https://me:VALUE@example.com/?a=VALUE\"",
    ] {
        let project = project();
        project.write("certctl.toml", format!("[environments.p]\n{}\n", form.replace("VALUE", KEY)));
        assert!(project.read("certctl.toml").contains(KEY), "the key is there to be shown");
        let said = surfaces(&project);
        assert!(said.contains("certctl.toml:"), "the place is named: {said}");
        is_silent_about(&said, KEY);
    }
}

#[test]
fn no_form_of_a_key_is_shown() {
    for form in FORMS {
        for (before, after) in [("url = \"sandbox\"\n", ""), ("", "\nurl = \"sandbox\"")] {
            let lines = form.replace("VALUE", KEY);
            never_shown(form, &format!("[environments.p]\n{before}{lines}{after}\n"), KEY);
        }
    }
}

#[test]
fn no_address_with_a_secret_is_shown() {
    for address in ADDRESSES {
        let address = address.replace("VALUE", KEY);
        never_shown(&address, &format!("[environments.p]\nurl = \"{address}\"\n"), KEY);
        never_shown(&address, &format!("[environments.p]\nurl = {address}\n"), KEY);
    }
}

#[test]
fn no_value_of_an_unknown_setting_is_shown() {
    for line in [
        "pw = VALUE",
        "pw = \"VALUE\"",
        "login = VALUE",
        "jwt: VALUE",
        "VALUE",
        "kennwort = \"VALUE\" x",
        "user = \"admin:VALUE\"",
        "x = \"https://h/p;jsessionid=VALUE\"",
        "x = { a = \"VALUE\", b = 1 }",
        "x = \"\"\"\nVALUE\n\"\"\"",
        "x = \"\"\"\nVALUE",
        "x = [\n  \"VALUE\",\n  VALUE,\n]",
        "api = { pat = \"VALUE\", sig = 1 }",
        "vars = { pat = VALUE }",
        "[environments.p.api]\npat = \"VALUE\"",
        "[fields]\npat = \"VALUE\"",
        "[more]\nsession = \"VALUE\"",
    ] {
        let line = line.replace("VALUE", "Sommerhaus");
        never_shown(&line, &format!("[environments.p]\nurl = \"sandbox\"\n{line}\n"), "Sommerhaus");
    }
}

#[test]
fn key_in_a_url_path_is_refused() {
    let address = format!("https://academy.example.com/incoming/v2/{RANDOM}");
    never_shown(&address, &format!("[environments.p]\nurl = \"{address}\"\n"), RANDOM);
}

#[test]
fn texts_like_keys_are_never_shown() {
    for lines in [
        "templates = [\"KEY/*.yaml\"]",
        "templates = [\"../../KEY/*.yaml\", \"{a,KEY}/\"]",
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
fn key_given_as_a_program_is_not_shown() {
    let mut project = project();
    project.templates(&[crate::Template::number(1)]);
    project.write(
        "certctl.toml",
        format!(
            "[environments.p]\nurl = \"https://academy.example.com\"\napi_key_command = [\"{RANDOM}\"]\n"
        ),
    );
    let run = project.run(&["apply", "-y"]).exits(1).says("api_key_command").says("could not be started");
    assert!(!run.stderr.contains(RANDOM), "{}", run.stderr);
    project.set_env("CERTCTL_API_KEY_FILE", RANDOM);
    let run = project.run(&["apply", "-y"]).exits(1).says("CERTCTL_API_KEY_FILE");
    assert!(!run.stderr.contains(RANDOM), "{}", run.stderr);
}

#[test]
fn other_lines_are_shown_with_findings() {
    let project = project();
    project.write("certctl.toml", "templats = [\"a\"]\n[environments.p]\nurl = \"sandbox\"\ntimeout = 5\n");
    let run = project.run(&["plan"]).exits(1).says("templats = …").says("timeout = …");
    assert!(run.stderr.contains("did you mean templates?"), "{}", run.stderr);
    project.write("certctl.toml", "[environments.p]\nurl = sandbox\n");
    project.run(&["plan"]).exits(1).says("url = sandbox");
}
