//! Columns that certctl does not know, kept on request.

use serde_json::Value;

use super::*;

const HEAD: &str = "id,resourcetype,resourceid,title,usercustomfieldslug,usercustomfieldvalue,updatedat";
const DAY: &str = "2027-01-15 12:00:00";

/// Reads an export whose lines have these cells in further columns.
fn kept(columns: &str, cells: &[&str], asked: &[&str]) -> Result<Observation, Vec<String>> {
    let line = |(number, cells): (usize, &&str)| {
        format!(
            "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f{number:02},course,00000000-0000-4000-8000-0000000000{number:02},T,,,{DAY},{cells}\n"
        )
    };
    let lines: String = cells.iter().enumerate().map(line).collect();
    let text = format!("{HEAD},{columns}\n{lines}");
    let asked: Vec<ExtraColumn> = asked.iter().map(|text| text.parse().unwrap()).collect();
    let read = read_templates(Path::new("export.csv"), text.as_bytes(), now(), &asked);
    read.map_err(|findings| {
        findings.into_iter().map(|found| format!("{}: {}", found.message, found.help.unwrap())).collect()
    })
}

/// What a column with these cells is read as.
fn values(cells: &[&str]) -> Vec<Option<Value>> {
    let read = kept("Badge_Level", cells, &["badgelevel=badgeLevel"]).unwrap();
    assert_eq!(read.extra, ["badgeLevel".to_owned()].into());
    read.templates.iter().map(|template| template.extra.get("badgeLevel").cloned()).collect()
}

#[test]
fn columns_keep_their_own_names() {
    let read = kept("Badge_Level,theme", &["3,dark"], &["*", "THEME=colourTheme"]).unwrap();
    assert_eq!(read.templates[0].extra["Badge_Level"], json!(3));
    assert_eq!(read.templates[0].extra["colourTheme"], json!("dark"));
    assert_eq!((read.extra.len(), read.not_kept), (2, Vec::new()));
    let read = kept("Badge_Level,theme", &["3,dark"], &["badge level"]).unwrap();
    assert_eq!(
        (read.templates[0].extra["Badge_Level"].clone(), read.not_kept),
        (json!(3), vec!["theme".to_owned()])
    );
    assert!(kept("Badge_Level", &["3"], &[]).unwrap().templates[0].extra.is_empty());
}

#[test]
fn the_whole_column_decides_on_the_type() {
    for (cells, expected) in [
        (["1", "-2.5"], [json!(1), json!(-2.5)]),
        (["1", "x"], [json!("1"), json!("x")]),
        (["1", "007"], [json!("1"), json!("007")]),
        (["1", "1.50"], [json!("1"), json!("1.50")]),
        (["1", "9007199254740993"], [json!("1"), json!("9007199254740993")]),
        (["t", "TRUE"], [json!(true), json!(true)]),
        (["t", "f"], [json!(true), json!(false)]),
        (["t", "x"], [json!("t"), json!("x")]),
        ([" a", "b"], [json!(" a"), json!("b")]),
    ] {
        assert_eq!(values(&cells), expected.map(Some), "{cells:?}");
    }
    assert_eq!(values(&["", "NULL", "7"]), [None, None, Some(json!(7))]);
}

#[test]
fn what_extra_may_not_have_is_refused() {
    for (asked, expected) in [
        ("title", "the column title cannot be kept under extra: it is a field that certctl knows"),
        ("Resource_Type", "the column Resource_Type cannot be kept"),
        ("id=badge", "the column id cannot be kept under extra: it says something about the row"),
        ("status_group", "the column status_group cannot be kept"),
        ("updatedAt", "the column updatedAt cannot be kept"),
        ("badge=title", "the column badge cannot be kept as title: that is a field that certctl knows"),
        ("badge=id", "the column badge cannot be kept as id"),
        ("badge=", "the column badge has no name under extra"),
        (
            "bagde",
            "the file has no column bagde (did you mean badge?): The columns that can be kept are badge and theme",
        ),
    ] {
        let said = kept("badge,theme", &["1,2"], &[asked]).unwrap_err();
        assert!(said.len() == 1 && said[0].starts_with(expected), "{said:?}");
    }
    let said = kept("badge,theme", &["1,2"], &["badge=x", "theme=x", "Badge"]).unwrap_err();
    assert!(
        said[0].starts_with("two columns would be kept as x") && said[1].contains("named twice"),
        "{said:?}"
    );
    assert!(kept("badge", &[], &["bagde"]).is_err(), "also where there is no line");
}

