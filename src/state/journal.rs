//! The write-ahead journal: what a run is about to do, and the outcome, as one JSON record per line. The ledger
//! writes it; replay and checkpoints read it.

use std::collections::BTreeMap;
use std::io;

use serde::ser::Error as _;
use serde::{Deserialize, Serialize};

use super::json_error::{format_name, is_unknown_field, is_unknown_kind, words};
use super::{
    Baseline, CertificateOutcome, DeletedIds, Document, KeyedOutcome, ObserverShows, Operation, PlannedRow,
    Provenance, Resolution, Row, WriteId, Writes,
};
use crate::model::{Attributes, Digest, Key, NaturalKey, TemplateId, Timestamp};

/// Name and version of the format.
pub const JOURNAL_FORMAT: &str = "certctl.journal/v1";

/// One line of the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Record {
    /// The first line: the state that the following records belong to.
    Open {
        /// When the journal was begun.
        at: Timestamp,
        /// Digest of the state file's bytes; null if there is no file yet.
        base: Option<Digest>,
        /// Who runs the command: everything that it sends is sent by them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Provenance>,
        /// The state's environment.
        environment: String,
        /// [`JOURNAL_FORMAT`].
        format: String,
        /// The lineage of the state, or the one that a new state will get.
        lineage: String,
        /// The command that writes.
        operation: String,
        /// The serial of the state; 0 if there is no file yet.
        serial: u64,
        /// The URL of the state's instance.
        url: String,
        /// The write that the records lead to if the run finishes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        write: Option<WriteId>,
        /// The writes that led to the state, the newest last: the records also fit a state that was derived from it.
        #[serde(default, skip_serializing_if = "Writes::is_empty")]
        writes: Writes,
    },
    /// What the run is going to send: in the first object of a shared journal, so that the loss of other objects leaves no
    /// row unnoticed.
    Planned {
        /// The rows, in order.
        rows: Vec<PlannedRow>,
    },
    /// Records of a shared journal are missing. No run writes it: whoever reads such a journal adds it.
    Lost {
        /// No missing record is younger.
        at: Timestamp,
        /// The addresses of the missing objects, in order.
        objects: Vec<String>,
        /// The rows that the run was going to send.
        rows: Vec<PlannedRow>,
    },
    /// A request that is about to be sent; durable before its first byte.
    Intent {
        /// When it was recorded.
        at: Timestamp,
        /// The request's name, unique in the life of the state.
        batch: String,
        /// The rows of the request.
        rows: Vec<IntentRow>,
    },
    /// The same request is sent again, because the server cannot have acted on it, or repeating it is harmless.
    Retry {
        /// When it was recorded.
        at: Timestamp,
        /// The number of this attempt, from 2.
        attempt: u32,
        /// The name of the request.
        batch: String,
        /// The result of the attempt before.
        reason: String,
    },
    /// The outcome of rows that an intent of this or an earlier run named; durable before it is reported.
    Outcome {
        /// When it was recorded.
        at: Timestamp,
        /// The request's name.
        batch: String,
        /// Ids in the answer that could not be matched with rows.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        candidate_ids: Vec<TemplateId>,
        /// One outcome for each row.
        rows: Vec<KeyedOutcome>,
        /// The warnings of the server.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        warnings: Vec<String>,
    },
    /// Edits that a person made together: they count all or not at all.
    #[serde(rename = "together")]
    Transaction {
        /// The edits, in order.
        records: Vec<Self>,
    },
    /// A template got another key.
    Move {
        /// The old key.
        from: Key,
        /// The new key.
        to: Key,
    },
    /// A template was protected, so that forgetting it takes two steps, or no longer is.
    Protect {
        /// The template's key.
        key: Key,
        /// Whether it is protected.
        protect: bool,
    },
    /// A person resolved a row in doubt.
    #[serde(rename = "settle")]
    Resolve {
        /// When it was recorded.
        at: Timestamp,
        /// The row's key.
        key: Key,
        /// The resolution.
        #[serde(rename = "settlement")]
        resolution: Resolution,
    },
    /// A person named the id of an existing template.
    Import {
        /// When it was recorded.
        at: Timestamp,
        /// The vendor's id.
        id: TemplateId,
        /// The template's key.
        key: Key,
    },
    /// A template was seen on the server: what was seen is what the server holds.
    Observe {
        /// When it was recorded.
        at: Timestamp,
        /// What was seen.
        baseline: Baseline,
        /// The template's key.
        key: Key,
    },
    /// The server was seen to have deleted a template.
    Gone {
        /// As of when that was seen.
        at: Timestamp,
        /// The template's key.
        key: Key,
        /// Where that was seen, in words.
        why: String,
    },
    /// What the observer's certificates show of an edited template was learned.
    ObserverShows {
        /// When it was recorded.
        at: Timestamp,
        /// What they show.
        shows: ObserverShows,
    },
    /// A certificate is about to be asked for; durable before the first byte of the request.
    Certify {
        /// When it was recorded.
        at: Timestamp,
        /// The template's key.
        key: Key,
        /// The course or learning path.
        resource_id: String,
        /// Which of the two it is.
        resource_type: String,
        /// The user that it is for.
        user_id: String,
    },
    /// The outcome of a request for a certificate.
    Certified {
        /// When it was recorded.
        at: Timestamp,
        /// The template's key.
        key: Key,
        /// The outcome.
        outcome: CertificateOutcome,
    },
    /// A person removed a template from the state.
    Forget {
        /// The template's key.
        key: Key,
    },
    /// A person made this version of the state the newest, over others that differ.
    Accept {
        /// When it was recorded.
        at: Timestamp,
        /// What the other versions know to be deleted.
        #[serde(default, skip_serializing_if = "DeletedIds::is_empty")]
        deleted_ids: DeletedIds,
        /// The rows that differ, as they are from now on.
        rows: BTreeMap<Key, Row>,
        /// The highest serial of all versions.
        serial: u64,
        /// The writes of all versions.
        writes: Writes,
    },
    /// A person put a copy of the state in place.
    Push {
        /// When it was recorded.
        at: Timestamp,
        /// The copy.
        state: Box<Document>,
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
    /// Whether it creates or updates.
    pub action: Operation,
    /// All attributes of the template as the request would leave it: recovering an interrupted run needs them.
    pub attributes: Attributes,
    /// Digest of `attributes`.
    pub digest: Digest,
    /// The template's key.
    pub key: Key,
    /// Its natural key.
    pub natural_key: NaturalKey,
    /// Whether a person asked for it to be sent again, although an earlier attempt may have succeeded.
    #[serde(default, rename = "ordered", skip_serializing_if = "std::ops::Not::not")]
    pub requested_by_user: bool,
}

