//! Searches real repositories.

mod changed_by_something_else;
mod content_in_place;
mod elsewhere;
mod memory;
mod merges;
mod refs;
mod strange_repositories;

use std::fs;
use std::path::Path;
use std::process::Command;

use uuid::Uuid;

use super::*;
use crate::state::{How, WriteId, Writes};

const NAME: &str = "state/test.json";

fn identity() -> StateIdentity {
    StateIdentity { environment: "test".to_owned(), url: "https://a.example.com".to_owned() }
}

fn state(writes: &[u128]) -> Document {
    let writes = Writes::of(writes.iter().map(|id| WriteId::new(Uuid::from_u128(*id))).collect());
    Document { writes, serial: 1, ..Document::empty(&identity(), "l".to_owned()) }
}

struct TestRepository {
    folder: tempfile::TempDir,
}

impl TestRepository {
    fn new() -> Self {
        let repository = Self { folder: tempfile::tempdir().unwrap() };
        repository.git(&["init", "--quiet", "--initial-branch", "main"]);
        repository
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn git(&self, arguments: &[&str]) -> String {
        git(self.path(), arguments)
    }

    fn put(&self, document: &Document) {
        fs::create_dir_all(self.path().join("state")).unwrap();
        fs::write(self.path().join(NAME), document.to_text().unwrap()).unwrap();
    }

    fn commit(&self, document: &Document) {
        self.put(document);
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "state"]);
    }

    /// A repository whose commits have these states, one after the other.
    fn with(states: &[&[u128]]) -> Self {
        let repository = Self::new();
        for writes in states {
            repository.commit(&state(writes));
        }
        repository
    }

    fn look_within(&self, in_place: Option<&Document>, all_refs: bool, limits: LookLimits) -> History {
        self.look_with(HistoryMemory::default(), in_place, all_refs, limits)
    }

    fn look_with(
        &self,
        memory: HistoryMemory,
        in_place: Option<&Document>,
        all_refs: bool,
        limits: LookLimits,
    ) -> History {
        let identity = identity();
        let path = self.path().join(NAME);
        let document = in_place.cloned();
        let snapshot = Snapshot { document, ..Snapshot::default() };
        look(
            &HistoryRequest { path: &path, identity: &identity, in_place, snapshot: &snapshot, all_refs },
            memory,
            limits,
        )
    }

    fn look(&self, in_place: Option<&[u128]>) -> History {
        self.look_within(in_place.map(state).as_ref(), true, patient())
    }

    /// What is wrong with the state in place, by the history.
    fn finds(&self, in_place: Option<&[u128]>) -> Vec<(How, String)> {
        let history = self.look(in_place);
        assert_eq!(history.unchecked, None);
        let name = |origin: SightingSource| match origin {
            SightingSource::Head(place) => self.subject(&place),
            SightingSource::Ref { name, place } => format!("{name} {}", self.subject(&place)),
            SightingSource::Mark(_)
            | SightingSource::File(_)
            | SightingSource::Journal(_)
            | SightingSource::Elsewhere(_) => {
                panic!("only git was asked")
            }
        };
        history.sightings.into_iter().map(|seen| (seen.finds.unwrap(), name(seen.origin))).collect()
    }

    /// The number of commits before this one.
    fn subject(&self, place: &InGit) -> String {
        assert_eq!((place.path.as_path(), &place.root), (Path::new(NAME), &real_path(self.path())));
        self.git(&["rev-list", "--count", &format!("{}^@", place.commit)]).trim().to_owned()
    }
}

/// Enough time for any machine.
fn patient() -> LookLimits {
    LookLimits { time: Duration::from_secs(600), ..LookLimits::default() }
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    git_at(folder, arguments, "2026-01-01T00:00:00Z")
}

