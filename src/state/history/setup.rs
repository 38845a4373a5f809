//! How git is set up for a state: what it does with the file when branches are merged, and what it leaves out. Git is
//! asked as for the history: it runs no other program.

use std::path::Path;

use super::git::{Git, Running, failure};
use super::{LookLimits, Unchecked, root_of};
use crate::state::real_path;

/// The name of the merge driver that joins two states.
pub const MERGE_DRIVER: &str = "certctl-state";

/// What git does with a state and the files beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GitSetup {
    /// Whether `.gitattributes` gives the state to the merge driver.
    pub has_attribute: bool,
    /// Whether the settings of this clone, or of this user, have the merge driver.
    pub has_driver: bool,
    /// Whether git leaves the state out, so that no commit has it.
    pub ignores_state: bool,
    /// The endings of files beside the state that git would commit, although they belong to this machine.
    pub commits_beside: Vec<&'static str>,
}

/// The endings of files that are beside a state while certctl runs, or after that.
const OF_THIS_MACHINE: [&str; 3] = [".journal", ".lock", ".backup"];

/// The version of git on this machine.
pub fn git_version() -> Result<String, Unchecked> {
    let mut git = Git::new(Path::new("."), LookLimits::default());
    let said = git.ask(&["--version"], None)?;
    Ok(said.trim().trim_start_matches("git version ").to_owned())
}

/// How git is set up for the state at this path; the error says why that is not known.
pub fn git_setup(state: &Path) -> Result<GitSetup, Unchecked> {
    let path = real_path(state);
    let root = root_of(&path).ok_or(Unchecked::NoRepository)?;
    let mut git = Git::new(root, LookLimits::default());
    let attribute = git.ask(&["check-attr", "merge", "--"], Some(&path))?;
    let mut commits_beside = Vec::new();
    for ending in OF_THIS_MACHINE {
        if !ignores(&mut git, &path.with_added_extension(ending.trim_start_matches('.')))? {
            commits_beside.push(ending);
        }
    }
    Ok(GitSetup {
        has_attribute: attribute.trim_end().ends_with(&format!(": merge: {MERGE_DRIVER}")),
        has_driver: has_driver(&mut git)?,
        ignores_state: ignores(&mut git, &path)?,
        commits_beside,
    })
}

fn has_driver(git: &mut Git) -> Result<bool, Unchecked> {
    let name = format!("merge.{MERGE_DRIVER}.driver");
    let running = git.start(&["config", "--get", &name], None)?;
    says_something(git, running)
}

fn ignores(git: &mut Git, path: &Path) -> Result<bool, Unchecked> {
    let running = git.start_plain(&["check-ignore", "--"], path)?;
    says_something(git, running)
}

/// Whether git prints anything. If it does not, it also fails, without a message.
fn says_something(git: &mut Git, running: Running) -> Result<bool, Unchecked> {
    let (output, errors, _) = git.finish(running)?;
    if output.is_empty() && !errors.is_empty() { Err(failure(&errors)) } else { Ok(!output.is_empty()) }
}
