//! A plan as a value, and as the document that is saved, reviewed and applied.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::size;
use super::wire::PlanFile;
use super::{Action, Entry, Held, RenamedTo, Selection, Warned};
use crate::model::{
    Addressing, Advice, CertificateField, Digest, Help, Key, PlannedFor, canonical_json, sorted_pretty_json,
};
use crate::state::{Document, json_words};

/// The name and version of the format.
pub const FORMAT: &str = "certctl.plan/v1";

/// Everything that apply would do. `apply` gets nothing else, so that what was reviewed is what runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// The environment that the plan is for.
    pub environment: String,
    /// The URL of the instance that the plan is for.
    pub url: String,
    /// How rows are addressed.
    pub addressing: Addressing,
    /// The version of the state that the plan is based on.
    pub base: Base,
    /// The number of templates per action.
    pub summary: Summary,
    /// The actions, sorted by key; a move comes before other actions on the same template.
    pub entries: Vec<Entry>,
    /// The new value of `protect` for each template where it changes.
    pub protect: BTreeMap<Key, bool>,
    /// The names and texts of the certificate fields in labels, by certificateFieldId in lower case, so that a saved
    /// plan can be drawn anywhere.
    pub fields: BTreeMap<String, CertificateField>,
    /// Warnings for the reviewer.
    pub warnings: Vec<Warned>,
    /// What --target and --exclude selected; `None` for a plan of all templates.
    pub selection: Option<Selection>,
    /// The number of templates in the configuration and the state outside of the selection.
    pub left_out: usize,
    /// The limit that --max-changes allowed when the plan was made: applying it needs no second consent.
    pub max_changes: Option<u64>,
    /// The serial of the version that the plan brings back; `None` if the plan is made from the configuration.
    pub reverts_to: Option<u64>,
}

/// The version of the state that a plan is based on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Base {
    /// The digest of the state's rows, with an unfinished journal included. A plan without it can be read but not
    /// applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// The lineage of the state; null before the first apply.
    pub lineage: Option<String>,
    /// The serial of the state; 0 before the first apply.
    pub serial: u64,
}

/// The number of templates per action.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Summary {
    /// Templates to be created.
    pub create: usize,
    /// Templates to be removed from the state; nothing is sent.
    #[serde(default)]
    pub forget: usize,
    /// Templates that differ but are held back.
    #[serde(default)]
    pub held: usize,
    /// Templates in doubt, which are frozen.
    pub in_doubt: usize,
    /// Templates that get another key.
    pub r#move: usize,
    /// Templates in the state but not in the configuration.
    pub orphan: usize,
    /// Templates that wait for a job.
    pub pending: usize,
    /// Orphans that may have been renamed, and must not be deleted without a check.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub renamed: usize,
    /// Templates to be created again, because the server cannot change their course or audience.
    #[serde(default)]
    pub replace: usize,
    /// Templates without a difference.
    pub unchanged: usize,
    /// Templates to be updated.
    pub update: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl Summary {
    /// Returns the number of orphans that are not explained by a rename: a person has to delete them.
    pub fn to_delete(self) -> usize {
        self.orphan.saturating_sub(self.renamed)
    }
}

/// Why a saved plan cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SavedPlanError {
    /// The text is not a saved plan; the reason is in words.
    #[error("this is not a saved plan: {0}")]
    NotAPlan(String),
    /// The plan has the format of another major version.
    #[error("this plan has the format {0:?}, which this version of certctl does not know")]
    OtherFormat(String),
    /// The plan was changed after it was written.
    #[error(
        "this plan was changed after it was made: its digest does not fit its content. What runs must be what was \
         reviewed"
    )]
    Tampered,
    /// The summary contradicts the actions.
    #[error("this plan's summary does not count what its actions say: certctl did not make it")]
    Miscounted,
}

impl Base {
    /// Returns the version of this state; `None` before the first apply.
    pub(super) fn of(state: Option<&Document>) -> Self {
        Self { digest: Self::digest_of(state), ..Self::undigested(state) }
    }

