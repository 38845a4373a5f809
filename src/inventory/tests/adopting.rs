//! Tests of adopting templates from an export.

use super::*;

#[test]
fn forgotten_deletions_still_count() {
    let at = Timestamp::from_unix_seconds(SENT);
    let mut state = document([("a", known("Cloud", Some((A, IdSource::Exact))))]);
    state.observe_gone(&key("a"), at, &Row::why_gone("line 2")).unwrap();
    state.forget(&key("a")).unwrap();
    assert!(state.templates.is_empty());
    let state: Document = serde_json::from_str(&state.to_text().unwrap()).unwrap();
    let wanted = desired([("a", attributes("Cloud", None))]);
    let seen = |day: &str| {
        table(&format!(
            "id,resourcetype,resourceid,title,usercustomfieldslug,usercustomfieldvalue,updatedat\n{A},course,{COURSE},Cloud,,,{day}\n"
        ))
    };
    let old = adoptions(&seen("2027-01-15 07:00:00"), &wanted, &state);
    assert_eq!(old.obstacles, [(key("a"), Obstacle::Deleted { id: id(A), at })].into());
    let unconfigured = desired([]);
    let none = adoptions(&seen("2027-01-15 07:00:00"), &unconfigured, &state);
    let written = new_templates(&seen("2027-01-15 07:00:00"), &unconfigured, &state, &none);
    assert_eq!((written.templates.len(), written.findings.len()), (0, 1));
    // Seen later, it is there again.
    assert!(adoptions(&seen("2027-01-15 09:00:00"), &wanted, &state).obstacles.is_empty());
}

#[test]
fn existing_templates_are_adopted_without_overwriting() {
    let wanted = desired([("a", attributes("Cloud", None))]);
    let csv = format!("{WHOLE}\n{A},course,{COURSE},Cloud,,,\n");
    let table = table(&csv);
    let adopt = |document: &Document| adoptions(&table, &wanted, document);
    let adopted = |contents| Adoptions {
        adopted: [(key("a"), Adoption { id: id(A), contents })].into(),
        ..Adoptions::default()
    };
    let undated = AdoptedContents::Stale(StaleContents::NotDated);
    assert_eq!(adopt(&document([])), adopted(undated));
    let adopted = adopted(AdoptedContents::Known);
    assert_eq!(adopt(&document([("a", known("x", None))])), adopted);
    let mut elsewhere = known("Cloud", Some((B, IdSource::Positional)));
    let held = attributes("Cloud", Some("x"));
    elsewhere.confirmed = Some(Confirmed {
        digest: held.digest(),
        attributes: held.clone(),
        applied_at: None,
        applied_by: None,
        seen_in: None,
    });
    let moved = adopt(&document([("a", elsewhere)])).obstacles.remove(&key("a"));
    assert_eq!(moved, Some(Obstacle::Elsewhere { held: crate::model::NaturalKey::of(&held) }));
    // Right or wrong, an id from the position in a response yields to one from the vendor's own table.
    for guess in [A, B] {
        assert_eq!(adopt(&document([("a", known("x", Some((guess, IdSource::Positional))))])), adopted);
    }
    let known_already = adopt(&document([("a", known("x", Some((A, IdSource::Exact))))]));
    assert_eq!(known_already, Adoptions { known: [(key("a"), id(A))].into(), ..Adoptions::default() });
    let obstacle = |document: &Document| adopt(document).obstacles.remove(&key("a")).unwrap();
    assert_eq!(
        obstacle(&document([("a", known("x", Some((B, IdSource::Imported))))])),
        Obstacle::OtherId { state: id(B), export: id(A) }
    );
    assert_eq!(obstacle(&document([("old", known("x", None))])), Obstacle::Held { by: key("old") });
    assert_eq!(
        obstacle(&document([("a", in_doubt("x", None))])),
        Obstacle::Unsettled(crate::state::RowStatus::InDoubt)
    );
    let elsewhere = Row { confirmed: None, ..known("x", Some((A, IdSource::Exact))) };
    assert_eq!(obstacle(&document([("b", elsewhere)])), Obstacle::Taken { id: id(A), owner: key("b") });
}

#[test]
fn every_template_is_accounted_for() {
    let audience = |name| attributes("Cloud", Some(name));
    let wanted = desired([("a", audience("x")), ("b", audience("y"))]);
    let blind = table(&format!("id,resourcetype,resourceid\n{A},course,{COURSE}\n{B},course,{B}\n"));
    let found = adoptions(&blind, &wanted, &document([]));
    assert_eq!(
        found.unclaimed.iter().map(|template| template.seen_at.clone()).collect::<Vec<_>>(),
        [at_line(3)]
    );
    assert_eq!(found.obstacles[&key("a")], Obstacle::Shared { with: key("b") });
    // The next apply creates what it does not know, whatever the obstacle was.
    assert_eq!(found.unadopted, [key("a"), key("b")]);
    let known_one = document([("a", known("x", None))]);
    assert_eq!(adoptions(&blind, &wanted, &known_one).unadopted, [key("b")]);
    let none = adoptions(&table("id,resourcetype,resourceid\n"), &wanted, &document([]));
    assert_eq!((none.missing, none.unknown), (vec![key("a"), key("b")], vec![key("a"), key("b")]));
    let state = document([("a", known("x", None)), ("b", in_doubt("x", Some("y")))]);
    let some = adoptions(&table("id,resourcetype,resourceid\n"), &wanted, &state);
    assert_eq!((some.missing.len(), some.unknown), (2, Vec::new()));
}

