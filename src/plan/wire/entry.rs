//! One entry of a plan's document: flat, with the contract's names.

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};

use super::held::HeldFile;
use crate::model::{Attributes, Canvas, Key, TemplateId};
use crate::plan::{Action, Change, Entry, Held, RenamedTo, SourceLine, Submission, diff};
use crate::state::Operation;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "the contract's entries are flat")]
pub(super) struct EntryFile {
    action: ActionName,
    after: Option<Attributes>,
    before: Option<Attributes>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    being_sent: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    canvas: Option<Canvas>,
    /// Written for readers only: reading a plan computes the changes again, so that they cannot contradict `before` and
    /// `after`.
    #[serde(default, deserialize_with = "pass_over")]
    changes: Vec<Change>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    clear: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    operation: Option<Operation>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<Key>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    has_row: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    held: Option<HeldFile>,
    id: Option<TemplateId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    job: Option<String>,
    key: Key,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_error: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    protect: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    renamed_to: Option<Key>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    resend: bool,
    source: Option<SourceFile>,
}

fn pass_over<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Change>, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| Vec::new())
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ActionName {
    Create,
    Update,
    Replace,
    Orphan,
    Pending,
    InDoubt,
    Move,
}

#[derive(Serialize, Deserialize)]
struct SourceFile {
    file: String,
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
        Ok(Self { key, id, source, canvas, last_error, action: file.into_action()? })
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
            after: None,
            changes: Vec::new(),
            from: None,
            clear: Vec::new(),
            operation: None,
            resend: false,
            has_row: false,
            held: None,
            protect: false,
            job: None,
            reason: None,
            renamed_to: None,
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
        let (before, clear) = (self.before.clone(), self.clear.clone());
        Ok(Submission { before, after, changes, clear, operation, resend: self.resend, held })
    }
}

fn lacks(key: &Key, what: &str) -> String {
    format!("the action for {key} has no {what}")
}
