//! States that only another branch, or a stash, has.

use super::*;

#[test]
fn a_state_on_another_branch_is_named() {
    let repository = TestRepository::with(&[&[1]]);
    repository.git(&["checkout", "--quiet", "-b", "behind"]);
    repository.git(&["checkout", "--quiet", "main"]);
    repository.commit(&state(&[1, 2]));
    repository.git(&["branch", "a-feature"]);
    repository.git(&["checkout", "--quiet", "behind"]);
    assert_eq!(repository.finds(Some(&[1])), [(How::Older, "main 1".to_owned())]);
    let alone = repository.look_within(Some(&state(&[1])), false, patient());
    assert!(alone.sightings.is_empty());
}

#[test]
fn a_stash_is_another_ref() {
    let repository = TestRepository::with(&[&[1]]);
    repository.put(&state(&[1, 2]));
    repository.git(&["stash", "--quiet"]);
    let [(How::Older, name)] = &repository.finds(Some(&[1]))[..] else { panic!() };
    assert!(name.starts_with("stash@{0} "), "{name}");
}

/// Results from before the time limit count.
#[test]
fn other_branches_that_cannot_be_read_hide_nothing() {
    let repository = TestRepository::with(&[&[1], &[1, 2]]);
    repository.git(&["checkout", "--quiet", "-b", "other"]);
    repository.commit(&state(&[1, 2, 3]));
    let broken = repository.git(&["rev-parse", "other:state/test.json"]);
    repository.git(&["checkout", "--quiet", "main"]);
    let (folder, file) = broken.trim().split_at(2);
    fs::remove_file(repository.path().join(".git/objects").join(folder).join(file)).unwrap();
    let history = repository.look_within(Some(&state(&[1])), true, patient());
    assert_eq!(history.sightings[0].finds, Some(How::Older));
    assert!(history.unchecked.is_some());
}

#[test]
fn a_branch_is_named_before_a_stash_alike() {
    // The stash is the younger commit, or the older one.
    for stash_is_younger in [true, false] {
        let repository = TestRepository::with(&[&[1]]);
        let date = |seconds: u8| format!("2026-01-01T00:00:{seconds:02}Z");
        let put_away = |seconds| {
            repository.put(&state(&[1, 2]));
            git_at(repository.path(), &["stash", "--quiet"], &date(seconds));
        };
        if !stash_is_younger {
            put_away(1);
        }
        repository.git(&["switch", "--quiet", "--create", "other"]);
        repository.put(&state(&[1, 2]));
        git_at(repository.path(), &["commit", "--quiet", "--all", "--message", "state"], &date(2));
        repository.git(&["switch", "--quiet", "main"]);
        if stash_is_younger {
            put_away(3);
        }
        assert_eq!(repository.finds(Some(&[1])), [(How::Older, "other 1".to_owned())], "{stash_is_younger}");
    }
}
