//! Decides what one response means for each row that was sent (contract section 8). The engine calls it. It never
//! guesses: a row is applied, failed or identified only if the response leaves no other reading.

use std::collections::{BTreeSet, HashSet};
use std::hash::BuildHasher;

use super::attribution::{Attribution, attribute, each_has_its_own};
use super::{MadeAnew, OutgoingRow};
use crate::api::bounded_record;
use crate::api::wire::{BackgroundJob, BulkResult, RowError};
use crate::model::{Key, TemplateId, shallow};
use crate::state::{IdSource, KeyedOutcome, Operation, RecordedOutcome};

/// What a response says.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// One outcome for each row of the request, in order.
    pub rows: Vec<KeyedOutcome>,
    /// Ids that the response mentions and that no row was given.
    pub candidate_ids: Vec<TemplateId>,
    /// Warnings of the server, and what was unusual about the response.
    pub warnings: Vec<String>,
    /// Templates that the server created although they were to be updated.
    pub made_anew: MadeAnew,
    /// Rows that were to be created and that the server says it updated: all of the request's, or none.
    pub found_there: Vec<Key>,
    /// Whether an error fitted several rows with the same title: such rows go in separate requests from now on.
    pub ambiguous_titles: bool,
}

/// What a job's status says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// `queued` or `processing`.
    Unfinished,
    /// `complete` or `completed`, without an error message (vendor-api.md section 2).
    Complete,
    /// `failed`, an unknown status, or complete with an error message.
    Failed,
}

impl JobState {
    /// Reads a job's status.
    pub fn of(job: &BackgroundJob) -> Self {
        match job.status.as_deref() {
            Some("queued" | "processing") => Self::Unfinished,
            // A job with an error message is not certain to be done, whatever its status says.
            Some("complete" | "completed") if job.error_message.as_deref().is_none_or(str::is_empty) => {
                Self::Complete
            }
            _ => Self::Failed,
        }
    }
}

/// Reads a response to these rows. `known_ids` are the ids of other templates, which cannot belong to new ones.
pub fn reconcile<H: BuildHasher>(
    rows: &[OutgoingRow],
    response: &BulkResult,
    known_ids: &HashSet<TemplateId, H>,
) -> Reading {
    let errors = Errors::read(&response.errors, rows);
    let verdict = judge(rows, response, &errors);
    let mut warnings = Vec::new();
    let mut results: Vec<RecordedOutcome> = (0..rows.len()).map(|_| verdict.clone()).collect();
    for (position, result) in results.iter_mut().enumerate() {
        if errors.ambiguous.contains(&position) {
            *result = RecordedOutcome::InDoubt { message: AMBIGUOUS.to_owned() };
        }
    }
    let contradicted = contradicts_failures(rows, response, &errors);
    for (position, error) in &errors.failed {
        results[*position] = match (contradicted, rows[*position].operation) {
            (true, Operation::Create) => RecordedOutcome::InDoubt {
                message: format!("{CONTRADICTION}; the server's error was: {}", message_of(error)),
            },
            _ => failed(error, contradicted),
        };
    }
    warnings.extend(errors.unattributed_in_words());
    warnings.extend(response.warnings.iter().cloned());
    let (warning, found_there) = found_there(rows, response, &results).unzip();
    warnings.extend(warning);
    let mut made_anew = MadeAnew::default();
    let mut candidate_ids = give_ids(rows, response, &mut results, known_ids, &mut warnings, &mut made_anew);
    candidate_ids.truncate(rows.len() + MAX_SPARE_IDS);
    let rows =
        rows.iter().zip(results).map(|(row, result)| KeyedOutcome { key: row.key.clone(), result }).collect();
    let ambiguous_titles = !errors.ambiguous.is_empty();
    let found_there = found_there.unwrap_or_default();
    Reading { rows, candidate_ids, warnings, made_anew, found_there, ambiguous_titles }
}

/// More candidate ids would not help a person to find the right one, and every row in doubt keeps them all.
pub(super) const MAX_SPARE_IDS: usize = 100;
/// Errors that fit no row are listed up to this number; the rest are counted.
const MAX_LISTED: usize = 20;
const AMBIGUOUS: &str = "the server reported an error that fits this row and others of the same request, and does not say whose it is";
const CONTRADICTION: &str =
    "the server reported an error for this row, and yet counted more rows done than can be";

/// The entries of `errors`, each with its row.
struct Errors<'e> {
    failed: Vec<(usize, &'e RowError)>,
    ambiguous: BTreeSet<usize>,
    unattributed: Vec<&'e RowError>,
    /// How many errors there are beyond one more than the rows.
    extra: usize,
    /// Whether each error can have a row of its own. If not, the counts, which count rows, cannot be compared with
    /// the errors.
    apart: bool,
}

