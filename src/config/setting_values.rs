//! The values of a file that passed their checks, and how code reads them: by a [`Handle`], which certctl's compiler
//! takes from the table of settings. So code cannot read a setting that the table does not have, nor with another type,
//! and each default is in the table alone.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use jiff::civil::Date;

use super::settings::{SETTINGS, Setting, SettingType};
use super::{ServerAddress, TemplateGlob, VariableValue};

/// The settings of one table of a file.
#[derive(Debug, Default)]
pub(super) struct SettingValues(BTreeMap<String, ReadSetting>);

/// A setting that a file has.
#[derive(Debug)]
pub(super) struct ReadSetting {
    /// The bytes of its name.
    pub(super) name_at: Range<usize>,
    /// The bytes of its value.
    pub(super) at: Range<usize>,
    /// Its value; `None` if that has a finding.
    pub(super) value: Option<SettingValue>,
}

/// A value that passed its checks.
#[derive(Debug)]
pub(super) enum SettingValue {
    Table(SettingValues),
    Tables(Vec<ListedTable>),
    Text(String),
    /// Each string with its bytes.
    Texts(Vec<(String, Range<usize>)>),
    Date(Date),
    Globs(Vec<TemplateGlob>),
    Server(ServerAddress),
    Command(Vec<String>),
    Variable(VariableValue),
    Number(u64),
    Time(Duration),
    Boolean(bool),
}

/// A table in a list of tables.
#[derive(Debug)]
pub(super) struct ListedTable {
    /// Its bytes.
    pub(super) at: Range<usize>,
    pub(super) values: SettingValues,
}

/// What counts if strings are missing: none.
#[derive(Clone, Copy, Debug)]
pub(super) struct NoTexts;

/// What counts if a list of tables is missing: none.
#[derive(Clone, Copy, Debug)]
pub(super) struct NoTables;

/// How code reads one setting: its name, and the value that counts if it is missing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Handle<T> {
    name: &'static str,
    default: T,
}

impl SettingValues {
    pub(super) fn insert(&mut self, name: &str, setting: ReadSetting) {
        self.0.insert(name.to_owned(), setting);
    }

    pub(super) fn get(&self, name: &str) -> Option<&ReadSetting> {
        self.0.get(name)
    }

    /// Yields every name with its setting.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &ReadSetting)> {
        self.0.iter().map(|(name, setting)| (name.as_str(), setting))
    }

    fn value(&self, name: &str) -> Option<&SettingValue> {
        self.get(name)?.value.as_ref()
    }

    pub(super) fn number(&self, handle: Handle<u64>) -> u64 {
        self.optional_number(Handle { name: handle.name, default: None }).unwrap_or(handle.default)
    }

    pub(super) fn optional_number(&self, handle: Handle<Option<u64>>) -> Option<u64> {
        match self.value(handle.name)? {
            SettingValue::Number(number) => Some(*number),
            _ => None,
        }
    }

    pub(super) fn time(&self, handle: Handle<Duration>) -> Duration {
        match self.value(handle.name) {
            Some(SettingValue::Time(time)) => *time,
            _ => handle.default,
        }
    }

    pub(super) fn boolean(&self, handle: Handle<bool>) -> bool {
        match self.value(handle.name) {
            Some(SettingValue::Boolean(value)) => *value,
            _ => handle.default,
        }
    }

    pub(super) fn word(&self, handle: Handle<&'static str>) -> &str {
        match self.value(handle.name) {
            Some(SettingValue::Text(word)) => word,
            _ => handle.default,
        }
    }

    pub(super) fn text(&self, handle: Handle<Option<&'static str>>) -> Option<&str> {
        self.value(handle.name)?.as_text()
    }

    pub(super) fn server(&self, handle: Handle<Option<&'static ServerAddress>>) -> Option<&ServerAddress> {
        match self.value(handle.name)? {
            SettingValue::Server(server) => Some(server),
            _ => None,
        }
    }

    pub(super) fn command(&self, handle: Handle<Option<&'static [String]>>) -> Option<&[String]> {
        match self.value(handle.name)? {
            SettingValue::Command(words) => Some(words),
            _ => None,
        }
    }

    pub(super) fn globs(&self, handle: Handle<Option<&'static [TemplateGlob]>>) -> Option<&[TemplateGlob]> {
        match self.value(handle.name)? {
            SettingValue::Globs(globs) => Some(globs),
            _ => None,
        }
    }

    /// Returns strings, each with its bytes; none if the setting is missing.
    pub(super) fn texts(&self, handle: Handle<NoTexts>) -> &[(String, Range<usize>)] {
        match self.value(handle.name) {
            Some(SettingValue::Texts(texts)) => texts,
            _ => &[],
        }
    }

    pub(super) fn date(&self, handle: Handle<Option<Date>>) -> Option<Date> {
        match self.value(handle.name)? {
            SettingValue::Date(date) => Some(*date),
            _ => None,
        }
    }

    /// Returns the tables of a list; none if it is missing.
    pub(super) fn tables(&self, handle: Handle<NoTables>) -> &[ListedTable] {
        match self.value(handle.name) {
            Some(SettingValue::Tables(tables)) => tables,
            _ => &[],
        }
    }

    /// Returns a table inside this one; an empty one if it is missing.
    pub(super) fn table(&self, handle: Handle<Option<&'static Self>>) -> &Self {
        const EMPTY: &SettingValues = &SettingValues(BTreeMap::new());
        self.value(handle.name).and_then(SettingValue::as_table).unwrap_or(EMPTY)
    }
}

