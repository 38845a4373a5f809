//! Exports as spreadsheets and SQL clients write them, and what they settle.

use std::path::Path;
use std::sync::Arc;

use serde_json::json;

use super::*;
use crate::desired::{Desired, Template};
use crate::model::{Attributes, Key, TemplateId, Timestamp};
use crate::state::{
    Attempt, Attempts, Deed, Document, IdSource, Identity, Known, Owner, Row, RowFault, Settlement, Standing,
};

const A: &str = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f0a";
const B: &str = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f0b";
const COURSE: &str = "00000000-0000-4000-8000-000000000001";
/// 2027-01-15 08:00:00 UTC.
const SENT: i64 = 1_800_000_000;

fn table(text: &str) -> Table {
    read(Path::new("export.csv"), text.as_bytes()).unwrap()
}

/// The findings as `line:column message`.
fn faults(text: &str) -> Vec<String> {
    let findings = read(Path::new("export.csv"), text.as_bytes()).unwrap_err();
    let told = |finding: &crate::model::Finding| {
        format!("{}:{} {}", finding.place.line, finding.place.column, finding.message)
    };
    findings.iter().map(told).collect()
}

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn id(text: &str) -> TemplateId {
    TemplateId::parse_uuid(text).unwrap()
}

fn attributes(title: &str, audience: Option<&str>) -> Attributes {
    let mut value = json!({"title": title, "resourceType": "course", "resourceId": COURSE});
    if let Some(audience) = audience {
        value["userCustomFieldSlug"] = json!("team");
        value["userCustomFieldValue"] = json!(audience);
    }
    serde_json::from_value(value).unwrap()
}

fn row(standing: Standing) -> Row {
    Row { standing, ..Row::default() }
}

fn known(title: &str, id: Option<(&str, IdSource)>) -> Row {
    let attributes = attributes(title, None);
    let known = Known { digest: attributes.digest(), attributes, applied_at: None };
    let identity = id.map(|(text, source)| Identity { id: self::id(text), source });
    Row { known: Some(known), identity, ..row(Standing::Applied) }
}

fn in_doubt(title: &str, audience: Option<&str>) -> Row {
    let attributes = attributes(title, audience);
    let at = Timestamp::from_unix_seconds(SENT);
    let attempt = Attempt {
        also_set: std::collections::BTreeSet::default(),
        at,
        digest: attributes.digest(),
        attributes,
        batch: "1-1".to_owned(),
        candidate_ids: Vec::new(),
        deed: Deed::Create,
        job: None,
        ordered: false,
    };
    let error = RowFault { at, message: "?".to_owned(), record: None };
    Row { attempts: Attempts::of(vec![attempt]), ..row(Standing::InDoubt { error }) }
}