impl<'e> Errors<'e> {
    fn read(errors: &'e [RowError], rows: &[OutgoingRow]) -> Self {
        // More errors than rows cannot add up, however many more there are.
        let (listed, extra) = errors.split_at(errors.len().min(rows.len() + 1));
        let attributions: Vec<Attribution> = listed.iter().map(|error| attribute(error, rows)).collect();
        let mut read = Self {
            failed: Vec::new(),
            ambiguous: BTreeSet::new(),
            unattributed: Vec::new(),
            extra: extra.len(),
            apart: each_has_its_own(&attributions),
        };
        for (error, attribution) in listed.iter().zip(attributions) {
            match attribution {
                Attribution::One(row) => read.failed.push((row, error)),
                Attribution::OneOf(candidates) => read.ambiguous.extend(candidates),
                Attribution::Unattributed => read.unattributed.push(error),
            }
        }
        read
    }
}

impl Errors<'_> {
    /// The errors that fit no row, in words; the rest as one line.
    fn unattributed_in_words(&self) -> impl Iterator<Item = String> {
        let listed = self.unattributed.iter().take(MAX_LISTED).map(|error| {
            format!("the server reported an error that fits no row of the request: {}", describe(error))
        });
        let rest = self.unattributed.len().saturating_sub(MAX_LISTED);
        let rest = (rest > 0)
            .then(|| format!("the server reported {rest} more errors that fit no row of the request"));
        let extra = (self.extra > 0)
            .then(|| format!("the server reported {} more errors than it was sent rows", self.extra));
        listed.chain(rest).chain(extra)
    }
}

/// The outcome of the rows that no error names.
fn judge(rows: &[OutgoingRow], response: &BulkResult, errors: &Errors<'_>) -> RecordedOutcome {
    let doubt = |message: String| RecordedOutcome::InDoubt { message };
    if !errors.unattributed.is_empty() {
        let first = describe(errors.unattributed[0]);
        return doubt(format!(
            "the server reported an error that fits no row of the request, so it may be this one's: {first}"
        ));
    }
    let done = response.created_count.saturating_add(response.updated_count);
    let expected = (rows.len() as u64).checked_sub(response.errors.len() as u64);
    let adds_up = expected == Some(done) && errors.apart;
    let counts = format!(
        "the server counted {} created, {} updated and {} failed of {} sent",
        response.created_count,
        response.updated_count,
        response.errors.len(),
        rows.len()
    );
    match response.background_job.as_ref().filter(|job| **job != BackgroundJob::default()) {
        _ if expected.is_none_or(|expected| done > expected) => {
            doubt(format!("{counts}, which does not add up"))
        }
        None if adds_up => RecordedOutcome::Applied { id: None },
        None => doubt(format!("{counts}, which does not add up")),
        Some(job) => match (JobState::of(job), job.id.as_deref().filter(|id| !id.is_empty())) {
            (JobState::Complete, _) if adds_up || done == 0 => RecordedOutcome::Applied { id: None },
            (JobState::Complete, _) => {
                doubt(format!("{counts}, which does not add up although its job is complete"))
            }
            (JobState::Unfinished, Some(id)) => RecordedOutcome::Pending { job: id.to_owned() },
            (JobState::Unfinished, None) => doubt("the server began a job and did not say which".to_owned()),
            (JobState::Failed, _) => job_failed(job, rows),
        },
    }
}

/// What a failed job means: a request holds creates or updates, never both.
fn job_failed(job: &BackgroundJob, rows: &[OutgoingRow]) -> RecordedOutcome {
    let operation = if rows.iter().any(|row| row.operation == Operation::Create) {
        Operation::Create
    } else {
        Operation::Update
    };
    after_failed_job(job, operation)
}

/// What a failed job, or one with an unknown status, means for a row.
pub fn after_failed_job(job: &BackgroundJob, operation: Operation) -> RecordedOutcome {
    let message = job_failure(job);
    match operation {
        Operation::Create => RecordedOutcome::InDoubt { message },
        Operation::Update => RecordedOutcome::Failed { message, record: None, perhaps_applied: true },
    }
}

fn job_failure(job: &BackgroundJob) -> String {
    let status = job.status.as_deref().unwrap_or("without a status");
    match job.error_message.as_deref().filter(|message| !message.is_empty()) {
        Some(message) => format!("the server's job ended as {status}: {message}"),
        None => format!("the server's job ended as {status}"),
    }
}

/// Whether the response counts rows as done that it also reports as failed.
fn contradicts_failures(rows: &[OutgoingRow], response: &BulkResult, errors: &Errors<'_>) -> bool {
    let failed: HashSet<usize> = errors.failed.iter().map(|(row, _)| *row).collect();
    let can_be_done = (rows.len() - failed.len()) as u64;
    response.created_count.saturating_add(response.updated_count) > can_be_done
        || response.created_ids.len() as u64 > can_be_done
}

fn failed(error: &RowError, perhaps_applied: bool) -> RecordedOutcome {
    RecordedOutcome::Failed {
        message: message_of(error),
        record: error.record.clone().map(shallow).map(bounded_record),
        perhaps_applied,
    }
}

fn message_of(error: &RowError) -> String {
    match error.error.as_deref().filter(|text| !text.is_empty()) {
        Some(text) => text.to_owned(),
        None => "the server refused this row without saying why".to_owned(),
    }
}