impl SettingValue {
    pub(super) fn as_table(&self) -> Option<&SettingValues> {
        match self {
            Self::Table(values) => Some(values),
            _ => None,
        }
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Finds a row of the table while certctl is compiled: a path that is not in the table does not compile.
const fn row(path: &str) -> &'static Setting {
    let mut place = 0;
    loop {
        assert!(place < SETTINGS.len(), "the table of settings does not have this path");
        if is_same(SETTINGS[place].path, path) {
            return &SETTINGS[place];
        }
        place += 1;
    }
}

const fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut place = 0;
    while place < one.len() && place < other.len() && one[place] == other[place] {
        place += 1;
    }
    place == one.len() && place == other.len()
}

macro_rules! handles {
    ($($(#[$meta:meta])* $name:ident: $type:ty = $pattern:pat => $default:expr;)*) => {$(
        $(#[$meta])*
        pub(super) const fn $name(path: &str) -> Handle<$type> {
            let row = row(path);
            match &row.value {
                $pattern => Handle { name: row.name(), default: $default },
                _ => panic!("the setting has another type"),
            }
        }
    )*};
}

handles! {
    /// Returns the handle of a whole number with a default.
    number: u64 = SettingType::Number { default: Some(default), .. } => *default;
    /// Returns the handle of a whole number without a default.
    optional_number: Option<u64> = SettingType::Number { default: None, .. } => None;
    /// Returns the handle of a time.
    time: Duration = SettingType::Time { default, .. } => *default;
    /// Returns the handle of a boolean.
    boolean: bool = SettingType::Boolean { default } => *default;
    /// Returns the handle of one of several words.
    word: &'static str = SettingType::OneOf(words) => words[0];
    /// Returns the handle of a string.
    text: Option<&'static str> =
        SettingType::Text | SettingType::EnvironmentName | SettingType::StatePath => None;
    /// Returns the handle of a server's address.
    server: Option<&'static ServerAddress> = SettingType::Server => None;
    /// Returns the handle of a program with its arguments.
    command: Option<&'static [String]> = SettingType::Command => None;
    /// Returns the handle of a list of globs.
    globs: Option<&'static [TemplateGlob]> = SettingType::Globs => None;
    /// Returns the handle of one or several strings.
    texts: NoTexts = SettingType::Texts => NoTexts;
    /// Returns the handle of a day.
    date: Option<Date> = SettingType::Date => None;
    /// Returns the handle of a list of tables.
    tables: NoTables = SettingType::Tables => NoTables;
    /// Returns the handle of a table.
    table: Option<&'static SettingValues> = SettingType::Table | SettingType::Named(_) => None;
}
