//! The schemas that editors complete and check a project's files by. They lie beside certctl.toml, and the first line of a
//! file that `init` or `import --write` writes names its schema. The names begin with a dot, so no glob of templates matches
//! them.

use std::path::Path;

use serde_json::Value;

use super::schema::SchemaSubject;
use crate::model::shell_word;

/// A schema beside certctl.toml.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EditorSchema {
    /// Of template files.
    Templates,
    /// Of certctl.toml.
    Config,
}

impl EditorSchema {
    pub(super) const ALL: [Self; 2] = [Self::Templates, Self::Config];

    /// The name of its file.
    pub(super) fn file(self) -> &'static str {
        match self {
            Self::Templates => ".certctl.templates.schema.json",
            Self::Config => ".certctl.config.schema.json",
        }
    }

    pub(super) fn text(self) -> String {
        match self {
            Self::Templates => SchemaSubject::Templates.text(),
            Self::Config => SchemaSubject::Config.text(),
        }
    }

    /// Whether a text is this schema, however it is laid out.
    pub(super) fn is_in(self, text: &str) -> bool {
        let value = |text: &str| serde_json::from_str::<Value>(text).ok();
        value(text).is_some_and(|there| Some(there) == value(&self.text()))
    }

    /// The command that writes the schema of this certctl into a file.
    pub(super) fn renewal(self, file: &Path) -> String {
        let subject = match self {
            Self::Templates => "templates",
            Self::Config => "config",
        };
        format!("certctl schema {subject} > {}", shell_word(file))
    }
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
            let text = schema.text();
            assert!(schema.is_in(&text) && schema.is_in(&text.replace('\n', "\r\n")));
            assert!(!schema.is_in(&text.replacen("title", "titel", 1)) && !schema.is_in(""));
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
