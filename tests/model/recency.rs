//! What a machine knows about newer states than its own: the history of its branch, and the mark.

use std::path::PathBuf;
use std::sync::Arc;

use certctl::state::{
    Document, InGit, JournalFit, Outline, Recency, Sighting, SightingSource, Snapshot, recency,
};

use crate::estate::owner;
use crate::promises::effective;
use crate::world::{Machine, Newest, StateFile};

/// Whether the current state is the newest: `cli::recency::Known::look`.
pub(crate) fn of(machine: &Machine) -> Recency {
    let file = machine.tree.file.as_ref().map(|file| &file.document);
    match effective(machine) {
        Some(state) => judge(machine, Some(&state), file),
        // A journal that does not match has its own message.
        None if machine.journal.is_some() => Recency::Newest,
        None => judge(machine, None, file),
    }
}

/// The same for what a command has read.
pub(crate) fn of_snapshot(machine: &Machine, snapshot: &Snapshot) -> Recency {
    match snapshot.fit() {
        JournalFit::Foreign { .. } => Recency::Newest,
        JournalFit::Open => {
            judge(machine, snapshot.clone().effective().unwrap().as_ref(), snapshot.document.as_ref())
        }
        JournalFit::None | JournalFit::Checkpointed => {
            judge(machine, snapshot.document.as_ref(), snapshot.document.as_ref())
        }
    }
}

fn judge(machine: &Machine, in_place: Option<&Document>, own: Option<&Document>) -> Recency {
    let seen = |file: &Arc<StateFile>, origin: SightingSource| {
        let outline = Outline { identity: owner().clone(), ancestry: file.document.ancestry() };
        let same = || {
            own.is_none_or(|own| {
                own.writes.newest() != file.document.writes.newest()
                    || own.templates == file.document.templates
            })
        };
        Sighting::new(in_place, outline, origin, same)
    };
    let other = machine.fetched.of.iter().flatten().filter_map(|file| seen(file, in_other_branch()));
    let own = machine.history.of.iter().flatten().filter_map(|file| seen(file, in_git()));
    let mark = marked(machine, in_place);
    let mark = mark.and_then(|file| seen(file, SightingSource::Mark(PathBuf::from("mark"))));
    recency(in_place.is_some(), &own.chain(mark).chain(other).collect::<Vec<_>>())
}

fn in_git() -> SightingSource {
    SightingSource::Head(InGit { root: PathBuf::from("/"), commit: "c".to_owned(), path: PathBuf::from("s") })
}

fn in_other_branch() -> SightingSource {
    let place = InGit { root: PathBuf::from("/"), commit: "o".to_owned(), path: PathBuf::from("s") };
    SightingSource::Ref { name: "other".to_owned(), place }
}

/// The mark of the current state's lineage; without a state, that of the state written last.
fn marked<'m>(machine: &'m Machine, in_place: Option<&Document>) -> Option<&'m Arc<StateFile>> {
    let Newest { of, last } = &machine.mark;
    match in_place {
        Some(document) => of.iter().flatten().find(|file| file.document.lineage == document.lineage),
        None => last.and_then(|last| of[last].as_ref()),
    }
}

/// The newest state that the current one does not include.
pub(crate) fn newest(machine: &Machine) -> Option<Arc<StateFile>> {
    ahead(machine).into_iter().next()
}

/// All such states.
pub(crate) fn ahead(machine: &Machine) -> Vec<Arc<StateFile>> {
    let (Recency::Lost(setback) | Recency::Behind(setback)) = of(machine) else { return Vec::new() };
    let known = || machine.history.of.iter().chain(&machine.mark.of).chain(&machine.fetched.of).flatten();
    let is = |seen: &Sighting, file: &StateFile| seen.outline.ancestry == file.document.ancestry();
    let seen = std::iter::once(&setback.newest).chain(&setback.others);
    seen.filter_map(|seen| known().find(|file| is(seen, file)).cloned()).collect()
}
