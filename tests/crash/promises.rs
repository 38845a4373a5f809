//! The promises of docs/guarantees.md, checked against what the server really holds and received.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use certctl::model::{Attributes, NaturalKey};
use certctl::state::{Document, FileStore, IdSource, StateIdentity, Store as _};

use crate::support::{Project, Sandbox};

/// The state including an unfinished journal, read without writing.
pub(crate) fn state(project: &Project, url: &str) -> Document {
    let owner = StateIdentity { environment: "test".to_owned(), url: url.to_owned() };
    let snapshot = FileStore::new(&project.file("state/test.json"), owner.clone()).read().unwrap();
    snapshot.effective().unwrap().unwrap_or_else(|| Document::empty(&owner, String::new()))
}

/// The server's templates, by natural key: id and attributes.
fn held(sandbox: &Sandbox) -> BTreeMap<NaturalKey, (String, Attributes)> {
    let held = sandbox.templates().into_iter().map(|template| {
        let attributes: Attributes = serde_json::from_value(template["attributes"].clone()).unwrap();
        (NaturalKey::of(&attributes), (template["id"].as_str().unwrap().to_owned(), attributes))
    });
    let all: Vec<_> = held.collect();
    let by_key: BTreeMap<_, _> = all.iter().cloned().collect();
    assert_eq!(all.len(), by_key.len(), "two templates for one natural key: {all:?}");
    by_key
}

/// Right after the crash, before anything else.
pub(crate) fn nothing_lost_or_mistaken(project: &Project, sandbox: &Sandbox, spot: &dyn Debug) {
    let (state, held) = (state(project, &sandbox.url), held(sandbox));
    let remembered: BTreeSet<NaturalKey> =
        state.templates.values().flat_map(certctl::state::Row::natural_keys).collect();
    for natural_key in held.keys() {
        assert!(remembered.contains(natural_key), "{spot:?}: {natural_key} is on the server and forgotten");
    }
    for (key, row) in &state.templates {
        let Some(identity) = &row.identity else { continue };
        if identity.source == IdSource::Exact {
            let truth = row.natural_keys().find_map(|natural_key| held.get(&natural_key));
            let id = truth.map(|(id, _)| id.as_str());
            assert_eq!(id, Some(identity.id.as_str()), "{spot:?}: {key} has a wrong id");
        }
    }
    // A plan works immediately and changes nothing, whatever the journal holds.
    let before = project.snapshot();
    project.run(&["plan"]).exits(0);
    assert!(project.snapshot() == before, "{spot:?}: plan wrote something");
}

/// An administrator's next steps: apply, look up rows in doubt, apply again.
pub(crate) fn everything_comes_right(project: &Project, sandbox: &Sandbox, spot: &dyn Debug) {
    let first = project.apply();
    assert!(matches!(first.code, 0 | 3 | 4), "{spot:?}: {}\n{}", first.stdout, first.stderr);
    let doubtful: Vec<_> = state(project, &sandbox.url)
        .in_doubt()
        .map(|(key, row)| (key.to_string(), NaturalKey::of(&row.attempt().unwrap().attributes)))
        .collect();
    assert_eq!(first.code == 4, !doubtful.is_empty(), "{spot:?}: {}\n{}", first.stdout, first.stderr);
    let held_now = held(sandbox);
    for (key, natural_key) in doubtful {
        match held_now.get(&natural_key) {
            Some((id, _)) => project.run(&["recover", &key, "--created", id]).exits(0),
            None => project.run(&["recover", &key, "--not-created"]).exits(0),
        };
    }
    let second = project.apply();
    assert_eq!(second.code, 0, "{spot:?}: {}\n{}", second.stdout, second.stderr);
    project.run(&["plan"]).exits(0).says("No changes.");
    sandbox.assert_no_double_create();
}

/// Checks that the server holds exactly these titles, and that the state knows each with all attributes and no wrong id.
pub(crate) fn server_holds(project: &Project, sandbox: &Sandbox, titles: &[String], spot: &dyn Debug) {
    let held = held(sandbox);
    let found: BTreeSet<&str> = held.values().map(|(_, attributes)| attributes.title().unwrap()).collect();
    assert_eq!(found, titles.iter().map(String::as_str).collect(), "{spot:?}: what the server holds");
    let state = state(project, &sandbox.url);
    let known: BTreeMap<NaturalKey, &Attributes> = state
        .templates
        .values()
        .map(|row| &row.confirmed.as_ref().unwrap().attributes)
        .map(|attributes| (NaturalKey::of(attributes), attributes))
        .collect();
    let attributes = held.iter().map(|(natural_key, (_, attributes))| (natural_key.clone(), attributes));
    assert_eq!(known, attributes.collect(), "{spot:?}: what the state knows");
    for (key, row) in &state.templates {
        let Some(identity) = row.identity.as_ref().filter(|identity| identity.source.may_address()) else {
            continue;
        };
        let truth = row.natural_keys().find_map(|natural_key| held.get(&natural_key));
        assert_eq!(
            truth.map(|(id, _)| id.as_str()),
            Some(identity.id.as_str()),
            "{spot:?}: {key} has a wrong id"
        );
    }
}
