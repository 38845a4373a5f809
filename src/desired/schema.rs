//! The JSON Schema of template files, for editors, made of the table of the vendor's fields. In draft-07, which editors know.
//! `${var.NAME}` is accepted where a value of any type is expected, and `~` where it unsets what is inherited.

use serde_json::{Map, Value, json};

use super::fields::{
    ADJUST, ASSET_SIZE, CANVAS, ENVIRONMENTS, FILE, FROM_FILES, LAYOUT, SIDES, TEMPLATE_SETTINGS,
};
use crate::model::{Canvas, Field, FieldType, LABEL_FIELDS, TEMPLATE_FIELDS};

/// A text with a variable in it.
const WITH_VARIABLE: &str = r"\$\{\s*var\.";
/// The greatest number that the vendor takes.
const MOST: i64 = i32::MAX as i64;

/// Returns the schema of a template file.
pub fn schema() -> Value {
    let template = TEMPLATE_SETTINGS.iter().map(|name| ((*name).to_owned(), setting(name)));
    let layout = [ASSET_SIZE, CANVAS].map(|name| (name.to_owned(), setting(name)));
    let defaults = [LAYOUT, ENVIRONMENTS, ASSET_SIZE, CANVAS].map(|name| (name.to_owned(), setting(name)));
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Certificate templates",
        "description": "Certificate templates of an academy, for certctl. docs/fields.md explains each field.",
        "type": ["object", "null"],
        "definitions": {
            "template": { "anyOf": [group(template.collect()), { "type": "null" }] },
            "layout": { "anyOf": [group(layout.into_iter().collect()), { "type": "null" }] },
            "label": label(),
            "sheet": sheet(),
        },
        "properties": {
            "layouts": named("layout", "Named groups of attributes, for the templates of all files"),
            "defaults": described(group(defaults.into_iter().collect()), "For the templates of this file"),
            "templates": named("template", "The certificate templates, each by its key"),
            "moved": entries(&["from", "to"], "Keys that were renamed: { from: old-key, to: new-key }"),
            "removed": entries(&["from"], "Keys that the state forgets once a person has deleted the template in the admin page: { from: key }"),
            "<<": {},
        },
        "patternProperties": { "^x-": {} },
        "additionalProperties": false,
    })
}

fn described(mut schema: Value, meaning: &str) -> Value {
    schema["description"] = json!(meaning);
    schema
}

fn named(definition: &str, meaning: &str) -> Value {
    let inside = json!({ "$ref": format!("#/definitions/{definition}") });
    json!({ "type": ["object", "null"], "properties": { "<<": {} }, "additionalProperties": inside, "description": meaning })
}

/// The entries of `moved` and `removed`.
fn entries(required: &[&str], meaning: &str) -> Value {
    let mut properties: Map<String, Value> = required
        .iter()
        .map(|name| ((*name).to_owned(), json!({ "type": "string", "minLength": 1 })))
        .collect();
    if !required.contains(&"to") {
        properties.insert(ENVIRONMENTS.to_owned(), setting(ENVIRONMENTS));
    }
    let entry = json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false });
    json!({ "type": ["array", "null"], "items": entry, "description": meaning })
}

/// The vendor's fields, and these names beside them.
fn group(mut properties: Map<String, Value>) -> Value {
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

/// The settings of certctl's own.
fn setting(name: &str) -> Value {
    let names = || json!({ "type": ["array", "null"], "items": { "type": "string" } });
    match name {
        LAYOUT => {
            described(json!({ "type": ["string", "null"] }), "The layout whose attributes it has; ~ for none")
        }
        ENVIRONMENTS => described(names(), "The environments that it is limited to; ~ for all"),
        ADJUST => {
            let changes = label_fields(|field| field.name != "certificateFieldId");
            let label =
                json!({ "type": ["object", "null"], "properties": changes, "additionalProperties": false });
            let labels = json!({ "type": ["object", "null"], "additionalProperties": label });
            described(
                labels,
                "Changes to single labels that it inherits, by the variable or the id of their certificate field",
            )
        }
        "protect" => {
            described(any_of(&json!({ "type": "boolean" })), "Whether forgetting it takes two steps")
        }
        "extra" => described(
            json!({ "type": ["object", "null"] }),
            "Fields that this version of certctl does not know, sent as they are",
        ),
        _ => described(
            json!({ "$ref": "#/definitions/sheet" }),
            "The size of the background image, for drawings. It is not sent",
        ),
    }
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
        FieldType::Integer(least) => json!({ "type": "integer", "minimum": least, "maximum": MOST }),
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
