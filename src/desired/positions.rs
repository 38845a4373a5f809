//! Lines and columns of nodes. `serde_yaml` reports positions only for its own errors, so a marked parser reads a
//! file a second time: when something in it is reported, or when it is in an unusual form.

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use saphyr_parser::{Event, Parser, ScanError, Span};

use super::marked_text::marked_text;
use super::offsets::Offsets;
use super::path::{PathPart, PathStep, YamlPath};

/// A document with the span of every node.
pub(super) struct Positions {
    root: Option<Rc<MarkedNode>>,
    offsets: Offsets,
}

struct MarkedNode {
    span: Span,
    kind: NodeKind,
}

enum NodeKind {
    Leaf,
    List(Vec<Rc<MarkedNode>>),
    Map(MarkedMembers),
}

/// The members of a mapping, in written order.
struct MarkedMembers {
    all: Vec<MarkedMember>,
    /// The positions of each name, for large mappings: thousands of findings in one mapping each look up a name.
    by_name: Option<HashMap<String, Vec<usize>>>,
}

impl MarkedMembers {
    fn new(all: Vec<MarkedMember>) -> Self {
        const FEW: usize = 32;
        let by_name = (all.len() > FEW).then(|| {
            let mut by_name: HashMap<String, Vec<usize>> = HashMap::with_capacity(all.len());
            for (position, (name, ..)) in all.iter().enumerate() {
                by_name.entry(name.clone()).or_default().push(position);
            }
            by_name
        });
        Self { all, by_name }
    }

    /// All members with this name.
    fn named<'m>(&'m self, name: &'m str) -> impl Iterator<Item = &'m MarkedMember> {
        let indexed = self.by_name.as_ref().map(|by_name| by_name.get(name).map_or(&[][..], Vec::as_slice));
        let few = if indexed.is_none() { self.all.as_slice() } else { &[] };
        let of_many = indexed.into_iter().flatten().filter_map(|position| self.all.get(*position));
        of_many.chain(few.iter().filter(move |(other, ..)| other == name))
    }
}

/// Name, span of the name, and value.
type MarkedMember = (String, Span, Rc<MarkedNode>);

/// The limit of members searched for one that merge keys bring in.
const MAX_MERGED: usize = 10_000;

impl Positions {
    pub(super) fn of(text: &str) -> Self {
        Self { root: Builder::new(&marked_text(text)).document(), offsets: Offsets::of(text) }
    }

    /// The position of a path, with aliases and merge keys followed; of the nearest parent where the path leads
    /// nowhere. With `written`, the first occurrence of that text within it. `text` must be the parsed text.
    pub(super) fn find(
        &self,
        text: &str,
        path: &YamlPath,
        part: PathPart,
        written: Option<&str>,
    ) -> FoundPosition {
        let Some((name, node)) = self.node(path) else {
            return FoundPosition { range: 0..0, is_leaf: false };
        };
        let is_empty = node.span.start == node.span.end;
        // An empty value has no position, so its name is used.
        let span = if part == PathPart::Name || is_empty { name } else { node.span };
        FoundPosition { range: self.range(text, span, written), is_leaf: matches!(node.kind, NodeKind::Leaf) }
    }