/// Its own line may be the readable one, so it is not reported as unclaimed.
#[test]
fn templates_beside_unreadable_lines_are_claimed() {
    let unclaimed = |wanted: &[Attributes], lines: &[String]| -> Vec<usize> {
        let names = ["a", "b"].into_iter().zip(wanted.iter().cloned());
        let table = table(&format!("{WHOLE}\n{}\n", lines.join("\n")));
        let found = adoptions(&table, &desired(names), &document([]));
        assert!(matches!(found.obstacles[&key("a")], Obstacle::Unreadable { .. }), "{found:?}");
        found.unclaimed.iter().filter_map(|template| template.seen_at.line()).collect()
    };
    let line = |id: &str, audience: &str, at: &str| format!("{id},course,{COURSE},Cloud,{audience},{at}");
    let bad = line(B, ",", "1/1/2020 0:00");
    assert_eq!(unclaimed(&[attributes("Cloud", None)], &[line(A, ",", LATER), bad.clone()]), [0; 0]);
    let elsewhere = format!("{C},course,{B},Cloud,,,{LATER}");
    assert_eq!(unclaimed(&[attributes("Cloud", None)], &[line(A, ",", LATER), bad.clone(), elsewhere]), [4]);
    // The audience of each of these can be read: nothing in the configuration is for y.
    let both = [line(A, "team,x", LATER), line(C, "team,y", LATER), bad];
    assert_eq!(unclaimed(&[attributes("Cloud", Some("x"))], &both), [3]);
    assert_eq!(unclaimed(&[attributes("Cloud", Some("x")), attributes("Cloud", Some("y"))], &both), [0; 0]);
}