/// A row for the first line of an export, with this in `extra`.
fn with_extra(extra: Value) -> Document {
    let mut row = known("T", Some(("8f14e45f-ceea-467f-a0e6-6b2d6a6f6f00", IdSource::Exact)));
    let mut attributes =
        attributes("T", None).with("resourceId", json!("00000000-0000-4000-8000-000000000000"));
    if !extra.is_null() {
        attributes = attributes.with("badge", extra);
    }
    row.confirmed = Some(Confirmed {
        digest: attributes.digest(),
        attributes,
        applied_at: None,
        applied_by: None,
        seen_in: None,
    });
    document([("a", row)])
}

#[test]
fn spellings_of_one_value_are_no_drift() {
    for (cell, known) in [
        ("1", json!(1)),
        ("1", json!("1")),
        ("1", json!(true)),
        ("1.0", json!(1)),
        ("t", json!(true)),
        ("f", json!(false)),
        ("", json!(false)),
        ("", json!("")),
        ("007", json!("007")),
        ("\"{\"\"a\"\": [1]}\"", json!({"a": [1]})),
    ] {
        let seen = kept("badge", &[cell], &["badge"]).unwrap();
        let found = drift(&seen, &with_extra(known.clone()));
        assert_eq!((found.compared, found.differing.len()), (1, 0), "{cell} {known}");
    }
    for (cell, known) in [("2", json!(1)), ("x", json!(true)), ("", json!(1)), ("f", json!(true))] {
        let seen = kept("badge", &[cell], &["badge"]).unwrap();
        assert_eq!(drift(&seen, &with_extra(known.clone())).differing.len(), 1, "{cell} {known}");
    }
}

#[test]
fn what_the_state_lacks_is_not_compared() {
    let seen = kept("badge", &["2"], &["badge"]).unwrap();
    assert_eq!(drift(&seen, &with_extra(Value::Null)).differing.len(), 0);
    let unasked = kept("badge", &["2"], &[]).unwrap();
    let found = drift(&unasked, &with_extra(json!(1)));
    assert_eq!((found.differing.len(), found.unseen.get("badge")), (0, Some(&1)));
}

#[test]
fn an_edit_makes_unseen_extra_unknown() {
    let unasked = kept("badge", &["2"], &[]).unwrap();
    let mut state = with_extra(json!(1));
    let renamed = state.templates[&key("a")].confirmed.clone().unwrap().attributes.with("title", json!("U"));
    let row = state.templates.get_mut(&key("a")).unwrap();
    row.confirmed = Some(Confirmed {
        digest: renamed.digest(),
        attributes: renamed,
        applied_at: None,
        applied_by: None,
        seen_in: None,
    });
    state.edit_all(&drift(&unasked, &state).records(now())).unwrap();
    let row = &state.templates[&key("a")];
    assert!(row.unknown.contains("badge") && !row.confirmed.as_ref().unwrap().attributes.has("badge"));
    // Once it is seen, it is known again.
    let seen = kept("badge", &["2"], &["badge"]).unwrap();
    state.edit_all(&drift(&seen, &state).records(now())).unwrap();
    let row = &state.templates[&key("a")];
    assert_eq!(
        (row.unknown.contains("badge"), row.confirmed.as_ref().unwrap().attributes.get("badge")),
        (false, Some(&json!(2)))
    );
}

#[test]
fn adoption_takes_what_the_yaml_has() {
    let seen = kept("badge,theme", &["2,dark"], &["*"]).unwrap();
    let own = attributes("T", None).with("resourceId", json!("00000000-0000-4000-8000-000000000000"));
    let wanted = desired([("a", own.with("badge", json!("2")))]);
    let found = adoptions(&seen, &wanted, &document([]));
    let AdoptedContents::Seen(baseline) = &found.adopted[&key("a")].contents else { panic!("{found:?}") };
    assert_eq!((baseline.seen.get("badge"), baseline.shows("theme")), (Some(&json!("2")), false));
}

#[test]
fn an_attempt_is_compared_with_what_is_kept() {
    let mut row = in_doubt("T", None);
    let attempt = row.attempts.newest().unwrap().clone();
    let attributes = attempt.attributes.with("badge", json!(2));
    let attributes = attributes.with("resourceId", json!("00000000-0000-4000-8000-000000000000"));
    row.attempts = Attempts::of(vec![Attempt { digest: attributes.digest(), attributes, ..attempt }]);
    let state = document([("a", row)]);
    let settled = |cell: &str, asked: &[&str]| {
        let seen = kept("createdat,badge", &[&format!("{DAY},{cell}")], asked).unwrap();
        let (_, finding) = settlements(&seen, &state, &[&key("a")]).remove(0);
        let InventoryFinding::Settles(settlement) = finding else { panic!("{finding:?}") };
        settlement.unsure
    };
    assert_eq!(settled("2", &["badge"]), None);
    assert!(matches!(settled("2", &[]), Some(Unsure::NotShown(names)) if names == ["badge"]));
    assert!(matches!(settled("3", &["badge"]), Some(Unsure::Other(other)) if other[0].attribute == "badge"));
}
