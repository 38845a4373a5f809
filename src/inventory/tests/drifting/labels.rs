//! Labels come in an export of their own.

use super::*;

const LABEL: &str = "00000000-0000-4000-8000-0000000000f1";

/// A label at 10 of which the state knows, or not; seen at `x`, and changed these seconds after what the state has.
fn labelled(is_known: bool, template: &str, x: i64, seconds: i64) -> (Observation, Document) {
    let mut row = applied("Cloud", Some(A));
    if let Some(known) = row.confirmed.as_mut().filter(|_| is_known) {
        let label = json!([{"certificateFieldId": LABEL, "fontColor": "#AABBCC", "x": 10}]);
        known.attributes = known.attributes.with("labels", label);
    } else {
        row.unknown.insert("labels".to_owned());
    }
    let at = Timestamp::from_unix_seconds(SENT + seconds);
    let head = "certificatetemplateid,certificatefieldid,x,y,fontsize,fontcolor,textalign,updatedat";
    let labels = format!("{head}\n{A},{LABEL},{x},,,#aabbcc,,{at}\n");
    let labels = read_labels(Path::new("labels.csv"), labels.as_bytes(), now()).unwrap();
    (table(&format!("{HEAD}{template}")).with_labels(labels), document([("a", row)]))
}

/// What differs, and what is stale.
fn parts(observation: &Observation, document: &Document) -> (Vec<String>, Vec<String>) {
    let found = drift(observation, document);
    let differing = found.differing.get(&key("a")).into_iter().flat_map(Drifted::changed);
    let stale = found.stale_parts.values().flat_map(|part| part.attributes.iter().cloned());
    (differing.map(str::to_owned).collect(), stale.collect())
}

#[test]
fn labels_have_an_age_of_their_own() {
    let (fresh, old) = (line(A, COURSE, "Clouds", "", "a", 10), line(A, COURSE, "Before", "", "a", -9000));
    let [title, labels] = ["title", "labels"].map(|name| vec![name.to_owned()]);
    for (is_known, template, x, seconds, expected) in [
        (true, &fresh, 10, -9000, (title.clone(), vec![])),
        (true, &fresh, 99, -9000, (title.clone(), labels.clone())),
        (true, &fresh, 99, -299, (vec!["labels".to_owned(), "title".to_owned()], vec![])),
        (true, &old, 99, 10, (labels.clone(), title.clone())),
        (false, &fresh, 99, -9000, (title, labels)),
    ] {
        let (observation, document) = labelled(is_known, template, x, seconds);
        assert_eq!(parts(&observation, &document), expected, "{template} {x} {seconds}");
    }
    let (observation, document) = labelled(true, &old, 99, -9000);
    assert!(matches!(reason(&drift(&observation, &document)), Some(NotCompared::Stale(_))));
    let taken = observation.taken_at(Timestamp::from_unix_seconds(SENT + 10));
    assert_eq!(parts(&taken, &document).1, [""; 0], "it dates both");
}

#[test]
fn stale_labels_are_not_taken() {
    let (observation, document) = labelled(false, &line(A, COURSE, "Clouds", "", "a", 10), 99, -9000);
    assert!(!drift(&observation, &document).differing[&key("a")].baseline.shows("labels"));
}
