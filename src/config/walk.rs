//! Walks a parsed certctl.toml against the table of settings: unknown and removed names, missing settings, settings that
//! exclude each other, and the check of each value. Called by [`super::file`]; it gives back every value that passed.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::secrecy::{
    NO_KEY_HERE, NO_PASSWORD_HERE, THIS_NAME, has_random, mentions_secret, quoted_name, shown_name,
};
use super::setting_check;
use super::setting_findings::{SettingFindings, Shown};
use super::setting_values::{ListedTable, ReadSetting, SettingValue, SettingValues};
use super::settings::{NameRule, Setting, SettingType};
use crate::model::did_you_mean;

/// Most file systems allow names of 255 bytes, and the state's file name is longer than the environment's.
const MAX_NAME_LENGTH: usize = 100;

/// Checks a file against a table of settings, and returns the values that passed.
pub(super) fn walk(
    settings: &[Setting],
    file: &DeTable<'_>,
    findings: &mut SettingFindings<'_>,
) -> SettingValues {
    let top = Heading { path: String::new(), names: Vec::new(), at: 0..0 };
    Walk { settings, findings }.table(&top, file)
}

/// The table that the walk is in.
#[derive(Clone, Debug)]
pub(super) struct Heading {
    /// Its path in the table of settings; empty for the file itself.
    path: String,
    /// Its names in the file, in a form that may be shown.
    names: Vec<String>,
    /// The bytes of its name.
    at: Range<usize>,
}

impl Heading {
    /// Returns the heading of a table inside this one.
    fn inner(&self, setting: &Setting, name: &Spanned<toml::de::DeString<'_>>) -> Self {
        let mut names = self.names.clone();
        names.push(shown_name(name.get_ref()).to_owned());
        Self { path: setting.path.to_owned(), names, at: name.span() }
    }

    /// Returns the table as it is written in the file, or the name of the file.
    pub(super) fn written(&self) -> String {
        if self.names.is_empty() { super::FILE.to_owned() } else { format!("[{}]", self.names.join(".")) }
    }

    /// Returns its own name.
    pub(super) fn name(&self) -> &str {
        self.names.last().map_or("", String::as_str)
    }
}

struct Walk<'w, 's> {
    settings: &'w [Setting],
    findings: &'w mut SettingFindings<'s>,
}

