//! Prints documents for programs. Every document names its format and the format's major version. Plans and results know
//! their own documents.

use serde::Serialize;
use serde_json::json;

use super::documents::{
    DriftDocument, DriftSource, DriftSummary, DriftedTemplate, DriftedValue, ErrorDocument, ErrorWords,
    IdOfAnother, UncomparedTemplate, UnmanagedTemplate, ValidDocument, WrongId,
};
use super::environment_runs::{EnvironmentRun, EnvironmentsDocument};
use super::history_document::HistoryDocument;
use super::prose::{note_text, words_text};
use super::results::{Results, ResultsDocument};
use super::state_document::{RowDocument, StateListDocument};
use crate::inventory::{NotCompared, Observation, Observed};
use crate::model::{Commands, Exit, Finding, Key, Warning};
use crate::state::{Document, Row};
use crate::view::{DriftEntry, DriftView, HistoryView, UncomparedRow, stale_part};

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
pub fn valid(
    exit: Exit,
    environment: &str,
    templates: usize,
    (state, shared): (&str, bool),
    warnings: &[Warning],
) -> String {
    text(&ValidDocument {
        environment,
        findings: [],
        format: "certctl.validate/v1",
        outcome: exit,
        shared,
        state,
        templates,
        warnings: warnings.iter().map(Into::into).collect(),
    })
}

/// What a command that looks at the server did, as `certctl.import/v1`, `certctl.refresh/v1` or `certctl.recover/v1`.
pub fn results(results: &Results<'_>) -> String {
    text(&ResultsDocument::from(results))
}

/// The results in several environments, as `certctl.environments/v1`.
pub fn environments(exit: Exit, runs: &[EnvironmentRun]) -> String {
    text(&EnvironmentsDocument::new(exit, runs))
}

/// The versions of a state, as `certctl.history/v1`.
pub fn history(view: &HistoryView<'_>) -> String {
    text(&HistoryDocument::from(view))
}

/// The templates of a state, as `certctl.state-list/v1`.
pub fn state_list(environment: &str, document: Option<&Document>) -> String {
    text(&StateListDocument::of(environment, document))
}

/// One row of the version of a state with this serial, as `certctl.row/v1`.
pub fn state_row(environment: &str, serial: u64, key: &Key, row: &Row) -> String {
    text(&RowDocument::of(environment, serial, key, row))
}

/// A comparison of server and state, as `certctl.drift/v1`.
pub fn drift(view: &DriftView<'_>, commands: &dyn Commands) -> String {
    let context = &view.context;
    let idle: Vec<Finding> = view.idle_entries(&|words| words_text(words, commands));
    let compared = &context.explained.drift;
    let is_stale =
        |row: &&UncomparedRow<'_>| matches!(compared.not_compared.get(row.key), Some(NotCompared::Stale(_)));
    let (stale, not_compared): (Vec<_>, Vec<_>) = view.uncompared.iter().partition(is_stale);
    let parts = compared
        .stale_parts
        .iter()
        .map(|(key, part)| UncomparedTemplate { key, reason: note_text(&stale_part(part), commands) });
    let mut stale: Vec<_> = stale.iter().map(|row| uncompared(row, commands)).chain(parts).collect();
    stale.sort_by_key(|row| row.key);
    let has = |key: &Key| {
        let identity = context.document.templates.get(key).and_then(|row| row.identity.as_ref());
        identity.map(|identity| &identity.id)
    };
    text(&DriftDocument {
        environment: context.environment,
        findings: context.findings.iter().chain(&idle).map(Into::into).collect(),
        format: "certctl.drift/v1",
        source: source(context.observation),
        ids_of_others: compared
            .others_ids
            .iter()
            .map(|(key, of)| IdOfAnother { id: has(key), key, of })
            .collect(),
        not_compared: not_compared.iter().map(|row| uncompared(row, commands)).collect(),
        summary: DriftSummary {
            compared: compared.compared,
            deleted: compared.deleted.len(),
            differing: compared.differing.len(),
            ignored: context.explained.ignored.len(),
            not_compared: not_compared.len(),
            stale: stale.len(),
            unmanaged: compared.unmanaged.len(),
        },
        stale,
        templates: view.entries.iter().map(drifted).collect(),
        unmanaged: compared.unmanaged.iter().map(unmanaged).collect(),
        wrong_ids: compared
            .disproved
            .iter()
            .map(|(key, id)| WrongId { id, in_state: has(key), key })
            .collect(),
    })
}

fn drifted<'a>(entry: &'a DriftEntry<'_>) -> DriftedTemplate<'a> {
    let reasons: Vec<&str> = entry.ignored_by.iter().map(|ignored| ignored.reason.as_str()).collect();
    let changes = entry.changes.iter().map(|change| DriftedValue {
        after: change.after.as_ref(),
        before: change.before.as_ref(),
        path: change.path.to_string(),
    });
    DriftedTemplate {
        changes: changes.collect(),
        deleted: entry.is_deleted,
        id: entry.id,
        ignored: !reasons.is_empty(),
        key: entry.key,
        learners: entry.learners,
        reason: (!reasons.is_empty()).then(|| reasons.join("; ")),
        updated_at: entry.updated_at,
    }
}

fn uncompared<'a>(row: &UncomparedRow<'a>, commands: &dyn Commands) -> UncomparedTemplate<'a> {
    UncomparedTemplate { key: row.key, reason: note_text(&row.why, commands) }
}

/// Where a command looked.
pub(super) fn source(observation: &Observation) -> DriftSource {
    DriftSource { kind: observation.source.kind(), taken_at: observation.taken_at }
}

pub(super) fn unmanaged(template: &Observed) -> UnmanagedTemplate<'_> {
    UnmanagedTemplate {
        id: &template.id,
        resource_id: &template.natural_key.resource_id,
        resource_type: &template.natural_key.resource_type,
        title: template.title(),
    }
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
