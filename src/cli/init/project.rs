//! The files of a new project.

use std::path::{Component, Path};

use super::super::editor_schema::{self, config_line, templates_line};
use super::new_file::{IfThere, NewFile};
use crate::model::{EditorSchema, StateAddress};
use crate::state::{git_pattern, merge_line};

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

/// The files that make a project, with an academy of this name.
pub(super) fn files(folder: &Path, name: &str, production: &Production<'_>) -> Vec<NewFile> {
    let settings = settings(production).replace("[environments.production", &format!("[environments.{name}"));
    let settings = config_line() + &settings;
    let example = templates_line("templates") + include_str!("cloud.yaml");
    let schemas = EditorSchema::ALL.map(|schema| NewFile {
        base: folder.into(),
        name: schema.file(),
        text: editor_schema::text(schema),
        if_there: IfThere::NameRenewal(schema),
    });
    [(crate::config::FILE, settings), ("templates/cloud.yaml", example)]
        .into_iter()
        .map(|(name, text)| NewFile { base: folder.into(), name, text, if_there: IfThere::Refuse })
        .chain(schemas)
        .collect()
}

/// The files in which git finds what to ignore, and how states are merged. Both often exist already. The states are those in
/// files, from this folder.
pub(super) fn git_files(
    folder: &Path,
    states: &[String],
    if_there: IfThere,
) -> impl Iterator<Item = NewFile> + use<> {
    let (mut ignore, mut attributes) = (GITIGNORE.to_owned(), GITATTRIBUTES.to_owned());
    for state in states {
        let is_json = Path::new(state).extension().is_some_and(|extension| extension == "json");
        if !is_json {
            ignore.push_str(&format!("{}.lock\n", git_pattern(state)));
        }
        // Those are in the text.
        if !is_json || Path::new(state).parent() != Some(Path::new("state")) {
            attributes.push_str(&format!("{}\n", merge_line(state)));
        }
    }
    let base = folder.to_owned();
    [(".gitignore", ignore), (".gitattributes", attributes)].into_iter().map(move |(name, text)| NewFile {
        base: base.clone(),
        name,
        text,
        if_there,
    })
}

/// The path of a state from the project's folder, `None` if it is not in there. The path can have a `./` in it.
pub(super) fn path_within(folder: &Path, state: &Path) -> Option<String> {
    let is_name = |part: &Component<'_>| *part != Component::CurDir;
    let names = state.strip_prefix(folder).ok()?.components().filter(is_name);
    let names: Option<Vec<&str>> = names
        .map(|part| match part {
            Component::Normal(name) => name.to_str(),
            _ => None,
        })
        .collect();
    names.map(|names| names.join("/"))
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
