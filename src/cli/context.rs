//! The context that most commands begin with: the configuration, the environment, and the location of its state. It
//! reads files and reports on them; it never writes a state and never opens a connection.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::all_findings;
use super::args::Global;
use super::failure::Failure;
use super::invocation::VAR;
use super::ledger::now;
use super::output::Output;
use super::store::{self, StateStore};
use super::{drawings, sandbox};
use crate::config::{self, Config, ConfigError, Environment, ResolvedVariables, Variable};
use crate::desired::{self, Desired, FilesAhead, LoadError};
use crate::model::{Attributes, CertificateField, Finding, GivenKeys, Key, Severity};
use crate::plan::SafetyLimits;
use crate::report::InYaml;
use crate::state::{
    Coverage, Document, JournalFit, Snapshot, StateError, StateIdentity, Store as _, Writer, real_path,
};

/// One environment, ready to be worked on.
pub(super) struct Context {
    pub(super) config: Config,
    pub(super) environment: Environment,
    pub(super) identity: StateIdentity,
    pub(super) store: StateStore,
    /// The values for `${var.NAME}`.
    variables: ResolvedVariables,
    /// API keys that must not appear in templates.
    keys: GivenKeys,
    /// The known certificate fields, by id.
    pub(super) fields: BTreeMap<String, CertificateField>,
    /// The templates of [`Context::coverage`], which few runs need, and what is made of them.
    covered: OnceLock<Vec<(Key, Attributes)>>,
    coverage: OnceLock<Coverage>,
}

impl Context {
    /// Reads the configuration and chooses the environment.
    pub(super) fn load(global: &Global, output: &Output) -> Result<Self, Failure> {
        Self::with(read(global, output)?, global, output)
    }

    /// Like [`Context::load`], for a command that reads the templates: their findings are reported together with those
    /// of certctl.toml.
    pub(super) fn load_with_templates(global: &Global, output: &Output) -> Result<Self, Failure> {
        match read(global, output) {
            Err(ConfigError::Findings { findings, usable: Some(config) }) => {
                let all = all_findings::with_template_findings(findings, &config, global, output);
                Err(Failure::findings(all))
            }
            config => Self::with(config?, global, output),
        }
    }

    /// Chooses the environment of a configuration.
    pub(super) fn with(config: Config, global: &Global, output: &Output) -> Result<Self, Failure> {
        output.protect_files(own_files(&config));
        output.protect_configured(&config);
        let environment = config.environment(global.env.as_deref())?.clone();
        output.works_on(&environment.name);
        if environment.safety.require_saved_plan {
            output.commands().apply_saved_plans_only();
        }
        let identity = identity_of(&environment);
        let environments = config.environments.keys().cloned().collect();
        let store = store::of_environment(&environment, &identity, environments);
        let variables = config::variables(&config, &environment, &global.vars, VAR, process_variables())
            .checked(output.keys());
        let fields = config::certificate_fields(&config.fields, &variables.variables);
        let (covered, coverage) = (OnceLock::new(), OnceLock::new());
        let keys = output.keys().clone();
        Ok(Self { config, environment, identity, store, variables, keys, fields, covered, coverage })
    }

    /// Allows the command to take over the state of an environment that was renamed.
    pub(super) fn taking_over(self) -> Self {
        Self { store: self.store.taking_over(), ..self }
    }

    /// Returns the courses and audiences of this environment's templates. Reads them as far as possible unless a
    /// command has set it.
    pub(super) fn coverage(&self) -> &Coverage {
        self.coverage.get_or_init(|| {
            let covered = self.covered.get_or_init(|| match self.load_templates(true) {
                Ok(desired) => attributes_of(&desired),
                Err(_) => Vec::new(),
            });
            Coverage::of(covered.iter().map(|(key, attributes)| (key, attributes)))
        })
    }

    /// Sets the templates that this run is about, if they are not what the YAML says now.
    pub(super) fn is_about(&self, templates: Vec<(Key, Attributes)>) {
        // The first call wins: the YAML is read only if no command has set them.
        let _ = self.covered.set(templates);
    }

    /// Reads and checks the templates, checks the drawing of each certificate, and reports variables of the process
    /// that nothing uses.
    pub(super) fn desired(&self, allow_empty: bool, output: &Output) -> Result<Desired, Failure> {
        self.report_desired(self.load_templates(allow_empty), output)
    }

