//! The write-ahead journal: what a run is about to do, and what came of it, one JSON line a record.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use super::json_error::{format_name, is_unknown_field, is_unknown_kind, words};
use super::{IdSource, Operation, Resolution, Row, WriteId, Writes};
use crate::model::{Attributes, Digest, Key, NaturalKey, TemplateId, Timestamp, shallow};

/// Name and version of the format.
pub const JOURNAL_FORMAT: &str = "certctl.journal/v1";

/// One line of the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Record {
    /// The first line: which state the records that follow belong to.
    Open {
        /// When the journal was begun.
        at: Timestamp,
        /// Digest of the state file's bytes; null where there is no file yet.
        base: Option<Digest>,
        /// The state's environment.
        environment: String,
        /// [`JOURNAL_FORMAT`].
        format: String,
        /// The state's lineage; for a state that does not exist yet, the one it will get.
        lineage: String,
        /// The command that writes.
        operation: String,
        /// The state's serial; 0 where there is no file yet.
        serial: u64,
        /// The state's instance.
        url: String,
        /// Names the write that the records lead to when the run comes to its end.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        write: Option<WriteId>,
        /// The writes that led to the state, the newest at the end: the records also fit a state that went on from it.
        #[serde(default, skip_serializing_if = "Writes::is_empty")]
        writes: Writes,
    },
    /// Durable before the first byte of a request: what it carries.
    Intent {
        /// When.
        at: Timestamp,
        /// The request's name, unique in the life of the state.
        batch: String,
        /// Its rows.
        rows: Vec<IntentRow>,
    },
    /// The same request is sent once more, because the server cannot have acted on it, or acting twice is harmless.
    Retry {
        /// When.
        at: Timestamp,
        /// Which sending this is, from 2.
        attempt: u32,
        /// The request's name.
        batch: String,
        /// What became of the sending before.
        reason: String,
    },
    /// Durable before it is told: what came of rows that an intent, now or in an earlier run, named.
    Outcome {
        /// When.
        at: Timestamp,
        /// The request's name.
        batch: String,
        /// Ids that the answer mentioned without saying whose they are.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        candidate_ids: Vec<TemplateId>,
        /// One for each row.
        rows: Vec<KeyedOutcome>,
        /// The server's warnings.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        warnings: Vec<String>,
    },
    /// Edits that a person made in one go: all of them, or none.
    #[serde(rename = "together")]
    Transaction {
        /// The edits, in their order.
        records: Vec<Self>,
    },
    /// A template got another key.
    Move {
        /// The old key.
        from: Key,
        /// The new key.
        to: Key,
    },
    /// Whether forgetting a template takes two steps.
    Protect {
        /// Which.
        key: Key,
        /// Whether.
        protect: bool,
    },
    /// A person settled what was in doubt.
    #[serde(rename = "settle")]
    Resolve {
        /// When.
        at: Timestamp,
        /// Which row.
        key: Key,
        /// How.
        settlement: Resolution,
    },
    /// A person named the id of a template that exists already.
    Import {
        /// When.
        at: Timestamp,
        /// Its id.
        id: TemplateId,
        /// Its key.
        key: Key,
    },
    /// A person had certctl forget a template.
    Forget {
        /// Which.
        key: Key,
    },
    /// A person made this version of the state the newest, although others say otherwise.
    Accept {
        /// When.
        at: Timestamp,
        /// The rows on which they differ, as they are from now on.
        rows: BTreeMap<Key, Row>,
        /// The highest serial of all versions.
        serial: u64,
        /// The writes of all of them.
        writes: Writes,
    },
    /// The last line: the state that the records above lead to is about to be written.
    #[serde(rename = "fold")]
    Checkpoint {
        /// Digest of the new state file's bytes.
        digest: Digest,
        /// The new state's serial.
        serial: u64,
        /// The new state's newest write.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        write: Option<WriteId>,
    },
}

/// One row of a request that is about to be sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IntentRow {
    /// What it is meant to do.
    pub action: Operation,
    /// All attributes of the template as the request would leave it: folding an interrupted run needs them.
    pub attributes: Attributes,
    /// Their digest.
    pub digest: Digest,
    /// The template.
    pub key: Key,
    /// Its natural key.
    pub natural_key: NaturalKey,
    /// Whether a person ordered it to be sent again, although an earlier sending may have arrived.
    #[serde(default, rename = "ordered", skip_serializing_if = "std::ops::Not::not")]
    pub requested_by_user: bool,
}

/// What came of one row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "KeyedOutcomeFile")]
pub struct KeyedOutcome {
    /// The template.
    pub key: Key,
    /// What came of it.
    #[serde(flatten)]
    pub result: RecordedOutcome,
}

/// What came of one row that was sent.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "result", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum RecordedOutcome {
    /// The server holds what was sent.
    Applied {
        /// Its id and how it was learnt, where this answer told.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<(TemplateId, IdSource)>,
    },
    /// The server refused it.
    Failed {
        /// What it said.
        message: String,
        /// The vendor's `record`, as it came, or as its text where it is nested too deeply for the state.
        #[serde(skip_serializing_if = "Option::is_none")]
        record: Option<serde_json::Value>,
        /// Whether it may have been applied all the same (an update of a job that failed half-way).
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        perhaps_applied: bool,
    },
    /// A job goes on with it.
    Pending {
        /// The job's id.
        job: String,
    },
    /// What became of it is not known.
    InDoubt {
        /// Why.
        message: String,
    },
    /// The server did not act on it: the row is as it was.
    NotSent,
}

