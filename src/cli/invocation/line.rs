//! Builds one command line, quoted for a POSIX shell. Called by [`super`]; it knows no advice and no environment.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

use super::{Choice, PROGRAM};
use crate::model::{Key, shell_word};

/// A command line under construction.
#[derive(Debug, Default)]
pub(super) struct CommandLine {
    pub(super) chdir: Option<PathBuf>,
    pub(super) subcommand: String,
    /// Positional arguments: keys and files.
    pub(super) names: Vec<OsString>,
    pub(super) flags: Vec<GivenFlag>,
    pub(super) max_changes: Option<u64>,
    pub(super) vars: Vec<(String, String)>,
    pub(super) environment: Option<String>,
}

/// A flag, and its value if it has one.
#[derive(Clone, Debug)]
pub(super) struct GivenFlag(pub(super) &'static str, pub(super) Option<OsString>);

impl CommandLine {
    /// A command that needs no configuration.
    pub(super) fn of_files(subcommand: &str) -> Self {
        Self { subcommand: subcommand.to_owned(), ..Self::default() }
    }

    pub(super) fn choosing(mut self, choice: &Choice) -> Self {
        self.flags.extend(choice.flags.iter().cloned());
        self.max_changes = choice.max_changes;
        self
    }

    pub(super) fn flag(mut self, flag: &'static str) -> Self {
        self.flags.push(GivenFlag(flag, None));
        self
    }

    pub(super) fn value(mut self, flag: &'static str, value: impl AsRef<OsStr>) -> Self {
        self.flags.push(GivenFlag(flag, Some(value.as_ref().to_owned())));
        self
    }

    pub(super) fn names(mut self, names: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.names.extend(names.into_iter().map(|name| name.as_ref().to_owned()));
        self
    }

    /// Adds a key, or a placeholder for one.
    pub(super) fn name(self, key: Option<&Key>) -> Self {
        self.names([key.map_or("KEY", Key::as_str)])
    }
}

impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PROGRAM)?;
        if let Some(chdir) = &self.chdir {
            GivenFlag("-C", Some(chdir.into())).fmt(f)?;
        }
        write!(f, " {}", self.subcommand)?;
        let names: Vec<String> = self.names.iter().map(shell_word).collect();
        // Positional arguments come after the flags, behind `--` if one looks like a flag.
        let are_last = self.names.iter().any(|name| is_like_a_flag(name));
        if !are_last {
            names.iter().try_for_each(|name| write!(f, " {name}"))?;
        }
        self.flags.iter().try_for_each(|flag| flag.fmt(f))?;
        if let Some(limit) = self.max_changes {
            GivenFlag("--max-changes", Some(limit.to_string().into())).fmt(f)?;
        }
        for (name, value) in &self.vars {
            GivenFlag("--var", Some(format!("{name}={value}").into())).fmt(f)?;
        }
        if let Some(environment) = &self.environment {
            GivenFlag("-e", Some(environment.into())).fmt(f)?;
        }
        if are_last {
            f.write_str(" --")?;
            names.iter().try_for_each(|name| write!(f, " {name}"))?;
        }
        Ok(())
    }
}

impl fmt::Display for GivenFlag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(flag, value) = self;
        match value {
            None => write!(f, " {flag}"),
            // A value that looks like a flag must be joined to its flag.
            Some(value) if is_like_a_flag(value) => {
                let joined =
                    [OsStr::new(long(flag)), OsStr::new("="), value].into_iter().collect::<OsString>();
                write!(f, " {}", shell_word(joined))
            }
            Some(value) => write!(f, " {flag} {}", shell_word(value)),
        }
    }
}

fn long(flag: &'static str) -> &'static str {
    match flag {
        "-C" => "--chdir",
        "-e" => "--env",
        long => long,
    }
}

fn is_like_a_flag(text: &OsStr) -> bool {
    text.as_encoded_bytes().starts_with(b"-")
}

/// Writes a path so that no program takes it for a flag.
pub(super) fn shell_path(path: &Path) -> String {
    if is_like_a_flag(path.as_os_str()) { shell_word(Path::new(".").join(path)) } else { shell_word(path) }
}
