//! The commands that make a state the newest again, as a person types them in the current folder. Called by
//! [`super::recency`] and [`super::lost_journal`]; it runs none of them.

mod shared;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::context::{Context, shown_path, state_path};
use super::output::Output;
use super::recency::short;
use crate::model::{Advice, shell_word};
use crate::repository::repository_root;
use crate::state::{How, InGit, Setback, SightingSource, real_path};

/// Leads from the state in place to one that includes everything known.
pub(super) struct WayBackCommands<'a> {
    output: &'a Output,
    /// The state in place, as named from the current folder.
    state: PathBuf,
    setback: &'a Setback,
    /// Whether only another branch has the newer state, so that merging the branch solves it.
    is_behind: bool,
    context: &'a Context,
}

impl<'a> WayBackCommands<'a> {
    pub(super) fn new(
        context: &'a Context,
        output: &'a Output,
        setback: &'a Setback,
        is_behind: bool,
    ) -> Self {
        let state = PathBuf::from(state_path(&context.store));
        Self { output, state, setback, is_behind, context }
    }

    /// Returns the commands, one per line.
    pub(super) fn commands(&self) -> Vec<String> {
        let seen_environment = &self.setback.newest.outline.identity.environment;
        if self.setback.how != How::Missing || *seen_environment == self.context.identity.environment {
            return self.bring_back();
        }
        let mut commands = self.bring_back();
        commands.push(self.accept());
        commands
    }

    fn bring_back(&self) -> Vec<String> {
        if let Some(address) = self.context.store.address() {
            return self.bring_back_to(&address);
        }
        match (self.setback.how, &self.setback.newest.origin) {
            (How::Forked | How::Unrelated, SightingSource::Mark(file) | SightingSource::File(file)) => {
                vec![self.merge(file)]
            }
            (
                How::Forked | How::Unrelated,
                SightingSource::Head(place)
                | SightingSource::Elsewhere(place)
                | SightingSource::Ref { place, .. },
            ) => self.join(place),
            (_, origin @ SightingSource::Ref { name, place }) if self.is_behind && !origin.is_stash() => {
                vec![merge_branch(name, place)]
            }
            (_, SightingSource::Mark(mark)) => vec![self.copy(mark)],
            (_, SightingSource::File(file)) => self.take_from(file),
            (_, SightingSource::Journal(journal)) => vec![self.take_journal(journal)],
            (_, SightingSource::Elsewhere(place)) => vec![self.take_out(place)],
            (_, SightingSource::Head(place) | SightingSource::Ref { place, .. }) => {
                vec![self.check_out(place)]
            }
        }
    }

    /// Returns the command that merges the branch with the newest state, if there is one.
    pub(super) fn merge_the_branch(&self) -> Option<String> {
        match &self.setback.branch.as_ref()?.origin {
            SightingSource::Ref { name, place } => Some(merge_branch(name, place)),
            _ => None,
        }
    }

    /// Returns the command that makes the present state the newest.
    pub(super) fn accept(&self) -> String {
        self.output.command(&Advice::StateAccept)
    }

    fn copy(&self, mark: &Path) -> String {
        self.in_its_folder(format!("cp {} {}", word(mark), word(&self.state)))
    }

    fn take_journal(&self, journal: &Path) -> String {
        let from = PathBuf::from(shown_path(journal));
        self.in_its_folder(format!("mv {} {}", word(from), word(self.state.with_added_extension("journal"))))
    }

    /// Takes the state together with the journal of an interrupted run.
    fn take_from(&self, file: &Path) -> Vec<String> {
        let near = |path: &Path| PathBuf::from(shown_path(path));
        let beside = |path: &Path| path.with_added_extension("journal");
        let mv = |from: &Path, to: &Path| format!("mv {} {}", word(near(from)), word(to));
        let mut commands = vec![self.in_its_folder(mv(file, &self.state))];
        if beside(file).exists() {
            commands.push(mv(&beside(file), &beside(&self.state)));
        }
        commands
    }

    fn take_out(&self, place: &InGit) -> String {
        self.in_its_folder(git_show(place, &self.state))
    }

    fn in_its_folder(&self, command: String) -> String {
        in_folder_of(&self.state, command)
    }

