//! The rules of a merge one by one; `tests/properties/merging.rs` tests all of them together.

mod changed_by_something_else;
mod one_row;
mod unrelated;

use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::model::NaturalKey;
use crate::state::{Row, parse_state};

fn write(number: u128) -> WriteId {
    WriteId::new(Uuid::from_u128(number))
}

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn attributes(resource: u8, title: &str) -> Value {
    json!({"resourceType": "course", "resourceId": format!("r{resource}"), "title": title})
}

/// An applied row made by that write.
fn row(resource: u8, title: &str, by: u128) -> Value {
    json!({"status": "applied", "attributes": attributes(resource, title), "write": write(by)})
}

fn with_id(mut row: Value, number: u8) -> Value {
    row["id"] = json!(format!("8f14e45f-ceea-467f-a0e6-6b2d6a6f6f{number:02}"));
    row["idSource"] = json!("exact");
    row
}

fn in_doubt(resource: u8, title: &str, by: u128) -> Value {
    let attributes: crate::model::Attributes = serde_json::from_value(attributes(resource, title)).unwrap();
    json!({
        "status": "in_doubt", "error": {"at": "2026-11-23T10:00:00Z", "message": "lost"}, "write": write(by),
        "attempt": {"at": "2026-11-23T10:00:00Z", "batch": "1-1", "deed": "create", "attributes": attributes,
                    "digest": attributes.digest()},
    })
}

/// A state with these writes, the last of which is its own, and these rows.
fn state(serial: u64, writes: &[u128], rows: &[(&str, Value)]) -> Document {
    let templates: serde_json::Map<_, _> =
        rows.iter().map(|(key, row)| ((*key).to_owned(), row.clone())).collect();
    serde_json::from_value(json!({
        "format": "certctl.state/v1", "environment": "test", "url": "sandbox", "lineage": "L", "serial": serial,
        "templates": templates, "writes": writes.iter().map(|number| write(*number)).collect::<Vec<_>>(),
    }))
    .unwrap()
}

fn joined(base: &Document, ours: &Document, theirs: &Document) -> Document {
    match merge(Some(base), ours, theirs).unwrap() {
        Merge::Joined(document) => document,
        Merge::Conflicts(conflicts) => panic!("{:?}", conflicts.rows),
    }
}

fn clashes(base: Option<&Document>, ours: &Document, theirs: &Document) -> Conflicts {
    match merge(base, ours, theirs).unwrap() {
        Merge::Joined(document) => panic!("{document:?}"),
        Merge::Conflicts(conflicts) => *conflicts,
    }
}

fn titles(document: &Document) -> Vec<(&str, &str)> {
    let title =
        |row: &Row| row.confirmed.as_ref().and_then(|known| known.attributes.title()).map(str::len).is_some();
    assert!(document.templates.values().all(title));
    let titled = document.templates.iter().map(|(key, row)| (key.as_str(), row.confirmed.as_ref().unwrap()));
    titled.map(|(key, known)| (key, known.attributes.title().unwrap())).collect()
}

fn base() -> Document {
    state(1, &[1], &[("a", row(1, "A", 1)), ("b", row(2, "B", 1)), ("c", row(3, "C", 1))])
}

#[test]
fn what_one_side_changed_is_taken() {
    let ours = state(2, &[1, 2], &[("a", row(1, "A2", 2)), ("b", row(2, "B", 1)), ("d", row(4, "D", 2))]);
    let rows =
        [("a", row(1, "A", 1)), ("b", row(2, "B3", 3)), ("c", row(3, "C", 1)), ("e", in_doubt(5, "E", 3))];
    let theirs = state(3, &[1, 3], &rows);
    let joined = joined(&base(), &ours, &theirs);
    let keys: Vec<_> = joined.templates.keys().map(Key::as_str).collect();
    assert_eq!(keys, ["a", "b", "d", "e"], "c was removed");
    assert_eq!(joined.templates[&key("a")], ours.templates[&key("a")]);
    assert_eq!(joined.templates[&key("b")], theirs.templates[&key("b")]);
    assert_eq!(joined.templates[&key("e")], theirs.templates[&key("e")]);
    assert_eq!(joined.serial, 4);
    assert_eq!(joined.writes, join_writes(&ours.writes, &theirs.writes));
    for side in [&ours, &theirs] {
        assert_eq!(side.relation_to(&joined), Some(Relation::Older));
    }
}

