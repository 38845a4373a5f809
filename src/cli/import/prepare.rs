//! Decides what `import --write` writes, and checks all of it in memory before the first file is written.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;

use super::files::{NewFiles, check_free};
use super::folder::WriteFolder;
use crate::cli::args::WriteArgs;
use crate::cli::context::Context;
use crate::cli::editor_schema::templates_line;
use crate::cli::failure::Failure;
use crate::cli::ledger::now;
use crate::config::{self, VariableList, VariableSource, VariableValue, variable_lines, with_variables};
use crate::desired::{Desired, FilesAhead};
use crate::inventory::write::{
    NamedField, NewVariable, SeenTemplate, VariableGroup, WriteRequest, WrittenProject, write,
};
use crate::inventory::{NewTemplate, NewTemplates};
use crate::model::{EditorSchema, Finding, Help, Key, TemplateId, Timestamp, few};
use crate::plan::{Inputs, Scope, build_to_show};
use crate::state::{Baseline, Document, Record};

/// What is to be done, checked and not yet done.
pub(super) struct Prepared {
    /// The files to put in place.
    pub(super) files: NewFiles,
    /// The names of the files, relative to the folder of certctl.toml, as people see them.
    pub(super) names: Vec<PathBuf>,
    /// The lines for certctl.toml, if there are any.
    pub(super) lines: String,
    /// How many variables they add.
    pub(super) variables: usize,
    /// The new keys.
    pub(super) keys: BTreeMap<Key, TemplateId>,
    /// What the state records of the new templates.
    pub(super) records: Vec<Record>,
    /// Why others are not written.
    pub(super) findings: Vec<Finding>,
}

/// What the command works on.
pub(super) struct Writing<'a> {
    pub(super) context: &'a Context,
    pub(super) args: &'a WriteArgs,
    pub(super) folder: &'a WriteFolder,
    pub(super) fields: &'a BTreeMap<String, NamedField>,
    pub(super) desired: &'a Desired,
}

