//! Which template has which id: found once, so that thousands of edits in one go do not each look through all rows.

use std::collections::HashMap;

use super::{Document, EditError, IdSource, Row};
use crate::model::{Key, TemplateId};

fn has(row: &Row, id: &TemplateId) -> bool {
    row.identity.as_ref().is_some_and(|identity| identity.id == *id)
}

fn is_guess(row: &Row) -> bool {
    row.identity.as_ref().is_some_and(|identity| identity.source == IdSource::Positional)
}

/// The owner of every id in a document.
#[derive(Clone, Debug, Default)]
pub struct IdIndex(HashMap<TemplateId, Key>);

impl IdIndex {
    /// As the document has it.
    pub fn of(document: &Document) -> Self {
        let owner = |(key, row): (&Key, &Row)| Some((row.identity.as_ref()?.id.clone(), key.clone()));
        Self(document.templates.iter().filter_map(owner).collect())
    }

    /// Whose this id is.
    pub fn get(&self, id: &TemplateId) -> Option<&Key> {
        self.0.get(id)
    }

    /// That `key` may have this id, and has it from here on. An id that another row has only by its place in an answer
    /// was a guess, and yields to a person's word.
    pub(super) fn claim(
        &mut self,
        document: &mut Document,
        key: &Key,
        id: &TemplateId,
    ) -> Result<(), EditError> {
        if let Some(owner) = self.0.get(id).filter(|owner| *owner != key) {
            let theirs = document.templates.get_mut(owner).filter(|row| has(row, id));
            match theirs {
                Some(row) if is_guess(row) => row.identity = None,
                Some(_) => {
                    let (id, owner, key) = (id.clone(), owner.clone(), key.clone());
                    return Err(EditError::IdTaken { id, owner, key });
                }
                // It has another id by now.
                None => {}
            }
        }
        self.0.insert(id.clone(), key.clone());
        Ok(())
    }
}
