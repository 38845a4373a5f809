//! Writes the text of a state file row by row: the text of a large state is never in memory as a whole. Stores write
//! documents with it; it never opens a file.

use std::io::{self, Write};

use serde::ser::Error as _;

use super::{Document, Row, StateError};
use crate::model::{Digest, Digesting, Key, sorted_pretty_json, sorted_pretty_json_inside};

/// A document to be stored, with what identifies its text.
#[derive(Debug)]
pub struct DocumentText<'d> {
    document: &'d Document,
    digest: Digest,
}

impl<'d> DocumentText<'d> {
    /// The text of this document. Fails if a value cannot be written as JSON.
    pub fn of(document: &'d Document) -> io::Result<Self> {
        let mut digesting = Digesting::default();
        document.write_to(&mut digesting)?;
        Ok(Self { document, digest: digesting.finish() })
    }

    /// The digest of the text, which is the version of the document.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// The text as a whole, for stores that cannot write it row by row.
    pub fn to_bytes(&self) -> Result<Vec<u8>, StateError> {
        let mut text = Vec::new();
        self.write_to(&mut text).map_err(|error| StateError::Unwritable { message: error.to_string() })?;
        Ok(text)
    }

    /// Writes the text. It is the same each time.
    pub fn write_to(&self, sink: &mut dyn Write) -> io::Result<()> {
        self.document.write_to(sink)
    }
}

impl Document {
    /// Writes the text of the file: pretty-printed, keys sorted, one attribute per line, with a final line break.
    pub fn write_to(&self, sink: &mut dyn Write) -> io::Result<()> {
        /// A JSON string cannot contain a line break, so no other line has this content and indentation.
        const TEMPLATES: &str = "\n  \"templates\": {";
        let frame = sorted_pretty_json(&self.without_rows())?;
        let begin = frame.find(TEMPLATES).map(|at| at + TEMPLATES.len());
        let (before, after) = frame.split_at(begin.unwrap_or(frame.len()));
        sink.write_all(before.as_bytes())?;
        let mut separator = "\n";
        for (key, row) in &self.templates {
            sink.write_all(separator.as_bytes())?;
            sink.write_all(member(key, row)?.as_bytes())?;
            separator = ",\n";
        }
        if !self.templates.is_empty() {
            sink.write_all(b"\n  ")?;
        }
        sink.write_all(after.as_bytes())?;
        sink.write_all(b"\n")
    }

    /// The text of the file as a whole; see [`Self::write_to`].
    pub fn to_text(&self) -> Result<String, serde_json::Error> {
        let mut text = Vec::new();
        self.write_to(&mut text).map_err(serde_json::Error::custom)?;
        String::from_utf8(text).map_err(serde_json::Error::custom)
    }

    fn without_rows(&self) -> Self {
        Self {
            certificates_in_doubt: self.certificates_in_doubt.clone(),
            deleted_ids: self.deleted_ids.clone(),
            environment: self.environment.clone(),
            format: self.format.clone(),
            lineage: self.lineage.clone(),
            observer_shows: self.observer_shows,
            serial: self.serial,
            templates: std::collections::BTreeMap::new(),
            url: self.url.clone(),
            writes: self.writes.clone(),
        }
    }
}

/// A row as a member of the templates, indented as in the file, without the separator.
pub(super) fn member(key: &Key, row: &Row) -> Result<String, serde_json::Error> {
    /// Around a row are the templates and the document.
    const DEPTH: usize = 2;
    let mut text = "  ".repeat(DEPTH);
    text.push_str(&sorted_pretty_json(key)?);
    text.push_str(": ");
    text.push_str(&sorted_pretty_json_inside(row, DEPTH)?);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Attributes;
    use crate::state::{Confirmed, StateIdentity, WriteId, Writes};

    fn document(templates: usize, text: &str, writes: u128) -> Document {
        let identity = StateIdentity { environment: text.to_owned(), url: text.to_owned() };
        let mut document = Document::empty(&identity, text.to_owned());
        document.writes = Writes::of((0..writes).map(|id| WriteId::new(uuid::Uuid::from_u128(id))).collect());
        for number in 0..templates {
            let value = serde_json::json!({"title": text, "labels": [{"x": 1}, {}, []], "customCss": number});
            let attributes: Attributes = serde_json::from_value(value).unwrap();
            let known = Confirmed {
                digest: attributes.digest(),
                attributes,
                applied_at: None,
                applied_by: None,
                seen_in: None,
            };
            let key = Key::new(format!("t-{number}")).unwrap();
            document.templates.insert(key, Row { confirmed: Some(known), ..Row::default() });
        }
        document
    }

    proptest! {
        #[test]
        fn rows_together_are_the_whole_text(
            templates in 0_usize..20,
            text in "([a-z{}\":,\n ]|\n  \"templates\": \\{|.){0,12}",
            writes in 0_u128..3,
        ) {
            let document = document(templates, &text, writes);
            let whole = sorted_pretty_json(&document).unwrap() + "\n";
            let written = DocumentText::of(&document).unwrap();
            prop_assert_eq!(written.digest(), &Digest::of(whole.as_bytes()));
            prop_assert_eq!(document.to_text().unwrap(), whole);
        }
    }
}
