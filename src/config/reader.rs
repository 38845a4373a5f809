//! Reads TOML tables setting by setting, so that all findings of a file come in one run, each with its place. Called by
//! [`super::file`]; lines that may hold a secret are never shown.

use std::ops::{Range, RangeInclusive};
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::VariableValue;
use super::secrecy::{
    HiddenLines, THIS_NAME, has_random, mentions_secret, quoted_name, readable, up_to_name,
};
use crate::model::{Finding, SourceLocation, SourceText, did_you_mean};

/// The most findings that are reported for one file.
const MAX_FINDINGS: usize = 1000;

/// Collects findings while tables are read.
pub(super) struct SettingsReader<'s> {
    source: &'s SourceText,
    hidden: HiddenLines,
    pub(super) findings: Vec<Finding>,
}

type SettingField<'t> = Option<&'t Spanned<DeValue<'t>>>;

impl<'s> SettingsReader<'s> {
    pub(super) fn new(source: &'s SourceText) -> Self {
        Self { source, hidden: HiddenLines::of(source.text()), findings: Vec::new() }
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
        // A place costs time in proportion to its line, and the whole file can be one line.
        if self.findings.len() >= MAX_FINDINGS {
            return;
        }
        let place = self.place(at);
        self.findings.push(Finding { place, rule, message, help, related: Vec::new() });
    }

    /// Like [`Self::find`], for a line with a secret: reports the place without the text.
    pub(super) fn find_hidden(&mut self, rule: &'static str, at: Range<usize>, message: String) {
        if self.findings.len() >= MAX_FINDINGS {
            return;
        }
        let place = SourceLocation { source_line: String::new(), ..self.source.place(at) };
        self.findings.push(Finding { place, rule, message, help: None, related: Vec::new() });
    }

    /// Like [`Self::find`], for an unknown name. Its value may be anything, so it is not shown.
    pub(super) fn find_unknown(
        &mut self,
        rule: &'static str,
        name: Range<usize>,
        message: String,
        help: Option<String>,
    ) {
        if self.findings.len() >= MAX_FINDINGS {
            return;
        }
        let mut place = self.place(name);
        place.source_line = up_to_name(&place);
        self.findings.push(Finding { place, rule, message, help, related: Vec::new() });
    }

    /// Like [`Self::find`], for a line that is not TOML. It is shown only if it sets something that certctl knows.
    pub(super) fn find_unreadable(
        &mut self,
        rule: &'static str,
        at: Range<usize>,
        message: String,
        help: Option<String>,
        known: &[&str],
    ) {
        if self.findings.len() >= MAX_FINDINGS {
            return;
        }
        let mut place = self.place(at);
        place.source_line = readable(&place.source_line, known);
        self.findings.push(Finding { place, rule, message, help, related: Vec::new() });
    }

    /// Adds a related place to the last finding.
    pub(super) fn relate(&mut self, at: Range<usize>, about: &str) {
        let place = self.place(at);
        if let Some(finding) = self.findings.last_mut() {
            finding.related.push((place, about.to_owned()));
        }
    }

    /// Adds a finding for each unknown key of a table.
    pub(super) fn known_keys(&mut self, table: &DeTable<'_>, what: &str, known: &[&str]) {
        for key in table.keys() {
            let name = key.get_ref().as_ref();
            if mentions_secret(name) && !known.contains(&name) {
                // The name itself can be a key.
                let is_word = !name.contains(|c: char| c.is_ascii_digit());
                let name = if is_word { quoted_name(name) } else { THIS_NAME.to_owned() };
                let message = format!(
                    "{name} is not a setting, and a key does not belong in this file. Put it into CERTCTL_API_KEY or \
                     name a command with api_key_command; a key that was here may have been seen, so have it replaced"
                );
                self.find_hidden("unknown-setting", key.span(), message);
            } else if !known.contains(&name) {
                let hint = did_you_mean(name, known.iter().copied());
                let message = format!("{} is not a setting of {what}{hint}", quoted_name(name));
                let help = Some(format!("{what} knows: {}", known.join(", ")));
                self.find_unknown("unknown-setting", key.span(), message, help);
            }
        }
    }

    pub(super) fn text(&mut self, table: &DeTable<'_>, name: &str) -> Option<(String, Range<usize>)> {
        let field = get(table, name)?;
        match field.get_ref() {
            DeValue::String(text) => Some((text.to_string(), field.span())),
            _ => self.wrong(name, field, "a string in quotes"),
        }
    }

