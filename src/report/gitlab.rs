//! Prints findings as GitLab's Code Quality report: a JSON array that GitLab shows in a merge request.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::safe_text::safe_lines;
use crate::model::{Digest, Finding, Severity, SourceLocation};

/// The rule for a failure that has no rule.
const FAILURE: &str = "certctl";

/// One entry for each finding; without findings, one with the message of the failure, because an empty report would
/// mean success.
pub fn problems(findings: &[Finding], message: &str) -> String {
    let mut report = Report::default();
    for finding in findings {
        report.add(finding, Severity::Error);
    }
    if findings.is_empty() {
        let failure = Finding {
            place: SourceLocation::whole_file("certctl.toml"),
            rule: FAILURE,
            message: message.to_owned(),
            help: None,
            related: Vec::new(),
            option: None,
        };
        report.add(&failure, Severity::Error);
    }
    report.text()
}

/// One entry for each warning, with its severity here.
pub fn warnings(warnings: &[Finding], severity: Severity) -> String {
    let mut report = Report::default();
    for warning in warnings {
        report.add(warning, severity);
    }
    report.text()
}

#[derive(Default)]
struct Report {
    entries: Vec<Value>,
    /// How many findings share a rule, a message and a file.
    seen: BTreeMap<String, usize>,
}

impl Report {
    fn add(&mut self, finding: &Finding, severity: Severity) {
        let path = finding.place.file.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
        // The fingerprint leaves out the line, so that GitLab recognises a finding after lines are added above it.
        let what = format!("{}\0{path}\0{}", finding.rule, finding.message);
        let times = self.seen.entry(what.clone()).or_default();
        *times += 1;
        let digest = Digest::of(format!("{what}\0{times}").as_bytes());
        let help = finding.help.iter().map(|help| format!(". {help}")).collect::<String>();
        self.entries.push(json!({
            "check_name": finding.rule,
            "description": safe_lines(&format!("{}{help}", finding.message)),
            "fingerprint": digest.as_str().trim_start_matches("sha256:"),
            "location": { "lines": { "begin": finding.place.line }, "path": path },
            "severity": match severity {
                Severity::Error => "blocker",
                Severity::Warning => "minor",
            },
        }));
    }

    fn text(self) -> String {
        format!("{:#}\n", Value::Array(self.entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SourceText;

    fn finding(start: usize, message: &str) -> Finding {
        Finding {
            place: SourceText::new("templates/a.yaml", "a:\nb:\nc:\n").place(start..start + 1),
            rule: "uuid",
            message: message.to_owned(),
            help: Some("look it up".to_owned()),
            related: Vec::new(),
            option: None,
        }
    }

    fn fingerprints(findings: &[Finding]) -> Vec<String> {
        let report: Value = serde_json::from_str(&problems(findings, "")).unwrap();
        let entries = report.as_array().unwrap().iter();
        entries.map(|entry| entry["fingerprint"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn a_finding_has_all_that_gitlab_wants() {
        insta::assert_snapshot!(problems(&[finding(3, "b must be an id")], ""), @r#"
        [
          {
            "check_name": "uuid",
            "description": "b must be an id. look it up",
            "fingerprint": "5e271b44c0850cdcce18f48d3721eaff5d5c742e5f7184f75cfa172d6d37557c",
            "location": {
              "lines": {
                "begin": 2
              },
              "path": "templates/a.yaml"
            },
            "severity": "blocker"
          }
        ]
        "#);
    }

    #[test]
    fn a_warning_blocks_nothing() {
        let report: Value = serde_json::from_str(&warnings(&[finding(3, "b")], Severity::Warning)).unwrap();
        assert_eq!(report[0]["severity"], "minor");
        assert_eq!(warnings(&[], Severity::Warning), "[]\n");
    }

    #[test]
    fn a_failure_without_findings_is_an_entry_too() {
        let report: Value = serde_json::from_str(&problems(&[], "there is no certctl.toml")).unwrap();
        assert_eq!(report[0]["description"], "there is no certctl.toml");
        assert_eq!(report[0]["location"]["path"], "certctl.toml");
    }

    #[test]
    fn fingerprints_are_unique_and_survive_moved_lines() {
        let before = fingerprints(&[finding(0, "bad"), finding(3, "bad"), finding(6, "worse")]);
        let unique: std::collections::BTreeSet<_> = before.iter().collect();
        assert_eq!(unique.len(), 3, "{before:?}");
        assert_eq!(fingerprints(&[finding(3, "bad"), finding(6, "bad")]), before[..2]);
        assert!(before.iter().all(|text| text.len() == 64));
    }
}
