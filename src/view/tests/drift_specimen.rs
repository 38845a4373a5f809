//! A comparison of server and state with something in every section, shared by the tests of all formats.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};

use super::specimens::attributes;
use crate::inventory::{LearnerCounts, Observation, count_learners, drift, read_labels, read_templates};
use crate::model::{CertificateField, IgnoredDrift, Key, SourceLocation, TemplateId, Timestamp};
use crate::state::{
    Attempt, Attempts, Confirmed, Document, IdSource, Identity, Operation, Row, RowFailure, RowState,
    StateIdentity,
};
use crate::view::{DriftContext, DriftView, Note, Words};

/// 2027-01-15 08:00:00 UTC.
const APPLIED: i64 = 1_800_000_000;
const FIELD: &str = "f6fadfa7-e5c1-4b62-9362-da5cc13da58a";

fn id(number: usize) -> String {
    format!("8f14e45f-ceea-467f-a0e6-{number:012}")
}

fn course(number: usize) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(APPLIED + seconds)
}

/// The row of a template that was applied.
fn applied(number: usize, more: Value) -> Row {
    let mut all =
        json!({ "title": format!("Title {number}"), "resourceType": "course", "resourceId": course(number) });
    if let (Value::Object(all), Value::Object(more)) = (&mut all, more) {
        all.extend(more);
    }
    let attributes = attributes(all);
    let known = Confirmed {
        digest: attributes.digest(),
        attributes,
        applied_at: Some(at(0)),
        applied_by: None,
        seen_in: None,
    };
    let identity = Identity { id: TemplateId::parse_uuid(&id(number)).unwrap(), source: IdSource::Exact };
    Row { confirmed: Some(known), identity: Some(identity), ..Row::default() }
}

/// A row with the id of another template, from its position in a response.
fn with_wrong_id(row: Row) -> Row {
    let identity = Identity { id: TemplateId::parse_uuid(&id(808)).unwrap(), source: IdSource::Positional };
    Row { identity: Some(identity), ..row }
}

fn in_doubt(number: usize) -> Row {
    let attributes =
        attributes(json!({ "title": "?", "resourceType": "course", "resourceId": course(number) }));
    let attempt = Attempt {
        possibly_set_fields: BTreeSet::default(),
        at: at(0),
        digest: attributes.digest(),
        attributes,
        batch: "1-1".to_owned(),
        candidate_ids: Vec::new(),
        operation: Operation::Create,
        job: None,
        requested_by_user: false,
        sent_by: None,
    };
    let error = RowFailure { at: at(0), message: "?".to_owned(), record: None };
    Row { attempts: Attempts::of(vec![attempt]), state: RowState::InDoubt { error }, ..Row::default() }
}

fn document() -> Document {
    let label = json!([{ "certificateFieldId": FIELD, "x": 120, "y": 300, "fontSize": 32, "fontColor": "#1a2b3c", "textAlign": "center" }]);
    let rows = [
        ("cloud-101", applied(1, json!({ "labels": label, "expirationDays": 365 }))),
        ("cloud-201", applied(2, json!({ "customCss": "a {\n  color: red;\n}\n", "expirationDays": 365 }))),
        ("data-101", applied(3, json!({}))),
        ("data-201", applied(4, json!({ "labels": label }))),
        ("old-101", applied(5, json!({}))),
        ("old-201", applied(6, json!({}))),
        ("open-101", in_doubt(7)),
        ("same-101", with_wrong_id(applied(8, json!({})))),
        ("twice-101", applied(9, json!({}))),
    ];
    let identity =
        StateIdentity { environment: "test".to_owned(), url: "https://academy.example.com".to_owned() };
    let templates = rows.into_iter().map(|(key, row)| (Key::new(key).unwrap(), row)).collect();
    Document { templates, ..Document::empty(&identity, "l".to_owned()) }
}

fn observation() -> Observation {
    let line = |number: usize, title: &str, days: &str, styles: &str, status: &str, seconds: i64| {
        format!(
            "{},course,{},{title},{days},{styles},,,{status},{}\n",
            id(number),
            course(number),
            at(seconds)
        )
    };
    let head = "id,resourcetype,resourceid,title,expirationdays,customcss,usercustomfieldslug,usercustomfieldvalue,statusgroup,updatedat\n";
    let lines = [
        line(1, "Title 1 edited", "730", "", "a", 1000),
        line(2, "Title 2", "365", "\"a {\n  color: blue;\n}\n\"", "a", 2000),
        line(3, "Title 3", "", "", "d", 3000),
        line(4, "Title 4", "", "", "a", 10),
        line(5, "Old title", "", "", "a", -100_000),
        line(7, "?", "", "", "a", 10),
        line(8, "Title 8", "", "", "a", 10),
        line(9, "Title 9", "soon", "", "a", 10),
        line(101, "By hand", "", "", "a", 10),
        line(102, "", "", "", "a", 10),
    ];
    let text = format!("{head}{}", lines.concat());
    let labels = format!(
        "certificatetemplateid,certificatefieldid,x,y,fontsize,fontcolor,textalign\n{},{FIELD},140,300,32,#1a2b3c,center\n",
        id(1)
    );
    let observation =
        read_templates(Path::new("templates.csv"), text.as_bytes(), at(24 * 3600), &[]).unwrap();
    observation.with_labels(read_labels(Path::new("labels.csv"), labels.as_bytes(), at(24 * 3600)).unwrap())
}

fn learners() -> LearnerCounts {
    let lines = [format!("{},ann\n", id(1)), format!("{},ben\n", id(1)), format!("{},ann\n", id(3))].concat();
    count_learners(Path::new("certificates.csv"), format!("templateid,userid\n{lines}").as_bytes()).unwrap()
}

fn entry(key: &str, attributes: &[&str], reason: &str) -> IgnoredDrift {
    IgnoredDrift {
        keys: vec![glob::Pattern::new(key).unwrap()],
        attributes: attributes.iter().map(ToString::to_string).collect(),
        reason: reason.to_owned(),
        until: Some(jiff::civil::date(2027, 3, 31)),
        place: SourceLocation { line: 12, ..SourceLocation::whole_file("certctl.toml") },
    }
}

/// Gives a comparison with something in every section to `test`.
pub(crate) fn with_drift<R>(test: impl FnOnce(&DriftView<'_>) -> R) -> R {
    let (document, observation) = (document(), observation().with_learners(learners()));
    let entries = [entry("cloud-*", &["expirationDays"], "two years, says `legal`"), entry("x", &[], "idle")];
    let keys = document.templates.keys().cloned().collect();
    let explained = drift(&observation, &document).explained_by(&entries, at(0).utc_date(), &keys);
    let field = CertificateField { name: Some("learner name".to_owned()), prints: None };
    let fields = BTreeMap::from([(FIELD.to_owned(), field)]);
    let context = DriftContext {
        environment: "test",
        url: "https://academy.example.com",
        observation: &observation,
        document: &document,
        explained: &explained,
        fields: &fields,
        findings: &observation.findings,
        selection: None,
        is_taken: false,
    };
    test(&DriftView::new(context, vec![Note::of(Words::own("the state is behind"))]))
}
