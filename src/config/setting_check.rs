//! Checks one value of certctl.toml against the type that the table of settings gives it. Called by [`super::walk`].

use std::ops::Range;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeArray, DeValue};

use super::secrecy::is_secret;
use super::setting_findings::{SettingFindings, Shown};
use super::setting_values::SettingValue;
use super::settings::{Setting, SettingType};
use super::walk::Heading;
use super::{ServerAddress, TemplateGlob, VariableValue, state_path};

/// Each glob walks the folders once more.
const MAX_GLOBS: usize = 1000;

/// Returns the value if it has the type of the setting, and notes a finding otherwise. `name` is the setting's, in a
/// form that may be shown.
pub(super) fn check(
    setting: &Setting,
    name: &str,
    heading: &Heading,
    field: &Spanned<DeValue<'_>>,
    findings: &mut SettingFindings<'_>,
) -> Option<SettingValue> {
    let mut check = ValueCheck { setting, name, findings };
    let at = field.span();
    match (&setting.value, field.get_ref()) {
        (SettingType::Text | SettingType::EnvironmentName, DeValue::String(text)) => {
            Some(SettingValue::Text(text.to_string()))
        }
        (SettingType::StatePath, DeValue::String(text)) => Some(check.state_path(text, heading.name(), at)),
        (SettingType::Server, DeValue::String(text)) => check.server(text, at),
        (SettingType::Globs, DeValue::Array(items)) => check.globs(items, at),
        (SettingType::Command, DeValue::Array(items)) => check.command(items, at),
        (SettingType::Texts, DeValue::String(text)) => check.texts(vec![(text.to_string(), at.clone())], at),
        (SettingType::Texts, DeValue::Array(items)) => {
            let texts = check.strings(items)?;
            check.texts(texts, at)
        }
        (SettingType::Date, DeValue::String(text)) => {
            text.parse().ok().map(SettingValue::Date).or_else(|| check.wrong(field))
        }
        (SettingType::Date, DeValue::Datetime(date)) => {
            date.to_string().parse().ok().map(SettingValue::Date).or_else(|| check.wrong(field))
        }
        (SettingType::OneOf(words), DeValue::String(text)) if words.contains(&text.as_ref()) => {
            Some(SettingValue::Text(text.to_string()))
        }
        (SettingType::Boolean { .. }, DeValue::Boolean(value)) => Some(SettingValue::Boolean(*value)),
        (SettingType::VariableValue, value) => {
            variable(value).map(SettingValue::Variable).or_else(|| check.wrong(field))
        }
        (SettingType::Number { range, .. }, DeValue::Integer(integer)) => {
            let number = u64::from_str_radix(integer.as_str(), integer.radix()).ok();
            let number = number.filter(|number| range.contains(number));
            number.map(SettingValue::Number).or_else(|| check.wrong(field))
        }
        (SettingType::Time { min, max, .. }, DeValue::String(text)) => {
            time(text, *min, *max).map(SettingValue::Time).or_else(|| check.wrong(field))
        }
        _ => check.wrong(field),
    }
}

/// Says what a setting must be, and what it is if that is not of the same type.
pub(super) fn wrong(name: &str, expected: &str, value: &DeValue<'_>) -> String {
    let found = match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    // If the type is right, the line itself shows what is wrong.
    let is_whole = matches!(value, DeValue::Integer(_)) && expected.starts_with("a whole number");
    let is_word = matches!(value, DeValue::String(_)) && expected.starts_with('"');
    if is_whole || is_word || expected.starts_with(found) {
        format!("{name} must be {expected}")
    } else {
        format!("{name} must be {expected}, and this is {found}")
    }
}

fn variable(value: &DeValue<'_>) -> Option<VariableValue> {
    match value {
        DeValue::String(text) => Some(VariableValue::Text(text.to_string())),
        DeValue::Integer(integer) => {
            i64::from_str_radix(integer.as_str(), integer.radix()).ok().map(VariableValue::Integer)
        }
        DeValue::Boolean(value) => Some(VariableValue::Boolean(*value)),
        _ => None,
    }
}

fn time(text: &str, min: Duration, max: Duration) -> Option<Duration> {
    let time = humantime::parse_duration(text).ok()?;
    (!time.is_zero() && (min..=max).contains(&time)).then_some(time)
}

