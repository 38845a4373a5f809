//! The JSON form of a plan: flat entries with the contract's names (contract section 5). Only [`super::document`] reads
//! and writes it.
//!
//! Fields are in alphabetical order, as in the file.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};

use super::{
    Action, Base, Change, Entry, FORMAT, Held, Plan, RenamedTo, SavedPlanError, Selection, SourceLine,
    Submission, Summary, Warned, WarningKind, diff,
};
use crate::model::{Addressing, Attributes, Canvas, CertificateField, Digest, Key, TemplateId};
use crate::state::Operation;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlanFile {
    actions: Vec<EntryFile>,
    addressing: Addressing,
    certctl: String,
    pub(super) digest: Option<Digest>,
    environment: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    fields: BTreeMap<String, CertificateField>,
    format: String,
    #[serde(default)]
    left_out: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_changes: Option<u64>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    protect: BTreeMap<Key, bool>,
    #[serde(default)]
    selection: Option<Selection>,
    state: Base,
    summary: Summary,
    url: String,
    /// One per warning, in the same order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    warning_details: Vec<WarningDetail>,
    warnings: Vec<String>,
}

/// The structured part of a warning, for programs.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WarningDetail {
    keys: Vec<Key>,
    kind: Option<WarningKind>,
    /// The lines to paste at the end of the text, if there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    paste: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "the contract's entries are flat")]
struct EntryFile {
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

/// `from` or `by` comes before `reason`: alphabetical like the rest.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeldFile {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<Key>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    count: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<Key>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    has_row: bool,
    reason: HeldReason,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ring: Option<Vec<Key>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum HeldReason {
    Renamed,
    Taken,
    NoExactId,
    Unsettled,
}

impl HeldFile {
    fn of(held: &Held, key: &Key) -> Self {
        let plain = |reason| Self { by: None, count: None, from: None, has_row: false, reason, ring: None };
        match held {
            Held::Renamed { from, has_row } => {
                Self { from: Some(from.clone()), has_row: *has_row, ..plain(HeldReason::Renamed) }
            }
            Held::Taken { by } => Self { by: Some(by.clone()), ..plain(HeldReason::Taken) },
            Held::Exchanged { ring } => {
                Self { by: held.other(key).cloned(), ring: Some(ring.clone()), ..plain(HeldReason::Taken) }
            }
            Held::Shifted { by, count } => {
                Self { by: Some(by.clone()), count: Some(*count), ..plain(HeldReason::Taken) }
            }
            Held::NoExactId => plain(HeldReason::NoExactId),
            Held::Unsettled => plain(HeldReason::Unsettled),
        }
    }
}

impl TryFrom<&HeldFile> for Held {
    type Error = String;

    fn try_from(file: &HeldFile) -> Result<Self, String> {
        let lacks = || "an action that is held back does not say by whom".to_owned();
        Ok(match &file.reason {
            HeldReason::Renamed => {
                Self::Renamed { from: file.from.clone().ok_or_else(lacks)?, has_row: file.has_row }
            }
            HeldReason::Taken => match (&file.ring, file.count) {
                (Some(ring), _) => Self::Exchanged { ring: ring.clone() },
                (None, Some(count)) => Self::Shifted { by: file.by.clone().ok_or_else(lacks)?, count },
                (None, None) => Self::Taken { by: file.by.clone().ok_or_else(lacks)? },
            },
            HeldReason::NoExactId => Self::NoExactId,
            HeldReason::Unsettled => Self::Unsettled,
        })
    }
}

/// Returns the details, or an empty list if the texts say everything.
fn warning_details(warnings: &[Warned]) -> Vec<WarningDetail> {
    if warnings.iter().all(Warned::has_only_text) {
        return Vec::new();
    }
    let detail = |warned: &Warned| WarningDetail {
        keys: warned.keys.clone(),
        kind: warned.kind.clone(),
        paste: warned.paste.clone(),
    };
    warnings.iter().map(detail).collect()
}

fn warned(texts: Vec<String>, details: Vec<WarningDetail>) -> Vec<Warned> {
    let details = details.into_iter().chain(std::iter::repeat_with(WarningDetail::default));
    let warned = |(whole, detail): (String, WarningDetail)| {
        let WarningDetail { keys, kind, paste } = detail;
        Warned::from_whole(whole, kind, keys, paste)
    };
    texts.into_iter().zip(details).map(warned).collect()
}

impl From<&Plan> for PlanFile {
    fn from(plan: &Plan) -> Self {
        Self {
            format: FORMAT.to_owned(),
            certctl: env!("CARGO_PKG_VERSION").to_owned(),
            environment: plan.environment.clone(),
            url: plan.url.clone(),
            addressing: plan.addressing,
            state: plan.base.clone(),
            digest: None,
            summary: plan.summary,
            actions: plan.entries.iter().map(EntryFile::from).collect(),
            protect: plan.protect.clone(),
            fields: plan.fields.clone(),
            warnings: plan.warnings.iter().map(Warned::whole).collect(),
            warning_details: warning_details(&plan.warnings),
            selection: plan.selection.clone(),
            left_out: plan.left_out,
            max_changes: plan.max_changes,
        }
    }
}

impl PlanFile {
    /// Returns the summary in the file; `None` if an earlier version counted differently.
    fn claimed_summary(&self) -> Option<Summary> {
        let is_older = self.actions.iter().any(|entry| entry.operation.is_some());
        (!is_older).then_some(self.summary)
    }
}

impl TryFrom<PlanFile> for Plan {
    type Error = SavedPlanError;

