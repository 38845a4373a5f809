//! Prints documents for programs. Every document names its format and the format's major version. Plans and results know
//! their own documents.

use serde::Serialize;
use serde_json::json;

use super::documents::{ErrorDocument, ErrorWords, ValidDocument};
use super::results::{Results, ResultsDocument};
use crate::model::{Exit, Finding, Warning};

/// A failure before there is anything else to report, as `certctl.error/v1`.
pub fn error(exit: Exit, message: &str, help: Option<&str>, findings: &[Finding]) -> String {
    text(&ErrorDocument {
        error: ErrorWords { help, message },
        findings: findings.iter().map(Into::into).collect(),
        format: "certctl.error/v1",
        outcome: exit,
    })
}

/// Success with or without warnings, as `certctl.validate/v1`. It contains the path of the state, so that a
/// pipeline can commit that.
pub fn valid(exit: Exit, environment: &str, templates: usize, state: &str, warnings: &[Warning]) -> String {
    text(&ValidDocument {
        environment,
        findings: [],
        format: "certctl.validate/v1",
        outcome: exit,
        state,
        templates,
        warnings: warnings.iter().map(Into::into).collect(),
    })
}

/// What a command that looks at the server did, as `certctl.import/v1`, `certctl.refresh/v1` or `certctl.recover/v1`.
pub fn results(results: &Results<'_>) -> String {
    text(&ResultsDocument::from(results))
}

/// The members are sorted by name.
fn text(document: &impl Serialize) -> String {
    format!("{:#}\n", json!(document))
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
