//! certctl.toml: environments, settings and variables, the source of API keys, and the limit on which files are read
//! for a project (contract section 2). Used by `cli` and `load`; nothing here opens a connection or writes a file.

mod boundary;
mod braces;
mod credentials;
mod environment;
mod fields;
mod file;
mod given;
mod ignored_drift;
mod instance;
mod named_file;
mod new_variables;
mod references;
mod resolve_variables;
mod rules;
mod schema;
pub(crate) mod secrecy;
pub(crate) mod secret_address;
mod setting_check;
mod setting_findings;
mod setting_values;
mod settings;
mod state_path;
mod template_glob;
mod toml_errors;
mod variable;
mod walk;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

pub use boundary::{Boundary, FolderReader, ReadError};
pub use credentials::{
    CredentialError, FoundSecret, api_key, find_api_key, find_observer_password, given_keys,
    observer_password,
};
pub use environment::{Environment, StoreSettings};
pub use fields::certificate_fields;
#[cfg(feature = "internals")]
pub use file::parse;
pub use given::{alike_names, under_mentioned_names, variables};
pub use instance::ServerAddress;
pub use named_file::{open_stream, read_regular};
pub use new_variables::{VariableList, variable_lines, with_variables};
pub use references::{TextPiece, mentioned, pieces};
pub use resolve_variables::ResolvedVariables;
pub use rules::{EXAMPLES, RULES};
pub use schema::schema;
pub use state_path::{BESIDE, check as check_state, mentioned_states};
pub use template_glob::TemplateGlob;
pub use variable::{Variable, VariableSource, VariableValue, how_to_set};
pub use walk::is_environment_name;

use crate::model::{
    Advice, Finding, GivenKeys, Help, IgnoredDrift, RunOption, SourceText, did_you_mean, io_words,
};

/// The name of the configuration file.
pub const FILE: &str = "certctl.toml";

/// The size limit of certctl.toml, in bytes: enough for a variable for each of 100,000 courses.
const MAX_BYTES: u64 = 16_000_000;

/// The configuration of a project.
#[derive(Clone, Debug)]
pub struct Config {
    /// The folder of certctl.toml.
    pub root: PathBuf,
    /// Globs of the template files, relative to the root.
    pub templates: Vec<TemplateGlob>,
    /// The environment used if the command names none.
    pub default_environment: Option<String>,
    /// What certificate fields print, by the name of the variable that holds their id, or by the id itself.
    pub fields: BTreeMap<String, String>,
    /// Differences between server and state that are meant, in the order of the file.
    pub ignored_drift: Vec<IgnoredDrift>,
    /// The environments by name.
    pub environments: BTreeMap<String, Environment>,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The folder has no certctl.toml.
    #[error("there is no certctl.toml in {}", .0.display())]
    Missing(PathBuf),
    /// The folder does not exist.
    #[error("there is no folder {}", .0.display())]
    NoFolder(PathBuf),
    /// The file exists but cannot be read.
    #[error("cannot read {}: {reason}", path.display())]
    Unreadable {
        /// The path of the file.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
    /// The folder has a file with a similar name instead.
    #[error("there is no certctl.toml beside {}, which certctl does not read", .0.display())]
    Other(PathBuf),
    /// The folder has two files that could be meant.
    #[error("{} and {} are both here, and only one can be meant. certctl reads certctl.toml: move the other away", .0.display(), .1.display())]
    Two(PathBuf, PathBuf),
    /// The file has errors.
    #[error("certctl.toml has problems")]
    Findings {
        /// All findings.
        findings: Vec<Finding>,
        /// What could be read, if that is enough to find the templates.
        usable: Option<Box<Config>>,
    },
}

impl ConfigError {
    /// Returns what to do about it.
    pub fn help(&self) -> Help {
        match self {
            Self::Missing(_) => Help::none()
                .run("To start a new project here", Advice::Init)
                .run("Or name the folder of yours", Advice::AddOption(RunOption::Directory)),
            Self::NoFolder(_) => Help::none()
                .run("Look at what names the folder of the project", Advice::AddOption(RunOption::Directory)),
            Self::Other(_) => Help::none()
                .say("Write the settings into certctl.toml.")
                .run("To begin with one that has comments", Advice::Init),
            _ => Help::none(),
        }
    }
}

/// Why no environment was chosen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EnvironmentError {
    /// No environment has this name.
    #[error("there is no environment {name:?} in certctl.toml{hint}. It has: {names}")]
    Unknown {
        /// The name asked for.
        name: String,
        /// A hint with the nearest name, or an empty text.
        hint: String,
        /// All names, separated by commas.
        names: String,
    },
    /// The command names no environment, and there is no default.
    #[error("certctl.toml has several environments and no default_environment: choose one. It has: {0}")]
    NoneChosen(String),
}

