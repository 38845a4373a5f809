//! Lines and columns. `serde_yaml` gives positions for its own errors only, so a marked parser reads the file a second
//! time, and only when something in it is reported or listed.

use std::collections::BTreeSet;

use saphyr_parser::{Event, Parser, ScanError, Span};

use super::path::{Part, Step, YamlPath};
use crate::model::{Place, SourceText};

/// A document with the span of every node.
#[derive(Debug)]
pub(super) struct Positions {
    root: Option<Marked>,
}

#[derive(Debug)]
struct Marked {
    span: Span,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Leaf,
    List(Vec<Marked>),
    Map(Vec<(String, Span, Marked)>),
}

impl Positions {
    pub(super) fn of(text: &str) -> Self {
        Self { root: Builder::new(text).document() }
    }

    /// The place of what a path leads to; of the nearest thing above it where the path leads into an alias.
    pub(super) fn place(&self, source: &SourceText, path: &YamlPath, part: Part) -> Place {
        let Some(mut node) = self.root.as_ref() else { return source.place(0..0) };
        let mut name = node.span;
        for step in &path.0 {
            let next = match (&node.kind, step) {
                (Kind::Map(members), Step::Member(wanted, nth)) => {
                    members.iter().filter(|(name, ..)| name == wanted).nth(*nth)
                }
                (Kind::List(items), Step::Item(position)) => {
                    let Some(item) = items.get(*position) else { break };
                    (name, node) = (item.span, item);
                    continue;
                }
                _ => None,
            };
            let Some((_, span, value)) = next else { break };
            (name, node) = (*span, value);
        }
        let is_empty = node.span.start == node.span.end;
        // A value that is not there has no place of its own: its name has.
        let span = if part == Part::Name || is_empty { name } else { node.span };
        place_of(source, span)
    }
}

/// The place of a span: its first line, from its column to its end or the line's.
fn place_of(source: &SourceText, span: Span) -> Place {
    let line = span.start.line().max(1);
    let source_line = source.text().split('\n').nth(line - 1).unwrap_or_default().trim_end_matches('\r');
    let column = span.start.col() + 1;
    let rest = (source_line.chars().count() + 1).saturating_sub(column);
    let width = if span.end.line() == span.start.line() {
        span.end.col().saturating_sub(span.start.col())
    } else {
        rest
    };
    Place {
        file: source.file().to_owned(),
        line,
        column,
        width: width.min(rest).max(1),
        source_line: source_line.to_owned(),
    }
}

/// The lines of these keys below `templates`. Nothing is built: the events are walked once.
pub(super) fn lines_of_keys(text: &str, keys: &BTreeSet<&str>) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    let mut walk = Walk::default();
    let mut below_templates = false;
    for event in Parser::new_from_str(text) {
        let Ok((event, span)) = event else { break };
        if let Event::Scalar(scalar, ..) = &event
            && walk.expects_name()
        {
            match walk.depth() {
                1 => below_templates = scalar == "templates",
                2 if below_templates && keys.contains(scalar.as_ref()) => {
                    found.push((scalar.to_string(), span.start.line()));
                }
                _ => {}
            }
        }
        walk.step(&event);
    }
    found
}

/// Where a walk over events is: one entry for each open collection, for a mapping whether a name comes next.
#[derive(Default)]
struct Walk(Vec<Option<bool>>);

impl Walk {
    fn depth(&self) -> usize {
        self.0.len()
    }

    fn expects_name(&self) -> bool {
        self.0.last() == Some(&Some(true))
    }

    fn step(&mut self, event: &Event<'_>) {
        match event {
            Event::MappingStart(..) => self.0.push(Some(true)),
            Event::SequenceStart(..) => self.0.push(None),
            Event::MappingEnd | Event::SequenceEnd => {
                self.0.pop();
                self.value_ended();
            }
            Event::Scalar(..) | Event::Alias(_) => self.value_ended(),
            _ => {}
        }
    }

    /// After a name comes a value, after a value a name.
    fn value_ended(&mut self) {
        if let Some(Some(expects_name)) = self.0.last_mut() {
            *expects_name = !*expects_name;
        }
    }
}

/// Deeper than any template is; what is deeper is refused before it is read.
const DEEPEST: usize = 200;

struct Builder<'t> {
    parser: Parser<'t, saphyr_parser::StrInput<'t>>,
}

impl<'t> Builder<'t> {
    fn new(text: &'t str) -> Self {
        Self { parser: Parser::new_from_str(text) }
    }

    fn next(&mut self) -> Option<(Event<'t>, Span)> {
        let next: Option<Result<(Event<'t>, Span), ScanError>> = self.parser.next();
        next?.ok()
    }

    /// The first document, as far as it can be read.
    fn document(mut self) -> Option<Marked> {
        loop {
            match self.next()? {
                (Event::StreamStart | Event::DocumentStart(_) | Event::Nothing, _) => {}
                (Event::StreamEnd | Event::DocumentEnd, _) => return None,
                (event, span) => return Some(self.node(&event, span, 0)),
            }
        }
    }

    fn node(&mut self, event: &Event<'t>, span: Span, depth: usize) -> Marked {
        let kind = match event {
            _ if depth > DEEPEST => Kind::Leaf,
            Event::SequenceStart(..) => {
                let mut items = Vec::new();
                while let Some((event, span)) = self.next() {
                    if event == Event::SequenceEnd {
                        break;
                    }
                    items.push(self.node(&event, span, depth + 1));
                }
                Kind::List(items)
            }
            Event::MappingStart(..) => {
                let mut members = Vec::new();
                while let Some((event, span)) = self.next() {
                    if event == Event::MappingEnd {
                        break;
                    }
                    let name =
                        if let Event::Scalar(text, ..) = &event { text.to_string() } else { String::new() };
                    self.node(&event, span, depth + 1);
                    let Some((event, value)) = self.next() else { break };
                    let node = self.node(&event, value, depth + 1);
                    members.push((name, span, node));
                }
                Kind::Map(members)
            }
            _ => Kind::Leaf,
        };
        Marked { span, kind }
    }
}
