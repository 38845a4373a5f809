//! Builds the report of a run from the results of its rows. The engine calls it at the end.

use std::collections::{HashMap, HashSet};

use super::engine::Stop;
use super::unrecorded::Unrecorded;
use super::{Rest, RowOutcome, RowReport, RunOutcome, RunReport, RunSummary, left_behind, rest};
use crate::model::{Advice, Help, Key, TemplateId};
use crate::plan::{Action, Entry, Plan};
use crate::state::{Document, GitFacts, Operation, RecordedOutcome, Row, RowState, StateError};

/// Everything that is known at the end of a run.
pub(super) struct RunEnd<'a> {
    pub(super) plan: &'a Plan,
    pub(super) results: &'a HashMap<Key, RecordedOutcome>,
    /// What rows that waited for a job of an earlier run were meant to do.
    pub(super) waited: &'a HashMap<Key, Operation>,
    /// Rows that were to be created and that the server says it updated.
    pub(super) found_there: &'a HashSet<Key>,
    /// Rows whose outcome is known here but could not be written.
    pub(super) unrecorded: &'a Unrecorded,
    /// Why the checkpoint failed, if it did.
    pub(super) checkpoint_error: Option<&'a StateError>,
    pub(super) warnings: Vec<String>,
    pub(super) requests: u64,
    pub(super) stop: Option<&'a Stop>,
    pub(super) authenticated: bool,
    /// Whether the state differs from before the run.
    pub(super) state_has_changed: bool,
}

const KEEP_THE_JOURNAL: &str = ". What was recorded is in the journal beside it: keep that file. The next command that \
    writes makes it part of the state";

