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
    read(Path::new("export.csv"), text.as_bytes()).unwrap_err().iter().map(told).collect()
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

/// The findings of single lines as `line:column message`.
fn wrong(table: &Table) -> Vec<String> {
    table.findings.iter().map(told).collect()
}

fn told(finding: &crate::model::Finding) -> String {
    format!("{}:{} {}", finding.place.line, finding.place.column, finding.message)
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
        format!("SEP=;\r\nid;resourcetype;resourceid;title\r\n{A};course;{COURSE};Cloud, 101\r\n"),
        format!("\"sep=;\"\r\nid;resourcetype;resourceid;title\r\n{A};course;{COURSE};Cloud, 101\r\n"),
        format!("sep=\t\nid\tresourcetype\tresourceid\ttitle\n{A}\tcourse\t{COURSE}\tCloud, 101\n"),
        format!("id|resourcetype|resourceid|title\n{A}|course|{COURSE}|Cloud, 101\n"),
        format!(
            "id,resourcetype,resourceid,title,x,y\n{A},course,{COURSE},\"Cloud, 101\"\n,,,,,\n , ,\u{a0},,,\n"
        ),
        format!("id,resourcetype,resourceid,title\n{A},course,{COURSE},\"Cloud, 101\",,,\n"),
        format!("id,resourcetype,resourceid,title\n{A},course,{COURSE},\"Cloud, 101\",NULL\n"),
    ] {
        let mut other = table(&dress);
        other.templates[0].line = plain.templates[0].line;
        assert_eq!(other, plain, "{dress:?}");
    }
}

#[test]
fn deleted_and_foreign_lines_are_passed_over() {
    let text = format!(
        "id,resourcetype,resourceid,status_group,deleted\n{A},course,{COURSE},d,\n{B},course,{COURSE},a,WAHR\n\
         {B},bundle,{COURSE},a,false\n{A},learningPath,{COURSE},a,f\n"
    );
    let table = table(&text);
    assert_eq!((table.deleted, table.templates.len()), (2, 1));
    assert_eq!(table.foreign, [Foreign { resource_type: "bundle".to_owned(), line: 4 }]);
    assert_eq!(table.templates[0].natural_key.resource_type, "learningPath");
    assert_eq!(table.templates[0].line, 5);
}

mod unreadable {
    use super::*;

    #[test]
    fn files_are_refused_with_every_fault() {
        assert_eq!(faults(""), ["1:1 the file is empty"]);
        let required = "is required; the file has id, resourcetyp, title. Columns may be separated by commas, \
                        semicolons, tabs or |";
        assert_eq!(
            faults("id,resource_typ,title\n"),
            [
                format!("1:1 the column resourcetype {required}"),
                format!("1:1 the column resourceid {required}")
            ]
        );
        assert_eq!(faults("id,ID,resourcetype,resourceid\n"), ["1:4 the column id is there twice"]);
        assert_eq!(read(Path::new("a"), b"id,\xff\n").unwrap_err()[0].place.column, 4);
        let workbook = read(Path::new("a"), b"PK\x03\x04\x14").unwrap_err();
        assert!(workbook[0].message.contains(".xlsx"), "{workbook:?}");
    }

    #[test]
    fn lines_are_named_and_others_go_on() {
        let csv = format!(
            "title,id,resourcetype,resourceid,deleted,statusgroup,updatedat\n\
             x,nonsense,course,{COURSE},,,\n\
             x,{A},course,{COURSE},x,,\n\
             x,{A},course,{COURSE},,archived,\n\
             x,{A},course,{COURSE},,a,1/1/2020 0:00\n\
             x,,course,{COURSE},,a,\n\
             x,{A},course,,,a,\n\
             x,{A},,{COURSE},,a,\n\
             x,{A},course,{COURSE},,a,,more\n\
             x,{B},course,{B},f,a,2027-01-15 08:00:00 UTC\n"
        );
        let table = table(&csv);
        let expected = [
            (2, 3, "\"nonsense\" is not a template id"),
            (3, 84, "\"x\" in the column deleted is neither true nor false"),
            (4, 85, "\"archived\" is not a statusgroup"),
            (5, 87, "\"1/1/2020 0:00\" in the column updatedat cannot be read as a time"),
            (6, 3, "the id of this template is missing"),
            (7, 47, "the resourceid of this template is missing"),
            (8, 40, "the resourcetype of this template is missing"),
            (9, 3, "this line has 8 fields and the header has 7"),
        ];
        let wrong = wrong(&table);
        assert_eq!(wrong.len(), expected.len(), "{wrong:#?}");
        for (found, (line, column, message)) in wrong.iter().zip(expected) {
            assert!(found.starts_with(&format!("{line}:{column} {message}")), "{found}");
        }
        assert_eq!(table.unreadable.len(), expected.len());
        assert_eq!(table.templates.iter().map(|template| template.line).collect::<Vec<_>>(), [10]);
    }

