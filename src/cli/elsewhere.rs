//! Finds a state that is missing in its place: under another path, in git, or in a mark. Not called otherwise.

use std::fs;
use std::path::PathBuf;

use super::context::Context;
use crate::config::Server;
use crate::state::{
    Document, InGit, Limits, Marks, Origin, Outline, Owner, Sighting, Unchecked, journals_in, look_elsewhere,
    real_path, state_at, states_in,
};

/// What is known of the templates of this project beside the place of its state.
pub(super) struct Found {
    /// The states of this instance that know them, wherever they are.
    pub(super) sightings: Vec<Sighting>,
    /// The other environments of the project that have templates for the same courses on this instance, by name.
    pub(super) environments: Vec<String>,
    /// Why not all of git's could be looked at.
    pub(super) unchecked: Option<Unchecked>,
}

/// Looks for them.
pub(super) fn look(context: &Context) -> Found {
    let (mut found, unchecked) = match context.environment.server {
        // Every sandbox is a server of its own, and lies beside its state.
        Server::Sandbox => (Vec::new(), None),
        Server::Remote(_) => in_the_project(context),
    };
    if !is_of_the_day(&context.environment.server) {
        found.extend(marks(context));
    }
    // The templates are read only where there is something to compare them with.
    found.retain(|(document, _)| context.resources().are_in(document));
    let (others, found): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|(document, _)| is_another(context, &document.environment));
    let sightings = found.into_iter().filter_map(|(document, origin)| sighting(&document, origin)).collect();
    let mut environments: Vec<String> =
        others.into_iter().map(|(document, _)| document.environment).collect();
    environments.sort();
    environments.dedup();
    Found { sightings, environments, unchecked }
}

fn in_the_project(context: &Context) -> (Vec<(Document, Origin)>, Option<Unchecked>) {
    let (path, url) = (context.store.path(), &context.owner.url);
    let mut folders: Vec<PathBuf> = path.parent().map(real_path).into_iter().collect();
    folders.extend(subfolders(context));
    let mut files = states_in(&folders, url);
    let (in_git, unchecked) = look_elsewhere(path, url, Limits::default());
    let mut found = Vec::new();
    for (place, document) in in_git {
        let file = place.root.join(&place.path);
        match state_at(&file, url) {
            // What is still there may have gone on, and may have a journal.
            Some(document) => files.push((file, document)),
            None => found.push((document, Origin::Elsewhere(place))),
        }
    }
    files.sort_by(|(one, _), (other, _)| one.cmp(other));
    files.dedup_by(|(one, _), (other, _)| one == other);
    let files = files.into_iter().map(|(file, document)| (document, Origin::File(file)));
    let journals = journals_in(&folders, url).into_iter();
    let journals = journals.map(|(file, document)| (document, Origin::Journal(file)));
    (files.chain(journals).chain(found).collect(), unchecked)
}

/// The project's folder and those in it: a state that `state` named once is seldom deeper.
fn subfolders(context: &Context) -> Vec<PathBuf> {
    const MOST: usize = 200;
    let root = real_path(&context.config.root);
    let entries = fs::read_dir(&root).into_iter().flatten().flatten();
    let folders = entries.map(|entry| entry.path()).filter(|path| path.is_dir());
    let mut folders: Vec<PathBuf> = folders.take(MOST).collect();
    folders.push(root);
    folders
}

/// Whether it is another environment of the project: a second one is meant as one.
pub(super) fn is_another(context: &Context, environment: &str) -> bool {
    environment != context.owner.environment && context.config.environments.contains_key(environment)
}

/// Whether another server may have the same address tomorrow, so that what was written for it elsewhere proves nothing.
fn is_of_the_day(server: &Server) -> bool {
    matches!(server, Server::Remote(url) if url.is_on_this_machine())
}

/// Whether a journal of another place counts. Every sandbox is a server of its own.
pub(super) fn is_one_for_all_places(server: &Server) -> bool {
    matches!(server, Server::Remote(_)) && !is_of_the_day(server)
}

fn marks(context: &Context) -> Vec<(Document, Origin)> {
    let marks = context.store.marks().map(Marks::on_server).unwrap_or_default();
    marks.into_iter().filter_map(|mark| Some((mark.document().ok()?, Origin::Mark(mark.path)))).collect()
}

fn sighting(document: &Document, origin: Origin) -> Option<Sighting> {
    let owner = Owner { environment: document.environment.clone(), url: document.url.clone() };
    Sighting::new(None, Outline { owner, ancestry: document.ancestry() }, origin, || true)
}

/// The file of a place in git, as it would be in the working tree.
pub(super) fn file_of(place: &InGit) -> PathBuf {
    place.root.join(&place.path)
}
