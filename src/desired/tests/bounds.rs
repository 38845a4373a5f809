//! Limits of memory and time for template files.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use super::super::LoadError;
use super::super::alias_limits::Weight;
use super::super::weigh::weigh;
use super::{UUID, findings, load_files, load_with};
use crate::config::Variable;
use crate::model::{Finding, SharedValue, SourceText};

fn css() -> String {
    "a { color: red; }\n".repeat(100)
}

fn template(number: usize, line: &str) -> String {
    format!(
        "  t{number}:\n    title: T\n    resourceType: course\n    resourceId: {}\n    {line}\n",
        id(number)
    )
}

fn id(number: usize) -> String {
    format!("{number:08x}{}", &UUID[8..])
}

/// Whether all templates share one style sheet in memory.
fn is_shared(desired: &super::super::Desired) -> bool {
    let sheets: Vec<&SharedValue> = desired
        .templates
        .values()
        .filter_map(|template| template.attributes.shared().find(|(name, _)| *name == "customCss"))
        .map(|(_, value)| value)
        .collect();
    assert_eq!(sheets.len(), desired.templates.len());
    sheets.iter().all(|sheet| sheet.is_stored_with(sheets[0]))
}

#[test]
fn a_shared_style_sheet_is_stored_once() {
    let indented: String = css().lines().map(|line| format!("      {line}\n")).collect();
    let layout = format!("layouts:\n  l:\n    customCss: |\n{indented}");
    let of_layout: String = (0..50).map(|number| template(number, "layout: l")).collect();
    let desired =
        load_files(&[("a.yaml", &layout), ("b.yaml", &format!("templates:\n{of_layout}"))]).unwrap();
    assert!(is_shared(&desired));
    let written: String = (0..3).map(|number| template(number, "customCss: |") + &indented).collect();
    assert!(is_shared(&load_files(&[("a.yaml", &format!("templates:\n{written}"))]).unwrap()));
    let by_variable: String = (0..50).map(|number| template(number, "customCss: ${var.css}")).collect();
    let variables = BTreeMap::from([("css".to_owned(), Variable::flag(css()))]);
    assert!(is_shared(&load_with(&[("a.yaml", &format!("templates:\n{by_variable}"))], &variables).unwrap()));
}

#[test]
fn state_and_configuration_share_equal_values() {
    let text = format!("templates:\n{}", template(1, &format!("customCss: {:?}", css())));
    let desired = load_files(&[("a.yaml", &text)]).unwrap();
    let ours = &desired.templates.values().next().unwrap().attributes;
    let read: crate::model::Attributes = serde_json::from_str(&serde_json::to_string(ours).unwrap()).unwrap();
    let sheet = |attributes: &crate::model::Attributes| {
        attributes.shared().find(|(name, _)| *name == "customCss").unwrap().1.clone()
    };
    assert!(sheet(ours).is_stored_with(&sheet(&read)));
    assert_eq!(ours.get("customCss"), Some(&Value::from(css())));
}

#[test]
fn a_text_made_huge_by_variables_is_refused() {
    let variables = BTreeMap::from([("v".to_owned(), Variable::flag("x".repeat(1 << 20)))]);
    let text = format!("templates:\n{}", template(1, &format!("customCss: \"{}\"", "${var.v}".repeat(20))));
    let Err(LoadError::Findings { findings: found, .. }) = load_with(&[("a.yaml", &text)], &variables) else {
        panic!("it passed")
    };
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].place.line, found[0].rule), (6, "too-much"));
    assert!(found[0].message.contains("longer than 16 MB"), "{found:?}");
    assert!(load_with(&[("a.yaml", &text.replacen(&"${var.v}".repeat(10), "", 1))], &variables).is_ok());
}

/// The weight of each of these files, under one limit for all.
fn weighed(texts: &[&str], most: Weight, variables: &BTreeMap<String, Variable>) -> Vec<Result<u64, String>> {
    let names: Vec<Arc<Path>> =
        (0..texts.len()).map(|number| Arc::from(Path::new(&format!("{number}.yaml")))).collect();
    let sources: Vec<SourceText> =
        names.iter().zip(texts).map(|(name, text)| SourceText::new(&**name, text)).collect();
    let files: Vec<_> = names.iter().zip(&sources).collect();
    let outcome = |weight: Result<Weight, Box<Finding>>| match weight {
        Ok(weight) => Ok(weight.nodes.max(weight.bytes)),
        Err(found) => Err(format!("{} {}", found.place, found.rule)),
    };
    weigh(&files, variables, most).into_iter().map(outcome).collect()
}

#[test]
fn all_files_share_one_limit() {
    let variables = BTreeMap::from([("v".to_owned(), Variable::flag("x".repeat(1008)))]);
    let text = "a: \"1 ${var.v}\"\nb: \"2 ${var.v}\"\n";
    let most = |bytes| Weight { nodes: 0, bytes };
    let too_much = |place: &str| Err(format!("{place} too-much"));
    // Within the limit, each mention counts in full; at the limit, written text is subtracted.
    assert_eq!(weighed(&[text, text], most(4032), &variables), [Ok(2016), Ok(2016)]);
    assert_eq!(weighed(&[text, text], most(4016), &variables), [Ok(2016), Ok(2000)]);
    assert_eq!(weighed(&[text, text], most(4015), &variables), [Ok(2016), too_much("1.yaml:2:1")]);
    let outcome = weighed(&[text, "a: b\n", text], most(999), &variables);
    assert_eq!(outcome, [too_much("0.yaml:1:1"), Ok(0), too_much("2.yaml:1:1")]);
    let aliases = "a: &a [1, 2, 3]\nb: *a\nc: *a\n";
    let most = |nodes| Weight { nodes, bytes: 100 };
    assert_eq!(weighed(&[aliases, aliases], most(16), &variables), [Ok(8), Ok(8)]);
    assert_eq!(weighed(&[aliases, aliases], most(15), &variables), [Ok(8), too_much("1.yaml:3:1")]);
}

#[test]
fn aliases_expand_to_no_more_than_weighed() {
    let list = ["lol"; 1000].join(", ");
    let templates: String = (0..3000).map(|number| template(number, "extra: { a: [*a, *a, *a] }")).collect();
    let found = findings(&[("a.yaml", &format!("x-a: &a [{list}]\ntemplates:\n{templates}"))]);
    assert_eq!((found.len(), found[0].rule), (1, "too-much"));
    assert!(found[0].place.line > 10_000, "{found:?}");
}
