//! How states travel between clones: commits, merges and reverts, as git applies them to the files.

use std::sync::Arc;

use certctl::model::{Attributes, TemplateId};
use certctl::state::{Conflicts, Document, Merge, Row, merge as merge_states};

use crate::academy::Server;
use crate::estate::number;
use crate::world::{Base, Machine, Previous, StateFile, Tree, World, same_file};

/// Writes the state and commits it with the YAML, as the commands advise.
pub(crate) fn commit_state(machine: &mut Machine, file: Arc<StateFile>) {
    let tree = Tree { file: Some(file), ..machine.tree.clone() };
    commit(machine, tree);
}

fn commit(machine: &mut Machine, tree: Tree) {
    let before = Tree { yaml: machine.committed, ..std::mem::replace(&mut machine.tree, tree) };
    machine.previous =
        Some(Arc::new(Previous { tree: before, history: machine.history.clone(), base: None }));
    machine.committed = machine.tree.yaml;
    if let Some(file) = &machine.tree.file {
        machine.history.raise(file);
    }
}

/// The result of a merge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Merged {
    /// Nothing to merge.
    Nothing,
    /// One side had no changes of its own.
    Forward,
    /// Both sides had changes, and `state merge` merged the states.
    Joined,
    /// Rows conflicted, and a person chose the versions that match the admin page.
    Decided,
    /// Rows conflict and neither version is right: the person gives up and leaves the branches separate.
    Undecided,
    /// The states have no common ancestor and are not merged.
    Strangers,
}

/// Merges the other machine's branch into this one's; `decide` chooses one of the given number of options.
pub(crate) fn merge(world: &mut World, here: usize, decide: &mut dyn FnMut(usize) -> usize) -> Merged {
    let (ours, theirs) = (world.machines[here].tree.clone(), world.machines[1 - here].tree.clone());
    let their_history = world.machines[1 - here].history.clone();
    // Nothing is force-pushed, so what was fetched stays available.
    world.machines[here].fetched.join(&their_history);
    if theirs.is(&world.base.tree) || theirs.is(&ours) {
        return Merged::Nothing;
    }
    let (file, how) = if ours.is(&world.base.tree) {
        (theirs.file.clone(), Merged::Forward)
    } else {
        match join(&world.server, &world.base.tree, &ours, &theirs, decide) {
            Ok(joined) => joined,
            Err(given_up) => return given_up,
        }
    };
    let mut yaml = ours.yaml;
    for (course, content) in yaml.iter_mut().enumerate() {
        if *content == world.base.tree.yaml[course] {
            *content = theirs.yaml[course];
        }
    }
    let machine = &mut world.machines[here];
    machine.knows = machine.knows.join(theirs.knows());
    let history = machine.history.clone();
    commit(machine, Tree { yaml, file });
    machine.history.join(&their_history);
    let base = std::mem::replace(&mut world.base, Base { tree: theirs, of: Some(1 - here) });
    let tree = Tree { yaml: ours.yaml, file: ours.file };
    machine.previous = Some(Arc::new(Previous { tree, history, base: Some(base) }));
    how
}

type Joined = (Option<Arc<StateFile>>, Merged);

/// Merges the state: with git's merge driver, or by the same command typed by hand.
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
    let (file, how) = join_files(server, base.file.as_ref(), our, their, decide)?;
    Ok((Some(file), how))
}

/// `certctl state merge`, and a person's resolution of its conflicts.
pub(crate) fn join_files(
    server: &Server,
    base: Option<&Arc<StateFile>>,
    ours: &StateFile,
    theirs: &StateFile,
    decide: &mut dyn FnMut(usize) -> usize,
) -> Result<(Arc<StateFile>, Merged), Merged> {
    let knows = ours.knows.join(theirs.knows);
    match merge_states(base.map(|file| &file.document), &ours.document, &theirs.document) {
        Ok(Merge::Joined(document)) => Ok((StateFile::of(&document, knows), Merged::Joined)),
        Ok(Merge::Conflicts(conflicts)) => match decided(server, &conflicts, decide) {
            Some(document) => Ok((StateFile::of(&document, knows), Merged::Decided)),
            None => Err(Merged::Undecided),
        },
        Err(_) => Err(Merged::Strangers),
    }
}

/// The state after a person has looked up every conflicting template and kept the right version.
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

/// Whether a version of a row can be true, given what the server shows.
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
    match &row.confirmed {
        Some(known) => there.any(|template| template.attributes == known.attributes),
        None if row.identity.is_some() => there.next().is_some(),
        None => !is_there,
    }
}

/// How a state is reverted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Back {
    /// `git revert HEAD`: YAML and state are reverted together, in a new commit.
    Revert,
    /// `git reset --hard HEAD~1`: the same, and the branch loses the commits after it.
    Reset,
}

pub(crate) fn go_back(world: &mut World, here: usize, how: Back) {
    let machine = &mut world.machines[here];
    let Some(previous) = machine.previous.clone() else { return };
    commit(machine, previous.tree.clone());
    if how == Back::Revert {
        return;
    }
    machine.history = previous.history.clone();
    machine.previous = None;
    if world.base.of == Some(here) {
        // The other machine has merged the later commits.
        world.base.tree = machine.tree.clone();
    } else if let Some(base) = &previous.base {
        world.base = base.clone();
    }
}
