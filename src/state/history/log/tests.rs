use std::path::PathBuf;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::*;
use crate::state::{Ancestry, InGit, Outline, SightingSource, StateIdentity, Writes};

fn id(number: usize) -> String {
    format!("{number:040x}")
}

/// Any history: each commit comes before its parents, and may have a content of a few.
fn history() -> impl Strategy<Value = Vec<Commit>> {
    vec((option::weighted(0.4, 0..4_usize), vec(1..4_usize, 0..3)), 1..14).prop_map(|commits| {
        let commit = |(place, (blob, parents)): (usize, (Option<usize>, Vec<usize>))| Commit {
            id: id(place),
            parents: parents.into_iter().map(|below| id(place + below)).collect(),
            blob: blob.map(id),
        };
        commits.into_iter().enumerate().map(commit).collect()
    })
}

/// What any content says about the state in place: nothing, or a sighting.
fn sightings() -> impl Strategy<Value = Vec<Option<(Option<How>, bool)>>> {
    let how = prop_oneof![Just(How::Older), Just(How::Forked), Just(How::Altered), Just(How::Unrelated)];
    vec(option::weighted(0.9, (option::of(how), any::<bool>())), 4)
}

fn sighting(commit: &Commit, (finds, is_of_one_write): (Option<How>, bool)) -> Sighting {
    let identity = StateIdentity { environment: "test".to_owned(), url: "u".to_owned() };
    let ancestry = Ancestry { lineage: "l".to_owned(), serial: 1, writes: Writes::default() };
    let place = InGit { root: PathBuf::new(), commit: commit.id.clone(), path: PathBuf::new() };
    let origin = SightingSource::Head(place);
    Sighting { outline: Outline { identity, ancestry }, finds, origin, is_of_one_write }
}

/// The commits that a search reads, and what it finds.
fn walk(log: &CommitLog, sightings: &[Option<(Option<How>, bool)>]) -> (Vec<String>, Vec<Sighting>) {
    let mut read = Vec::new();
    let found = log.walk(|commit| {
        read.push(commit.id.clone());
        let number = usize::from_str_radix(commit.blob.as_deref().unwrap(), 16).unwrap();
        Ok::<_, ()>(sightings[number].map(|seen| sighting(commit, seen)))
    });
    (read, found.unwrap())
}

proptest! {
    #[test]
    fn commits_left_out_change_no_search(commits in history(), sightings in sightings()) {
        let all = CommitLog { commits: commits.clone() };
        let log = CommitLog::of(commits);
        prop_assert_eq!(walk(&log, &sightings), walk(&all, &sightings));
        prop_assert_eq!(&CommitLog::of(log.clone().into_commits()), &log);
    }

    #[test]
    fn a_log_is_read_as_written(commits in history()) {
        let log = CommitLog::of(commits);
        prop_assert_eq!(CommitLog::from_lines(&log.to_lines()), Some(log));
    }
}

#[test]
fn other_lines_are_no_log() {
    let (one, two) = (id(1), id(2));
    assert!(CommitLog::from_lines(&format!("{one} - {two}\n")).is_some());
    for lines in [
        one.clone(),
        format!("{one} {two}x"),
        format!("--all {two}"),
        format!("{one} {two}  {two}"),
        format!("{one} {two}\n\n"),
        format!("{one} {two}\r\n"),
        format!("{} {two}", &one[1..]),
    ] {
        assert_eq!(CommitLog::from_lines(&lines), None, "{lines:?}");
    }
}
