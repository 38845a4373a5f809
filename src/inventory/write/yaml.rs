//! Prints the files.

use serde_json::{Map, Value};

use super::defaults::PlannedFile;
use super::label::{Adjustment, LabelSet};
use super::layouts::{DesignLayout, DesignLayouts};
use super::own::{OwnValue, own};
use super::texts::Texts;
use super::variables::IdVariables;
use super::{SeenTemplate, WriteRequest, scalar};
use crate::model::{Attributes, Field, LABEL_FIELDS, NaturalKey, SharedValue};

/// The widest line of a list or a mapping in braces, in characters.
const WIDTH: usize = 110;

/// The order in which people read the fields of a template.
const ORDER: [&str; 18] = [
    "title",
    "resourceType",
    "resourceId",
    "userCustomFieldSlug",
    "userCustomFieldValue",
    "expirationDate",
    "expirationDays",
    "recertificationAction",
    "recertificationActionText",
    "recertificationActionUrl",
    "recertificationAfterDays",
    "recertificationAutoReset",
    "recertificationInstructions",
    "asset",
    "assetLibraryId",
    "supplementalAssets",
    "labels",
    "customCss",
];

/// Everything that is needed to print.
pub(super) struct Printer<'a> {
    pub(super) request: &'a WriteRequest<'a>,
    pub(super) seen: &'a [&'a SeenTemplate],
    pub(super) keys: &'a [String],
    pub(super) variables: &'a IdVariables,
    pub(super) layouts: &'a DesignLayouts,
    pub(super) texts: &'a Texts,
}