impl RunEnd<'_> {
    pub(super) fn report(mut self, state: Option<&Document>) -> RunReport {
        let results: Vec<RowReport> =
            self.plan.entries.iter().filter_map(|entry| self.row(entry, state)).collect();
        let summary = RunSummary::of(&results);
        let rest = Rest::of(self.plan, &results, state);
        let stopped = self.stop.map(|stop| match stop {
            Stop::Server(why) => why.clone(),
            Stop::Journal(why) => format!(
                "{why}. Nothing more was sent. What is listed above is all that is known; keep this output"
            ),
            Stop::Signal => "by a signal: no new request was made".to_owned(),
        });
        let state_is_whole = self.unrecorded.is_empty() && self.checkpoint_error.is_none();
        self.warn_of_what_is_not_written();
        RunReport {
            format: RunReport::FORMAT,
            environment: self.plan.environment.clone(),
            url: self.plan.url.clone(),
            outcome: self.outcome(summary),
            summary,
            left_behind: left_behind::of(self.plan, &results, state),
            results,
            // A merge that someone began during the run is not committed yet.
            help: self.checkpoint_error.map(|error| error.help(&GitFacts::default())).unwrap_or_default(),
            warnings: self.warnings,
            selection: self.plan.selection.clone(),
            left_out: self.plan.left_out,
            requests: self.requests,
            state_is_whole,
            state_has_changed: self.state_has_changed,
            rest,
            stopped,
        }
    }

    fn outcome(&self, summary: RunSummary) -> RunOutcome {
        match self.stop {
            _ if summary.in_doubt > 0 || !self.unrecorded.is_empty() => RunOutcome::InDoubt,
            Some(Stop::Server(_)) if !self.authenticated => RunOutcome::NothingSent,
            Some(Stop::Signal) => RunOutcome::Interrupted,
            Some(Stop::Journal(_)) if self.requests == 0 => RunOutcome::NothingSent,
            Some(_) => RunOutcome::Partial,
            // The journal has everything, but people and pipelines commit the state.
            None if self.checkpoint_error.is_some() => RunOutcome::Partial,
            None if summary.failed + summary.pending + summary.not_sent > 0 => RunOutcome::Partial,
            None => RunOutcome::Complete,
        }
    }

    fn row(&self, entry: &Entry, state: Option<&Document>) -> Option<RowReport> {
        let (outcome, error) = match &entry.action {
            Action::Orphan { .. } => return None,
            Action::Move { .. } => (RowOutcome::Moved, None),
            Action::Forget { .. } => {
                if state.is_some_and(|state| state.templates.contains_key(&entry.key)) {
                    (RowOutcome::NotSent, Some(self.why_not_forgotten()))
                } else {
                    (RowOutcome::Forgotten, None)
                }
            }
            Action::InDoubt { reason, .. } => {
                self.after_waiting(&entry.key).unwrap_or_else(|| (RowOutcome::InDoubt, Some(reason.clone())))
            }
            Action::Pending { job, .. } => self
                .after_waiting(&entry.key)
                .unwrap_or_else(|| (RowOutcome::Pending, Some(still_pending(job)))),
            Action::Create(submission) | Action::Update(submission) => {
                // A new template counts as created where nothing shows that somebody else had made it.
                let is_found = entry.action.replaces() && self.found_there.contains(&entry.key);
                let done = match submission.operation {
                    Operation::Create if !is_found => RowOutcome::Created,
                    Operation::Create | Operation::Update => RowOutcome::Updated,
                };
                match &submission.held {
                    Some(held) => (RowOutcome::NotSent, Some(held.why(entry))),
                    None => self.outcome_of(&entry.key, done),
                }
            }
        };
        let row = state.and_then(|state| state.templates.get(&entry.key));
        let (outcome, error) = match row.map(|row| &row.state) {
            // A row that was not sent is unchanged, and this one was in doubt before.
            Some(RowState::InDoubt { .. }) if outcome == RowOutcome::NotSent => {
                (RowOutcome::InDoubt, Some(still_in_doubt(error)))
            }
            // The outcome of this attempt is known, but not that of the one before.
            Some(RowState::InDoubt { error })
                if matches!(outcome, RowOutcome::Failed | RowOutcome::Pending) =>
            {
                (RowOutcome::InDoubt, Some(error.message.clone()))
            }
            _ if outcome == RowOutcome::NotSent && is_sent_meanwhile(entry, state) => {
                (outcome, Some("another run sent it meanwhile".to_owned()))
            }
            _ => (outcome, error),
        };
        let id = self.id(entry, row);
        let help = self.help(entry, outcome, id.as_ref());
        let error = self.unrecorded.message(&entry.key, error);
        Some(RowReport {
            key: entry.key.clone(),
            action: entry.action.name(),
            outcome,
            title: title(entry),
            from: match &entry.action {
                Action::Move { from } => Some(from.clone()),
                _ => None,
            },
            id,
            error,
            help,
        })
    }

    /// The id of the template that the key means now.
    fn id(&self, entry: &Entry, row: Option<&Row>) -> Option<TemplateId> {
        match (self.results.get(&entry.key), row) {
            // What this run learned counts even if it could not be written.
            (Some(RecordedOutcome::Applied { id: Some((id, _)) }), _) => Some(id.clone()),
            // The id that was known is that of the template that was replaced.
            (Some(RecordedOutcome::Applied { id: None }), _) if entry.action.replaces() => None,
            (_, Some(row)) => row.identity.as_ref().map(|identity| identity.id.clone()),
            (_, None) => entry.id.clone(),
        }
    }

    /// What to do about a row.
    fn help(&self, entry: &Entry, outcome: RowOutcome, id: Option<&TemplateId>) -> Help {
        let unrecorded = self.unrecorded.help(entry, outcome, id);
        match (entry.action.held(), outcome) {
            _ if !unrecorded.is_empty() => unrecorded,
            (Some(held), RowOutcome::NotSent) => self.plan.help_of_held(entry, held),
            (_, RowOutcome::Pending) => {
                Help::none().run("If it never ends", Advice::Recover { keys: Vec::new() })
            }
            _ => Help::none(),
        }
    }

    /// The outcome of a row that waited for a job, if the job has ended.
    fn after_waiting(&self, key: &Key) -> Option<(RowOutcome, Option<String>)> {
        self.results.get(key)?;
        let creates = self.waited.get(key) == Some(&Operation::Create);
        Some(self.outcome_of(key, if creates { RowOutcome::Created } else { RowOutcome::Updated }))
    }

    /// The outcome of a row that was to be sent or waited for.
    fn outcome_of(&self, key: &Key, done: RowOutcome) -> (RowOutcome, Option<String>) {
        match self.results.get(key) {
            Some(RecordedOutcome::Applied { .. }) => (done, None),
            Some(RecordedOutcome::Failed { message, .. }) => (RowOutcome::Failed, Some(message.clone())),
            Some(RecordedOutcome::InDoubt { message }) => (RowOutcome::InDoubt, Some(message.clone())),
            Some(RecordedOutcome::Pending { job }) => (RowOutcome::Pending, Some(still_pending(job))),
            Some(RecordedOutcome::NotSent) | None => (RowOutcome::NotSent, self.why_not_sent()),
        }
    }

    fn warn_of_what_is_not_written(&mut self) {
        self.warnings.extend(self.unrecorded.warning());
        if let Some(why) = self.checkpoint_error {
            let keep = match why {
                StateError::Replaced { .. } | StateError::JournalGone { .. } => "",
                _ => KEEP_THE_JOURNAL,
            };
            self.warnings.push(format!("the state could not be written: {why}{keep}"));
        }
    }

    fn why_not_forgotten(&self) -> String {
        let why = self.why_not_sent().unwrap_or_else(|| "it could not be recorded".to_owned());
        format!("the state has not forgotten it: {why}")
    }

    fn why_not_sent(&self) -> Option<String> {
        self.stop.map(|stop| match stop {
            Stop::Server(why) | Stop::Journal(why) => why.clone(),
            Stop::Signal => "the run was stopped by a signal before it was sent".to_owned(),
        })
    }
}

fn is_sent_meanwhile(entry: &Entry, state: Option<&Document>) -> bool {
    let submission = entry.action.submission().filter(|submission| submission.held.is_none());
    submission.is_some_and(|submission| rest::is_done(&entry.key, submission, state))
}

fn title(entry: &Entry) -> Option<String> {
    let [before, after] = entry.sides();
    after.or(before)?.title().map(str::to_owned)
}

fn still_in_doubt(why_not_sent: Option<String>) -> String {
    let why = why_not_sent.map(|why| format!(" ({why})")).unwrap_or_default();
    format!("not sent again{why}, so what became of the sending before is as little known as it was")
}

fn still_pending(job: &str) -> String {
    format!("the server's job {job} has not ended; the next apply asks for it")
}
