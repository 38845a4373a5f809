//! Comparing an export with the state.

mod labels;

use super::*;

const HEAD: &str = "id,resourcetype,resourceid,title,expirationdays,usercustomfieldslug,usercustomfieldvalue,statusgroup,updatedat\n";

/// Applied at [`SENT`].
fn applied(title: &str, id: Option<&str>) -> Row {
    let mut row = known(title, id.map(|id| (id, IdSource::Exact)));
    if let Some(known) = &mut row.confirmed {
        known.applied_at = Some(Timestamp::from_unix_seconds(SENT));
    }
    row
}

fn line(id: &str, course: &str, title: &str, days: &str, status: &str, seconds: i64) -> String {
    let at = Timestamp::from_unix_seconds(SENT + seconds);
    format!("{id},course,{course},{title},{days},,,{status},{at}\n")
}

fn drifted(row: Row, lines: &str) -> Drift {
    drift(&table(&format!("{HEAD}{lines}")), &document([("a", row)]))
}

fn reason(drift: &Drift) -> Option<&NotCompared> {
    drift.not_compared.get("a")
}

#[test]
fn equal_templates_are_compared() {
    let found = drifted(applied("Cloud", Some(A)), &line(A, COURSE, "Cloud", "", "a", 10));
    assert_eq!(found, Drift { compared: 1, ..Drift::default() });
}

#[test]
fn edits_are_found_by_id_and_by_resource() {
    for id in [Some(A), None] {
        let found = drifted(applied("Cloud", id), &line(A, COURSE, "Clouds", "30", "a", 1000));
        let edit = &found.differing[&key("a")];
        assert_eq!((edit.before.title(), edit.after.title()), (Some("Cloud"), Some("Clouds")));
        assert_eq!(edit.after.get("expirationDays"), Some(&json!(30)));
        assert_eq!(edit.baseline.id, self::id(A));
        assert!(found.unmanaged.is_empty());
    }
}

#[test]
fn moved_templates_are_found_by_id() {
    let found = drifted(applied("Cloud", Some(A)), &line(A, B, "Cloud", "", "a", 1000));
    assert_eq!(found.differing[&key("a")].after.text("resourceId"), Some(B));
}

#[test]
fn what_is_older_than_the_state_is_stale() {
    let found = drifted(applied("Cloud", Some(A)), &line(A, COURSE, "Old", "", "a", -301));
    let at = Timestamp::from_unix_seconds(SENT - 301);
    assert_eq!(reason(&found), Some(&NotCompared::Stale(StaleContents::Older(at))));
    let found = drifted(applied("Cloud", Some(A)), &line(A, COURSE, "New", "", "a", -299));
    assert_eq!(found.differing.len(), 1);
}

#[test]
fn undated_contents_need_a_time() {
    let text = format!("id,resourcetype,resourceid,title\n{A},course,{COURSE},New\n");
    let document = document([("a", applied("Cloud", Some(A)))]);
    let found = drift(&table(&text), &document);
    assert_eq!(reason(&found), Some(&NotCompared::Stale(StaleContents::NotDated)));
    let taken_at = Timestamp::from_unix_seconds(SENT + 10);
    assert_eq!(drift(&table(&text).taken_at(taken_at), &document).differing.len(), 1);
}

#[test]
fn unseen_attributes_are_not_compared() {
    let text = format!("id,resourcetype,resourceid,updatedat\n{A},course,{COURSE},2027-01-15 09:00:00\n");
    let found = drift(&table(&text), &document([("a", applied("Cloud", Some(A)))]));
    assert_eq!((found.compared, found.differing.len()), (1, 0));
}

#[test]
fn unknown_attributes_cannot_differ() {
    let mut row = applied("Cloud", Some(A));
    row.unknown.insert("expirationDays".to_owned());
    let found = drifted(row, &line(A, COURSE, "Cloud", "30", "a", 1000));
    assert_eq!((found.compared, found.differing.len()), (1, 0));
}

#[test]
fn absence_proves_nothing() {
    let found = drifted(applied("Cloud", Some(A)), &line(B, A, "Data", "", "a", 10));
    assert_eq!(reason(&found), Some(&NotCompared::Unseen));
    assert_eq!(found.unmanaged.len(), 1);
}