    pub(super) fn report_desired(
        &self,
        loaded: Result<Desired, LoadError>,
        output: &Output,
    ) -> Result<Desired, Failure> {
        let wrong = &self.variables.findings;
        let mut desired = match loaded {
            Ok(desired) if wrong.is_empty() => desired,
            Ok(_) => return Err(Failure::findings(wrong.clone())),
            Err(LoadError::Findings { mut findings, warnings }) => {
                // Warnings are reported in the same run as errors.
                let warnings: Vec<Finding> = warnings.into_iter().map(|warning| warning.finding).collect();
                output.warnings(&warnings, Severity::Warning);
                findings.extend(wrong.iter().cloned());
                findings.sort();
                return Err(Failure::findings(findings));
            }
            Err(error) => return Err(error.into()),
        };
        desired.notes.iter().for_each(|note| output.note(note));
        let (attributes, drawings) =
            rayon::join(|| attributes_of(&desired), || drawings::warnings(&desired, &self.fields));
        self.is_about(attributes);
        desired.warnings.extend(drawings);
        desired.warnings.iter_mut().for_each(|warning| self.keys.redact(&mut warning.finding));
        Ok(desired)
    }

    pub(super) fn load_templates(&self, allow_empty: bool) -> Result<Desired, LoadError> {
        self.load_with(&FilesAhead::new(), &self.variables.variables, allow_empty)
    }

    fn load_with(
        &self,
        ahead: &FilesAhead,
        variables: &BTreeMap<String, Variable>,
        allow_empty: bool,
    ) -> Result<Desired, LoadError> {
        let known: Vec<String> = self.config.environments.keys().cloned().collect();
        let request = desired::LoadRequest {
            root: &self.config.root,
            globs: &self.config.templates,
            environment: &self.environment.name,
            known_environments: &known,
            variables,
            keys: &self.keys,
            allow_empty,
            now: now(),
        };
        desired::load_ahead(&request, ahead)
    }

    /// Returns the templates as they would be read with these files and these texts of variables.
    pub(super) fn desired_ahead(
        &self,
        ahead: &FilesAhead,
        texts: BTreeMap<String, String>,
    ) -> Result<Desired, LoadError> {
        let mut variables = self.variables.variables.clone();
        variables.extend(texts.into_iter().map(|(name, text)| (name, Variable::flag(text))));
        self.load_with(ahead, &variables, true)
    }

    /// What is wrong with variables that this process was given.
    pub(super) fn variable_findings(&self) -> &[Finding] {
        &self.variables.findings
    }

    /// The secrets that this process was given.
    pub(super) fn given_keys(&self) -> &GivenKeys {
        &self.keys
    }

    /// The values for `${var.NAME}`.
    pub(super) fn variables(&self) -> &BTreeMap<String, Variable> {
        &self.variables.variables
    }

    /// Returns whether the YAML has a template, for a command that needs this only to say what comes next.
    pub(super) fn in_yaml(&self) -> impl Fn(&Key) -> InYaml {
        let desired = self.load_templates(true).ok();
        move |key| match &desired {
            Some(desired) if desired.templates.contains_key(key) => InYaml::Yes,
            Some(_) => InYaml::No,
            None => InYaml::NotKnown,
        }
    }

    /// Returns the state with an unfinished journal included, as a plan sees it.
    pub(super) fn effective_state(&self, snapshot: Snapshot) -> Result<Option<Document>, Failure> {
        let serial = snapshot.document.as_ref().map(|document| document.serial);
        snapshot.effective().map_err(|fit| self.does_not_fit(fit, serial))
    }

    /// Like [`Context::effective_state`], for a command that only reads and already knows who writes the state.
    pub(super) fn state_so_far(
        &self,
        snapshot: Snapshot,
        writer: &Writer,
    ) -> Result<Option<Document>, Failure> {
        if *writer == Writer::Absent {
            return self.effective_state(snapshot);
        }
        let serial = snapshot.document.as_ref().map(|document| document.serial);
        snapshot.effective_so_far().map_err(|fit| self.does_not_fit(fit, serial))
    }

    fn does_not_fit(&self, fit: JournalFit, serial: Option<u64>) -> Failure {
        let expected = if let JournalFit::Foreign { expected } = fit { expected } else { 0 };
        Failure::from(StateError::replaced(&self.store, expected, serial))
    }

    /// Names the environment that something was recorded or looked up in: the last line of an output.
    pub(super) fn environment_line(&self) -> String {
        format!("Environment: {}.\n", self.environment.name)
    }

    /// Fails if a row of the state contradicts itself, for a command that builds on the state.
    pub(super) fn check_consistency(&self, document: &Document) -> Result<(), Failure> {
        Ok(document.check_consistency(Path::new(&state_path(&self.store)))?)
    }

    /// Returns the files that the templates come from, each with a description: they must not be overwritten.
    pub(super) fn template_files(&self, desired: &Desired) -> Vec<(PathBuf, &'static str)> {
        let templates = desired.files().map(|file| (self.config.root.join(file), "a template file"));
        let texts = desired.text_files().map(|file| (file.to_owned(), "a file with a text of templates"));
        templates.chain(texts).collect()
    }

    /// Returns the limits in force.
    pub(super) fn limits(&self, max_changes: Option<u64>) -> SafetyLimits {
        let safety = &self.environment.safety;
        match max_changes {
            // A person looked at the number and allowed it, which covers the percentage too.
            Some(limit) => SafetyLimits { max_changes: Some(limit), max_change_percent: None },
            None => SafetyLimits {
                max_changes: safety.max_changes,
                max_change_percent: Some(safety.max_change_percent),
            },
        }
    }

