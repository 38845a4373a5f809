//! `certctl import --write`: writes YAML for every template that was seen and that the project lacks, and the state with it,
//! so that the next plan is empty.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use super::exit;
use super::folder::WriteFolder;
use super::prepare::{Prepared, Writing};
use crate::cli::args::{Global, ImportArgs, ObservationArgs};
use crate::cli::context::{Context, shown_path, state_path};
use crate::cli::failure::Failure;
use crate::cli::invocation::in_help;
use crate::cli::ledger::{now, open, record_and};
use crate::cli::named_file;
use crate::cli::observation::{another_instance, observation};
use crate::cli::observer::field_names;
use crate::cli::output::Output;
use crate::cli::signals;
use crate::config;
use crate::inventory::write::NamedField;
use crate::inventory::{Adoptions, Observation, adoptions, check_instance, new_templates, read_fields};
use crate::model::{
    Advice, Commands as _, EditorSchema, Exit, Finding, Key, NaturalKey, TemplateId, Timestamp, few,
};
use crate::report::{self, KeyResult, Results};
use crate::state::Document;
use crate::view::counted;

pub(super) fn run(
    context: &Context,
    global: &Global,
    args: &ImportArgs,
    dir: &Path,
    output: &Output,
) -> Result<Exit, Failure> {
    let mut observation = observation(context, &args.observation, output)?;
    let fields = if args.observation.from_observer {
        field_names(context, Some(&state(context, output)?), output)
    } else {
        fields(&args.observation)?
    };
    // A directory that cannot be written into is refused before the lock leaves a trace.
    WriteFolder::find(&context.config, dir)?;
    let mut decide = |context: &Context, document: &mut Document| {
        let folder = WriteFolder::find(&context.config, dir)?;
        let desired = context.desired(true, output)?;
        let writing =
            Writing { context, args: &args.writing, folder: &folder, fields: &fields, desired: &desired };
        let (found, prepared) = decide(&writing, &mut observation, document, now())?;
        Ok::<_, Failure>(Decided { found, prepared, has_templates: !desired.templates.is_empty() })
    };
    let mut decided = if args.writing.dry_run {
        decide(context, &mut state(context, output)?)?
    } else {
        let ledger = open(context, global, "import", output)?;
        // The files and the checkpoint take only a moment, so a signal waits for them.
        let _hold = signals::hold();
        let mut document = ledger.document().clone();
        context.check_consistency(&document)?;
        // The run that held the lock until now may have written templates, and variables in certctl.toml.
        let mut decided = decide(&Context::load(global, output)?, &mut document)?;
        let staged = decided.prepared.files.stage()?;
        let mut records = decided.found.records(now());
        records.append(&mut decided.prepared.records);
        drop(document);
        // The state comes first: a plan with these templates in the YAML and not in the state would create each of them again.
        record_and(ledger, records, output, || staged.put_in_place())?;
        decided
    };
    observation.findings.append(&mut decided.prepared.findings);
    let told = Told {
        context,
        observation: &observation,
        decided,
        lacks_labels: args.observation.from_csv.is_some() && args.observation.labels.is_none(),
        is_dry: args.writing.dry_run,
    };
    told.tell(output)
}

/// What people call the certificate fields, if there is an export of them.
fn fields(args: &ObservationArgs) -> Result<BTreeMap<String, NamedField>, Failure> {
    let Some(file) = &args.fields else { return Ok(BTreeMap::new()) };
    // What cannot be read of it is among the findings of the observation.
    let table = read_fields(file, named_file::export(file)?).map_err(Failure::findings)?;
    Ok(table.fields)
}

/// The state as it is, for a run that does not change it.
fn state(context: &Context, output: &Output) -> Result<Document, Failure> {
    let (snapshot, writer) = context.read(output)?;
    let document = context.state_so_far(snapshot, &writer)?;
    Ok(document.unwrap_or_else(|| Document::empty(&context.identity, String::new())))
}

/// Decides what is adopted and what is written. Of a large academy, what was seen takes more memory than everything else, so
/// it is given back as soon as all that follows from it is known.
fn decide(
    writing: &Writing<'_>,
    observation: &mut Observation,
    document: &mut Document,
    at: Timestamp,
) -> Result<(Adoptions, Prepared), Failure> {
    let desired = writing.desired;
    let wanted = desired.templates.values().map(|template| NaturalKey::of(&template.attributes));
    check_instance(observation, document, wanted)
        .map_err(|other| another_instance(writing.context, other))?;
    let mut found = adoptions(observation, desired, document);
    document.edit_all(&found.records(at))?;
    let new = new_templates(observation, desired, document, &found);
    let chosen: HashSet<&TemplateId> = new.templates.iter().map(|template| &template.seen.id).collect();
    found.unclaimed.retain(|template| !chosen.contains(&template.id));
    found.unclaimed.shrink_to_fit();
    drop(chosen);
    observation.forget_contents();
    let prepared = writing.prepare(document, new)?;
    Ok((found, prepared))
}

/// What is adopted and what is written.
struct Decided {
    found: Adoptions,
    prepared: Prepared,
    /// Whether the project had templates before.
    has_templates: bool,
}

/// What was done, or would be.
struct Told<'a> {
    context: &'a Context,
    observation: &'a Observation,
    decided: Decided,
    /// Whether the export of the labels was not given.
    lacks_labels: bool,
    is_dry: bool,
}