impl Printer<'_> {
    /// The files with their texts.
    pub(super) fn files(&self, files: &[PlannedFile]) -> Vec<(String, String)> {
        files.iter().map(|file| (file.name.clone(), self.file(file))).collect()
    }

    fn file(&self, file: &PlannedFile) -> String {
        let mut text = format!(
            "{}# Written from what {} had on its server. It is yours now: change it as you like.\n",
            self.request.first_line, self.request.environment
        );
        if !file.layouts.is_empty() {
            text.push_str("\nlayouts:\n");
            let layouts = file.layouts.iter().map(|layout| self.layout(&self.layouts.all[*layout]));
            text.push_str(&layouts.collect::<Vec<_>>().join("\n"));
        }
        let environments = self.request.has_other_environments && !file.templates.is_empty();
        if file.default_layout.is_some() || !file.defaults.is_empty() || environments {
            text.push_str("\ndefaults:\n");
            if environments {
                text.push_str(&format!("  environments: [{}]\n", scalar::flow(self.request.environment)));
            }
            if let Some(layout) = file.default_layout {
                text.push_str(&format!("  layout: {}\n", self.layout_name(layout)));
            }
            for (name, value) in in_order(&file.defaults) {
                text.push_str(&self.member(name, value, 2));
            }
        }
        if !file.templates.is_empty() {
            text.push_str("\ntemplates:\n");
            let templates = file.templates.iter().map(|template| self.template(*template, file));
            text.push_str(&templates.collect::<Vec<_>>().join("\n"));
        }
        text
    }

    fn layout_name(&self, layout: usize) -> String {
        scalar::block(&self.layouts.all[layout].name, 4)
    }

    fn layout(&self, layout: &DesignLayout) -> String {
        let example = self.keys.get(layout.first).map(|key| scalar::name(key)).unwrap_or_default();
        let mut text = format!("  # As in {} templates, such as {example}.\n", layout.users);
        text.push_str(&format!("  {}:\n", scalar::name(&layout.name)));
        for (name, value) in in_order(&layout.values) {
            text.push_str(&self.member(name, value, 4));
        }
        text
    }

    fn template(&self, template: usize, file: &PlannedFile) -> String {
        let seen = self.seen[template];
        let changed = seen.updated_at.map(|at| format!(", changed {}", at.utc_date())).unwrap_or_default();
        let mut text = format!("  {}: # {}{changed}\n", scalar::name(&self.keys[template]), seen.id);
        let layout = self.layouts.of_template(template).map(|place| place.layout);
        match layout {
            Some(layout) if file.default_layout != Some(layout) => {
                text.push_str(&format!("    layout: {}\n", self.layout_name(layout)));
            }
            None if file.default_layout.is_some() => text.push_str("    layout: ~\n"),
            _ => {}
        }
        let mut members = own(template, self.seen, file, self.layouts);
        members.sort_by_key(|(name, _)| rank(name));
        let mut extra = Vec::new();
        for (name, value) in members {
            match value {
                OwnValue::Value(value) if Field::of_template(name).is_none() => extra.push((name, value)),
                OwnValue::Value(value) => text.push_str(&self.member(name, value, 4)),
                OwnValue::Unset => text.push_str(&format!("    {name}: ~\n")),
                OwnValue::Adjusted(adjustment) => text.push_str(&self.adjustment(adjustment)),
            }
        }
        if !extra.is_empty() {
            text.push_str("    extra:\n");
            for (name, value) in extra {
                text.push_str(&format!("      {}: {}\n", scalar::name(name), in_flow(value)));
            }
        }
        text
    }

    /// One attribute, with a line break at its end.
    fn member(&self, name: &str, value: &SharedValue, indent: usize) -> String {
        let margin = " ".repeat(indent);
        if name == Attributes::LABELS
            && let Some(labels) = LabelSet::of(value)
        {
            return format!("{margin}{name}:\n{}", self.labels(&labels, indent + 2));
        }
        let written = match &**value {
            Value::String(text) => self.text(name, text, indent + 2),
            Value::Array(items) if items.iter().all(Value::is_string) => {
                let line = in_flow(value);
                if indent + name.len() + 2 + line.chars().count() <= WIDTH {
                    line
                } else {
                    let item = |item: &Value| format!("\n{margin}  - {}", in_flow(item));
                    items.iter().map(item).collect()
                }
            }
            other => in_flow(other),
        };
        let blank = if written.starts_with('\n') { "" } else { " " };
        format!("{margin}{name}:{blank}{written}\n")
    }

    fn text(&self, name: &str, text: &str, indent: usize) -> String {
        if let Some(file) = self.texts.file(name, text) {
            let file = format!("{}{file}", self.request.texts_in);
            return format!("{{ file: {} }}", scalar::flow(&file));
        }
        if name == NaturalKey::FIELDS[1]
            && let Some(variable) = self.variables.name(text)
        {
            return scalar::variable(variable);
        }
        scalar::block(text, indent)
    }

    fn labels(&self, labels: &LabelSet, indent: usize) -> String {
        let margin = " ".repeat(indent);
        let line = |(field, members): (&str, &Map<String, Value>)| {
            let id = match self.variables.name(field) {
                Some(variable) => scalar::variable_in_flow(variable),
                None => scalar::flow(field),
            };
            let rest = in_order_of_labels(members);
            let rest = rest.iter().map(|(name, value)| format!(", {name}: {}", in_flow(value)));
            format!("{margin}- {{ {}: {id}{} }}\n", Attributes::LABEL_FIELD, rest.collect::<String>())
        };
        labels.as_read().into_iter().map(line).collect()
    }

    fn adjustment(&self, adjustment: &Adjustment) -> String {
        let label = |(field, members): (&String, &Map<String, Value>)| {
            let name = scalar::name(self.variables.name(field).unwrap_or(field));
            let members = in_order_of_labels(members);
            let members: Vec<String> =
                members.iter().map(|(name, value)| format!("{name}: {}", in_flow(value))).collect();
            format!("{name}: {{ {} }}", members.join(", "))
        };
        let labels: Vec<String> = adjustment.iter().map(label).collect();
        let line = format!("    adjust: {{ {} }}\n", labels.join(", "));
        if line.trim_end().chars().count() <= WIDTH {
            return line;
        }
        let lines = labels.iter().map(|label| format!("      {label}\n"));
        format!("    adjust:\n{}", lines.collect::<String>())
    }
}

/// Where an attribute comes in [`ORDER`].
fn rank(name: &str) -> usize {
    ORDER.iter().position(|known| *known == name).unwrap_or(ORDER.len())
}

fn in_order<'a>(
    values: impl IntoIterator<Item = (&'a String, &'a SharedValue)>,
) -> Vec<(&'a str, &'a SharedValue)> {
    let mut values: Vec<_> = values.into_iter().map(|(name, value)| (name.as_str(), value)).collect();
    values.sort_by_key(|(name, _)| rank(name));
    values
}

fn in_order_of_labels(members: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let place =
        |name: &str| LABEL_FIELDS.iter().position(|field| field.name == name).unwrap_or(LABEL_FIELDS.len());
    let mut members: Vec<_> = members.iter().collect();
    members.sort_by_key(|(name, _)| place(name));
    members
}

/// A value on one line.
fn in_flow(value: &Value) -> String {
    match value {
        Value::String(text) => scalar::flow(text),
        Value::Array(items) => format!("[{}]", items.iter().map(in_flow).collect::<Vec<_>>().join(", ")),
        Value::Object(members) => {
            let member =
                |(name, value): (&String, &Value)| format!("{}: {}", scalar::name(name), in_flow(value));
            format!("{{ {} }}", members.iter().map(member).collect::<Vec<_>>().join(", "))
        }
        Value::Null => "~".to_owned(),
        other => other.to_string(),
    }
}