impl Writing<'_> {
    /// Decides what is written. `document` is the state, with the adoptions of configured templates in it; the new rows are
    /// added to it.
    pub(super) fn prepare(&self, document: &mut Document, new: NewTemplates) -> Result<Prepared, Failure> {
        let NewTemplates { templates, findings } = new;
        let (seen, baselines) =
            templates.into_iter().map(|NewTemplate { seen, baseline }| (seen, baseline)).unzip();
        let WrittenProject { files, variables: added, keys } = self.written(seen, document);
        let records = records(baselines, &keys, now());
        document.edit_all(&records)?;
        let lists = lists(&added);
        let (names, paths): (Vec<PathBuf>, Vec<PathBuf>) =
            files.iter().map(|(name, _)| (self.folder.shown(name), self.folder.path.join(name))).unzip();
        let mut prepared = Prepared {
            files: NewFiles { schema: None, files: Vec::new(), replaced: None },
            names,
            lines: variable_lines(&lists),
            variables: added.len(),
            keys,
            records,
            findings,
        };
        if files.is_empty() {
            return Ok(prepared);
        }
        check_free(&paths)?;
        let schema = self.context.config.root.join(EditorSchema::Templates.file());
        // One that is there may be of another version of certctl, or a link to a common one.
        prepared.files.schema = std::fs::symlink_metadata(&schema).is_err().then_some(schema);
        if !lists.is_empty() {
            prepared.files.replaced = Some(self.configuration(&lists)?);
        }
        // Their texts are large, so there is one copy of them.
        let mut ahead: FilesAhead =
            prepared.names.iter().cloned().zip(files.into_iter().map(|(_, text)| text)).collect();
        self.check(&ahead, &added, &prepared.keys, document)?;
        let texts = prepared.names.iter().map(|name| ahead.remove(name).unwrap_or_default());
        prepared.files.files = paths.into_iter().zip(texts).collect();
        Ok(prepared)
    }

    fn written(&self, templates: Vec<SeenTemplate>, document: &Document) -> WrittenProject {
        let has = |folder: &str| self.context.config.root.join(folder).exists();
        let is_ambiguous = !self.folder.name.is_empty() && (has("css") || has("texts"));
        write(&WriteRequest {
            templates,
            fields: self.fields,
            variables: &self.variables(),
            keys: &self.taken_keys(document),
            layouts: &self.desired.layouts,
            files: &self.folder.files,
            group_by: self.args.group_by.into(),
            environment: &self.context.environment.name,
            has_other_environments: self.context.config.environments.len() > 1,
            first_line: &templates_line(&self.folder.name),
            texts_in: &if is_ambiguous { format!("{}/", self.folder.name) } else { String::new() },
        })
    }

    /// The keys that mean another template: in the YAML, and in the state, which may have rows that the YAML has not.
    fn taken_keys(&self, document: &Document) -> BTreeSet<String> {
        let configured = self.desired.templates.keys().chain(&self.desired.elsewhere);
        let renamed = self.desired.moved.iter().flat_map(|entry| [&entry.from, &entry.to]);
        let known = configured.chain(renamed).chain(self.desired.removed()).chain(document.templates.keys());
        known.map(ToString::to_string).collect()
    }

    /// The variables that certctl.toml gives a text. The names of all others are taken.
    fn variables(&self) -> BTreeMap<String, String> {
        let text = |variable: &config::Variable| match (&variable.value, &variable.source) {
            (VariableValue::Text(text), VariableSource::File(_)) => text.clone(),
            _ => String::new(),
        };
        self.context.variables().iter().map(|(name, variable)| (name.clone(), text(variable))).collect()
    }

    /// certctl.toml: its path, and its text before and after.
    fn configuration(&self, lists: &[VariableList<'_>]) -> Result<(PathBuf, String, String), Failure> {
        let path = self.context.config.root.join(config::FILE);
        let name = &self.context.environment.name;
        let old = config::read_text(&self.context.config.root)?;
        let new = with_variables(&old, name, lists)
            .filter(|new| config::findings(new, &self.context.config.root).is_empty());
        let Some(new) = new else {
            let lines: String = variable_lines(lists).lines().map(|line| format!("  {line}\n")).collect();
            return Err(Failure::error(format!(
                "certctl cannot add variables of {name} to {}, because of how they are written there; nothing was written",
                config::FILE
            ))
            .helped(Help::none().say(format!(
                "Give {name} a table of its own for them, [environments.{name}.vars], or add these lines to its variables, \
                 and import again:\n{}",
                lines.trim_end()
            ))));
        };
        if !config::is_readable(&new) {
            return Err(Failure::error(format!(
                "with {} more variables, {} would be too large to be read, so nothing was written",
                lists.iter().map(|(_, variables)| variables.len()).sum::<usize>(),
                config::FILE
            ))
            .helped(
                Help::none().say("Export fewer templates at a time, each part into a project of its own."),
            ));
        }
        Ok((path, old, new))
    }

    /// Reads what would be there as any other command would, and fails if it has a problem or the next plan would change
    /// something in it.
    fn check(
        &self,
        ahead: &FilesAhead,
        added: &[NewVariable],
        keys: &BTreeMap<Key, TemplateId>,
        document: &Document,
    ) -> Result<(), Failure> {
        let added = added.iter().map(|variable| (variable.name.clone(), variable.value.clone()));
        let desired = self.context.desired_ahead(ahead, added.collect()).map_err(|error| Failure {
            message: mistake("the new files do not pass certctl's own checks"),
            ..Failure::from(error)
        })?;
        let plan = build_to_show(&Inputs {
            desired: &desired,
            state: Some(document),
            identity: &self.context.identity,
            addressing: self.context.environment.api.addressing,
            trust_upsert: self.context.environment.api.trust_upsert,
            scope: &Scope::default(),
        })?;
        let changed: Vec<&str> = plan
            .entries
            .iter()
            .filter(|entry| keys.contains_key(&entry.key))
            .map(|entry| entry.key.as_str())
            .collect();
        let lost = keys.keys().filter(|key| !desired.templates.contains_key(*key)).map(Key::as_str);
        let wrong: Vec<&str> = changed.into_iter().chain(lost).collect();
        if wrong.is_empty() {
            return Ok(());
        }
        Err(Failure::error(mistake(&format!("the new files differ from what was seen of {}", few(&wrong)))))
    }
}

/// Says what only a mistake of the program explains.
fn mistake(what: &str) -> String {
    format!("nothing was written, because {what}. This is a mistake in certctl, please report it")
}

/// What the state records of each new template.
fn records(baselines: Vec<Baseline>, keys: &BTreeMap<Key, TemplateId>, at: Timestamp) -> Vec<Record> {
    let keys: HashMap<&TemplateId, &Key> = keys.iter().map(|(key, id)| (id, key)).collect();
    let record = |baseline: Baseline| {
        let key = (*keys.get(&baseline.id)?).clone();
        Some(Record::Observe { at, baseline, key })
    };
    baselines.into_iter().filter_map(record).collect()
}

/// The variables by what they are the ids of.
fn lists(variables: &[NewVariable]) -> Vec<VariableList<'_>> {
    let mut lists: BTreeMap<VariableGroup, Vec<(&str, &str)>> = BTreeMap::new();
    for NewVariable { group, name, value } in variables {
        lists.entry(*group).or_default().push((name, value));
    }
    lists.into_iter().map(|(group, variables)| (group.heading(), variables)).collect()
}