fn describe(error: &RowError) -> String {
    let said = |name: &str, value: &Option<String>| value.as_ref().map(|value| format!("{name} {value:?}"));
    let parts: Vec<String> =
        [said("title", &error.title), said("resourceId", &error.resource_id)].into_iter().flatten().collect();
    let about = if parts.is_empty() { "no name at all".to_owned() } else { parts.join(", ") };
    format!("{} ({about})", message_of(error))
}

/// Describes rows that were to be created but were not: the server matched them with templates that it had. Names them if
/// they are all of the request's.
fn found_there(
    rows: &[OutgoingRow],
    response: &BulkResult,
    results: &[RecordedOutcome],
) -> Option<(String, Vec<Key>)> {
    const THERE: &str = "It seems to have had a template for the same resource and audience already, and that one has what was \
                         sent now. If somebody else may have made it, look at it in the admin page";
    let is_done = |(row, result): (&OutgoingRow, &RecordedOutcome)| {
        row.operation == Operation::Create
            && matches!(result, RecordedOutcome::Applied { .. } | RecordedOutcome::Pending { .. })
    };
    let updated = response.updated_count;
    if updated == 0 || !rows.iter().zip(results).all(is_done) {
        return None;
    }
    let is_all = updated == rows.len() as u64 && response.created_count == 0;
    let keys = rows.iter().filter(|_| is_all).map(|row| row.key.clone()).collect();
    let words = match rows {
        [row] => format!("the server says that it updated {}, and did not create it. {THERE}", row.key),
        rows => format!(
            "the server says that it updated {updated} of {} templates that were to be created, and not which. {THERE}",
            rows.len()
        ),
    };
    Some((words, keys))
}

/// The effect of ids that cannot be matched with rows, and what to do.
const NO_IDS: &str = "so it is not known which id is whose, and none was recorded. The templates themselves are recorded as \
    created, and nothing has to be sent again. Only `addressing = \"id\"` needs their ids: look them up in the vendor's \
    reporting, and then import them";

/// Gives the created ids to the rows that were created, if there is exactly one for each and none can belong to
/// another template. Returns the remaining ids.
fn give_ids<H: BuildHasher>(
    rows: &[OutgoingRow],
    response: &BulkResult,
    results: &mut [RecordedOutcome],
    known_ids: &HashSet<TemplateId, H>,
    warnings: &mut Vec<String>,
    made_anew: &mut MadeAnew,
) -> Vec<TemplateId> {
    let ids: Vec<TemplateId> =
        response.created_ids.iter().filter_map(|text| TemplateId::from_server(text)).collect();
    let distinct: HashSet<&TemplateId> = ids.iter().collect();
    let applied = |row: &usize| matches!(results[*row], RecordedOutcome::Applied { .. });
    let only_updates = rows.iter().all(|row| row.operation == Operation::Update);
    let succeeded = (0..rows.len()).filter(applied);
    let created: Vec<usize> = if only_updates && response.created_count == succeeded.clone().count() as u64 {
        // All of them had been deleted by hand, and the server created them again: their old ids are no longer valid.
        succeeded.collect()
    } else {
        succeeded.filter(|&row| rows[row].operation == Operation::Create).collect()
    };
    // With a row in doubt, the id may be that row's, and the row that succeeded may have been updated.
    let is_certain = |result: &RecordedOutcome| {
        matches!(result, RecordedOutcome::Applied { .. } | RecordedOutcome::Failed { .. })
    };
    let counted = response.created_count == ids.len() as u64 && results.iter().all(is_certain);
    let sound = ids.len() == response.created_ids.len()
        && distinct.len() == ids.len()
        && !ids.iter().any(|id| known_ids.contains(id));
    if !ids.is_empty() && counted && sound && ids.len() == created.len() {
        let source = if ids.len() == 1 { IdSource::Exact } else { IdSource::Positional };
        if only_updates {
            made_anew.keys = created.iter().map(|&row| rows[row].key.clone()).collect();
        }
        for (row, id) in created.into_iter().zip(ids) {
            results[row] = RecordedOutcome::Applied { id: Some((id, source)) };
        }
        return Vec::new();
    }
    if !sound {
        warnings.push(format!(
            "the server returned ids that are doubled, malformed or another template's, {NO_IDS}"
        ));
    } else if !created.is_empty() && !ids.is_empty() {
        warnings.push(format!("the server returned {}, {NO_IDS}", unfitting(ids.len(), response)));
    } else if response.created_count > 0 && only_updates {
        made_anew.unnamed = response.created_count;
    }
    ids
}

/// Describes ids that cannot be given to rows for certain, with the counts of the response.
fn unfitting(count: usize, response: &BulkResult) -> String {
    let ids = if count == 1 { "1 id" } else { &format!("{count} ids") };
    match (response.created_count, response.updated_count) {
        (created, 0) if created == count as u64 => format!("{ids} without saying whose they are"),
        (1, 0) => format!("{ids} for 1 created template"),
        (created, 0) => format!("{ids} for {created} created templates"),
        (created, updated) => format!("{ids} and counted {created} created and {updated} updated"),
    }
}
