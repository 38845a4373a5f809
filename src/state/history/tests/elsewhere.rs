//! States under another path.

use super::*;

const URL: &str = "https://a.example.com";

fn found(repository: &TestRepository, limits: LookLimits) -> (Vec<String>, Option<Unchecked>) {
    let (found, unchecked) = look_elsewhere(&repository.path().join("missing.json"), URL, limits);
    (found.into_iter().map(|(place, _)| place.path.display().to_string()).collect(), unchecked)
}

#[test]
fn what_a_merged_branch_removed_is_found() {
    let repository = TestRepository::with(&[]);
    fs::write(repository.path().join("a.txt"), "a").unwrap();
    repository.git(&["add", "--all"]);
    repository.git(&["commit", "--quiet", "--message", "begun"]);
    repository.git(&["checkout", "--quiet", "-b", "feature"]);
    repository.commit(&state(&[1]));
    repository.git(&["rm", "--quiet", NAME]);
    repository.git(&["commit", "--quiet", "--message", "removed"]);
    repository.git(&["checkout", "--quiet", "main"]);
    repository.git(&["merge", "--quiet", "--no-ff", "--no-edit", "feature"]);
    assert_eq!(found(&repository, patient()), (vec![NAME.to_owned()], None));
}

#[test]
fn large_files_that_were_removed_hide_nothing() {
    let repository = TestRepository::with(&[&[1]]);
    let large = format!("{{\"a\": \"{}\"}}", "x".repeat(200_000));
    fs::write(repository.path().join("lock.json"), large).unwrap();
    repository.git(&["add", "--all"]);
    repository.git(&["commit", "--quiet", "--message", "large"]);
    repository.git(&["rm", "--quiet", "lock.json"]);
    repository.git(&["commit", "--quiet", "--message", "gone"]);
    let limits = LookLimits { bytes: 100_000, ..patient() };
    assert_eq!(found(&repository, limits), (vec![NAME.to_owned()], None));
}

#[test]
fn an_unreadable_file_hides_no_other() {
    let repository = TestRepository::with(&[&[1]]);
    fs::write(repository.path().join("copy.json"), state(&[2]).to_text().unwrap()).unwrap();
    repository.git(&["add", "--all"]);
    repository.git(&["commit", "--quiet", "--message", "copy"]);
    repository.git(&["rm", "--quiet", "copy.json"]);
    repository.git(&["commit", "--quiet", "--message", "gone"]);
    let broken = repository.git(&["rev-parse", "HEAD~1:copy.json"]);
    let (folder, file) = broken.trim().split_at(2);
    fs::remove_file(repository.path().join(".git/objects").join(folder).join(file)).unwrap();
    let (names, unchecked) = found(&repository, patient());
    assert_eq!(names, [NAME]);
    assert!(unchecked.is_some());
}
