//! Decides whether the state in place is the newest that is known. Commands call it with what they found elsewhere;
//! it never reads a file.

use std::ffi::OsString;
use std::path::PathBuf;

use super::{Ancestry, Document, Outline, Relation};

/// A state that was found outside of its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// What the state says about itself.
    pub outline: Outline,
    /// What is wrong with the state in place if this one is right; `None` if nothing is.
    pub finds: Option<How>,
    /// Where it was found.
    pub origin: SightingSource,
    /// Whether the same write made this state and the one in place.
    pub(super) is_of_one_write: bool,
}

/// Where a state was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SightingSource {
    /// In a commit of the current branch.
    Head(InGit),
    /// In the mark at this path.
    Mark(PathBuf),
    /// In another file of the project.
    File(PathBuf),
    /// In a journal without a state, elsewhere in the project.
    Journal(PathBuf),
    /// In a commit of the current branch, under another path.
    Elsewhere(InGit),
    /// In a commit that only another ref of the repository has.
    Ref {
        /// The ref's name, as people type it.
        name: String,
        /// The commit and the path.
        place: InGit,
    },
}

impl SightingSource {
    /// Whether the state is in a stash.
    pub fn is_stash(&self) -> bool {
        matches!(self, Self::Ref { name, .. } if name.starts_with("stash@{"))
    }
}

/// A file in a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InGit {
    /// The folder of the repository.
    pub root: PathBuf,
    /// The commit's id.
    pub commit: String,
    /// The path of the file from the root of the repository.
    pub path: PathBuf,
}

impl InGit {
    /// Git's name for the content: `COMMIT:path`, with slashes on every platform.
    pub fn object(&self) -> OsString {
        let mut object = OsString::from(&self.commit);
        for (place, name) in self.path.iter().enumerate() {
            object.push(if place == 0 { ":" } else { "/" });
            object.push(name);
        }
        object
    }
}

/// How recent the state in place is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recency {
    /// Every known write is in it.
    Newest,
    /// There is no state, and none is known.
    First,
    /// Only another ref of the repository has a state that knows more.
    Behind(Setback),
    /// It went back in time, was forked, or is missing.
    Lost(Setback),
}

/// A state that knows something which the one in place does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setback {
    /// What is wrong with the state in place.
    pub how: How,
    /// The newest known state.
    pub newest: Sighting,
    /// The same state in a branch that is not merged here, if the newest one is the mark: this clone is behind.
    pub branch: Option<Sighting>,
    /// Other states with changes that neither of the two knows.
    pub others: Vec<Sighting>,
}

/// What is wrong with the state in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It is older.
    Older,
    /// Each knows something that the other does not.
    Forked,
    /// The same write made both, and the one in place was changed since by an editor or a text merge.
    Altered,
    /// The two were begun independently.
    Unrelated,
    /// It is missing.
    Missing,
}

impl Sighting {
    /// A state that was found somewhere; `None` if its lineage differs from that of the state in place, because then
    /// neither is a version of the other. `same_contents` is called only if neither names its writes.
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

    /// A state that was begun independently of the one in place and never joined with it.
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

    /// Whether the state in place must not be used: a state that only another ref has need not be merged yet.
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

/// Decides how recent the state in place is. Of several equally recent states, the first in the list is named.
pub fn recency(has_state: bool, sightings: &[Sighting]) -> Recency {
    // A copy that is as its write made it confirms the state in place.
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

/// Chooses the states that no other one of these knows.
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
        let identity = StateIdentity { environment: "e".to_owned(), url: "u".to_owned() };
        let writes = Writes::of(writes.iter().map(|id| WriteId::new(Uuid::from_u128(*id))).collect());
        Document { writes, ..Document::empty(&identity, "l".to_owned()) }
    }

    fn outline(document: &Document) -> Outline {
        let identity = StateIdentity { environment: document.environment.clone(), url: document.url.clone() };
        Outline { identity, ancestry: document.ancestry() }
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
    fn older_than_mark_or_branch_is_lost() {
        for origin in [mark(), head()] {
            let Recency::Lost(setback) = judge(Some(&[1]), vec![(&[1, 2], origin.clone())]) else { panic!() };
            assert_eq!((setback.how, setback.newest.origin), (How::Older, origin));
        }
    }

    #[test]
    fn forked_from_mark_or_branch_is_lost() {
        for origin in [mark(), head()] {
            let Recency::Lost(setback) = judge(Some(&[1, 2]), vec![(&[1, 3], origin)]) else { panic!() };
            assert_eq!(setback.how, How::Forked);
        }
    }

    #[test]
    fn an_altered_state_is_lost_without_an_equal_copy() {
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
    fn another_lineage_is_not_a_version() {
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
    fn a_branch_equal_to_the_mark_is_named() {
        let known: Vec<(&[u128], SightingSource)> = vec![(&[1, 2], mark()), (&[1, 2], other())];
        let Recency::Lost(setback) = judge(Some(&[1]), known) else { panic!() };
        assert_eq!(setback.newest.origin, mark());
        assert_eq!(setback.branch.map(|branch| branch.origin), Some(other()));
        // The current branch has it, so it went back on purpose.
        let known: Vec<(&[u128], SightingSource)> =
            vec![(&[1, 2], head()), (&[1, 2], mark()), (&[1, 2], other())];
        let Recency::Lost(setback) = judge(Some(&[1]), known) else { panic!() };
        assert_eq!((setback.newest.origin, setback.branch), (head(), None));
    }

    #[test]
    fn forks_of_the_newest_are_named() {
        let known: Vec<(&[u128], SightingSource)> =
            vec![(&[1, 2], head()), (&[1, 3], mark()), (&[1, 3, 4], other())];
        let Recency::Lost(setback) = judge(Some(&[1]), known) else { panic!() };
        assert_eq!(setback.newest.origin, head());
        let [one] = &setback.others[..] else { panic!("{:?}", setback.others) };
        assert_eq!(one.origin, other());
    }
}
