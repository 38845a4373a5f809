//! Whether the state in place is the newest that is known. Pure: others look where states are kept.

use std::ffi::OsString;
use std::path::PathBuf;

use super::{Ancestry, Document, Outline, Relation};

/// A state that was seen somewhere else than in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// What it says of itself.
    pub outline: Outline,
    /// What is wrong with the state in place if this one is to be believed.
    pub finds: Option<How>,
    /// Where it was seen.
    pub origin: SightingSource,
    /// Whether its newest write is that of the state in place.
    pub(super) is_of_one_write: bool,
}

/// Where a state was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SightingSource {
    /// In a commit of the present branch.
    Head(InGit),
    /// In the mark: a file with the whole state.
    Mark(PathBuf),
    /// In another file of the project.
    File(PathBuf),
    /// In a journal that lies beside no state, in another place of the project.
    Journal(PathBuf),
    /// In a commit of the present branch, under another path.
    Elsewhere(InGit),
    /// In a commit that only another ref of the repository has.
    Ref {
        /// The ref's name, as people type it.
        name: String,
        /// Where it is.
        place: InGit,
    },
}

impl SightingSource {
    /// Whether `git stash` put it away.
    pub fn is_stash(&self) -> bool {
        matches!(self, Self::Ref { name, .. } if name.starts_with("stash@{"))
    }
}

/// A file in a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InGit {
    /// The folder that the repository belongs to.
    pub root: PathBuf,
    /// The commit's id.
    pub commit: String,
    /// The file's path from the root.
    pub path: PathBuf,
}

impl InGit {
    /// Its content as git names it: `COMMIT:path`. Git has slashes in it on every platform.
    pub fn object(&self) -> OsString {
        let mut object = OsString::from(&self.commit);
        for (place, name) in self.path.iter().enumerate() {
            object.push(if place == 0 { ":" } else { "/" });
            object.push(name);
        }
        object
    }
}

/// How new the state in place is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recency {
    /// Nothing is known that it does not know.
    Newest,
    /// There is none, and nothing is known of one.
    First,
    /// Only another ref of the repository has a state that knows more.
    Behind(Setback),
    /// It went back in time, forked, or is gone.
    Lost(Setback),
}

/// The state in place does not know what another one knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setback {
    /// What is wrong with the one in place.
    pub how: How,
    /// The newest one that is known.
    pub newest: Sighting,
    /// The same state in a branch that is not merged here, where the newest one was seen in the mark: a clone that is
    /// behind.
    pub branch: Option<Sighting>,
    /// Others that know what neither of them knows.
    pub others: Vec<Sighting>,
}

/// What is wrong with the state in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It is older.
    Older,
    /// Each knows what the other does not.
    Forked,
    /// The same write made both, and something else then changed the one in place: an editor, or git, which joins lines.
    Altered,
    /// Each was begun without the other.
    Unrelated,
    /// It is missing.
    Missing,
}

impl Sighting {
    /// A state that was seen somewhere; nothing where the one in place is of another lineage, because then neither is
    /// a version of the other. `same_contents` is asked only where neither names its writes.
    pub fn new(
        in_place: Option<&Document>,
        outline: Outline,
        origin: SightingSource,
        same_contents: impl FnOnce() -> bool,
    ) -> Option<Self> {
        let newest = outline.ancestry.writes.newest();
        let is_of_one_write =
            newest.is_some() && in_place.is_some_and(|document| document.writes.newest() == newest);
        let finds = match in_place {
            None => Some(How::Missing),
            Some(document) => match document.ancestry().relation_to(&outline.ancestry, same_contents)? {
                Relation::Older => Some(How::Older),
                Relation::Forked if is_of_one_write => Some(How::Altered),
                Relation::Forked => Some(How::Forked),
                Relation::Same | Relation::Newer => None,
            },
        };
        Some(Self { outline, finds, origin, is_of_one_write })
    }

    /// A state that was begun without the one in place, and was not joined with it since.
    pub fn unrelated(in_place: &Document, outline: &Outline, origin: SightingSource) -> Option<Self> {
        let Ancestry { lineage, writes, .. } = &outline.ancestry;
        let is_joined = writes.newest().is_some_and(|newest| in_place.writes.contains(newest));
        (*lineage != in_place.lineage && !is_joined).then(|| Self {
            outline: outline.clone(),
            finds: Some(How::Unrelated),
            origin,
            is_of_one_write: false,
        })
    }

