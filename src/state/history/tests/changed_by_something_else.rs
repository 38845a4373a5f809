//! Two contents under the same write.

use super::*;

fn altered(writes: &[u128]) -> Document {
    let mut document = state(writes);
    document.templates.insert(crate::model::Key::new("k").unwrap(), crate::state::Row::default());
    document
}

fn finds(repository: &TestRepository, in_place: &Document) -> Vec<(How, String)> {
    let history = repository.look_within(Some(in_place), true, patient());
    let place = |origin| match origin {
        SightingSource::Head(place) => repository.subject(&place),
        other => panic!("{other:?}"),
    };
    history.sightings.into_iter().map(|seen| (seen.finds.unwrap(), place(seen.origin))).collect()
}

#[test]
fn the_commit_with_the_same_write_is_named() {
    let repository = TestRepository::with(&[&[1], &[1, 2]]);
    assert_eq!(finds(&repository, &altered(&[1, 2])), [(How::Altered, "1".to_owned())]);
    repository.commit(&altered(&[1, 2]));
    assert_eq!(finds(&repository, &altered(&[1, 2])), [(How::Altered, "1".to_owned())]);
}

#[test]
fn what_was_brought_back_is_right() {
    let repository = TestRepository::with(&[&[1], &[1, 2]]);
    repository.commit(&altered(&[1, 2]));
    assert_eq!(finds(&repository, &state(&[1, 2])), []);
    repository.commit(&state(&[1, 2]));
    assert_eq!(finds(&repository, &state(&[1, 2])), []);
}
