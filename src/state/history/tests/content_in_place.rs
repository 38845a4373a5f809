//! A committed content that is the state in place, byte for byte, is not read.

use super::*;
use crate::state::{FileStore, Store as _};

/// A repository whose commits have these states, in git's object format.
fn repository(format: &str, states: &[&[u128]]) -> TestRepository {
    let repository = TestRepository { folder: tempfile::tempdir().unwrap() };
    repository.git(&["init", "--quiet", "--initial-branch", "main", "--object-format", format]);
    for writes in states {
        repository.commit(&state(writes));
    }
    repository
}

/// Removes the content of the state in a commit.
fn lose(repository: &TestRepository, commit: &str) {
    let blob = repository.git(&["rev-parse", &format!("{commit}:{NAME}")]);
    let (folder, file) = blob.trim().split_at(2);
    fs::remove_file(repository.path().join(".git/objects").join(folder).join(file)).unwrap();
}

/// What the history says of the state file, as it is read.
fn look_at_file(repository: &TestRepository, all_refs: bool) -> History {
    let (identity, path) = (identity(), repository.path().join(NAME));
    let snapshot = FileStore::new(&path, identity.clone()).read().unwrap();
    let in_place = snapshot.document.as_ref();
    let request =
        HistoryRequest { path: &path, identity: &identity, in_place, snapshot: &snapshot, all_refs };
    look(&request, HistoryMemory::default(), patient())
}

#[test]
fn the_content_in_place_is_not_read() {
    for format in ["sha1", "sha256"] {
        let repository = repository(format, &[&[1], &[1, 2]]);
        lose(&repository, "HEAD");
        let history = look_at_file(&repository, true);
        assert_eq!((history.unchecked, history.sightings), (None, Vec::new()), "{format}");
    }
}

#[test]
fn any_other_content_is_read() {
    let repository = repository("sha1", &[&[1], &[1, 2]]);
    lose(&repository, "HEAD^");
    assert!(matches!(look_at_file(&repository, true).unchecked, Some(Unchecked::Failed(_))));
    // The same state with other line ends is another content.
    let text = fs::read_to_string(repository.path().join(NAME)).unwrap();
    fs::write(repository.path().join(NAME), text.replace('\n', "\r\n")).unwrap();
    lose(&repository, "HEAD");
    assert!(matches!(look_at_file(&repository, true).unchecked, Some(Unchecked::Failed(_))));
}

#[test]
fn a_newer_state_before_the_content_is_found() {
    let repository = repository("sha1", &[&[1], &[1, 2]]);
    repository.git(&["revert", "--no-edit", "HEAD"]);
    lose(&repository, "HEAD");
    for all_refs in [true, false] {
        let history = look_at_file(&repository, all_refs);
        let found: Vec<_> = history.sightings.iter().map(|seen| seen.finds).collect();
        assert_eq!((history.unchecked, found), (None, vec![Some(How::Older)]));
    }
}

#[test]
fn a_large_content_in_place_is_not_read() {
    use crate::model::Key;
    use crate::state::Row;
    let rows = (0..9000).map(|number| (Key::new(format!("t-{number}")).unwrap(), Row::default())).collect();
    let repository = repository("sha1", &[]);
    // Large enough to be read in pieces.
    repository.commit(&Document { templates: rows, ..state(&[1]) });
    assert!(fs::metadata(repository.path().join(NAME)).unwrap().len() > 256 << 10);
    lose(&repository, "HEAD");
    let history = look_at_file(&repository, true);
    assert_eq!((history.unchecked, history.sightings), (None, Vec::new()));
}
