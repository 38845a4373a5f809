//! Reads the text of certctl.toml into [`Config`], with all findings in one run. Called by [`super::load`]; it never
//! touches other files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::fields::id as field_id;
use super::secrecy::{quoted_name, shown_name};
use super::setting_findings::{SettingFindings, Shown};
use super::setting_values::{SettingValue, SettingValues, globs, table, text};
use super::settings::SETTINGS;
use super::state_path::caseless;
use super::walk::walk;
use super::{Config, Environment, TemplateGlob, ignored_drift, toml_errors};
use crate::model::{Finding, SourceLocation, SourceText, did_you_mean, plain_path, unfinished_merge};

/// The most findings that suggest a similar name.
const MAX_HINTS: usize = 20;

/// Reads certctl.toml; paths in it are relative to `root`. The error has every finding. For tests: a command reports
/// the findings of the templates as well, so it reads leniently.
#[cfg(feature = "internals")]
pub fn parse(source: &SourceText, root: &Path) -> Result<Config, Vec<Finding>> {
    match read_leniently(source, root) {
        (Some(config), findings) if findings.is_empty() => Ok(config),
        (_, findings) => Err(findings),
    }
}

/// Returns whatever can be read of certctl.toml, if that is enough to find the templates, and every finding.
pub(super) fn read_leniently(source: &SourceText, root: &Path) -> (Option<Config>, Vec<Finding>) {
    let mut findings = SettingFindings::new(source);
    if let Some(mut merge) = unfinished_merge(source) {
        merge.place = findings.hidden_where_secret(merge.place);
        return (None, vec![merge]);
    }
    let (file, errors) = DeTable::parse_recoverable(source.text());
    if !errors.is_empty() {
        // What was read of such a file proves little: if a table is cut off, a setting only seems to be missing.
        toml_errors::find(&mut findings, source.text(), errors, &plain_names());
        // One mistake can cause several parser errors; the first says most.
        return (None, findings.into_first_of_each_line());
    }
    let values = walk(SETTINGS, file.get_ref(), &mut findings);
    let config = config(&values, root, &mut findings);
    (config, findings.into_sorted())
}

/// Returns the names of all settings that are not tables: a table on one line may hold anything.
fn plain_names() -> Vec<&'static str> {
    let plain = SETTINGS.iter().filter(|setting| !setting.is_table());
    plain.map(super::settings::Setting::name).filter(|name| *name != "*").collect()
}

/// Returns the typed configuration, unless its templates cannot be found, and notes what is wrong with several settings
/// together.
fn config(values: &SettingValues, root: &Path, findings: &mut SettingFindings<'_>) -> Option<Config> {
    let read = values.table(const { table("environments") });
    let mut environments = BTreeMap::new();
    for (name, setting) in read.iter() {
        if let Some(values) = setting.value.as_ref().and_then(SettingValue::as_table) {
            environments.insert(name.to_owned(), Environment::of(name, values, root, findings));
        }
    }
    shared_states(&environments, read, findings);
    if environments.is_empty() {
        let sandbox = Environment::sandbox(root);
        environments.insert(sandbox.name.clone(), sandbox);
    }
    unknown_default(values, read, findings);
    Some(Config {
        root: root.to_owned(),
        templates: templates(values)?,
        default_environment: values.text(const { text("default_environment") }).map(str::to_owned),
        fields: fields(values, &environments, findings),
        ignored_drift: ignored_drift::read(values, findings),
        environments,
    })
}

/// Returns the globs of the template files; `None` if there is something wrong with them.
fn templates(values: &SettingValues) -> Option<Vec<TemplateGlob>> {
    match values.globs(const { globs("templates") }) {
        Some(globs) => Some(globs.to_vec()),
        None if values.get("templates").is_some() => None,
        None => {
            let glob = TemplateGlob::parse(TemplateGlob::DEFAULT, SourceLocation::no_line(super::FILE));
            Some(glob.into_iter().collect())
        }
    }
}

/// Reports environments that would write one state file.
fn shared_states(
    environments: &BTreeMap<String, Environment>,
    read: &SettingValues,
    findings: &mut SettingFindings<'_>,
) {
    let mut states: BTreeMap<PathBuf, &str> = BTreeMap::new();
    for environment in environments.values() {
        let path = match &environment.shared_state {
            Some(address) => PathBuf::from(address.to_string()),
            None => caseless(&plain_path(&environment.state)),
        };
        if let Some(other) = states.insert(path, &environment.name)
            && let Some(setting) = read.get(&environment.name)
        {
            let (one, other) = (shown_name(&environment.name), shown_name(other));
            let message = format!("the environments {other} and {one} share one state");
            let help = "give each environment a `state` of its own; where only capitals differ, macOS and Windows see \
                        one file";
            findings.find("shared-state", setting.name_at.clone(), message, Some(help.to_owned()));
        }
    }
}

/// Reports a default environment that the file does not define, not even with errors in it.
fn unknown_default(values: &SettingValues, read: &SettingValues, findings: &mut SettingFindings<'_>) {
    let Some(setting) = values.get("default_environment") else { return };
    let Some(name) = setting.value.as_ref().and_then(SettingValue::as_text) else { return };
    let mut known: Vec<&str> = read.iter().map(|(name, _)| name).collect();
    if known.is_empty() {
        known.push(Environment::SANDBOX);
    }
    if !known.contains(&name) {
        let known: Vec<&str> = known.into_iter().map(shown_name).collect();
        let hint = did_you_mean(name, known.iter().copied());
        let help = Some(format!("the environments are: {}", known.join(", ")));
        let message = format!("there is no environment {:?}{hint}", shown_name(name));
        findings.find("unknown-environment", setting.at.clone(), message, help);
    }
}

/// Returns what certificate fields print, and reports each that is named by neither a variable nor an id.
fn fields(
    values: &SettingValues,
    environments: &BTreeMap<String, Environment>,
    findings: &mut SettingFindings<'_>,
) -> BTreeMap<String, String> {
    let variables: BTreeSet<&str> =
        environments.values().flat_map(|environment| environment.vars.keys().map(String::as_str)).collect();
    let mut fields = BTreeMap::new();
    for (name, setting) in values.table(const { table("fields") }).iter() {
        if !variables.contains(name) && field_id(name).is_none() {
            // Finding a similar name takes time in proportion to the number of names.
            let names = if findings.len() < MAX_HINTS { Some(&variables) } else { None };
            let hint = did_you_mean(name, names.into_iter().flatten().copied());
            let message = format!("{} is not a variable of any environment{hint}", quoted_name(name));
            let help = "[fields] says what a certificate field prints, by the variable that holds its id: \
                        field_learner_name = \"nameLabel\"";
            let at = setting.name_at.clone();
            findings.find_showing(Shown::Name, "unknown-field", at, message, Some(help.to_owned()));
        }
        if let Some(prints) = setting.value.as_ref().and_then(SettingValue::as_text) {
            fields.insert(name.to_owned(), prints.to_owned());
        }
    }
    fields
}