    pub(super) fn texts(&mut self, table: &DeTable<'_>, name: &str) -> Option<Vec<(String, Range<usize>)>> {
        let field = get(table, name)?;
        let DeValue::Array(items) = field.get_ref() else {
            return self.wrong(name, field, "a list of strings, such as [\"a\", \"b\"]");
        };
        let mut texts = Vec::new();
        for item in items {
            match item.get_ref() {
                DeValue::String(text) => texts.push((text.to_string(), item.span())),
                _ => drop(self.wrong::<()>(&format!("each of {name}"), item, "a string in quotes")),
            }
        }
        (texts.len() == items.len()).then_some(texts)
    }

    /// Reads the value of a variable.
    pub(super) fn variable(
        &mut self,
        table: &DeTable<'_>,
        name: &str,
    ) -> Option<(VariableValue, Range<usize>)> {
        let field = get(table, name)?;
        let value = match field.get_ref() {
            DeValue::String(text) => Some(VariableValue::Text(text.to_string())),
            DeValue::Integer(integer) => {
                i64::from_str_radix(integer.as_str(), integer.radix()).ok().map(VariableValue::Integer)
            }
            DeValue::Boolean(value) => Some(VariableValue::Boolean(*value)),
            _ => None,
        };
        match value {
            Some(value) => Some((value, field.span())),
            None => self.wrong(name, field, "a string, a whole number of at most 64 bits, true or false"),
        }
    }

    pub(super) fn boolean(&mut self, table: &DeTable<'_>, name: &str) -> Option<bool> {
        let field = get(table, name)?;
        match field.get_ref() {
            DeValue::Boolean(value) => Some(*value),
            _ => self.wrong(name, field, "true or false"),
        }
    }

    /// Reads a whole number within bounds.
    pub(super) fn number<N>(
        &mut self,
        table: &DeTable<'_>,
        name: &str,
        bounds: RangeInclusive<u64>,
    ) -> Option<N>
    where
        N: TryFrom<u64>,
    {
        let field = get(table, name)?;
        let number = match field.get_ref() {
            DeValue::Integer(integer) => u64::from_str_radix(integer.as_str(), integer.radix()).ok(),
            _ => None,
        };
        let fitting =
            number.filter(|number| bounds.contains(number)).and_then(|number| N::try_from(number).ok());
        let expected = if *bounds.end() == u64::MAX {
            format!("a whole number from {}", bounds.start())
        } else {
            format!("a whole number from {} to {}", bounds.start(), bounds.end())
        };
        fitting.or_else(|| self.wrong(name, field, &expected))
    }

    pub(super) fn duration(&mut self, table: &DeTable<'_>, name: &str) -> Option<Duration> {
        const EXPECTED: &str = "a time in quotes, such as \"120s\" or \"10m\", up to \"7d\"";
        // Adding a much longer time to a clock would overflow.
        const MAX_TIME: Duration = Duration::from_secs(7 * 24 * 60 * 60);
        let field = get(table, name)?;
        let duration = match field.get_ref() {
            DeValue::String(text) => humantime::parse_duration(text).ok(),
            _ => None,
        };
        let fitting = duration.filter(|time| !time.is_zero() && *time <= MAX_TIME);
        fitting.or_else(|| self.wrong(name, field, EXPECTED))
    }

    /// Reads a table inside a table.
    pub(super) fn table<'t>(&mut self, table: &'t DeTable<'t>, name: &str) -> Option<&'t DeTable<'t>> {
        let field = get(table, name)?;
        match field.get_ref() {
            DeValue::Table(inner) => Some(inner),
            _ => self.wrong(name, field, "a table of settings"),
        }
    }

    fn wrong<T>(&mut self, name: &str, field: &Spanned<DeValue<'_>>, expected: &str) -> Option<T> {
        let found = match field.get_ref() {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) | DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        let name = if has_random(name) { THIS_NAME } else { name };
        // If the type is right, the line itself shows what is wrong.
        let is_whole =
            matches!(field.get_ref(), DeValue::Integer(_)) && expected.starts_with("a whole number");
        let message = if is_whole || expected.starts_with(found) {
            format!("{name} must be {expected}")
        } else {
            format!("{name} must be {expected}, and this is {found}")
        };
        self.find("wrong-setting", field.span(), message, None);
        None
    }
}

fn get<'t>(table: &'t DeTable<'t>, name: &str) -> SettingField<'t> {
    table.get(name)
}
