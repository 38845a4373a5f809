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

/// Name and version of the format.
pub const FORMAT: &str = "certctl.plan/v1";

/// What would change. What was reviewed is what runs: `apply` gets nothing else.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// The environment it was made for.
    pub environment: String,
    /// The instance it was made for.
    pub url: String,
    /// How its rows are addressed.
    pub addressing: Addressing,
    /// The state it was made from.
    pub base: Base,
    /// How many of each.
    pub summary: Summary,
    /// What would be done, sorted by key; a move stands before what is done with the same template.
    pub entries: Vec<Entry>,
    /// Whether forgetting a template takes two steps, for every template where that changes.
    pub protect: BTreeMap<Key, bool>,
    /// What the certificate fields of its labels are called and print, by certificateFieldId in lower case: so that a
    /// saved plan can be drawn anywhere.
    pub fields: BTreeMap<String, CertificateField>,
    /// What a reviewer should know.
    pub warnings: Vec<Warned>,
    /// What --target and --exclude named; nothing where the plan is about every template.
    pub selection: Option<Selection>,
    /// How many templates of the configuration and the state the selection leaves out.
    pub left_out: usize,
    /// How many changes somebody allowed with --max-changes when it was made: applying it needs no second consent.
    pub max_changes: Option<u64>,
}

/// The state that a plan was made from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Base {
    /// Digest of its templates, an unfinished journal included. A plan without it is read, and not applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// Its lineage; null before the first apply.
    pub lineage: Option<String>,
    /// Its serial; 0 before the first apply.
    pub serial: u64,
}

/// How many templates of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// To be created.
    pub create: usize,
    /// To be forgotten in the state; nothing is sent.
    #[serde(default)]
    pub forget: usize,
    /// Different, and held back from sending.
    #[serde(default)]
    pub held: usize,
    /// Sent with unknown outcome, and frozen.
    pub in_doubt: usize,
    /// To get another key.
    pub r#move: usize,
    /// In the state and not in the configuration.
    pub orphan: usize,
    /// Waiting for a job.
    pub pending: usize,
    /// Of the orphans, those that were perhaps renamed, and must not be deleted unseen.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub renamed: usize,
    /// To be made anew, because the server cannot change what they are for.
    #[serde(default)]
    pub replace: usize,
    /// As they should be.
    pub unchanged: usize,
    /// To be updated.
    pub update: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl Summary {
    /// The orphans that nothing explains: a person has to delete them.
    pub fn to_delete(&self) -> usize {
        self.orphan.saturating_sub(self.renamed)
    }
}

/// Why a saved plan cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SavedPlanError {
    /// Not a plan.
    #[error("this is not a saved plan: {0}")]
    NotAPlan(String),
    /// From another major version.
    #[error("this plan has the format {0:?}, which this version of certctl does not know")]
    OtherFormat(String),
    /// Changed after it was written.
    #[error(
        "this plan was changed after it was made: its digest does not fit its content. What runs must be what was \
         reviewed"
    )]
    Tampered,
    /// Its summary says something else than its rows.
    #[error("this plan's summary does not count what its actions say: certctl did not make it")]
    Miscounted,
}

impl Base {
    /// This state, or none before the first apply.
    pub(super) fn of(state: Option<&Document>) -> Self {
        Self { digest: Self::digest_of(state), ..Self::undigested(state) }
    }

    /// The same without the digest.
    pub(super) fn undigested(state: Option<&Document>) -> Self {
        Self {
            digest: None,
            lineage: state.map(|state| state.lineage.clone()),
            serial: state.map_or(0, |state| state.serial),
        }
    }

    /// The digest of its templates: where there is no state, that of none.
    pub(super) fn digest_of(state: Option<&Document>) -> Option<Digest> {
        match state {
            Some(state) => state.templates_digest().ok(),
            None => Digest::of_members(std::iter::empty::<(&str, ())>()).ok(),
        }
    }
}

