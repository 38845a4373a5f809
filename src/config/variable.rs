//! The value of a `${var.NAME}`, with its source.

use std::fmt;

use crate::model::SourceLocation;

/// A variable of one environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// The value.
    pub value: VariableValue,
    /// The source of the value, for the person who must correct it.
    pub source: VariableSource,
    /// Whether certctl.toml defines a variable of this name in any environment, or uses one in a value.
    pub is_defined: bool,
}

impl Variable {
    /// Returns a variable with a text from the command line, whose name certctl.toml defines.
    pub fn flag(text: impl Into<String>) -> Self {
        let source = VariableSource::Option("the option");
        Self { value: VariableValue::Text(text.into()), source, is_defined: true }
    }
}

/// Explains where to set a variable without a value; `heading` is the header of its table in certctl.toml.
pub fn how_to_set(heading: &str) -> String {
    format!("set it in certctl.toml under {heading}")
}

/// The value of a variable. Inside a longer text it is inserted as displayed; alone, a number stays a number and a
/// boolean stays a boolean.
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
    /// Returns the text with the type of the value that it replaces, if it can be read so: values from the command line
    /// and the process have no types.
    pub(super) fn typed_like(text: String, replaced: Option<&Self>) -> Self {
        let same_kind = match replaced {
            Some(Self::Integer(_)) => text.parse().map(Self::Integer).ok(),
            Some(Self::Boolean(_)) => text.parse().map(Self::Boolean).ok(),
            Some(Self::Text(_)) | None => None,
        };
        same_kind.unwrap_or(Self::Text(text))
    }
}

/// The source of a variable's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VariableSource {
    /// certctl.toml, with the place of the value.
    File(SourceLocation),
    /// An environment variable of the process, with its name.
    Process(String),
    /// An option of the command line, by its name.
    Option(&'static str),
}
