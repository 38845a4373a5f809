//! From what is written to what is meant: variables put in, template over layout over defaults.

use std::collections::BTreeMap;

use serde_json::Value;

use super::check::value;
use super::faults::{Faults, Spot};
use super::path::{Part, Step, YamlPath};
use super::shape::Group;
use super::tree::Node;
use super::variables::{Problem, substitute};
use crate::model::Attributes;

/// A group of attributes with its variables put in and each value checked by itself.
#[derive(Debug)]
pub(super) struct Prepared<'g> {
    group: &'g Group,
    /// Nothing: the group says that the attribute is not to be there.
    values: BTreeMap<&'g str, Option<Value>>,
    /// Variables that have no value. They are wrong only where the group is used.
    pub(super) missing: Faults,
}

/// Puts variables in and checks each value. What is wrong whatever the environment goes to `faults`.
pub(super) fn prepare<'g>(
    group: &'g Group,
    variables: &BTreeMap<String, String>,
    faults: &mut Faults,
) -> Prepared<'g> {
    let mut prepared = Prepared { group, values: BTreeMap::new(), missing: Faults::default() };
    for (name, node) in &group.members {
        let spot = group.member_spot(name, Part::Value);
        let mut reader = Values { variables, faults, missing: &mut prepared.missing, is_whole: true };
        let value = reader.json(node, &spot);
        let is_whole = reader.is_whole;
        if is_whole && !matches!(node, Node::Null) {
            value::check(name, &value, &spot, faults);
        }
        prepared.values.insert(name, (!matches!(node, Node::Null)).then_some(value));
    }
    prepared
}

/// What `extra` holds: sent as it is, null included.
pub(super) fn extra(
    members: &[(String, Node)],
    at: &Spot,
    variables: &BTreeMap<String, String>,
    faults: &mut Faults,
    missing: &mut Faults,
) -> Vec<(String, Value)> {
    let mut reader = Values { variables, faults, missing, is_whole: true };
    members
        .iter()
        .map(|(name, node)| (name.clone(), reader.json(node, &inner(at, Step::Member(name.clone(), 0)))))
        .collect()
}

struct Values<'a> {
    variables: &'a BTreeMap<String, String>,
    faults: &'a mut Faults,
    missing: &'a mut Faults,
    /// Whether every variable had a value.
    is_whole: bool,
}

impl Values<'_> {
    fn json(&mut self, node: &Node, spot: &Spot) -> Value {
        match node {
            Node::Text(text) if text.contains('$') => Value::String(self.text(text, spot)),
            Node::NotFinite => {
                self.faults.add(
                    spot.clone(),
                    "number",
                    "this number cannot be sent: JSON has no infinity and no nan",
                );
                Value::Null
            }
            Node::List(items) => Value::Array(
                items
                    .iter()
                    .enumerate()
                    .map(|(at, item)| self.json(item, &inner(spot, Step::Item(at))))
                    .collect(),
            ),
            Node::Map(members) => {
                let mut map = serde_json::Map::new();
                for (position, (name, node)) in members.iter().enumerate() {
                    let nth = members[..position].iter().filter(|(other, _)| other == name).count();
                    let at = inner(spot, Step::Member(name.clone(), nth));
                    if nth > 0 {
                        let again = Spot { part: Part::Name, ..at.clone() };
                        let message = format!("{name} stands here a second time, and only one can count");
                        self.faults.add(again, "duplicate-key", message);
                    }
                    let value = self.json(node, &at);
                    map.insert(name.clone(), value);
                }
                Value::Object(map)
            }
            other => other.clone().into_json(),
        }
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
    origins: BTreeMap<&'g str, &'g Group>,
}

impl Resolved<'_> {
    /// Where an attribute is written.
    pub(super) fn spot(&self, name: &str) -> Option<Spot> {
        self.origins.get(name).map(|group| group.member_spot(name, Part::Value))
    }
}

/// The later group wins; lists are replaced and never merged; an explicit null takes away what an earlier one gave.
pub(super) fn merge<'g>(groups: &[&'g Prepared<'g>], extra: Vec<(String, Value)>) -> Resolved<'g> {
    let mut values: BTreeMap<&str, (&Group, &Value)> = BTreeMap::new();
    for prepared in groups {
        for (name, value) in &prepared.values {
            match value {
                Some(value) => drop(values.insert(name, (prepared.group, value))),
                None => drop(values.remove(name)),
            }
        }
    }
    let origins = values.iter().map(|(name, (group, _))| (*name, *group)).collect();
    let own = values.into_iter().map(|(name, (_, value))| (name.to_owned(), value.clone()));
    Resolved { attributes: own.chain(extra).collect(), origins }
}
