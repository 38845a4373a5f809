//! Names that others chose, in sentences of ours: every surface has its own way to set them apart.

use super::value_text;
use crate::model::{Key, TemplateId};

/// How names are set.
pub(super) trait Names {
    /// A template's key.
    fn key(&self, key: &Key) -> String;
    /// What a certificate is called.
    fn title(&self, title: &str) -> String;
    /// The vendor's id.
    fn id(&self, id: &TemplateId) -> String;
}

/// Among the words of a line; only what a certificate is called is in quotation marks.
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
