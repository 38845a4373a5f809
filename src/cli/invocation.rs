//! The one place that writes commands: as they are typed where this run was started, and acting on what it acts on.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::args::{Command, Common, Global, StateCommand};
use super::shell_word::shell_word;
use crate::model::{Advice, Commands, Key, Settling};

/// What this program is called.
const PROGRAM: &str = "certctl";

/// How this run was started, as far as other commands need it.
#[derive(Clone, Debug, Default)]
pub(super) struct Invocation {
    chdir: Option<PathBuf>,
    /// The environment that was named, on the command line or by `CERTCTL_ENV`: the next command is to have it too.
    named: Option<String>,
    /// The environment that this run is about, once that is known.
    environment: Arc<OnceLock<String>>,
    /// Whether the environment is told by a saved plan, which the next command need not read.
    of_a_plan: bool,
    vars: Vec<(String, String)>,
    again: Again,
}

/// The subcommand of this run, with all that decides what it does.
#[derive(Clone, Debug, Default)]
struct Again {
    words: Vec<OsString>,
    names: Vec<OsString>,
    max_changes: Option<u64>,
    changes_state: bool,
}

impl Invocation {
    pub(super) fn new(global: &Global, command: &Command) -> Self {
        Self {
            chdir: global.chdir.clone(),
            named: global.env.clone(),
            environment: Arc::default(),
            of_a_plan: matches!(command, Command::Show(_)),
            vars: global.vars.clone(),
            again: Again::of(command),
        }
    }

    /// A first run in a folder, on this environment.
    pub(super) fn first_in(folder: &Path, environment: &str) -> Self {
        let chdir = (!folder.as_os_str().is_empty()).then(|| folder.to_owned());
        let invocation = Self { chdir, ..Self::default() };
        invocation.works_on(environment);
        invocation
    }

    /// From here on the environment is known.
    pub(super) fn works_on(&self, environment: &str) {
        // The first name stays: it is the one that was asked for.
        let _ = self.environment.set(environment.to_owned());
    }

    /// The environment that this run is about, or was asked to be about.
    pub(super) fn environment(&self) -> Option<&str> {
        self.environment.get().or(self.named.as_ref()).map(String::as_str)
    }

    /// A command in this folder. Commands that read look where this run looked; those that change a state name its
    /// environment in any case.
    fn line(&self, changes_state: bool) -> Line {
        let is_said = changes_state || self.named.is_some() || self.of_a_plan;
        self.line_on(self.environment().filter(|_| is_said))
    }

    /// A command on this environment; where none is said, on the one that is meant then.
    fn line_on(&self, environment: Option<&str>) -> Line {
        let mut line = Line(PROGRAM.to_owned());
        if let Some(chdir) = &self.chdir {
            line.option("-C", "--chdir", chdir);
        }
        if let Some(environment) = environment {
            line.option("-e", "--env", environment);
        }
        line
    }

    /// The same, for a command that reads the YAML.
    fn line_with_vars(&self, changes_state: bool) -> Line {
        let mut line = self.line(changes_state);
        for (name, value) in &self.vars {
            line.word("--var").word(format!("{name}={value}"));
        }
        line
    }

    fn again(&self, auto_approve: bool, max_changes: Option<u64>) -> Line {
        let again = &self.again;
        let mut line = self.line_with_vars(again.changes_state);
        line.words(&again.words);
        if let Some(limit) = max_changes.or(again.max_changes) {
            line.word("--max-changes").word(limit.to_string());
        }
        if auto_approve {
            line.word("--auto-approve");
        }
        line.names(&again.names);
        line
    }

    fn settle(&self, key: Option<&Key>, how: &Settling) -> Line {
        let mut line = match how {
            Settling::Resend => self.line_with_vars(true),
            _ => self.line(true),
        };
        line.word("recover");
        match how {
            Settling::FromCsv => line.word("--from-csv").word("FILE"),
            Settling::Created(id) => line.word("--created").word(id.as_ref().map_or("ID", |id| id.as_str())),
            Settling::Applied => line.word("--applied"),
            Settling::NotCreated => line.word("--not-created"),
            Settling::Resend => line.word("--resend"),
        };
        line.name(key);
        line
    }
}

