//! Prints documents for programs, except plans and results, which know their own format. Every document names its format and the format's major version.

use serde_json::{Value, json};

use super::findings;
use crate::model::{Exit, Finding, Warning};

/// A failure before there is anything else to report, as `certctl.error/v1`.
pub fn error(exit: Exit, message: &str, help: Option<&str>, findings: &[Finding]) -> String {
    let document = json!({
        "format": "certctl.error/v1",
        "outcome": exit,
        "error": { "message": message, "help": help },
        "findings": findings::to_json(findings),
    });
    format!("{document:#}\n")
}

/// Success with or without warnings, as `certctl.validate/v1`. It contains the path of the state, so that a
/// pipeline can commit that.
pub fn valid(exit: Exit, environment: &str, templates: usize, state: &str, warnings: &[Warning]) -> String {
    let warnings: Vec<Value> = warnings
        .iter()
        .map(|warning| {
            let mut document = findings::one_to_json(&warning.finding);
            document["templates"] = json!(warning.keys);
            document
        })
        .collect();
    let document = json!({
        "format": "certctl.validate/v1",
        "outcome": exit,
        "environment": environment,
        "templates": templates,
        "state": state,
        "findings": [],
        "warnings": warnings,
    });
    format!("{document:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::specimens::{beginning, empty, findings, five_thousand, hostile, huge, one_of_each};

    #[test]
    fn every_action_is_in_the_document() {
        insta::assert_snapshot!(one_of_each().to_text().unwrap());
        insta::assert_snapshot!("a_plan_without_changes", empty().to_text().unwrap());
        for (name, specimen) in
            [("huge_texts", huge()), ("hostile_texts", hostile()), ("five_thousand_changes", five_thousand())]
        {
            insta::assert_snapshot!(name, beginning(&specimen.to_text().unwrap(), 80));
        }
    }

    #[test]
    fn any_plan_is_read_as_written() {
        for specimen in [empty(), one_of_each(), huge(), hostile(), five_thousand()] {
            let text = specimen.to_text().unwrap();
            assert!(!text.contains('\u{1b}'), "an escape is escaped");
            assert_eq!(crate::plan::Plan::from_text(&text).unwrap(), specimen);
        }
    }

    #[test]
    fn problems_are_one_document() {
        let document = error(Exit::Error, "the configuration has 24 problems", None, &findings());
        let read: serde_json::Value = serde_json::from_str(&document).unwrap();
        assert_eq!(read["findings"].as_array().unwrap().len(), findings().len());
        assert!(!document.contains('\u{1b}'));
    }
}