#[test]
fn deleted_templates_are_drift() {
    let found = drifted(applied("Cloud", Some(A)), &line(A, COURSE, "Cloud", "", "d", 1000));
    assert_eq!(found.deleted[&key("a")].id, id(A));
    let found = drifted(applied("Cloud", Some(A)), &line(A, COURSE, "Cloud", "", "d", -1000));
    assert!(matches!(reason(&found), Some(NotCompared::Stale(_))));
    // Without its id, the line may be about an earlier template.
    let found = drifted(applied("Cloud", None), &line(A, COURSE, "Cloud", "", "d", 1000));
    assert_eq!(reason(&found), Some(&NotCompared::Unseen));
}

/// The id alone could be that of another row of the same request.
#[test]
fn ids_by_position_need_their_resource() {
    let mut positional = applied("Cloud", Some(A));
    positional.identity = Some(Identity { id: id(A), source: IdSource::Positional });
    let found = drifted(positional.clone(), &line(A, COURSE, "Cloud", "", "d", 1000));
    assert_eq!(found.deleted[&key("a")].id, id(A));
    let found = drifted(positional.clone(), &line(A, B, "Cloud", "", "d", 1000));
    assert_eq!(reason(&found), Some(&NotCompared::Unseen));
    let text = format!("{HEAD}{}", line(A, COURSE, "Cloud", "", "d", 1000));
    let two = document([("a", positional), ("b", applied("Cloud", None))]);
    assert_eq!(drift(&table(&text), &two).deleted.len(), 0, "either may be meant");
}

#[test]
fn another_id_is_another_template() {
    let found = drifted(applied("Cloud", Some(A)), &line(B, COURSE, "Cloud", "", "a", 10));
    assert_eq!(reason(&found), Some(&NotCompared::OtherId { id: id(B), own: OwnTemplate::Unseen }));
    assert!(found.unmanaged.is_empty(), "it is named already");
}

#[test]
fn open_rows_are_not_compared() {
    let found = drifted(in_doubt("Cloud", None), &line(A, COURSE, "New", "", "a", 1000));
    assert_eq!(reason(&found), Some(&NotCompared::Open));
    assert!(found.unmanaged.is_empty());
}

#[test]
fn taking_what_was_seen_leaves_no_drift() {
    let lines = line(A, COURSE, "Clouds", "30", "a", 1000);
    let mut document = document([("a", applied("Cloud", Some(A)))]);
    let table = table(&format!("{HEAD}{lines}"));
    let found = drift(&table, &document);
    let baseline = &found.differing[&key("a")].baseline;
    document.observe(&mut crate::state::IdIndex::of(&document.clone()), &key("a"), baseline).unwrap();
    assert_eq!(drift(&table, &document), Drift { compared: 1, ..Drift::default() });
}

/// Takes what was seen, as `refresh` does.
fn refreshed(document: &Document, lines: &str) -> Document {
    let mut document = document.clone();
    let records = drift(&table(&format!("{HEAD}{lines}")), &document).records(now());
    document.edit_all(&records).unwrap();
    document
}

fn identity(document: &Document, of: &str) -> Option<TemplateId> {
    document.templates[&key(of)].identity.as_ref().map(|had| had.id.clone())
}

/// The template A of row `a` was seen to be deleted.
fn gone() -> Document {
    let document = document([("a", applied("Cloud", Some(A)))]);
    let document = refreshed(&document, &line(A, COURSE, "Cloud", "", "d", 1000));
    assert!(!document.templates[&key("a")].exists());
    document
}

mod replaced {
    use super::*;

    #[test]
    fn recreated_templates_are_not_gone() {
        let lines =
            [line(A, COURSE, "Cloud", "", "d", 1000), line(B, COURSE, "Cloud", "", "a", 1000)].concat();
        let found = drifted(applied("Cloud", Some(A)), &lines);
        let other = NotCompared::OtherId { id: id(B), own: OwnTemplate::Deleted };
        assert_eq!((reason(&found), found.records(now()).len()), (Some(&other), 0));
        assert!(found.unmanaged.is_empty(), "it is named already");
        let twice = format!("{lines}{}", line(C, COURSE, "Cloud", "", "a", 1000));
        let found = drifted(applied("Cloud", Some(A)), &twice);
        assert_eq!(reason(&found), Some(&NotCompared::Several { ids: vec![id(B), id(C)] }));
    }

