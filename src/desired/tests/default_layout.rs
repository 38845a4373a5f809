//! A layout for all templates of a file.

use std::collections::BTreeMap;

use super::{UUID, findings, load_files, load_with, places};
use crate::desired::LoadError;
use crate::model::Key;

const LAYOUTS: &str = "layouts:\n  a: { title: A }\n  b: { title: B }\n";

/// The title of the only template: of the layout it has, or `D` without one.
fn title(defaults: &str, own: &str) -> String {
    let text = format!(
        "{LAYOUTS}defaults: {{ resourceType: course, title: D{defaults} }}\n\
         templates:\n  one: {{ resourceId: {UUID}{own} }}\n"
    );
    let desired = load_files(&[("a.yaml", &text)]).unwrap_or_else(|error| panic!("{error:?}"));
    desired.templates[&Key::new("one").unwrap()].attributes.title().unwrap().to_owned()
}

#[test]
fn a_template_has_the_layout_of_its_file() {
    assert_eq!(title("", ""), "D");
    assert_eq!(title(", layout: a", ""), "A");
    assert_eq!(title(", layout: a", ", layout: b"), "B");
    assert_eq!(title(", layout: ~", ", layout: b"), "B");
}

#[test]
fn null_means_no_layout() {
    assert_eq!(title(", layout: a", ", layout: ~"), "D");
    assert_eq!(title(", layout: ~", ""), "D");
    assert_eq!(title("", ", layout: ~"), "D");
}

#[test]
fn the_layout_of_another_file_can_be_named() {
    let text = format!(
        "defaults: {{ resourceType: course, layout: a }}\ntemplates:\n  one: {{ resourceId: {UUID} }}\n"
    );
    let desired = load_files(&[("a.yaml", &text), ("b.yaml", LAYOUTS)]).unwrap();
    assert_eq!(desired.templates.values().next().unwrap().attributes.title(), Some("A"));
}

#[test]
fn an_unknown_layout_is_reported_once() {
    let text = format!(
        "{LAYOUTS}  landscape: {{ title: L }}\ndefaults:\n  layout: landscpe\n  resourceType: course\n\
         templates:\n  one: {{ resourceId: {UUID} }}\n  two: {{ resourceId: {UUID} }}\n"
    );
    let found = findings(&[("a.yaml", &text)]);
    let of_layout: Vec<_> = found.iter().filter(|finding| finding.rule == "unknown-layout").collect();
    let [finding] = of_layout.as_slice() else { panic!("{found:?}") };
    assert_eq!(finding.message, "there is no layout landscpe (did you mean landscape?)");
    assert_eq!((finding.place.line, finding.place.column), (6, 11));
    // The title that it would set is not missing.
    assert!(found.iter().all(|finding| finding.rule != "required-field"), "{found:?}");
    assert_eq!(places("defaults: { layout: x }\n"), ["1:21 unknown-layout"]);
}

#[test]
fn a_layout_is_named_by_a_string() {
    assert_eq!(places("defaults:\n  layout: [a]\n"), ["2:11 wrong-type"]);
    assert_eq!(places("layouts:\n  a: { layout: b }\n"), ["2:8 unknown-field"]);
    assert_eq!(
        places("defaults: { layout: a, layout: b }\nlayouts: { a: {}, b: {} }\n"),
        ["1:24 duplicate-key"]
    );
}

#[test]
fn a_missing_variable_counts_where_it_is_used() {
    let load = |own: &str| {
        let text = format!(
            "{LAYOUTS}defaults: {{ resourceType: course, layout: \"${{var.which}}\" }}\n\
             templates:\n  one: {{ title: T, resourceId: {UUID}{own} }}\n"
        );
        load_with(&[("a.yaml", &text)], &BTreeMap::new())
    };
    let Err(LoadError::Findings { findings, .. }) = load("") else { panic!() };
    assert_eq!(findings.iter().map(|finding| finding.rule).collect::<Vec<_>>(), ["undefined-variable"]);
    assert!(load(", layout: a").is_ok());
    assert!(load(", environments: [production]").is_ok());
}
