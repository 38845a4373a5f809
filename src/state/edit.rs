//! The changes that a person may make to the state. The ledger's replay applies them, so they are pure functions of
//! the document.

use std::ops::Bound;

use serde::{Deserialize, Serialize};

use super::row::{Consequence, every_field};
use super::{Document, IdIndex, IdSource, Identity, Row, RowState, RowStatus};
use crate::model::{Advice, Help, Key, TemplateId, Timestamp, did_you_mean};

/// How a person resolves a row whose outcome is unknown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "as", rename_all = "snake_case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Resolution {
    /// It was created, with this id.
    Created {
        /// The vendor's id.
        id: TemplateId,
    },
    /// It was not created, so it may be sent again.
    NotCreated,
    /// The server holds what was sent; the id stays as it is.
    Applied,
    /// A template with this id exists for the resource, and the attempt did not change it: its contents are unknown.
    Exists {
        /// The id.
        id: TemplateId,
    },
    /// Send it again, at the risk of a second template.
    Resend,
}

/// Why the state cannot be edited in this way.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EditError {
    /// No row has this key.
    #[error("the state has no template {key}{hint}")]
    Unknown {
        /// The requested key.
        key: Key,
        /// The nearest existing key, as a question.
        hint: String,
    },
    /// The target of a move already exists.
    #[error(
        "the state has another template {key} already, and {}",
        if *may_exist { "the server holds it, or may hold it" } else { "the server is not known to hold it" }
    )]
    Taken {
        /// The existing key.
        key: Key,
        /// Whether the server has, or may have, that template.
        may_exist: bool,
    },
    /// The template is protected.
    #[error("{key} is protected")]
    Protected {
        /// The protected key.
        key: Key,
    },
    /// The row is not in doubt.
    #[error("{key} is not in doubt: there is nothing to settle")]
    NotInDoubt {
        /// The requested key.
        key: Key,
    },
    /// A background job of the server is still running.
    #[error("{key} waits: the server's job {job} may still make it, so it cannot be sent again now")]
    AtWork {
        /// The requested key.
        key: Key,
        /// The job's id.
        job: String,
    },
    /// The id already belongs to another template.
    #[error("the id {id} belongs to {holder} already: one template has one id. Look it up again for {key}")]
    IdTaken {
        /// The vendor's id.
        id: TemplateId,
        /// The template that has it.
        holder: Key,
        /// The template that was to get it.
        key: Key,
    },
    /// The row is in doubt or pending, and an import would hide that.
    #[error("{key} is {status}: importing an id now would hide that")]
    Open {
        /// The requested key.
        key: Key,
        /// `in doubt` or `pending`.
        status: &'static str,
    },
}

impl EditError {
    /// What to do about it.
    pub fn help(&self) -> Help {
        let recover = |key: &Key| Advice::Recover { keys: vec![key.clone()] };
        let apply = |key: &Key| Advice::ApplyOnly { keys: vec![key.clone()] };
        match self {
            Self::Unknown { .. } => Help::none().run("To see all keys", Advice::StateList),
            Self::Taken { key, may_exist } => {
                let help =
                    Help::none().run("To see what it is", Advice::StateShow { key: Some(key.clone()) });
                let forget = Advice::StateRm { keys: vec![key.clone()] };
                if *may_exist {
                    help.say("To exchange the two, give one of them a key that is free first.")
                        .run("Only after it has been deleted in the admin page, forget it", forget)
                } else {
                    help.run("To forget it first", forget)
                }
            }
            Self::Protected { key } => Help::none()
                .run("Set `protect: false` in its YAML, then", apply(key))
                .say("After that it can be forgotten."),
            Self::NotInDoubt { .. } => {
                Help::none().run("To see what is in doubt", Advice::Recover { keys: Vec::new() })
            }
            Self::AtWork { key, .. } => Help::none()
                .run("Ask for the job", apply(key))
                .run("If it never ends, this says what to do", recover(key)),
            Self::IdTaken { .. } => Help::none(),
            Self::Open { key, .. } => Help::none().run("To settle it first", recover(key)),
        }
    }
}

fn imported(id: &TemplateId) -> Identity {
    Identity { id: id.clone(), source: IdSource::Imported }
}

impl Document {
    /// The row with this key, or [`EditError::Unknown`].
    pub fn row(&self, key: &Key) -> Result<&Row, EditError> {
        self.templates.get(key).ok_or_else(|| self.unknown(key))
    }

    fn unknown(&self, key: &Key) -> EditError {
        let hint = did_you_mean(key.as_str(), self.templates.keys().map(Key::as_str));
        EditError::Unknown { key: key.clone(), hint }
    }

