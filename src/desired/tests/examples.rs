//! The example of each rule: what is wrong breaks the rule, and what is right breaks none.

use super::super::{EXAMPLES, RULES, WARNINGS};
use super::{LoadError, UUID, load_files};
use crate::model::{ExamplePart, RuleExample};

/// The rules that no few lines of YAML break.
const WITHOUT: [&str; 8] = [
    "not-utf-8",
    "outside-project",
    "too-many",
    "too-much",
    "unfinished-merge",
    "unmatched-glob",
    "unread-file",
    "unreadable-file",
];

/// The rules that this text of an example breaks.
fn broken(example: &RuleExample, text: &str) -> Vec<&'static str> {
    let file = match example.part {
        ExamplePart::TemplateLines => {
            let lines: String = text.lines().map(|line| format!("    {line}\n")).collect();
            format!(
                "templates:\n  cloud-101:\n    title: T\n    resourceType: course\n    resourceId: {UUID}\n{lines}"
            )
        }
        _ => format!("{text}\n"),
    };
    match load_files(&[("a.yaml", &file)]) {
        Ok(desired) => desired.warnings.iter().map(|warning| warning.finding.rule).collect(),
        Err(LoadError::Findings { findings, .. }) => findings.iter().map(|finding| finding.rule).collect(),
        Err(error) => panic!("{}: {error:?}", example.rule),
    }
}

#[test]
fn wrong_example_breaks_its_rule() {
    let missed: Vec<_> = EXAMPLES
        .iter()
        .map(|example| (example.rule, broken(example, example.wrong)))
        .filter(|(rule, broken)| !broken.contains(rule))
        .collect();
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn right_example_breaks_no_rule() {
    let broken: Vec<_> = EXAMPLES
        .iter()
        // A file without any template is told, whatever is in it.
        .map(|example| (example.rule, broken(example, example.right)))
        .filter(|(_, broken)| !broken.is_empty())
        .collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn each_rule_has_an_example_or_a_reason() {
    let mut shown: Vec<&str> = EXAMPLES.iter().map(|example| example.rule).chain(WITHOUT).collect();
    let mut listed: Vec<&str> = RULES.iter().chain(&WARNINGS).map(|(rule, _)| *rule).collect();
    shown.sort_unstable();
    listed.sort_unstable();
    assert_eq!(shown, listed);
}
