//! The schemas that editors check the project's files by.

use std::path::PathBuf;

use super::Diagnosis;
use crate::model::{Advice, EditorSchema};
use crate::view::Words;

/// A schema that is there.
#[derive(Clone, Debug)]
pub struct SchemaFacts {
    /// The schema.
    pub schema: EditorSchema,
    /// Its file, from the folder in which the command was started.
    pub file: PathBuf,
    /// Whether this certctl would write the same; the error says why the file cannot be read.
    pub is_current: Result<bool, String>,
}

/// Judges a schema.
pub fn diagnose_schema(facts: &SchemaFacts) -> Diagnosis {
    const SUBJECT: &str = "editor-schema";
    let file = Words::own("").name(facts.file.display().to_string());
    let words = match &facts.is_current {
        Ok(true) => return Diagnosis::right(SUBJECT, file.and(" is of this version of certctl")),
        Ok(false) => {
            file.and(" is not the one of this version of certctl, so editors may mark what is right")
        }
        Err(why) => file.and(" cannot be read: ").quoting(why),
    };
    let renewal = Advice::RenewSchema { schema: facts.schema, file: facts.file.clone() };
    Diagnosis::look(SUBJECT, words).run("To renew it", renewal)
}
