//! Turns [`Advice`] into commands that a person can paste where this run was started, and that act on the same
//! environment and templates. The only module that spells out commands; it never runs one.

mod again;
mod line;
mod option;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use again::Again;
use line::{CommandLine, GivenFlag, shell_path};
pub(super) use option::{EXCLUDE, TARGET, VAR, in_help};

use super::args::{Command, Global};
use super::{init, named_file, way_back};
use crate::model::{Advice, Commands, EditorSchema, Key, PlannedFor, RunOption, Settling, shell_word};
use crate::plan::Plan;

/// The name of this program.
const PROGRAM: &str = "certctl";
/// The name of a saved plan in examples.
pub(super) const SAVED_PLAN: &str = "change.plan";

/// How this run was started, as far as other commands need it.
#[derive(Clone, Debug, Default)]
pub(super) struct Invocation {
    chdir: Option<PathBuf>,
    /// The environment named on the command line or by `CERTCTL_ENV`; later commands must name it too.
    named: Option<String>,
    /// The environment of this run, once known.
    environment: Arc<OnceLock<String>>,
    /// Set if the environment accepts saved plans only, so that `apply` alone would be refused.
    saved_plans_only: Arc<OnceLock<()>>,
    /// Whether a saved plan names the environment, so that the next command need not.
    of_a_plan: bool,
    vars: Vec<(String, String)>,
    again: Again,
    /// The choice that a saved plan or a person made in place of this run's flags, once known.
    chosen: Arc<OnceLock<Choice>>,
}

/// The templates that a run is about, and the limit of changes. Later commands repeat it: a command that dropped an
/// exclusion would send what was excluded.
#[derive(Clone, Debug, Default)]
struct Choice {
    flags: Vec<GivenFlag>,
    max_changes: Option<u64>,
}

impl Invocation {
    pub(super) fn new(global: &Global, command: &Command) -> Self {
        Self {
            chdir: global.chdir.clone(),
            named: global.env.clone().or_else(|| global.envs.last().cloned()),
            environment: Arc::default(),
            saved_plans_only: Arc::default(),
            of_a_plan: matches!(command, Command::Show(_)),
            vars: global.vars.clone(),
            again: Again::of(command),
            chosen: Arc::default(),
        }
    }

    /// For the first run in a folder, on this environment.
    pub(super) fn first_in(folder: &Path, environment: &str) -> Self {
        let chdir = (!folder.as_os_str().is_empty()).then(|| folder.to_owned());
        let invocation = Self { chdir, ..Self::default() };
        invocation.works_on(environment);
        invocation
    }

    /// Sets the environment of this run.
    pub(super) fn works_on(&self, environment: &str) {
        // The first name wins: it is the one that was asked for.
        let _ = self.environment.set(environment.to_owned());
    }

    /// Makes later commands save a plan first.
    pub(super) fn apply_saved_plans_only(&self) {
        // Setting it again changes nothing.
        let _ = self.saved_plans_only.set(());
    }

    /// Returns the environment that this run is about, or was asked to be about.
    pub(super) fn environment(&self) -> Option<&str> {
        self.environment.get().or(self.named.as_ref()).map(String::as_str)
    }

    /// Makes later commands choose the templates of this saved plan.
    pub(super) fn is_about_plan(&self, plan: &Plan) {
        let own = self.again.choice.max_changes;
        let selection = plan.selection.clone().unwrap_or_default();
        self.is_about(Choice::of(&selection.target, &selection.exclude, own.or(plan.max_changes)));
    }

    /// Makes later commands choose only these templates.
    pub(super) fn is_about_keys(&self, keys: &[Key]) {
        self.is_about(Choice::of_keys(keys));
    }

    fn is_about(&self, choice: Choice) {
        // The first choice wins: no run makes two.
        let _ = self.chosen.set(choice);
    }

    fn choice(&self) -> &Choice {
        self.chosen.get().unwrap_or(&self.again.choice)
    }

    /// Begins a command for this folder. A command that only reads uses the same flags as this run; one that changes a
    /// state always names its environment.
    fn line(&self, subcommand: &str, changes_state: bool) -> CommandLine {
        let is_said = changes_state || self.named.is_some() || self.of_a_plan;
        self.line_on(subcommand, self.environment().filter(|_| is_said))
    }

    /// Begins a command for an environment; `None` leaves the flag out.
    fn line_on(&self, subcommand: &str, environment: Option<&str>) -> CommandLine {
        CommandLine {
            chdir: self.chdir.clone(),
            subcommand: subcommand.to_owned(),
            environment: environment.map(str::to_owned),
            ..CommandLine::default()
        }
    }

