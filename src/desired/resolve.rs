//! From what is written to what is meant: variables put in, template over layout over defaults.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::check::value;
use super::faults::{Faults, Spot};
use super::members::members;
use super::path::{Part, YamlPath};
use super::shape::{Group, Origin};
use super::trail::Trail;
use super::tree::Node;
use super::variables::{Problem, substitute};
use crate::config::Variable;
use crate::model::{Attributes, did_you_mean, lower_ids};

/// A group of attributes with its variables put in and each value checked by itself.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) origin: Origin,
    /// Nothing: the group says that the attribute is not to be there.
    values: Vec<(&'static str, Option<Value>)>,
    /// Width and height of the sheet, in pixels.
    pub(super) sheet: Option<(u32, u32)>,
    /// Variables that have no value. They are wrong only where the group is used.
    pub(super) missing: Faults,
}

/// Puts variables in and checks each value. What is wrong whatever the environment goes to `faults`.
pub(super) fn prepare(group: Group, variables: &BTreeMap<String, Variable>, faults: &mut Faults) -> Prepared {
    let Group { origin, members, sheet } = group;
    let mut missing = Faults::default();
    let mut values = Vec::with_capacity(members.len());
    let top = Trail::at(&origin);
    for (name, node) in members {
        if node == Node::Null {
            values.push((name, None));
            continue;
        }
        let at = top.member(name);
        let mut reader = Values::new(variables, faults, &mut missing);
        let mut value = reader.json(node, &at);
        let unsettled = reader.unsettled;
        value::check(name, &value, &at, &unsettled, faults);
        lower_ids(name, &mut value);
        values.push((name, Some(value)));
    }
    Prepared { origin, values, sheet, missing }
}

/// What a template's `extra` holds: sent as it is, null included.
pub(super) fn extra(
    members: Vec<(String, Node)>,
    origin: &Origin,
    variables: &BTreeMap<String, Variable>,
    faults: &mut Faults,
    missing: &mut Faults,
) -> Vec<(String, Value)> {
    let top = Trail::at(origin);
    let at = top.member("extra");
    let mut reader = Values::new(variables, faults, missing);
    let json = |(name, node): (String, Node)| {
        let value = reader.json(node, &at.member(&name));
        (name, value)
    };
    members.into_iter().map(json).collect()
}

/// Turns nodes into what is sent.
struct Values<'a> {
    variables: &'a BTreeMap<String, Variable>,
    faults: &'a mut Faults,
    missing: &'a mut Faults,
    /// Values that something is wrong with already, so that nothing more can be said of them.
    unsettled: BTreeSet<YamlPath>,
}

impl<'a> Values<'a> {
    fn new(
        variables: &'a BTreeMap<String, Variable>,
        faults: &'a mut Faults,
        missing: &'a mut Faults,
    ) -> Self {
        Self { variables, faults, missing, unsettled: BTreeSet::new() }
    }

    fn json(&mut self, node: Node, at: &Trail<'_>) -> Value {
        match node {
            Node::Text(text) if text.contains('$') => Value::String(self.text(&text, at)),
            Node::Text(text) => Value::String(text),
            Node::Null => Value::Null,
            Node::Bool(value) => Value::Bool(value),
            Node::Number(number) => Value::Number(number),
            Node::NotJson => {
                let help = Some("if it is a text, write it in quotes".to_owned());
                let message =
                    "this number cannot be sent: it is infinite, not a number, or has too many digits";
                self.faults.add_with_help(at.spot(Part::Value), "number", message, help);
                self.unsettled.insert(at.path());
                Value::Null
            }
            Node::List(items) => {
                let items = items.into_iter().enumerate();
                Value::Array(items.map(|(position, item)| self.json(item, &at.item(position))).collect())
            }
            Node::Map(inner) => {
                let inner = members(inner, at, self.faults);
                let mut object = serde_json::Map::new();
                for (name, node) in inner {
                    let value = self.json(node, &at.member(&name));
                    object.insert(name, value);
                }
                Value::Object(object)
            }
        }
    }

    fn text(&mut self, text: &str, at: &Trail<'_>) -> String {
        substitute(text, self.variables).unwrap_or_else(|problems| {
            self.unsettled.insert(at.path());
            for problem in problems {
                self.problem(&problem, at.spot(Part::Value));
            }
            text.to_owned()
        })
    }

    fn problem(&mut self, problem: &Problem<'_>, spot: Spot) {
        const SYNTAX: &str = "write ${var.NAME} for a variable, and $${ for the characters ${ themselves";
        match problem {
            Problem::Undefined { name, written } => {
                let hint = did_you_mean(name, self.variables.keys().map(String::as_str));
                let message = format!("the variable {name} has no value in this environment{hint}");
                let help = format!(
                    "set it in certctl.toml under [environments.NAME.vars], or with --var {name}=VALUE"
                );
                self.missing.add_within(spot, written, "undefined-variable", message, help);
            }
            Problem::NotAVariable { written } => {
                let message = format!("{written} is not a variable");
                self.faults.add_within(spot, written, "variable", message, SYNTAX.to_owned());
            }
            Problem::Unclosed => {
                let message = "a ${ is not closed by a }".to_owned();
                self.faults.add_within(spot, "${", "variable", message, SYNTAX.to_owned());
            }
        }
    }
}

/// A template's attributes, and for each where it was written.
pub(super) struct Resolved<'g> {
    pub(super) attributes: Attributes,
    origins: BTreeMap<&'static str, &'g Origin>,
}

impl Resolved<'_> {
    /// Where an attribute is written.
    pub(super) fn spot(&self, name: &str) -> Option<Spot> {
        self.origins.get(name).map(|origin| origin.member_spot(name, Part::Value))
    }
}

/// What the file, the layout and the template itself say of one template.
pub(super) struct Layers<'g> {
    pub(super) defaults: &'g Prepared,
    pub(super) layout: Option<&'g Prepared>,
    pub(super) own: &'g mut Prepared,
}

/// The later layer wins; lists are replaced and never merged; an explicit null takes away what an earlier one gave.
/// The template's own values are moved out of it; what is shared is copied.
pub(super) fn merge(layers: Layers<'_>, extra: Vec<(String, Value)>) -> Resolved<'_> {
    let Layers { defaults, layout, own } = layers;
    let mut values: BTreeMap<&'static str, (&Origin, Value)> = BTreeMap::new();
    for shared in std::iter::once(defaults).chain(layout) {
        for (name, value) in &shared.values {
            // Not copied where the template has its own.
            if own.values.iter().any(|(other, _)| other == name) {
                continue;
            }
            match value {
                Some(value) => drop(values.insert(name, (&shared.origin, value.clone()))),
                None => drop(values.remove(name)),
            }
        }
    }
    for (name, value) in std::mem::take(&mut own.values) {
        if let Some(value) = value {
            values.insert(name, (&own.origin, value));
        }
    }
    let origins = values.iter().map(|(name, (origin, _))| (*name, *origin)).collect();
    let own = values.into_iter().map(|(name, (_, value))| (name.to_owned(), value));
    Resolved { attributes: own.chain(extra).collect(), origins }
}
