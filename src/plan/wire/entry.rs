//! One entry of a plan's document: flat, with the contract's names.

use std::collections::BTreeSet;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};

use super::held::HeldFile;
use crate::model::{Attributes, Canvas, Key, TemplateId, Timestamp};
use crate::plan::{Action, Change, Entry, Held, RenamedTo, SourceLine, Submission, diff};
use crate::state::Operation;

#[derive(Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Action"))]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "the contract's entries are flat")]
pub(super) struct EntryFile {
    /// What would be done. Only `create`, `update` and `replace` send anything.
    action: ActionName,
    /// What it is to hold; for `pending` and `in_doubt` what was sent. Null for `orphan`, `move` and `forget`.
    after: Option<Attributes>,
    /// What the server is known to hold; null if nothing is known.
    before: Option<Attributes>,
    /// On `in_doubt`: another run was waiting for the answer while the plan was made. Absent if none was.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    being_sent: bool,
    /// The size of the sheet that the certificate is drawn on, if the configuration says it. For drawings, never sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    canvas: Option<Canvas>,
    /// The differences of an update, sorted by path; empty for everything else, and if `before` is null: then no difference
    /// is known, and all of `after` is sent.
    // For readers only: reading a plan computes them again, so that they cannot contradict `before` and `after`.
    #[serde(default, deserialize_with = "pass_over")]
    changes: Vec<Change>,
    /// Attributes to be removed: sent as null. Absent if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    clear: Vec<String>,
    // Only in plans of versions that had no `replace`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(skip))]
    operation: Option<Operation>,
    /// On `move`: the key that it has now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<Key>,
    /// On `create`: when the server was seen to have deleted the template that the key had; `last_error` says where. Absent
    /// if it was not, or if it was sent since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deleted_at: Option<Timestamp>,
    /// On an orphan with `renamed_to`: the state has a row of that key already, so `moved` cannot join the two. Absent if
    /// it has none.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    has_row: bool,
    /// Why the row is not sent although it differs. `warnings` says it in words, with what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    held: Option<HeldFile>,
    /// The vendor's id, as far as the state knows it.
    id: Option<TemplateId>,
    /// On `pending`: the id of the server's job. On `in_doubt`: the same, if a job is processing what was sent last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    job: Option<String>,
    /// The template's key.
    key: Key,
    /// Why it failed the last time it was sent, or where it was seen to be deleted. Absent if neither is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_error: Option<String>,
    /// On an orphan: forgetting it takes two steps.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    protect: bool,
    /// On `in_doubt`: why the outcome is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// On an orphan: a template of the configuration for the same resource and audience. If the orphan was renamed to it, it
    /// must not be deleted. Absent if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    renamed_to: Option<Key>,
    /// Everything is sent again, because an earlier attempt may have set other values.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    resend: bool,
    /// On `forget`: the latest time at which the server is known to have had it, because it accepted the template then, or an
    /// export or the observer showed it. Absent if no time is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    known_at: Option<Timestamp>,
    /// On `forget`: where it was seen at `known_at`: the names of the export's files, or the observer. Absent if the server
    /// accepted it then, or if that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seen_in: Option<String>,
    /// Where the configuration defines the template, on `forget` where it says so; null for a key that only the state has.
    source: Option<SourceFile>,
    /// Attributes to be sent whose values on the server are not known: `before` is null for them in `changes`. Absent if
    /// there are none, and if `before` is null.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    unknown: BTreeSet<String>,
}

fn pass_over<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Change>, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| Vec::new())
}

#[derive(Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum ActionName {
    /// It is to be created.
    Create,
    /// It is to be changed.
    Update,
    /// It is for another resource or audience now: the server gets a new one and keeps the old one, which becomes an orphan.
    Replace,
    /// It is no longer in the configuration. The API cannot delete it.
    Orphan,
    /// A job of the server is processing it.
    Pending,
    /// It was sent with an unknown outcome.
    InDoubt,
    /// It gets another key; nothing is sent.
    Move,
    /// The state forgets it, as `removed` says; nothing is sent.
    Forget,
}

#[derive(Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Source"))]
struct SourceFile {
    /// The file, relative to the directory of certctl.toml.
    file: String,
    /// The line of the template's key, from 1; 0 if it could not be found.
    line: usize,
}

impl From<&Entry> for EntryFile {
    fn from(entry: &Entry) -> Self {
        let mut file = Self::moved(entry);
        match &entry.action {
            Action::Create(submission) => {
                file.action = ActionName::Create;
                file.fill(submission);
            }
            Action::Update(submission) => {
                let replaces = submission.operation == Operation::Create;
                file.action = if replaces { ActionName::Replace } else { ActionName::Update };
                file.fill(submission);
            }
            Action::Orphan { before, protect, renamed_to } => {
                file.action = ActionName::Orphan;
                file.renamed_to = renamed_to.as_ref().map(|to| to.key.clone());
                file.has_row = renamed_to.as_ref().is_some_and(|to| to.has_row);
                file.before.clone_from(before);
                file.protect = *protect;
            }
            Action::Pending { job, after } => {
                file.action = ActionName::Pending;
                file.job = Some(job.clone());
                file.after = Some(after.clone());
            }
            Action::InDoubt { reason, being_sent, before, after, job } => {
                file.action = ActionName::InDoubt;
                file.job.clone_from(job);
                file.reason = Some(reason.clone());
                file.being_sent = *being_sent;
                file.before.clone_from(before);
                file.after = Some(after.clone());
            }
            Action::Move { from } => file.from = Some(from.clone()),
            Action::Forget { before, known_at, seen_in } => {
                file.seen_in.clone_from(seen_in);
                file.action = ActionName::Forget;
                file.before.clone_from(before);
                file.known_at = *known_at;
            }
        }
        file
    }
}

