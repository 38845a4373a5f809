//! Keys and passwords pasted into a template file.

use crate::{is_silent_about, project, surfaces, template_file};

const KEY: &str = "ti_live_abcdef0123456789";

#[track_caller]
fn never_shown(file: &str, text: &str, secret: &str) {
    let project = project();
    project.write(file, text);
    let said = surfaces(&project);
    assert!(said.contains(&format!("{file}:")), "nothing is wrong with\n{text}\n{said}");
    is_silent_about(&said, secret);
}

#[test]
fn key_below_a_template_is_not_shown() {
    for line in [
        "    api_key: KEY",
        "api_key: KEY",
        "  api_key: KEY",
        "    pw: KEY",
        "    KEY: 1",
        "    title: KEY: x",
    ] {
        let text = format!("{}{}\n", template_file(2), line.replace("KEY", KEY));
        never_shown("templates/b.yaml", &text, KEY);
    }
}

#[test]
fn password_in_an_unknown_field_is_not_shown() {
    for line in
        ["    pw: Sommerhaus", "    login: \"Sommerhaus\"", "    jwt: [Sommerhaus]", "pat: Sommerhaus"]
    {
        never_shown("templates/b.yaml", &format!("{}{line}\n", template_file(2)), "Sommerhaus");
    }
}

#[test]
fn unrelated_file_is_not_shown() {
    for text in
        ["TI_API_KEY=Sommerhaus\n", "Sommerhaus\n", "- Sommerhaus\n", "A=1\nexport PW=Sommerhaus: x\n"]
    {
        never_shown("templates/b.yaml", text, "Sommerhaus");
    }
}

#[test]
fn mistyped_field_is_shown_with_its_value() {
    let project = project();
    project.write("templates/b.yaml", format!("{}    titel: Cloud\n", template_file(2)));
    project.run(&["plan"]).exits(1).says("titel: Cloud").says("did you mean title?");
}
