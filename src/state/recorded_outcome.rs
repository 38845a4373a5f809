//! The outcome of a row that was sent, as the journal records it.

use serde::{Deserialize, Deserializer, Serialize};

use super::IdSource;
use crate::model::{Key, TemplateId, shallow};

/// The outcome of one row, with its key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "KeyedOutcomeFile")]
pub struct KeyedOutcome {
    /// The template's key.
    pub key: Key,
    /// The outcome.
    #[serde(flatten)]
    pub result: RecordedOutcome,
}

/// The outcome of one row that was sent.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "result", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum RecordedOutcome {
    /// The server holds what was sent.
    Applied {
        /// The vendor's id and how it was learned, if the answer said so.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<(TemplateId, IdSource)>,
    },
    /// The server rejected it.
    Failed {
        /// The message of the server.
        message: String,
        /// The vendor's `record`: unchanged, or as text if it is nested too deeply for the state.
        #[serde(skip_serializing_if = "Option::is_none")]
        record: Option<serde_json::Value>,
        /// Whether it may have been applied all the same (an update in a job that failed part-way).
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        perhaps_applied: bool,
    },
    /// A background job of the server is processing it.
    Pending {
        /// The job's id.
        job: String,
    },
    /// The outcome is unknown.
    InDoubt {
        /// Why it is unknown.
        message: String,
    },
    /// The server did not act on it: the row is as it was.
    NotSent,
}

/// All fields of [`KeyedOutcome`] in one struct, so that unknown fields can be detected.
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
