//! certctl.toml: environments, their settings and variables, where their key comes from, and how far files are read for a
//! project (contract section 2).

mod boundary;
mod braces;
mod credentials;
mod environment;
mod fields;
mod file;
mod given;
mod instance;
mod named_file;
mod reader;
mod references;
mod resolve_variables;
pub(crate) mod secrecy;
pub(crate) mod secret_address;
mod state_path;
mod template_glob;
mod toml_errors;
mod variable;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

pub use boundary::{Boundary, ReadError};
pub use credentials::{CredentialError, api_key, given_keys};
pub use environment::{ApiSettings, Environment, Safety};
pub use fields::certificate_fields;
pub use file::parse;
pub use given::{alike_names, under_mentioned_names, variables};
pub use instance::{InstanceUrl, ServerAddress};
pub use named_file::{read_regular, read_stream};
pub use references::{TextPiece, TextPieces, mentioned, pieces};
pub use resolve_variables::ResolvedVariables;
pub use state_path::{BESIDE, mentioned_states};
pub use template_glob::{GlobError, TemplateGlob};
pub use variable::{Variable, VariableSource, VariableValue, how_to_set};

use crate::model::{Advice, Finding, GivenKeys, Help, SourceText, did_you_mean, io_words};

/// The name of the configuration file.
pub const FILE: &str = "certctl.toml";

/// More than anybody writes, and little enough to be read with a finding for every line.
const MOST_BYTES: u64 = 4_000_000;

/// A project's configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// The folder of certctl.toml.
    pub root: PathBuf,
    /// Globs of the template files, relative to the root.
    pub templates: Vec<TemplateGlob>,
    /// The environment that is meant when none is named.
    pub default_environment: Option<String>,
    /// What certificate fields print, by the name of the variable that holds their id, or by the id itself.
    pub fields: BTreeMap<String, String>,
    /// The environments by name.
    pub environments: BTreeMap<String, Environment>,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// There is no file.
    #[error("there is no certctl.toml in {}", .0.display())]
    Missing(PathBuf),
    /// There is no folder either.
    #[error("there is no folder {}. Look at what --chdir names", .0.display())]
    NoFolder(PathBuf),
    /// There is one that cannot be read.
    #[error("cannot read {}: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// There is one of another name.
    #[error("there is no certctl.toml beside {}, which certctl does not read", .0.display())]
    Other(PathBuf),
    /// There are two.
    #[error("{} and {} are both here, and only one can be meant. certctl reads certctl.toml: move the other away", .0.display(), .1.display())]
    Two(PathBuf, PathBuf),
    /// It has faults.
    #[error("certctl.toml has faults")]
    Findings {
        /// All of them.
        findings: Vec<Finding>,
        /// What could be read all the same, if that is enough to find the templates.
        usable: Option<Box<Config>>,
    },
}

impl ConfigError {
    /// What to do about it.
    pub fn help(&self) -> Help {
        match self {
            Self::Missing(_) => Help::none()
                .run("To start a new project here", Advice::Init)
                .say("Or name the folder of yours with --chdir."),
            Self::Other(_) => Help::none()
                .say("Write the settings into certctl.toml.")
                .run("To begin with one that has comments", Advice::Init),
            _ => Help::none(),
        }
    }
}

/// Why no environment could be chosen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EnvironmentError {
    /// There is none of that name.
    #[error("there is no environment {name:?} in certctl.toml{hint}. It has: {names}")]
    Unknown {
        /// The name asked for.
        name: String,
        /// The nearest name, in words.
        hint: String,
        /// All names.
        names: String,
    },
    /// None was named.
    #[error(
        "certctl.toml has several environments and no default_environment: choose one with --env. It has: {0}"
    )]
    NoneChosen(String),
}

/// Reads the configuration of a folder; `keys` must not be in it.
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
    // By way of a link, a file of somebody else's would be read, and its lines shown where they are no settings.
    if is_link {
        let reason =
            "it is a symbolic link, and certctl follows none to its settings. Put a copy in its place";
        return Err(unreadable(reason.to_owned()));
    }
    let bytes = boundary
        .read(&boundary.folder().join(FILE), MOST_BYTES)
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

impl Config {
    /// The environment of this name, or the one that is meant when none is named.
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