    #[test]
    fn files_that_are_cut_off_are_noticed() {
        let header = "id,resourcetype,resourceid,title,statusgroup\n";
        let cut = table(&format!("{header}{A},course,{COURSE},Clo"));
        assert_eq!(wrong(&cut), ["2:1 this line has 4 fields and the header has 5, and the file ends here"]);
        let open = table(&format!("{header}{A},course,{COURSE},\"Cloud,a\n{B},course,{B},x,a\n"));
        assert_eq!(wrong(&open), ["2:1 a quote is opened in this line and never closed"]);
        assert!(table(&format!("{header}{A},course,{COURSE},5\" disk,a\n")).findings.is_empty());
    }

    #[test]
    fn two_lines_of_one_id_must_agree() {
        let header = "title,id,resourcetype,resourceid\n";
        let csv = format!("{header}x,{A},course,{COURSE}\ny,{A},course,{COURSE}\n");
        assert_eq!(wrong(&table(&csv)), [format!("3:3 line 2 says something else of the id {A}")]);
        let alone = document([("a", in_doubt("x", None))]);
        assert_eq!(verdict(&csv, &alone), Verdict::Open(Open::Unreadable { line: 2 }));
        let repeated = table(&format!("{header}x,{A},course,{COURSE}\nx,{A},course,{COURSE}\n"));
        assert_eq!((repeated.templates.len(), repeated.findings.len()), (1, 0));
    }

    /// It may be a second template of the course.
    #[test]
    fn unreadable_lines_block_their_resource() {
        let alone = document([("a", in_doubt("Cloud", None))]);
        let header = format!("{WHOLE},deleted\n");
        let good = format!("{A},course,{COURSE},Cloud,,,{LATER},\n");
        for bad in [
            format!("{B},course,{COURSE},Cloud,,,{LATER},1.0\n"),
            format!("{B},course,{COURSE},Cloud,,,01.01.2020 00:00,\n"),
            format!("{B},course,{COURSE},Cloud,team,,{LATER},\n"),
            format!("b,course,{COURSE},Cloud,,,{LATER},\n"),
        ] {
            let csv = [header.as_str(), &good, &bad].concat();
            assert_eq!(verdict(&csv, &alone), Verdict::Open(Open::Unreadable { line: 3 }), "{bad}");
            let wanted = desired([("a", attributes("Cloud", None))]);
            let found = adoptions(&table(&csv), &wanted, &document([]));
            assert_eq!(found.obstacles[&key("a")], Obstacle::Unreadable { line: 3 });
        }
        assert_eq!(verdict(&[header, good].concat(), &alone), created());
    }
}

/// Every column that settles a row.
const WHOLE: &str = "id,resourcetype,resourceid,title,usercustomfieldslug,usercustomfieldvalue,updatedat";
/// A second after the attempt.
const LATER: &str = "2027-01-15 08:00:01.000000";

fn created() -> Verdict {
    Verdict::Settles(Settlement::Created { id: id(A) })
}

fn exists() -> Verdict {
    Verdict::Settles(Settlement::Exists { id: id(A) })
}

mod settling {
    use super::*;

