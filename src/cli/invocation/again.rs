//! This run as a command to paste again: its subcommand, with every flag and name that decides what it does.

use std::ffi::OsString;

use super::line::{CommandLine, GivenFlag};
use super::{Choice, Invocation};
use crate::cli::args::{Command, Common, ObservationArgs, StateCommand};

/// The subcommand of this run, with everything that decides what it does.
#[derive(Clone, Debug, Default)]
pub(super) struct Again {
    subcommand: &'static str,
    /// The selected templates.
    pub(super) choice: Choice,
    /// The files that it reads, and the one that it saves its result in.
    pub(super) out: Vec<GivenFlag>,
    names: Vec<OsString>,
    changes_state: bool,
}

impl Again {
    pub(super) fn of(command: &Command) -> Self {
        match command {
            Command::Plan(args) => {
                let out = args.out.iter().map(|file| GivenFlag("--out", Some(file.into())));
                let state = args.state.iter().map(|file| GivenFlag("--state", Some(file.into())));
                Self { out: state.chain(out).collect(), ..Self::with("plan", &args.common) }
            }
            Command::Apply(args) => {
                let names = args.plan.iter().map(OsString::from).collect();
                Self { names, changes_state: true, ..Self::with("apply", &args.common) }
            }
            Command::Drift(args) => Self {
                subcommand: "drift",
                choice: Choice::of(&args.targets.target, &args.targets.exclude, None),
                out: looked_at(&args.observation),
                ..Self::default()
            },
            Command::Revert(args) => {
                let serial = |flag, serial: Option<u64>| {
                    serial.map(|serial| GivenFlag(flag, Some(serial.to_string().into())))
                };
                let flags = serial("--at", args.at).into_iter().chain(serial("--to", args.to));
                Self {
                    subcommand: "revert",
                    choice: Choice::of(&[], &[], args.max_changes),
                    out: flags.chain([GivenFlag("--out", Some(args.out.clone().into()))]).collect(),
                    names: args.key.iter().map(|key| key.as_str().into()).collect(),
                    ..Self::default()
                }
            }
            Command::Refresh(args) => Self {
                subcommand: "refresh",
                choice: Choice::of(&args.targets.target, &args.targets.exclude, None),
                out: looked_at(&args.observation)
                    .into_iter()
                    .chain(args.write.then_some(GivenFlag("--write", None)))
                    .collect(),
                changes_state: true,
                ..Self::default()
            },
            Command::Import(args) => {
                let (key, id) =
                    (args.key.iter().map(|key| key.as_str().into()), args.id.iter().map(Into::into));
                Self {
                    subcommand: "import",
                    names: key.chain(id).collect(),
                    changes_state: true,
                    ..Self::default()
                }
            }
            Command::State(args) => match &args.command {
                StateCommand::Rm { keys, .. } => Self {
                    subcommand: "state rm",
                    names: keys.iter().map(OsString::from).collect(),
                    changes_state: true,
                    ..Self::default()
                },
                StateCommand::Push { file, .. } => Self {
                    subcommand: "state push",
                    names: vec![file.into()],
                    changes_state: true,
                    ..Self::default()
                },
                StateCommand::Restore { serial, .. } => Self {
                    subcommand: "state restore",
                    names: vec![serial.to_string().into()],
                    changes_state: true,
                    ..Self::default()
                },
                StateCommand::Migrate { from, to, .. } => Self {
                    subcommand: "state migrate",
                    names: vec![from.into(), to.into()],
                    changes_state: true,
                    ..Self::default()
                },
                StateCommand::Unlock { id, .. } => Self {
                    subcommand: "state unlock",
                    names: vec![id.into()],
                    changes_state: true,
                    ..Self::default()
                },
                StateCommand::Prune { keep, .. } => Self {
                    subcommand: "state prune",
                    out: vec![GivenFlag("--keep", Some(keep.to_string().into()))],
                    changes_state: true,
                    ..Self::default()
                },
                StateCommand::Accept { .. } => {
                    Self { subcommand: "state accept", changes_state: true, ..Self::default() }
                }
                _ => Self::default(),
            },
            _ => Self::default(),
        }
    }

    fn with(subcommand: &'static str, common: &Common) -> Self {
        let mut choice = Choice::of(&common.targets.target, &common.targets.exclude, common.max_changes);
        choice.flags.extend(common.allow_empty.then_some(GivenFlag("--allow-empty", None)));
        Self { subcommand, choice, ..Self::default() }
    }
}

impl Invocation {
    /// This run once more, with other answers.
    pub(super) fn again(&self, auto_approve: bool, max_changes: Option<u64>) -> CommandLine {
        let again = &self.again;
        let choice = Choice { max_changes: max_changes.or(again.choice.max_changes), ..again.choice.clone() };
        let mut line = self.line_with_vars(again.subcommand, again.changes_state).choosing(&choice);
        line.flags.extend(again.out.iter().cloned());
        if auto_approve {
            line = line.flag("--auto-approve");
        }
        line.names(&again.names)
    }
}

/// The flags that say where this run looked.
fn looked_at(args: &ObservationArgs) -> Vec<GivenFlag> {
    let files = [
        ("--from-csv", &args.from_csv),
        ("--labels", &args.labels),
        ("--fields", &args.fields),
        ("--certificates", &args.certificates),
    ];
    let files =
        files.into_iter().filter_map(|(flag, file)| Some(GivenFlag(flag, Some(file.as_ref()?.into()))));
    let taken_at = args.taken_at.map(|at| GivenFlag("--taken-at", Some(at.to_string().into())));
    let observer = args.from_observer.then_some(GivenFlag("--from-observer", None));
    let extra = args.extra.iter().map(|column| GivenFlag("--extra", Some(column.to_string().into())));
    files.chain(extra).chain(taken_at).chain(observer).collect()
}