    /// Like [`Self::line`], for a command that reads the YAML.
    fn line_with_vars(&self, subcommand: &str, changes_state: bool) -> CommandLine {
        let mut line = self.line(subcommand, changes_state);
        line.vars.clone_from(&self.vars);
        line
    }

    /// Like [`Self::line_with_vars`], for a command that plans the templates of this run.
    fn line_on_choice(&self, subcommand: &str, changes_state: bool) -> CommandLine {
        self.line_with_vars(subcommand, changes_state).choosing(self.choice())
    }

    /// Returns the flags that were given, or the choice of this run if none were.
    fn rest(&self, target: &[String], exclude: &[String], max_changes: Option<u64>) -> Choice {
        if target.is_empty() && exclude.is_empty() {
            return Choice { max_changes, ..self.choice().clone() };
        }
        Choice::of(target, exclude, max_changes)
    }

    /// The command that submits the changes, or saves a plan if the environment requires one.
    fn apply(&self) -> CommandLine {
        if self.saved_plans_only.get().is_some() {
            return self.line_with_vars("plan", true).value("--out", SAVED_PLAN);
        }
        self.line_with_vars("apply", true)
    }

    /// The command that makes a plan for a file, with the same choice as the existing one.
    fn plan_like(&self, file: &Path, like: &PlannedFor) -> CommandLine {
        let choice = Choice::of(&like.targets, &like.excludes, self.choice().max_changes);
        let mut line = self.line_on("plan", Some(&like.environment)).value("--out", file).choosing(&choice);
        line.vars.clone_from(&self.vars);
        line
    }

    fn settle(&self, key: Option<&Key>, how: &Settling) -> CommandLine {
        let line = match how {
            Settling::Resend => self.line_with_vars("recover", true),
            _ => self.line("recover", true),
        };
        let line = match how {
            Settling::FromCsv => line.value("--from-csv", "FILE"),
            Settling::Created(id) => line.value("--created", id.as_ref().map_or("ID", |id| id.as_str())),
            Settling::Applied => line.flag("--applied"),
            Settling::NotCreated => line.flag("--not-created"),
            Settling::Resend => line.flag("--resend"),
        };
        line.name(key)
    }
}

