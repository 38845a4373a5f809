//! A row on its way to the server.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::model::{Addressing, Attributes, Digest, Key, NaturalKey, TemplateId};
use crate::plan::{Action, Entry, Plan};
use crate::state::{Deed, IntentRow};

/// One template in a form that can be sent. Rows come only out of a plan's creates and updates that are not held
/// back; there is no way from a pending or doubtful row to this type.
#[derive(Clone, Debug, PartialEq)]
pub struct OutgoingRow {
    /// The template.
    pub key: Key,
    /// What the request does on the server.
    pub deed: Deed,
    /// Whether an earlier attempt on it has an unknown outcome.
    pub again: bool,
    /// Its natural key.
    pub natural_key: NaturalKey,
    /// Its id as the state has it.
    pub id: Option<TemplateId>,
    /// All its attributes as the request would leave them.
    pub after: Attributes,
    /// Their digest.
    pub digest: Digest,
    /// The object that is sent.
    pub payload: Attributes,
}

impl OutgoingRow {
    /// The rows that a plan submits, in its order.
    pub fn of_plan(plan: &Plan) -> Vec<Self> {
        plan.entries.iter().filter_map(|entry| Self::of(entry, plan.addressing)).collect()
    }

    fn of(entry: &Entry, addressing: Addressing) -> Option<Self> {
        let submission = match &entry.action {
            Action::Create(submission) | Action::Update(submission) if submission.held.is_none() => {
                submission
            }
            _ => return None,
        };
        let after = submission.after.clone();
        let by_id = addressing == Addressing::Id && submission.deed == Deed::Update;
        let mut payload = if by_id && !submission.resend && submission.before.is_some() {
            let changed = submission.changes.iter().map(|change| change.path.attribute());
            let changed: BTreeSet<&str> = changed.collect();
            let kept = after.shared().filter(|(name, _)| changed.contains(name.as_ref()));
            kept.map(|(name, value)| (name.clone(), value.clone())).collect()
        } else {
            after.clone()
        };
        for name in &submission.clear {
            payload = payload.with(name, Value::Null);
        }
        if by_id {
            // Held back by the plan where there is none.
            payload = payload.with("id", Value::from(entry.id.as_ref()?.as_str()));
        }
        Some(Self {
            key: entry.key.clone(),
            deed: submission.deed,
            again: submission.resend,
            natural_key: NaturalKey::of(&after),
            id: entry.id.clone(),
            digest: after.digest(),
            after,
            payload,
        })
    }

    /// The row as the journal records it before it is sent.
    pub fn intent(&self) -> IntentRow {
        IntentRow {
            action: self.deed,
            attributes: self.after.clone(),
            digest: self.digest.clone(),
            key: self.key.clone(),
            natural_key: self.natural_key.clone(),
            ordered: false,
        }
    }

    /// The template's title.
    pub fn title(&self) -> Option<&str> {
        self.after.title()
    }
}
