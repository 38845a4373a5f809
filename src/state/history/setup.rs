//! How git is set up for a state: what it does with the file when branches are merged, and what it leaves out. Git is
//! asked as for the history: it runs no other program.

use std::ffi::OsString;
use std::path::Path;

use super::git::{Git, Running, failure};
use super::{LookLimits, Unchecked, root_of};
use crate::state::real_path;

/// The name of the merge driver that joins two states.
const MERGE_DRIVER: &str = "certctl-state";

/// What git does with a state and the files beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GitSetup {
    /// Whether `.gitattributes` gives the state to the merge driver.
    pub has_attribute: bool,
    /// Whether the settings of this clone, or of this user, have the merge driver.
    pub has_driver: bool,
    /// Whether git leaves the state out, so that no commit has it.
    pub ignores_state: bool,
    /// Files beside the state that git would commit, although they belong to this machine, as lines of `.gitignore`.
    pub commits_beside: Vec<&'static str>,
}

/// The files that are beside a state while certctl runs, or after that: what comes before and after its name.
const OF_THIS_MACHINE: [(&str, &str, &str); 6] = [
    ("*.journal", "", ".journal"),
    ("*.lock", "", ".lock"),
    ("*.backup", "", ".backup"),
    ("*.rescued", "", ".rescued"),
    ("*.damaged*", "", ".damaged-2"),
    (".certctl-tmp*", ".certctl-tmp-", "-abcdef"),
];

/// A path below the root as a line of `.gitattributes` or `.gitignore` takes it literally, from the folder of that file.
pub fn git_pattern(path: &str) -> String {
    let mut pattern = String::from("/");
    for c in path.chars() {
        if "*?[\\".contains(c) {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

/// The line of `.gitattributes` that gives the state at this path to the merge driver.
pub fn merge_line(path: &str) -> String {
    let pattern = git_pattern(path);
    // Git reads a pattern in quotes as C reads a string.
    if pattern.contains([' ', '"', '\t', '\n']) {
        let quoted =
            pattern.replace('\\', r"\\").replace('"', "\\\"").replace('\t', r"\t").replace('\n', r"\n");
        format!("\"{quoted}\" merge={MERGE_DRIVER}")
    } else {
        format!("{pattern} merge={MERGE_DRIVER}")
    }
}

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
    for (line, before, after) in OF_THIS_MACHINE {
        let mut name = OsString::from(before);
        name.push(path.file_name().unwrap_or_default());
        name.push(after);
        if !ignores(&mut git, &path.with_file_name(name))? {
            commits_beside.push(line);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_taken_literally_by_git() {
        for (path, line) in [
            ("state/x.json", "/state/x.json"),
            ("a[b]/*?.json", r"/a\[b]/\*\?.json"),
            (r"a\b.json", r"/a\\b.json"),
            ("é x/x.json", "\"/é x/x.json\""),
            ("a [\"\t].json", r#""/a \\[\"\t].json""#),
        ] {
            assert_eq!(merge_line(path), format!("{line} merge=certctl-state"));
        }
    }
}