impl Commands for Invocation {
    fn command(&self, advice: &Advice) -> String {
        let mut line = match advice {
            Advice::Again { .. } | Advice::Settle { .. } => Line(String::new()),
            Advice::Plan | Advice::PlanOut { .. } => self.line_with_vars(false),
            Advice::Apply | Advice::ImportFromCsv | Advice::Import { .. } => self.line_with_vars(true),
            Advice::ApplyPlan { environment: Some(other), .. } => {
                self.line_on(Some(other))
            }
            Advice::ApplyPlan { .. } | Advice::StateRm { .. } | Advice::StateMv { .. } => self.line(true),
            Advice::Recover { .. } | Advice::StateList | Advice::StateShow { .. } => self.line(false),
            Advice::Init => self.line_on(None),
        };
        match advice {
            Advice::Init => line.word("init"),
            Advice::Plan => line.word("plan"),
            Advice::PlanOut { file } => line.word("plan").option("--out", "--out", file),
            Advice::Again { auto_approve, max_changes } => return self.again(*auto_approve, *max_changes).0,
            Advice::Apply => line.word("apply"),
            Advice::ApplyPlan { file, .. } => line.word("apply").names([file]),
            Advice::Recover { keys } => line.word("recover").names(keys.iter().map(Key::as_str)),
            Advice::Settle { key, how } => return self.settle(key.as_ref(), how).0,
            Advice::Import { key, id } => {
                let id = id.as_ref().map_or("ID", |id| id.as_str());
                line.word("import").names([key.as_str(), id])
            }
            Advice::ImportFromCsv => line.word("import").word("--from-csv").word("FILE"),
            Advice::StateList => line.words(["state", "list"]),
            Advice::StateShow { key } => line.words(["state", "show"]).name(key.as_ref()),
            Advice::StateRm { key } => line.words(["state", "rm"]).names([key.as_str()]),
            Advice::StateMv { from, to } => line.words(["state", "mv"]).names([from.as_str(), to.as_str()]),
        };
        line.0
    }
}

/// A command line in the making.
struct Line(String);

impl Line {
    fn word(&mut self, word: impl AsRef<OsStr>) -> &mut Self {
        self.0.push(' ');
        self.0.push_str(&shell_word(word));
        self
    }

    fn words(&mut self, words: impl IntoIterator<Item = impl AsRef<OsStr>>) -> &mut Self {
        words.into_iter().fold(self, |line, word| line.word(word))
    }

    /// A flag with its value. A value that looks like a flag is joined to it.
    fn option(&mut self, short: &str, long: &str, value: impl AsRef<OsStr>) -> &mut Self {
        let value = value.as_ref();
        if !is_like_a_flag(value) {
            return self.word(short).word(value);
        }
        let mut joined = OsString::from(long);
        joined.push("=");
        joined.push(value);
        self.word(joined)
    }

    /// What is named at the end: keys, files. After `--` where one looks like a flag.
    fn names(&mut self, names: impl IntoIterator<Item = impl AsRef<OsStr>>) -> &mut Self {
        let names: Vec<_> = names.into_iter().collect();
        if names.iter().any(|name| is_like_a_flag(name.as_ref())) {
            self.word("--");
        }
        self.words(names)
    }

    /// A key, or the place for one.
    fn name(&mut self, key: Option<&Key>) -> &mut Self {
        self.names([key.map_or("KEY", Key::as_str)])
    }
}

fn is_like_a_flag(text: &OsStr) -> bool {
    text.as_encoded_bytes().starts_with(b"-")
}

impl Again {
    fn of(command: &Command) -> Self {
        match command {
            Command::Plan(args) => {
                let mut again = Self::with("plan", &args.common);
                if let Some(file) = &args.out {
                    again.flag("--out", file);
                }
                again
            }
            Command::Apply(args) => {
                let names = args.plan.iter().map(|file: &PathBuf| file.clone().into_os_string()).collect();
                Self { names, changes_state: true, ..Self::with("apply", &args.common) }
            }
            Command::State(args) => match &args.command {
                StateCommand::Rm { keys, .. } => Self {
                    words: ["state", "rm"].map(OsString::from).to_vec(),
                    names: keys.iter().map(OsString::from).collect(),
                    max_changes: None,
                    changes_state: true,
                },
                _ => Self::default(),
            },
            _ => Self::default(),
        }
    }

