//! Tests of settling rows in doubt from an export.

use super::*;

#[test]
fn natural_key_title_and_time_settle() {
    let document = document([("a", in_doubt("Cloud", None))]);
    let csv = format!("{WHOLE}\n{A},course,{COURSE},Cloud,,,{LATER}\n");
    assert_eq!(finding(&csv, &document), created());
}

/// A line without a readable type may be for either type; one without a readable id is only counted.
#[test]
fn half_a_resource_may_be_the_one() {
    let alone = document([("a", in_doubt("Cloud", None))]);
    let lines = |line: &str| format!("{WHOLE}\n{line}\n");
    let typeless = lines(&format!("{A},,{COURSE},Cloud,,,{LATER}"));
    assert_eq!(finding(&typeless, &alone), stays(StaysInDoubt::Unreadable { seen_at: at_line(2) }));
    let idless = lines(&format!("{A},course,,Cloud,,,{LATER}"));
    let counted = stays(StaysInDoubt::Missing { deleted: None, unreadable: 1 });
    assert_eq!(finding(&idless, &alone), counted);
    let deleted = format!("{WHOLE},statusgroup\n{A},course,{COURSE},Cloud,,,{LATER},d\n");
    let gone = stays(StaysInDoubt::Missing { deleted: Some(at_line(2)), unreadable: 0 });
    assert_eq!(finding(&deleted, &alone), gone);
}

#[test]
fn the_first_line_of_the_resource_is_named() {
    let alone = document([("a", in_doubt("Cloud", None))]);
    let lines = |cells: &[(&str, &str, &str)]| {
        let ids = (0..10).map(|number| format!("{}{number}", &A[..35]));
        let lines = ids
            .zip(cells)
            .map(|(id, (kind, resource, rest))| format!("{id},{kind},{resource},Cloud,,,{rest}\n"));
        format!("{WHOLE},statusgroup\n{}", lines.collect::<String>())
    };
    let (gone, bad) = (",d", "never,a");
    let deleted = [("learningPath", COURSE, gone), ("course", B, gone), ("course", COURSE, gone)];
    let twice = [&deleted[..], &deleted].concat();
    let missing =
        |line: Option<usize>| stays(StaysInDoubt::Missing { deleted: line.map(at_line), unreadable: 0 });
    assert_eq!(finding(&lines(&twice), &alone), missing(Some(4)));
    assert_eq!(finding(&lines(&deleted[..2]), &alone), missing(None));
    let unreadable = |line| stays(StaysInDoubt::Unreadable { seen_at: at_line(line) });
    let [path, other, typeless, course] =
        [("learningPath", COURSE, bad), ("course", B, bad), ("", COURSE, bad), ("course", COURSE, bad)];
    assert_eq!(finding(&lines(&[path, other, typeless, course, course]), &alone), unreadable(4));
    assert_eq!(finding(&lines(&[path, other, course, typeless, course]), &alone), unreadable(4));
}

#[test]
fn unclear_rows_stay_in_doubt() {
    let alone = document([("a", in_doubt("Cloud", None))]);
    let header = format!("{WHOLE}\n");
    assert_eq!(finding(&header, &alone), missing());
    let other = format!("{header}{A},course,{COURSE},Old,,,{LATER}\n");
    assert_eq!(
        finding(&other, &alone),
        stays(StaysInDoubt::OtherTitle { id: id(A), title: "Old".to_owned() })
    );
    let two = format!("{header}{A},course,{COURSE},Cloud,,,{LATER}\n{B},course,{COURSE},Cloud,,,{LATER}\n");
    assert_eq!(finding(&two, &alone), stays(StaysInDoubt::Several { ids: vec![id(A), id(B)] }));
    let one = format!("{header}{A},course,{COURSE},Cloud,,,{LATER}\n");
    let elsewhere = Row { confirmed: None, ..known("x", Some((A, IdSource::Exact))) };
    let taken = document([("a", in_doubt("Cloud", None)), ("b", elsewhere)]);
    assert_eq!(finding(&one, &taken), stays(StaysInDoubt::Taken { id: id(A), owner: key("b") }));
    let shared = document([("a", in_doubt("Cloud", None)), ("b", known("Cloud", None))]);
    assert_eq!(finding(&one, &shared), stays(StaysInDoubt::Shared { with: key("b") }));
    let mut updating = in_doubt("Cloud", None);
    updating.identity = known("", Some((A, IdSource::Exact))).identity;
    let update = |attempt: &Attempt| Attempt { operation: Operation::Update, ..attempt.clone() };
    updating.attempts = Attempts::of(updating.attempts.iter().map(update).collect());
    assert_eq!(finding(&one, &document([("a", updating)])), stays(StaysInDoubt::Update));
}