impl Commands for Invocation {
    fn command(&self, advice: &Advice) -> String {
        let line = match advice {
            Advice::Init => self.line_on("init", None),
            Advice::Validate => self.line_with_vars("validate", false),
            Advice::Doctor => self.line_with_vars("doctor", false),
            Advice::Format { files } => self.line_on("fmt", None).names(files),
            Advice::Plan => self.line_on_choice("plan", false),
            Advice::PlanOut { file, like: None } => {
                self.line_with_vars("plan", false).value("--out", file).choosing(self.choice())
            }
            Advice::PlanOut { file, like: Some(like) } => self.plan_like(file, like),
            Advice::Again { auto_approve, max_changes } => self.again(*auto_approve, *max_changes),
            Advice::AddOption(option) => return option::with_placeholder(option),
            Advice::Apply => self.apply().choosing(self.choice()),
            Advice::ApplyOnly { keys } => self.apply().choosing(&Choice::of_keys(keys)),
            Advice::ApplyRest { target, exclude, max_changes } => {
                self.apply().choosing(&self.rest(target, exclude, *max_changes))
            }
            Advice::ApplyPlan { file, environment } => match environment {
                Some(other) => self.line_on("apply", Some(other)),
                None => self.line("apply", true),
            }
            .names([file]),
            Advice::Recover { keys } => self.line("recover", false).names(keys.iter().map(Key::as_str)),
            Advice::Settle { key, how } => self.settle(key.as_ref(), how),
            Advice::Import { key, id } => {
                let id = id.as_ref().map_or("ID", |id| id.as_str());
                self.line_with_vars("import", true).names([key.as_str(), id])
            }
            Advice::ObserverCertify { keys, again } => {
                let line = self.line_with_vars("observer certify", true).names(keys.iter().map(Key::as_str));
                if *again { line.flag("--again") } else { line }
            }
            Advice::ObserverStatus => self.line_with_vars("observer status", true),
            Advice::Refresh => {
                let mut line = self.line_on_choice("refresh", true);
                line.flags.extend(self.again.out.iter().cloned());
                line
            }
            Advice::StateList => self.line("state list", false),
            Advice::StateShow { key } => self.line("state show", false).name(key.as_ref()),
            Advice::StateHistory { key } => {
                self.line("state history", false).names(key.iter().map(Key::as_str))
            }
            Advice::StatePull { file } => {
                return format!("{} > {}", self.line("state pull", false), shell_path(file));
            }
            Advice::StatePush { file } => self.line("state push", true).names([file]),
            Advice::StateRestore { serial } => self.line("state restore", true).names([serial.to_string()]),
            Advice::Revert { key, serial, file } => {
                let serial_flag = if key.is_some() { "--at" } else { "--to" };
                let line = self.line_with_vars("revert", true).value(serial_flag, serial.to_string());
                line.value("--out", file).names(key.iter().map(Key::as_str))
            }
            Advice::StateRm { keys } => self.line("state rm", true).names(keys.iter().map(Key::as_str)),
            Advice::StateVerify { file: None } => self.line("state verify", false),
            // The file alone decides.
            Advice::StateVerify { file } => CommandLine::of_files("state verify").names(file),
            Advice::StateAccept => self.line("state accept", true),
            Advice::StateUnlock { id } => self.line("state unlock", true).names([id]),
            Advice::StateMerge { base, ours, theirs, out, unrelated, then_remove } => {
                let base = base.as_deref().unwrap_or_else(|| Path::new(named_file::NOTHING));
                let versions = [base, ours, theirs];
                let merge = CommandLine::of_files("state merge").names(versions).value("-o", out);
                let merge = if *unrelated { merge.flag("--unrelated") } else { merge };
                if !then_remove {
                    return merge.to_string();
                }
                return format!("{merge} && rm {}", versions.map(shell_path).join(" "));
            }
            Advice::GitLog { file } => return way_back::git_log(file),
            Advice::GitCheckout { root, commit, path } => return way_back::git_checkout(root, commit, path),
            Advice::GitShow { file, version, to } => return git_show(file, version, to),
            Advice::CopyFile { from, to } => return of_the_shell("cp", from, to),
            Advice::GitMergeDriver { root } => return init::merge_driver(root),
            Advice::AppendLines { lines, file } => return append_lines(lines, file),
            Advice::RenewSchema { schema, file } => {
                let subject = match schema {
                    EditorSchema::Templates => "schema templates",
                    EditorSchema::Config => "schema config",
                };
                return format!("{} > {}", CommandLine::of_files(subject), shell_path(file));
            }
            Advice::SetClock => return set_clock().to_owned(),
            Advice::TypeSecret { variable } => return type_secret(variable),
            Advice::SetVariable { variable, value } => {
                return format!("export {variable}={}", shell_word(value));
            }
            Advice::UnsetVariable { variable } => return format!("unset {variable}"),
            Advice::KeepOthersOut { folder } => return format!("chmod go-w {}", shell_path(folder)),
            Advice::PutAside { file } => {
                let mut aside = file.clone().into_os_string();
                aside.push(".aside");
                return of_the_shell("mv", file, Path::new(&aside));
            }
            Advice::Version => return "certctl --version --verbose".to_owned(),
            Advice::StateMv { from, to } => self.line("state mv", true).names([from.as_str(), to.as_str()]),
        };
        line.to_string()
    }

    fn option(&self, option: &RunOption) -> String {
        option::name(option).to_owned()
    }
}

fn append_lines(lines: &[String], file: &Path) -> String {
    let lines: Vec<String> = lines.iter().map(shell_word).collect();
    format!("printf '%s\\n' {} >> {}", lines.join(" "), shell_path(file))
}

/// Without an echo, a secret is neither on the screen nor in the history of the shell.
fn type_secret(variable: &str) -> String {
    format!("stty -echo; read -r {variable}; stty echo; export {variable}")
}

/// The command that has the system keep its clock right.
fn set_clock() -> &'static str {
    if cfg!(target_os = "macos") {
        "sudo sntp -sS time.apple.com"
    } else if cfg!(windows) {
        "w32tm /resync"
    } else {
        "sudo timedatectl set-ntp true"
    }
}

fn of_the_shell(program: &str, from: &Path, to: &Path) -> String {
    format!("{program} {} {}", shell_path(from), shell_path(to))
}

fn git_show(file: &Path, version: &str, to: &Path) -> String {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut blob = OsString::from(format!("{version}:./"));
    blob.push(file.file_name().unwrap_or_default());
    format!("git -C {} show {} > {}", shell_word(folder), shell_word(blob), shell_path(to))
}

impl Choice {
    fn of(target: &[String], exclude: &[String], max_changes: Option<u64>) -> Self {
        let of = |flag, values: &[String]| {
            values.iter().map(|value| GivenFlag(flag, Some(value.into()))).collect::<Vec<_>>()
        };
        let mut flags = of(TARGET, target);
        flags.extend(of(EXCLUDE, exclude));
        Self { flags, max_changes }
    }

    /// Selects exactly these keys, even if one looks like a glob.
    fn of_keys(keys: &[Key]) -> Self {
        let keys: Vec<String> = keys.iter().map(|key| glob::Pattern::escape(key.as_str())).collect();
        Self::of(&keys, &[], None)
    }
}

#[cfg(test)]
mod tests;
