//! What of a line is shown with what is wrong in it: no secret, and all the rest.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::super::{LoadError, Request, load_texts};
use super::UUID;
use crate::model::{Finding, Timestamp};

/// Everything that is said of a file, warnings included.
fn said_of(bytes: &[u8]) -> Vec<Finding> {
    let request = Request {
        root: Path::new("."),
        globs: &[],
        environment: "test",
        known_environments: &[],
        variables: &BTreeMap::new(),
        allow_empty: false,
        now: Timestamp::from_unix_seconds(1_795_651_200),
    };
    let (mut findings, warnings) = match load_texts([(PathBuf::from("a.yaml"), bytes.to_vec())], &request) {
        Ok(desired) => (Vec::new(), desired.warnings),
        Err(LoadError::Findings { findings, warnings }) => (findings, warnings),
        Err(LoadError::NoFiles(findings)) => (findings, Vec::new()),
        Err(LoadError::NoTemplates(finding)) => (vec![*finding], Vec::new()),
    };
    findings.extend(warnings.into_iter().map(|warning| warning.finding));
    findings
}

/// A template that is whole but for these lines.
fn with(lines: &str) -> String {
    let lines: String = lines.lines().map(|line| format!("    {line}\n")).collect();
    format!("templates:\n  one:\n    title: One\n    resourceType: course\n    resourceId: {UUID}\n{lines}")
}

/// Of each of these files something is said, and never the secret in it.
#[track_caller]
fn are_hidden(files: &[Vec<u8>]) {
    for file in files {
        let (text, found) = (String::from_utf8_lossy(file), said_of(file));
        assert!(!found.is_empty(), "{text}");
        assert!(!format!("{found:?}").contains("hunter2"), "{text}\n{found:#?}");
    }
}

mod hidden {
    use super::*;

    #[test]
    fn a_value_in_a_warning() {
        let text = with("recertificationInstructions: see https://me:hunter2@x.example");
        assert_eq!(said_of(text.as_bytes())[0].rule, "recertification-unseen");
        are_hidden(&[text.into_bytes()]);
    }

    #[test]
    fn a_value_with_bytes_that_are_no_text() {
        are_hidden(&[[with("token: hunter2").trim_end().as_bytes(), b"\xff\n"].concat()]);
    }
}
