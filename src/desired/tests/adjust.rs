//! Single labels of an inherited list, changed by a template.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{UUID, load_all, load_in_memory};
use crate::config::Variable;
use crate::desired::{Desired, LoadError};
use crate::model::{Finding, Key};

const NAME: &str = "11111111-aaaa-4000-8000-000000000001";
const DATE: &str = "22222222-bbbb-4000-8000-000000000002";

fn variables() -> BTreeMap<String, Variable> {
    BTreeMap::from([
        ("field_name".to_owned(), Variable::flag(NAME.to_uppercase())),
        ("field_date".to_owned(), Variable::flag(DATE)),
        ("wide".to_owned(), Variable::flag("700")),
    ])
}

fn load(text: &str) -> Result<Desired, LoadError> {
    load_all(&[("a.yaml", text)], &["templates/**/*.yaml"], false, &variables())
}

const LAYOUT: &str = "layouts:
  wide:
    labels:
      - { certificateFieldId: \"${var.field_date}\", x: 1, y: 2, fontSize: 10, fontColor: \"#111111\", textAlign: left }
      - { certificateFieldId: \"${var.field_name}\", x: 3, y: 4 }
defaults: { resourceType: course, title: T }
";

/// The layout, and a template with this beside its id.
fn file(own: &str) -> String {
    format!("{LAYOUT}templates:\n  one:\n    resourceId: {UUID}\n{own}")
}

fn labels(text: &str) -> Value {
    let desired = load(text).unwrap_or_else(|error| panic!("{error:?}\n{text}"));
    desired.templates[&Key::new("one").unwrap()].attributes.get("labels").cloned().unwrap()
}

fn findings(text: &str) -> Vec<Finding> {
    match load(text) {
        Err(LoadError::Findings { findings, .. }) => findings,
        other => panic!("expected findings, not {other:?}"),
    }
}

/// The findings about a template with `layout: wide` and this, as `line:column rule message; help`. Its own lines begin with
/// the tenth.
fn told(adjust: &str) -> Vec<String> {
    let words = |found: Finding| {
        let help = found.help.map(|help| format!("; {help}")).unwrap_or_default();
        let place = found.place;
        let is_shown = !place.source_line.is_empty() || found.message.contains("this is a number");
        assert!(is_shown, "{}", found.message);
        format!("{}:{} {}: {}{help}", place.line, place.column, found.rule, found.message)
    };
    findings(&file(&format!("    layout: wide\n{adjust}"))).into_iter().map(words).collect()
}

#[test]
fn named_labels_change_and_others_stay() {
    for name in ["field_name", "\"${var.field_name}\"", "${ var.field_name }", NAME, &NAME.to_uppercase()] {
        let text =
            file(&format!("    layout: wide\n    adjust:\n      {name}: {{ x: 30, fontColor: \"#fff\" }}\n"));
        let name = json!({ "certificateFieldId": NAME, "x": 30, "y": 4, "fontColor": "#fff" });
        let date = json!({ "certificateFieldId": DATE, "x": 1, "y": 2, "fontSize": 10, "fontColor": "#111111", "textAlign": "left" });
        assert_eq!(labels(&text), json!([name, date]), "{text}");
    }
}

#[test]
fn variables_in_changes_are_replaced() {
    let text = file("    layout: wide\n    adjust: { field_name: { x: \"${var.wide}\" } }\n");
    assert_eq!(labels(&text)[0]["x"], json!(700));
}

#[test]
fn null_removes_what_the_label_has() {
    let text = file(
        "    layout: wide\n    adjust: { field_date: { fontSize: ~, textAlign: null }, field_name: { fontSize: ~ } }\n",
    );
    assert_eq!(
        labels(&text),
        json!([
            { "certificateFieldId": NAME, "x": 3, "y": 4 },
            { "certificateFieldId": DATE, "x": 1, "y": 2, "fontColor": "#111111" },
        ])
    );
}

#[test]
fn an_empty_adjustment_changes_nothing() {
    let plain = labels(&file("    layout: wide\n"));
    for adjust in ["adjust: ~", "adjust: {}", "adjust: { field_name: {} }", "adjust: { field_name: ~ }"] {
        assert_eq!(labels(&file(&format!("    layout: wide\n    {adjust}\n"))), plain, "{adjust}");
    }
}

#[test]
fn labels_of_defaults_are_adjusted_too() {
    let text = format!(
        "defaults:\n  resourceType: course\n  title: T\n  labels: [{{ certificateFieldId: {NAME}, x: 1 }}]\n\
         templates:\n  one: {{ resourceId: {UUID}, adjust: {{ field_name: {{ x: 2 }} }} }}\n"
    );
    assert_eq!(labels(&text), json!([{ "certificateFieldId": NAME, "x": 2 }]));
    let found = findings(&text.replace("field_name: {", "field_date: {"));
    assert_eq!(
        found[0].message,
        "there is no label field_date in the file's defaults (did you mean field_name?)"
    );
}

#[test]
fn the_layout_of_the_file_is_adjusted() {
    let text = file("    adjust: { field_name: { x: 2 } }\n").replace("title: T", "title: T, layout: wide");
    assert_eq!(labels(&text)[0]["x"], json!(2));
}

#[test]
fn an_unknown_label_is_reported_with_the_nearest() {
    assert_eq!(
        told("    adjust:\n      field_nane: { x: 1 }\n"),
        [
            "12:7 adjust: there is no label field_nane in the layout wide (did you mean field_name?); it has field_date and field_name"
        ]
    );
    assert_eq!(
        told("    adjust:\n      field_name: { x: 1 }\n      ${var.nowhere}: { x: 1 }\n"),
        [
            "13:7 adjust: there is no label ${var.nowhere} in the layout wide; it has field_date and field_name"
        ]
    );
    let other = NAME.replace("aaaa", "aaab");
    assert_eq!(
        told(&format!("    adjust:\n      {other}: {{ x: 1 }}\n")),
        [format!(
            "12:7 adjust: there is no label {other} in the layout wide; it has field_date and field_name"
        )]
    );
}

#[test]
fn values_are_checked_at_their_lines() {
    assert_eq!(
        told(
            "    adjust:\n      field_name:\n        x: -1\n        fontSize: big\n        fontColor: #123456\n        textAlign: right\n        colour: \"#000\"\n"
        ),
        [
            "13:12 range: x must be at least 0, and this is -1",
            "14:19 wrong-type: fontSize must be a whole number, and this is a string",
            "15:9 wrong-type: fontColor is empty: `#` begins a comment, so a colour is written in quotes, such as \"#1a2b3c\"",
            "16:20 enumeration: textAlign must be one of left, center",
            "17:9 unknown-field: colour is not allowed here; allowed are x, y, fontSize, fontColor, textAlign",
        ]
    );
    assert_eq!(
        told("    adjust:\n      field_name: { x: 1, certificateFieldId: x }\n"),
        ["12:27 adjust: certificateFieldId is not allowed here: an adjusted label keeps its field"]
    );
    let [found] = told("    adjust:\n      field_name: 10\n").try_into().unwrap();
    let expected =
        "12:19 wrong-type: an adjusted label must be a mapping, such as { x: 10 }, and this is a number";
    assert!(found.starts_with(expected), "{found}");
    assert_eq!(
        told("    adjust: [field_name]\n"),
        ["11:13 wrong-type: adjust must be a mapping (name: value), and this is a list"]
    );
}

#[test]
fn a_missing_variable_is_reported_in_its_environment_only() {
    let adjust = "    adjust:\n      field_name: { x: \"${var.gone}\" }\n";
    let [found] = told(adjust).try_into().unwrap();
    assert!(found.starts_with("12:25 undefined-variable: the variable gone is not set"), "{found}");
    let elsewhere = file(&format!("    layout: wide\n    environments: [production]\n{adjust}"));
    assert!(load(&elsewhere).is_ok());
}

#[test]
fn a_label_is_adjusted_once() {
    let text = file(&format!(
        "    layout: wide\n    adjust:\n      field_name: {{ x: 1 }}\n      {NAME}: {{ x: 1 }}\n"
    ));
    let [found] = findings(&text).try_into().unwrap();
    assert_eq!(found.message, format!("{NAME} is adjusted twice: it is the same label"));
    assert_eq!((found.place.line, found.related[0].0.line), (13, 12));
    assert_eq!(told("    adjust: { field_name: { x: 1 }, field_name: { x: 1 } }\n").len(), 1);
}

#[test]
fn there_must_be_labels_that_are_inherited() {
    let [beside] = told("    adjust: { field_name: { x: 1 } }\n    labels: []\n").try_into().unwrap();
    assert!(beside.starts_with("11:5 adjust: adjust is not allowed beside labels"), "{beside}");
    let found = findings(&file("    adjust: { field_name: { x: 1 } }\n"));
    assert_eq!(found.len(), 1);
    assert!(found[0].message.starts_with("there are no labels to adjust"), "{found:?}");
    assert_eq!(found[0].place.line, 10);
    // An unknown layout may have them.
    let found = findings(&file("    layout: wade\n    adjust: { field_name: { x: 1 } }\n"));
    assert_eq!(found.iter().map(|found| found.rule).collect::<Vec<_>>(), ["unknown-layout"]);
}

#[test]
fn a_label_without_a_value_is_found_by_its_variable() {
    let text = file("    layout: wide\n    adjust: { field_name: { x: 1 } }\n");
    let loaded = load_all(&[("a.yaml", &text)], &["templates/**/*.yaml"], false, &BTreeMap::new());
    let Err(LoadError::Findings { findings, .. }) = loaded else { panic!("{loaded:?}") };
    assert_eq!(findings.iter().map(|found| found.rule).collect::<Vec<_>>(), ["undefined-variable"]);
}

#[test]
fn the_line_of_a_label_is_the_one_that_adjusts_it() {
    let text = file("    layout: wide\n    adjust:\n      field_date: { x: 9 }\n");
    let desired = load_in_memory([("a.yaml", text)], &variables()).unwrap();
    let key = Key::new("one").unwrap();
    let at = |field: &str| {
        let places = desired.locate_labels(&[(key.clone(), field.to_owned())]);
        places[0].as_ref().map(|place| (place.line, place.source_line.trim().to_owned()))
    };
    assert_eq!(at(DATE), Some((12, "field_date: { x: 9 }".to_owned())));
    assert_eq!(at(NAME), Some((5, "- { certificateFieldId: \"${var.field_name}\", x: 3, y: 4 }".to_owned())));
    assert_eq!(at(UUID), None);
}

/// The fields of a label that can be changed, each absent, unset or set.
fn changes() -> impl Strategy<Value = Map<String, Value>> {
    let number = || prop_oneof![(5..50_i64).prop_map(Value::from), Just(Value::Null)];
    let align = prop_oneof![Just(json!("left")), Just(json!("center")), Just(Value::Null)];
    let colour = prop_oneof![Just(json!("#000000")), Just(json!("#abc"))];
    let fields = (
        prop::option::of(number()),
        prop::option::of(number()),
        prop::option::of(number()),
        prop::option::of(align),
        prop::option::of(colour),
    );
    fields.prop_map(|(x, y, size, align, colour)| {
        let all = [("x", x), ("y", y), ("fontSize", size), ("textAlign", align), ("fontColor", colour)];
        all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn adjusting_equals_writing_the_list_out(
        written in prop::collection::vec(changes(), 1..6),
        adjusted in prop::collection::btree_map(0..6_usize, changes(), 0..4),
    ) {
        let id = |number: usize| format!("{number:08x}-0000-4000-8000-00000000000a");
        let labels: Vec<Map<String, Value>> = written
            .into_iter()
            .enumerate()
            .map(|(number, mut label)| {
                label.retain(|_, value| !value.is_null());
                label.insert("certificateFieldId".to_owned(), json!(id(number)));
                label
            })
            .collect();
        let adjusted: BTreeMap<usize, Map<String, Value>> =
            adjusted.into_iter().filter(|(number, _)| *number < labels.len()).collect();
        let mut whole = labels.clone();
        for (number, changes) in &adjusted {
            whole[*number].extend(changes.clone());
            whole[*number].retain(|_, value| !value.is_null());
        }
        let adjust: BTreeMap<String, Map<String, Value>> =
            adjusted.into_iter().map(|(number, changes)| (id(number).to_uppercase(), changes)).collect();
        // JSON is YAML.
        let text = format!(
            "layouts: {}\ndefaults: {{ resourceType: course, title: T }}\ntemplates: {}\n",
            json!({ "l": { "labels": labels } }),
            json!({
                "one": { "resourceId": UUID, "layout": "l", "adjust": adjust },
                "two": { "resourceId": UUID.replace("01", "02"), "labels": whole },
            })
        );
        let desired = load(&text).unwrap_or_else(|error| panic!("{error:?}\n{text}"));
        let of = |key: &str| desired.templates[&Key::new(key).unwrap()].attributes.get("labels").cloned();
        prop_assert_eq!(of("one"), of("two"), "{}", text);
    }
}