fn git_at(folder: &Path, arguments: &[&str], date: &str) -> String {
    let mut command = Command::new("git");
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("GIT_")) {
        command.env_remove(name);
    }
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "Ann").env(format!("GIT_{who}_EMAIL"), "ann@example.com");
        command.env(format!("GIT_{who}_DATE"), date);
    }
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    let output = command.args(arguments).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_newest_commit_holds_nothing_unknown() {
    let repository = TestRepository::with(&[&[1], &[1, 2], &[1, 2, 3]]);
    assert_eq!(repository.finds(Some(&[1, 2, 3])), []);
    // The state is not committed yet.
    assert_eq!(repository.finds(Some(&[1, 2, 3, 4])), []);
}

#[test]
fn a_reverted_state_is_found_in_history() {
    let repository = TestRepository::with(&[&[1], &[1, 2]]);
    repository.git(&["revert", "--no-edit", "HEAD"]);
    assert_eq!(repository.finds(Some(&[1])), [(How::Older, "1".to_owned())]);
    repository.git(&["revert", "--no-edit", "HEAD"]);
    assert_eq!(repository.finds(Some(&[1, 2])), []);
}

#[test]
fn only_the_newest_of_a_line_is_named() {
    let repository = TestRepository::with(&[&[1], &[1, 2], &[1, 2, 3], &[1, 2, 3, 4]]);
    assert_eq!(repository.finds(Some(&[1])), [(How::Older, "3".to_owned())]);
}

#[test]
fn a_removed_state_is_found() {
    let repository = TestRepository::with(&[&[1], &[1, 2]]);
    repository.git(&["rm", "--quiet", NAME]);
    repository.git(&["commit", "--quiet", "--message", "gone"]);
    assert_eq!(repository.finds(None), [(How::Missing, "1".to_owned())]);
}

#[test]
fn another_lineage_in_the_newest_commit_is_named() {
    let repository = TestRepository::with(&[&[1]]);
    let other = Document { lineage: "m".to_owned(), ..state(&[5]) };
    repository.put(&other);
    let unrelated = repository.look_within(Some(&other), true, patient());
    assert_eq!(unrelated.sightings[0].finds, Some(How::Unrelated));
    // A state that a sandbox forgot does not count.
    assert!(repository.look_within(Some(&other), false, patient()).sightings.is_empty());
    // Committed as well, and with a merge on top that left the file alone.
    repository.commit(&other);
    let committed = repository.look_within(Some(&other), true, patient());
    assert_eq!(committed.sightings[0].finds, Some(How::Unrelated));
    repository.git(&["checkout", "--quiet", "-b", "aside", "HEAD~1"]);
    fs::write(repository.path().join("other.txt"), "x").unwrap();
    repository.git(&["add", "other.txt"]);
    repository.git(&["commit", "--quiet", "--message", "aside"]);
    repository.git(&["checkout", "--quiet", "main"]);
    repository.git(&["merge", "--quiet", "--no-edit", "aside"]);
    let merged = repository.look_within(Some(&other), true, patient());
    assert_eq!(merged.sightings[0].finds, Some(How::Unrelated));
    // A state that was joined with it belongs to the same history.
    let joined = Document { lineage: "a".to_owned(), ..state(&[1, 5, 6]) };
    repository.commit(&joined);
    assert!(repository.look_within(Some(&joined), true, patient()).sightings.is_empty());
}

/// The list of writes is limited: the origin of the state in place may be further back.
#[test]
fn a_committed_state_knows_what_came_before_it() {
    let repository = TestRepository::with(&[&[1]]);
    let later: Vec<u128> = (1..=150).collect();
    repository.commit(&state(&later));
    assert_eq!(repository.finds(Some(&later)), []);
    repository.commit(&state(&(1..=151).collect::<Vec<_>>()));
    assert_eq!(repository.finds(Some(&later)), [(How::Older, "2".to_owned())]);
}

#[test]
fn states_of_other_instances_do_not_count() {
    let repository = TestRepository::with(&[&[1]]);
    repository.commit(&Document { url: "https://b.example.com".to_owned(), ..state(&[1, 2]) });
    fs::write(repository.path().join(NAME), "<<<<<<< HEAD\n").unwrap();
    repository.git(&["commit", "--quiet", "--all", "--message", "unfinished"]);
    assert_eq!(repository.finds(Some(&[1])), []);
}
