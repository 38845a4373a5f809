//! Variables in place of numbers and booleans, and variables without a value.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::LoadError;
use super::{UUID, load_with};
use crate::config::{Variable, VariableSource, VariableValue};
use crate::model::{Finding, Key, SourceText};

fn of(values: &[(&str, VariableValue)]) -> BTreeMap<String, Variable> {
    let source = SourceText::new("certctl.toml", "[environments.test.vars]\nd = 1\n");
    let variable = |value: &VariableValue| Variable {
        value: value.clone(),
        source: VariableSource::File(source.place(25..30)),
        is_defined: true,
    };
    values.iter().map(|(name, value)| ((*name).to_owned(), variable(value))).collect()
}

fn text(text: &str) -> VariableValue {
    VariableValue::Text(text.to_owned())
}

/// A valid template with these extra lines, which begin in line 6.
fn with(lines: &str) -> String {
    let lines: String = lines.lines().map(|line| format!("    {line}\n")).collect();
    format!("templates:\n  one:\n    title: One\n    resourceType: course\n    resourceId: {UUID}\n{lines}")
}

fn attribute(lines: &str, values: &[(&str, VariableValue)], name: &str) -> Value {
    let desired =
        load_with(&[("a.yaml", &with(lines))], &of(values)).unwrap_or_else(|error| panic!("{error:?}"));
    desired.templates[&Key::new("one").unwrap()].attributes.get(name).cloned().unwrap_or_default()
}

fn findings(text: &str, variables: &BTreeMap<String, Variable>) -> Vec<Finding> {
    match load_with(&[("a.yaml", text)], variables) {
        Err(LoadError::Findings { findings, .. }) => findings,
        other => panic!("expected findings, not {other:?}"),
    }
}

#[test]
fn a_variable_alone_is_what_its_field_takes() {
    for value in [VariableValue::Integer(365), text("365"), text(" 365")] {
        for line in ["expirationDays: ${var.d}", "expirationDays: \"${ var.d }\""] {
            assert_eq!(
                attribute(line, &[("d", value.clone())], "expirationDays"),
                json!(365),
                "{line} {value:?}"
            );
        }
    }
    let reset = "recertificationAction: resetProgress\nrecertificationAutoReset: ${var.r}";
    for value in [VariableValue::Boolean(true), text("true")] {
        assert_eq!(attribute(reset, &[("r", value)], "recertificationAutoReset"), json!(true));
    }
    let labels = format!("labels: [{{ certificateFieldId: {UUID}, x: \"${{var.d}}\", y: 2 }}]");
    assert_eq!(attribute(&labels, &[("d", text("7"))], "labels")[0]["x"], json!(7));
}

#[test]
fn a_variable_is_text_where_text_is() {
    let number = [("d", VariableValue::Integer(101)), ("b", VariableValue::Boolean(true))];
    assert_eq!(attribute("customCss: ${var.d}", &number, "customCss"), json!("101"));
    assert_eq!(attribute("customCss: a ${var.d} ${var.b}", &number, "customCss"), json!("a 101 true"));
    let extra = "extra: { n: \"${var.d}\", b: \"${var.b}\", t: \"${var.t}\", m: \"x${var.d}\" }";
    let known = [number.as_slice(), &[("t", text("5"))]].concat();
    for (name, expected) in [("n", json!(101)), ("b", json!(true)), ("t", json!("5")), ("m", json!("x101"))] {
        assert_eq!(attribute(extra, &known, name), expected, "{name}");
    }
}

#[test]
fn settings_of_certctl_take_variables() {
    let lines = "protect: ${var.p}\nasset_size: { width: \"${var.w}\", height: 794 }\nlayout: ${var.l}";
    let text_of_file = format!("layouts:\n  tall: {{ expirationDays: 3 }}\n{}", with(lines));
    let known = of(&[("p", text("true")), ("w", VariableValue::Integer(1123)), ("l", text("tall"))]);
    let desired = load_with(&[("a.yaml", &text_of_file)], &known).unwrap();
    let one = &desired.templates[&Key::new("one").unwrap()];
    assert!(one.protect);
    assert_eq!(one.canvas.as_ref().map(|canvas| (canvas.width, canvas.height)), Some((1123, 794)));
    assert_eq!(one.attributes.get("expirationDays"), Some(&json!(3)));
}