    /// Its audience was not seen, and it has a row of its own.
    #[test]
    fn other_audiences_are_no_successors() {
        let of = |id: &str, audience: &str| {
            let attributes = attributes("Cloud", Some(audience));
            let known = Confirmed {
                digest: attributes.digest(),
                attributes,
                applied_at: None,
                applied_by: None,
                seen_in: None,
            };
            Row { confirmed: Some(known), ..applied("Cloud", Some(id)) }
        };
        let text = format!(
            "id,resourcetype,resourceid,title,statusgroup,updatedat\n{A},course,{COURSE},Cloud,d,{LATER}\n\
             {B},course,{COURSE},Cloud,a,{LATER}\n"
        );
        let found = drift(&table(&text), &document([("a", of(A, "x")), ("b", of(B, "y"))]));
        assert_eq!((found.deleted.len(), found.compared), (1, 2));
    }

    #[test]
    fn moved_templates_with_a_successor_are_named() {
        let lines = [line(A, B, "Cloud", "", "a", 1000), line(C, COURSE, "Cloud", "", "a", 1000)].concat();
        let found = drifted(applied("Cloud", Some(A)), &lines);
        let other = NotCompared::OtherId { id: id(C), own: OwnTemplate::Moved };
        assert_eq!((reason(&found), found.records(now()).len(), found.compared), (Some(&other), 0, 0));
    }

    /// Two rows, for the courses [`COURSE`] and [`B`].
    fn two() -> Document {
        let mut second = applied("Cloud", Some(B));
        let attributes = attributes("Cloud", None).with("resourceId", json!(B));
        second.confirmed = second.confirmed.map(|known| Confirmed {
            digest: attributes.digest(),
            attributes: attributes.clone(),
            ..known
        });
        document([("a", applied("Cloud", Some(A))), ("b", second)])
    }

    #[test]
    fn exchanged_templates_are_drift() {
        let table = |first: i64| {
            let lines =
                [line(A, B, "Cloud", "", "a", first), line(B, COURSE, "Cloud", "", "a", 1000)].concat();
            table(&format!("{HEAD}{lines}"))
        };
        assert_eq!(drift(&table(1000), &two()).differing.len(), 2);
        // If only one of them can be taken, two rows would be for one course.
        let found = drift(&table(-1000), &two());
        assert_eq!((found.differing.len(), found.not_compared.len()), (0, 2));
    }

    #[test]
    fn places_of_other_rows_are_not_taken() {
        let text = format!("{HEAD}{}", line(A, B, "Cloud", "", "a", 1000));
        let found = drift(&table(&text), &two());
        assert_eq!(reason(&found), Some(&NotCompared::Shared { with: key("b") }));
    }

    #[test]
    fn two_for_one_place_leave_both_rows_out() {
        let lines = [line(A, B, "Cloud", "", "a", 1000), line(B, B, "Cloud", "9", "a", 1000)].concat();
        let found = drift(&table(&format!("{HEAD}{lines}")), &two());
        let several = NotCompared::Several { ids: vec![id(A), id(B)] };
        assert_eq!(found.not_compared.values().collect::<Vec<_>>(), [&several, &several]);
        assert_eq!((found.compared, found.records(now()).len()), (0, 0));
    }
}

mod returned {
    use super::*;

    #[test]
    fn templates_made_again_are_taken() {
        // The new one may have been made before the other was deleted.
        for seconds in [500, 2000] {
            let lines = line(B, COURSE, "Cloud", "30", "a", seconds);
            let found = drift(&table(&format!("{HEAD}{lines}")), &gone());
            assert_eq!(reason(&found), Some(&NotCompared::Returned { id: id(B) }));
            assert!(found.unmanaged.is_empty());
            let document = refreshed(&gone(), &lines);
            let row = &document.templates[&key("a")];
            let days = row.confirmed.as_ref().and_then(|known| known.attributes.get("expirationDays"));
            assert_eq!((identity(&document, "a"), days), (Some(id(B)), Some(&json!(30))));
        }
    }

    #[test]
    fn templates_made_again_are_taken_after_a_rejected_create() {
        let mut document = gone();
        let row = document.templates.get_mut(&key("a")).unwrap();
        let RowState::Failed { error } = &mut row.state else { panic!("{row:?}") };
        error.message = "a template for this course is there".to_owned();
        let document = refreshed(&document, &line(B, COURSE, "Cloud", "30", "a", 2000));
        assert_eq!(identity(&document, "a"), Some(id(B)));
    }