#[test]
fn adoption_never_guesses() {
    let obstacle = |csv: &str, wanted: Attributes| {
        adoptions(&table(csv), &desired([("a", wanted)]), &document([])).obstacles.remove(&key("a"))
    };
    let unseen = |columns: &[&'static str]| Some(Obstacle::Unseen { id: id(A), columns: columns.to_vec() });
    let blind = format!("id,resourcetype,resourceid,title\n{A},course,{COURSE},Cloud\n");
    let audience = ["userCustomFieldSlug", "userCustomFieldValue"];
    assert_eq!(obstacle(&blind, attributes("Cloud", Some("x"))), unseen(&audience));
    assert_eq!(obstacle(&blind, attributes("Cloud", None)), unseen(&audience));
    let half = format!("id,resourcetype,resourceid,title,usercustomfieldslug\n{A},course,{COURSE},Cloud,\n");
    assert_eq!(obstacle(&half, attributes("Cloud", None)), unseen(&audience[1..]));
    let columns = audience.map(str::to_lowercase).join(",");
    let untitled = format!("id,resourcetype,resourceid,{columns}\n{A},course,{COURSE},,\n");
    assert_eq!(obstacle(&untitled, attributes("Cloud", None)), unseen(&["title"]));
    let blank = format!("{WHOLE}\n{A},course,{COURSE},Cloud ,,,\n");
    let title = "Cloud ".to_owned();
    assert_eq!(obstacle(&blank, attributes("Cloud", None)), Some(Obstacle::OtherTitle { id: id(A), title }));
    let other = format!("{WHOLE}\n{A},course,{COURSE},Old,,,\n");
    let title = "Old".to_owned();
    assert_eq!(obstacle(&other, attributes("Cloud", None)), Some(Obstacle::OtherTitle { id: id(A), title }));
    // The state knows that title: only the configuration has a new one.
    let renamed = adoptions(
        &table(&other),
        &desired([("a", attributes("Cloud", None))]),
        &document([("a", known("Old", None))]),
    );
    assert_eq!(renamed.adopted.keys().collect::<Vec<_>>(), [&key("a")]);
    let twice = format!("{WHOLE}\n{A},course,{COURSE},Cloud,,,\n{B},course,{COURSE},Cloud,,,\n");
    let ids = vec![id(A), id(B)];
    assert_eq!(obstacle(&twice, attributes("Cloud", None)), Some(Obstacle::Several { ids }));
}

const SEEN: &str =
    "id,resourcetype,resourceid,title,usercustomfieldslug,usercustomfieldvalue,expirationdays,updatedat\n";

fn seen(days: &str, at: &str) -> Observation {
    table(&format!("{SEEN}{A},course,{COURSE},Cloud,,,{days},{at}\n"))
}

fn adopted_contents(observation: &Observation, document: &Document) -> Option<AdoptedContents> {
    let wanted = desired([("a", attributes("Cloud", None))]);
    adoptions(observation, &wanted, document).adopted.remove(&key("a")).map(|adoption| adoption.contents)
}

#[test]
fn contents_are_adopted_with_the_id() {
    let Some(AdoptedContents::Seen(baseline)) = adopted_contents(&seen("30", LATER), &document([])) else {
        panic!("not adopted with contents");
    };
    assert_eq!(baseline.seen.get("expirationDays"), Some(&json!(30)));
    assert!(baseline.absent.contains("userCustomFieldSlug"));
    assert!(!baseline.seen.has("labels") && !baseline.absent.contains("labels"), "not seen");
    let undated = seen("30", "");
    assert_eq!(
        adopted_contents(&undated, &document([])),
        Some(AdoptedContents::Stale(StaleContents::NotDated))
    );
    let dated = undated.taken_at(now());
    assert!(matches!(adopted_contents(&dated, &document([])), Some(AdoptedContents::Seen(_))));
}

#[test]
fn known_contents_are_kept() {
    let state = document([("a", known("Cloud", None))]);
    assert_eq!(adopted_contents(&seen("30", LATER), &state), Some(AdoptedContents::Known));
    let state = document([("a", known("Cloud", Some((A, IdSource::Exact))))]);
    assert_eq!(adopted_contents(&seen("30", LATER), &state), None);
}

#[test]
fn ids_without_contents_get_them() {
    let row = Row { confirmed: None, ..known("Cloud", Some((A, IdSource::Imported))) };
    let state = document([("a", row)]);
    assert!(matches!(adopted_contents(&seen("30", LATER), &state), Some(AdoptedContents::Seen(_))));
    assert_eq!(adopted_contents(&seen("30", ""), &state), None);
}

#[test]
fn open_rows_get_no_contents() {
    let mut row = Row { confirmed: None, ..known("Cloud", None) };
    let create = in_doubt("Cloud", None).attempts.as_slice()[0].clone();
    row.attempts = Attempts::of(vec![Attempt { operation: Operation::Update, ..create }]);
    assert_eq!(adopted_contents(&seen("30", LATER), &document([("a", row)])), Some(AdoptedContents::Open));
}

/// An older export shows it alive, and perhaps another key has its resource by now.
#[test]
fn deleted_templates_are_not_adopted() {
    let mut state = document([("old", known("Cloud", Some((A, IdSource::Exact))))]);
    let at = Timestamp::from_unix_seconds(SENT);
    state.observe_gone(&key("old"), at, &Row::why_gone("line 2")).unwrap();
    for (wanted, before) in [("old", ""), ("a", ""), ("a", "2027-01-15 08:00:00")] {
        let wanted_by = desired([(wanted, attributes("Cloud", None))]);
        let found = adoptions(&seen("30", before), &wanted_by, &state);
        assert_eq!(found.obstacles[&key(wanted)], Obstacle::Deleted { id: id(A), at });
        assert_eq!(adoptions(&seen("30", LATER), &wanted_by, &state).adopted.len(), 1, "it is there again");
    }
    let new = |before: &str| {
        let observation = seen("30", before);
        let found = adoptions(&observation, &desired([]), &state);
        let new = new_templates(&observation, &desired([]), &state, &found);
        (new.templates.len(), new.findings.len())
    };
    assert_eq!((new("2027-01-15 08:00:00"), new(LATER)), ((0, 1), (1, 0)));
    // A template made in its place is another one, whenever that was.
    let other = table(&format!("{SEEN}{B},course,{COURSE},Cloud,,,30,2027-01-14 08:00:00\n"));
    let found = adoptions(&other, &desired([("old", attributes("Cloud", None))]), &state);
    assert_eq!(found.adopted.keys().collect::<Vec<_>>(), [&key("old")]);
}

mod instances {
    use super::*;

    fn check(observation: &Observation, document: &Document, wanted: &[Attributes]) -> bool {
        let wanted = wanted.iter().map(crate::model::NaturalKey::of);
        check_instance(observation, document, wanted).is_ok()
    }

    fn with_id(of: &str) -> Document {
        document([("a", known("Cloud", Some((of, IdSource::Exact))))])
    }

    #[test]
    fn other_ids_for_our_courses_are_another() {
        assert!(check(&seen("30", LATER), &with_id(A), &[]));
        assert!(!check(&seen("30", LATER), &with_id(B), &[]));
        assert!(check(&seen("30", LATER), &document([]), &[]), "the state has no ids");
        assert!(check(&table(SEEN), &with_id(B), &[]), "nothing was seen");
    }

    #[test]
    fn nothing_of_ours_is_another() {
        let elsewhere = table(&format!("{SEEN}{A},course,{B},Cloud,,,30,{LATER}\n"));
        assert!(!check(&elsewhere, &with_id(B), &[]));
        let ours = serde_json::from_value(json!({"title": "x", "resourceType": "course", "resourceId": B}));
        assert!(check(&elsewhere, &with_id(B), &[ours.unwrap()]), "the YAML has that course");
    }
}