impl Told<'_> {
    fn tell(&self, output: &Output) -> Result<Exit, Failure> {
        let exit = exit(self.observation, &self.decided.found);
        let findings: Vec<Finding> = self.observation.findings.iter().cloned().map(in_help).collect();
        output.left_out(&findings);
        output.text(&report::observation_head(self.observation))?;
        if self.decided.has_templates {
            let adopted = report::adopted_beside_written;
            output.text(&adopted(&self.decided.found, output.style(), output.commands()))?;
        }
        output.text(&if self.is_dry { self.would_be_written() } else { self.was_written(output) })?;
        output.text(self.labels_line())?;
        output.text(&self.columns_line())?;
        output.text(&self.context.environment_line())?;
        let state = state_path(&self.context.store);
        let written = if self.is_dry { Vec::new() } else { self.changed_files() };
        output.results(&Results {
            command: "import",
            environment: &self.context.environment.name,
            exit,
            observation: Some(self.observation),
            keys: self.results(output),
            state: &state,
            unmanaged: &self.decided.found.unclaimed,
            written: &written,
        })?;
        Ok(exit)
    }

    /// What follows from labels that were not seen.
    fn labels_line(&self) -> &'static str {
        match self.lacks_labels && !self.decided.prepared.keys.is_empty() {
            true if self.is_dry => {
                "The labels were not seen, so they would not be written. Give --labels FILE as well.\n"
            }
            true => {
                "The labels were not seen, so they are not written, and the state says that they are not known. To have them written, \
                 remove the new template files and import again, with --labels FILE as well.\n"
            }
            false => "",
        }
    }

    /// What follows from columns that certctl does not know.
    fn columns_line(&self) -> String {
        let columns = &self.observation.not_kept;
        if columns.is_empty() || self.decided.prepared.keys.is_empty() {
            return String::new();
        }
        let columns: Vec<String> = columns.iter().map(|name| report::safe_text(name)).collect();
        let (noun, them, each) = match columns.len() {
            1 => ("a column", "it", ""),
            _ => ("columns", "them", " for each"),
        };
        let again = if self.is_dry { "" } else { "remove the new template files and import again, with " };
        let give = if self.is_dry { "give " } else { "" };
        format!(
            "Not read, because certctl does not know {them}: {noun} called {}. To keep {them} in `extra`, {again}{give}\
             --extra '*', or --extra COLUMN=FIELD{each}.\n",
            few(&columns)
        )
    }

    fn results(&self, output: &Output) -> Vec<KeyResult> {
        let outcome = if self.is_dry { "would_be_written" } else { "written" };
        let written = |(key, id): (&Key, &TemplateId)| KeyResult {
            id: Some(id.clone()),
            key: key.clone(),
            outcome,
            reason: None,
        };
        let mut results = report::adoption_results(&self.decided.found, output.commands());
        results.extend(self.decided.prepared.keys.iter().map(written));
        results.sort_by(|one, other| one.key.cmp(&other.key));
        results
    }

    /// The new files, the schema among them, and certctl.toml if lines were added.
    fn changed_files(&self) -> Vec<PathBuf> {
        let Prepared { files, names, variables, .. } = &self.decided.prepared;
        let schema = files.schema.iter().map(|_| PathBuf::from(EditorSchema::Templates.file()));
        let configuration = (*variables > 0).then(|| PathBuf::from(config::FILE));
        schema.chain(names.iter().cloned()).chain(configuration).collect()
    }

    fn heading(&self) -> String {
        format!("[environments.{}.vars]", self.context.environment.name)
    }

    /// The files as they would be.
    fn would_be_written(&self) -> String {
        let mut text = String::new();
        if self.decided.prepared.files.schema.is_some() {
            let file = EditorSchema::Templates.file();
            text.push_str(&format!("==> {file}, the schema for editors\n\n"));
        }
        for (name, (_, contents)) in
            self.decided.prepared.names.iter().zip(&self.decided.prepared.files.files)
        {
            text.push_str(&format!("==> {}\n{}\n\n", name.display(), contents.trim_end()));
        }
        if self.decided.prepared.variables > 0 {
            let heading = self.heading();
            text.push_str(&format!(
                "==> {}, added to {heading}\n{}\n",
                config::FILE,
                self.decided.prepared.lines
            ));
        }
        let count = counted(self.decided.prepared.keys.len(), "template");
        text.push_str(&format!("{count} would be written. Nothing was written.\n"));
        text
    }

    fn was_written(&self, output: &Output) -> String {
        if self.decided.prepared.keys.is_empty() {
            return "No template was written.\n".to_owned();
        }
        let files = &self.decided.prepared.files;
        let paths = files.schema.iter().chain(files.files.iter().map(|(path, _)| path));
        let mut text: String = paths.map(|path| format!("wrote {}\n", shown_path(path))).collect();
        if self.decided.prepared.variables > 0 {
            let count = counted(self.decided.prepared.variables, "variable");
            text.push_str(&format!("added {count} to {}, under {}\n", config::FILE, self.heading()));
        }
        let count = counted(self.decided.prepared.keys.len(), "template");
        text.push_str(&format!(
            "{count} written, with what was seen as the state in {}.\n",
            state_path(&self.context.store)
        ));
        if !self.decided.prepared.names.is_empty() {
            let plan = output.commands().command(&Advice::Plan);
            text.push_str(&format!("Look at the files, change what you would have written differently, and see that nothing changes on the server:\n  {plan}\n"));
        }
        text
    }
}
