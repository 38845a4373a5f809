//! The project: certctl.toml, and the template files of an environment.

use super::{Complaint, Diagnosis};
use crate::model::{Advice, Finding, few};
use crate::view::{Words, counted, problems};

/// What was found of certctl.toml.
#[derive(Clone, Debug)]
pub struct ProjectFacts {
    /// The folder, for people.
    pub folder: String,
    /// The names of the environments; the error says why it cannot be read, unless findings do.
    pub environments: Result<Vec<String>, Complaint>,
    /// Everything that is wrong in it.
    pub findings: Vec<Finding>,
    /// The environments that are not looked at, because their settings have a problem.
    pub left_out: Vec<String>,
}

/// The template files of one environment.
#[derive(Clone, Debug)]
pub struct TemplateFacts {
    /// How many templates there are.
    pub templates: usize,
    /// How many files they are in.
    pub files: usize,
    /// How many warnings there are.
    pub warnings: usize,
    /// Everything that is wrong in them.
    pub findings: Vec<Finding>,
}

/// Judges certctl.toml.
pub fn diagnose_project(facts: &ProjectFacts) -> Diagnosis {
    const SUBJECT: &str = "configuration";
    let names = match &facts.environments {
        Err(complaint) => return complaint.about(SUBJECT),
        Ok(names) => names,
    };
    if facts.findings.is_empty() {
        let count = counted(names.len(), "environment");
        let words = Words::own("certctl.toml in ").name(&facts.folder).and(format!(" has {count}: "));
        return Diagnosis::right(SUBJECT, words.name(names.join(", ")));
    }
    let diagnosis = Diagnosis::wrong(SUBJECT, in_files(&facts.findings))
        .run("To see each with its line", Advice::Validate);
    match &facts.left_out[..] {
        [] => diagnosis,
        names => diagnosis.say(format!("Not looked at until then: {}", names.join(", "))),
    }
}

/// Judges the template files of an environment.
pub fn diagnose_templates(facts: &TemplateFacts) -> Diagnosis {
    const SUBJECT: &str = "templates";
    if !facts.findings.is_empty() {
        return Diagnosis::wrong(SUBJECT, in_files(&facts.findings))
            .run("To see each with its line", Advice::Validate);
    }
    let (templates, files) = (counted(facts.templates, "template"), counted(facts.files, "file"));
    let words = format!("{templates} in {files}");
    match facts.warnings {
        0 => Diagnosis::right(SUBJECT, Words::own(words)),
        warnings => {
            let words = format!("{words}, with {}", counted(warnings, "warning"));
            Diagnosis::look(SUBJECT, Words::own(words)).run("To see each with its line", Advice::Validate)
        }
    }
}

/// `2 problems in 1 file: certctl.toml:3:1: …`.
fn in_files(findings: &[Finding]) -> Words {
    let line = |finding: &Finding| format!("{}: {}", finding.place, finding.message);
    let lines: Vec<String> = findings.iter().map(line).collect();
    Words::own(format!("{}: ", problems(findings))).quoting(&few(&lines))
}
