//! A YAML document as `serde_yaml` reads it, with duplicate keys kept.

use std::cell::Cell;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use super::alias_limits::{MAX_DEPTH, Weight};

/// One node of a YAML document.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Null,
    Bool(bool),
    Number(Number),
    /// A number that JSON cannot represent: `.nan`, `.inf`, an integer beyond 64 bits.
    NotJson,
    Text(String),
    List(Vec<Self>),
    Map(Vec<(String, Self)>),
}

impl Node {
    /// What the error about a value with a tag expects.
    pub(super) const NO_TAGS: &'static str = "plain YAML without tags";

    /// The type of the node, for people.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "true or false",
            Self::Number(_) | Self::NotJson => "a number",
            Self::Text(_) => "a string",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
        }
    }

    /// Parses a document that expands to no more than its weight.
    pub(super) fn parse(text: &str, weight: Weight) -> Result<Self, serde_yaml::Error> {
        // A node takes at least one byte; an escape of two characters yields at most three bytes.
        let written = text.len() as u64;
        let nodes = Cell::new(written.saturating_add(weight.nodes).saturating_add(1));
        let budget = Budget { nodes, bytes: Cell::new((2 * written).saturating_add(weight.bytes)) };
        NodeReader { budget: &budget, depth: 0 }.deserialize(serde_yaml::Deserializer::from_str(text))
    }
}

/// What may still be read. The weighing parser rejects some texts that this one accepts, so the limits must also
/// hold here.
struct Budget {
    nodes: Cell<u64>,
    bytes: Cell<u64>,
}

/// Reads one node and its contents.
#[derive(Clone, Copy)]
struct NodeReader<'b> {
    budget: &'b Budget,
    /// The depth of nesting.
    depth: usize,
}

impl NodeReader<'_> {
    fn spend<E: de::Error>(self, bytes: usize) -> Result<(), E> {
        let left = |of: &Cell<u64>, spent: u64| {
            of.set(of.get().checked_sub(spent)?);
            Some(())
        };
        let within = left(&self.budget.nodes, 1).and(left(&self.budget.bytes, bytes as u64));
        within.ok_or_else(|| E::custom("size limit exceeded"))
    }

    /// The reader for the contents of a list or mapping.
    fn inside<E: de::Error>(self) -> Result<Self, E> {
        self.spend(0)?;
        let inside = Self { depth: self.depth + 1, ..self };
        if inside.depth > MAX_DEPTH { Err(E::custom("depth limit exceeded")) } else { Ok(inside) }
    }

    fn leaf<E: de::Error>(self, node: Node) -> Result<Node, E> {
        let bytes = if let Node::Text(text) = &node { text.len() } else { 0 };
        self.spend(bytes).map(|()| node)
    }
}

impl<'de> DeserializeSeed<'de> for NodeReader<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for NodeReader<'_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Node::NO_TAGS)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Node, E> {
        self.leaf(Node::Null)
    }

    fn visit_none<E: de::Error>(self) -> Result<Node, E> {
        self.leaf(Node::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Node, E> {
        self.leaf(Node::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Node, E> {
        self.leaf(Node::Number(value.into()))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Node, E> {
        self.leaf(Node::Number(value.into()))
    }

    fn visit_i128<E: de::Error>(self, _: i128) -> Result<Node, E> {
        self.leaf(Node::NotJson)
    }

    fn visit_u128<E: de::Error>(self, _: u128) -> Result<Node, E> {
        self.leaf(Node::NotJson)
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Node, E> {
        self.leaf(Number::from_f64(value).map_or(Node::NotJson, Node::Number))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Node, E> {
        self.leaf(Node::Text(value.to_owned()))
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Node, E> {
        self.leaf(Node::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let inside = self.inside()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inside)? {
            list.push(item);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let inside = self.inside()?;
        let mut map = Vec::new();
        while let Some(name) = entries.next_key::<String>()? {
            self.spend(name.len())?;
            map.push((name, entries.next_value_seed(inside)?));
        }
        Ok(Node::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Node, serde_yaml::Error> {
        Node::parse(text, Weight::MAX)
    }

    fn list(depth: usize, inner: &str) -> String {
        format!("{}{inner}{}", "[".repeat(depth), "]".repeat(depth))
    }

    /// Whatever the weighing parser says about such a text.
    #[test]
    fn documents_nested_too_deeply_are_refused() {
        let twice = |depth: usize| format!("a: &a [\n  {}]\nb: {}\n", list(depth, ""), list(depth, "*a"));
        assert!(parse(&twice(40)).is_ok());
        assert!(parse(&twice(60)).unwrap_err().to_string().contains("depth limit exceeded"));
        assert!(parse(&list(MAX_DEPTH, "")).is_ok());
        assert!(parse(&list(MAX_DEPTH + 1, "")).is_err());
    }

    #[test]
    fn documents_that_expand_too_much_are_refused() {
        let budget = Budget { nodes: Cell::new(5), bytes: Cell::new(9) };
        let read = |text: &str| {
            let reader = NodeReader { budget: &budget, depth: 0 };
            budget.nodes.set(5);
            budget.bytes.set(9);
            reader.deserialize(serde_yaml::Deserializer::from_str(text))
        };
        assert!(read("[1, 2, 3, 4]").is_ok());
        assert!(read("[1, 2, 3, 4, 5]").is_err());
        assert!(read("[&a abcd, *a]").is_ok());
        assert!(read("[&a abcde, *a]").is_err());
        assert!(read("{abcde: fghij}").is_err());
    }
}