#[test]
fn joining_an_ancestor_gives_the_newer() {
    let newer = state(2, &[1, 2], &[("a", row(1, "A2", 2))]);
    for (ours, theirs) in [(&base(), &newer), (&newer, &base()), (&newer, &newer)] {
        assert_eq!(joined(&base(), ours, theirs), newer);
        assert_eq!(merge(None, ours, theirs).unwrap(), Merge::Joined(newer.clone()));
    }
}

#[test]
fn knowing_both_writes_means_knowing_the_join() {
    let applied = |by| with_id(row(9, "N", by), 9);
    let (ours, theirs) = (state(2, &[1, 2], &[("n", applied(2))]), state(2, &[1, 3], &[("n", applied(3))]));
    let joined_once = joined(&base(), &ours, &theirs);
    let text = joined_once.to_text().unwrap();
    assert_eq!(parse_state(std::path::Path::new("s"), text.as_bytes()).unwrap(), joined_once);
    // Another machine joined the two, and then removed or changed the row.
    for (later, expected) in [(vec![], None), (vec![("n", with_id(row(9, "M", 4), 9))], Some("M"))] {
        let other = state(4, &[1, 2, 3, 4], &later);
        for both in [joined(&base(), &joined_once, &other), joined(&base(), &other, &joined_once)] {
            assert_eq!(titles(&both).first().map(|(_, title)| *title), expected);
        }
    }
    // A state that knows only one of the two does not know the row.
    let other = state(4, &[1, 2, 4], &[]);
    assert_eq!(joined(&base(), &joined_once, &other).templates[&key("n")], joined_once.templates[&key("n")]);
}

#[test]
fn what_both_had_accepted_alike_is_no_conflict() {
    let later = |mut row: Value, at: &str| {
        row["appliedAt"] = json!(at);
        row
    };
    let ours = state(2, &[1, 2], &[("a", later(row(1, "A2", 2), "2026-11-23T11:00:00Z"))]);
    let theirs = state(2, &[1, 3], &[("a", later(row(1, "A2", 3), "2026-11-23T12:00:00Z"))]);
    for joined in [joined(&base(), &ours, &theirs), joined(&base(), &theirs, &ours)] {
        let agreed = &joined.templates[&key("a")];
        assert!(agreed.says_the_same(&theirs.templates[&key("a")]));
        assert_eq!(agreed.write, joined.writes.newest(), "neither write is the later one");
        // A state that continued from only one of the two does not know what the other one sent, or when.
        let alone = state(4, &[1, 3, 4], &[("a", row(1, "A4", 4))]);
        assert_eq!(clashes(Some(&theirs), &joined, &alone).rows.len(), 1);
    }
    // Two creates without ids may be two templates; with the same id they are one.
    let created = |by, id: Option<u8>, at| {
        let row = later(row(9, "N", by), at);
        state(2, &[1, by], &[("n", id.map_or(row.clone(), |id| with_id(row, id)))])
    };
    let pair =
        |ours, theirs| (created(2, ours, "2026-11-23T11:00:00Z"), created(3, theirs, "2026-11-23T12:00:00Z"));
    for (ours, theirs) in [pair(None, None), pair(Some(1), None), pair(Some(1), Some(2))] {
        assert_eq!(clashes(Some(&base()), &ours, &theirs).rows.len(), 1);
    }
    let (ours, theirs) = pair(Some(1), Some(1));
    assert!(joined(&base(), &ours, &theirs).templates[&key("n")].says_the_same(&theirs.templates[&key("n")]));
}

