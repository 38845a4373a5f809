//! What changed between versions, of all templates and of one.

use super::*;
use crate::state::{Confirmed, StateIdentity, WriteId};

fn row(title: &str, at: i64, by: &str) -> Row {
    let attributes: crate::model::Attributes =
        serde_json::from_value(serde_json::json!({ "title": title })).unwrap();
    let applied_at = Some(Timestamp::from_unix_seconds(at));
    let applied_by = Provenance::of(Some(by), None, None);
    Row {
        confirmed: Some(Confirmed {
            digest: attributes.digest(),
            attributes,
            applied_at,
            applied_by,
            seen_in: None,
        }),
        ..Row::default()
    }
}

fn version(serial: u64, rows: &[(&str, Row)], found: FoundAt) -> PastState {
    let identity = StateIdentity { environment: "e".to_owned(), url: "u".to_owned() };
    let mut document = Document::empty(&identity, "l".to_owned());
    document.serial = serial;
    let writes = (1..=serial).map(|id| WriteId::new(uuid::Uuid::from_u128(u128::from(id))));
    document.writes = Writes::of(writes.collect());
    document.templates = rows.iter().map(|(key, row)| (Key::new(*key).unwrap(), row.clone())).collect();
    PastState { document, found }
}

fn commit(id: &str) -> FoundAt {
    FoundAt::Commit(PastCommit { id: id.to_owned(), at: None })
}

fn counts(step: &VersionStep) -> (u64, Option<u64>, [usize; 4]) {
    (step.serial, step.since, [&step.added, &step.changed, &step.touched, &step.removed].map(Vec::len))
}

fn all() -> Vec<PastState> {
    let touched = Row { protect: true, ..row("B", 2, "bob") };
    vec![
        version(4, &[("a", row("A2", 4, "ann")), ("c", touched)], FoundAt::InPlace),
        version(3, &[("a", row("A", 1, "ann")), ("c", row("B", 2, "bob"))], commit("3")),
        version(1, &[("a", row("A", 1, "ann"))], commit("1")),
        version(2, &[("a", row("A", 1, "ann")), ("b", row("B", 2, "bob"))], FoundAt::Backup),
    ]
}

#[test]
fn each_version_says_what_changed() {
    let mut timeline = Timeline::of(None);
    for past in &all() {
        timeline.add(past);
    }
    timeline.add(&version(3, &[("a", row("A", 1, "ann")), ("c", row("B", 2, "bob"))], FoundAt::Mark));
    let steps = timeline.steps();
    assert_eq!(
        steps.iter().map(counts).collect::<Vec<_>>(),
        [
            (4, Some(3), [0, 1, 1, 0]),
            (3, Some(2), [1, 0, 0, 1]),
            (2, Some(1), [1, 0, 0, 0]),
            (1, None, [1, 0, 0, 0])
        ]
    );
    assert_eq!(steps[1].found, [commit("3"), FoundAt::Mark]);
    let by: Vec<Vec<Option<&str>>> =
        steps.iter().map(|step| step.by.iter().map(Provenance::actor).collect()).collect();
    // A row that only got another key was not sent.
    assert_eq!(by, [vec![Some("ann")], vec![], vec![Some("bob")], vec![Some("ann")]]);
}

#[test]
fn one_template_has_its_own_versions() {
    let mut timeline = Timeline::of(Some(Key::new("a").unwrap()));
    for past in &all() {
        timeline.add(past);
    }
    let steps = timeline.steps();
    assert_eq!(steps.iter().map(|step| step.serial).collect::<Vec<_>>(), [4, 1]);
    assert_eq!(steps[0].row, [Some(row("A", 1, "ann")), Some(row("A2", 4, "ann"))]);
}

#[test]
fn one_template_is_followed_through_other_keys() {
    let at = |title: &str, at: i64, resource: &str| {
        let attributes: crate::model::Attributes = serde_json::from_value(
            serde_json::json!({ "title": title, "resourceType": "course", "resourceId": resource }),
        )
        .unwrap();
        let mut row = row(title, at, "ann");
        if let Some(known) = &mut row.confirmed {
            (known.digest, known.attributes) = (attributes.digest(), attributes);
        }
        row
    };
    let versions = [
        version(5, &[("c", at("C", 5, "1")), ("a", at("Other", 4, "2"))], FoundAt::InPlace),
        // The first key belongs to another template by now.
        version(4, &[("b", at("B", 3, "1")), ("a", at("Other", 4, "2"))], commit("4")),
        version(3, &[("b", at("B", 3, "1"))], commit("3")),
        version(2, &[("a", at("A", 1, "1"))], commit("2")),
        version(1, &[("a", at("A", 1, "1"))], commit("1")),
    ];
    let mut timeline = Timeline::of(Some(Key::new("c").unwrap()));
    for past in versions.iter().chain([&version(2, &[("a", at("A", 1, "1"))], FoundAt::Backup)]) {
        timeline.add(past);
    }
    let steps = timeline.steps();
    let told: Vec<_> =
        steps.iter().map(|step| (step.serial, step.moved_from.as_ref().map(Key::as_str))).collect();
    assert_eq!(told, [(5, Some("b")), (3, Some("a")), (1, None)]);
    assert_eq!(steps[1].row, [Some(at("A", 1, "1")), Some(at("B", 3, "1"))]);
    assert_eq!(counts(&steps[1]), (3, Some(2), [0, 1, 0, 0]));
}

#[test]
fn oldest_known_version_is_compared_with_nothing() {
    let mut timeline = Timeline::of(None);
    timeline.add(&version(7, &[("a", row("A", 1, "ann"))], FoundAt::InPlace));
    let steps = timeline.steps();
    assert_eq!((counts(&steps[0]), steps[0].has_changes()), ((7, None, [0, 0, 0, 0]), false));
}

#[test]
fn joined_branches_are_compared_with_their_newer_one() {
    let (mut left, mut right) = (version(2, &[], commit("l")), version(3, &[], commit("r")));
    let id = |id| WriteId::new(uuid::Uuid::from_u128(id));
    left.document.writes = Writes::of(vec![id(1), id(20)]);
    right.document.writes = Writes::of(vec![id(1), id(30)]);
    let mut joined = version(4, &[("a", row("A", 1, "ann"))], FoundAt::InPlace);
    joined.document.writes = Writes::of(vec![id(1), id(20), id(30), id(4)]);
    let mut timeline = Timeline::of(None);
    for past in &[joined, left, right] {
        timeline.add(past);
    }
    let steps = timeline.steps();
    let since: Vec<_> = steps.iter().map(|step| (step.serial, step.since)).collect();
    assert_eq!(since, [(4, Some(3)), (3, None), (2, None)]);
}
