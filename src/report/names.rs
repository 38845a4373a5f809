//! How reports quote names that others chose: each format sets them apart in its own way.

use super::value_text;
use crate::model::{Key, TemplateId};

/// Writes names into a sentence.
pub(super) trait Names {
    /// The key of a template.
    fn key(&self, key: &Key) -> String;
    /// The title of a certificate.
    fn title(&self, title: &str) -> String;
    /// The vendor's id of a template.
    fn id(&self, id: &TemplateId) -> String;
}

/// Names in plain text; only titles are quoted.
pub(super) struct InWords;

impl Names for InWords {
    fn key(&self, key: &Key) -> String {
        key.to_string()
    }

    fn title(&self, title: &str) -> String {
        value_text::short(Some(&title.into()))
    }

    fn id(&self, id: &TemplateId) -> String {
        id.to_string()
    }
}
