//! What most commands begin with: the configuration, the environment, and where its state is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::all_findings;
use super::args::Global;
use super::failure::Failure;
use super::ledger::now;
use super::output::Output;
use super::recency::marks_of;
use super::store::{self, StateStore};
use super::{drawings, sandbox};
use crate::config::{self, Config, ConfigError, Environment, ResolvedVariables};
use crate::desired::{self, Desired, LoadError};
use crate::model::{CertificateField, Finding, GivenKeys, Key, Severity};
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
    /// What the templates must not have in them.
    keys: GivenKeys,
    /// What is known of certificate fields, by their ids.
    pub(super) fields: BTreeMap<String, CertificateField>,
    /// See [`Context::coverage`].
    coverage: OnceLock<Coverage>,
}

impl Context {
    /// Reads the configuration and chooses the environment.
    pub(super) fn load(global: &Global, output: &Output) -> Result<Self, Failure> {
        Self::with(read(global, output)?, global, output)
    }

    /// The same for a command that reads the templates: what is wrong with them is told in one run with what is wrong with
    /// certctl.toml.
    pub(super) fn load_with_templates(global: &Global, output: &Output) -> Result<Self, Failure> {
        match read(global, output) {
            Err(ConfigError::Findings { findings, usable: Some(config) }) => {
                let all = all_findings::with_those_of_templates(findings, &config, global, output);
                Err(Failure::findings(all))
            }
            config => Self::with(config?, global, output),
        }
    }

    fn with(config: Config, global: &Global, output: &Output) -> Result<Self, Failure> {
        output.lives_on(own_files(&config));
        output.lives_with(&config);
        let environment = config.environment(global.env.as_deref())?.clone();
        output.works_on(&environment.name);
        if environment.safety.require_saved_plan {
            output.commands().apply_saved_plans_only();
        }
        let owner = owner(&environment);
        let environments = config.environments.keys().cloned().collect();
        let store = store::of_environment(&environment.state, owner.clone(), environments);
        let marks = marks_of(&environment, &owner, &store);
        let store = store.marked(marks);
        let variables = config::variables(&config, &environment, &global.vars, process_variables())
            .checked(output.keys());
        let fields = config::certificate_fields(&config.fields, &variables.variables);
        let coverage = OnceLock::new();
        let keys = output.keys().clone();
        Ok(Self { config, environment, identity: owner, store, variables, keys, fields, coverage })
    }

    /// The same, for a command that may take over the state of an environment that got another name.
    pub(super) fn taking_over(self) -> Self {
        Self { store: self.store.taking_over(), ..self }
    }

    /// What the templates of this environment are for: as far as they can be read, where no command has said it.
    pub(super) fn coverage(&self) -> &Coverage {
        self.coverage.get_or_init(|| match self.load_templates(true) {
            Ok(desired) => coverage_of(&desired),
            Err(_) => Coverage::default(),
        })
    }

    /// What this run is about, where that is not what the YAML says now.
    pub(super) fn is_about(&self, coverage: Coverage) {
        // The first word stays: the YAML is read only where nothing else says it.
        let _ = self.coverage.set(coverage);
    }

    /// Reads and checks the templates, looks at every certificate that they draw, and says which of the process's
    /// variables nothing uses.
    pub(super) fn desired(&self, allow_empty: bool, output: &Output) -> Result<Desired, Failure> {
        self.tell_desired(self.load_templates(allow_empty), output)
    }

    fn tell_desired(&self, loaded: Result<Desired, LoadError>, output: &Output) -> Result<Desired, Failure> {
        let wrong = &self.variables.findings;
        let mut desired = match loaded {
            Ok(desired) if wrong.is_empty() => desired,
            Ok(_) => return Err(Failure::findings(wrong.clone())),
            Err(LoadError::Findings { mut findings, warnings }) => {
                // What is odd is told in the same run as what is wrong.
                let warnings: Vec<Finding> = warnings.into_iter().map(|warning| warning.finding).collect();
                output.warnings(&warnings, Severity::Warning);
                findings.extend(wrong.iter().cloned());
                findings.sort();
                return Err(Failure::findings(findings));
            }
            Err(error) => return Err(error.into()),
        };
        self.is_about(coverage_of(&desired));
        desired.notes.iter().for_each(|note| output.note(note));
        let drawings = drawings::warnings(&desired, &self.fields);
        desired.warnings.extend(drawings);
        desired.warnings.iter_mut().for_each(|warning| self.keys.redact(&mut warning.finding));
        Ok(desired)
    }

    fn load_templates(&self, allow_empty: bool) -> Result<Desired, LoadError> {
        let known: Vec<String> = self.config.environments.keys().cloned().collect();
        desired::load(&desired::LoadRequest {
            root: &self.config.root,
            globs: &self.config.templates,
            environment: &self.environment.name,
            known_environments: &known,
            variables: &self.variables.variables,
            keys: &self.keys,
            allow_empty,
            now: now(),
        })
    }

