//! A value for `${var.NAME}`, and who set it.

use std::fmt;

use crate::model::{SourceLocation, shell_word};

/// A variable of one environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// What it stands for.
    pub value: VariableValue,
    /// Who set it, for whoever must mend it.
    pub source: VariableSource,
    /// Whether certctl.toml has a variable of this name, in whatever environment, or uses one in a value.
    pub is_defined: bool,
}

impl Variable {
    /// A text that `--var` set, of a name that certctl.toml has.
    pub fn flag(text: impl Into<String>) -> Self {
        Self { value: VariableValue::Text(text.into()), source: VariableSource::Flag, is_defined: true }
    }
}

/// How a variable without a value gets one; `heading` is that of its table in certctl.toml.
pub fn how_to_set(name: &str, heading: &str) -> String {
    let file = format!("set it in certctl.toml under {heading}");
    // The flag ends the name at its first `=`.
    if name.contains('=') {
        return file;
    }
    let word = shell_word(format!("{name}=VALUE"));
    let between = if name.starts_with('-') { '=' } else { ' ' };
    format!("{file}, or with --var{between}{word}")
}

/// What a variable stands for. Inside a longer text it counts as it is displayed; alone, a number stays a number and
/// a boolean a boolean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VariableValue {
    /// A string.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// True or false.
    Boolean(bool),
}

impl fmt::Display for VariableValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Integer(number) => write!(f, "{number}"),
            Self::Boolean(value) => write!(f, "{value}"),
        }
    }
}

impl VariableValue {
    /// The text, as it is, with the kind of the value that it takes the place of, where it can be read so: what is
    /// given on the command line or by the process has no types.
    pub(super) fn typed_like(text: String, replaced: Option<&Self>) -> Self {
        let same_kind = match replaced {
            Some(Self::Integer(_)) => text.parse().map(Self::Integer).ok(),
            Some(Self::Boolean(_)) => text.parse().map(Self::Boolean).ok(),
            Some(Self::Text(_)) | None => None,
        };
        same_kind.unwrap_or(Self::Text(text))
    }
}

/// Who set a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VariableSource {
    /// certctl.toml, at this place: that of the value.
    File(SourceLocation),
    /// A variable of the process, of this name.
    Process(String),
    /// `--var`.
    Flag,
}
