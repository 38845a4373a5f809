//! A row on its way to the server: from the plan to the request and the journal.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::model::{Addressing, Attributes, Digest, Key, NaturalKey, TemplateId};
use crate::plan::{Action, Entry, Plan};
use crate::state::{IntentRow, Operation, PlannedRow};

/// One template in a form that can be sent. Rows come only from creates and updates of a plan that are not held back;
/// a pending or doubtful row cannot become one.
///
/// It shares its attributes with the plan. The object to send is composed when it is sent.
#[derive(Clone, Debug, PartialEq)]
pub struct OutgoingRow {
    /// The template.
    pub key: Key,
    /// Whether the request creates or updates.
    pub operation: Operation,
    /// Whether an earlier attempt on it has an unknown outcome.
    pub is_resend: bool,
    /// Its natural key.
    pub natural_key: NaturalKey,
    /// Its id in the state, if the row is addressed by id.
    pub id: Option<TemplateId>,
    /// All attributes as the request would leave them.
    pub after: Attributes,
    /// The digest of `after`.
    pub digest: Digest,
    /// Which of its attributes are sent.
    pub contents: Contents,
}

/// Which of a row's attributes go into its request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contents {
    /// The names of the attributes to send; `None` for all.
    pub only: Option<BTreeSet<String>>,
    /// The names of attributes to clear: sent as null.
    pub clear: Vec<String>,
    /// The id that addresses the template, if the natural key does not.
    pub id: Option<TemplateId>,
}

/// The rows that a plan submits, as a journal that can lose records names them beforehand.
pub fn planned_rows(plan: &Plan) -> Vec<PlannedRow> {
    let submissions = plan.entries.iter().filter_map(|entry| Some((entry, entry.action.submission()?)));
    submissions
        .filter(|(_, submission)| submission.held.is_none())
        .map(|(entry, submission)| {
            PlannedRow::new(entry.key.clone(), submission.operation, &submission.after)
        })
        .collect()
}

impl OutgoingRow {
    /// The rows that a plan submits, in order.
    pub fn of_plan(plan: &Plan) -> Vec<Self> {
        plan.entries.iter().filter_map(|entry| Self::of(entry, plan.addressing)).collect()
    }

    /// A row that sends all these attributes, for a template without an id.
    pub fn whole(key: Key, operation: Operation, after: Attributes) -> Self {
        Self {
            key,
            operation,
            is_resend: false,
            natural_key: NaturalKey::of(&after),
            id: None,
            digest: after.digest(),
            after,
            contents: Contents::default(),
        }
    }

    fn of(entry: &Entry, addressing: Addressing) -> Option<Self> {
        let submission = match &entry.action {
            Action::Create(submission) | Action::Update(submission) if submission.held.is_none() => {
                submission
            }
            _ => return None,
        };
        let by_id = addressing == Addressing::Id && submission.operation == Operation::Update;
        let changed = || submission.changes.iter().map(|change| change.path.attribute().to_owned()).collect();
        let contents = Contents {
            only: (by_id && !submission.resend && submission.before.is_some()).then(changed),
            clear: submission.clear.clone(),
            // The plan holds the row back if there is no id.
            id: if by_id { Some(entry.id.clone()?) } else { None },
        };
        Some(Self {
            is_resend: submission.resend,
            id: entry.id.clone(),
            contents,
            ..Self::whole(entry.key.clone(), submission.operation, submission.after.clone())
        })
    }

    /// The object to send. It shares its values with the plan.
    pub fn payload(&self) -> Attributes {
        let Contents { only, clear, id } = &self.contents;
        let mut payload = match only {
            Some(only) => {
                let sent = self.after.shared().filter(|(name, _)| only.contains(name.as_ref()));
                sent.map(|(name, value)| (name.clone(), value.clone())).collect()
            }
            None => self.after.clone(),
        };
        for name in clear {
            payload = payload.with(name, Value::Null);
        }
        match id {
            Some(id) => payload.with("id", Value::from(id.as_str())),
            None => payload,
        }
    }

    /// The row as the journal records it before it is sent.
    pub fn intent(&self) -> IntentRow {
        IntentRow {
            action: self.operation,
            attributes: self.after.clone(),
            digest: self.digest.clone(),
            key: self.key.clone(),
            natural_key: self.natural_key.clone(),
            requested_by_user: false,
        }
    }

    /// The template's title.
    pub fn title(&self) -> Option<&str> {
        self.after.title()
    }
}
