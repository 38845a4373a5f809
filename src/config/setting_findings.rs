//! Collects the findings of certctl.toml, each with its place. Lines that may hold a secret are never shown. Called by
//! [`super::walk`], by [`super::file`] for what concerns several settings, and by [`super::toml_errors`].

use std::ops::Range;

use super::secrecy::{HiddenLines, NO_KEY_HERE, has_key_beginning, readable, up_to_name};
use crate::model::{Finding, SourceLocation, SourceText};

/// The most findings that are reported for one file.
const MAX_FINDINGS: usize = 1000;

/// How much of the line of a finding is shown, if the line looks harmless.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shown<'k> {
    /// All of it.
    Line,
    /// The name alone: its value may be anything.
    Name,
    /// All of it if it sets one of these names, otherwise its name alone: the line is not TOML.
    IfKnown(&'k [&'k str]),
    /// The place alone.
    Nothing,
}

/// The findings of one file.
pub(super) struct SettingFindings<'s> {
    source: &'s SourceText,
    hidden: HiddenLines,
    findings: Vec<Finding>,
}

impl<'s> SettingFindings<'s> {
    pub(super) fn new(source: &'s SourceText) -> Self {
        Self { source, hidden: HiddenLines::of(source.text()), findings: Vec::new() }
    }

    /// Returns all findings, in the order of the file.
    pub(super) fn into_sorted(mut self) -> Vec<Finding> {
        self.findings.sort();
        self.findings
    }

    /// Like [`Self::into_sorted`], with the first finding of each line.
    pub(super) fn into_first_of_each_line(self) -> Vec<Finding> {
        let mut findings = self.into_sorted();
        findings.dedup_by_key(|finding| finding.place.line);
        findings
    }

    pub(super) fn len(&self) -> usize {
        self.findings.len()
    }

    /// Returns the place of these bytes, without the line's text if that may hold a secret.
    pub(super) fn place(&self, at: Range<usize>) -> SourceLocation {
        self.hidden_where_secret(self.source.place(at))
    }

    /// Removes the line's text from a place if it may hold a secret.
    pub(super) fn hidden_where_secret(&self, place: SourceLocation) -> SourceLocation {
        if self.hidden.contains(place.line) {
            SourceLocation { source_line: String::new(), ..place }
        } else {
            place
        }
    }

    /// Returns the bytes in the file of a part of a string; of the whole string if it has escapes.
    pub(super) fn within(&self, text: &str, written: &Range<usize>, part: &Range<usize>) -> Range<usize> {
        let inside = written.start + 1..written.end.saturating_sub(1);
        if self.source.text().get(inside.clone()) == Some(text) {
            inside.start + part.start..inside.start + part.end
        } else {
            written.clone()
        }
    }

    /// Returns whether the line of these bytes may hold a secret.
    pub(super) fn is_hidden(&self, at: &Range<usize>) -> bool {
        self.hidden.contains(self.source.place(at.clone()).line)
    }

    /// Adds a finding at these bytes.
    pub(super) fn find(
        &mut self,
        rule: &'static str,
        at: Range<usize>,
        message: String,
        help: Option<String>,
    ) {
        self.find_showing(Shown::Line, rule, at, message, help);
    }

    /// Adds a finding at these bytes, with a part of its line.
    pub(super) fn find_showing(
        &mut self,
        shown: Shown<'_>,
        rule: &'static str,
        at: Range<usize>,
        message: String,
        help: Option<String>,
    ) {
        // A place costs time in proportion to its line, and the whole file can be one line.
        if self.findings.len() >= MAX_FINDINGS {
            return;
        }
        let mut place = self.place(at);
        match shown {
            Shown::Line => {}
            Shown::Name => place.source_line = up_to_name(&place),
            Shown::IfKnown(known) => place.source_line = readable(&place.source_line, known),
            Shown::Nothing => place.source_line.clear(),
        }
        self.findings.push(Finding { place, rule, message, help, related: Vec::new(), option: None });
    }

    /// Adds a finding if a name, which certctl shows everywhere, looks like a key.
    pub(super) fn find_key_in_name(&mut self, name: &str, at: &Range<usize>) {
        if has_key_beginning(name) {
            let message = format!("this name looks like an API key, and {NO_KEY_HERE}");
            self.find_showing(Shown::Nothing, "key-as-name", at.clone(), message, None);
        }
    }

    /// Adds a related place to the last finding.
    pub(super) fn relate(&mut self, at: Range<usize>, about: &str) {
        let place = self.place(at);
        if let Some(finding) = self.findings.last_mut() {
            finding.related.push((place, about.to_owned()));
        }
    }
}
