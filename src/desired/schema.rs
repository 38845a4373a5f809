//! The JSON Schema of template files, for editors, made of the table of the vendor's fields. In draft-07, which editors know.
//! `${var.NAME}` is accepted where a value of any type is expected, and `~` where it unsets what is inherited.

use serde_json::{Map, Value, json};

use super::check::value::MAX_INTEGER;
use super::fields::{
    ADJUST, ENVIRONMENTS, EXTRA, FILE, FILE_SECTIONS, FROM_FILES, LAYOUT, MOVE, NamePlace, OwnName, PROTECT,
    SETTINGS, SIDES,
};
use crate::model::{Canvas, Field, FieldType, LABEL_FIELDS, TEMPLATE_FIELDS};

/// A text with a variable in it.
const WITH_VARIABLE: &str = r"\$\{\s*var\.";

/// Returns the schema of a template file.
pub fn schema() -> Value {
    let sections = FILE_SECTIONS.iter().map(|section| (section.name.to_owned(), file_section(section)));
    let mut properties: Map<String, Value> = sections.collect();
    properties.insert("<<".to_owned(), json!({}));
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Certificate templates",
        "description": "Certificate templates of an academy, for certctl. docs/fields.md explains each field.",
        "type": ["object", "null"],
        "definitions": {
            "template": { "anyOf": [group(NamePlace::Template), { "type": "null" }] },
            "layout": { "anyOf": [group(NamePlace::Layout), { "type": "null" }] },
            "label": label(),
            "sheet": sheet(),
        },
        "properties": properties,
        "patternProperties": { "^x-": {} },
        "additionalProperties": false,
    })
}

fn described(mut schema: Value, meaning: &str) -> Value {
    schema["description"] = json!(meaning);
    schema
}

fn file_section(section: &OwnName) -> Value {
    let value = match section.name {
        "templates" => named("template"),
        "layouts" => named("layout"),
        "defaults" => group(NamePlace::Defaults),
        "moved" => entries(&MOVE),
        _ => entries(&["from"]),
    };
    described(value, section.meaning)
}

fn named(definition: &str) -> Value {
    let inside = json!({ "$ref": format!("#/definitions/{definition}") });
    json!({ "type": ["object", "null"], "properties": { "<<": {} }, "additionalProperties": inside })
}

/// The entries of `moved` and `removed`.
fn entries(required: &[&str]) -> Value {
    let mut properties: Map<String, Value> = required
        .iter()
        .map(|name| ((*name).to_owned(), json!({ "type": "string", "minLength": 1 })))
        .collect();
    if !required.contains(&"to") {
        properties.insert(ENVIRONMENTS.to_owned(), environments());
    }
    let entry = json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false });
    json!({ "type": ["array", "null"], "items": entry })
}

/// The vendor's fields, and certctl's own names beside them.
fn group(place: NamePlace) -> Value {
    let own = SETTINGS.iter().filter(|setting| setting.places.contains(&place));
    let mut properties: Map<String, Value> =
        own.map(|own| (own.name.to_owned(), described(setting(own.name), own.meaning))).collect();
    properties.extend(TEMPLATE_FIELDS.iter().map(|field| (field.name.to_owned(), described_field(field))));
    properties.insert("<<".to_owned(), json!({}));
    json!({ "type": ["object", "null"], "properties": properties, "additionalProperties": false })
}

fn label() -> Value {
    let properties = label_fields(|_| true);
    json!({
        "type": "object", "properties": properties, "required": ["certificateFieldId"], "additionalProperties": false
    })
}

fn label_fields(is_wanted: impl Fn(&Field) -> bool) -> Map<String, Value> {
    let fields = LABEL_FIELDS.iter().filter(|field| is_wanted(field));
    let mut properties: Map<String, Value> =
        fields.map(|field| (field.name.to_owned(), described_field(field))).collect();
    properties.insert("<<".to_owned(), json!({}));
    properties
}

/// A setting of certctl's own.
fn setting(name: &str) -> Value {
    match name {
        LAYOUT => json!({ "type": ["string", "null"] }),
        ENVIRONMENTS => environments(),
        ADJUST => {
            let changes = label_fields(|field| field.name != "certificateFieldId");
            let label =
                json!({ "type": ["object", "null"], "properties": changes, "additionalProperties": false });
            json!({ "type": ["object", "null"], "additionalProperties": label })
        }
        PROTECT => any_of(&json!({ "type": "boolean" })),
        EXTRA => json!({ "type": ["object", "null"] }),
        _ => json!({ "allOf": [{ "$ref": "#/definitions/sheet" }] }),
    }
}

fn environments() -> Value {
    json!({ "type": ["array", "null"], "items": { "type": "string" } })
}

fn sheet() -> Value {
    let side = json!({ "type": "integer", "minimum": 1, "maximum": Canvas::MAX_SIDE });
    let sides: Map<String, Value> = SIDES.iter().map(|name| ((*name).to_owned(), side.clone())).collect();
    json!({ "anyOf": [
        { "type": "object", "properties": sides, "required": SIDES, "additionalProperties": false },
        { "type": "array", "items": side, "minItems": 2, "maxItems": 2 },
        { "type": "string", "pattern": r"^\s*\d+\s*[xX×]\s*\d+\s*$" },
        with_variable(),
        { "type": "null" },
    ] })
}

