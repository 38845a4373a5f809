//! What editors are given: schemas beside certctl.toml, and the first line of each file that `init` or `import --write`
//! writes, which names its schema.

use serde_json::Value;

use super::schema::SchemaSubject;
use crate::model::EditorSchema;

/// The schema that this certctl prints.
pub(super) fn text(schema: EditorSchema) -> String {
    match schema {
        EditorSchema::Templates => SchemaSubject::Templates.text(),
        EditorSchema::Config => SchemaSubject::Config.text(),
    }
}

/// Whether a text is this certctl's schema, however it is laid out.
pub(super) fn is_current(schema: EditorSchema, there: &str) -> bool {
    let value = |text: &str| serde_json::from_str::<Value>(text).ok();
    value(there).is_some_and(|there| Some(there) == value(&text(schema)))
}

/// The first line of a template file in this folder, which is relative to that of certctl.toml, with `/` in it.
pub(super) fn templates_line(folder: &str) -> String {
    let up = "../".repeat(folder.split('/').filter(|name| !name.is_empty()).count());
    format!("# yaml-language-server: $schema={up}{}\n", EditorSchema::Templates.file())
}

/// The first line of certctl.toml.
pub(super) fn config_line() -> String {
    format!("#:schema {}\n", EditorSchema::Config.file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout_of_a_schema_does_not_matter() {
        for schema in EditorSchema::ALL {
            let text = text(schema);
            assert!(is_current(schema, &text) && is_current(schema, &text.replace('\n', "\r\n")));
            assert!(!is_current(schema, &text.replacen("title", "titel", 1)) && !is_current(schema, ""));
        }
    }

    #[test]
    fn lines_lead_to_the_folder_of_certctl_toml() {
        for (folder, path) in [("", ""), ("templates", "../"), ("eu/templates/2027", "../../../")] {
            let line = format!("# yaml-language-server: $schema={path}.certctl.templates.schema.json\n");
            assert_eq!(templates_line(folder), line);
        }
    }
}