#[test]
fn a_shared_natural_key_or_id_conflicts() {
    let ours = state(2, &[1, 2], &[("x", in_doubt(7, "X", 2))]);
    let theirs = state(2, &[1, 3], &[("y", row(7, "Y", 3))]);
    let conflicts = clashes(None, &ours, &theirs);
    let NaturalKey { resource_id, .. } = match &conflicts.rows[&key("x")].reasons[..] {
        [ConflictReason::NaturalKey { natural_key, other }] if *other == key("y") => natural_key.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(resource_id, "r7");
    assert!(conflicts.rest.templates.is_empty());

    let ours = state(2, &[1, 2], &[("x", with_id(row(7, "X", 2), 1))]);
    let theirs = state(2, &[1, 3], &[("y", with_id(row(8, "Y", 3), 1))]);
    let conflicts = clashes(None, &ours, &theirs);
    assert!(
        matches!(&conflicts.rows[&key("y")].reasons[..], [ConflictReason::Id { other, .. }] if *other == key("x"))
    );
}

#[test]
fn a_duplicate_of_one_side_does_not_conflict() {
    let twice = [("x", row(7, "X", 2)), ("y", in_doubt(7, "Y", 2))];
    let ours = state(2, &[1, 2], &twice);
    let theirs = state(2, &[1, 3], &[("z", row(8, "Z", 3))]);
    assert_eq!(joined(&state(1, &[1], &[]), &ours, &theirs).templates.len(), 3);
}

#[test]
fn states_without_writes_are_joined_by_their_base() {
    let old = |serial, rows: &[(&str, Value)]| {
        let mut document = state(serial, &[], rows);
        document.templates.values_mut().for_each(|row| row.write = None);
        document
    };
    let base = old(1, &[("a", row(1, "A", 0)), ("b", row(2, "B", 0))]);
    let ours = old(2, &[("a", row(1, "A2", 0)), ("b", row(2, "B", 0))]);
    let theirs = old(3, &[("a", row(1, "A", 0)), ("c", row(3, "C", 0))]);
    for (ours, theirs) in [(&ours, &theirs), (&theirs, &ours)] {
        let joined = joined(&base, ours, theirs);
        assert_eq!(titles(&joined), [("a", "A2"), ("c", "C")]);
        assert_eq!((joined.serial, joined.writes.is_empty()), (4, true));
    }
    // One side comes from a version that names its writes.
    let newer = state(2, &[5], &[("a", row(1, "A", 0)), ("b", row(2, "B5", 5))]);
    let mut newer = newer;
    newer.templates.get_mut(&key("a")).unwrap().write = None;
    let joined = joined(&base, &ours, &newer);
    assert_eq!(titles(&joined), [("a", "A2"), ("b", "B5")]);
    assert_eq!(newer.relation_to(&joined), Some(Relation::Older));
    assert_eq!(ours.relation_to(&joined), Some(Relation::Older));
}

#[test]
fn a_wrong_base_hides_no_change() {
    let ours = state(2, &[1, 2], &[("a", row(1, "A2", 2)), ("d", row(4, "D", 2))]);
    let theirs = state(2, &[1, 3], &[("a", row(1, "A3", 3))]);
    for wrong in [&ours, &theirs] {
        assert_eq!(clashes(Some(wrong), &ours, &theirs).rows.len(), 1);
    }
}

#[test]
fn taking_either_side_leaves_a_state() {
    let all = |by: u128, keys: &[&str]| {
        let rows: Vec<_> = keys.iter().map(|key| (*key, row(key.as_bytes()[0], "T", by))).collect();
        state(2, &[1, by], &rows)
    };
    let base = state(1, &[1], &[("a", row(97, "A", 1)), ("b", row(98, "B", 1)), ("z", row(122, "Z", 1))]);
    for (ours, theirs) in [
        (&["a", "b", "z"][..], &["a", "z"][..]),
        (&["a"], &["a", "b", "z"]),
        (&["b", "m", "z"], &["a", "b", "c"]),
        (&[], &["z"]),
        (&["z"], &["b"]),
    ] {
        let (mut ours, mut theirs) = (all(2, ours), all(3, theirs));
        // Everything that differs on both sides conflicts.
        for (number, row) in ours.templates.values_mut().enumerate() {
            row.protect = number % 2 == 0;
        }
        theirs.templates.values_mut().for_each(|row| row.resolutions.clear());
        let conflicts = clashes(Some(&base), &ours, &theirs);
        let text = conflicts.to_text().unwrap();
        for (side, document) in [(0, &ours), (1, &theirs)] {
            let taken = take(&text, side);
            let read = parse_state(std::path::Path::new("s.json"), taken.as_bytes())
                .unwrap_or_else(|error| panic!("{error}\n{text}"));
            for key in conflicts.rows.keys() {
                assert_eq!(read.templates.get(key), document.templates.get(key), "{text}");
            }
            assert_eq!(read.writes, conflicts.rest.writes);
            let as_written = read.templates.is_empty() || read.to_text().unwrap() == taken;
            assert!(as_written, "{taken}");
        }
    }
}

/// Edits the text to ours (0) or theirs (1) everywhere.
fn take(text: &str, side: usize) -> String {
    let mut taken = String::new();
    let mut within = None;
    for line in text.split_inclusive('\n') {
        match line {
            "<<<<<<< ours\n" => within = Some(0),
            "=======\n" => within = Some(1),
            ">>>>>>> theirs\n" => within = None,
            _ if within.is_none_or(|within| within == side) => taken.push_str(line),
            _ => {}
        }
    }
    taken
}

#[test]
fn deleted_ids_are_joined() {
    let base = state(1, &[1], &[]);
    let with = |own: u128, ids: &serde_json::Value| {
        let mut document = state(2, &[1, own], &[]);
        document.deleted_ids = serde_json::from_value(ids.clone()).unwrap();
        document
    };
    let ours = with(2, &json!({ "a": "2026-11-23T10:00:00Z", "b": "2026-11-23T10:00:00Z" }));
    let theirs = with(3, &json!({ "b": "2026-11-24T10:00:00Z" }));
    let one = joined(&base, &ours, &theirs);
    let expected = json!({ "a": "2026-11-23T10:00:00Z", "b": "2026-11-24T10:00:00Z" });
    assert_eq!(json!(one.deleted_ids), expected);
    assert_eq!(one.to_text().unwrap(), joined(&base, &theirs, &ours).to_text().unwrap());
}

#[test]
fn what_is_known_of_an_observer_is_joined() {
    let base = state(1, &[1], &[]);
    let with = |own: u128, shows: Option<&str>, at: &str| {
        let mut document = state(2, &[1, own], &[]);
        document.observer_shows = shows.map(|shows| serde_json::from_value(json!(shows)).unwrap());
        let doubt = json!({ "at": at, "message": "lost", "resourceId": "r1", "resourceType": "course", "userId": "u" });
        document.certificates_in_doubt.insert(key("a"), serde_json::from_value(doubt).unwrap());
        document
    };
    let (ours, theirs) =
        (with(2, Some("now"), "2026-11-23T10:00:00Z"), with(3, None, "2026-11-23T11:00:00Z"));
    let one = joined(&base, &ours, &theirs);
    assert_eq!(one.to_text().unwrap(), joined(&base, &theirs, &ours).to_text().unwrap());
    assert_eq!(one.observer_shows.map(ObserverShows::name), Some("now"));
    assert_eq!(one.certificates_in_doubt[&key("a")], theirs.certificates_in_doubt[&key("a")]);
    let contradicting = with(3, Some("at-issue"), "2026-11-23T11:00:00Z");
    let contradicted = joined(&base, &ours, &contradicting);
    assert_eq!(contradicted.observer_shows.map(ObserverShows::name), Some("at-issue"));
}
