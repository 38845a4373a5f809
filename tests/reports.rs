//! `--report`, also for failures before there is a plan, so that a comment never shows an outdated plan.
#![expect(clippy::unwrap_used, reason = "the lint knows test functions, not the functions that they share")]

mod support;

use serde_json::Value;
use support::{Project, Sandbox, Template, numbered};

const REPORTS: [&str; 4] = ["--report", "markdown=report.md", "--report", "json=report.json"];

fn with<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    arguments.iter().chain(&REPORTS).copied().collect()
}

/// The Markdown and the JSON report.
fn reports(project: &Project) -> (String, Value) {
    (project.read("report.md"), serde_json::from_str(&project.read("report.json")).unwrap())
}

fn wrong(project: &Project) {
    project.write(
        "templates/wrong.yaml",
        "templates:\n  a:\n    titel: </details>@everyone\n    resourceType: curse\n    resourceId: nonsense\n",
    );
}

#[test]
fn template_problems_are_reported_instead_of_a_plan() {
    let project = Project::empty();
    project.configure("sandbox", "");
    project.templates(&numbered(1..=1));
    project.run(&with(&["plan"])).exits(0);
    let (markdown, _) = reports(&project);
    assert!(
        markdown.starts_with("<!-- certctl plan test -->\n") && markdown.contains("1 to add"),
        "{markdown}"
    );
    wrong(&project);
    project.run(&with(&["plan"])).exits(1);
    let (markdown, json) = reports(&project);
    assert!(markdown.starts_with("<!-- certctl plan test -->\n"), "{markdown}");
    assert!(markdown.contains("**Plan failed: 4 problems in 1 file.** Nothing was sent."), "{markdown}");
    assert!(
        markdown.contains("templates/wrong.yaml:3:5") && markdown.contains("`unknown-field`"),
        "{markdown}"
    );
    assert!(markdown.contains("3 |     titel: </details>@everyone\n"), "{markdown}");
    assert!(!markdown.contains("1 to add"), "{markdown}");
    assert_eq!(
        (json["format"].as_str(), json["outcome"].as_str()),
        (Some("certctl.error/v1"), Some("error"))
    );
    assert_eq!(json["findings"].as_array().unwrap().len(), 4);
    // The same with JSON on stdout, and within a small limit.
    let run = project.run(&with(&["plan", "--json", "--max-bytes", "2048"])).exits(1);
    assert_eq!(run.json(), json);
    assert!(project.read("report.md").len() <= 2048);
}

#[test]
fn configuration_problems_are_reported_for_the_environment() {
    let project = Project::empty();
    project.write("certctl.toml", "default_environment = 7\n");
    project.run(&with(&["plan"])).exits(1);
    assert!(project.read("report.md").starts_with("<!-- certctl plan default -->\n"));
    project.run(&with(&["plan", "--env", "production"])).exits(1);
    assert!(project.read("report.md").starts_with("<!-- certctl plan production -->\n"));
    project.run(&with(&["apply", "-y", "--env", "production"])).exits(1);
    let (markdown, _) = reports(&project);
    assert!(markdown.starts_with("<!-- certctl apply production -->\n"), "{markdown}");
    assert!(markdown.contains("**Apply failed: 1 problem in 1 file.**"), "{markdown}");
}

#[test]
fn early_failures_are_reported() {
    let sandbox = Sandbox::start(&[]);
    let mut project = Project::on(&sandbox, "");
    project.templates(&numbered(1..=12));
    project.apply().exits(0);
    // Refused.
    project.templates(&numbered(1..=14));
    project.run(&with(&["apply", "-y", "--max-changes", "1"])).exits(5);
    let (markdown, json) = reports(&project);
    assert!(
        markdown.contains("**Apply refused.** Nothing was sent.") && markdown.contains("--max-changes 2"),
        "{markdown}"
    );
    assert_eq!(json["outcome"], "refused");
    // No key.
    project.unset_env("CERTCTL_API_KEY");
    project.run(&with(&["apply", "-y"])).exits(1);
    assert!(project.read("report.md").contains("**Apply failed.** Nothing was sent."));
    // Damaged state.
    let state = project.read("state/test.json");
    project.write("state/test.json", "<<<<<<< ours\n");
    project.run(&with(&["plan"])).exits(1);
    let (markdown, _) = reports(&project);
    assert!(
        markdown.starts_with("<!-- certctl plan test -->\n") && markdown.contains("**Plan failed.**"),
        "{markdown}"
    );
    project.write("state/test.json", state);
    // Not a plan.
    project.write("change.plan", "{}");
    project.run(&with(&["show", "change.plan"])).exits(1);
    assert!(project.read("report.md").contains("**Plan failed.**"));
}

