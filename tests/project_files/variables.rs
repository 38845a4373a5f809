//! Variables: who sets them, and which are unused.

use crate::project;
use crate::support::Project;

/// A template whose title is `${var.name}`, and these variables.
fn titled(vars: &str) -> Project {
    let project = project();
    project.write(
        "certctl.toml",
        format!("[environments.sandbox]\nurl = \"sandbox\"\n[environments.sandbox.vars]\n{vars}\n"),
    );
    project.templates(&[crate::Template::number(1).titled("${var.name}")]);
    project
}

fn title(project: &Project, arguments: &[&str]) -> String {
    let plan = project.run(&[&["plan", "--json"], arguments].concat()).exits(0).json();
    plan["actions"][0]["after"]["title"].as_str().unwrap().to_owned()
}

#[test]
fn mistyped_variable_suggests_the_nearest_name() {
    let project = titled("name = \"Old\"");
    for command in [&["plan"][..], &["plan", "--json"], &["validate"], &["apply", "-y"]] {
        let run = project.run(&[command, &["--var", "nmae=New"]].concat()).exits(1);
        run.says("--var nmae").says("did you mean name?");
    }
    assert_eq!(title(&project, &["--var", "name=New"]), "New");
    // Together with other findings.
    project.templates(&[crate::Template::number(1).with("titel: x")]);
    project.run(&["plan", "--var", "nmae=New"]).exits(1).says("nmae").says("titel");
}

#[test]
fn names_from_templates_and_other_environments_are_known() {
    let project =
        titled("other = \"x\"\n[environments.more]\nurl = \"sandbox\"\nvars = { colour = \"red\" }");
    assert_eq!(title(&project, &["-e", "sandbox", "--var", "name=New", "--var", "colour=blue"]), "New");
}

#[test]
fn upper_case_process_variables_are_understood() {
    let mut project = titled("name = \"Old\"");
    project.set_env("CERTCTL_VAR_NAME", "New");
    assert_eq!(title(&project, &[]), "New");
    let mut project = titled("other = \"x\"");
    project.set_env("CERTCTL_VAR_NAME", "New");
    assert_eq!(title(&project, &[]), "New", "a name that only a template has");
    let mut project = titled("name = \"Old\"\nName = \"x\"");
    project.set_env("CERTCTL_VAR_NAME", "New");
    assert_eq!(title(&project, &[]), "Old");
    project.run(&["plan"]).exits(0).says("CERTCTL_VAR_NAME").says("Name, name");
}

#[test]
fn unused_process_variable_is_noted() {
    let mut project = titled("name = \"Old\"");
    project.set_env("CERTCTL_VAR_nmae", "New");
    project.run(&["plan"]).exits(0).says("note: CERTCTL_VAR_nmae is not used").says("did you mean name?");
    let run = project.run(&["plan", "-q"]).exits(0);
    assert_eq!(run.stderr, "");
    project.set_env("CERTCTL_VAR_nmae", "");
    assert_eq!(project.run(&["plan"]).exits(0).stderr, "");
}

#[test]
fn values_may_use_other_variables() {
    let project = titled("course = \"Cloud\"\nlevel = 101\nname = \"${var.course} ${var.level}\"");
    assert_eq!(title(&project, &[]), "Cloud 101");
    assert_eq!(title(&project, &["--var", "level=102"]), "Cloud 102");
    assert_eq!(title(&project, &["--var", "name=$${x}"]), "${x}");
}

#[test]
fn cyclic_values_are_a_finding_with_the_chain() {
    let project = titled("name = \"${var.a}\"\na = \"${var.b}\"\nb = \"x ${var.name}\"");
    let run = project.run(&["plan"]).exits(1).says("certctl.toml:5:5");
    run.says("a → b → name → a");
    let project = titled("name = \"${var.nowhere}\"");
    project.run(&["plan"]).exits(1).says("certctl.toml:4:8").says("nowhere");
    project.run(&["state", "list"]).exits(0);
}

#[test]
fn variable_expansion_is_limited() {
    let lines: String =
        (1..12).map(|n| format!("v{n} = \"{}\"\n", format!("${{var.v{}}}", n - 1).repeat(20))).collect();
    let project = titled(&format!("v0 = \"0123456789\"\n{lines}name = \"${{var.v11}}\""));
    project.run(&["plan"]).exits(1).says("is too long with the variables in it");
}

#[test]
fn saved_plan_accepts_no_values() {
    let project = titled("name = \"Old\"");
    project.run(&["plan", "--out", "saved.plan"]).exits(0);
    project.run(&["apply", "saved.plan", "--var", "name=New"]).exits(1).says("--var");
    project.run(&["apply", "saved.plan"]).exits(0);
}

#[test]
fn printed_flag_can_be_pasted() {
    let advice = |name: &str| {
        let project = titled("other = \"\"");
        project.templates(&[crate::Template::number(1).titled(&format!("${{var.{name}}}"))]);
        project.run(&["plan"]).exits(1).says("[environments.sandbox.vars]").stderr
    };
    assert!(advice("a").contains("--var a=VALUE"));
    assert!(advice("a b").contains("--var 'a b=VALUE'"));
    assert!(advice("-a").contains("--var=-a=VALUE"));
    // The flag would end the name at its first `=`.
    assert!(!advice("a=b").contains("--var"));
}
