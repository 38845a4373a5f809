//! Reads the text of certctl.toml into [`Config`], with all findings in one run. Called by [`super::load`]; it never
//! touches other files.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fields::id as field_id;
use super::reader::SettingsReader;
use super::secrecy::{has_key_beginning, is_secret, quoted_name, shown_name};
use super::state_path::{self, caseless};
use super::toml_errors;
use super::{
    ApiSettings, Config, Environment, Safety, ServerAddress, TemplateGlob, Variable, VariableSource,
};
use crate::model::{
    Addressing, Finding, SourceLocation, SourceText, did_you_mean, plain_path, unfinished_merge,
};

const TOP: [&str; 4] = ["templates", "default_environment", "environments", "fields"];
const ENVIRONMENT: [&str; 6] = ["url", "state", "vars", "api", "safety", "api_key_command"];
const API: [&str; 7] = [
    "batch_size",
    "requests_per_minute",
    "concurrency",
    "timeout",
    "job_timeout",
    "addressing",
    "trust_upsert",
];
const SAFETY: [&str; 3] = ["max_changes", "max_change_percent", "require_saved_plan"];

/// Most file systems allow names of 255 bytes, and the state's file name is longer than the environment's.
const MAX_NAME_LENGTH: usize = 100;

/// Each glob walks the folders once more.
const MAX_GLOBS: usize = 1000;

/// The most findings that suggest a similar name.
const MAX_HINTS: usize = 20;

/// The longest line, in bytes, that is kept with a variable.
const MAX_LINE_LENGTH: usize = 300;

/// The environment that exists if certctl.toml has none.
const SANDBOX: &str = "sandbox";

/// Reads certctl.toml; paths in it are relative to `root`. The error has every finding.
pub fn parse(source: &SourceText, root: &Path) -> Result<Config, Vec<Finding>> {
    match read_leniently(source, root) {
        (Some(config), findings) if findings.is_empty() => Ok(config),
        (_, findings) => Err(findings),
    }
}

/// Returns whatever can be read of certctl.toml, if that is enough to find the templates, and every finding.
pub(super) fn read_leniently(source: &SourceText, root: &Path) -> (Option<Config>, Vec<Finding>) {
    let mut reader = SettingsReader::new(source);
    if let Some(mut merge) = unfinished_merge(source) {
        merge.place = reader.hidden_where_secret(merge.place);
        return (None, vec![merge]);
    }
    let (table, errors) = DeTable::parse_recoverable(source.text());
    if !errors.is_empty() {
        // What was read of such a file proves little: if a table is cut off, a setting only seems to be missing.
        toml_errors::find(&mut reader, source.text(), errors, &known_names());
        return (None, reader.findings);
    }
    let config = read(&mut reader, table.get_ref(), root);
    reader.findings.sort();
    (config, reader.findings)
}

/// Returns the names of all settings that are not tables: a table on one line may hold anything.
fn known_names() -> Vec<&'static str> {
    const TABLES: [&str; 5] = ["environments", "fields", "vars", "api", "safety"];
    let all = TOP.iter().chain(&ENVIRONMENT).chain(&API).chain(&SAFETY);
    all.copied().filter(|name| !TABLES.contains(name)).collect()
}

fn read(reader: &mut SettingsReader<'_>, table: &DeTable<'_>, root: &Path) -> Option<Config> {
    reader.known_keys(table, "certctl.toml", &TOP);
    let before = reader.findings.len();
    let templates = templates(reader, table);
    let are_found = reader.findings.len() == before;
    let mut environments = BTreeMap::new();
    let mut states: BTreeMap<PathBuf, String> = BTreeMap::new();
    let tables = reader.table(table, "environments");
    for (name, value) in tables.into_iter().flatten() {
        if let Some(environment) = environment(reader, name, value, root) {
            let path = plain_path(&environment.state);
            if let Some(other) = states.insert(caseless(&path), environment.name.clone()) {
                let (one, other) = (shown_name(&environment.name), shown_name(&other));
                let message = format!("the environments {other} and {one} share one state");
                let help = "give each environment a `state` of its own; where only capitals differ, macOS and Windows see \
                            one file";
                reader.find("shared-state", name.span(), message, Some(help.to_owned()));
            }
            environments.insert(environment.name.clone(), environment);
        }
    }
    if environments.is_empty() {
        let sandbox = plain_sandbox(root);
        environments.insert(sandbox.name.clone(), sandbox);
    }
    let default_environment = default_environment(reader, table, tables);
    let fields = fields(reader, table, &environments);
    are_found.then(|| Config { root: root.to_owned(), templates, default_environment, fields, environments })
}