    fn try_from(file: PlanFile) -> Result<Self, SavedPlanError> {
        let claimed = file.claimed_summary();
        let entries = file.actions.into_iter().map(Entry::try_from).collect::<Result<Vec<_>, _>>();
        let mut entries = entries.map_err(SavedPlanError::NotAPlan)?;
        // Count the entries as written: what an earlier version does not explain, it does not count.
        if claimed.is_some_and(|claimed| claimed != Self::count(&entries, file.summary.unchanged)) {
            return Err(SavedPlanError::Miscounted);
        }
        Self::explain_orphans(&mut entries);
        let summary = Self::count(&entries, file.summary.unchanged);
        Ok(Self {
            environment: file.environment,
            url: file.url,
            addressing: file.addressing,
            base: file.state,
            summary,
            entries,
            protect: file.protect,
            fields: file.fields,
            warnings: warned(file.warnings, file.warning_details),
            selection: file.selection,
            left_out: file.left_out,
            max_changes: file.max_changes,
        })
    }
}

impl From<&Entry> for EntryFile {
    fn from(entry: &Entry) -> Self {
        let mut file = Self {
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
        };
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

impl EntryFile {
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
}

impl TryFrom<EntryFile> for Entry {
    type Error = String;

    fn try_from(file: EntryFile) -> Result<Self, String> {
        let key = file.key;
        let lacks = |what: &str| format!("the action for {key} has no {what}");
        let submission = |operation| {
            let after = file.after.clone().ok_or_else(|| lacks("`after`"))?;
            let changes = match file.action {
                ActionName::Create => Vec::new(),
                _ => diff(file.before.as_ref().unwrap_or(&Attributes::default()), &after),
            };
            let mut held = file.held.as_ref().map(Held::try_from).transpose()?;
            if let Some(Held::Renamed { has_row, .. }) = &mut held {
                // In plans of earlier versions this is missing for templates that the server has.
                *has_row |= !matches!(file.action, ActionName::Create);
            }
            let (before, clear) = (file.before.clone(), file.clear.clone());
            Ok::<_, String>(Submission {
                before,
                after,
                changes,
                clear,
                operation,
                resend: file.resend,
                held,
            })
        };
        let action = match file.action {
            ActionName::Create => Action::Create(submission(Operation::Create)?),
            ActionName::Replace => Action::Update(submission(Operation::Create)?),
            // Before replacements had a name, one was an update with this operation.
            ActionName::Update => Action::Update(submission(file.operation.unwrap_or(Operation::Update))?),
            ActionName::Orphan => Action::Orphan {
                before: file.before,
                protect: file.protect,
                renamed_to: file.renamed_to.map(|key| RenamedTo { key, has_row: file.has_row }),
            },
            ActionName::Pending => Action::Pending {
                job: file.job.ok_or_else(|| lacks("`job`"))?,
                after: file.after.ok_or_else(|| lacks("`after`"))?,
            },
            ActionName::InDoubt => Action::InDoubt {
                reason: file.reason.ok_or_else(|| lacks("`reason`"))?,
                being_sent: file.being_sent,
                before: file.before,
                after: file.after.ok_or_else(|| lacks("`after`"))?,
                job: file.job,
            },
            ActionName::Move => Action::Move { from: file.from.ok_or_else(|| lacks("`from`"))? },
        };
        let source = file.source.map(|source| SourceLine { file: source.file, line: source.line });
        Ok(Self { key, id: file.id, source, canvas: file.canvas, last_error: file.last_error, action })
    }
}
