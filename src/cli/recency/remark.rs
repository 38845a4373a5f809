//! A remark about a place that was not looked into.

use crate::cli::output::Output;

/// Says which place was not looked into, and why.
#[derive(Debug)]
pub(in crate::cli) struct SearchRemark {
    /// The words, without a full stop.
    pub(in crate::cli) words: String,
    /// Whether only people who ask for details want to know.
    pub(in crate::cli) is_detail: bool,
}

impl SearchRemark {
    pub(super) fn detail(words: String) -> Self {
        Self { words, is_detail: true }
    }

    pub(super) fn note(words: String) -> Self {
        Self { words, is_detail: false }
    }

    /// Prints it, once in a run.
    pub(super) fn report(&self, output: &Output) {
        let note = format!("note: {}", self.words);
        if self.is_detail {
            output.detail(&note);
        } else {
            output.note_once(&note);
        }
    }
}