    #[test]
    fn natural_key_title_and_time_settle() {
        let document = document([("a", in_doubt("Cloud", None))]);
        let csv = format!("{WHOLE}\n{A},course,{COURSE},Cloud ,,,{LATER}\n");
        assert_eq!(verdict(&csv, &document), created());
    }

    #[test]
    fn what_the_export_leaves_open_stays_open() {
        let alone = document([("a", in_doubt("Cloud", None))]);
        let header = format!("{WHOLE}\n");
        assert_eq!(verdict(&header, &alone), Verdict::Open(Open::Missing));
        let other = format!("{header}{A},course,{COURSE},Old,,,{LATER}\n");
        assert_eq!(
            verdict(&other, &alone),
            Verdict::Open(Open::OtherTitle { id: id(A), title: "Old".to_owned() })
        );
        let two =
            format!("{header}{A},course,{COURSE},Cloud,,,{LATER}\n{B},course,{COURSE},Cloud,,,{LATER}\n");
        assert_eq!(verdict(&two, &alone), Verdict::Open(Open::Several { ids: vec![id(A), id(B)] }));
        let one = format!("{header}{A},course,{COURSE},Cloud,,,{LATER}\n");
        let elsewhere = Row { known: None, ..known("x", Some((A, IdSource::Exact))) };
        let taken = document([("a", in_doubt("Cloud", None)), ("b", elsewhere)]);
        assert_eq!(verdict(&one, &taken), Verdict::Open(Open::Taken { id: id(A), owner: key("b") }));
        let shared = document([("a", in_doubt("Cloud", None)), ("b", known("Cloud", None))]);
        assert_eq!(verdict(&one, &shared), Verdict::Open(Open::Shared { with: key("b") }));
        let mut updating = in_doubt("Cloud", None);
        updating.identity = known("", Some((A, IdSource::Exact))).identity;
        let update = |attempt: &Attempt| Attempt { deed: Deed::Update, ..attempt.clone() };
        updating.attempts = Attempts::of(updating.attempts.iter().map(update).collect());
        assert_eq!(verdict(&one, &document([("a", updating)])), Verdict::Open(Open::Update));
    }

    mod audiences {
        use super::*;

        #[test]
        fn two_of_one_course_stay_apart() {
            let both = document([("a", in_doubt("Cloud", Some("x"))), ("b", in_doubt("Cloud", Some("y")))]);
            let blind = format!("id,resourcetype,resourceid,title\n{A},course,{COURSE},Cloud\n");
            assert_eq!(verdict(&blind, &both), Verdict::Open(Open::Shared { with: key("b") }));
            let seeing = format!("{WHOLE}\n{A},course,{COURSE},Cloud,team,x,{LATER}\n");
            assert_eq!(verdict(&seeing, &both), created());
            assert_eq!(settlements(&table(&seeing), &both, &[&key("b")])[0].1, Verdict::Open(Open::Missing));
        }

        #[test]
        fn what_is_not_shown_is_not_known() {
            let audience = || Verdict::Open(Open::Audience { id: id(A) });
            let of = |row| document([("a", row)]);
            for columns in ["", ",usercustomfieldslug"] {
                let more = if columns.is_empty() { "" } else { ",team" };
                let csv =
                    format!("id,resourcetype,resourceid,title{columns}\n{A},course,{COURSE},Cloud{more}\n");
                assert_eq!(verdict(&csv, &of(in_doubt("Cloud", Some("x")))), audience(), "{columns}");
            }
            let untitled = format!("id,resourcetype,resourceid\n{A},course,{COURSE}\n");
            assert_eq!(verdict(&untitled, &of(in_doubt("Cloud", None))), audience());
            // The only template of its course, under its title, and for no audience.
            let blind = format!("id,resourcetype,resourceid,title\n{A},course,{COURSE},Cloud\n");
            assert_eq!(verdict(&blind, &of(in_doubt("Cloud", None))), exists());
        }
    }

    mod times {
        use super::*;

