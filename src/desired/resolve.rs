//! From what is written to what is meant: variables put in, template over layout over defaults.

use std::collections::BTreeMap;

use serde_json::Value;

use super::check::value;
use super::faults::{Faults, Spot};
use super::path::{Part, Step, YamlPath};
use super::shape::{Group, Origin};
use super::tree::Node;
use super::variables::{Problem, substitute};
use crate::model::Attributes;

/// A group of attributes with its variables put in and each value checked by itself.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) origin: Origin,
    /// Nothing: the group says that the attribute is not to be there.
    values: Vec<(&'static str, Option<Value>)>,
    /// Variables that have no value. They are wrong only where the group is used.
    pub(super) missing: Faults,
}

/// Puts variables in and checks each value. What is wrong whatever the environment goes to `faults`.
pub(super) fn prepare(group: Group, variables: &BTreeMap<String, String>, faults: &mut Faults) -> Prepared {
    let Group { origin, members } = group;
    let mut missing = Faults::default();
    let mut values = Vec::with_capacity(members.len());
    for (name, node) in members {
        if node == Node::Null {
            values.push((name, None));
            continue;
        }
        let spot = origin.member_spot(name, Part::Value);
        let mut reader = Values { variables, faults, missing: &mut missing, is_whole: true };
        let value = reader.json(node, &spot);
        if reader.is_whole {
            value::check(name, &value, &spot, faults);
        }
        values.push((name, Some(value)));
    }
    Prepared { origin, values, missing }
}

/// What `extra` holds: sent as it is, null included.
pub(super) fn extra(
    members: Vec<(String, Node)>,
    at: &Spot,
    variables: &BTreeMap<String, String>,
    faults: &mut Faults,
    missing: &mut Faults,
) -> Vec<(String, Value)> {
    let mut reader = Values { variables, faults, missing, is_whole: true };
    let json = |(name, node): (String, Node)| {
        let value = reader.json(node, &inner(at, Step::Member(name.clone(), 0)));
        (name, value)
    };
    members.into_iter().map(json).collect()
}

struct Values<'a> {
    variables: &'a BTreeMap<String, String>,
    faults: &'a mut Faults,
    missing: &'a mut Faults,
    /// Whether every variable had a value.
    is_whole: bool,
}

impl Values<'_> {
    fn json(&mut self, node: Node, spot: &Spot) -> Value {
        match node {
            Node::Text(text) if text.contains('$') => Value::String(self.text(&text, spot)),
            Node::Text(text) => Value::String(text),
            Node::Null => Value::Null,
            Node::Bool(value) => Value::Bool(value),
            Node::Number(number) => Value::Number(number),
            Node::NotFinite => {
                self.faults.add(
                    spot.clone(),
                    "number",
                    "this number cannot be sent: JSON has no infinity and no nan",
                );
                Value::Null
            }
            Node::List(items) => {
                let item = |(at, item)| self.json(item, &inner(spot, Step::Item(at)));
                Value::Array(items.into_iter().enumerate().map(item).collect())
            }
            Node::Map(members) => self.object(members, spot),
        }
    }

    fn object(&mut self, members: Vec<(String, Node)>, spot: &Spot) -> Value {
        let mut object = serde_json::Map::new();
        for (name, node) in members {
            let is_double = object.contains_key(&name);
            let at = inner(spot, Step::Member(name.clone(), usize::from(is_double)));
            if is_double {
                let again = Spot { part: Part::Name, ..at.clone() };
                let message = format!("{name} stands here a second time, and only one can count");
                self.faults.add(again, "duplicate-key", message);
            }
            let value = self.json(node, &at);
            object.insert(name, value);
        }
        Value::Object(object)
    }

    fn text(&mut self, text: &str, spot: &Spot) -> String {
        substitute(text, self.variables).unwrap_or_else(|problems| {
            self.is_whole = false;
            for problem in problems {
                self.problem(&problem, spot);
            }
            text.to_owned()
        })
    }

    fn problem(&mut self, problem: &Problem, spot: &Spot) {
        match problem {
            Problem::Undefined(name) => {
                let names = self.variables.keys().map(String::as_str);
                let hint = super::fields::did_you_mean(name, names);
                let help = format!(
                    "set it in certctl.toml under [environments.NAME.vars], or with --var {name}=VALUE"
                );
                let message = format!("the variable {name} has no value in this environment{hint}");
                self.missing.add_with_help(spot.clone(), "undefined-variable", message, Some(help));
            }
            Problem::NotAVariable(text) => {
                let help = Some(
                    "write ${var.NAME} for a variable, and $${ for the characters ${ themselves".to_owned(),
                );
                self.faults.add_with_help(
                    spot.clone(),
                    "variable",
                    format!("${{{text}}} is not a variable"),
                    help,
                );
            }
            Problem::Unclosed => {
                let help = Some(
                    "write ${var.NAME} for a variable, and $${ for the characters ${ themselves".to_owned(),
                );
                self.faults.add_with_help(spot.clone(), "variable", "a ${ is not closed by a }", help);
            }
        }
    }
}

fn inner(spot: &Spot, step: Step) -> Spot {
    let mut path = spot.path.0.clone();
    path.push(step);
    Spot { file: spot.file.clone(), path: YamlPath(path), part: Part::Value }
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