mod audiences {
    use super::*;

    #[test]
    fn two_of_one_course_stay_apart() {
        let both = document([("a", in_doubt("Cloud", Some("x"))), ("b", in_doubt("Cloud", Some("y")))]);
        let blind = format!("id,resourcetype,resourceid,title\n{A},course,{COURSE},Cloud\n");
        assert_eq!(finding(&blind, &both), stays(StaysInDoubt::Shared { with: key("b") }));
        let seeing = format!("{WHOLE}\n{A},course,{COURSE},Cloud,team,x,{LATER}\n");
        assert_eq!(finding(&seeing, &both), created());
        assert_eq!(settlements(&table(&seeing), &both, &[&key("b")])[0].1, missing());
    }

    #[test]
    fn missing_columns_leave_contents_unknown() {
        const SLUG: &str = ",usercustomfieldslug";
        const VALUE: &str = ",usercustomfieldvalue";
        let of = |columns: &[&str], row| {
            let header = columns.concat();
            let cells = columns.iter().map(|column| if *column == ",title" { ",Cloud" } else { "," });
            let cells = cells.collect::<String>();
            let csv =
                format!("id,resourcetype,resourceid,updatedat{header}\n{A},course,{COURSE},{LATER}{cells}\n");
            finding(&csv, &document([("a", row)]))
        };
        for (columns, lacking) in [
            (&[",title", SLUG][..], &["userCustomFieldValue"][..]),
            (&[",title", VALUE], &["userCustomFieldSlug"]),
            (&[",title"], &["userCustomFieldSlug", "userCustomFieldValue"]),
            (&[SLUG, VALUE], &["title"]),
        ] {
            let unseen = stays(StaysInDoubt::Unseen { id: id(A), columns: lacking.to_vec() });
            assert_eq!(of(columns, in_doubt("Cloud", None)), unseen, "{columns:?}");
            if lacking != ["title"] {
                assert_eq!(of(columns, in_doubt("Cloud", Some("x"))), unseen, "{columns:?}");
            }
        }
        assert_eq!(of(&[",title", SLUG, VALUE], in_doubt("Cloud", None)), created());
    }
}

mod contents {
    use super::*;

    fn sent(more: &serde_json::Value) -> Document {
        let mut row = in_doubt("Cloud", None);
        let mut value = attributes("Cloud", None).to_value();
        value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let attributes: Attributes = serde_json::from_value(value).unwrap();
        let attempt = |attempt: &Attempt| Attempt {
            digest: attributes.digest(),
            attributes: attributes.clone(),
            ..attempt.clone()
        };
        row.attempts = Attempts::of(row.attempts.iter().map(attempt).collect());
        document([("a", row)])
    }

    fn seen(column: &str, cell: &str, document: &Document) -> InventoryFinding {
        let line = format!("{A},course,{COURSE},Cloud,,,{LATER},{cell}");
        finding(&format!("{WHOLE},{column}\n{line}\n"), document)
    }