    fn with(subcommand: &str, common: &Common) -> Self {
        let mut again = Self {
            words: vec![subcommand.into()],
            max_changes: common.max_changes,
            ..Self::default()
        };
        for target in &common.target {
            again.flag("--target", target);
        }
        for exclude in &common.exclude {
            again.flag("--exclude", exclude);
        }
        if common.allow_empty {
            again.words.push("--allow-empty".into());
        }
        again
    }

    fn flag(&mut self, flag: &str, value: impl AsRef<Path>) {
        let value = value.as_ref().as_os_str();
        if is_like_a_flag(value) {
            let mut joined = OsString::from(flag);
            joined.push("=");
            joined.push(value);
            self.words.push(joined);
        } else {
            self.words.extend([flag.into(), value.to_owned()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::super::args::Cli;
    use super::*;
    use crate::model::TemplateId;

    fn of(arguments: &[&str]) -> Invocation {
        let cli = Cli::try_parse_from([&["certctl"], arguments].concat()).unwrap();
        Invocation::new(&cli.global, &cli.command)
    }

    fn key(text: &str) -> Key {
        Key::new(text).unwrap()
    }

    #[test]
    fn folder_and_environment_are_those_of_this_run() {
        let here = of(&["plan"]);
        here.works_on("sandbox");
        assert_eq!(here.command(&Advice::Recover { keys: Vec::new() }), "certctl recover");
        // What changes a state says which.
        assert_eq!(here.command(&Advice::StateRm { key: key("a") }), "certctl -e sandbox state rm a");
        let there = of(&["-C", "my academy", "-e", "production", "plan"]);
        there.works_on("production");
        let begins = "certctl -C 'my academy' -e production";
        assert_eq!(there.command(&Advice::StateList), format!("{begins} state list"));
        assert_eq!(there.command(&Advice::Init), "certctl -C 'my academy' init");
        let other = Advice::ApplyPlan { file: "p".into(), environment: Some("test".to_owned()) };
        assert_eq!(there.command(&other), "certctl -C 'my academy' -e test apply p");
    }

    #[test]
    fn names_that_look_like_flags_are_names() {
        let invocation = of(&["-C", "a", "plan"]);
        let created = Settling::Created(TemplateId::from_server("8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01"));
        let settle = Advice::Settle { key: Some(key("-x")), how: created };
        assert_eq!(
            invocation.command(&settle),
            "certctl -C a recover --created 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01 -- -x"
        );
        let moved = Advice::StateMv { from: key("--a b"), to: key("c") };
        assert_eq!(invocation.command(&moved), "certctl -C a state mv -- '--a b' c");
        assert_eq!(
            invocation.command(&Advice::PlanOut { file: "-out".into() }),
            "certctl -C a plan --out=-out"
        );
    }

    #[test]
    fn the_same_again_keeps_what_was_chosen() {
        let again = |arguments: &[&str], auto_approve, max_changes| {
            let invocation = of(arguments);
            invocation.works_on("test");
            let command = invocation.command(&Advice::Again { auto_approve, max_changes });
            let words: Vec<String> = command.split(' ').map(|word| word.trim_matches('\'').to_owned()).collect();
            assert!(Cli::try_parse_from(&words).is_ok(), "{command}");
            command
        };
        assert_eq!(
            again(&["--var", "a=b c", "apply", "--target", "a*", "--allow-empty"], true, None),
            "certctl -e test --var 'a=b c' apply --target 'a*' --allow-empty --auto-approve"
        );
        assert_eq!(
            again(&["plan", "--out", "p", "--exclude=-a", "--max-changes", "5"], false, Some(99)),
            "certctl plan --exclude=-a --out p --max-changes 99"
        );
        assert_eq!(again(&["apply", "p"], false, Some(9)), "certctl -e test apply --max-changes 9 p");
        assert_eq!(again(&["state", "rm", "a*", "b"], true, None), "certctl -e test state rm --auto-approve 'a*' b");
    }
}
