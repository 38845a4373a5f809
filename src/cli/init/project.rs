//! The files of a new project.

use std::path::Path;

use super::super::editor_schema::{EditorSchema, config_line, templates_line};
use super::new_file::{IfThere, NewFile};
use crate::model::StateAddress;

const SETTINGS: &str = include_str!("certctl.toml");
const PRODUCTION: &str = include_str!("production.toml");
const STORE: &str = include_str!("store.toml");
const OPTIONAL: &str = include_str!("optional.toml");
const GITIGNORE: &str = include_str!("gitignore");
const GITATTRIBUTES: &str = include_str!("gitattributes");

/// How certctl.toml has the environment `production`.
pub(super) enum Production<'a> {
    /// As a comment, to be filled in.
    AsComment,
    /// As an environment that a pipeline can name; its state is at this address, or in a file.
    WithState(Option<&'a str>),
}

/// The files that make a project.
pub(super) fn files(folder: &Path, production: &Production<'_>) -> Vec<NewFile> {
    let configuration = config_line() + &settings(production);
    let example = templates_line("templates") + include_str!("cloud.yaml");
    let written_by_people = [(crate::config::FILE, configuration), ("templates/cloud.yaml", example)];
    let schemas = EditorSchema::ALL.map(|schema| NewFile {
        base: folder.into(),
        name: schema.file(),
        text: schema.text(),
        if_there: IfThere::NameRenewal(schema),
    });
    written_by_people
        .into_iter()
        .map(|(name, text)| NewFile { base: folder.into(), name, text, if_there: IfThere::Refuse })
        .chain(schemas)
        .collect()
}

/// The files in which git finds what to ignore, and how states are merged. Both often exist already.
pub(super) fn git_files(folder: &Path, if_there: IfThere) -> impl Iterator<Item = NewFile> {
    [(".gitignore", GITIGNORE), (".gitattributes", GITATTRIBUTES)]
        .into_iter()
        .map(move |(name, text)| NewFile { base: folder.into(), name, text: text.to_owned(), if_there })
}

fn settings(production: &Production<'_>) -> String {
    match production {
        Production::AsComment => format!(
            "{SETTINGS}\n# Your academy. Remove the # signs, put in your address, and give certctl the key:\n#   export CERTCTL_API_KEY=...\n#\n{}#\n{OPTIONAL}",
            commented(PRODUCTION)
        ),
        Production::WithState(state) => format!(
            "{SETTINGS}\n# Your academy: put in your address and your ids, and give certctl the key:\n#   export CERTCTL_API_KEY=...\n\n{}\n{OPTIONAL}",
            state.map_or_else(|| PRODUCTION.to_owned(), with_state)
        ),
    }
}

/// Whether a state, as certctl.toml names it, is on storage that machines share.
pub(super) fn is_shared(state: &str) -> bool {
    StateAddress::parse(state).is_some()
}

fn with_state(state: &str) -> String {
    // The protocol of Terraform knows no leases.
    let is_object = matches!(StateAddress::parse(state), Some(Ok(StateAddress::Object(_))));
    let store = if is_object { format!("\n{STORE}") } else { String::new() };
    let (environment, variables) = PRODUCTION.split_once("\n\n").unwrap_or((PRODUCTION, ""));
    // A string of JSON is one of TOML, too.
    let state = serde_json::Value::from(state);
    format!("{environment}\nstate = {state}\n{store}\n{variables}")
}

fn commented(text: &str) -> String {
    text.lines().map(|line| if line.is_empty() { "#\n".to_owned() } else { format!("# {line}\n") }).collect()
}