struct ValueCheck<'c, 's> {
    setting: &'c Setting,
    name: &'c str,
    findings: &'c mut SettingFindings<'s>,
}

impl ValueCheck<'_, '_> {
    fn wrong<T>(&mut self, field: &Spanned<DeValue<'_>>) -> Option<T> {
        let message = wrong(self.name, &self.setting.value.expected(), field.get_ref());
        self.findings.find("wrong-setting", field.span(), message, Some(self.setting.help()));
        None
    }

    /// A path that cannot be a state's is returned too, so that two environments with it are found.
    fn state_path(&mut self, text: &str, environment: &str, at: Range<usize>) -> SettingValue {
        if let Err(invalid) = state_path::check(text, environment) {
            self.findings.find("wrong-setting", at, invalid.message, invalid.help);
        }
        SettingValue::Text(text.to_owned())
    }

    fn server(&mut self, text: &str, at: Range<usize>) -> Option<SettingValue> {
        let message = match ServerAddress::parse(text) {
            Ok(server) => return Some(SettingValue::Server(server)),
            Err(message) => message,
        };
        // A password in the address is never shown, so its line is hidden too.
        let may_hold_secret = is_secret(text) || text.contains(['@', '?', '#', ';', '=']);
        let shown = if may_hold_secret { Shown::Nothing } else { Shown::Line };
        self.findings.find_showing(shown, "url", at, message, None);
        None
    }

    fn strings(&mut self, items: &DeArray<'_>) -> Option<Vec<(String, Range<usize>)>> {
        let mut texts = Vec::new();
        for item in items {
            match item.get_ref() {
                DeValue::String(text) => texts.push((text.to_string(), item.span())),
                other => {
                    let message = wrong(&format!("each of {}", self.name), "a string in quotes", other);
                    self.findings.find("wrong-setting", item.span(), message, Some(self.setting.help()));
                }
            }
        }
        (texts.len() == items.len()).then_some(texts)
    }

    fn texts(&mut self, texts: Vec<(String, Range<usize>)>, at: Range<usize>) -> Option<SettingValue> {
        if texts.is_empty() || texts.iter().any(|(text, _)| text.trim().is_empty()) {
            let message = format!("{} names nothing", self.name);
            self.findings.find("wrong-setting", at, message, Some(self.setting.help()));
            return None;
        }
        Some(SettingValue::Texts(texts))
    }

    fn command(&mut self, items: &DeArray<'_>, at: Range<usize>) -> Option<SettingValue> {
        let words: Vec<String> = self.strings(items)?.into_iter().map(|(word, _)| word).collect();
        if words.first().is_none_or(String::is_empty) {
            let message = format!("{} names no program", self.name);
            self.findings.find("wrong-setting", at, message, Some(self.setting.help()));
            return None;
        }
        Some(SettingValue::Command(words))
    }

    fn globs(&mut self, items: &DeArray<'_>, at: Range<usize>) -> Option<SettingValue> {
        let texts = self.strings(items)?;
        let (name, mut is_right) = (self.name, !texts.is_empty());
        let help = format!("leave it out for {name} = [{:?}]", TemplateGlob::DEFAULT);
        if !is_right {
            let message = format!("{name} names no file");
            self.findings.find("wrong-setting", at, message, Some(help.clone()));
        }
        let (mut globs, mut alternatives) = (Vec::new(), 0);
        for (text, at) in texts {
            match TemplateGlob::parse(&text, self.findings.place(at.clone())) {
                Ok(glob) => {
                    alternatives += glob.alternatives.len();
                    if alternatives > MAX_GLOBS {
                        let message = format!("{name} expands to more than {MAX_GLOBS} globs");
                        self.findings.find("glob", at, message, Some("use `*` and `**`".to_owned()));
                        return None;
                    }
                    globs.push(glob);
                }
                Err(error) => {
                    is_right = false;
                    let at = self.findings.within(&text, &at, &error.at);
                    self.findings.find("glob", at, format!("this {}", error.message), Some(help.clone()));
                }
            }
        }
        is_right.then_some(SettingValue::Globs(globs))
    }
}