fn with_variable() -> Value {
    json!({ "type": "string", "pattern": WITH_VARIABLE })
}

/// A value of this schema, a variable, or nothing.
fn any_of(schema: &Value) -> Value {
    json!({ "anyOf": [schema, with_variable(), { "type": "null" }] })
}

fn described_field(field: &Field) -> Value {
    let mut schema = match field.value {
        FieldType::Labels => json!({ "type": ["array", "null"], "items": { "$ref": "#/definitions/label" } }),
        FieldType::UrlList => {
            json!({ "type": ["array", "null"], "items": any_of(&value(FieldType::Url)) })
        }
        other => any_of(&value(other)),
    };
    if FROM_FILES.contains(&field.name) {
        let file = json!({
            "type": "object", "properties": { FILE: { "type": "string", "minLength": 1 } }, "required": [FILE],
            "additionalProperties": false
        });
        if let Some(forms) = schema["anyOf"].as_array_mut() {
            forms.push(file);
        }
    }
    described(schema, field.meaning)
}

fn value(kind: FieldType) -> Value {
    match kind {
        FieldType::Text => json!({ "type": "string", "minLength": 1 }),
        FieldType::Slug => json!({ "type": "string", "pattern": r"^\S+$" }),
        FieldType::Uuid => json!({
            "type": "string", "pattern": "^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$"
        }),
        FieldType::Url => json!({ "type": "string", "pattern": r"^([A-Za-z][A-Za-z0-9+.-]*://|[wW]{3})" }),
        FieldType::Colour => {
            json!({ "type": "string", "pattern": "^#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})$" })
        }
        FieldType::Date => json!({ "type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}" }),
        FieldType::Integer(least) => json!({ "type": "integer", "minimum": least, "maximum": MAX_INTEGER }),
        FieldType::Boolean => json!({ "type": "boolean" }),
        FieldType::OneOf(words) => json!({ "enum": words }),
        FieldType::UrlList | FieldType::Labels => json!({}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desired::EXAMPLES;
    use crate::model::{ExamplePart, RuleExample};

    fn accepts(schema: &jsonschema::Validator, text: &str) -> Option<bool> {
        let read: Value = serde_yaml::from_str(text).ok()?;
        Some(schema.is_valid(&read))
    }

    fn file(example: &RuleExample, text: &str) -> String {
        if example.part == ExamplePart::TemplateFile {
            return text.to_owned();
        }
        let lines: String = text.lines().map(|line| format!("    {line}\n")).collect();
        format!("templates:\n  cloud-101:\n    title: T\n    resourceType: course\n{lines}")
    }

    /// The rules that a schema can see: those about one value, or about the names beside each other.
    const SEEN: [&str; 10] = [
        "colour",
        "enumeration",
        "range",
        "required-field",
        "slug",
        "unknown-field",
        "url",
        "uuid",
        "wrong-type",
        "number",
    ];

    #[test]
    fn examples_are_judged_as_certctl_does() {
        let schema = jsonschema::validator_for(&schema()).unwrap();
        for example in &EXAMPLES {
            let text = file(example, example.right);
            assert_eq!(accepts(&schema, &text), Some(true), "{}\n{text}", example.rule);
        }
        // What is required may come from a layout, so only a label shows it; a number in JSON is finite.
        let seen = |rule: &str| SEEN.contains(&rule) && !["required-field", "number"].contains(&rule);
        for example in EXAMPLES.iter().filter(|example| seen(example.rule)) {
            let text = file(example, example.wrong);
            assert_eq!(accepts(&schema, &text), Some(false), "{}\n{text}", example.rule);
        }
    }

    #[test]
    fn a_variable_replaces_any_value() {
        let schema = jsonschema::validator_for(&schema()).unwrap();
        for field in TEMPLATE_FIELDS {
            let text = match field.value {
                FieldType::Labels => continue,
                FieldType::UrlList => "[\"${var.x}\"]",
                _ => "${var.x}",
            };
            let with = |text: &str| format!("templates:\n  a:\n    {}: {text}\n", field.name);
            assert_eq!(accepts(&schema, &with(text)), Some(true), "{}", field.name);
            assert_eq!(accepts(&schema, &with("~")), Some(true), "{}", field.name);
            assert_eq!(accepts(&schema, &with("{ a: 1 }")), Some(false), "{}", field.name);
        }
        let label =
            "labels: [{ certificateFieldId: \"${var.f}\", x: \"${var.x}\", textAlign: \"${var.a}\" }]";
        assert_eq!(accepts(&schema, &format!("layouts: {{ l: {{ {label} }} }}")), Some(true));
        assert_eq!(accepts(&schema, "layouts: { l: { labels: [{ x: 1 }] } }"), Some(false));
    }

    #[test]
    fn files_of_the_project_are_accepted() {
        let schema = jsonschema::validator_for(&schema()).unwrap();
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut files = vec![root.join("src/cli/init/cloud.yaml")];
        let folder = std::fs::read_dir(root.join("examples/academy/templates")).unwrap();
        files.extend(folder.map(|entry| entry.unwrap().path()));
        assert!(files.len() > 8, "{files:?}");
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            assert_eq!(accepts(&schema, &text), Some(true), "{}", file.display());
        }
    }
}