#[test]
fn an_invalid_value_shows_its_variables_place() {
    let cases = [
        ("expirationDays: ${var.d}", text("soon"), "expirationDays must be a whole number"),
        ("expirationDays: ${var.d}", VariableValue::Boolean(true), "expirationDays must be a whole number"),
        ("expirationDays: ${var.d}", text("0365"), "write 365, without the zero"),
        ("expirationDays: ${var.d}", VariableValue::Integer(0), "at least 1"),
        ("asset: https://${var.d}", text("a b"), "a blank in it"),
        ("protect: ${var.d}", text("yes"), "write true, without quotes"),
        ("asset_size: ${var.d}", text("huge"), "a size in pixels"),
    ];
    for (line, value, words) in cases {
        let found = findings(&with(line), &of(&[("d", value)]));
        assert_eq!(found.len(), 1, "{line}: {found:?}");
        assert!(found[0].message.contains(words), "{line}: {found:?}");
        assert_eq!(found[0].place.line, 6);
        let (place, about) = &found[0].related[0];
        assert_eq!((place.to_string(), about.as_str()), ("certctl.toml:2:1".to_owned(), "d is set here"));
    }
}

#[test]
fn an_invalid_value_names_its_variables_source() {
    let said = |source: VariableSource| {
        let variable = Variable { value: text("soon"), source, is_defined: true };
        let found =
            findings(&with("expirationDays: ${var.d}"), &BTreeMap::from([("d".to_owned(), variable)]));
        found[0].help.clone().unwrap_or_default()
    };
    assert!(said(VariableSource::Option("--var")).contains("d is set by --var"));
    let process = said(VariableSource::Process("CERTCTL_VAR_d".to_owned()));
    assert!(process.contains("CERTCTL_VAR_d"), "{process}");
}

#[test]
fn a_valid_value_names_no_variable() {
    let found = findings(&with("customCss: ${var.d}\nexpirationDays: x"), &of(&[("d", text("a"))]));
    assert_eq!((found.len(), found[0].related.len(), &found[0].help), (1, 0, &None));
}

#[test]
fn a_missing_variable_is_reported_at_first_use() {
    let text = with("customCss: |\n  b { color: ${var.nowhere} }\n  c { color: ${var.nowhere} }");
    let found = findings(&text, &of(&[("nowhere2", self::text("x"))]));
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].place.line, found[0].place.column), (7, 18));
    assert_eq!(
        found[0].message,
        "the variable nowhere is not set in the environment test (did you mean nowhere2?)"
    );
    assert!(found[0].help.as_ref().unwrap().contains("[environments.test.vars]"));
}

#[test]
fn missing_variables_are_one_block_to_paste() {
    let templates: String = (1..=50)
        .map(|n| format!("  t{n}: {{ title: \"${{var.name}}\", resourceType: course, resourceId: \"${{var.course_{n:02}}}\" }}\n"))
        .collect();
    let found = findings(&format!("templates:\n{templates}"), &BTreeMap::new());
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].message, "51 variables are not set in the environment test");
    let help = found[0].help.as_ref().unwrap();
    let (words, block) = help.split_once('\n').unwrap();
    assert_eq!(words, "add these lines to certctl.toml, and fill them in:");
    let pasted = format!("[environments.test]\nurl = \"sandbox\"\n{block}\n");
    let config =
        crate::config::parse(&SourceText::new("certctl.toml", &pasted), std::path::Path::new("/")).unwrap();
    assert_eq!(config.environments["test"].vars.len(), 51);
    assert!(block.contains("\ncourse_50 = \"\" # templates/a.yaml:51:"), "{block}");
    assert_eq!(found[0].related.len(), 5);
}

#[test]
fn names_of_missing_variables_cannot_break_the_block() {
    let lines = "customCss: \"${var.a b\\n[x]} ${var.c}\"";
    let found = findings(&with(lines), &of(&[("d", text("x"))]));
    let help = found[0].help.as_ref().unwrap();
    assert!(help.contains("below [environments.test.vars]"), "{help}");
    assert!(help.contains("\n\"a b\\n[x]\" = \"\" # "), "{help}");
    assert_eq!(help.lines().count(), 3, "{help}");
}

#[test]
fn an_unused_layout_lacks_nothing() {
    let text = format!("layouts:\n  l: {{ title: \"${{var.nowhere}}\" }}\n{}", with(""));
    assert!(load_with(&[("a.yaml", &text)], &BTreeMap::new()).is_ok());
    let used = text.replace("    title: One\n", "    layout: l\n");
    assert_eq!(findings(&used, &BTreeMap::new()).len(), 1);
    let elsewhere = used.replace("    layout: l\n", "    layout: l\n    environments: [production]\n");
    assert!(load_with(&[("a.yaml", &elsewhere)], &BTreeMap::new()).is_ok());
}
