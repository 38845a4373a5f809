//! Generates `docs/schema` from the types that are printed and saved, and checks that the files are up to date.
//! `just schemas` writes them anew.
//!
//! The types give names, members, values and descriptions. What they do not say (patterns, bounds, which members belong
//! together) is in `tests/FORMAT.json`, which is merged into the generated schema (RFC 7396).

use std::path::Path;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use super::{DriftDocument, ErrorDocument, ValidDocument};
use crate::apply::RunReport;
use crate::plan::Plan;
use crate::report::doctor::DoctorDocument;
use crate::report::environment_runs::EnvironmentsDocument;
use crate::report::history_document::HistoryDocument;
use crate::report::observer_text::ObserverDocument;
use crate::report::results::ResultsDocument;
use crate::report::state_document::{RowDocument, StateListDocument};
use crate::state::Document;

fn generated<T: JsonSchema>(format: &str, rules: &str) -> String {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema = generator.into_root_schema_for::<T>().to_value();
    plain(&mut schema);
    merge(&mut schema, serde_json::from_str(rules).unwrap(), format);
    let Value::Object(mut members) = schema else { panic!("{format} is not an object") };
    members.insert("$id".to_owned(), format!("urn:certctl:schema:{format}:v1").into());
    members.insert("title".to_owned(), format!("certctl.{format}/v1").into());
    // The head first, the definitions last; the rest sorted by name.
    let mut text = "{\n".to_owned();
    let head = ["$schema", "$id", "title", "description"];
    let rest: Vec<String> =
        members.keys().filter(|name| !head.contains(&name.as_str()) && *name != "$defs").cloned().collect();
    let order = head.iter().map(|name| (*name).to_owned()).chain(rest).chain(["$defs".to_owned()]);
    let lines: Vec<String> = order
        .filter_map(|name| members.get(&name).map(|value| (name, value)))
        .map(|(name, value)| format!("  {name:?}: {}", format!("{value:#}").replace('\n', "\n  ")))
        .collect();
    text.push_str(&lines.join(",\n"));
    text + "\n}\n"
}

/// Removes what says nothing here, or too much: the width of integers; defaults of members that are always written; that
/// there are no other members, because later versions may add some; and `null` for a member that is left out instead.
fn plain(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(plain),
        Value::Object(members) => {
            members.values_mut().for_each(plain);
            if members.get("format").and_then(Value::as_str).is_some_and(|format| format.starts_with("uint"))
            {
                members.remove("format");
            }
            members.remove("default");
            if members.get("additionalProperties") == Some(&Value::Bool(false)) {
                members.remove("additionalProperties");
            }
            let required = members.get("required").cloned().unwrap_or_default();
            let is_required =
                |name: &str| required.as_array().is_some_and(|names| names.contains(&Value::from(name)));
            if let Some(Value::Object(properties)) = members.get_mut("properties") {
                properties
                    .iter_mut()
                    .filter(|(name, _)| !is_required(name))
                    .for_each(|(_, member)| never_null(member));
            }
        }
        _ => {}
    }
}

fn never_null(member: &mut Value) {
    let Value::Object(member) = member else { return };
    if let Some(Value::Array(types)) = member.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            member.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(choices)) = member.get_mut("anyOf") {
        choices.retain(|choice| choice["type"] != "null");
        if let [Value::Object(only)] = choices.as_slice() {
            let only = only.clone();
            member.remove("anyOf");
            member.extend(only);
        }
    }
}

/// Merges rules into a schema. Definitions and members that the types do not have are mistakes.
fn merge(schema: &mut Value, rules: Value, path: &str) {
    let (Value::Object(members), Value::Object(rules)) = (schema, rules) else {
        panic!("{path} is not an object")
    };
    for (name, rule) in rules {
        let path = format!("{path}/{name}");
        match (members.get_mut(&name), rule) {
            (_, Value::Null) => drop(members.remove(&name)),
            (Some(known @ Value::Object(_)), rule @ Value::Object(_)) => merge(known, rule, &path),
            (None, rule) if rule.is_object() && path.ends_with(&format!("properties/{name}")) => {
                panic!("{path}: no type has this member: {rule}")
            }
            (None, rule) if path.ends_with(&format!("$defs/{name}")) => {
                panic!("{path}: no such type: {rule}")
            }
            (_, rule) => drop(members.insert(name, rule)),
        }
    }
}

/// Whether a text is for readers of the code.
fn links(schema: &Value) -> Vec<&str> {
    match schema {
        Value::Array(items) => items.iter().flat_map(links).collect(),
        Value::Object(members) => members.values().flat_map(links).collect(),
        Value::String(text) if text.contains("[`") => vec![text],
        _ => Vec::new(),
    }
}

#[track_caller]
fn is_published<T: JsonSchema>(format: &str, rules: &str) {
    let text = generated::<T>(format, rules);
    let schema: Map<String, Value> = serde_json::from_str(&text).unwrap();
    assert_eq!(links(&Value::Object(schema)), Vec::<&str>::new(), "{format}: describe it for users");
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/schema/certctl.{format}-v1.schema.json"));
    if std::env::var_os("RENEW_SCHEMAS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap();
    assert!(published == text, "{} is not what the types say: run `just schemas`", path.display());
}

#[test]
fn plan_schema_is_up_to_date() {
    is_published::<Plan>("plan", include_str!("tests/plan.json"));
}

#[test]
fn apply_schema_is_up_to_date() {
    is_published::<RunReport>("apply", include_str!("tests/apply.json"));
}

#[test]
fn state_list_schema_is_up_to_date() {
    is_published::<StateListDocument<'_>>("state-list", include_str!("tests/state-list.json"));
}

#[test]
fn row_schema_is_up_to_date() {
    is_published::<RowDocument<'_>>("row", include_str!("tests/row.json"));
}

#[test]
fn state_schema_is_up_to_date() {
    is_published::<Document>("state", include_str!("tests/state.json"));
}

#[test]
fn observer_schema_is_up_to_date() {
    is_published::<ObserverDocument<'_>>("observer", include_str!("tests/observer.json"));
}

#[test]
fn error_schema_is_up_to_date() {
    is_published::<ErrorDocument<'_>>("error", include_str!("tests/error.json"));
}

#[test]
fn validate_schema_is_up_to_date() {
    is_published::<ValidDocument<'_>>("validate", include_str!("tests/validate.json"));
}

#[test]
fn drift_schema_is_up_to_date() {
    is_published::<DriftDocument<'_>>("drift", include_str!("tests/drift.json"));
}

#[test]
fn doctor_schema_is_up_to_date() {
    is_published::<DoctorDocument<'_>>("doctor", include_str!("tests/doctor.json"));
}

#[test]
fn environments_schema_is_up_to_date() {
    is_published::<EnvironmentsDocument<'_>>("environments", include_str!("tests/environments.json"));
}

#[test]
fn history_schema_is_up_to_date() {
    is_published::<HistoryDocument<'_>>("history", include_str!("tests/history.json"));
}

#[test]
fn import_schema_is_up_to_date() {
    is_published::<ResultsDocument<'_>>("import", include_str!("tests/import.json"));
}

#[test]
fn refresh_schema_is_up_to_date() {
    is_published::<ResultsDocument<'_>>("refresh", include_str!("tests/refresh.json"));
}

#[test]
fn recover_schema_is_up_to_date() {
    is_published::<ResultsDocument<'_>>("recover", include_str!("tests/recover.json"));
}
