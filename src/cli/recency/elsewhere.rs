//! Looks for a state that is missing at its path: under another path, in git, or in a mark. Called only if there is no
//! state in place; it never restores one.

use std::path::PathBuf;

use crate::cli::context::Context;
use crate::config::ServerAddress;
use crate::state::{
    Document, InGit, LookLimits, Marks, Outline, Sighting, SightingSource, StateIdentity, Unchecked,
    journals_near, look_elsewhere, state_at, states_near,
};

/// Where the templates of this project are known, apart from the state's own path.
pub(super) struct StateElsewhere {
    /// States of this instance that know these templates.
    pub(super) sightings: Vec<Sighting>,
    /// Names of other environments of the project with templates for the same courses on this instance.
    pub(super) environments: Vec<String>,
    /// Why some files, or parts of git's history, could not be read.
    pub(super) unchecked: Vec<Unchecked>,
}

/// Looks in the project, in git and among the marks for states of this instance that know a template of the project.
pub(super) fn look(context: &Context) -> StateElsewhere {
    let (mut found, unchecked) = match context.environment.server {
        // Each sandbox is a server of its own, with its data beside its state.
        ServerAddress::Sandbox => (Vec::new(), Vec::new()),
        ServerAddress::Remote(_) => in_the_project(context),
    };
    if !is_temporary(&context.environment.server) {
        found.extend(marks(context));
    }
    // The templates are read only if there is a state to compare them with.
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
            // A file that is still there may be newer, and may have a journal.
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

/// Returns whether the name belongs to another environment of the project, which has a state of its own on purpose.
pub(super) fn is_another(context: &Context, environment: &str) -> bool {
    environment != context.identity.environment && context.config.environments.contains_key(environment)
}

/// Returns whether another server may have this address tomorrow. A state written elsewhere for such an address proves
/// nothing.
fn is_temporary(server: &ServerAddress) -> bool {
    matches!(server, ServerAddress::Remote(url) if url.is_on_this_machine())
}

/// Returns whether a journal at another path counts. Each sandbox is a server of its own.
pub(super) fn shares_journals_across_paths(server: &ServerAddress) -> bool {
    matches!(server, ServerAddress::Remote(_)) && !is_temporary(server)
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
    Sighting::new(None, Outline { identity: owner, ancestry: document.ancestry() }, origin, || true)
}

/// Returns the path that a place in git has in the working tree.
pub(super) fn file_of(place: &InGit) -> PathBuf {
    place.root.join(&place.path)
}