/// Reads the globs of the template files.
fn templates(reader: &mut SettingsReader<'_>, table: &DeTable<'_>) -> Vec<TemplateGlob> {
    let default = || TemplateGlob::parse(TemplateGlob::DEFAULT, SourceLocation::no_line(super::FILE)).ok();
    let Some(texts) = reader.texts(table, "templates") else { return default().into_iter().collect() };
    let help = format!("leave it out for templates = [{:?}]", TemplateGlob::DEFAULT);
    if let Some(field) = table.get("templates").filter(|_| texts.is_empty()) {
        let message = "templates names no file".to_owned();
        reader.find("wrong-setting", field.span(), message, Some(help.clone()));
    }
    let (mut globs, mut alternatives) = (Vec::new(), 0);
    for (text, at) in texts {
        match TemplateGlob::parse(&text, reader.place(at.clone())) {
            Ok(glob) => {
                alternatives += glob.alternatives.len();
                if alternatives > MAX_GLOBS {
                    let message = format!("templates expands to more than {MAX_GLOBS} globs");
                    reader.find("glob", at, message, Some("use `*` and `**`".to_owned()));
                    break;
                }
                globs.push(glob);
            }
            Err(error) => {
                let at = reader.within(&text, &at, &error.at);
                reader.find("glob", at, format!("this {}", error.message), Some(help.clone()));
            }
        }
    }
    globs
}

/// Reads what certificate fields print. Each is named by a variable of some environment, or by its id.
fn fields(
    reader: &mut SettingsReader<'_>,
    table: &DeTable<'_>,
    environments: &BTreeMap<String, Environment>,
) -> BTreeMap<String, String> {
    let Some(table) = reader.table(table, "fields") else { return BTreeMap::new() };
    let variables: BTreeSet<&str> =
        environments.values().flat_map(|environment| environment.vars.keys().map(String::as_str)).collect();
    let mut fields = BTreeMap::new();
    for key in table.keys() {
        let name = key.get_ref().as_ref();
        if !variables.contains(name) && field_id(name).is_none() {
            // Finding a similar name takes time in proportion to the number of names.
            let names = if reader.findings.len() < MAX_HINTS { Some(&variables) } else { None };
            let hint = did_you_mean(name, names.into_iter().flatten().copied());
            let message = format!("{} is not a variable of any environment{hint}", quoted_name(name));
            let help = Some(
                "[fields] says what a certificate field prints, by the variable that holds its id: \
                 field_learner_name = \"nameLabel\""
                    .to_owned(),
            );
            reader.find_unknown("unknown-field", key.span(), message, help);
        }
        if let Some((prints, _)) = reader.text(table, name) {
            fields.insert(name.to_owned(), prints);
        }
    }
    fields
}

/// Reads the default environment: one that the file defines, even with errors in it.
fn default_environment(
    reader: &mut SettingsReader<'_>,
    table: &DeTable<'_>,
    tables: Option<&DeTable<'_>>,
) -> Option<String> {
    let (name, at) = reader.text(table, "default_environment")?;
    let mut known: Vec<String> =
        tables.into_iter().flat_map(|tables| tables.keys().map(|name| name.get_ref().to_string())).collect();
    if known.is_empty() {
        known.push(SANDBOX.to_owned());
    }
    if !known.contains(&name) {
        let known: Vec<&str> = known.iter().map(|name| shown_name(name)).collect();
        let hint = did_you_mean(&name, known.iter().copied());
        let help = Some(format!("the environments are: {}", known.join(", ")));
        let message = format!("there is no environment {:?}{hint}", shown_name(&name));
        reader.find("unknown-environment", at, message, help);
    }
    Some(name)
}