impl EnvironmentError {
    /// Returns what to do about it.
    pub fn help(&self) -> Help {
        match self {
            Self::Unknown { .. } => Help::none(),
            Self::NoneChosen(_) => {
                Help::none().run("To choose one", Advice::AddOption(RunOption::Environment))
            }
        }
    }
}

/// Reads the configuration of a folder. API keys in `keys` must not appear in it.
pub fn load(folder: &Path, keys: &GivenKeys) -> Result<Config, ConfigError> {
    let path = folder.join(FILE);
    let unreadable = |reason: String| ConfigError::Unreadable { path: path.clone(), reason };
    let boundary = Boundary::of_project(folder).map_err(|error| match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => ConfigError::NoFolder(folder.to_owned()),
        _ => unreadable(io_words(&error)),
    })?;
    let others = ["certctl.yaml", "certctl.yml", "certctl.json", ".certctl.toml"];
    let other = others.into_iter().map(|name| folder.join(name)).find(|other| other.exists());
    let is_link = match (std::fs::symlink_metadata(&path), other) {
        (Ok(_), Some(other)) => return Err(ConfigError::Two(path, other)),
        (Ok(there), None) => there.is_symlink(),
        (Err(error), Some(other)) if error.kind() == ErrorKind::NotFound => {
            return Err(ConfigError::Other(other));
        }
        (Err(error), None) if error.kind() == ErrorKind::NotFound => {
            return Err(ConfigError::Missing(boundary.folder().to_owned()));
        }
        (Err(error), _) => return Err(unreadable(io_words(&error))),
    };
    // A link could lead to another person's file, and messages would show its lines.
    if is_link {
        let reason =
            "it is a symbolic link, and certctl follows none to its settings. Put a copy in its place";
        return Err(unreadable(reason.to_owned()));
    }
    let bytes = boundary
        .read(&boundary.folder().join(FILE), MAX_BYTES)
        .map_err(|error| unreadable(error.to_string()))?;
    let source = SourceText::from_bytes(FILE, &bytes).map_err(|place| {
        unreadable(format!("{place}: there is a character that is not UTF-8. Save the file as UTF-8"))
    })?;
    let mut findings = keys.found_in(&source);
    let (config, found) = file::read_leniently(&source, folder);
    findings.extend(found);
    match config {
        Some(config) if findings.is_empty() => Ok(config),
        config => {
            findings.sort();
            Err(ConfigError::Findings { findings, usable: config.map(Box::new) })
        }
    }
}

/// Returns the text of certctl.toml, for a change in it.
pub fn read_text(folder: &Path) -> Result<String, ConfigError> {
    let path = folder.join(FILE);
    let unreadable = |reason: String| ConfigError::Unreadable { path: path.clone(), reason };
    let boundary = Boundary::of_project(folder).map_err(|error| unreadable(io_words(&error)))?;
    let bytes = boundary
        .read(&boundary.folder().join(FILE), MAX_BYTES)
        .map_err(|error| unreadable(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| unreadable(error.to_string()))
}

/// Whether this text is short enough for certctl.toml to be read again.
pub fn is_readable(text: &str) -> bool {
    text.len() as u64 <= MAX_BYTES
}

/// Returns every problem that certctl.toml would have with this text.
pub fn findings(text: &str, folder: &Path) -> Vec<Finding> {
    file::read_leniently(&SourceText::new(FILE, text), folder).1
}

impl Config {
    /// Returns the environment of this name, or the default one for `None`.
    pub fn environment(&self, name: Option<&str>) -> Result<&Environment, EnvironmentError> {
        let names = || self.environments.keys().cloned().collect::<Vec<_>>().join(", ");
        let chosen = name.or(self.default_environment.as_deref());
        let Some(name) = chosen else {
            return match self.environments.values().next() {
                Some(only) if self.environments.len() == 1 => Ok(only),
                _ => Err(EnvironmentError::NoneChosen(names())),
            };
        };
        self.environments.get(name).ok_or_else(|| EnvironmentError::Unknown {
            name: name.to_owned(),
            hint: did_you_mean(name, self.environments.keys().map(String::as_str)),
            names: names(),
        })
    }
}