impl Plan {
    /// Whether the configuration differs from the state in anything that a change of either can put right.
    pub fn has_changes(&self) -> bool {
        let Summary { create, update, replace, r#move, forget, held, .. } = self.summary;
        create + update + replace + r#move + forget + held > 0 || !self.protect.is_empty()
    }

    /// The command that makes it again, of the same templates, into the same file.
    pub fn make_again(&self, file: &Path) -> Help {
        let Selection { target, exclude } = self.selection.clone().unwrap_or_default();
        let environment = self.environment.clone();
        let like = Some(PlannedFor { environment, targets: target, excludes: exclude });
        Help::none().run("Make the plan again", Advice::PlanOut { file: file.to_owned(), like })
    }

    /// How many templates it is about.
    pub fn selected(&self) -> usize {
        let is_template = |entry: &&Entry| !matches!(entry.action, Action::Move { .. });
        self.entries.iter().filter(is_template).count() + self.summary.unchanged
    }

    /// What is held back, and why.
    pub fn held(&self) -> impl Iterator<Item = (&Entry, &Held)> {
        self.entries.iter().filter_map(|entry| Some((entry, entry.action.held()?)))
    }

    /// What a reviewer should know beside what is told of each template.
    pub fn other_warnings(&self) -> impl Iterator<Item = &Warned> {
        self.warnings.iter().filter(|warned| !warned.is_of_held())
    }

    /// The orphans that a plan of an earlier version does not explain, where something held back explains them.
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

    /// What to do about a template that is held back. What is protected cannot be forgotten, so that is not offered.
    pub fn help_of_held(&self, entry: &Entry, held: &Held) -> Help {
        match held {
            Held::Renamed { from, .. } if self.is_protected_orphan(from) => held.help_to_keep(entry),
            held => held.help(entry),
        }
    }

    /// What would be done with one template.
    fn of_key(&self, key: &Key) -> impl Iterator<Item = &Entry> {
        let first = self.entries.partition_point(|entry| entry.key < *key);
        self.entries.iter().skip(first).take_while(move |entry| entry.key == *key)
    }

    fn is_protected_orphan(&self, key: &Key) -> bool {
        self.of_key(key).any(|entry| matches!(entry.action, Action::Orphan { protect: true, .. }))
    }

    /// The templates that the state has and the configuration does not.
    pub fn orphans(&self) -> impl Iterator<Item = &Key> {
        let is_orphan = |entry: &&Entry| matches!(entry.action, Action::Orphan { .. });
        self.entries.iter().filter(is_orphan).map(|entry| &entry.key)
    }

    /// The renames, from and to, in the order in which they are carried out.
    pub fn moves(&self) -> impl Iterator<Item = (&Key, &Key)> {
        self.entries.iter().filter_map(|entry| match &entry.action {
            Action::Move { from } => Some((from, &entry.key)),
            _ => None,
        })
    }

    /// The key under which the state has the row of an entry: its old one, where it is still to be moved.
    pub fn key_in_state<'a>(&'a self, key: &'a Key) -> &'a Key {
        let from = |entry: &'a Entry| match &entry.action {
            Action::Move { from } => Some(from),
            _ => None,
        };
        self.of_key(key).find_map(from).unwrap_or(key)
    }

    /// How many rows it would submit.
    pub fn submissions(&self) -> usize {
        self.summary.create + self.summary.update + self.summary.replace
    }

    /// Counts what the entries say.
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
            } += 1;
        }
        summary
    }

    /// The plan's document: the saved form and the `--json` form, its digest filled in.
    pub fn to_text(&self) -> Result<String, serde_json::Error> {
        size::check(self).map_err(serde::ser::Error::custom)?;
        let mut file = PlanFile::from(self);
        file.digest = Some(Digest::of_canonical(&file)?);
        let mut text = sorted_pretty_json(&file)?;
        text.push('\n');
        size::check_text(&text).map_err(serde::ser::Error::custom)?;
        Ok(text)
    }

    /// Reads a saved plan, and refuses one that was changed since it was written.
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

/// The digest of a plan's canonical JSON, with `digest` itself set to null.
fn digest_without_itself(value: &mut serde_json::Value) -> Digest {
    value["digest"] = serde_json::Value::Null;
    Digest::of(canonical_json(value).as_bytes())
}