impl TryFrom<EntryFile> for Entry {
    type Error = String;

    fn try_from(file: EntryFile) -> Result<Self, String> {
        let key = file.key.clone();
        let (id, canvas, last_error) = (file.id.clone(), file.canvas.clone(), file.last_error.clone());
        let source =
            file.source.as_ref().map(|source| SourceLine { file: source.file.clone(), line: source.line });
        let deleted_at = file.deleted_at;
        Ok(Self { key, id, source, canvas, last_error, deleted_at, action: file.into_action()? })
    }
}

impl EntryFile {
    /// Returns whether an earlier version wrote it, which named the operation beside the action.
    pub(super) fn is_of_earlier_version(&self) -> bool {
        self.operation.is_some()
    }

    /// An entry without attributes, as for a move.
    fn moved(entry: &Entry) -> Self {
        Self {
            key: entry.key.clone(),
            action: ActionName::Move,
            id: entry.id.clone(),
            source: entry
                .source
                .as_ref()
                .map(|source| SourceFile { file: source.file.clone(), line: source.line }),
            before: None,
            being_sent: false,
            canvas: entry.canvas.clone(),
            last_error: entry.last_error.clone(),
            deleted_at: entry.deleted_at,
            after: None,
            changes: Vec::new(),
            from: None,
            clear: Vec::new(),
            operation: None,
            resend: false,
            known_at: None,
            seen_in: None,
            has_row: false,
            held: None,
            protect: false,
            job: None,
            reason: None,
            renamed_to: None,
            unknown: BTreeSet::new(),
        }
    }

    fn fill(&mut self, submission: &Submission) {
        self.before.clone_from(&submission.before);
        self.after = Some(submission.after.clone());
        // If the earlier attributes are unknown, no difference is claimed.
        if submission.before.is_some() {
            self.changes.clone_from(&submission.changes);
        }
        self.clear.clone_from(&submission.clear);
        self.unknown.clone_from(&submission.unknown);
        self.resend = submission.resend;
        self.held = submission.held.as_ref().map(|held| HeldFile::of(held, &self.key));
    }

    fn into_action(self) -> Result<Action, String> {
        let lacks = |what| lacks(&self.key, what);
        Ok(match self.action {
            ActionName::Create => Action::Create(self.submission(Operation::Create)?),
            ActionName::Replace => Action::Update(self.submission(Operation::Create)?),
            // Before replacements had a name, one was an update with this operation.
            ActionName::Update => {
                Action::Update(self.submission(self.operation.unwrap_or(Operation::Update))?)
            }
            ActionName::Orphan => Action::Orphan {
                before: self.before,
                protect: self.protect,
                renamed_to: self.renamed_to.map(|key| RenamedTo { key, has_row: self.has_row }),
            },
            ActionName::Pending => Action::Pending {
                job: self.job.ok_or_else(|| lacks("`job`"))?,
                after: self.after.ok_or_else(|| lacks("`after`"))?,
            },
            ActionName::InDoubt => Action::InDoubt {
                reason: self.reason.ok_or_else(|| lacks("`reason`"))?,
                being_sent: self.being_sent,
                before: self.before,
                after: self.after.ok_or_else(|| lacks("`after`"))?,
                job: self.job,
            },
            ActionName::Forget => {
                Action::Forget { before: self.before, known_at: self.known_at, seen_in: self.seen_in }
            }
            ActionName::Move => Action::Move { from: self.from.ok_or_else(|| lacks("`from`"))? },
        })
    }

    fn submission(&self, operation: Operation) -> Result<Submission, String> {
        let after = self.after.clone().ok_or_else(|| lacks(&self.key, "`after`"))?;
        let changes = match self.action {
            ActionName::Create => Vec::new(),
            _ => diff(self.before.as_ref().unwrap_or(&Attributes::default()), &after),
        };
        let mut held = self.held.as_ref().map(Held::try_from).transpose()?;
        if let Some(Held::Renamed { has_row, .. }) = &mut held {
            // In plans of earlier versions this is missing for templates that the server has.
            *has_row |= !matches!(self.action, ActionName::Create);
        }
        Ok(Submission {
            before: self.before.clone(),
            after,
            changes,
            clear: self.clear.clone(),
            unknown: self.unknown.clone(),
            operation,
            resend: self.resend,
            held,
        })
    }
}

fn lacks(key: &Key, what: &str) -> String {
    format!("the action for {key} has no {what}")
}