#[test]
fn one_unwritable_report_does_not_stop_others() {
    let project = Project::empty();
    project.configure("sandbox", "");
    wrong(&project);
    let run = project
        .run(&["plan", "--report", "markdown=no/such/folder.md", "--report", "json=report.json"])
        .exits(1);
    assert!(run.stderr.contains("cannot write no/such/folder.md"), "{}", run.stderr);
    assert!(project.read("report.json").contains("certctl.error/v1"));
}

/// A layout of 24 templates, 20 of which have a title that is too long for the sheet.
fn twenty_run_over(project: &Project) {
    let field = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f0a";
    let mut text = format!(
        "layouts:\n  small:\n    canvas: {{ width: 400, height: 200 }}\n    labels:\n      - {{ certificateFieldId: {field}, x: 20, y: 20, \
         fontSize: 20 }}\ndefaults:\n  resourceType: course\ntemplates:\n"
    );
    for number in 1..=24 {
        let title = if number > 4 {
            "A title that is much too long for a sheet as small as this one"
        } else {
            "Short"
        };
        text.push_str(&format!(
            "  t-{number:03}:\n    layout: small\n    title: {title}\n    resourceId: 00000000-0000-4000-8000-{number:012}\n"
        ));
    }
    project.write("templates/all.yaml", text);
    project.write(
        "certctl.toml",
        format!("[environments.sandbox]\nurl = \"sandbox\"\n[fields]\n\"{field}\" = \"courseLabel\"\n"),
    );
}

/// One drawing represents many templates: problems of the others are listed in every format.
#[test]
fn drawings_are_checked_for_every_template() {
    let project = Project::empty();
    twenty_run_over(&project);
    let says = "in 20 of 24 templates, worst in t-005, by about";
    let validated = project.run(&["validate"]).exits(0).says("warning[label-over-edge]").says(says);
    validated.says("templates/all.yaml:5:9").says("5 |       - { certificateFieldId:");
    project.run(&["validate", "--format", "github"]).exits(0).says(says);
    let html = ["--report", "html=plan.html"];
    let plan = project.run(&[&with(&["plan"])[..], &html].concat()).exits(0).says(says);
    assert_eq!(plan.stdout.matches(says).count(), 1);
    let (markdown, json) = reports(&project);
    assert!(markdown.contains(says), "{markdown}");
    assert!(json["warnings"].to_string().contains(says), "{}", json["warnings"]);
    assert!(project.read("plan.html").contains(says));
    // A change of all of them is drawn once, with a note that most of them do not fit.
    project.run(&["apply", "-y"]).exits(0);
    let smaller = project.read("templates/all.yaml").replace("y: 20", "y: 30");
    project.write("templates/all.yaml", smaller);
    // Refused because of its size, but reported.
    project.run(&[&["plan"][..], &html].concat()).exits(5);
    let page = project.read("plan.html");
    assert_eq!(page.matches(says).count(), 2, "in the warnings and at the drawing");
    // Formats that were not requested are not mentioned.
    let four = project.run(&["plan", "--target", "t-001"]).exits(0);
    assert!(!four.stdout.contains("edge"), "{}", four.stdout);
}

#[test]
fn label_warnings_have_the_labels_line() {
    let project = Project::empty();
    project.configure("sandbox", "");
    let label = |field: u32| format!("certificateFieldId: 00000000-0000-4000-8000-00000000010{field}");
    let list = format!("[{{ {}, x: 1, y: 1 }},\n      {{ {}, x: 9000, y: 1 }}]", label(1), label(2));
    let sheet = "asset_size: { width: 400, height: 200 }";
    let own = Template::number(1).with(&format!("labels: {list}")).with(sheet).yaml();
    let shared = Template::number(2).with(sheet).yaml();
    let of = |place: &str| {
        project.run(&["validate"]).exits(0).says("is outside the sheet").says(place);
    };
    for (text, place) in [
        (format!("templates:\n{own}"), "templates/all.yaml:7:7"),
        (format!("defaults:\n  labels: {list}\ntemplates:\n{shared}"), "templates/all.yaml:3:7"),
        (format!("x-a: &a {list}\ndefaults:\n  labels: *a\ntemplates:\n{shared}"), "templates/all.yaml:2:7"),
        (format!("defaults:\n  labels: {list}\ntemplates:\n{own}"), "templates/all.yaml:10:7"),
    ] {
        project.write("templates/all.yaml", text);
        of(place);
    }
}

#[test]
fn missing_directory_is_named_once() {
    let project = Project::empty();
    project.configure("sandbox", "");
    project.templates(&numbered(1..=1));
    let run = project.run(&["plan", "--report", "html=no/such/plan.html"]).exits(1);
    assert_eq!(run.stderr, "error: cannot write no/such/plan.html: the directory no/such does not exist\n");
}