    #[test]
    fn that_were_seen_and_sent_are_known() {
        for (more, column, cell) in [
            (json!({"expirationDays": 365}), "expirationdays", "365"),
            (json!({"recertificationAutoReset": false}), "recertificationautoreset", ""),
            (json!({}), "recertificationautoreset", "f"),
            (json!({"expirationDate": "2027-12-31"}), "expirationdate", "2027-12-31 00:00:00.000000"),
            (json!({}), "expirationdate", "9999-12-01 00:00:00.000000"),
            (json!({"customCss": "a\nb"}), "customcss", "\"a\r\nb\""),
            (json!({"supplementalAssets": ["https://a.example"]}), "supplementalassets", "https://a.example"),
            (json!({"supplementalAssets": []}), "supplementalassets", ""),
            (json!({}), "createdat", LATER),
        ] {
            assert_eq!(seen(column, cell, &sent(&more)), created(), "{column}: {cell}");
        }
    }

    #[test]
    fn that_were_not_sent_are_reported() {
        let other = |attribute: &str, shown| {
            exists(Unsure::Other(vec![Difference { attribute: attribute.to_owned(), shown }]))
        };
        let days = || sent(&json!({"expirationDays": 365}));
        assert_eq!(seen("expirationdays", "30", &days()), other("expirationDays", Some(json!(30))));
        assert_eq!(seen("expirationdays", "", &days()), other("expirationDays", None));
        assert_eq!(seen("customcss", "a", &sent(&json!({}))), other("customCss", Some(json!("a"))));
        let made = Unsure::Made(Timestamp::from_unix_seconds(SENT - 24 * 3600 - 8 * 3600));
        assert_eq!(seen("createdat", "2027-01-14", &sent(&json!({}))), exists(made));
    }

    #[test]
    fn that_were_not_seen_are_not_known() {
        for (more, name) in [
            (json!({"expirationDays": 365}), "expirationDays"),
            (json!({"labels": [{"certificateFieldId": A}]}), "labels"),
            (json!({"newField": 1}), "newField"),
        ] {
            let unsure = Unsure::NotShown(vec![name.to_owned()]);
            assert_eq!(seen("customcss", "", &sent(&more)), exists(unsure), "{name}");
        }
    }

    /// The columns of a whole export, each with its cell as it was sent and with another value.
    const CELLS: [(&str, &str, &str); 12] = [
        ("title", "Cloud", "Cloud 2"),
        ("usercustomfieldslug", "", "team"),
        ("usercustomfieldvalue", "", "x"),
        ("updatedat", LATER, "2027-01-14 08:00:00"),
        ("createdat", LATER, "2027-01-14 08:00:00"),
        ("expirationdays", "365", "36"),
        ("customcss", "b", ""),
        ("asset", "www.a.example", "nowhere"),
        ("recertificationaction", "resetProgress", "actionUrl"),
        ("recertificationautoreset", "t", "f"),
        ("recertificationinstructions", "", "Again"),
        ("statusgroup", "a", "d"),
    ];
    /// Columns that an export may lack without making the template unknown.
    const MAY_LACK: [&str; 3] = ["createdat", "statusgroup", "recertificationinstructions"];

    proptest::proptest! {
        /// With one other value, or one column less, the template is no longer known.
        #[test]
        fn are_known_only_if_every_cell_says_so(
            changed in proptest::option::of(0..CELLS.len()),
            lacking in proptest::option::of(0..CELLS.len()),
        ) {
            let document = sent(&json!({"expirationDays": 365, "customCss": "b", "asset": "www.a.example",
                "recertificationAction": "resetProgress", "recertificationAutoReset": true}));
            let there = CELLS.iter().enumerate().filter(|(place, _)| Some(*place) != lacking);
            let cells = there.map(|(place, (column, sent, other))| {
                (*column, if Some(place) == changed { *other } else { *sent })
            });
            let (columns, cells): (Vec<_>, Vec<_>) = cells.unzip();
            let csv = format!(
                "id,resourcetype,resourceid,{}\n{A},course,{COURSE},{}\n",
                columns.join(","),
                cells.join(",")
            );
            let may_lack = lacking.is_none_or(|place| MAY_LACK.contains(&CELLS[place].0));
            let is_whole = may_lack && (changed.is_none() || changed == lacking);
            proptest::prop_assert_eq!(finding(&csv, &document) == created(), is_whole, "{}", csv);
        }
    }