    /// Whether the state in place must not be used: what only another ref has may not have been taken in yet.
    fn binds(&self) -> bool {
        !matches!(self.origin, SightingSource::Ref { .. })
    }

    fn is_older_than(&self, other: &Self) -> bool {
        self.relation_to(other) == Some(Relation::Older)
    }

    fn is_same_as(&self, other: &Self) -> bool {
        self.relation_to(other) == Some(Relation::Same)
    }

    fn relation_to(&self, other: &Self) -> Option<Relation> {
        self.outline.ancestry.relation_to(&other.outline.ancestry, || true)
    }
}

/// How new the state in place is, by all that was seen. Of several that are equally new, the first in the list is
/// named.
pub fn recency(has_state: bool, sightings: &[Sighting]) -> Recency {
    // One that is as its write made it vouches for the state in place.
    let is_as_written = sightings.iter().any(|seen| seen.is_of_one_write && seen.finds.is_none());
    let counts = |seen: &&Sighting| match seen.finds {
        Some(How::Altered) => !is_as_written,
        Some(_) => true,
        None => false,
    };
    let ahead: Vec<Sighting> = sightings.iter().filter(counts).cloned().collect();
    let is_lost = ahead.iter().any(Sighting::binds);
    match setback(&ahead) {
        Some(setback) if is_lost => Recency::Lost(setback),
        Some(setback) => Recency::Behind(setback),
        None if has_state => Recency::Newest,
        None => Recency::First,
    }
}

