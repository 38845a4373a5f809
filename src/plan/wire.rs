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
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct PlanFile {
    /// What would be done, sorted by key. A move comes before what is done with the same template.
    actions: Vec<EntryFile>,
    /// How rows are addressed.
    addressing: Addressing,
    /// The version of certctl that made the plan.
    certctl: String,
    /// The SHA-256 of the plan's canonical JSON with `digest` set to null.
    pub(super) digest: Option<Digest>,
    /// The environment of certctl.toml that it is for.
    environment: String,
    /// What is known of the certificate fields that labels use, by certificateFieldId in lower case. Absent if nothing is
    /// known.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    fields: BTreeMap<String, CertificateField>,
    /// Name and major version of the format.
    format: String,
    /// How many templates of the configuration and the state the selection leaves out: the plan says nothing about them.
    #[serde(default)]
    left_out: usize,
    /// How many changes a person allowed with --max-changes when the plan was made: applying it needs no second consent.
    /// Absent if nobody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_changes: Option<u64>,
    /// Whether forgetting a template takes two steps, for every template where that changes. Absent if it changes for
    /// none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    protect: BTreeMap<Key, bool>,
    /// What --target and --exclude named, as given; null if the plan is about every template.
    #[serde(default)]
    selection: Option<Selection>,
    /// The state that the plan was made from. A plan made from another one is not applied.
    state: Base,
    /// How many templates of each kind.
    summary: Summary,
    /// The instance's root, or `sandbox` for the embedded server.
    url: String,
    /// What each of the `warnings` is about, in their order. Warnings with an equal `kind` say the same about different
    /// templates. Absent if there is nothing to add to the words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    warning_details: Vec<WarningDetail>,
    /// What a reviewer should know, in words.
    warnings: Vec<String>,
}

/// The structured part of a warning, for programs.
#[derive(Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct WarningDetail {
    /// The templates that it concerns; empty if it concerns none in particular.
    keys: Vec<Key>,
    /// What it has in common with others; null for a warning about one template alone.
    kind: Option<WarningKind>,
    /// The lines at the end of the text that are to be pasted into the YAML. Absent if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    paste: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Action"))]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "the contract's entries are flat")]
struct EntryFile {
    /// What would be done. Only `create`, `update` and `replace` send anything.
    action: ActionName,
    /// What it is to hold; for `pending` and `in_doubt` what was sent. Null for `orphan` and `move`.
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
    /// Why it failed the last time it was sent. Absent if it did not.
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
    /// Where the configuration defines the template; null for a key that only the state has.
    source: Option<SourceFile>,
}

#[cfg(test)]
impl schemars::JsonSchema for Plan {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Plan".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        PlanFile::json_schema(generator)
    }
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
}

#[derive(Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Source"))]
struct SourceFile {
    /// The file, relative to the directory of certctl.toml.
    file: String,
    /// The line of the template's key, from 1; 0 if it could not be found.
    line: usize,
}

/// Why the row is not sent although it differs. `warnings` says it in words, with what to do.
// `from` or `by` comes before `reason`: alphabetical like the rest.
#[derive(Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Held"))]
#[serde(deny_unknown_fields)]
struct HeldFile {
    /// For `taken`: the other key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<Key>,
    /// For `taken`, if more than 50 keys have changed places: how many. Absent if they have not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    count: Option<usize>,
    /// For `renamed`: the key that it seems to have had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<Key>,
    /// For `renamed`: the state has a row of this key already, so `moved` cannot join the two. Absent if it has none.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    has_row: bool,
    /// The reason.
    reason: HeldReason,
    /// For `taken`, if up to 50 keys have changed places: all of them. Each takes the place of the next, the last that of the
    /// first. Absent if they have not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ring: Option<Vec<Key>>,
}

#[derive(Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum HeldReason {
    /// It looks like another key renamed.
    Renamed,
    /// The server holds the template of another key for the same resource and audience.
    Taken,
    /// Addressing by id needs an exact id.
    NoExactId,
    /// The outcome of an earlier attempt is not known.
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
