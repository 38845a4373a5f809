//! The table of settings: everything that certctl.toml may hold, in one place. [`super::walk`] checks a file against it,
//! the typed settings take their defaults from it, and `docs/settings.md` is printed from it. A setting that is not in
//! the table is rejected.
//!
//! A new setting is a line here, and one where it is read ([`super::setting_values`]).

mod table;

#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;
use std::time::Duration;

pub(super) use table::SETTINGS;

/// One setting of certctl.toml.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    /// Its names from the top of the file, joined by dots; `*` is a name that the user chooses.
    pub(super) path: &'static str,
    /// The type of its value, with the rules and the default that come with it.
    pub(super) value: SettingType,
    /// The rule that a file without it violates; `None` if it is optional.
    pub(super) required: Option<&'static str>,
    /// Names in the same table that are not allowed beside it.
    pub(super) excludes: &'static [&'static str],
    /// What counts if it is missing, in words; empty if that follows from its type.
    pub(super) absent: &'static str,
    /// Its meaning, for people who write certctl.toml.
    pub(super) meaning: &'static str,
    /// An example value, as written in TOML.
    pub(super) example: &'static str,
    /// The version of certctl that first read it.
    #[cfg_attr(not(test), expect(dead_code, reason = "docs/settings.md shows it"))]
    pub(super) since: &'static str,
}

/// The type of a setting's value.
#[derive(Clone, Debug)]
pub(super) enum SettingType {
    /// A table of the settings whose paths continue this one.
    Table,
    /// A table in which the user chooses the names. The path with `*` describes what each name holds.
    Named(NameRule),
    /// A list of tables, each with the settings whose paths continue this one.
    Tables,
    /// Any string.
    Text,
    /// One string, or a list of at least one.
    Texts,
    /// A day, as a TOML date or as a string.
    Date,
    /// A list of globs, at least one.
    Globs,
    /// The name of an environment that the file defines.
    EnvironmentName,
    /// The address of a server (https, or http on loopback), or `sandbox`.
    Server,
    /// The path of a state file.
    StatePath,
    /// A program and its arguments.
    Command,
    /// A value for the YAML: a string, a whole number or a boolean.
    VariableValue,
    /// A whole number.
    Number {
        /// The numbers that are accepted; `u64::MAX` as the end is no limit.
        range: RangeInclusive<u64>,
        /// The number that counts if it is missing.
        default: Option<u64>,
        /// What it counts, in the plural.
        #[cfg_attr(not(test), expect(dead_code, reason = "docs/settings.md shows it"))]
        unit: &'static str,
    },
    /// A time of at least a moment, such as `120s`.
    Time {
        /// The shortest time; zero for any but none at all.
        min: Duration,
        /// The longest time.
        max: Duration,
        /// The time that counts if it is missing.
        default: Duration,
    },
    /// True or false.
    Boolean {
        /// The value that counts if it is missing.
        default: bool,
    },
    /// One of these words; the first one counts if it is missing.
    OneOf(&'static [&'static str]),
    /// A name that earlier versions read.
    #[cfg_attr(not(test), expect(dead_code, reason = "no setting was removed yet"))]
    Removed {
        /// The version that no longer reads it.
        since: &'static str,
        /// What to do instead.
        instead: &'static str,
    },
}

/// What the user may call the members of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NameRule {
    /// A name that a state file can have.
    Environment,
    /// A name that `${var.NAME}` can hold.
    Variable,
    /// A variable of some environment, or the id of a certificate field.
    CertificateField,
}

impl Setting {
    /// Returns the last part of the path.
    pub(super) const fn name(&self) -> &'static str {
        let mut start = self.path.len();
        while start > 0 && self.path.as_bytes()[start - 1] != b'.' {
            start -= 1;
        }
        self.path.split_at(start).1
    }

    /// Returns the path of the table that it is in; empty for the file itself.
    pub(super) fn table(&self) -> &'static str {
        self.path.rsplit_once('.').map_or("", |(table, _)| table)
    }

    /// Returns whether its value is a table.
    pub(super) fn is_table(&self) -> bool {
        matches!(self.value, SettingType::Table | SettingType::Named(_) | SettingType::Tables)
    }
}

impl Setting {
    /// Returns its meaning with an example, as a line of help.
    pub(super) fn help(&self) -> String {
        let mut letters = self.meaning.chars();
        let first = letters.next().map(|letter| letter.to_ascii_lowercase());
        let meaning: String = first.into_iter().chain(letters).collect();
        match self.name() {
            "*" => format!("{meaning}; for example {}", self.example),
            name => format!("{meaning}; for example {name} = {}", self.example),
        }
    }
}

impl SettingType {
    /// Returns what a value must be, as in "must be …".
    pub(super) fn expected(&self) -> String {
        match self {
            Self::Table | Self::Named(_) => "a table of settings".to_owned(),
            Self::Tables => "a list of tables, such as [{ … }, { … }]".to_owned(),
            Self::Texts => "a string in quotes, or a list of strings".to_owned(),
            Self::Date => "a day in quotes, such as \"2027-01-01\"".to_owned(),
            Self::Text | Self::EnvironmentName | Self::Server | Self::StatePath => {
                "a string in quotes".to_owned()
            }
            Self::Globs | Self::Command => "a list of strings, such as [\"a\", \"b\"]".to_owned(),
            Self::VariableValue => "a string, a whole number of at most 64 bits, true or false".to_owned(),
            Self::Number { range, .. } if *range.end() == u64::MAX => {
                format!("a whole number from {}", range.start())
            }
            Self::Number { range, .. } => {
                format!("a whole number from {} to {}", range.start(), range.end())
            }
            Self::Time { min, max, .. } => {
                let max = humantime::format_duration(*max).to_string().replace("days", "d");
                let min = if min.is_zero() {
                    String::new()
                } else {
                    format!("from {:?} ", humantime::format_duration(*min).to_string())
                };
                format!("a time in quotes, such as \"120s\" or \"10m\", {min}up to {max:?}")
            }
            Self::Boolean { .. } => "true or false".to_owned(),
            Self::OneOf(words) => {
                words.iter().map(|word| format!("{word:?}")).collect::<Vec<_>>().join(" or ")
            }
            Self::Removed { .. } => "left out".to_owned(),
        }
    }
}
