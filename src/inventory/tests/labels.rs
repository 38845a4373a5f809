//! The export of labels, joined with that of templates.

use serde_json::{Value, json};

use super::*;

const FIELD: &str = "00000000-0000-4000-8000-0000000000f1";
const OTHER: &str = "00000000-0000-4000-8000-0000000000f2";
const HEAD: &str = "certificatetemplateid,certificatefieldid,x,y,fontsize,fontcolor,textalign,statusgroup\n";

fn two_templates() -> Observation {
    table(&format!(
        "id,resourcetype,resourceid,title,usercustomfieldslug,usercustomfieldvalue\n{A},course,{COURSE},Cloud,,\n{B},course,{A},Data,,\n"
    ))
}

fn joined(lines: &str) -> Observation {
    let labels = read_labels(Path::new("labels.csv"), format!("{HEAD}{lines}").as_bytes(), now()).unwrap();
    two_templates().with_labels(labels)
}

fn labels(table: &Observation, position: usize) -> Option<&Value> {
    table.templates[position].values.get("labels")
}

#[test]
fn labels_are_sorted_by_field() {
    let table = joined(&format!("{A},{OTHER},1,2,12,#000,center,a\n{A},{FIELD},120,300,32,#1a2b3c,left,a\n"));
    let expected = json!([
        {"certificateFieldId": FIELD, "fontColor": "#1a2b3c", "fontSize": 32, "textAlign": "left", "x": 120, "y": 300},
        {"certificateFieldId": OTHER, "fontColor": "#000", "fontSize": 12, "textAlign": "center", "x": 1, "y": 2},
    ]);
    assert_eq!(labels(&table, 0), Some(&expected));
    assert!(table.sees(&table.templates[0], "labels"));
}

#[test]
fn templates_without_lines_have_unseen_labels() {
    let table = joined(&format!("{A},{FIELD},1,2,12,#000,center,a\n"));
    assert_eq!(labels(&table, 1), None);
    assert!(!table.sees(&table.templates[1], "labels"));
}

#[test]
fn deleted_and_repeated_lines_do_not_count() {
    let live = format!("{A},{FIELD},1,2,12,#000,center,a\n");
    let table = joined(&format!("{live}{live}{A},{FIELD},9,9,99,#fff,left,d\n"));
    assert_eq!(labels(&table, 0).unwrap().as_array().unwrap().len(), 1);
    assert_eq!(table.findings, []);
}

#[test]
fn unreadable_labels_make_their_template_unreadable() {
    for (line, expected) in [
        (format!("{A},{FIELD},x,2,12,#000,center,a\n"), "\"x\" in the column x is not a whole number"),
        (format!("{A},{FIELD},-5,2,12,#000,center,a\n"), "certctl would not accept this label"),
        (format!("{A},,1,2,12,#000,center,a\n"), "the certificatefieldid of this label is missing"),
        (
            format!("{A},{FIELD},1,2,12,#000,center,a\n{A},{FIELD},2,2,12,#000,center,a\n"),
            "line 2 has another label of this template for the field",
        ),
        (format!("{A},{FIELD},1,2,12,#000,center,gone\n"), "is not a statusgroup"),
        (format!("{A},{FIELD},1,2,12"), "and the file ends here"),
    ] {
        let table = joined(&line);
        assert_eq!(table.templates.len(), 1, "{line}");
        let place = SeenAt::Line { file: Path::new("labels.csv").into(), line: line.lines().count() + 1 };
        let places: Vec<&SeenAt> = table.unreadable.iter().map(|seen| &seen.seen_at).collect();
        assert_eq!(places, [&place], "{line}");
        assert!(
            table.findings.iter().any(|finding| finding.message.contains(expected)),
            "{:?}",
            table.findings
        );
    }
}

#[test]
fn lines_without_a_template_are_findings() {
    let table = joined(&format!("7,{FIELD},1,2,12,#000,center,a\n,{FIELD},1,2,12,#000,center,a\n"));
    assert_eq!((table.templates.len(), table.findings.len()), (2, 2));
}

#[test]
fn no_list_is_complete_beside_a_label_of_any_template() {
    let whole = format!("{A},{FIELD},1,2,12,#000,center,a\n");
    for template in ["", "7", &A[..20]] {
        let table = joined(&format!("{whole}{template},{OTHER},1,2,12,#000,center,a\n"));
        assert!(!table.sees(&table.templates[0], "labels"), "{template}");
        let table = joined(&format!("{whole}{template},{OTHER},1,2,12,#000,center,d\n"));
        assert!(table.sees(&table.templates[0], "labels"), "{template}");
    }
}

#[test]
fn labels_need_their_template() {
    let table = joined(&format!("{C},{FIELD},1,2,12,#000,center,a\n{C},{OTHER},1,2,12,#000,center,a\n"));
    let expected = format!("2:1 the export of templates has no template {C}, which this label is for");
    assert_eq!(wrong(&table), [expected]);
    // Deleted, foreign and unreadable templates are there.
    for line in [
        format!("{C},course,{COURSE},x,,,d"),
        format!("{C},bundle,{COURSE},x,,,"),
        format!("{C},course,{COURSE},x,,,z"),
    ] {
        let head = "id,resourcetype,resourceid,title,usercustomfieldslug,usercustomfieldvalue,statusgroup";
        let labels = format!("{HEAD}{C},{FIELD},1,2,12,#000,center,a\n");
        let labels = read_labels(Path::new("labels.csv"), labels.as_bytes(), now()).unwrap();
        let table = super::table(&format!("{head}\n{line}\n")).with_labels(labels);
        assert!(!wrong(&table).iter().any(|said| said.contains("which this label is for")), "{line}");
    }
}

#[test]
fn labels_need_their_field() {
    let lines = format!("{HEAD}{A},{FIELD},1,2,12,#000,center,a\n{A},{OTHER},1,2,12,#000,center,a\n");
    let labels = read_labels(Path::new("labels.csv"), lines.as_bytes(), now()).unwrap();
    let fields =
        read_fields(Path::new("fields.csv"), format!("id,label\n{OTHER},Name\n").as_bytes()).unwrap();
    let table = two_templates().with_labels(labels.checked_with(&fields));
    assert_eq!(wrong(&table), [format!("2:38 the export of certificate fields has no field {FIELD}")]);
    assert!(table.sees(&table.templates[0], "labels"), "they are what the server has");
}

#[test]
fn columns_are_required() {
    let error = read_labels(Path::new("labels.csv"), &b"certificatetemplateid,x\n"[..], now()).unwrap_err();
    assert!(error[0].message.contains("certificatefieldid"), "{error:?}");
}