    /// Gives a row another key.
    pub fn move_row(&mut self, from: &Key, to: &Key) -> Result<(), EditError> {
        self.row(from)?;
        if let Some(other) = self.templates.get(to) {
            return Err(EditError::Taken { key: to.clone(), may_exist: other.may_exist() });
        }
        if let Some(row) = self.templates.remove(from) {
            self.templates.insert(to.clone(), row);
        }
        Ok(())
    }

    /// Removes a row from the state, unless it is protected.
    pub fn forget(&mut self, key: &Key) -> Result<(), EditError> {
        if self.row(key)?.protect {
            return Err(EditError::Protected { key: key.clone() });
        }
        if let Some(row) = self.templates.remove(key) {
            self.keep_deletions(&row);
        }
        Ok(())
    }

    /// Records the id of an existing template. Its contents are unknown, so the next plan sends all of them. If the
    /// row had no certain id, its confirmed contents belong to its resource, and so to this template.
    pub fn import(&mut self, ids: &mut IdIndex, key: &Key, id: &TemplateId) -> Result<(), EditError> {
        let status = match self.templates.get(key).map(Row::status) {
            Some(RowStatus::InDoubt) => Some("in doubt"),
            Some(RowStatus::Pending) => Some("pending"),
            Some(RowStatus::Applied | RowStatus::Failed) | None => None,
        };
        if let Some(status) = status {
            return Err(EditError::Open { key: key.clone(), status });
        }
        ids.claim(self, key, id)?;
        let row = self.templates.entry(key.clone()).or_default();
        if !row.is_template(id) {
            row.confirmed = None;
        }
        if row.confirmed.is_none() {
            row.unknown = every_field();
        }
        row.identity = Some(imported(id));
        Ok(())
    }

    /// Resolves a row in doubt or pending as a person says, and keeps that resolution.
    pub fn resolve(
        &mut self,
        ids: &mut IdIndex,
        key: &Key,
        resolution: &Resolution,
        at: Timestamp,
    ) -> Result<(), EditError> {
        self.check_resolvable(key, resolution)?;
        if let Resolution::Created { id } | Resolution::Exists { id } = resolution {
            ids.claim(self, key, id)?;
        }
        if let Some(row) = self.templates.remove(key) {
            self.put(key, row.resolved_as(resolution, at));
        }
        Ok(())
    }

    /// Checks that this row can be resolved in this way: its outcome must be unknown or pending.
    fn check_resolvable(&self, key: &Key, resolution: &Resolution) -> Result<(), EditError> {
        let row = self.row(key)?;
        match (row.status(), row.job(), resolution) {
            (_, Some(job), Resolution::Resend | Resolution::Exists { .. }) => {
                Err(EditError::AtWork { key: key.clone(), job: job.to_owned() })
            }
            (RowStatus::InDoubt | RowStatus::Pending, ..) => Ok(()),
            _ => Err(EditError::NotInDoubt { key: key.clone() }),
        }
    }

    /// Puts a row back after new evidence. The template that its key no longer means stays in the state as an orphan
    /// under another key, so that it is not lost.
    pub(super) fn put(&mut self, key: &Key, consequence: Consequence) {
        let Consequence { row, left_behind } = consequence;
        if let Some(old) = left_behind {
            let name = self.free_key(key);
            self.templates.insert(name, old);
        }
        self.templates.insert(key.clone(), row);
    }

    /// The templates that `key` no longer means, each under its present key.
    pub fn replaced(&self, key: &Key) -> impl Iterator<Item = (&Key, &Row)> {
        let stem = stem_of_replaced(key);
        let from = self.templates.range::<str, _>((Bound::Included(stem.as_str()), Bound::Unbounded));
        let have_it = from.take_while(move |(other, _)| other.as_str().starts_with(&stem));
        have_it.filter(move |(other, _)| *other != key)
    }

    /// A free key for the template that `key` no longer means.
    fn free_key(&self, key: &Key) -> Key {
        let stem = stem_of_replaced(key);
        // There are two more numbers than rows, so one of them is free.
        (1..=self.templates.len() + 2)
            .filter_map(|number| Key::new(format!("{stem}{number}")).ok())
            .find(|candidate| candidate != key && !self.templates.contains_key(candidate))
            .unwrap_or_else(|| key.clone())
    }

    /// The rows in doubt.
    pub fn in_doubt(&self) -> impl Iterator<Item = (&Key, &Row)> {
        self.templates.iter().filter(|(_, row)| matches!(row.state, RowState::InDoubt { .. }))
    }
}

/// The prefix of the key for a template that `key` no longer means; a number follows it.
fn stem_of_replaced(key: &Key) -> String {
    let begin: String = key.as_str().chars().take(Key::MAX_CHARS - 30).collect();
    format!("{begin}.replaced-")
}
