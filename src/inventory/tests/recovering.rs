//! What a template holds, where it was sent more than once or where something else was seen.

use super::*;

const HEAD: &str =
    "id,resourcetype,resourceid,title,usercustomfieldslug,usercustomfieldvalue,expirationdays,updatedat\n";

fn sent(days: &[i64]) -> Row {
    let attempt = |(minute, days): (i64, &i64)| {
        let mut attempt = in_doubt("Cloud", None).attempts.as_slice()[0].clone();
        attempt.at = Timestamp::from_unix_seconds(SENT + 3600 * minute);
        attempt.attributes = attempt.attributes.with("expirationDays", json!(days));
        attempt.digest = attempt.attributes.digest();
        attempt.batch = format!("{minute}-1");
        attempt
    };
    let attempts = (0..).zip(days).map(attempt).collect();
    Row { attempts: Attempts::of(attempts), ..in_doubt("Cloud", None) }
}

/// The row after `recover`, with an export in which the template was changed this long after the first attempt.
fn settled(row: Row, days: &str, seconds: i64) -> Row {
    let at = Timestamp::from_unix_seconds(SENT + seconds);
    let observation = table(&format!("{HEAD}{A},course,{COURSE},Cloud,,,{days},{at}\n"));
    let mut document = document([("a", row)]);
    let found = settlements(&observation, &document, &[&key("a")]);
    record_settlements(&mut document, &found, now()).unwrap();
    document.templates.remove(&key("a")).unwrap()
}

fn days(row: &Row) -> Option<i64> {
    row.confirmed.as_ref()?.attributes.get("expirationDays")?.as_i64()
}

#[test]
fn newest_attempt_is_recognised() {
    let row = settled(sent(&[1, 2]), "2", 3601);
    assert_eq!((days(&row), row.attempts.is_empty()), (Some(2), true));
}

#[test]
fn earlier_attempt_needs_a_later_look() {
    // The second attempt may have been carried out after this was seen.
    for seconds in [1, 3601, 3900] {
        let row = settled(sent(&[1, 2]), "1", seconds);
        assert_eq!((days(&row), row.exists(), row.attempts.is_empty()), (None, true, false));
    }
    let row = settled(sent(&[1, 2]), "1", 3901);
    assert_eq!((days(&row), row.attempts.is_empty()), (Some(1), true));
}

#[test]
fn other_contents_are_taken_if_seen_later() {
    assert_eq!(days(&settled(sent(&[1, 2]), "3", 3900)), None);
    let row = settled(sent(&[1, 2]), "3", 3901);
    assert_eq!((days(&row), row.unknown.contains("expirationDays")), (Some(3), false));
    assert!(row.unknown.contains("customCss"), "not seen");
}

#[test]
fn unseen_fields_of_attempts_are_unknown() {
    let styled = |attempt: &Attempt| Attempt {
        attributes: attempt.attributes.with("customCss", json!("a")),
        ..attempt.clone()
    };
    let row = sent(&[1, 2]);
    let attempts = Attempts::of(row.attempts.iter().map(styled).collect());
    let row = settled(Row { attempts, ..row }, "1", 9000);
    assert_eq!((days(&row), row.unknown.contains("customCss")), (Some(1), true));
}
