//! How states travel: commits, merges and reverts, as git makes them of the files.

use std::collections::BTreeSet;
use std::sync::Arc;

use certctl::state::Document;

use crate::world::{Machine, StateFile, Tree, World, same_file};

/// The state is written, and committed with the YAML as the commands say.
pub(crate) fn commit_state(machine: &mut Machine, file: Arc<StateFile>) {
    let before = Tree { yaml: machine.committed, ..machine.tree.clone() };
    machine.tree.file = Some(file);
    machine.tree.knows = machine.knows;
    commit(machine, before);
}

fn commit(machine: &mut Machine, before: Tree) {
    machine.committed = machine.tree.yaml;
    machine.previous = Some(Arc::new(before));
}

/// How a merge ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Merged {
    /// There is nothing to merge.
    Nothing,
    /// One side had nothing of its own.
    Forward,
    /// Both had, and git found no conflict.
    Silently,
    /// The state was in conflict, and the side that applied last was kept whole, as the message says.
    KeptOneSide,
}

/// Merges the other machine's branch into this one's.
pub(crate) fn merge(world: &mut World, here: usize) -> Merged {
    let (ours, theirs) = (world.machines[here].tree.clone(), world.machines[1 - here].tree.clone());
    if theirs.is(&world.base) || theirs.is(&ours) {
        return Merged::Nothing;
    }
    let (merged, how) =
        if ours.is(&world.base) { (theirs.clone(), Merged::Forward) } else { join(world, here) };
    let machine = &mut world.machines[here];
    let before = machine.tree.clone();
    machine.tree = merged;
    machine.tree.knows = before.knows;
    machine.tree.knows.join(&theirs.knows);
    machine.knows.join(&theirs.knows);
    commit(machine, before);
    world.base = theirs;
    how
}

fn join(world: &World, here: usize) -> (Tree, Merged) {
    let (base, ours, theirs) = (&world.base, &world.machines[here].tree, &world.machines[1 - here].tree);
    let mut merged = ours.clone();
    for (course, content) in merged.yaml.iter_mut().enumerate() {
        if *content == base.yaml[course] {
            *content = theirs.yaml[course];
        }
    }
    let changed = |tree: &Tree| !same_file(tree.file.as_ref(), base.file.as_ref());
    match (changed(ours), changed(theirs)) {
        (_, false) => (merged, Merged::Silently),
        (false, true) => {
            merged.file.clone_from(&theirs.file);
            (merged, Merged::Silently)
        }
        (true, true) => {
            if let Some(file) = by_line(base, ours, theirs) {
                merged.file = Some(file);
                return (merged, Merged::Silently);
            }
            merged.file.clone_from(&world.machines[world.applied_last].tree.file);
            (merged, Merged::KeptOneSide)
        }
    }
}

/// What git's merge makes of two files whose rows are far enough apart, if it finds no conflict: rows that one side
/// changed are that side's, and a line that both changed alike is no conflict.
fn by_line(base: &Tree, ours: &Tree, theirs: &Tree) -> Option<Arc<StateFile>> {
    let [base, ours, theirs] = [base, ours, theirs].map(|tree| tree.file.as_ref().map(|file| &file.document));
    let (base, ours, theirs) = (base?, ours?, theirs?);
    if ours.lineage != theirs.lineage || ours.serial != theirs.serial {
        return None;
    }
    let mut merged = Document { templates: ours.templates.clone(), ..ours.clone() };
    let added = |document: &Document| document.templates.keys().any(|key| !base.templates.contains_key(key));
    if added(ours) && added(theirs) {
        // Two rows are added at one place.
        return None;
    }
    let keys: BTreeSet<_> = ours.templates.keys().chain(theirs.templates.keys()).collect();
    for key in keys {
        let [was, our, their] = [base, ours, theirs].map(|document| document.templates.get(key));
        match (our == was, their == was) {
            (_, true) => {}
            (true, false) => match their {
                Some(row) => drop(merged.templates.insert(key.clone(), row.clone())),
                None => drop(merged.templates.remove(key)),
            },
            (false, false) if our == their => {}
            (false, false) => return None,
        }
    }
    Some(StateFile::of(&merged))
}

/// `git revert HEAD`: YAML and state go back together.
pub(crate) fn revert(machine: &mut Machine) -> bool {
    let Some(previous) = machine.previous.clone() else { return false };
    let before = Tree { yaml: machine.committed, ..machine.tree.clone() };
    machine.tree = (*previous).clone();
    commit(machine, before);
    true
}
