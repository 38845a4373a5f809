//! The JSON Schema of certctl.toml, for editors, made of the table of settings. In draft-07, which editors know.

use serde_json::{Map, Value, json};

use super::settings::{SETTINGS, Setting, SettingType};

/// Returns the schema of certctl.toml.
pub fn schema() -> Value {
    let mut schema = table("");
    schema["$schema"] = json!("http://json-schema.org/draft-07/schema#");
    schema["title"] = json!("certctl.toml");
    schema["description"] = json!(
        "Where the certificate templates are, and where they go. docs/settings.md explains each setting."
    );
    schema
}

/// The settings of the table with this path.
fn table(path: &str) -> Value {
    let inside = || SETTINGS.iter().filter(|setting| setting.table() == path);
    if let Some(any) = inside().find(|setting| setting.name() == "*") {
        return json!({ "type": "object", "additionalProperties": described(any) });
    }
    let properties: Map<String, Value> =
        inside().map(|setting| (setting.name().to_owned(), described(setting))).collect();
    let required: Vec<&str> =
        inside().filter(|setting| setting.required.is_some()).map(Setting::name).collect();
    let excluded: Vec<Value> = inside()
        .flat_map(|setting| {
            setting.excludes.iter().map(|other| json!({ "required": [setting.name(), other] }))
        })
        .collect();
    let mut schema = json!({ "type": "object", "properties": properties, "additionalProperties": false });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    if !excluded.is_empty() {
        schema["not"] = json!({ "anyOf": excluded });
    }
    schema
}

/// The value of a setting, with its meaning.
fn described(setting: &Setting) -> Value {
    let mut schema = value(setting);
    schema["description"] = json!(setting.meaning);
    if let Some(example) = example(setting) {
        schema["examples"] = json!([example]);
    }
    schema
}

/// The example as a value: strings, numbers, booleans and lists of them are written in TOML as in JSON.
fn example(setting: &Setting) -> Option<Value> {
    serde_json::from_str(setting.example).ok()
}

fn value(setting: &Setting) -> Value {
    let texts = json!({ "type": "array", "items": { "type": "string" }, "minItems": 1 });
    match &setting.value {
        SettingType::Table | SettingType::Named(_) => table(setting.path),
        SettingType::Tables => json!({ "type": "array", "items": table(setting.path) }),
        SettingType::Text | SettingType::EnvironmentName | SettingType::Server | SettingType::StatePath => {
            json!({ "type": "string" })
        }
        SettingType::Date => json!({ "type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$" }),
        SettingType::Texts => json!({ "anyOf": [{ "type": "string" }, texts] }),
        SettingType::Globs | SettingType::Command => texts,
        SettingType::VariableValue => json!({ "type": ["string", "integer", "boolean"] }),
        SettingType::Number { range, default, .. } => {
            let mut schema = json!({ "type": "integer", "minimum": range.start() });
            if *range.end() < u64::MAX {
                schema["maximum"] = json!(range.end());
            }
            if let Some(default) = default {
                schema["default"] = json!(default);
            }
            schema
        }
        SettingType::Time { default, .. } => {
            json!({ "type": "string", "pattern": r"^\s*\d", "default": format!("{}s", default.as_secs()) })
        }
        SettingType::Boolean { default } => json!({ "type": "boolean", "default": default }),
        SettingType::OneOf(words) => json!({ "enum": words, "default": words.first() }),
        SettingType::Removed { instead, .. } => json!({ "not": {}, "description": instead }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::EXAMPLES;

    fn accepts(schema: &jsonschema::Validator, text: &str) -> Option<bool> {
        let read: toml::Table = toml::from_str(text).ok()?;
        Some(schema.is_valid(&serde_json::to_value(read).unwrap()))
    }

    #[test]
    fn examples_are_judged_as_certctl_does() {
        let schema = jsonschema::validator_for(&schema()).unwrap();
        for example in &EXAMPLES {
            assert_eq!(accepts(&schema, example.right), Some(true), "{}: {}", example.rule, example.right);
        }
        let seen = ["missing-setting", "observer", "unknown-setting", "wrong-setting"];
        for example in EXAMPLES.iter().filter(|example| seen.contains(&example.rule)) {
            let is_accepted = accepts(&schema, example.wrong);
            // A time without quotes is a number, a missing unit is not seen.
            assert_eq!(is_accepted, Some(false), "{}: {}", example.rule, example.wrong);
        }
    }

    #[test]
    fn files_of_the_project_are_accepted() {
        let schema = jsonschema::validator_for(&schema()).unwrap();
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        for file in ["examples/academy/certctl.toml", "src/cli/init/certctl.toml"] {
            let text = std::fs::read_to_string(root.join(file)).unwrap();
            assert_eq!(accepts(&schema, &text), Some(true), "{file}");
        }
    }
}