    /// The positions of all items of the list at a path.
    pub(super) fn items(&self, text: &str, path: &YamlPath) -> Vec<Range<usize>> {
        match self.node(path).map(|(_, node)| &node.kind) {
            Some(NodeKind::List(items)) => {
                items.iter().map(|item| self.range(text, item.span, None)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The node at a path, or its nearest parent, and the span of its name.
    fn node<'m>(&'m self, path: &'m YamlPath) -> Option<(Span, &'m MarkedNode)> {
        let mut node = self.root.as_ref()?;
        let mut name = node.span;
        let mut steps = path.0.iter().peekable();
        while let Some(step) = steps.next() {
            let next = match (&node.kind, step) {
                (NodeKind::Map(members), PathStep::Member(wanted, nth)) => {
                    let of_name = || members.named(wanted).skip(*nth);
                    // Of duplicates, take the one that contains the next step.
                    let leads_on =
                        |member: &&MarkedMember| steps.peek().is_none_or(|next| has(&member.2, next));
                    of_name()
                        .find(leads_on)
                        .or_else(|| of_name().next())
                        .or_else(|| merged(members, wanted, &mut MAX_MERGED.clone()))
                }
                (NodeKind::List(items), PathStep::Item(position)) => {
                    let Some(item) = items.get(*position) else { break };
                    (name, node) = (item.span, item);
                    continue;
                }
                _ => None,
            };
            let Some((_, span, value)) = next else { break };
            (name, node) = (*span, value);
        }
        Some((name, node))
    }

    /// Counted in characters, not lines: YAML also breaks lines at a lone carriage return, and editors do not.
    fn range(&self, text: &str, span: Span, written: Option<&str>) -> Range<usize> {
        let start = self.offsets.byte(text, span.start.index());
        let end = self.offsets.byte(text, span.end.index()).max(start);
        match written.and_then(|written| Some((text[start..end].find(written)?, written.len()))) {
            Some((position, length)) => start + position..start + position + length,
            None => start..end,
        }
    }
}

/// A range in bytes of the text.
#[derive(Clone, Debug)]
pub(super) struct FoundPosition {
    pub(super) range: Range<usize>,
    /// Whether it is a scalar.
    pub(super) is_leaf: bool,
}

/// Whether the node contains this step.
fn has(node: &MarkedNode, step: &PathStep) -> bool {
    match (&node.kind, step) {
        (NodeKind::Map(members), PathStep::Member(wanted, _)) => {
            members.named(wanted).next().is_some() || members.named("<<").next().is_some()
        }
        (NodeKind::List(items), PathStep::Item(position)) => *position < items.len(),
        _ => false,
    }
}

/// The member with this name that `<<` brings in, from the first source that has it.
fn merged<'m>(members: &'m MarkedMembers, wanted: &'m str, left: &mut usize) -> Option<&'m MarkedMember> {
    let within = |node: &'m Rc<MarkedNode>, left: &mut usize| match &node.kind {
        NodeKind::Map(inner) => {
            *left = left.checked_sub(inner.all.len().max(1))?;
            inner.named(wanted).next().or_else(|| merged(inner, wanted, left))
        }
        _ => None,
    };
    members.named("<<").find_map(|(_, _, value)| match &value.kind {
        NodeKind::List(items) => items.iter().find_map(|item| within(item, left)),
        _ => within(value, left),
    })
}

/// A bound for recursion. Deeper documents are rejected before they get here.
const MAX_DEPTH: usize = 200;

struct Builder<'t> {
    parser: Parser<'t, saphyr_parser::StrInput<'t>>,
    /// The node of each anchor.
    anchors: HashMap<usize, Rc<MarkedNode>>,
}

impl<'t> Builder<'t> {
    fn new(text: &'t str) -> Self {
        Self { parser: Parser::new_from_str(text), anchors: HashMap::new() }
    }

    fn next(&mut self) -> Option<(Event<'t>, Span)> {
        let next: Option<Result<(Event<'t>, Span), ScanError>> = self.parser.next();
        next?.ok()
    }

    /// The first document, as far as it can be parsed.
    fn document(mut self) -> Option<Rc<MarkedNode>> {
        loop {
            match self.next()? {
                (Event::StreamStart | Event::DocumentStart(_) | Event::Nothing, _) => {}
                (Event::StreamEnd | Event::DocumentEnd, _) => return None,
                (event, span) => return Some(self.node(&event, span, 0)),
            }
        }
    }

    fn node(&mut self, event: &Event<'t>, span: Span, depth: usize) -> Rc<MarkedNode> {
        let (anchor, kind) = match event {
            Event::Alias(anchor) => match self.anchors.get(anchor) {
                Some(node) => return Rc::clone(node),
                None => (0, NodeKind::Leaf),
            },
            _ if depth > MAX_DEPTH => (0, NodeKind::Leaf),
            Event::SequenceStart(anchor, _) => (*anchor, self.list(depth)),
            Event::MappingStart(anchor, _) => (*anchor, self.map(depth)),
            Event::Scalar(_, _, anchor, _) => (*anchor, NodeKind::Leaf),
            _ => (0, NodeKind::Leaf),
        };
        let node = Rc::new(MarkedNode { span, kind });
        if anchor > 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        node
    }

    fn list(&mut self, depth: usize) -> NodeKind {
        let mut items = Vec::new();
        while let Some((event, span)) = self.next() {
            if event == Event::SequenceEnd {
                break;
            }
            items.push(self.node(&event, span, depth + 1));
        }
        NodeKind::List(items)
    }

    fn map(&mut self, depth: usize) -> NodeKind {
        let mut members = Vec::new();
        while let Some((event, span)) = self.next() {
            if event == Event::MappingEnd {
                break;
            }
            let name = if let Event::Scalar(text, ..) = &event { text.to_string() } else { String::new() };
            self.node(&event, span, depth + 1);
            let Some((event, value)) = self.next() else { break };
            let node = self.node(&event, value, depth + 1);
            members.push((name, span, node));
        }
        NodeKind::Map(MarkedMembers::new(members))
    }
}
