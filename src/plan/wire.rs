//! The JSON form of a plan: flat entries with the contract's names (contract section 5). Only [`super::document`] reads
//! and writes it.
//!
//! Fields are in alphabetical order, as in the file.

mod entry;
mod held;
mod warning;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Base, Entry, FORMAT, Plan, SavedPlanError, Selection, Summary, Warned};
use crate::model::{Addressing, CertificateField, Digest, Key};
use entry::EntryFile;
use warning::{WarningDetail, warned, warning_details};

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
    /// Absent without a consent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_changes: Option<u64>,
    /// Whether forgetting a template takes two steps, for every template where that changes. Absent if it changes for
    /// none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    protect: BTreeMap<Key, bool>,
    /// The serial of the version that the plan brings back. Absent if the plan was made from the configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reverts_to: Option<u64>,
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
            reverts_to: plan.reverts_to,
        }
    }
}

impl PlanFile {
    /// Returns the summary in the file; `None` if an earlier version counted differently.
    fn claimed_summary(&self) -> Option<Summary> {
        let is_older = self.actions.iter().any(EntryFile::is_of_earlier_version);
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
            reverts_to: file.reverts_to,
        })
    }
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