/// A line of the journal that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalDamage {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong, in words.
    pub message: String,
    /// Whether the line is intact but was written by a newer certctl.
    pub is_newer: bool,
}

impl Record {
    /// When it was recorded, if it says so.
    pub(super) fn at(&self) -> Option<Timestamp> {
        match self {
            Self::Open { at, .. }
            | Self::Lost { at, .. }
            | Self::Intent { at, .. }
            | Self::Retry { at, .. }
            | Self::Outcome { at, .. }
            | Self::Resolve { at, .. }
            | Self::Import { at, .. }
            | Self::Observe { at, .. }
            | Self::Gone { at, .. }
            | Self::ObserverShows { at, .. }
            | Self::Certify { at, .. }
            | Self::Certified { at, .. }
            | Self::Accept { at, .. }
            | Self::Push { at, .. } => Some(*at),
            Self::Planned { .. }
            | Self::Transaction { .. }
            | Self::Move { .. }
            | Self::Protect { .. }
            | Self::Forget { .. }
            | Self::Checkpoint { .. } => None,
        }
    }

    /// The record as a line, including the line break.
    pub fn to_line(&self) -> Result<String, serde_json::Error> {
        // A transaction can be hundreds of megabytes. A text that grew would take twice as much.
        let mut length = Length(0);
        if matches!(self, Self::Transaction { .. }) {
            serde_json::to_writer(&mut length, self)?;
        }
        let mut line = Vec::with_capacity(length.0.max(128) + 1);
        serde_json::to_writer(&mut line, self)?;
        line.push(b'\n');
        String::from_utf8(line).map_err(serde_json::Error::custom)
    }
}

/// Counts what is written.
struct Length(usize);

impl io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether the last line of a journal was left by a crash during an append.
fn is_torn(line: &[u8]) -> bool {
    !line.ends_with(b"\n") || line.contains(&0)
}

/// The length of a journal's complete lines in bytes: the next record is written there, over a torn end.
pub fn whole_length(bytes: &[u8]) -> usize {
    let last = bytes.split_inclusive(|&byte| byte == b'\n').next_back().unwrap_or_default();
    if is_torn(last) { bytes.len() - last.len() } else { bytes.len() }
}

fn is_of_this_format(line: &[u8]) -> bool {
    let value = serde_json::from_slice::<serde_json::Value>(line).ok();
    value.is_some_and(|value| value.get("format").is_some_and(|format| format == JOURNAL_FORMAT))
}

/// The first row of a request whose attributes do not match their digest.
pub(super) fn changed(record: &Record) -> Option<&Key> {
    let Record::Intent { rows, .. } = record else { return None };
    rows.iter().find(|row| row.attributes.digest() != row.digest).map(|row| &row.key)
}

/// Reads a journal. A torn end (a last line without its line break, or with the zero bytes that a power failure
/// leaves instead of data) comes from a crash during an append and is ignored: an append that did not return was
/// never acted upon. Damage anywhere else is an error.
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
            // The first line says what the file is: without that, it is not a journal.
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
