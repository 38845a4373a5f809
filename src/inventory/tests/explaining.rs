//! Setting apart the differences that are meant.

use std::collections::BTreeSet;

use jiff::civil::date;

use super::*;
use crate::model::{IgnoredDrift, SourceLocation};

fn entry(key: &str, attributes: &[&str], reason: &str) -> IgnoredDrift {
    IgnoredDrift {
        keys: vec![glob::Pattern::new(key).unwrap()],
        attributes: attributes.iter().map(ToString::to_string).collect(),
        reason: reason.to_owned(),
        until: None,
        place: SourceLocation::whole_file("certctl.toml"),
    }
}

fn keys() -> BTreeSet<Key> {
    ["a", "b"].map(key).into()
}

/// Title and days of `a` differ, and `b` was deleted.
fn drifted() -> Drift {
    let applied = |title: &str, id: &str| known(title, Some((id, IdSource::Exact)));
    let mut deleted = applied("Data", B);
    let attributes = attributes("Data", None).with("resourceId", json!(C));
    deleted.confirmed = Some(Confirmed {
        digest: attributes.digest(),
        attributes,
        applied_at: None,
        applied_by: None,
        seen_in: None,
    });
    let document = document([("a", applied("Cloud", A)), ("b", deleted)]);
    let head = "id,resourcetype,resourceid,title,expirationdays,statusgroup,updatedat\n";
    let lines = format!("{A},course,{COURSE},Clouds,30,a,{LATER}\n{B},course,{C},Data,,d,{LATER}\n");
    drift(&table(&format!("{head}{lines}")), &document)
}

fn explained(entries: &[IgnoredDrift]) -> ExplainedDrift<'_> {
    drifted().explained_by(entries, date(2027, 1, 15), &keys())
}

/// What is explained of a template, unless that is its deletion, and why.
fn explanation<'e>(found: &'e ExplainedDrift<'_>, key: &str) -> (Option<&'e Drifted>, Vec<&'e str>) {
    let explanation = &found.ignored[key];
    let reasons = explanation.entries.iter().map(|entry| entry.reason.as_str()).collect();
    match &explanation.what {
        ExplainedDifference::Differs(drifted) => (Some(drifted), reasons),
        ExplainedDifference::Deleted(_) => (None, reasons),
    }
}

fn changed(drifted: Option<&Drifted>) -> Vec<&str> {
    drifted.into_iter().flat_map(Drifted::changed).collect()
}

#[test]
fn without_entries_nothing_is_meant() {
    let found = explained(&[]);
    assert_eq!((found.drift, found.ignored.len(), found.idle.len()), (drifted(), 0, 0));
}

#[test]
fn attributes_are_set_apart() {
    let entries = [entry("a", &["title"], "renamed by hand")];
    let found = explained(&entries);
    assert_eq!(changed(found.drift.differing.get("a")), ["expirationDays"]);
    let (what, reasons) = explanation(&found, "a");
    assert_eq!((changed(what), reasons), (vec!["title"], vec!["renamed by hand"]));
    assert_eq!((found.drift.deleted.len(), found.idle.len()), (1, 0));
}

#[test]
fn several_entries_explain_one_template() {
    let entries = [entry("*", &["title"], "one"), entry("a", &["expirationDays"], "two")];
    let found = explained(&entries);
    assert!(found.drift.differing.is_empty() && found.idle.is_empty());
    let (what, reasons) = explanation(&found, "a");
    assert_eq!((changed(what).len(), reasons), (2, vec!["one", "two"]));
}

/// An entry about an attribute does not hide that the whole template is gone.
#[test]
fn only_whole_templates_may_be_deleted() {
    assert_eq!(explained(&[entry("b", &["title"], "x")]).drift.deleted.len(), 1);
    let entries = [entry("b", &[], "retired")];
    let found = explained(&entries);
    assert_eq!(explanation(&found, "b"), (None, vec!["retired"]));
    assert_eq!((found.drift.deleted.len(), found.drift.differing.len()), (0, 1));
}

#[test]
fn idle_entries_are_named() {
    let expired = IgnoredDrift { until: Some(date(2027, 1, 14)), ..entry("a", &["title"], "x") };
    let entries = [expired, entry("c-*", &["title"], "x"), entry("a", &["labels"], "x")];
    let found = explained(&entries);
    let reasons: Vec<IdleReason> = found.idle.iter().map(|idle| idle.reason).collect();
    let expected = [IdleReason::Expired(date(2027, 1, 14)), IdleReason::NoTemplate, IdleReason::NoDifference];
    assert_eq!(reasons, expected);
    assert_eq!(found.drift, drifted(), "none of them counts");
}

#[test]
fn unseen_attributes_prove_no_entry_idle() {
    let mut drift = drifted();
    drift.unseen.insert("labels".to_owned(), 1);
    let entries = [entry("a", &["labels"], "x"), entry("a", &["customCss"], "x")];
    let found = drift.explained_by(&entries, date(2027, 1, 15), &keys());
    assert_eq!(found.idle.iter().map(|idle| &idle.entry.attributes[0]).collect::<Vec<_>>(), ["customCss"]);
}

#[test]
fn uncompared_templates_prove_no_entry_idle() {
    let document = document([("a", in_doubt("Cloud", None))]);
    let entries = [entry("a", &["title"], "x")];
    let drift = drift(&table(&format!("{WHOLE}\n")), &document);
    assert!(drift.explained_by(&entries, date(2027, 1, 15), &keys()).idle.is_empty());
}

/// `refresh` takes the rest.
#[test]
fn what_is_meant_is_not_taken() {
    let entries = [entry("a", &["expirationDays"], "a trial")];
    let found = explained(&entries);
    let baseline = &found.drift.differing[&key("a")].baseline;
    assert_eq!((baseline.seen.title(), baseline.seen.get("expirationDays")), (Some("Clouds"), None));
    assert!(baseline.absent.contains("expirationDays"), "the state keeps what it has");
}