impl<'w> Walk<'w, '_> {
    fn settings_of(&self, path: &str) -> Vec<&'w Setting> {
        self.settings.iter().filter(|setting| setting.table() == path).collect()
    }

    /// Reads a table whose names the table of settings lists.
    fn table(&mut self, heading: &Heading, table: &DeTable<'_>) -> SettingValues {
        let settings = self.settings_of(&heading.path);
        self.unknown_names(heading, table, &settings);
        let mut values = SettingValues::default();
        for setting in settings {
            let Some((name, field)) = table.get_key_value(setting.name()) else {
                self.missing(heading, setting);
                continue;
            };
            self.excluded(heading, setting, name, table);
            let value = self.value(heading, setting, name, field);
            values.insert(setting.name(), ReadSetting { name_at: name.span(), at: field.span(), value });
        }
        values
    }

    /// Reads a table whose names the user chooses.
    fn named(&mut self, heading: &Heading, rule: NameRule, table: &DeTable<'_>) -> SettingValues {
        let mut values = SettingValues::default();
        for setting in self.settings_of(&heading.path) {
            for (name, field) in table {
                self.name(rule, name);
                let value = self.value(heading, setting, name, field);
                values.insert(name.get_ref(), ReadSetting { name_at: name.span(), at: field.span(), value });
            }
        }
        values
    }

    fn value(
        &mut self,
        heading: &Heading,
        setting: &Setting,
        name: &Spanned<toml::de::DeString<'_>>,
        field: &Spanned<DeValue<'_>>,
    ) -> Option<SettingValue> {
        let rule = match &setting.value {
            SettingType::Table => None,
            SettingType::Named(rule) => Some(*rule),
            SettingType::Tables => return self.tables(heading, setting, name, field),
            SettingType::Removed { .. } => return None,
            _ => {
                let name = if has_random(name.get_ref()) { THIS_NAME } else { name.get_ref() };
                return setting_check::check(setting, name, heading, field, self.findings);
            }
        };
        let inner = heading.inner(setting, name);
        let DeValue::Table(table) = field.get_ref() else {
            let written = inner.written();
            let message = setting_check::wrong(&written, &setting.value.expected(), field.get_ref());
            let help = format!("write its settings below {written}");
            self.findings.find("wrong-setting", field.span(), message, Some(help));
            return None;
        };
        Some(SettingValue::Table(match rule {
            None => self.table(&inner, table),
            Some(rule) => self.named(&inner, rule, table),
        }))
    }

    /// Reads a list of tables.
    fn tables(
        &mut self,
        heading: &Heading,
        setting: &Setting,
        name: &Spanned<toml::de::DeString<'_>>,
        field: &Spanned<DeValue<'_>>,
    ) -> Option<SettingValue> {
        let inner = heading.inner(setting, name);
        let DeValue::Array(items) = field.get_ref() else {
            let message = setting_check::wrong(&inner.written(), &setting.value.expected(), field.get_ref());
            let help = format!("write each entry below [{}]", inner.written());
            self.findings.find("wrong-setting", field.span(), message, Some(help));
            return None;
        };
        let mut tables = Vec::new();
        for item in items {
            if let DeValue::Table(table) = item.get_ref() {
                let values = self.table(&Heading { at: item.span(), ..inner.clone() }, table);
                tables.push(ListedTable { at: item.span(), values });
            } else {
                let each = format!("each entry of {}", inner.written());
                let message = setting_check::wrong(&each, "a table of settings", item.get_ref());
                self.findings.find("wrong-setting", item.span(), message, None);
            }
        }
        Some(SettingValue::Tables(tables))
    }

    fn unknown_names(&mut self, heading: &Heading, table: &DeTable<'_>, settings: &[&Setting]) {
        let known = || {
            let read = |setting: &&&Setting| !matches!(setting.value, SettingType::Removed { .. });
            settings.iter().filter(read).map(|setting| setting.name())
        };
        for key in table.keys() {
            let name = key.get_ref().as_ref();
            if settings.iter().any(|setting| setting.name() == name) {
                continue;
            }
            if mentions_secret(name) {
                // The name itself can be a key.
                let is_word = !name.contains(|c: char| c.is_ascii_digit());
                let name = if is_word { quoted_name(name) } else { THIS_NAME.to_owned() };
                let takes_password = settings.iter().any(|setting| setting.name() == "password_command");
                let why = if takes_password { NO_PASSWORD_HERE } else { NO_KEY_HERE };
                let message = format!("{name} is not a setting, and {why}");
                self.findings.find_showing(Shown::Nothing, "unknown-setting", key.span(), message, None);
            } else {
                let what = heading.written();
                let message = format!(
                    "{} is not a setting of {what}{}",
                    quoted_name(name),
                    did_you_mean(name, known())
                );
                let help = Some(format!("{what} knows: {}", known().collect::<Vec<_>>().join(", ")));
                self.findings.find_showing(Shown::Name, "unknown-setting", key.span(), message, help);
            }
        }
    }

    fn missing(&mut self, heading: &Heading, setting: &Setting) {
        let Some(rule) = setting.required else { return };
        let (name, example) = (setting.name(), setting.example);
        let message = format!("{name} is required in {}", heading.written());
        let or = match setting.value {
            SettingType::Server => format!(", or {name} = \"sandbox\" to try things out"),
            _ => String::new(),
        };
        self.findings.find(rule, heading.at.clone(), message, Some(format!("{name} = {example}{or}")));
    }

    /// Reports a setting that is not read any more, or that is not allowed beside another one.
    fn excluded(
        &mut self,
        heading: &Heading,
        setting: &Setting,
        name: &Spanned<toml::de::DeString<'_>>,
        table: &DeTable<'_>,
    ) {
        if let SettingType::Removed { since, instead } = setting.value {
            let message =
                format!("{} is no longer a setting of {}, since {since}", setting.name(), heading.written());
            let help = Some(instead.to_owned());
            self.findings.find_showing(Shown::Name, "unknown-setting", name.span(), message, help);
        }
        for other in setting.excludes.iter().filter(|other| table.contains_key(**other)) {
            let message = format!("{} is not allowed beside {other}", setting.name());
            let help = Some("delete one of the two".to_owned());
            self.findings.find_showing(Shown::Name, "wrong-setting", name.span(), message, help);
        }
    }

    /// Checks a name that the user chose.
    fn name(&mut self, rule: NameRule, name: &Spanned<toml::de::DeString<'_>>) {
        let (at, name) = (name.span(), name.get_ref().as_ref());
        match rule {
            NameRule::Environment if !is_environment_name(name) => {
                let message = format!(
                    "{} cannot be an environment's name, because its state file is named after it",
                    quoted_name(name)
                );
                let help = Some(format!("use letters, digits, `-`, `_` and `.`, at most {MAX_NAME_LENGTH}"));
                self.findings.find("environment-name", at.clone(), message, help);
            }
            NameRule::Variable if !is_variable_name(name) => {
                let message =
                    "no template can use a variable of this name: `${var.NAME}` ends at the first }"
                        .to_owned();
                let help = Some("use letters, digits, `-`, `_` and `.` for its name".to_owned());
                self.findings.find("wrong-setting", at.clone(), message, help);
            }
            // Whether a variable has this name is known when the whole file is read.
            NameRule::CertificateField => return,
            NameRule::Environment | NameRule::Variable => {}
        }
        self.findings.find_key_in_name(name, &at);
    }
}

