//! The facts of certctl.toml and of the template files.

use std::path::{Path, PathBuf};

use crate::cli::args::Global;
use crate::cli::context::{self, Context, shown_path};
use crate::cli::drawings;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::several::once_each;
use crate::config::secrecy::shown_name;
use crate::config::{self, Config, ConfigError, FILE};
use crate::model::Finding;
use crate::view::doctor::{ProjectFacts, TemplateFacts};

/// The project, as far as it can be read.
pub(super) struct Project {
    config: Option<Config>,
    facts: ProjectFacts,
    /// The environments to look at.
    names: Vec<String>,
}

impl Project {
    pub(super) fn read(global: &Global, output: &Output) -> Self {
        let folder = global.chdir.clone().unwrap_or_else(|| PathBuf::from("."));
        let (config, findings) = match context::read(global, output) {
            Ok(config) => (Some(config), Vec::new()),
            Err(ConfigError::Findings { findings, usable }) => {
                (usable.map(|config| *config), Failure::findings(findings).findings)
            }
            Err(error) => return Self::unusable(&folder, &error.into()),
        };
        let all: Vec<String> = config.iter().flat_map(|config| config.environments.keys().cloned()).collect();
        let names = match chosen(global) {
            names if names.is_empty() => all.clone(),
            names => names,
        };
        let unknown = config
            .as_ref()
            .and_then(|config| names.iter().find_map(|name| config.environment(Some(name.as_str())).err()));
        // A certctl.toml with problems may just not have been read that far.
        if let Some(unknown) = unknown.filter(|_| findings.is_empty()) {
            return Self::unusable(&folder, &unknown.into());
        }
        let left_out = left_out(&folder, &findings, &all);
        let is_looked_at = |name: &String| all.contains(name) && !left_out.contains(name);
        let names: Vec<String> = names.into_iter().filter(is_looked_at).collect();
        // A key that was pasted as a name is not repeated.
        let left_out = left_out.iter().map(|name| shown_name(name).to_owned()).collect();
        let facts = ProjectFacts { folder: shown(&folder), environments: Ok(all), findings, left_out };
        Self { config, facts, names }
    }

    fn unusable(folder: &Path, failure: &Failure) -> Self {
        let facts = ProjectFacts {
            folder: shown(folder),
            environments: Err(super::complaint(failure)),
            findings: Vec::new(),
            left_out: Vec::new(),
        };
        Self { config: None, facts, names: Vec::new() }
    }

    pub(super) fn facts(&self) -> &ProjectFacts {
        &self.facts
    }

    /// The environments to look at.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// One environment.
    pub(super) fn context(&self, global: &Global, output: &Output) -> Result<Context, Failure> {
        match &self.config {
            Some(config) => Context::with(config.clone(), global, output),
            None => Context::load(global, output),
        }
    }
}

/// The environments that were asked for; empty if none was.
fn chosen(global: &Global) -> Vec<String> {
    if global.envs.is_empty() { global.env.iter().cloned().collect() } else { once_each(&global.envs) }
}

fn shown(folder: &Path) -> String {
    match shown_path(folder) {
        here if here.is_empty() => "this folder".to_owned(),
        folder => folder,
    }
}

/// The environments whose settings have a problem: what was read in its place would be told as a fact.
fn left_out(folder: &Path, findings: &[Finding], all: &[String]) -> Vec<String> {
    let text = config::read_text(folder).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let is_concerned = |name: &&String| {
        findings.iter().any(|finding| match table_of(&lines, finding) {
            Some(table) => is_table_of(table, name),
            None => {
                lines.get(finding.place.line.saturating_sub(1)).is_some_and(|line| line.contains(FOR_ALL))
            }
        })
    };
    all.iter().filter(is_concerned).cloned().collect()
}

/// The table, or the key, that holds all environments.
const FOR_ALL: &str = "environments";

/// The header of the table that a finding is in.
fn table_of<'t>(lines: &[&'t str], finding: &Finding) -> Option<&'t str> {
    if finding.place.file != Path::new(FILE) {
        return None;
    }
    let above = lines.get(..finding.place.line.min(lines.len()))?;
    above.iter().rev().map(|line| line.trim()).find(|line| line.starts_with('['))
}

fn is_table_of(header: &str, environment: &str) -> bool {
    let header = header.trim_start_matches('[').replace([' ', '"', '\''], "");
    let name = environment.replace([' ', '"', '\''], "");
    match header.strip_prefix(FOR_ALL) {
        Some(rest) => match rest.strip_prefix('.') {
            Some(rest) => rest.strip_prefix(&name).is_some_and(|rest| rest.starts_with([']', '.'])),
            None => rest.starts_with(']'),
        },
        None => false,
    }
}

/// The facts of the template files of an environment.
pub(super) fn templates(context: &Context) -> TemplateFacts {
    let mut findings = context.variable_findings().to_vec();
    match context.load_templates(false) {
        Ok(desired) => TemplateFacts {
            templates: desired.templates.len(),
            files: desired.files().count(),
            warnings: desired.warnings.len() + drawings::warnings(&desired, &context.fields).len(),
            findings,
        },
        Err(error) => {
            findings.extend(Failure::from(error).findings);
            findings.sort();
            TemplateFacts { templates: 0, files: 0, warnings: 0, findings }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_belong_to_one_environment() {
        for (header, environment, is_own) in [
            ("[environments.production]", "production", true),
            ("[environments.production.api] # x", "production", true),
            ("[ environments . \"a b\" . vars ]", "a b", true),
            ("[environments]", "production", true),
            ("[environments.production-eu]", "production", false),
            ("[environments.staging]", "production", false),
            ("[preview]", "production", false),
        ] {
            assert_eq!(is_table_of(header, environment), is_own, "{header} {environment}");
        }
    }
}
