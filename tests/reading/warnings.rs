//! Many warnings of one kind.

use super::*;

fn unseen(count: u32) -> Vec<Template> {
    let unseen = |template: Template| template.with("recertificationInstructions: Ask.");
    numbered(1..=count).into_iter().map(unseen).collect()
}

fn drowning(project: &Project) -> Run {
    project.run(&["plan", "-q", "--compact"]).exits(0)
}

#[test]
fn of_one_kind_are_shown_once() {
    let sandbox = Sandbox::start(&[]);
    let project = applied(&sandbox, 120);
    project.templates(&unseen(120));
    let told = Statement::plan(&project, &["--out", "saved.plan"]);
    told.says("recertificationInstructions is never shown").says("The same for 119 others: t-002, t-003, ");
    assert_eq!(drowning(&project).stdout.matches("Warning:").count(), 1);
    assert_eq!(told.terminal.matches("Warning:").count(), 1, "{}", told.terminal);
    assert_eq!(told.markdown.matches("**Warning:**").count(), 1, "{}", told.markdown);
    assert_eq!(told.html.matches("<strong>Warning:</strong>").count(), 1);
    // Programs get every warning, and a saved plan is shown like a new one.
    assert_eq!(told.json["warnings"].as_array().unwrap().len(), 120);
    assert_eq!(told.json["warning_details"][119]["keys"], serde_json::json!(["t-120"]));
    assert_eq!(told.json["warning_details"][0]["kind"]["rule"], "recertification-unseen");
    let shown = project.run(&["show", "saved.plan"]).exits(0).stdout;
    assert_eq!(shown.matches("Warning:").count(), 1, "{shown}");
    let all = project.run(&["plan", "-v"]).exits(0).stdout;
    assert_eq!(all.matches("Warning:").count(), 120);
}

#[test]
fn of_replacements_are_shown_once() {
    let sandbox = Sandbox::start(&[]);
    let project = applied(&sandbox, 12);
    project.templates(&(1..=12).map(|number| of_course(number, number + 50)).collect::<Vec<_>>());
    let told = Statement::plan(&project, &[]);
    told.says("gets a second").says("The same for 11 others: ").says("12 to replace (of the 12 to add)");
    assert_eq!(told.terminal.matches("Warning:").count(), 1, "{}", told.terminal);
}