/// Whether an environment can have this name: its state file is named after it.
pub fn is_environment_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    !name.is_empty() && !name.starts_with('.') && name.len() <= MAX_NAME_LENGTH && name.chars().all(plain)
}

/// Returns whether `${var.NAME}` can be written with this name.
fn is_variable_name(name: &str) -> bool {
    !name.is_empty() && name.trim() == name && !name.contains(|c: char| c.is_control() || "${}".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::settings::SettingType;
    use crate::model::SourceText;

    const fn setting(path: &'static str, value: SettingType) -> Setting {
        Setting {
            path,
            value,
            required: None,
            excludes: &[],
            absent: "",
            meaning: "A test",
            example: "\"x\"",
            since: "0.1.0",
        }
    }

    /// Returns the findings of a file as `line:column rule: message / help`, by a table with rules that the real one
    /// does not use yet.
    fn found(text: &str) -> Vec<String> {
        let settings = [
            Setting { required: Some("missing-setting"), ..setting("name", SettingType::Text) },
            setting("group", SettingType::Table),
            setting("group.password_file", SettingType::Text),
            Setting { excludes: &["password_file"], ..setting("group.password_word", SettingType::Text) },
            setting("group.old", SettingType::Removed { since: "0.3.0", instead: "set name instead" }),
        ];
        let source = SourceText::new("certctl.toml", text);
        let mut findings = SettingFindings::new(&source);
        let (file, _) = DeTable::parse_recoverable(text);
        walk(&settings, file.get_ref(), &mut findings);
        let line = |found: &crate::model::Finding| {
            let help = found.help.as_deref().unwrap_or_default();
            format!("{}:{} {}: {} / {help}", found.place.line, found.place.column, found.rule, found.message)
        };
        findings.into_sorted().iter().map(line).collect()
    }

    #[test]
    fn missing_settings_are_reported() {
        let missing = "1:1 missing-setting: name is required in certctl.toml / name = \"x\"";
        assert_eq!(found(""), [missing]);
        assert_eq!(found("name = \"a\"\n"), [""; 0]);
    }

    #[test]
    fn exclusive_settings_are_reported() {
        let text = "name = \"a\"\n[group]\npassword_file = \"b\"\npassword_word = \"c\"\n";
        let excluded =
            "4:1 wrong-setting: password_word is not allowed beside password_file / delete one of the two";
        assert_eq!(found(text), [excluded]);
    }

    #[test]
    fn removed_settings_say_what_replaces_them() {
        let removed =
            "3:1 unknown-setting: old is no longer a setting of [group], since 0.3.0 / set name instead";
        assert_eq!(found("name = \"a\"\n[group]\nold = 5\n"), [removed]);
        let unknown = found("name = \"a\"\n[group]\nolt = 5\n");
        assert!(!unknown[0].contains("old"), "a removed name is not suggested: {unknown:?}");
    }
}