    #[test]
    fn undated_templates_give_their_id() {
        let lines = format!("{B},course,{COURSE},Cloud,30,,,a,\n");
        let document = refreshed(&gone(), &lines);
        let row = &document.templates[&key("a")];
        assert_eq!((identity(&document, "a"), row.confirmed.is_some()), (Some(id(B)), false));
    }

    #[test]
    fn older_sightings_restore_nothing() {
        for seconds in [500, 1000] {
            let document = refreshed(&gone(), &line(A, COURSE, "Cloud", "", "a", seconds));
            assert!(!document.templates[&key("a")].exists());
        }
        let document = refreshed(&gone(), &line(A, COURSE, "Cloud", "", "a", 1001));
        assert_eq!(identity(&document, "a"), Some(id(A)));
    }

    #[test]
    fn deleted_templates_are_no_other_rows() {
        // Another row without an id is for the same course, and an old export shows the first template.
        let mut document = gone();
        let mut again = applied("Cloud", None);
        again.resolutions.clone_from(&document.templates[&key("a")].resolutions);
        document.templates.insert(key("a"), again);
        let found = drift(&table(&format!("{HEAD}{}", line(A, COURSE, "Cloud", "", "a", 900))), &document);
        assert!(matches!(reason(&found), Some(NotCompared::Stale(_))), "{found:?}");
    }
}

#[test]
fn wrong_ids_by_position_are_corrected() {
    let guess = |course: &str, guessed: &str| {
        let attributes = attributes("Cloud", None).with("resourceId", json!(course));
        let at = Some(Timestamp::from_unix_seconds(SENT));
        let known = Confirmed {
            digest: attributes.digest(),
            attributes,
            applied_at: at,
            applied_by: None,
            seen_in: None,
        };
        let identity = Some(Identity { id: id(guessed), source: IdSource::Positional });
        Row { confirmed: Some(known), identity, ..row(RowState::Applied) }
    };
    let before = document([("a", guess(COURSE, B)), ("b", guess(B, A))]);
    for days in ["", "30"] {
        let lines = [line(A, COURSE, "Cloud", days, "a", 10), line(B, B, "Cloud", "", "a", 10)].concat();
        let found = drift(&table(&format!("{HEAD}{lines}")), &before);
        assert_eq!(found.disproved, [(key("a"), id(A)), (key("b"), id(B))].into());
        let after = refreshed(&before, &lines);
        assert_eq!((identity(&after, "a"), identity(&after, "b")), (Some(id(A)), Some(id(B))));
        assert!(after.templates.values().all(|row| row.confirmed.is_some()));
        assert!(drift(&table(&format!("{HEAD}{lines}")), &after).disproved.is_empty());
    }
}

#[test]
fn ids_of_other_rows_are_named() {
    let guess = |course: &str, guessed: &str| {
        let attributes = attributes("Cloud", None).with("resourceId", json!(course));
        let known = Confirmed {
            digest: attributes.digest(),
            attributes,
            applied_at: None,
            applied_by: None,
            seen_in: None,
        };
        let identity = Some(Identity { id: id(guessed), source: IdSource::Positional });
        Row { confirmed: Some(known), identity, ..row(RowState::Applied) }
    };
    let state = document([("a", guess(COURSE, B)), ("b", guess(B, A)), ("c", guess(C, C))]);
    // The template of `a` is not in the export, nor is that of `c`, whose id is for a course that no row has.
    let seen = format!("{HEAD}{}{}", line(B, B, "Cloud", "", "a", 10), line(C, A, "Cloud", "", "a", 10));
    let found = drift(&table(&seen), &state);
    assert_eq!(found.disproved, [(key("b"), id(B))].into());
    assert_eq!(found.others_ids, [(key("a"), key("b"))].into());
    let chosen = drift(&table(&seen), &state).limited_to(&state, |own| *own == key("b"));
    assert!(chosen.others_ids.is_empty());
}

#[test]
fn an_export_is_not_older_than_all_lines() {
    let seen = table(&format!("{HEAD}{}{}", line(A, COURSE, "A", "", "a", 0), line(B, A, "B", "", "d", 900)));
    let is_after = |seconds| seen.is_after(Timestamp::from_unix_seconds(SENT + seconds));
    assert_eq!([-301, -300, 0, 1000].map(is_after), [true, false, false, false]);
    let undated = table(&format!("id,resourcetype,resourceid,title\n{A},course,{COURSE},New\n"));
    assert!(!undated.is_after(now()));
}
