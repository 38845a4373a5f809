//! The flags that every command has.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(in crate::cli) struct Global {
    /// Work on the certctl.toml in DIR. Other paths on the command line stay relative to where you are.
    #[arg(short = 'C', long = "chdir", value_name = "DIR", global = true)]
    pub(in crate::cli) chdir: Option<PathBuf>,
    /// The environment of certctl.toml to work on; without it, the one that `CERTCTL_ENV` names. `apply` and `doctor` take several.
    #[arg(short = 'e', long = "env", value_name = "NAME", global = true)]
    pub(in crate::cli) envs: Vec<String>,
    /// The environment, where there is one.
    #[arg(skip)]
    pub(in crate::cli) env: Option<String>,
    /// Set ${var.NAME} of the YAML. It wins over `CERTCTL_VAR_name` and certctl.toml.
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = name_and_value, global = true)]
    pub(in crate::cli) vars: Vec<(String, String)>,
    /// When to use colour; auto follows `NO_COLOR`, `CLICOLOR_FORCE`, `CLICOLOR` and TERM.
    #[arg(long, value_enum, default_value = "auto", global = true)]
    pub(in crate::cli) color: Colour,
    /// How long to wait for another run that holds the state.
    #[arg(long, value_name = "TIME", allow_negative_numbers = true, default_value = "30s", value_parser = humantime::parse_duration, global = true)]
    pub(in crate::cli) lock_timeout: Duration,
    /// Say less: no progress, no notes.
    #[arg(short, long, global = true)]
    pub(in crate::cli) quiet: bool,
    /// Say more: every attribute, every row; twice for a log.
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(in crate::cli) verbose: u8,
}

impl Global {
    /// Fills in what the process's environment variables say. A variable that is set to an empty text counts as not
    /// set, because pipelines do that with inputs that were not given.
    pub(in crate::cli) fn completed(mut self, lookup: &dyn Fn(&str) -> Option<OsString>) -> Self {
        let named = || lookup("CERTCTL_ENV").filter(|name| !name.is_empty());
        self.env =
            self.envs.last().cloned().or_else(|| named().map(|name| name.to_string_lossy().into_owned()));
        self
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Colour {
    Auto,
    Always,
    Never,
}

fn name_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}