    /// Like [`Self::of`], without the digest.
    pub(super) fn undigested(state: Option<&Document>) -> Self {
        Self {
            digest: None,
            lineage: state.map(|state| state.lineage.clone()),
            serial: state.map_or(0, |state| state.serial),
        }
    }

    /// Returns the digest of the state's rows; without a state, that of an empty one.
    pub(super) fn digest_of(state: Option<&Document>) -> Option<Digest> {
        match state {
            Some(state) => state.templates_digest().ok(),
            None => Digest::of_members(std::iter::empty::<(&str, ())>()).ok(),
        }
    }
}

impl Plan {
    /// Returns whether the configuration differs from the state in anything that changing either can correct.
    pub fn has_changes(&self) -> bool {
        let Summary { create, update, replace, r#move, forget, held, .. } = self.summary;
        create + update + replace + r#move + forget + held > 0 || !self.protect.is_empty()
    }

    /// Returns the command that makes this plan again, for the same templates and the same file.
    pub fn make_again(&self, file: &Path) -> Help {
        let Selection { target, exclude } = self.selection.clone().unwrap_or_default();
        if let Some(serial) = self.reverts_to {
            let key = target.first().and_then(|_| self.entries.first()).map(|entry| entry.key.clone());
            let again = Advice::Revert { key, serial, file: file.to_owned() };
            return Help::none().run("Make the plan again", again);
        }
        let environment = self.environment.clone();
        let like = Some(PlannedFor { environment, targets: target, excludes: exclude });
        Help::none().run("Make the plan again", Advice::PlanOut { file: file.to_owned(), like })
    }

    /// Returns the number of templates in the plan.
    pub fn selected(&self) -> usize {
        let is_template = |entry: &&Entry| !matches!(entry.action, Action::Move { .. });
        self.entries.iter().filter(is_template).count() + self.summary.unchanged
    }

    /// Returns the entries that are held back, with the reasons.
    pub fn held(&self) -> impl Iterator<Item = (&Entry, &Held)> {
        self.entries.iter().filter_map(|entry| Some((entry, entry.action.held()?)))
    }

    /// Returns the warnings that are not already given with a template.
    pub fn other_warnings(&self) -> impl Iterator<Item = &Warned> {
        self.warnings.iter().filter(|warned| !warned.explains_held())
    }

    /// Marks orphans as renamed if a held-back entry explains them, because plans of earlier versions do not.
    pub(crate) fn explain_orphans(entries: &mut [Entry]) {
        let renamed: HashMap<Key, RenamedTo> = entries
            .iter()
            .filter_map(|entry| match entry.action.held()? {
                Held::Renamed { from, has_row } => {
                    Some((from.clone(), RenamedTo { key: entry.key.clone(), has_row: *has_row }))
                }
                _ => None,
            })
            .collect();
        for entry in entries {
            if let Action::Orphan { renamed_to: to @ None, .. } = &mut entry.action {
                *to = renamed.get(&entry.key).cloned();
            }
        }
    }

    /// Returns what to do about a held-back template. A protected row cannot be removed, so that is not offered.
    pub fn help_of_held(&self, entry: &Entry, held: &Held) -> Help {
        match held {
            Held::Renamed { from, .. } if self.is_protected_orphan(from) => held.help_to_keep(entry),
            held => held.help(entry),
        }
    }

    /// Returns the actions on one template.
    fn of_key(&self, key: &Key) -> impl Iterator<Item = &Entry> {
        let first = self.entries.partition_point(|entry| entry.key < *key);
        self.entries.iter().skip(first).take_while(move |entry| entry.key == *key)
    }

    fn is_protected_orphan(&self, key: &Key) -> bool {
        self.of_key(key).any(|entry| matches!(entry.action, Action::Orphan { protect: true, .. }))
    }

    /// Returns the templates that the state has and the configuration does not: orphans, and those to be forgotten.
    pub fn not_configured(&self) -> impl Iterator<Item = &Key> {
        let is_gone = |entry: &&Entry| matches!(entry.action, Action::Orphan { .. } | Action::Forget { .. });
        self.entries.iter().filter(is_gone).map(|entry| &entry.key)
    }

    /// Returns the templates that the state is to forget.
    pub fn forgets(&self) -> impl Iterator<Item = &Key> {
        let is_forgotten = |entry: &&Entry| matches!(entry.action, Action::Forget { .. });
        self.entries.iter().filter(is_forgotten).map(|entry| &entry.key)
    }

    /// Returns the renames as (from, to), in the order of execution.
    pub fn moves(&self) -> impl Iterator<Item = (&Key, &Key)> {
        self.entries.iter().filter_map(|entry| match &entry.action {
            Action::Move { from } => Some((from, &entry.key)),
            _ => None,
        })
    }

    /// Returns the key that an entry's row has in the state: the old one if a move is still to come.
    pub fn key_in_state<'a>(&'a self, key: &'a Key) -> &'a Key {
        let from = |entry: &'a Entry| match &entry.action {
            Action::Move { from } => Some(from),
            _ => None,
        };
        self.of_key(key).find_map(from).unwrap_or(key)
    }