/// A line of the journal that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalDamage {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// Whether it is no damage, and was written by a newer certctl.
    pub is_newer: bool,
}

/// The same with every field by itself: only so can a field that is not known be noticed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct KeyedOutcomeFile {
    #[serde(default)]
    id: Option<(TemplateId, IdSource)>,
    #[serde(default)]
    job: Option<String>,
    key: Key,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    perhaps_applied: bool,
    #[serde(default, deserialize_with = "shallow_record")]
    record: Option<serde_json::Value>,
    result: OutcomeName,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OutcomeName {
    Applied,
    Failed,
    Pending,
    InDoubt,
    NotSent,
}

impl TryFrom<KeyedOutcomeFile> for KeyedOutcome {
    type Error = &'static str;

    fn try_from(file: KeyedOutcomeFile) -> Result<Self, Self::Error> {
        let KeyedOutcomeFile { id, job, key, message, perhaps_applied, record, result } = file;
        let result = match (result, message, job) {
            (OutcomeName::Applied, ..) => RecordedOutcome::Applied { id },
            (OutcomeName::Failed, Some(message), _) => {
                RecordedOutcome::Failed { message, record, perhaps_applied }
            }
            (OutcomeName::InDoubt, Some(message), _) => RecordedOutcome::InDoubt { message },
            (OutcomeName::Pending, _, Some(job)) => RecordedOutcome::Pending { job },
            (OutcomeName::NotSent, ..) => RecordedOutcome::NotSent,
            (OutcomeName::Failed | OutcomeName::InDoubt, None, _) => {
                return Err("message is required for a row that failed or is in doubt");
            }
            (OutcomeName::Pending, _, None) => return Err("job is required for a pending row"),
        };
        Ok(Self { key, result })
    }
}

fn shallow_record<'de, D>(deserializer: D) -> Result<Option<serde_json::Value>, D::Error>
where
    D: Deserializer<'de>,
{
    Ok(Option::deserialize(deserializer)?.map(shallow))
}

impl Record {
    /// The record's line, line break included.
    pub fn to_line(&self) -> Result<String, serde_json::Error> {
        let mut line = serde_json::to_string(self)?;
        line.push('\n');
        Ok(line)
    }
}

/// Whether the last line of a journal is what a crash in the middle of an append left.
fn is_torn(line: &[u8]) -> bool {
    !line.ends_with(b"\n") || line.contains(&0)
}

/// How many bytes of a journal are whole lines: the next record belongs behind them, in place of a torn end.
pub fn whole_length(bytes: &[u8]) -> usize {
    let last = bytes.split_inclusive(|&byte| byte == b'\n').next_back().unwrap_or_default();
    if is_torn(last) { bytes.len() - last.len() } else { bytes.len() }
}

fn is_of_this_format(line: &[u8]) -> bool {
    let value = serde_json::from_slice::<serde_json::Value>(line).ok();
    value.is_some_and(|value| value.get("format").is_some_and(|format| format == JOURNAL_FORMAT))
}

/// The first row of a request whose attributes are not those that its digest was made of.
pub(super) fn changed(record: &Record) -> Option<&Key> {
    let Record::Intent { rows, .. } = record else { return None };
    rows.iter().find(|row| row.attributes.digest() != row.digest).map(|row| &row.key)
}

/// Reads a journal. A torn end (a last line without its line break, or one with the zero bytes that a power loss
/// leaves in place of data) is what a crash in the middle of an append leaves behind, and is passed over: an append
/// that did not return was never acted upon. Damage anywhere else is an error.
pub fn parse_journal(bytes: &[u8]) -> Result<Vec<Record>, JournalDamage> {
    let mut records = Vec::new();
    let mut lines = bytes.split_inclusive(|&byte| byte == b'\n').enumerate().peekable();
    while let Some((position, line)) = lines.next() {
        if lines.peek().is_none() && is_torn(line) {
            break;
        }
        let record = serde_json::from_slice(line).map_err(|error| JournalDamage {
            line: position + 1,
            message: words(&error),
            // The first line says whose journal it is: what says nothing of the kind is no journal at all.
            is_newer: (is_unknown_field(&error) || is_unknown_kind(&error))
                && (!records.is_empty() || is_of_this_format(line)),
        })?;
        if let Some(key) = changed(&record) {
            let message = format!(
                "what it says of {key} does not match its digest: it was changed by hand, or by a text merge"
            );
            return Err(JournalDamage { line: position + 1, message, is_newer: false });
        }
        match (records.is_empty(), &record) {
            (true, Record::Open { format, .. }) if format != JOURNAL_FORMAT => {
                let format = format_name(format);
                let message = format!("the format {format:?} is not one that this version of certctl knows");
                return Err(JournalDamage {
                    line: 1,
                    message,
                    is_newer: format.starts_with("certctl.journal/"),
                });
            }
            (true, Record::Open { .. }) => {}
            (false, Record::Open { .. }) | (true, _) => {
                let message = "a journal begins with one `open` record and has no other".to_owned();
                return Err(JournalDamage { line: position + 1, message, is_newer: false });
            }
            (false, _) => {}
        }
        records.push(record);
    }
    Ok(records)
}
