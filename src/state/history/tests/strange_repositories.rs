//! Repositories that are missing, empty or incomplete, that take too long, or that try to run programs.

use super::*;

#[test]
fn a_folder_without_a_repository_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let (identity, path) = (identity(), folder.path().join(NAME));
    let history = look(
        &HistoryRequest {
            path: &path,
            identity: &identity,
            in_place: None,
            snapshot: &Snapshot::default(),
            all_refs: true,
        },
        HistoryMemory::default(),
        patient(),
    );
    assert_eq!(history.unchecked, Some(Unchecked::NoRepository));
}

#[test]
fn a_repository_without_a_commit_has_no_history() {
    let repository = TestRepository::new();
    assert_eq!(repository.finds(None), []);
}

#[test]
fn a_shallow_clone_is_read_and_reported() {
    let origin = TestRepository::with(&[&[1], &[1, 2]]);
    let clone = TestRepository { folder: tempfile::tempdir().unwrap() };
    let url = format!("file://{}", origin.path().display());
    clone.git(&["clone", "--quiet", "--depth", "1", &url, "."]);
    let history = clone.look(Some(&[1]));
    assert_eq!(history.unchecked, Some(Unchecked::Shallow));
    assert_eq!(history.sightings[0].finds, Some(How::Older));
    assert!(clone.look(Some(&[1, 2])).sightings.is_empty());
}

#[test]
fn limits_on_time_and_size_hold() {
    let repository = TestRepository::with(&[&[1], &[1, 2]]);
    let look = |limits| repository.look_within(Some(&state(&[1])), true, limits).unchecked;
    assert_eq!(look(LookLimits { time: Duration::ZERO, ..patient() }), Some(Unchecked::TooLong));
    for bytes in [0, 100, 500] {
        assert_eq!(look(LookLimits { bytes, ..patient() }), Some(Unchecked::TooLarge), "{bytes}");
    }
}

#[test]
fn a_partial_clone_fetches_nothing() {
    let origin = TestRepository::with(&[&[1], &[1, 2], &[1, 2, 3]]);
    origin.git(&["config", "uploadpack.allowFilter", "true"]);
    let clone = TestRepository { folder: tempfile::tempdir().unwrap() };
    let url = format!("file://{}", origin.path().display());
    clone.git(&["clone", "--quiet", "--no-checkout", "--filter", "blob:none", &url, "."]);
    let objects = || clone.git(&["count-objects", "-v"]);
    let before = objects();
    // Only the server has the contents.
    let history = clone.look(Some(&[1]));
    assert!(matches!(history.unchecked, Some(Unchecked::Failed(_))), "{:?}", history.unchecked);
    assert_eq!(objects(), before);
}

#[test]
fn settings_of_git_hide_no_state() {
    // The merge brings back what one side had.
    let repository = TestRepository::with(&[&[1], &[1, 2]]);
    repository.git(&["checkout", "--quiet", "-b", "aside", "HEAD~1"]);
    fs::write(repository.path().join("other.txt"), "x").unwrap();
    repository.git(&["add", "other.txt"]);
    repository.git(&["commit", "--quiet", "--message", "aside"]);
    repository.git(&["merge", "--quiet", "--no-edit", "main"]);
    for [name, value] in
        [["log.showRoot", "false"], ["log.diffMerges", "off"], ["log.diffMerges", "first-parent"]]
    {
        repository.git(&["config", name, value]);
        assert_eq!(repository.finds(Some(&[1])).len(), 1, "{name} {value}");
    }
    let first = TestRepository::with(&[&[1]]);
    first.git(&["config", "log.showRoot", "false"]);
    assert_eq!(first.finds(None), [(How::Missing, "0".to_owned())]);
}

/// Settings and files of a repository that could make git run a program.
#[cfg(unix)]
#[test]
fn no_program_of_the_repository_is_run() {
    use std::os::unix::fs::PermissionsExt as _;
    let repository = TestRepository::with(&[&[1], &[1, 2]]);
    let trap = repository.path().join("trap");
    fs::write(&trap, format!("#!/bin/sh\ntouch {}\n", repository.path().join("sprung").display())).unwrap();
    fs::set_permissions(&trap, fs::Permissions::from_mode(0o755)).unwrap();
    let trap = trap.to_str().unwrap();
    for name in ["post-checkout", "post-index-change", "reference-transaction", "fsmonitor-watchman"] {
        fs::copy(trap, repository.path().join(".git/hooks").join(name)).unwrap();
    }
    fs::write(repository.path().join(".gitattributes"), "* diff=trap filter=trap\n").unwrap();
    for setting in [
        "core.fsmonitor",
        "core.pager",
        "core.editor",
        "core.sshCommand",
        "diff.external",
        "diff.trap.command",
        "diff.trap.textconv",
        "filter.trap.smudge",
        "filter.trap.clean",
        "gpg.program",
        "pager.log",
        "credential.helper",
    ] {
        repository.git(&["config", setting, trap]);
    }
    for setting in ["log.showSignature", "diff.trap.cachetextconv", "filter.trap.required"] {
        repository.git(&["config", setting, "true"]);
    }
    let found = repository.look(Some(&[1]));
    assert_eq!((found.unchecked, found.sightings.len()), (None, 1));
    assert!(!repository.path().join("sprung").exists());
}

/// Files of another person's commit that look like a repository around the state.
#[cfg(unix)]
#[test]
fn a_repository_among_the_files_is_passed_over() {
    let repository = TestRepository::with(&[&[1], &[1, 2]]);
    let bare = repository.path().join("state");
    git(&bare, &["init", "--quiet", "--bare", "."]);
    let sprung = repository.path().join("sprung");
    git(&bare, &["--git-dir", ".", "config", "core.fsmonitor", &format!("touch {}", sprung.display())]);
    let found = repository.look(Some(&[1]));
    assert_eq!((found.unchecked, found.sightings.len()), (None, 1));
    assert!(!sprung.exists());
}
