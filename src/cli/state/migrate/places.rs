//! The two places of a move: a file or an address on shared storage, as typed.

use std::path::{Path, PathBuf};

use super::super::super::context::{Context, shown_path, state_path};
use super::super::super::failure::Failure;
use super::super::super::output::Output;
use crate::config::{Environment, ServerAddress};
use crate::model::{Advice, StateAddress, StorageKind};
use crate::state::real_path;

/// Where a state is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum MovePlace {
    /// A file, with all links resolved.
    File(PathBuf),
    Shared(StateAddress),
}

/// Returns the place to move to, unless the state cannot be moved from the one to the other.
pub(super) fn checked(context: &Context, from: &Path, to: &Path) -> Result<MovePlace, Failure> {
    let from_place = MovePlace::parse(from, "the old place")?;
    let to_place = MovePlace::parse(to, "the new place")?;
    if matches!(context.environment.server, ServerAddress::Sandbox) {
        return Err(Failure::error(
            "the embedded server keeps its data beside the state, so the state of a sandbox stays where it is",
        ));
    }
    if from_place != MovePlace::of(&context.environment) {
        return Err(Failure::error(format!(
            "{} is not the state of the environment {}: that is {}",
            from.display(),
            context.environment.name,
            state_path(&context.store)
        )));
    }
    if from_place == to_place {
        return Err(Failure::error(format!("{} is where the state is", to.display())));
    }
    if from_place.is_on_a_server() && to_place.is_on_a_server() {
        let file = PathBuf::from("copy.json");
        return Err(Failure::error(
            "both places are on servers of Terraform's HTTP protocol, and there is one password and one lock in the variables \
             TF_HTTP_…: the state cannot be moved from the one to the other in one step",
        )
        .run("Copy the state", Advice::StatePull { file: file.clone() })
        .run(
            "Set the variables and `state` in certctl.toml for the new place, and put the copy there",
            Advice::StatePush { file },
        ));
    }
    let others = context.config.environments.values();
    match others.into_iter().find(|environment| MovePlace::of(environment) == to_place) {
        Some(other) => {
            let (to, name) = (to.display(), &other.name);
            Err(Failure::error(format!("{to} is the state of the environment {name}")))
        }
        None => Ok(to_place),
    }
}

impl MovePlace {
    /// Reads a place as typed. What is not one is not shown: it may have a password in it.
    fn parse(typed: &Path, which: &str) -> Result<Self, Failure> {
        match typed.to_str().and_then(StateAddress::parse) {
            None => Ok(Self::File(real_path(typed))),
            Some(Ok(address)) => Ok(Self::Shared(address)),
            Some(Err(invalid)) => {
                Err(Failure::error(format!("{which} {}: {}", invalid.message, invalid.help)))
            }
        }
    }

    fn of(environment: &Environment) -> Self {
        match &environment.shared_state {
            Some(address) => Self::Shared(address.clone()),
            None => Self::File(real_path(&environment.state)),
        }
    }

    fn is_on_a_server(&self) -> bool {
        matches!(self, Self::Shared(StateAddress::Http(_)))
    }

    /// The place for people.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::File(path) => shown_path(path),
            Self::Shared(address) => address.to_string(),
        }
    }

    /// The place as certctl.toml names it: a path is relative to its folder, if it is below.
    pub(super) fn named(&self, context: &Context) -> String {
        match self {
            Self::File(path) => {
                let root = real_path(&context.config.root);
                path.strip_prefix(root).unwrap_or(path).display().to_string()
            }
            Self::Shared(address) => address.to_string(),
        }
    }

    /// Says that both places are reached with the same variables, if they are on storage of one kind.
    pub(super) fn reached_like(&self, context: &Context, output: &Output) -> Option<String> {
        let (Self::Shared(old), Self::Shared(new)) = (Self::of(&context.environment), self) else {
            return None;
        };
        let (StateAddress::Object(old), StateAddress::Object(kept)) = (&old, new) else { return None };
        if old.kind() != kept.kind() {
            return None;
        }
        let (variables, what) = match kept.kind() {
            StorageKind::S3 => ("AWS_", "another account or endpoint"),
            StorageKind::Azure => ("AZURE_", "another storage account"),
        };
        let file = PathBuf::from("copy.json");
        let (pull, push) =
            (Advice::StatePull { file: file.clone() }, Advice::StatePush { file: file.clone() });
        Some(format!(
            "Both places are reached with the variables {variables}… that are set now. A move to {what} is not possible in one \
             step. Its way: copy the state with `{}`, set the variables of the other one and state = {:?} in \
             certctl.toml, and put the copy in place with `{}`.",
            output.command(&pull),
            new.to_string(),
            output.command(&push)
        ))
    }

    /// Says which files of the project have changed, as the end of a text.
    pub(super) fn to_be_committed(&self, context: &Context) -> &'static str {
        match (Self::of(&context.environment), self) {
            (Self::File(_), Self::File(_)) => "Commit it, with both files.\n",
            (Self::File(_), Self::Shared(_)) => {
                "Commit it, with the file in the old place, which says where the state is.\n"
            }
            (Self::Shared(_), Self::File(_)) => "Commit it, with the state.\n",
            (Self::Shared(_), Self::Shared(_)) => "Commit it.\n",
        }
    }
}