/// The states that no other one of these knows.
fn setback(ahead: &[Sighting]) -> Option<Setback> {
    let mut newest: Vec<Sighting> = Vec::new();
    for seen in ahead {
        let is_known = |other: &Sighting| seen.is_older_than(other);
        if !ahead.iter().any(is_known) && !newest.iter().any(|other| seen.is_same_as(other)) {
            newest.push(seen.clone());
        }
    }
    let mut newest = newest.into_iter();
    let first = newest.next()?;
    let is_branch = |seen: &&Sighting| {
        matches!(seen.origin, SightingSource::Ref { .. })
            && !seen.origin.is_stash()
            && seen.is_same_as(&first)
    };
    let branch =
        ahead.iter().find(is_branch).filter(|_| matches!(first.origin, SightingSource::Mark(_))).cloned();
    Some(Setback { how: first.finds?, newest: first, branch, others: newest.collect() })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::state::{StateIdentity, WriteId, Writes};

    fn state(writes: &[u128]) -> Document {
        let owner = StateIdentity { environment: "e".to_owned(), url: "u".to_owned() };
        let writes = Writes::of(writes.iter().map(|id| WriteId::new(Uuid::from_u128(*id))).collect());
        Document { writes, ..Document::empty(&owner, "l".to_owned()) }
    }

    fn outline(document: &Document) -> Outline {
        let owner = StateIdentity { environment: document.environment.clone(), url: document.url.clone() };
        Outline { owner, ancestry: document.ancestry() }
    }

    fn in_git(commit: &str) -> InGit {
        InGit { root: "/r".into(), commit: commit.to_owned(), path: "s.json".into() }
    }

    #[test]
    fn git_names_a_content_with_slashes() {
        let path = PathBuf::from("a b").join("state").join("s.json");
        assert_eq!(InGit { path, ..in_git("c") }.object(), "c:a b/state/s.json");
        assert_eq!(in_git("c").object(), "c:s.json");
    }

    fn mark() -> SightingSource {
        SightingSource::Mark("/m".into())
    }

    fn head() -> SightingSource {
        SightingSource::Head(in_git("h"))
    }

    fn other() -> SightingSource {
        SightingSource::Ref { name: "main".to_owned(), place: in_git("o") }
    }

    fn judge(in_place: Option<&[u128]>, others: Vec<(&[u128], SightingSource)>) -> Recency {
        let in_place = in_place.map(state);
        let seen =
            |(writes, origin)| Sighting::new(in_place.as_ref(), outline(&state(writes)), origin, || true);
        recency(in_place.is_some(), &others.into_iter().filter_map(seen).collect::<Vec<_>>())
    }

    #[test]
    fn what_is_newest_is_used() {
        assert_eq!(judge(Some(&[1]), vec![]), Recency::Newest);
        let known: Vec<(&[u128], SightingSource)> = vec![(&[1], head()), (&[1, 2], mark()), (&[1], other())];
        assert_eq!(judge(Some(&[1, 2]), known), Recency::Newest);
        assert_eq!(judge(None, vec![]), Recency::First);
    }

    #[test]
    fn older_than_the_mark_or_the_own_branch_is_lost() {
        for origin in [mark(), head()] {
            let Recency::Lost(setback) = judge(Some(&[1]), vec![(&[1, 2], origin.clone())]) else { panic!() };
            assert_eq!((setback.how, setback.newest.origin), (How::Older, origin));
        }
    }

    #[test]
    fn forked_from_the_mark_or_the_own_branch_is_lost() {
        for origin in [mark(), head()] {
            let Recency::Lost(setback) = judge(Some(&[1, 2]), vec![(&[1, 3], origin)]) else { panic!() };
            assert_eq!(setback.how, How::Forked);
        }
    }

    #[test]
    fn a_state_that_something_else_changed_is_lost_unless_a_copy_vouches_for_it() {
        let seen = |origin, says_the_same: bool| {
            Sighting::new(Some(&state(&[1, 2])), outline(&state(&[1, 2])), origin, || says_the_same).unwrap()
        };
        let Recency::Lost(setback) = recency(true, &[seen(head(), false)]) else { panic!() };
        assert_eq!(setback.how, How::Altered);
        let Recency::Lost(setback) = recency(true, &[seen(mark(), false)]) else { panic!() };
        assert_eq!(setback.how, How::Altered);
        assert_eq!(recency(true, &[seen(head(), false), seen(mark(), true)]), Recency::Newest);
    }

    #[test]
    fn what_only_another_ref_has_is_behind() {
        let Recency::Behind(setback) = judge(Some(&[1]), vec![(&[1, 2], other())]) else { panic!() };
        assert_eq!(setback.how, How::Older);
        let Recency::Behind(setback) = judge(None, vec![(&[1], other())]) else { panic!() };
        assert_eq!(setback.how, How::Missing);
    }

    #[test]
    fn a_state_of_another_lineage_is_no_version_of_it() {
        let other = Document { lineage: "m".to_owned(), ..state(&[1, 2]) };
        assert_eq!(Sighting::new(Some(&state(&[1])), outline(&other), mark(), || true), None);
    }

    #[test]
    fn a_missing_state_that_is_known_is_lost() {
        for origin in [mark(), head()] {
            let Recency::Lost(setback) = judge(None, vec![(&[1], origin)]) else { panic!() };
            assert_eq!(setback.how, How::Missing);
        }
    }

    #[test]
    fn the_newest_of_all_is_named() {
        let known: Vec<(&[u128], SightingSource)> =
            vec![(&[1, 2], head()), (&[1, 2, 3, 4], other()), (&[1, 2, 3], mark())];
        let Recency::Lost(setback) = judge(Some(&[1]), known) else { panic!() };
        assert_eq!(setback.newest.origin, other());
    }

    #[test]
    fn of_equals_the_first_is_named() {
        let known: Vec<(&[u128], SightingSource)> = vec![(&[1, 2], head()), (&[1, 2], mark())];
        let Recency::Lost(setback) = judge(Some(&[1]), known) else { panic!() };
        assert_eq!((setback.newest.origin, setback.others), (head(), Vec::new()));
    }

    #[test]
    fn a_branch_that_has_what_the_mark_has_is_named_too() {
        let known: Vec<(&[u128], SightingSource)> = vec![(&[1, 2], mark()), (&[1, 2], other())];
        let Recency::Lost(setback) = judge(Some(&[1]), known) else { panic!() };
        assert_eq!(setback.newest.origin, mark());
        assert_eq!(setback.branch.map(|branch| branch.origin), Some(other()));
        // On the present branch it is, so that it went back on purpose.
        let known: Vec<(&[u128], SightingSource)> =
            vec![(&[1, 2], head()), (&[1, 2], mark()), (&[1, 2], other())];
        let Recency::Lost(setback) = judge(Some(&[1]), known) else { panic!() };
        assert_eq!((setback.newest.origin, setback.branch), (head(), None));
    }

    #[test]
    fn what_the_newest_does_not_know_is_named_too() {
        let known: Vec<(&[u128], SightingSource)> =
            vec![(&[1, 2], head()), (&[1, 3], mark()), (&[1, 3, 4], other())];
        let Recency::Lost(setback) = judge(Some(&[1]), known) else { panic!() };
        assert_eq!(setback.newest.origin, head());
        let [one] = &setback.others[..] else { panic!("{:?}", setback.others) };
        assert_eq!(one.origin, other());
    }
}
