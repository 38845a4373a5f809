//! Converts nodes to JSON values to send: substitutes variables, and reads each value as the type of its field.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::check::value::not_boolean;
use super::merge_keys::members;
use super::missing::Missing;
use super::path::{PathPart, YamlPath};
use super::path_cursor::PathCursor;
use super::sheet;
use super::tree::Node;
use super::unlocated::UnlocatedFindings;
use super::variables::{SubstitutionError, alone, substitute};
use crate::config::{Variable, VariableValue};
use crate::model::{Field, FieldType};

/// Converts nodes to the values to send.
pub(super) struct Values<'a> {
    variables: &'a BTreeMap<String, Variable>,
    pub(super) findings: &'a mut UnlocatedFindings,
    missing: &'a mut Missing,
    /// Values that already have a finding, so that no other is added.
    pub(super) reported: BTreeSet<YamlPath>,
}

impl<'a> Values<'a> {
    pub(super) fn new(
        variables: &'a BTreeMap<String, Variable>,
        findings: &'a mut UnlocatedFindings,
        missing: &'a mut Missing,
    ) -> Self {
        Self { variables, findings, missing, reported: BTreeSet::new() }
    }

    /// The value for a field of this type; `None` for an unknown field, whose value is not converted.
    pub(super) fn json(&mut self, node: Node, at: &PathCursor<'_>, kind: Option<FieldType>) -> Value {
        match node {
            Node::Text(text) if text.contains('$') => self.text(&text, at, kind),
            Node::Text(text) => Value::String(text),
            Node::Null => Value::Null,
            Node::Bool(value) => Value::Bool(value),
            Node::Number(number) => Value::Number(number),
            Node::NotJson => {
                let help = Some("if it is a text, write it in quotes".to_owned());
                let message =
                    "this number cannot be sent: it is infinite, not a number, or has too many digits";
                self.findings.add_with_help(at.node_ref(PathPart::Value), "number", message, help);
                self.reported.insert(at.path());
                Value::Null
            }
            Node::List(items) => {
                let inner = if kind == Some(FieldType::UrlList) { Some(FieldType::Url) } else { kind };
                let items = items.into_iter().enumerate();
                Value::Array(
                    items.map(|(position, item)| self.json(item, &at.item(position), inner)).collect(),
                )
            }
            Node::Map(inner) => {
                let inner = members(inner, at, self.findings);
                let mut object = serde_json::Map::new();
                for (name, node) in inner {
                    let value = self.json(node, &at.member(&name), member_type(kind, &name));
                    object.insert(name, value);
                }
                Value::Object(object)
            }
        }
    }

    /// The contents of a template's `extra`: sent as written, null included.
    pub(super) fn extra(
        &mut self,
        members: Vec<(String, Node)>,
        at: &PathCursor<'_>,
    ) -> Vec<(String, Value)> {
        let json = |(name, node): (String, Node)| {
            let value = self.json(node, &at.member(&name), None);
            (name, value)
        };
        members.into_iter().map(json).collect()
    }

    /// A boolean; otherwise a finding.
    pub(super) fn boolean(&mut self, node: Node, name: &str, at: &PathCursor<'_>) -> Option<bool> {
        match self.json(node, at, Some(FieldType::Boolean)) {
            Value::Bool(value) => Some(value),
            Value::String(text) if !self.reported.contains(&at.path()) => {
                self.findings.add(at.node_ref(PathPart::Value), "wrong-type", not_boolean(name, &text));
                None
            }
            _ => None,
        }
    }

    /// The size of a sheet; otherwise a finding.
    pub(super) fn sheet(&mut self, node: Node, name: &str, at: &PathCursor<'_>) -> Option<(u32, u32)> {
        let node = self.numbers(node, at);
        let size = sheet::size(&node);
        if size.is_none() && self.reported.is_empty() {
            let message = format!("{name} must be {}", sheet::EXPECTED);
            self.findings.add(at.node_ref(PathPart::Value), "wrong-type", message);
        }
        size
    }

    fn numbers(&mut self, node: Node, at: &PathCursor<'_>) -> Node {
        match node {
            Node::Text(text) if text.contains('$') => match self.text(&text, at, Some(FieldType::Integer(1)))
            {
                Value::Number(number) => Node::Number(number),
                Value::String(text) => Node::Text(text),
                _ => Node::Null,
            },
            Node::List(items) => {
                let items = items.into_iter().enumerate();
                Node::List(items.map(|(position, item)| self.numbers(item, &at.item(position))).collect())
            }
            Node::Map(members) => {
                let member = |(name, node): (String, Node)| {
                    let node = self.numbers(node, &at.member(&name));
                    (name, node)
                };
                Node::Map(members.into_iter().map(member).collect())
            }
            node => node,
        }
    }

    fn text(&mut self, text: &str, at: &PathCursor<'_>, kind: Option<FieldType>) -> Value {
        if let Some(variable) = alone(text).and_then(|name| self.variables.get(name)) {
            return convert(&variable.value, kind);
        }
        Value::String(self.string(text, at))
    }

    /// A text with its variables substituted.
    pub(super) fn string(&mut self, text: &str, at: &PathCursor<'_>) -> String {
        substitute(text, self.variables).unwrap_or_else(|problems| {
            self.reported.insert(at.path());
            for problem in problems {
                self.problem(&problem, at);
            }
            text.to_owned()
        })
    }

    fn problem(&mut self, problem: &SubstitutionError<'_>, at: &PathCursor<'_>) {
        const SYNTAX: &str = "write ${var.NAME} for a variable, and $${ for the characters ${ themselves";
        let node_ref = at.node_ref(PathPart::Value);
        match problem {
            SubstitutionError::Undefined { name, written } => self.missing.add(name, written, node_ref),
            SubstitutionError::NotAVariable { written } => {
                let message = format!("{written} is not a variable");
                self.findings.add_within(node_ref, written, "variable", message, SYNTAX);
            }
            SubstitutionError::Unclosed => {
                let message = "a ${ is not closed by a }".to_owned();
                self.findings.add_within(node_ref, "${", "variable", message, SYNTAX);
            }
        }
    }
}

/// The type of a member of a label.
fn member_type(kind: Option<FieldType>, name: &str) -> Option<FieldType> {
    match kind {
        Some(FieldType::Labels) => Field::of_label(name).map(|field| field.value),
        other => other,
    }
}

/// The value of a variable that is the whole text. Where a number or a boolean is expected, a text is parsed as
/// one, because the command line and the process have only texts; where a text is expected, a number becomes a
/// text.
fn convert(value: &VariableValue, kind: Option<FieldType>) -> Value {
    match (kind, value) {
        (Some(FieldType::Integer(_)), VariableValue::Text(text)) => {
            let number = text.trim();
            let is_plain = number == "0" || !number.starts_with('0');
            number.parse::<i64>().ok().filter(|_| is_plain).map_or_else(|| text.as_str().into(), Value::from)
        }
        (Some(FieldType::Boolean), VariableValue::Text(text)) => {
            text.trim().parse::<bool>().map_or_else(|_| text.as_str().into(), Value::from)
        }
        (None | Some(FieldType::Integer(_) | FieldType::Boolean), VariableValue::Integer(number)) => {
            (*number).into()
        }
        (None | Some(FieldType::Integer(_) | FieldType::Boolean), VariableValue::Boolean(value)) => {
            (*value).into()
        }
        (_, value) => value.to_string().into(),
    }
}