    /// Reads the state for a command that only reads, reports on the journal, and returns who is writing the state
    /// meanwhile.
    pub(super) fn read(&self, output: &Output) -> Result<(Snapshot, Writer), Failure> {
        report_state(self.read_state(), output)
    }

    /// Reads the state, and who is writing it meanwhile.
    pub(super) fn read_state(&self) -> ReadState {
        watched(|| self.store.writer(), || self.store.read())
    }

    /// Reads the templates and something else at the same time.
    pub(super) fn desired_beside<R: Send>(
        &self,
        read: impl FnOnce() -> R + Send,
        allow_empty: bool,
        output: &Output,
    ) -> Result<(Desired, R), Failure> {
        let (desired, read) = rayon::join(|| self.load_templates(allow_empty), read);
        Ok((self.report_desired(desired, output)?, read))
    }
}

/// A state as read, and who was writing it meanwhile.
pub(super) type ReadState = (Result<Snapshot, StateError>, Writer);

/// Returns the state after reporting on its journal.
pub(super) fn report_state(
    (snapshot, writer): ReadState,
    output: &Output,
) -> Result<(Snapshot, Writer), Failure> {
    let snapshot = snapshot?;
    report_journal(&snapshot, &writer, output);
    Ok((snapshot, writer))
}

/// Returns the names of all environments, sorted.
pub(super) fn environment_names(global: &Global, output: &Output) -> Result<Vec<String>, Failure> {
    Ok(read(global, output)?.environments.keys().cloned().collect())
}

/// Reads the configuration.
pub(super) fn read(global: &Global, output: &Output) -> Result<Config, ConfigError> {
    let folder = global.chdir.clone().unwrap_or_else(|| PathBuf::from("."));
    output.protect_project(&folder);
    config::load(&folder, output.keys())
}

/// Returns the process's environment variables that are valid UTF-8.
pub(super) fn process_variables() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

fn report_journal(snapshot: &Snapshot, writer: &Writer, output: &Output) {
    let who = match writer {
        Writer::Absent => None,
        Writer::Unknown => Some("another run".to_owned()),
        Writer::Known(holder) => Some(holder.to_string()),
    };
    if let Some(who) = who {
        output.note(&format!(
            "note: {who} is writing this state now: what follows may be out of date when it ends"
        ));
    } else if snapshot.fit() == JournalFit::Open {
        output.note(
            "note: an earlier run has not finished. This takes its journal into account, and the next apply makes it \
             part of the state",
        );
    }
}

/// Reads, and returns who was writing meanwhile: a run that ends during the read was not interrupted.
fn watched<T>(writer: impl Fn() -> Writer, read: impl FnOnce() -> T) -> (T, Writer) {
    let before = writer();
    let read = read();
    let after = writer();
    (read, if after == Writer::Absent { before } else { after })
}

/// Returns the certctl files of all environments, each with a description: they must not be overwritten.
fn own_files(config: &Config) -> Vec<(PathBuf, &'static str)> {
    let of_environment = |environment: &Environment| {
        let mut files = store::to_look_at(&environment.state, identity_of(environment)).files();
        files.push((sandbox::store_beside(&environment.state), "what the sandbox holds"));
        files
    };
    let mut files: Vec<_> = config.environments.values().flat_map(of_environment).collect();
    files.push((config.root.join(config::FILE), "the configuration"));
    files
}

fn identity_of(environment: &Environment) -> StateIdentity {
    StateIdentity { environment: environment.name.clone(), url: environment.server.identity() }
}

fn attributes_of(desired: &Desired) -> Vec<(Key, Attributes)> {
    desired.templates.iter().map(|(key, template)| (key.clone(), template.attributes.clone())).collect()
}

/// Returns the path of a state for people: as short as possible from the current folder.
pub(super) fn state_path(store: &StateStore) -> String {
    store.shown()
}

/// Like [`state_path`], for any file.
pub(super) fn shown_path(path: &Path) -> String {
    let path = real_path(path);
    let here = real_path(Path::new("."));
    path.strip_prefix(here).unwrap_or(&path).display().to_string()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn writer_seen_before_or_after_reading_counts() {
        let met = |before: Writer, after: Writer| {
            let is_read = Cell::new(false);
            let writer = || if is_read.get() { after.clone() } else { before.clone() };
            watched(writer, || is_read.set(true)).1
        };
        assert_eq!(met(Writer::Unknown, Writer::Unknown), Writer::Unknown);
        assert_eq!(met(Writer::Unknown, Writer::Absent), Writer::Unknown, "it ended meanwhile");
        assert_eq!(met(Writer::Absent, Writer::Unknown), Writer::Unknown, "it began meanwhile");
        assert_eq!(met(Writer::Absent, Writer::Absent), Writer::Absent);
    }
}