fn document(rows: impl IntoIterator<Item = (&'static str, Row)>) -> Document {
    let owner = Owner { environment: "test".to_owned(), url: "sandbox".to_owned() };
    let templates = rows.into_iter().map(|(name, row)| (key(name), row)).collect();
    Document { templates, ..Document::empty(&owner, "l".to_owned()) }
}

fn desired(templates: impl IntoIterator<Item = (&'static str, Attributes)>) -> Desired {
    let template = |attributes| Template {
        attributes,
        protect: false,
        canvas: None,
        file: Arc::from(Path::new("a.yaml")),
    };
    Desired::from_templates(templates.into_iter().map(|(name, a)| (key(name), template(a))), Vec::new())
}

fn verdict(csv: &str, document: &Document) -> Verdict {
    settlements(&table(csv), document, &[&key("a")]).remove(0).1
}

#[test]
fn the_same_export_in_every_dress_is_the_same() {
    let plain = table(&format!("id,resourcetype,resourceid,title\n{A},course,{COURSE},\"Cloud, 101\"\n"));
    assert_eq!(plain.templates.len(), 1);
    assert_eq!(plain.templates[0].title.as_deref(), Some("Cloud, 101"));
    for dress in [
        format!("\u{feff}id,resourcetype,resourceid,title\r\n{A},course,{COURSE},\"Cloud, 101\"\r\n"),
        format!("ID;Resource Type;resource_id;Title\n{A};Course;{};Cloud, 101", COURSE.to_uppercase()),
        format!("sep=;\nid;resourcetype;resourceid;title\n{};course;{COURSE};Cloud, 101\n", A.to_uppercase()),
        format!("id\tresourcetype\tresourceid\ttitle\n{A}\tcourse\t{COURSE}\tCloud, 101\n"),
        format!("\n\nid,resourcetype,resourceid,title\n\n{A},course,{COURSE},\"Cloud, 101\"\n\n"),
        format!("\"title\",\"resourceid\",\"resourcetype\",\"id\",x\n\"Cloud, 101\",{COURSE},course,{A},\n"),
    ] {
        let mut other = table(&dress);
        other.templates[0].line = plain.templates[0].line;
        assert_eq!(other, plain, "{dress:?}");
    }
}

#[test]
fn what_was_deleted_or_is_for_something_else_is_passed_over() {
    let text = format!(
        "id,resourcetype,resourceid,statusgroup,deleted\n{A},course,{COURSE},d,\n{B},course,{COURSE},a,true\n\
         {B},bundle,{COURSE},a,false\n{A},learningPath,{COURSE},a,f\n"
    );
    let table = table(&text);
    assert_eq!((table.deleted, table.foreign, table.templates.len()), (2, 1, 1));
    assert_eq!(table.templates[0].natural_key.resource_type, "learningPath");
    assert_eq!(table.templates[0].line, 5);
}

#[test]
fn everything_that_is_wrong_is_told_with_its_place() {
    assert_eq!(faults(""), ["1:1 the file is empty"]);
    assert_eq!(
        faults("id,resource_typ,title\n"),
        [
            "1:1 there is no column resourcetype; the file has id, resourcetyp, title",
            "1:1 there is no column resourceid; the file has id, resourcetyp, title"
        ]
    );
    assert_eq!(faults("id,ID,resourcetype,resourceid\n"), ["1:4 the column id is there twice"]);
    let header = "title,id,resourcetype,resourceid\n";
    let twice =
        format!("{header}x,{A},course,{COURSE}\ny,{A},course,{COURSE}\nx,nonsense,course,{COURSE}\nx,{B}\n");
    let found = faults(&twice);
    assert_eq!(found[0], format!("3:3 line 2 says something else of the id {A}"));
    assert!(found[1].starts_with("4:3 \"nonsense\" is not a template id"), "{found:?}");
    assert_eq!(found[2], "5:3 this line has 2 fields and the header has 4");
    assert_eq!(read(Path::new("a"), b"id,\xff\n").unwrap_err()[0].place.column, 4);
    let many = format!("{header}{}", "x,x,x,x\n".repeat(1000));
    assert_eq!(faults(&many).len(), 50);
}

#[test]
fn one_template_under_its_natural_key_and_title_settles() {
    let document = document([("a", in_doubt("Cloud", None))]);
    let csv = format!("id,resourcetype,resourceid,title\n{A},course,{COURSE},Cloud \n");
    assert_eq!(verdict(&csv, &document), Verdict::Settles(Settlement::Created { id: id(A) }));
    let untitled = format!("id,resourcetype,resourceid\n{A},course,{COURSE}\n");
    assert_eq!(verdict(&untitled, &document), Verdict::Settles(Settlement::Created { id: id(A) }));
}

#[test]
fn what_the_export_leaves_open_stays_open() {
    let alone = document([("a", in_doubt("Cloud", None))]);
    let header = "id,resourcetype,resourceid,title\n";
    assert_eq!(verdict(header, &alone), Verdict::Open(Open::Missing));
    let other = format!("{header}{A},course,{COURSE},Old\n");
    assert_eq!(
        verdict(&other, &alone),
        Verdict::Open(Open::OtherTitle { id: id(A), title: "Old".to_owned() })
    );
    let two = format!("{header}{A},course,{COURSE},Cloud\n{B},course,{COURSE},Cloud\n");
    assert_eq!(verdict(&two, &alone), Verdict::Open(Open::Several { ids: vec![id(A), id(B)] }));
    let one = format!("{header}{A},course,{COURSE},Cloud\n");
    let elsewhere = Row { known: None, ..known("x", Some((A, IdSource::Exact))) };
    let taken = document([("a", in_doubt("Cloud", None)), ("b", elsewhere)]);
    assert_eq!(verdict(&one, &taken), Verdict::Open(Open::Taken { id: id(A), owner: key("b") }));
    let shared = document([("a", in_doubt("Cloud", None)), ("b", known("Cloud", None))]);
    assert_eq!(verdict(&one, &shared), Verdict::Open(Open::Shared { with: key("b") }));
    let updating = document([(
        "a",
        Row { identity: known("", Some((A, IdSource::Exact))).identity, ..in_doubt("Cloud", None) },
    )]);
    let mut updating = updating;
    if let Some(row) = updating.templates.get_mut(&key("a")) {
        let update = |attempt: &Attempt| Attempt { deed: Deed::Update, ..attempt.clone() };
        row.attempts = Attempts::of(row.attempts.iter().map(update).collect());
    }
    assert_eq!(verdict(&one, &updating), Verdict::Open(Open::Update));
}

#[test]
fn without_audience_columns_two_audiences_of_one_course_cannot_be_told_apart() {
    let both = document([("a", in_doubt("Cloud", Some("x"))), ("b", in_doubt("Cloud", Some("y")))]);
    let blind = format!("id,resourcetype,resourceid,title\n{A},course,{COURSE},Cloud\n");
    assert_eq!(verdict(&blind, &both), Verdict::Open(Open::Shared { with: key("b") }));
    let seeing = format!(
        "id,resourcetype,resourceid,title,usercustomfieldslug,usercustomfieldvalue\n{A},course,{COURSE},Cloud,team,x\n"
    );
    assert_eq!(verdict(&seeing, &both), Verdict::Settles(Settlement::Created { id: id(A) }));
    assert_eq!(settlements(&table(&seeing), &both, &[&key("b")])[0].1, Verdict::Open(Open::Missing));
}

#[test]
fn a_template_that_was_last_changed_before_the_attempt_exists_and_is_not_what_was_sent() {
    let alone = document([("a", in_doubt("Cloud", None))]);
    let at = |time: &str| {
        format!("id,resourcetype,resourceid,title,updatedat\n{A},course,{COURSE},Cloud,{time}\n")
    };
    for (time, created) in [
        ("2027-01-15 07:54:59.999999", false),
        // Clocks differ a little.
        ("2027-01-15 07:55:01.000000", true),
        ("2027-01-15T08:00:01Z", true),
        ("whenever", true),
    ] {
        let id = id(A);
        let expected = if created { Settlement::Created { id } } else { Settlement::Exists { id } };
        assert_eq!(verdict(&at(time), &alone), Verdict::Settles(expected), "{time}");
    }
    let replacing = document([("a", Row { known: known("Old", None).known, ..in_doubt("Cloud", None) })]);
    let early = verdict(&at("2026-01-01 00:00:00"), &replacing);
    assert!(matches!(early, Verdict::Open(Open::Untouched { .. })), "{early:?}");
}

#[test]
fn what_exists_is_adopted_and_nothing_is_overwritten() {
    let wanted = desired([("a", attributes("Cloud", None))]);
    let csv = format!("id,resourcetype,resourceid,title\n{A},course,{COURSE},Any title\n");
    let table = table(&csv);
    let adopt = |document: &Document| adoptions(&table, &wanted, document);
    let adopted = Adoptions { adopted: [(key("a"), id(A))].into(), ..Adoptions::default() };
    assert_eq!(adopt(&document([])), adopted);
    assert_eq!(adopt(&document([("a", known("x", None))])), adopted);
    // Wrong or right, an id by its place in an answer gives way to one that the vendor's own table shows.
    for guess in [A, B] {
        assert_eq!(adopt(&document([("a", known("x", Some((guess, IdSource::Positional))))])), adopted);
    }
    let known_already = adopt(&document([("a", known("x", Some((A, IdSource::Exact))))]));
    assert_eq!(known_already, Adoptions { known: vec![key("a")], ..Adoptions::default() });
    let obstacle = |document: &Document| adopt(document).obstacles.remove(&key("a")).unwrap();
    assert_eq!(
        obstacle(&document([("a", known("x", Some((B, IdSource::Imported))))])),
        Obstacle::OtherId { state: id(B), export: id(A) }
    );
    assert_eq!(obstacle(&document([("old", known("x", None))])), Obstacle::Held { by: key("old") });
    assert_eq!(
        obstacle(&document([("a", in_doubt("x", None))])),
        Obstacle::Unsettled(crate::state::Status::InDoubt)
    );
    let elsewhere = Row { known: None, ..known("x", Some((A, IdSource::Exact))) };
    assert_eq!(obstacle(&document([("b", elsewhere)])), Obstacle::Taken { id: id(A), owner: key("b") });
}

#[test]
fn every_configured_template_and_every_exported_one_is_accounted_for() {
    let audience = |name| attributes("Cloud", Some(name));
    let wanted = desired([("a", audience("x")), ("b", audience("y"))]);
    let blind = table(&format!("id,resourcetype,resourceid\n{A},course,{COURSE}\n{B},course,{B}\n"));
    let found = adoptions(&blind, &wanted, &document([]));
    assert_eq!(found.unclaimed, 1);
    assert_eq!(found.obstacles[&key("a")], Obstacle::Shared { with: key("b") });
    let none = adoptions(&table("id,resourcetype,resourceid\n"), &wanted, &document([]));
    assert_eq!(none.missing, [key("a"), key("b")]);
}

proptest::proptest! {
    /// Whatever the bytes, there is a table or there are findings, and each finding lies in the file.
    #[test]
    fn any_bytes_are_read_or_refused(
        text in "(id|resourcetype|resourceid|title|[,;\t\"\r\n]|sep=|course|8f14e45f-ceea-467f-a0e6-6b2d6a6f6f0a|.){0,40}"
    ) {
        match read(Path::new("a"), text.as_bytes()) {
            Ok(table) => proptest::prop_assert!(table.templates.iter().all(|template| template.line > 1)),
            Err(findings) => {
                let lines = text.lines().count() + 1;
                proptest::prop_assert!(!findings.is_empty());
                proptest::prop_assert!(findings.iter().all(|finding| (1..=lines).contains(&finding.place.line)));
            }
        }
    }
}
