//! The rules of a merge one by one; `tests/properties/merging.rs` tests all of them together.

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
fn what_both_changed_is_a_conflict() {
    let ours = state(2, &[1, 2], &[("a", row(1, "A2", 2)), ("b", row(2, "B", 1))]);
    let rows = [("a", row(1, "A3", 3)), ("b", row(2, "B", 1)), ("c", row(3, "C3", 3))];
    let theirs = state(2, &[1, 3], &rows);
    let conflicts = clashes(Some(&base()), &ours, &theirs);
    let reasons: Vec<_> =
        conflicts.rows.iter().map(|(key, clash)| (key.as_str(), &clash.reasons[..])).collect();
    assert_eq!(
        reasons,
        [("a", &[ConflictReason::BothChanged][..]), ("c", &[ConflictReason::RemovedAndChanged])]
    );
    assert_eq!(titles(&conflicts.rest), [("b", "B")]);
    assert_eq!(conflicts.rows[&key("c")].ours, None);
}

#[test]
fn knowing_the_other_write_decides() {
    // Theirs took over what ours wrote of `a` and continued, and each has another change.
    let ours = state(3, &[1, 2, 4], &[("a", row(1, "A2", 2)), ("b", row(2, "B4", 4))]);
    let theirs =
        state(4, &[1, 2, 5], &[("a", row(1, "A5", 5)), ("b", row(2, "B", 1)), ("c", row(3, "C", 1))]);
    for joined in [joined(&base(), &ours, &theirs), joined(&base(), &theirs, &ours)] {
        assert_eq!(titles(&joined), [("a", "A5"), ("b", "B4")]);
    }
}

#[test]
fn a_reverted_change_is_a_change() {
    let ours = state(2, &[1, 2], &[("a", row(1, "A2", 2))]);
    // In the meantime the server held other values, and it is unknown which side sent last.
    let theirs = state(3, &[1, 3, 4], &[("a", row(1, "A", 4))]);
    assert_eq!(clashes(Some(&base()), &ours, &theirs).rows.len(), 1);
}

/// A rejected create of one side says nothing about what the other side has in flight.
#[test]
fn a_refusal_yields_to_the_other_side() {
    let refused = |at: &str, by: u128| json!({"status": "failed", "error": {"at": at, "message": "no"}, "write": write(by)});
    let base = state(1, &[1], &[("a", refused("2026-11-23T10:00:00Z", 1))]);
    let ours = state(2, &[1, 2], &[("a", refused("2026-11-23T11:00:00Z", 2))]);
    for known in [in_doubt(1, "A", 3), with_id(row(1, "A", 3), 1), refused("2026-11-23T12:00:00Z", 3)] {
        let theirs = state(2, &[1, 3], &[("a", known)]);
        for joined in [joined(&base, &ours, &theirs), joined(&base, &theirs, &ours)] {
            assert!(joined.templates[&key("a")].says_the_same(&theirs.templates[&key("a")]));
            assert_eq!(joined.templates[&key("a")].write, joined.writes.newest());
        }
        // A state that was accepted without it lacks the rejected row.
        let without = state(2, &[1, 2], &[]);
        for joined in [joined(&base, &without, &theirs), joined(&base, &theirs, &without)] {
            assert_eq!(joined.templates[&key("a")], theirs.templates[&key("a")]);
        }
    }
}

#[test]
fn rows_that_the_other_side_gave_up_clash() {
    let ours = state(4, &[1, 2, 3, 4], &[("a", row(1, "A2", 2))]);
    let theirs = state(4, &[1, 2, 3, 5], &[("a", row(1, "A3", 3))]);
    let base = state(2, &[1, 3], &[("a", row(1, "A3", 3))]);
    for base in [Some(&base), None] {
        assert_eq!(clashes(base, &ours, &theirs).rows[&key("a")].reasons, [ConflictReason::BothChanged]);
        assert_eq!(clashes(base, &theirs, &ours).rows[&key("a")].reasons, [ConflictReason::BothChanged]);
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
fn unrelated_states_are_refused() {
    let ours = base();
    let other = |change: &dyn Fn(&mut Document)| {
        let mut theirs = base();
        change(&mut theirs);
        merge(None, &ours, &theirs).unwrap_err()
    };
    assert!(matches!(other(&|theirs| theirs.lineage = "M".to_owned()), MergeError::Lineage { .. }));
    assert!(matches!(other(&|theirs| theirs.url = "x".to_owned()), MergeError::Identity { .. }));
    assert!(matches!(other(&|theirs| theirs.environment = "x".to_owned()), MergeError::Identity { .. }));
}

mod changed_by_something_else {
    use super::*;

    /// What git leaves if it joined the lists of writes but kept the rows of one side.
    fn rows_of_one_side() -> (Document, Document) {
        let theirs = state(3, &[1, 2], &[("a", row(1, "A", 1)), ("n", row(9, "N", 2))]);
        let altered = state(3, &[1, 3, 2], &[("a", row(1, "A", 1)), ("m", row(8, "M", 3))]);
        (altered, theirs)
    }

    #[test]
    fn a_list_of_writes_hides_no_row() {
        let (altered, theirs) = rows_of_one_side();
        assert_eq!(altered.relation_to(&theirs), Some(Relation::Forked));
        for (ours, theirs) in [(&altered, &theirs), (&theirs, &altered)] {
            let Ok(Merge::Joined(joined)) = merge(None, ours, theirs) else { panic!() };
            assert_eq!(titles(&joined), [("a", "A"), ("m", "M"), ("n", "N")]);
            assert_eq!(ours.relation_to(&joined), Some(Relation::Older));
            assert_eq!(theirs.relation_to(&joined), Some(Relation::Older));
        }
    }

    #[test]
    fn a_row_that_was_changed_clashes() {
        let theirs = state(3, &[1, 2], &[("a", row(1, "A2", 2))]);
        let altered = state(3, &[1, 2], &[("a", row(1, "A", 1))]);
        assert_eq!(clashes(None, &altered, &theirs).rows.len(), 1);
        assert_eq!(clashes(None, &theirs, &altered).rows.len(), 1);
    }

    #[test]
    fn another_layout_of_the_file_is_no_change() {
        let ours = base();
        assert_eq!(ours.relation_to(&Document { serial: 9, ..base() }), Some(Relation::Same));
    }
}

#[test]
fn unrelated_states_keep_what_either_has() {
    let ours = state(2, &[1, 2], &[("a", row(1, "A", 1)), ("b", row(2, "B", 2))]);
    let mut theirs = state(1, &[5], &[("c", row(3, "C", 5))]);
    theirs.lineage = "K".to_owned();
    for (ours, theirs) in [(&ours, &theirs), (&theirs, &ours)] {
        let Ok(Merge::Joined(joined)) = merge_unrelated(ours, theirs) else { panic!() };
        assert_eq!(titles(&joined), [("a", "A"), ("b", "B"), ("c", "C")]);
        assert_eq!(joined.lineage, "K");
    }
    // Both created one: the states do not say whether it is the same template.
    let mut again = row(2, "B", 5);
    again["appliedAt"] = json!("2026-11-23T12:00:00Z");
    theirs.templates.insert(key("b"), serde_json::from_value(again).unwrap());
    assert!(matches!(merge_unrelated(&ours, &theirs), Ok(Merge::Conflicts(_))));
    theirs.url = "https://other.example.com".to_owned();
    assert!(matches!(merge_unrelated(&ours, &theirs), Err(MergeError::Identity { .. })));
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
