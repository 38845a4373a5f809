//! What `doctor` found, for people and as `certctl.doctor/v1`.

use serde::Serialize;
use serde_json::json;

use super::Style;
use super::prose::{note_text, words_text};
use crate::model::{Commands, Exit};
use crate::view::NoteLine;
use crate::view::doctor::{Diagnosis, DoctorPart, Health, HealthCount};

/// A part with what writes its commands: they name its environment.
pub type PrintedPart<'a> = (&'a DoctorPart, &'a dyn Commands);

/// What was found, for people.
pub fn doctor_text(parts: &[PrintedPart<'_>], style: Style) -> String {
    let mut text = String::new();
    for (part, commands) in parts {
        let heading = match &part.environment {
            None => "This machine and project".to_owned(),
            Some(name) => format!("Environment {}", super::safe_text(name)),
        };
        text.push_str(&format!("{}\n", style.bold(&heading)));
        for diagnosis in &part.diagnoses {
            push_diagnosis(diagnosis, style, *commands, &mut text);
        }
        text.push('\n');
    }
    let verdict = HealthCount::of(parts.iter().map(|(part, _)| *part)).verdict();
    text.push_str(&format!("{}\n", style.bold(&verdict)));
    text
}

fn push_diagnosis(diagnosis: &Diagnosis, style: Style, commands: &dyn Commands, text: &mut String) {
    let sign = match diagnosis.health {
        Health::Right => "✓",
        Health::WorthALook => "?",
        Health::Wrong => "!",
    };
    let head = style.signed(sign, &format!("{sign} {}", diagnosis.subject));
    let words = words_text(&diagnosis.words, commands);
    let mut lines = words.lines();
    text.push_str(&format!("  {head}: {}\n", lines.next().unwrap_or_default()));
    let remedy = note_text(diagnosis.remedy(), commands);
    for line in lines.chain(remedy.lines()) {
        text.push_str(&format!("      {line}\n"));
    }
}

/// `certctl.doctor/v1`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct DoctorDocument<'a> {
    /// The version of certctl.
    certctl: &'static str,
    /// What was looked at: the machine and the project first, then each environment, sorted by name.
    checks: Vec<CheckDocument<'a>>,
    /// Name and major version of the format.
    format: &'static str,
    /// `ok`: nothing is wrong, and the exit code is 0. `error`: it is 1.
    outcome: Exit,
    /// How many checks.
    summary: CheckSummary,
}

/// What was found about one thing.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct CheckDocument<'a> {
    /// The environment; null for the machine and the project.
    environment: Option<&'a str>,
    /// What was found, in words.
    message: String,
    /// What to do, step by step; empty if nothing.
    remedy: Vec<RemedyDocument>,
    /// `right`; `look`: it may be meant, and can get in the way; `wrong`.
    result: &'static str,
    /// What it is about, such as `key`. One thing can have several checks, and subjects may be added.
    subject: &'static str,
}

/// A step to take.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct RemedyDocument {
    /// The command, as it is typed where this ran; null if there is none.
    command: Option<String>,
    /// What to do, or what the command is for.
    words: String,
}

/// How many checks.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct CheckSummary {
    /// Worth a look.
    look: usize,
    /// Right.
    right: usize,
    /// Wrong.
    wrong: usize,
}

/// What was found, as JSON.
pub fn doctor_json(parts: &[PrintedPart<'_>], exit: Exit) -> String {
    let HealthCount { right, look, wrong } = HealthCount::of(parts.iter().map(|(part, _)| *part));
    let checks = parts.iter().flat_map(|(part, commands)| {
        part.diagnoses.iter().map(|diagnosis| CheckDocument::new(part, diagnosis, *commands))
    });
    let document = DoctorDocument {
        certctl: env!("CARGO_PKG_VERSION"),
        checks: checks.collect(),
        format: "certctl.doctor/v1",
        outcome: exit,
        summary: CheckSummary { look, right, wrong },
    };
    format!("{:#}\n", json!(document))
}

impl<'a> CheckDocument<'a> {
    fn new(part: &'a DoctorPart, diagnosis: &'a Diagnosis, commands: &dyn Commands) -> Self {
        let step = |line: &NoteLine| RemedyDocument {
            command: line.command.as_ref().map(|command| commands.command(command)),
            words: words_text(&line.words, commands),
        };
        Self {
            environment: part.environment.as_deref(),
            message: words_text(&diagnosis.words, commands),
            remedy: diagnosis.remedy().lines().iter().map(step).collect(),
            result: diagnosis.health.name(),
            subject: diagnosis.subject,
        }
    }
}

#[cfg(test)]
mod tests;