fn default_state(root: &Path, name: &str) -> PathBuf {
    root.join("state").join(format!("{name}.json"))
}

/// Returns the environment that is used if certctl.toml defines none.
fn plain_sandbox(root: &Path) -> Environment {
    Environment {
        name: SANDBOX.to_owned(),
        server: ServerAddress::Sandbox,
        state: default_state(root, SANDBOX),
        vars: BTreeMap::new(),
        api: ApiSettings::default(),
        safety: Safety::default(),
        api_key_command: None,
    }
}

fn environment(
    reader: &mut SettingsReader<'_>,
    name: &Spanned<std::borrow::Cow<'_, str>>,
    value: &Spanned<DeValue<'_>>,
    root: &Path,
) -> Option<Environment> {
    let (at, name) = (name.span(), name.get_ref().to_string());
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if name.is_empty() || name.starts_with('.') || name.len() > MAX_NAME_LENGTH || !name.chars().all(plain) {
        let name = quoted_name(&name);
        let message =
            format!("{name} cannot be an environment's name, because its state file is named after it");
        let help = Some(format!("use letters, digits, `-`, `_` and `.`, at most {MAX_NAME_LENGTH}"));
        reader.find("environment-name", at.clone(), message, help);
    }
    no_key(reader, &name, &at);
    let DeValue::Table(table) = value.get_ref() else {
        let name = shown_name(&name);
        let message = format!("the environment {name} must be a table: [environments.{name}]");
        reader.find("wrong-setting", value.span(), message, None);
        return None;
    };
    let what = format!("[environments.{}]", shown_name(&name));
    reader.known_keys(table, &what, &ENVIRONMENT);
    let server = server(reader, table, &name, at);
    let state = match reader.text(table, "state") {
        Some((text, at)) => {
            if let Err(senseless) = state_path::check(&text, shown_name(&name)) {
                reader.find("wrong-setting", at, senseless.message, senseless.help);
            }
            root.join(text)
        }
        None => default_state(root, &name),
    };
    Some(Environment {
        state,
        server,
        vars: vars(reader, table),
        api: api(reader, table, &what),
        safety: safety(reader, table, &what),
        api_key_command: command(reader, table),
        name,
    })
}

/// Notes a finding if a name, which certctl shows everywhere, looks like a key.
fn no_key(reader: &mut SettingsReader<'_>, name: &str, at: &Range<usize>) {
    if has_key_beginning(name) {
        let message = "this name looks like an API key, and a key does not belong in this file. Put it into CERTCTL_API_KEY or \
                       name a command with api_key_command; a key that was here may have been seen, so have it replaced";
        reader.find_hidden("key-as-name", at.clone(), message.to_owned());
    }
}

/// Reads the environment's server. If `url` is wrong, notes a finding and returns any server.
fn server(
    reader: &mut SettingsReader<'_>,
    table: &DeTable<'_>,
    name: &str,
    at: Range<usize>,
) -> ServerAddress {
    if !table.contains_key("url") {
        let name = shown_name(name);
        let help = "url = \"https://academy.example.com\", or url = \"sandbox\" to try things out".to_owned();
        reader.find("url", at, format!("url is required in the environment {name}"), Some(help));
    }
    let Some((text, at)) = reader.text(table, "url") else { return ServerAddress::Sandbox };
    ServerAddress::parse(&text).unwrap_or_else(|message| {
        // A password in the address is never shown, so its line is hidden too.
        if is_secret(&text) || text.contains(['@', '?', '#', ';', '=']) {
            reader.find_hidden("url", at, message);
        } else {
            reader.find("url", at, message, None);
        }
        ServerAddress::Sandbox
    })
}

