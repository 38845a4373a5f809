//! How states travel: commits, merges and reverts, as git makes them of the files.

use std::sync::Arc;

use certctl::model::{Attributes, TemplateId};
use certctl::state::{Conflicts, Document, Merge, Row, merge as merge_states};

use crate::academy::Server;
use crate::estate::number;
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
    /// Both had, and `state merge` joined the states.
    Joined,
    /// Rows clashed, and a person kept the versions that fit what the admin page shows.
    Decided,
    /// Rows clash, and neither version fits: a person gives up and leaves the branches apart.
    Undecided,
    /// The states were begun without each other, and are not joined.
    Strangers,
}

/// Merges the other machine's branch into this one's; `decide` says which of so many ways a person goes.
pub(crate) fn merge(world: &mut World, here: usize, decide: &mut dyn FnMut(usize) -> usize) -> Merged {
    let (ours, theirs) = (world.machines[here].tree.clone(), world.machines[1 - here].tree.clone());
    if theirs.is(&world.base) || theirs.is(&ours) {
        return Merged::Nothing;
    }
    let (file, how) = if ours.is(&world.base) {
        (theirs.file.clone(), Merged::Forward)
    } else {
        match join(&world.server, &world.base, &ours, &theirs, decide) {
            Ok(joined) => joined,
            Err(given_up) => return given_up,
        }
    };
    let mut yaml = ours.yaml;
    for (course, content) in yaml.iter_mut().enumerate() {
        if *content == world.base.yaml[course] {
            *content = theirs.yaml[course];
        }
    }
    let machine = &mut world.machines[here];
    let before = machine.tree.clone();
    machine.knows.join(&theirs.knows);
    machine.tree = Tree { yaml, file, knows: before.knows };
    machine.tree.knows.join(&theirs.knows);
    commit(machine, before);
    world.base = theirs;
    how
}

type Joined = (Option<Arc<StateFile>>, Merged);

/// What becomes of the state: git's merge driver, or the same command typed as the message says.
fn join(
    server: &Server,
    base: &Tree,
    ours: &Tree,
    theirs: &Tree,
    decide: &mut dyn FnMut(usize) -> usize,
) -> Result<Joined, Merged> {
    let changed = |tree: &Tree| !same_file(tree.file.as_ref(), base.file.as_ref());
    let (Some(our), Some(their)) = (&ours.file, &theirs.file) else {
        let file = if changed(ours) { &ours.file } else { &theirs.file };
        return Ok((file.clone(), Merged::Joined));
    };
    if !changed(theirs) || same_file(Some(our), Some(their)) {
        return Ok((ours.file.clone(), Merged::Joined));
    }
    if !changed(ours) {
        return Ok((theirs.file.clone(), Merged::Joined));
    }
    let base = base.file.as_ref().map(|file| &file.document);
    match merge_states(base, &our.document, &their.document) {
        Ok(Merge::Joined(document)) => Ok((Some(StateFile::of(&document)), Merged::Joined)),
        Ok(Merge::Conflicts(conflicts)) => match decided(server, &conflicts, decide) {
            Some(document) => Ok((Some(StateFile::of(&document)), Merged::Decided)),
            None => Err(Merged::Undecided),
        },
        Err(_) => Err(Merged::Strangers),
    }
}

/// The state after a person looked each template up that clashes, and kept the version that fits what is there.
fn decided(
    server: &Server,
    conflicts: &Conflicts,
    decide: &mut dyn FnMut(usize) -> usize,
) -> Option<Document> {
    let mut document = conflicts.rest.clone();
    for (key, clash) in &conflicts.rows {
        let fitting: Vec<_> = [&clash.ours, &clash.theirs]
            .into_iter()
            .filter(|version| fits(server, number(key), version.as_ref()))
            .collect();
        let kept = match fitting[..] {
            [] => return None,
            [one] => one,
            _ => fitting[decide(fitting.len())],
        };
        if let Some(row) = kept {
            document.templates.insert(key.clone(), row.clone());
        }
    }
    Some(document)
}

/// Whether a version of a row may be true of what the server shows.
fn fits(server: &Server, course: usize, row: Option<&Row>) -> bool {
    let is_there = server.for_course(course).next().is_some();
    let Some(row) = row else { return !is_there };
    let has_id = |id: &TemplateId| row.identity.as_ref().is_none_or(|had| had.id == *id);
    let mut there = server.for_course(course).filter(|template| has_id(&template.id));
    if !row.attempts.is_empty() {
        let sent =
            |attributes: &Attributes| row.attempts.iter().any(|attempt| attempt.attributes == *attributes);
        return !is_there && !row.exists() || there.any(|template| sent(&template.attributes));
    }
    match &row.known {
        Some(known) => there.any(|template| template.attributes == known.attributes),
        None if row.identity.is_some() => there.next().is_some(),
        None => !is_there,
    }
}

/// `git revert HEAD`: YAML and state go back together.
pub(crate) fn revert(machine: &mut Machine) -> bool {
    let Some(previous) = machine.previous.clone() else { return false };
    let before = Tree { yaml: machine.committed, ..machine.tree.clone() };
    machine.tree = (*previous).clone();
    commit(machine, before);
    true
}
