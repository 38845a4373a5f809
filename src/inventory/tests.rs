//! Tests with exports as spreadsheets and SQL clients write them.

mod adopting;
mod counting;
mod drifting;
mod explaining;
mod extra;
mod labels;
mod observing;
mod piecewise;
mod recovering;
mod settling;
mod unreadable;

use std::path::Path;
use std::sync::Arc;

use serde_json::json;

use super::*;
use crate::desired::{Desired, Template, WrittenPlaces};
use crate::model::{Attributes, Key, TemplateId, Timestamp};
use crate::state::{
    Attempt, Attempts, Confirmed, Document, IdSource, Identity, Operation, Resolution, Row, RowFailure,
    RowState, StateIdentity,
};

const A: &str = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f0a";
const B: &str = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f0b";
const C: &str = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f0c";
const COURSE: &str = "00000000-0000-4000-8000-000000000001";
/// 2027-01-15 08:00:00 UTC.
const SENT: i64 = 1_800_000_000;

/// One day later.
fn now() -> Timestamp {
    Timestamp::from_unix_seconds(SENT + 24 * 3600)
}

fn table(text: &str) -> Observation {
    read_templates(Path::new("export.csv"), text.as_bytes(), now()).unwrap()
}

fn at_line(line: usize) -> SeenAt {
    SeenAt::Line { file: Arc::from(Path::new("export.csv")), line }
}

/// The lines of the existing templates.
fn lines(observation: &Observation) -> Vec<usize> {
    observation.templates.iter().filter_map(|template| template.seen_at.line()).collect()
}

