//! Finds the template of an id. It is built once, so that thousands of edits do not each search all rows.

use std::collections::HashMap;

use super::{Document, EditError, Row};
use crate::model::{Key, TemplateId};

fn has(row: &Row, id: &TemplateId) -> bool {
    row.identity.as_ref().is_some_and(|identity| identity.id == *id)
}

/// The template of every id in a document.
#[derive(Clone, Debug, Default)]
pub struct IdIndex(HashMap<TemplateId, Key>);

impl IdIndex {
    /// Indexes a document.
    pub fn of(document: &Document) -> Self {
        let holder = |(key, row): (&Key, &Row)| Some((row.identity.as_ref()?.id.clone(), key.clone()));
        Self(document.templates.iter().filter_map(holder).collect())
    }

    /// The template that has this id.
    pub fn get(&self, id: &TemplateId) -> Option<&Key> {
        self.0.get(id)
    }

    /// Gives `id` to `key`, or fails if another template has it. An id that another row got by its position in a
    /// response is a guess, and a person's word replaces it.
    pub(super) fn claim(
        &mut self,
        document: &mut Document,
        key: &Key,
        id: &TemplateId,
    ) -> Result<(), EditError> {
        if let Some(holder) = self.0.get(id).filter(|holder| *holder != key) {
            let theirs = document.templates.get_mut(holder).filter(|row| has(row, id));
            match theirs {
                Some(row) if row.has_guessed_id() => row.identity = None,
                Some(_) => {
                    let (id, holder, key) = (id.clone(), holder.clone(), key.clone());
                    return Err(EditError::IdTaken { id, holder, key });
                }
                // The other row has a different id by now.
                None => {}
            }
        }
        self.0.insert(id.clone(), key.clone());
        Ok(())
    }
}