fn command(reader: &mut SettingsReader<'_>, table: &DeTable<'_>) -> Option<Vec<String>> {
    let words: Vec<String> =
        reader.texts(table, "api_key_command")?.into_iter().map(|(word, _)| word).collect();
    if words.first().is_none_or(String::is_empty)
        && let Some(field) = table.get("api_key_command")
    {
        reader.find("wrong-setting", field.span(), "api_key_command names no program".to_owned(), None);
    }
    Some(words)
}

fn vars(reader: &mut SettingsReader<'_>, table: &DeTable<'_>) -> BTreeMap<String, Variable> {
    let Some(vars) = reader.table(table, "vars") else { return BTreeMap::new() };
    for key in vars.keys().filter(|key| !is_usable(key.get_ref())) {
        let message =
            "no template can use a variable of this name: `${var.NAME}` ends at the first }".to_owned();
        let help = Some("use letters, digits, `-`, `_` and `.` for its name".to_owned());
        reader.find("wrong-setting", key.span(), message, help);
    }
    for key in vars.keys() {
        no_key(reader, key.get_ref(), &key.span());
    }
    let names: Vec<String> = vars.keys().map(|name| name.get_ref().to_string()).collect();
    let variable = |name: String| {
        let (value, at) = reader.variable(vars, &name)?;
        let mut place = reader.place(at);
        // One line can hold thousands of variables, and each would keep a copy.
        if place.source_line.len() > MAX_LINE_LENGTH {
            place.source_line.clear();
        }
        let source = VariableSource::File(place);
        Some((name, Variable { value, source, is_defined: true }))
    };
    names.into_iter().filter_map(variable).collect()
}

/// Returns whether `${var.NAME}` can be written with this name.
fn is_usable(name: &str) -> bool {
    !name.is_empty() && name.trim() == name && !name.contains(|c: char| c.is_control() || "${}".contains(c))
}

fn api(reader: &mut SettingsReader<'_>, table: &DeTable<'_>, what: &str) -> ApiSettings {
    let default = ApiSettings::default();
    let Some(table) = reader.table(table, "api") else { return default };
    reader.known_keys(table, &format!("the api table of {what}"), &API);
    let addressing = match reader.text(table, "addressing") {
        None => default.addressing,
        Some((word, at)) => match word.as_str() {
            "resource" => Addressing::Resource,
            "id" => Addressing::Id,
            _ => {
                reader.find(
                    "wrong-setting",
                    at,
                    "addressing must be \"resource\" or \"id\"".to_owned(),
                    None,
                );
                default.addressing
            }
        },
    };
    ApiSettings {
        batch_size: reader.number(table, "batch_size", 1..=1000).unwrap_or(default.batch_size),
        requests_per_minute: reader
            .number(table, "requests_per_minute", 1..=1_000_000)
            .unwrap_or(default.requests_per_minute),
        concurrency: reader.number(table, "concurrency", 1..=32).unwrap_or(default.concurrency),
        timeout: reader.duration(table, "timeout").unwrap_or(default.timeout),
        job_timeout: reader.duration(table, "job_timeout").unwrap_or(default.job_timeout),
        addressing,
        trust_upsert: reader.boolean(table, "trust_upsert").unwrap_or(default.trust_upsert),
    }
}

fn safety(reader: &mut SettingsReader<'_>, table: &DeTable<'_>, what: &str) -> Safety {
    let default = Safety::default();
    let Some(table) = reader.table(table, "safety") else { return default };
    reader.known_keys(table, &format!("the safety table of {what}"), &SAFETY);
    Safety {
        max_changes: reader.number(table, "max_changes", 0..=u64::MAX),
        max_change_percent: reader
            .number(table, "max_change_percent", 0..=100)
            .unwrap_or(default.max_change_percent),
        require_saved_plan: reader.boolean(table, "require_saved_plan").unwrap_or(default.require_saved_plan),
    }
}
