//! Reads the sections of a file that say what became of keys: `moved` and `removed`.

use super::Shaper;
use crate::desired::fields::{ENVIRONMENTS, MOVE, REMOVAL};
use crate::desired::path::{PathPart, YamlPath};
use crate::desired::tree::Node;
use crate::desired::unlocated::NodeRef;
use crate::model::Key;

/// One move as written.
#[derive(Debug)]
pub(in crate::desired) struct RawMove {
    pub(in crate::desired) from: Key,
    pub(in crate::desired) to: Key,
    pub(in crate::desired) node_ref: NodeRef,
}

/// One key to be forgotten, as written.
#[derive(Debug)]
pub(in crate::desired) struct RawRemoval {
    pub(in crate::desired) key: Key,
    /// `None`: it is to be forgotten in all environments.
    pub(in crate::desired) environments: Option<Vec<String>>,
    pub(in crate::desired) node_ref: NodeRef,
}

impl Shaper<'_> {
    pub(super) fn moves(&mut self, node: Node, path: &YamlPath) -> Vec<RawMove> {
        let mut moves = Vec::new();
        for (position, item) in
            self.entries(node, path, "moved", "a list of { from: old, to: new }").into_iter().enumerate()
        {
            let path = path.item(position);
            let (mut from, mut to) = (None, None);
            for (name, node) in self.members(item, &path, "an entry of moved") {
                let inner = path.member(&name);
                if !MOVE.contains(&name.as_str()) {
                    self.unknown(&path, &name, &MOVE);
                    continue;
                }
                let key = self.key_of_entry(&name, node, &inner);
                *(if name == "from" { &mut from } else { &mut to }) = Some(key);
            }
            let node_ref = self.node_ref(&path, PathPart::Value);
            match (from, to) {
                (Some(Some(from)), Some(Some(to))) => moves.push(RawMove { from, to, node_ref }),
                (Some(_), Some(_)) => {}
                _ => self.findings.add(
                    node_ref,
                    "moved",
                    "`from` and `to` are both required in an entry of moved",
                ),
            }
        }
        moves
    }

    pub(super) fn removals(&mut self, node: Node, path: &YamlPath) -> Vec<RawRemoval> {
        let mut removals = Vec::new();
        for (position, item) in
            self.entries(node, path, "removed", "a list of { from: key }").into_iter().enumerate()
        {
            let path = path.item(position);
            let (mut from, mut environments) = (None, None);
            for (name, node) in self.members(item, &path, "an entry of removed") {
                let inner = path.member(&name);
                match name.as_str() {
                    "from" => from = Some(self.key_of_entry(&name, node, &inner)),
                    ENVIRONMENTS => environments = self.environments(node, &inner),
                    _ => self.unknown(&path, &name, &REMOVAL),
                }
            }
            let node_ref = self.node_ref(&path, PathPart::Value);
            match from {
                Some(Some(key)) => removals.push(RawRemoval { key, environments, node_ref }),
                Some(None) => {}
                None => self.findings.add(node_ref, "removed", "`from` is required in an entry of removed"),
            }
        }
        removals
    }

    /// The entries of a section.
    fn entries(&mut self, node: Node, path: &YamlPath, section: &str, expected: &str) -> Vec<Node> {
        match node {
            Node::List(items) => items,
            Node::Null => Vec::new(),
            other => {
                self.wrong(path, section, expected, &other);
                Vec::new()
            }
        }
    }

    fn key_of_entry(&mut self, name: &str, node: Node, path: &YamlPath) -> Option<Key> {
        let why = match node {
            Node::Text(text) => match Key::new(text) {
                Ok(key) => return Some(key),
                Err(why) => why,
            },
            other => {
                let expected = "a template's key, as a string (in quotes if it looks like a number)";
                self.wrong(path, name, expected, &other);
                return None;
            }
        };
        let node_ref = self.node_ref(path, PathPart::Value);
        self.findings.add(node_ref, "invalid-key", format!("this cannot be a template's key: {why}"));
        None
    }
}