        #[test]
        fn earlier_changes_are_not_this_attempt() {
            let alone = document([("a", in_doubt("Cloud", None))]);
            let at = |time: &str| format!("{WHOLE}\n{A},course,{COURSE},Cloud,,,{time}\n");
            for (time, expected) in [
                ("2027-01-15 07:54:59.999999", exists()),
                // Clocks differ a little.
                ("2027-01-15 07:55:01.000000", created()),
                ("2027-01-15T08:00:01Z", created()),
                // Midnight, or any time of that day.
                ("2027-01-15", exists()),
                ("", exists()),
                ("9999-12-01 00:00:00.000000", exists()),
            ] {
                assert_eq!(verdict(&at(time), &alone), expected, "{time}");
            }
            let replacing =
                document([("a", Row { known: known("Old", None).known, ..in_doubt("Cloud", None) })]);
            let early = verdict(&at("2026-01-01 00:00:00"), &replacing);
            assert!(matches!(early, Verdict::Open(Open::Untouched { .. })), "{early:?}");
        }
    }
}

#[test]
fn what_exists_is_adopted_and_nothing_is_overwritten() {
    let wanted = desired([("a", attributes("Cloud", None))]);
    let csv = format!("id,resourcetype,resourceid,title\n{A},course,{COURSE},Cloud\n");
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
    assert_eq!(found.unclaimed.iter().map(|template| template.line).collect::<Vec<_>>(), [3]);
    assert_eq!(found.obstacles[&key("a")], Obstacle::Shared { with: key("b") });
    let none = adoptions(&table("id,resourcetype,resourceid\n"), &wanted, &document([]));
    assert_eq!(none.missing, [key("a"), key("b")]);
}

#[test]
fn adoption_never_guesses() {
    let obstacle = |csv: &str, wanted: Attributes| {
        adoptions(&table(csv), &desired([("a", wanted)]), &document([])).obstacles.remove(&key("a"))
    };
    let blind = format!("id,resourcetype,resourceid,title\n{A},course,{COURSE},Cloud\n");
    assert_eq!(obstacle(&blind, attributes("Cloud", Some("x"))), Some(Obstacle::Audience { id: id(A) }));
    assert_eq!(obstacle(&blind, attributes("Cloud", None)), None);
    let untitled = format!("id,resourcetype,resourceid\n{A},course,{COURSE}\n");
    assert_eq!(obstacle(&untitled, attributes("Cloud", None)), Some(Obstacle::Audience { id: id(A) }));
    let other = format!("{WHOLE}\n{A},course,{COURSE},Old,,,\n");
    let title = "Old".to_owned();
    assert_eq!(obstacle(&other, attributes("Cloud", None)), Some(Obstacle::OtherTitle { id: id(A), title }));
    // The state knows that title: only the configuration has a new one.
    let renamed = adoptions(
        &table(&other),
        &desired([("a", attributes("Cloud", None))]),
        &document([("a", known("Old", None))]),
    );
    assert_eq!(renamed.adopted, [(key("a"), id(A))].into());
    let twice = format!("{WHOLE}\n{A},course,{COURSE},Cloud,,,\n{B},course,{COURSE},Cloud,,,\n");
    let ids = vec![id(A), id(B)];
    assert_eq!(obstacle(&twice, attributes("Cloud", None)), Some(Obstacle::Several { ids }));
}

proptest::proptest! {
    /// Whatever the bytes, there is a table or there are findings, and each finding lies in the file.
    #[test]
    fn any_bytes_are_read_or_refused(
        text in "(id|resourcetype|resourceid|title|[,;\t\"\r\n]|sep=|course|8f14e45f-ceea-467f-a0e6-6b2d6a6f6f0a|.){0,40}"
    ) {
        match read(Path::new("a"), text.as_bytes()) {
            Ok(table) => {
                proptest::prop_assert!(table.templates.iter().all(|template| template.line > 1));
                proptest::prop_assert_eq!(table.findings.is_empty(), table.unreadable.is_empty());
            }
            Err(findings) => {
                let lines = text.lines().count() + 1;
                proptest::prop_assert!(!findings.is_empty());
                proptest::prop_assert!(findings.iter().all(|finding| (1..=lines).contains(&finding.place.line)));
            }
        }
    }
}