    /// Returns the number of rows that the plan would submit. What the state is to forget is not sent.
    pub fn submissions(&self) -> usize {
        self.summary.create + self.summary.update + self.summary.replace
    }

    /// Counts the entries per action.
    pub(crate) fn count(entries: &[Entry], unchanged: usize) -> Summary {
        let mut summary = Summary { unchanged, ..Summary::default() };
        for entry in entries {
            summary.renamed +=
                usize::from(matches!(entry.action, Action::Orphan { renamed_to: Some(_), .. }));
            *match entry.action {
                Action::Create(_) | Action::Update(_) if entry.action.is_held() => &mut summary.held,
                Action::Create(_) => &mut summary.create,
                Action::Update(_) if entry.action.replaces() => &mut summary.replace,
                Action::Update(_) => &mut summary.update,
                Action::Orphan { .. } => &mut summary.orphan,
                Action::Pending { .. } => &mut summary.pending,
                Action::InDoubt { .. } => &mut summary.in_doubt,
                Action::Move { .. } => &mut summary.r#move,
                Action::Forget { .. } => &mut summary.forget,
            } += 1;
        }
        summary
    }

    /// Returns the plan's document, in the form that is saved and that `--json` prints, with its digest.
    pub fn to_text(&self) -> Result<String, serde_json::Error> {
        size::check(self).map_err(serde::ser::Error::custom)?;
        let mut file = PlanFile::from(self);
        file.digest = Some(Digest::of_canonical(&file)?);
        let mut text = sorted_pretty_json(&file)?;
        text.push('\n');
        size::check_text(&text).map_err(serde::ser::Error::custom)?;
        Ok(text)
    }

    /// Reads a saved plan. Fails if it was changed after it was written.
    pub fn from_text(text: &str) -> Result<Self, SavedPlanError> {
        let mut value: serde_json::Value =
            serde_json::from_str(text).map_err(|error| SavedPlanError::NotAPlan(json_words(&error)))?;
        match value.get("format").and_then(serde_json::Value::as_str) {
            Some(FORMAT) => {}
            Some(other) if other.starts_with("certctl.plan/") => {
                return Err(SavedPlanError::OtherFormat(other.to_owned()));
            }
            _ => return Err(SavedPlanError::NotAPlan("it has no format certctl.plan/v1".to_owned())),
        }
        let written = value.get("digest").and_then(serde_json::Value::as_str).map(str::to_owned);
        if written.as_deref() != Some(digest_without_itself(&mut value).as_str()) {
            return Err(SavedPlanError::Tampered);
        }
        let file: PlanFile =
            serde_json::from_value(value).map_err(|error| SavedPlanError::NotAPlan(json_words(&error)))?;
        Self::try_from(file)
    }
}

/// Returns the digest of a plan's canonical JSON, with `digest` set to null.
fn digest_without_itself(value: &mut serde_json::Value) -> Digest {
    value["digest"] = serde_json::Value::Null;
    Digest::of(canonical_json(value).as_bytes())
}