    /// It was sent twice with different contents: the export shows one of the two, or neither.
    #[test]
    fn of_any_attempt_are_compared() {
        let mut both = sent(&json!({"expirationDays": 1}));
        let row = both.templates.get_mut(&key("a")).unwrap();
        let first = row.attempts.newest().unwrap().clone();
        let attributes = first.attributes.with("expirationDays", json!(2));
        let at = Timestamp::from_unix_seconds(SENT + 1);
        let second = Attempt { digest: attributes.digest(), attributes, at, ..first.clone() };
        row.attempts = Attempts::of(vec![first, second]);
        for days in ["1", "2"] {
            assert_eq!(seen("expirationdays", days, &both), created(), "{days}");
        }
        let shown = Some(json!(3));
        let other = Unsure::Other(vec![Difference { attribute: "expirationDays".to_owned(), shown }]);
        assert_eq!(seen("expirationdays", "3", &both), exists(other));
    }
}

mod times {
    use super::*;

    #[test]
    fn earlier_changes_are_not_this_attempt() {
        let alone = document([("a", in_doubt("Cloud", None))]);
        let at = |time: &str| format!("{WHOLE}\n{A},course,{COURSE},Cloud,,,{time}\n");
        let changed = |seconds| exists(Unsure::Changed(Timestamp::from_unix_seconds(SENT + seconds)));
        for (time, expected) in [
            ("2027-01-15 07:54:59.999999", changed(-301)),
            // Clocks differ a little.
            ("2027-01-15 07:55:01.000000", created()),
            ("2027-01-15T08:00:01Z", created()),
            // Midnight, or any time of that day.
            ("2027-01-15", changed(-8 * 3600)),
            ("", exists(Unsure::Stale(StaleContents::NotDated))),
            ("9999-12-01 00:00:00.000000", exists(Unsure::Stale(StaleContents::NotDated))),
        ] {
            assert_eq!(finding(&at(time), &alone), expected, "{time}");
        }
        let replacing =
            document([("a", Row { confirmed: known("Old", None).confirmed, ..in_doubt("Cloud", None) })]);
        let early = finding(&at("2026-01-01 00:00:00"), &replacing);
        assert!(matches!(early, InventoryFinding::StaysInDoubt(StaysInDoubt::Untouched { .. })), "{early:?}");
    }
}

/// The state saw this template deleted before it sent the create.
#[test]
fn deleted_templates_settle_nothing() {
    let mut gone = known("Cloud", Some((A, IdSource::Exact)));
    let deleted_at = Timestamp::from_unix_seconds(SENT - 10);
    let mut state = document([("a", gone.clone())]);
    state.observe_gone(&key("a"), deleted_at, &Row::why_gone("line 2")).unwrap();
    gone = state.templates.remove(&key("a")).unwrap();
    let row = Row { resolutions: gone.resolutions, ..in_doubt("Cloud", None) };
    let state = document([("a", row)]);
    let seen = |at: &str| finding(&format!("{WHOLE}\n{A},course,{COURSE},Cloud,,,{at}\n"), &state);
    let deleted = stays(StaysInDoubt::Deleted { id: id(A), at: deleted_at });
    for at in ["", "2026-10-15 08:00:00", "2027-01-15 07:59:00", "2027-01-15 07:59:50"] {
        assert_eq!(seen(at), deleted, "{at}");
    }
    // It was restored since.
    assert_eq!(seen(LATER), created());
}
