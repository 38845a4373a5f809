//! Finds a state that is missing in its place: under another path, in git, or in a mark. Not called otherwise.

use std::path::PathBuf;

use super::context::Context;
use crate::config::ServerAddress;
use crate::state::{
    Document, InGit, LookLimits, Marks, Outline, Sighting, SightingSource, StateIdentity, Unchecked,
    journals_near, look_elsewhere, state_at, states_near,
};

/// What is known of the templates of this project beside the place of its state.
pub(super) struct StateElsewhere {
    /// The states of this instance that know them, wherever they are.
    pub(super) sightings: Vec<Sighting>,
    /// The other environments of the project that have templates for the same courses on this instance, by name.
    pub(super) environments: Vec<String>,
    /// Why not all of the files, and not all of git's, could be looked at.
    pub(super) unchecked: Vec<Unchecked>,
}

/// Looks in the project, in git and among the marks, for states of this instance that know a template of the project.
pub(super) fn look(context: &Context) -> StateElsewhere {
    let (mut found, unchecked) = match context.environment.server {
        // Every sandbox is a server of its own, and lies beside its state.
        ServerAddress::Sandbox => (Vec::new(), Vec::new()),
        ServerAddress::Remote(_) => in_the_project(context),
    };
    if !is_of_the_day(&context.environment.server) {
        found.extend(marks(context));
    }
    // The templates are read only where there is something to compare them with.
    found.retain(|(document, _)| context.coverage().is_in(document));
    let (others, found): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|(document, _)| is_another(context, &document.environment));
    let sightings = found.into_iter().filter_map(|(document, origin)| sighting(&document, origin)).collect();
    let mut environments: Vec<String> =
        others.into_iter().map(|(document, _)| document.environment).collect();
    environments.sort();
    environments.dedup();
    StateElsewhere { sightings, environments, unchecked }
}

fn in_the_project(context: &Context) -> (Vec<(Document, SightingSource)>, Vec<Unchecked>) {
    let (path, url) = (context.store.path(), &context.identity.url);
    let (mut files, files_unchecked) = states_near(path, &context.config.root, url);
    let (in_git, git_unchecked) = look_elsewhere(path, url, LookLimits::default());
    let mut found = Vec::new();
    for (place, document) in in_git {
        let file = place.root.join(&place.path);
        match state_at(&file, url) {
            // What is still there may have gone on, and may have a journal.
            Some(document) => files.push((file, document)),
            None => found.push((document, SightingSource::Elsewhere(place))),
        }
    }
    files.sort_by(|(one, _), (other, _)| one.cmp(other));
    files.dedup_by(|(one, _), (other, _)| one == other);
    let files = files.into_iter().map(|(file, document)| (document, SightingSource::File(file)));
    let (journals, journals_unchecked) = journals_near(path, &context.config.root, url);
    let journals = journals.into_iter().map(|(file, document)| (document, SightingSource::Journal(file)));
    let unchecked = files_unchecked.or(journals_unchecked).into_iter().chain(git_unchecked);
    (files.chain(journals).chain(found).collect(), unchecked.collect())
}

/// Whether it is another environment of the project: a second one is meant as one.
pub(super) fn is_another(context: &Context, environment: &str) -> bool {
    environment != context.identity.environment && context.config.environments.contains_key(environment)
}

/// Whether another server may have the same address tomorrow, so that what was written for it elsewhere proves nothing.
fn is_of_the_day(server: &ServerAddress) -> bool {
    matches!(server, ServerAddress::Remote(url) if url.is_on_this_machine())
}

/// Whether a journal of another place counts. Every sandbox is a server of its own.
pub(super) fn is_one_for_all_places(server: &ServerAddress) -> bool {
    matches!(server, ServerAddress::Remote(_)) && !is_of_the_day(server)
}

fn marks(context: &Context) -> Vec<(Document, SightingSource)> {
    let marks = context.store.marks().map(Marks::on_server).unwrap_or_default();
    marks
        .into_iter()
        .filter_map(|mark| Some((mark.document().ok()?, SightingSource::Mark(mark.path))))
        .collect()
}

fn sighting(document: &Document, origin: SightingSource) -> Option<Sighting> {
    let owner = StateIdentity { environment: document.environment.clone(), url: document.url.clone() };
    Sighting::new(None, Outline { owner, ancestry: document.ancestry() }, origin, || true)
}

/// The file of a place in git, as it would be in the working tree.
pub(super) fn file_of(place: &InGit) -> PathBuf {
    place.root.join(&place.path)
}
