//! Writes the templates that were seen on a server as YAML, the way a person would: what several have in common is written
//! once. Pure: the result is a plain value, and its bytes depend on nothing but what was seen.
//!
//! | file | holds |
//! |---|---|
//! | `slug`, `names` | names made of titles, and how they become different from each other |
//! | `variables` | variables for certificate fields, courses and learning paths |
//! | `label` | label sets and their differences |
//! | `designs` | which templates share a layout |
//! | `layouts` | what is written in each layout, and its name |
//! | `groups` | which template goes into which file |
//! | `defaults` | what is written once for a file |
//! | `texts` | long texts that get a file of their own |
//! | `own` | what is left for a template itself |
//! | `scalar`, `yaml` | the text |

mod defaults;
mod designs;
mod groups;
mod label;
mod layouts;
mod names;
mod own;
mod scalar;
mod slug;
mod texts;
mod variables;
mod yaml;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

pub use groups::GroupBy;
pub use scalar::one_line;
pub use variables::{NewVariable, VariableGroup};

use crate::model::{Attributes, Key, TemplateId, Timestamp};
use variables::IdVariables;

/// One template to be written.
#[derive(Clone, Debug)]
pub struct SeenTemplate {
    /// The vendor's id.
    pub id: TemplateId,
    /// The attributes that the state will have, spelled as there: those that were seen with a value, and those that it
    /// knows beside them.
    pub attributes: Attributes,
    /// The key that the state has for it already.
    pub key: Option<Key>,
    /// When it was last changed on the server, if that was seen.
    pub updated_at: Option<Timestamp>,
}

/// What people call a certificate field, according to the export of fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamedField {
    /// Its label in the admin page.
    pub label: Option<String>,
    /// What it prints: the vendor's name for its type.
    pub kind: Option<String>,
}

/// What is to be written, and for which project.
#[derive(Clone, Debug)]
pub struct WriteRequest<'a> {
    /// The templates, in any order.
    pub templates: Vec<SeenTemplate>,
    /// The known certificate fields, by id.
    pub fields: &'a BTreeMap<String, NamedField>,
    /// The variables of the environment that hold a text.
    pub variables: &'a BTreeMap<String, String>,
    /// The keys that no new template can have.
    pub keys: &'a BTreeSet<String>,
    /// The layouts of the project, with their attributes.
    pub layouts: &'a BTreeMap<String, Attributes>,
    /// The files in the folder, relative to it and with `/` in their names.
    pub files: &'a BTreeSet<String>,
    /// How the templates are spread over files.
    pub group_by: GroupBy,
    /// The environment that the templates were seen in.
    pub environment: &'a str,
    /// Whether the project has other environments, in which these templates were not seen.
    pub has_other_environments: bool,
    /// What comes before the name of a text's file where a template names it.
    pub texts_in: &'a str,
    /// The line that editors want at the beginning of a template file, with its line break.
    pub first_line: &'a str,
}

/// What is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WrittenProject {
    /// The new files with their texts, relative to the folder. A file that others need comes before them.
    pub files: Vec<(String, String)>,
    /// The variables to be added to the environment.
    pub variables: Vec<NewVariable>,
    /// The new keys.
    pub keys: BTreeMap<Key, TemplateId>,
}

/// Writes the templates as YAML.
pub fn write(request: &WriteRequest<'_>) -> WrittenProject {
    let mut seen: Vec<&SeenTemplate> = request.templates.iter().collect();
    seen.sort_by(|one, other| one.id.cmp(&other.id));
    if seen.is_empty() {
        return WrittenProject::default();
    }
    let keys = own::keys(&seen, request.keys);
    let variables = IdVariables::of(&seen, request);
    let designs = designs::of(&seen, request.layouts, &variables);
    let layouts = layouts::of(designs, &seen, request.layouts);
    let groups = groups::of(&seen, &keys, &layouts, request);
    let files: Vec<defaults::PlannedFile> =
        groups.into_iter().map(|group| defaults::of(group, &seen, &layouts)).collect();
    let texts = texts::of(&files, &layouts, &seen, &keys, request);
    let printer = yaml::Printer {
        request,
        seen: &seen,
        keys: &keys,
        variables: &variables,
        layouts: &layouts,
        texts: &texts,
    };
    let mut written: Vec<(String, String)> = texts.files();
    written.extend(printer.files(&files));
    WrittenProject {
        files: written,
        variables: variables.added,
        keys: keys
            .into_iter()
            .zip(&seen)
            .filter_map(|(key, template)| Some((Key::new(key).ok()?, template.id.clone())))
            .collect(),
    }
}