    fn check_out(&self, place: &InGit) -> String {
        let from = short(&place.commit);
        // Inside the repository, with the state below the current folder, git needs no `-C`.
        if self.state.is_relative() && is_in(&place.root) {
            return format!("git checkout {from} -- {}", pathspec(&self.state));
        }
        git_checkout(&place.root, from, &place.path)
    }

    fn join(&self, place: &InGit) -> Vec<String> {
        let mut theirs = self.state.clone().into_os_string();
        theirs.push(".theirs");
        let theirs = PathBuf::from(theirs);
        vec![git_show(place, &theirs), self.merge(&theirs), format!("rm {}", word(&theirs))]
    }

    fn merge(&self, theirs: &Path) -> String {
        self.merge_files(&self.state, theirs)
    }

    fn merge_files(&self, ours: &Path, theirs: &Path) -> String {
        let (ours, theirs) = (ours.to_owned(), theirs.to_owned());
        self.output.command(&Advice::StateMerge {
            base: None,
            ours: ours.clone(),
            theirs,
            out: ours,
            unrelated: self.setback.how == How::Unrelated,
            then_remove: false,
        })
    }
}

/// Copies a file to a path whose folder may be missing.
pub(super) fn copy_to(file: &Path, place: &str) -> String {
    in_folder_of(Path::new(place), format!("cp {} {}", word(file), word(place)))
}

/// Creates the folder first if it is missing.
fn in_folder_of(file: &Path, command: String) -> String {
    match file.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) {
        Some(folder) => format!("mkdir -p {} && {command}", word(folder)),
        None => command,
    }
}

/// Takes a file out of a commit; `path` is relative to the repository.
pub(super) fn git_checkout(root: &Path, commit: &str, path: &Path) -> String {
    format!("{} checkout {} -- {}", git_at(root), short(commit), pathspec(path))
}

/// Shows who changed a file, as typed in a repository if there is none here.
pub(super) fn git_log(file: &Path) -> String {
    let whole = real_path(file);
    let root = whole.parent().and_then(repository_root);
    match root.and_then(|root| Some((root, whole.strip_prefix(root).ok()?))) {
        // Inside the repository, git needs no `-C`.
        Some((root, _)) if is_in(root) && file.is_relative() => format!("git log -p -- {}", pathspec(file)),
        Some((root, name)) => format!("{} log -p -- {}", git_at(root), pathspec(name)),
        None => format!("git log -p -- {}", pathspec(file)),
    }
}

/// Writes a file's content in a commit to `to`.
fn git_show(place: &InGit, to: &Path) -> String {
    let place = InGit { commit: short(&place.commit).to_owned(), ..place.clone() };
    format!("{} show {} > {}", git_in(&place.root), word(place.object()), word(to))
}

fn merge_branch(name: &str, place: &InGit) -> String {
    format!("{} merge {}", git_in(&place.root), word(name))
}

/// Runs git in this repository, for commands without paths.
fn git_in(root: &Path) -> String {
    if is_in(root) { "git".to_owned() } else { git_at(root) }
}

/// Runs git at the root of this repository, for paths from there.
fn git_at(root: &Path) -> String {
    let here = here();
    match root.strip_prefix(&here) {
        Ok(near) if near.as_os_str().is_empty() => "git".to_owned(),
        Ok(near) => format!("git -C {}", word(near)),
        Err(_) => format!("git -C {}", word(root)),
    }
}

/// Returns whether git acts on this repository if run in the current folder.
fn is_in(root: &Path) -> bool {
    repository_root(&here()) == Some(root)
}

/// Returns the current folder with links resolved, or an empty path if it was removed.
fn here() -> PathBuf {
    std::env::current_dir().and_then(std::fs::canonicalize).unwrap_or_default()
}

/// Writes a path as git takes it, with `*` and `[` as plain characters.
fn pathspec(path: &Path) -> String {
    let text = path.to_string_lossy();
    if text.contains(['*', '?', '[', '\\']) || text.starts_with(':') {
        return word(format!(":(literal){text}"));
    }
    word(path)
}

/// Quotes a text as one word of a command line. A word that begins like a flag is not taken for one.
fn word(text: impl AsRef<OsStr>) -> String {
    let text = text.as_ref();
    if text.as_encoded_bytes().starts_with(b"-") {
        return shell_word(Path::new(".").join(text));
    }
    shell_word(text)
}
