//! The commands that make a state the newest again, as they are typed from the current folder.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::context::{Context, state_path};
use super::output::Output;
use super::recency::short;
use crate::model::{Advice, shell_word};
use crate::state::{How, InGit, Origin, Setback};

/// The way from the state in place to one that knows all that is known.
pub(super) struct WayBack<'a> {
    output: &'a Output,
    /// The state in place, as people here name it.
    state: PathBuf,
    setback: &'a Setback,
    /// Whether only another branch has the newer one, so that taking in that branch is the way.
    is_behind: bool,
}

impl<'a> WayBack<'a> {
    pub(super) fn new(
        context: &'a Context,
        output: &'a Output,
        setback: &'a Setback,
        is_behind: bool,
    ) -> Self {
        let state = PathBuf::from(state_path(&context.store));
        Self { output, state, setback, is_behind }
    }

    /// One command a line.
    pub(super) fn commands(&self) -> Vec<String> {
        match (self.setback.how, &self.setback.newest.origin) {
            (How::Forked | How::Unrelated, Origin::Mark(mark)) => vec![self.merge(mark)],
            (How::Forked | How::Unrelated, Origin::Head(place) | Origin::Ref { place, .. }) => {
                self.join(place)
            }
            (_, Origin::Ref { name, place }) if self.is_behind => vec![merge_branch(name, place)],
            (_, Origin::Mark(mark)) => vec![self.copy(mark)],
            (_, Origin::Head(place) | Origin::Ref { place, .. }) => vec![self.check_out(place)],
        }
    }

    /// The command that makes the present state the newest, whatever others say.
    pub(super) fn accept(&self) -> String {
        self.output.command(&Advice::StateAccept)
    }

    fn copy(&self, mark: &Path) -> String {
        let copy = format!("cp {} {}", word(mark), word(&self.state));
        match self.state.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) {
            Some(folder) => format!("mkdir -p {} && {copy}", word(folder)),
            None => copy,
        }
    }

    fn check_out(&self, place: &InGit) -> String {
        let from = short(&place.commit);
        // From inside the repository, where the state is below the current folder, git needs no telling where.
        if self.state.is_relative() && is_in(&place.root) {
            return format!("git checkout {from} -- {}", pathspec(&self.state));
        }
        format!("{} checkout {from} -- {}", git_in(&place.root), pathspec(&place.path))
    }

    fn join(&self, place: &InGit) -> Vec<String> {
        let mut theirs = self.state.clone().into_os_string();
        theirs.push(".theirs");
        let theirs = PathBuf::from(theirs);
        let mut object = std::ffi::OsString::from(format!("{}:", short(&place.commit)));
        object.push(&place.path);
        let git = git_in(&place.root);
        vec![
            format!("{git} show {} > {}", word(&object), word(&theirs)),
            self.merge(&theirs),
            format!("rm {}", word(&theirs)),
        ]
    }

    fn merge(&self, theirs: &Path) -> String {
        let (ours, theirs) = (self.state.clone(), theirs.to_owned());
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

fn merge_branch(name: &str, place: &InGit) -> String {
    format!("{} merge {}", git_in(&place.root), word(name))
}

/// Git for this repository, from the current folder.
fn git_in(root: &Path) -> String {
    if is_in(root) {
        return "git".to_owned();
    }
    let here = std::env::current_dir().and_then(std::fs::canonicalize).unwrap_or_default();
    let near = root.strip_prefix(&here).ok().filter(|near| !near.as_os_str().is_empty());
    format!("git -C {}", word(near.unwrap_or(root)))
}

/// Whether git, run in the current folder, acts on this repository.
fn is_in(root: &Path) -> bool {
    let Ok(here) = std::env::current_dir().and_then(std::fs::canonicalize) else { return false };
    here.ancestors().find(|folder| folder.join(".git").exists()) == Some(root)
}

/// A path as git takes it: stars and brackets are no patterns.
fn pathspec(path: &Path) -> String {
    let text = path.to_string_lossy();
    if text.contains(['*', '?', '[', '\\']) || text.starts_with(':') {
        return word(format!(":(literal){text}"));
    }
    word(path)
}

/// A text as one word of a command line. What begins like a flag is no flag.
fn word(text: impl AsRef<OsStr>) -> String {
    let text = text.as_ref();
    if text.as_encoded_bytes().starts_with(b"-") {
        return shell_word(Path::new(".").join(text));
    }
    shell_word(text)
}