    /// Whether the YAML has a template, for a command that does not need it and says what comes next.
    pub(super) fn in_yaml(&self) -> impl Fn(&Key) -> InYaml {
        let desired = self.load_templates(true).ok();
        move |key| match &desired {
            Some(desired) if desired.templates.contains_key(key) => InYaml::Yes,
            Some(_) => InYaml::No,
            None => InYaml::NotKnown,
        }
    }

    /// The state as it counts for a plan, an unfinished journal included.
    pub(super) fn effective_state(&self, snapshot: Snapshot) -> Result<Option<Document>, Failure> {
        let serial = snapshot.document.as_ref().map(|document| document.serial);
        snapshot.effective().map_err(|fit| self.does_not_fit(fit, serial))
    }

    /// The same for a command that only reads, after it was told who writes the state.
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

    /// Which environment something was recorded or looked up in, the last line of what is told.
    pub(super) fn environment_line(&self) -> String {
        format!("Environment: {}.\n", self.environment.name)
    }

    /// That no row of a state contradicts itself, for a command that builds on what it says.
    pub(super) fn check_consistency(&self, document: &Document) -> Result<(), Failure> {
        Ok(document.check_consistency(Path::new(&state_path(&self.store)))?)
    }

    /// The files that the templates come from, each with what it is: nothing may be written over them.
    pub(super) fn template_files(&self, desired: &Desired) -> Vec<(PathBuf, &'static str)> {
        desired.files().map(|file| (self.config.root.join(file), "a template file")).collect()
    }

    /// The limits in force.
    pub(super) fn limits(&self, max_changes: Option<u64>) -> SafetyLimits {
        let safety = &self.environment.safety;
        match max_changes {
            // Somebody looked at the number and said so: that answers the percentage too.
            Some(limit) => SafetyLimits { max_changes: Some(limit), max_change_percent: None },
            None => SafetyLimits {
                max_changes: safety.max_changes,
                max_change_percent: Some(safety.max_change_percent),
            },
        }
    }

    /// Reads the state for a command that only reads, says what its reader should know about the journal, and answers who
    /// writes it meanwhile.
    pub(super) fn read(&self, output: &Output) -> Result<(Snapshot, Writer), Failure> {
        tell_state(self.read_state(), output)
    }

    fn read_state(&self) -> ReadState {
        watched(|| self.store.writer(), || self.store.read())
    }

    /// Reads templates and state at the same time. What is to be said of the state is said when it is asked for.
    pub(super) fn desired_beside_state(
        &self,
        allow_empty: bool,
        output: &Output,
    ) -> Result<(Desired, ReadState), Failure> {
        let (desired, state) = rayon::join(|| self.load_templates(allow_empty), || self.read_state());
        Ok((self.tell_desired(desired, output)?, state))
    }
}

/// A state that was read, and who writes it meanwhile.
pub(super) type ReadState = (Result<Snapshot, StateError>, Writer);

/// The state, once it was said what its reader should know about the journal.
pub(super) fn tell_state(
    (snapshot, writer): ReadState,
    output: &Output,
) -> Result<(Snapshot, Writer), Failure> {
    let snapshot = snapshot?;
    tell_journal(&snapshot, &writer, output);
    Ok((snapshot, writer))
}

fn read(global: &Global, output: &Output) -> Result<Config, ConfigError> {
    let folder = global.chdir.clone().unwrap_or_else(|| PathBuf::from("."));
    output.lives_near(&folder);
    config::load(&folder, output.keys())
}

/// The process's variables, as far as they are text.
pub(super) fn process_variables() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

fn tell_journal(snapshot: &Snapshot, writer: &Writer, output: &Output) {
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

/// What is read, and who writes it: a run that ends while it is read was not cut off.
fn watched<T>(writer: impl Fn() -> Writer, read: impl FnOnce() -> T) -> (T, Writer) {
    let before = writer();
    let read = read();
    let after = writer();
    (read, if after == Writer::Absent { before } else { after })
}

/// The files of all environments that nothing else may be written over, each with what it is.
fn own_files(config: &Config) -> Vec<(PathBuf, &'static str)> {
    let of_environment = |environment: &Environment| {
        let mut files = store::to_look_at(&environment.state, owner(environment)).files();
        files.push((sandbox::store_beside(&environment.state), "what the sandbox holds"));
        files
    };
    let mut files: Vec<_> = config.environments.values().flat_map(of_environment).collect();
    files.push((config.root.join(config::FILE), "the configuration"));
    files
}

fn owner(environment: &Environment) -> StateIdentity {
    StateIdentity { environment: environment.name.clone(), url: environment.server.identity() }
}

fn coverage_of(desired: &Desired) -> Coverage {
    Coverage::of(desired.templates.iter().map(|(key, template)| (key, &template.attributes)))
}

/// Where a state is, for people: as short as it can be said from where they stand.
pub(super) fn state_path(store: &StateStore) -> String {
    shown_path(store.path())
}

/// The same for any file.
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
    fn a_writer_at_any_moment_of_reading_counts() {
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