/// Returns the findings as `line:column message`.
fn file_errors(text: &str) -> Vec<String> {
    read_templates(Path::new("export.csv"), text.as_bytes(), now()).unwrap_err().iter().map(located).collect()
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

fn row(state: RowState) -> Row {
    Row { state, ..Row::default() }
}

fn known(title: &str, id: Option<(&str, IdSource)>) -> Row {
    let attributes = attributes(title, None);
    let known = Confirmed {
        digest: attributes.digest(),
        attributes,
        applied_at: None,
        applied_by: None,
        seen_in: None,
    };
    let identity = id.map(|(text, source)| Identity { id: self::id(text), source });
    Row { confirmed: Some(known), identity, ..row(RowState::Applied) }
}

fn in_doubt(title: &str, audience: Option<&str>) -> Row {
    let attributes = attributes(title, audience);
    let at = Timestamp::from_unix_seconds(SENT);
    let attempt = Attempt {
        possibly_set_fields: std::collections::BTreeSet::default(),
        at,
        digest: attributes.digest(),
        attributes,
        batch: "1-1".to_owned(),
        candidate_ids: Vec::new(),
        operation: Operation::Create,
        job: None,
        requested_by_user: false,
        sent_by: None,
    };
    let error = RowFailure { at, message: "?".to_owned(), record: None };
    Row { attempts: Attempts::of(vec![attempt]), ..row(RowState::InDoubt { error }) }
}

fn document(rows: impl IntoIterator<Item = (&'static str, Row)>) -> Document {
    let identity = StateIdentity { environment: "test".to_owned(), url: "sandbox".to_owned() };
    let templates = rows.into_iter().map(|(name, row)| (key(name), row)).collect();
    Document { templates, ..Document::empty(&identity, "l".to_owned()) }
}

fn desired(templates: impl IntoIterator<Item = (&'static str, Attributes)>) -> Desired {
    let template = |attributes| Template {
        attributes,
        protect: false,
        written: WrittenPlaces::default(),
        canvas: None,
        file: Arc::from(Path::new("a.yaml")),
    };
    Desired::from_templates(templates.into_iter().map(|(name, a)| (key(name), template(a))), Vec::new())
}

/// Returns the findings about single lines as `line:column message`.
fn wrong(table: &Observation) -> Vec<String> {
    table.findings.iter().map(located).collect()
}

fn located(finding: &crate::model::Finding) -> String {
    format!("{}:{} {}", finding.place.line, finding.place.column, finding.message)
}

fn finding(csv: &str, document: &Document) -> InventoryFinding {
    let mut finding = settlements(&table(csv), document, &[&key("a")]).remove(0).1;
    // What it holds has tests of its own.
    if let InventoryFinding::Settles(settlement) = &mut finding {
        settlement.baseline = None;
    }
    finding
}

fn settles(resolution: Resolution, unsure: Option<Unsure>) -> InventoryFinding {
    InventoryFinding::Settles(Settlement { resolution, unsure, baseline: None })
}

#[test]
fn all_layouts_of_an_export_are_equal() {
    let plain = table(&format!("id,resourcetype,resourceid,title\n{A},course,{COURSE},\"Cloud, 101\"\n"));
    assert_eq!(plain.templates.len(), 1);
    assert_eq!(plain.templates[0].title(), Some("Cloud, 101"));
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
        other.templates[0].seen_at = plain.templates[0].seen_at.clone();
        other.not_kept.clear();
        assert_eq!(other, plain, "{dress:?}");
    }
}

#[test]
fn deleted_and_foreign_lines_are_skipped() {
    let text = format!(
        "id,resourcetype,resourceid,status_group,deleted\n{A},course,{COURSE},d,\n{B},course,{COURSE},,WAHR\n\
         {B},bundle,{COURSE},a,false\n{C},learningPath,{COURSE},i,f\n"
    );
    let table = table(&text);
    assert_eq!((table.deleted.len(), table.templates.len()), (2, 1));
    assert_eq!(table.foreign, [Foreign { resource_type: "bundle".to_owned(), seen_at: at_line(4) }]);
    assert_eq!(table.templates[0].natural_key.resource_type, "learningPath");
    assert_eq!(lines(&table), [5]);
}

/// Their cells may come from other systems, and say nothing about an existing template.
#[test]
fn cells_of_skipped_lines_are_not_read() {
    let header = "id,resourcetype,resourceid,title,expirationdays,expirationdate,updatedat,statusgroup";
    let live = format!("{A},course,{COURSE},Cloud,365,,{LATER},a");
    for passed_over in [
        format!("{B},course,{COURSE},Cloud,soon,,{LATER},d"),
        format!("{B},course,{COURSE},,365,2027-12-31,{LATER},d"),
        format!("4711,bundle,{COURSE},Cloud,365,,{LATER},a"),
        format!("{B},bundle,{COURSE},Cloud,soon,yesterday,1/1/2020 0:00,archived"),
    ] {
        let table = table(&format!("{header}\n{live}\n{passed_over}\n"));
        assert_eq!(wrong(&table), [""; 0], "{passed_over}");
        assert_eq!(table.templates.len(), 1, "{passed_over}");
        assert_eq!(table.deleted.len() + table.foreign.len(), 1, "{passed_over}");
    }
    // Only the id, and the fact that it was deleted, are read.
    for (unread, column) in [("4711", 1), (A, 94)] {
        let group = if unread == A { "gone" } else { "d" };
        let table = table(&format!("{header}\n{unread},course,{COURSE},Cloud,365,,,{group}\n"));
        assert_eq!((wrong(&table).len(), table.findings[0].place.column), (1, column), "{unread}");
    }
}

/// Every column that settles a row.
const WHOLE: &str = "id,resourcetype,resourceid,title,usercustomfieldslug,usercustomfieldvalue,updatedat";
/// One second after the attempt.
const LATER: &str = "2027-01-15 08:00:01.000000";

fn created() -> InventoryFinding {
    settles(Resolution::Created { id: id(A) }, None)
}

fn exists(unsure: Unsure) -> InventoryFinding {
    settles(Resolution::Exists { id: id(A) }, Some(unsure))
}

fn stays(why: StaysInDoubt) -> InventoryFinding {
    InventoryFinding::StaysInDoubt(why)
}

fn missing() -> InventoryFinding {
    stays(StaysInDoubt::Missing { deleted: None, unreadable: 0 })
}

proptest::proptest! {
    /// Any bytes give a table or findings, and each finding is inside the file.
    #[test]
    fn any_bytes_are_read_or_refused(
        text in "(id|resourcetype|resourceid|title|[,;\t\"\r\n]|sep=|course|8f14e45f-ceea-467f-a0e6-6b2d6a6f6f0a|.){0,40}"
    ) {
        match read_templates(Path::new("a"), text.as_bytes(), now()) {
            Ok(table) => {
                proptest::prop_assert!(self::lines(&table).iter().all(|line| *line > 1));
                proptest::prop_assert!(table.unreadable.is_empty() || !table.findings.is_empty());
            }
            Err(findings) => {
                let lines = text.lines().count() + 1;
                proptest::prop_assert!(!findings.is_empty());
                proptest::prop_assert!(findings.iter().all(|finding| (1..=lines).contains(&finding.place.line)));
            }
        }
    }
}
