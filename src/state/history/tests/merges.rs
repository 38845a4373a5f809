//! Merges of states in git, committed or not.

use super::*;

#[test]
fn a_merge_that_is_not_committed_counts() {
    let repository = TestRepository::with(&[&[1]]);
    repository.git(&["checkout", "--quiet", "-b", "other"]);
    repository.commit(&state(&[1, 2]));
    let other = repository.git(&["rev-parse", "HEAD"]);
    repository.git(&["checkout", "--quiet", "main"]);
    repository.commit(&state(&[1, 3]));
    // Like a pull from an address: no ref leads to it.
    repository.git(&["branch", "--quiet", "-D", "other"]);
    repository.git(&["merge", "--quiet", "--strategy", "ours", "--no-commit", other.trim()]);
    assert_eq!(repository.finds(Some(&[1, 3])), [(How::Forked, "1".to_owned())]);
    repository.git(&["merge", "--abort"]);
    assert_eq!(repository.finds(Some(&[1, 3])), []);
}

#[test]
fn a_one_sided_merge_leaves_a_fork() {
    let repository = TestRepository::with(&[&[1]]);
    repository.git(&["checkout", "--quiet", "-b", "side"]);
    repository.commit(&state(&[1, 2]));
    repository.git(&["checkout", "--quiet", "main"]);
    repository.commit(&state(&[1, 3]));
    repository.git(&["merge", "--quiet", "--strategy", "ours", "--no-edit", "side"]);
    repository.git(&["branch", "--quiet", "--delete", "side"]);
    assert_eq!(repository.finds(Some(&[1, 3])), [(How::Forked, "1".to_owned())]);
}

#[test]
fn a_merge_with_new_content_is_read() {
    let repository = TestRepository::with(&[&[1]]);
    repository.git(&["checkout", "--quiet", "-b", "side"]);
    repository.commit(&state(&[1, 2]));
    repository.git(&["checkout", "--quiet", "main"]);
    repository.commit(&state(&[1, 3]));
    repository.git(&["merge", "--quiet", "--no-commit", "--strategy", "ours", "side"]);
    repository.commit(&state(&[1, 2, 3, 4]));
    assert_eq!(repository.finds(Some(&[1, 2, 3, 4])), []);
    assert_eq!(repository.finds(Some(&[1, 3])), [(How::Older, "3".to_owned())]);
}
