//! The files on which a workflow at the root of a repository starts, as GitHub's patterns.

use std::path::Path;

use super::pipeline::glob_escaped;
use crate::config::FILE;

/// The patterns for a project at the root: certctl.toml, the files of the globs, and the folder of a state in a file.
pub(super) fn watched<'a>(globs: impl IntoIterator<Item = &'a str>, state: Option<&Path>) -> Vec<String> {
    let mut patterns = vec![FILE.to_owned()];
    let state = state.and_then(Path::to_str).map(of_state);
    for pattern in globs.into_iter().map(of_glob).chain(state) {
        if !patterns.contains(&pattern) {
            patterns.push(pattern);
        }
    }
    patterns
}

/// Everything below the folder before the first placeholder: GitHub has no braces, and a `**` of its own.
fn of_glob(glob: &str) -> String {
    let glob = glob.trim_start_matches("./");
    match glob.find(['*', '?', '[', '{']) {
        Some(at) => folder_of(&glob[..at]).unwrap_or_else(|| "**".to_owned()),
        None => glob_escaped(glob),
    }
}

/// The state, and beside it the journal of a run that was interrupted.
fn of_state(state: &str) -> String {
    folder_of(state).unwrap_or_else(|| format!("{}*", glob_escaped(state)))
}

/// Everything in the folder of this path and below; `None` if it is the root.
fn folder_of(path: &str) -> Option<String> {
    path.rsplit_once('/').map(|(folder, _)| format!("{}/**", glob_escaped(folder)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_project_starts_a_workflow() {
        for (globs, state, patterns) in [
            (&["templates/**/*.{yaml,yml}"][..], "state/production.json", &["templates/**", "state/**"][..]),
            (&["./eu/a/*.yaml", "eu/a/b?.yaml", "one.yaml"], "x.json", &["eu/a/**", "one.yaml", "x.json*"]),
            (&["**/*.yaml"], "a+b/x.json", &["**", r"a\+b/**"]),
            (&["{a,b}/*.yaml", "t*/x.yaml"], "state/x", &["**", "state/**"]),
        ] {
            let found = watched(globs.iter().copied(), Some(Path::new(state)));
            assert_eq!(found, [&[FILE], patterns].concat(), "{globs:?}");
        }
        assert_eq!(watched(["templates/*"], None), [FILE, "templates/**"]);
    }
}
