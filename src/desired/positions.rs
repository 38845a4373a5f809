//! Lines and columns. `serde_yaml` gives positions for its own errors only, so a marked parser reads the file a second
//! time, and only when something in it is reported or listed.

use std::collections::{BTreeSet, HashMap};

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

/// The place of a span. Taken by its characters and not by its line, because YAML also breaks lines where editors do
/// not (at a lone carriage return).
fn place_of(source: &SourceText, span: Span) -> Place {
    let text = source.text();
    let mut starts = text.char_indices().map(|(byte, _)| byte).chain(std::iter::once(text.len()));
    let start = starts.nth(span.start.index()).unwrap_or(text.len());
    let length = span.end.index().saturating_sub(span.start.index());
    let end = length.checked_sub(1).map_or(Some(start), |more| starts.nth(more)).unwrap_or(text.len());
    source.place(start..end)
}

/// The lines of these keys below `templates`.
pub(super) fn lines_of_keys(text: &str, keys: &BTreeSet<&str>) -> Vec<(String, usize)> {
    let seen = lines_by_sight(text, keys);
    if seen.len() == keys.len() { seen } else { lines_by_parsing(text, keys) }
}

/// The lines of keys in the form in which nearly every file is written: `templates:` in the first column, and below it,
/// all equally indented, a line that begins with the key and a colon. Parsing for it would take as long as reading the
/// file did. A key that does not stand on exactly one such line is left out.
fn lines_by_sight(text: &str, keys: &BTreeSet<&str>) -> Vec<(String, usize)> {
    let mut found: HashMap<&str, Option<usize>> = HashMap::with_capacity(keys.len());
    let mut below_templates = false;
    let mut indentation = None;
    for (position, line) in text.lines().enumerate() {
        let content = line.trim_start_matches(' ');
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let indent = line.len() - content.len();
        if indent == 0 {
            below_templates = line.trim_end() == "templates:";
            indentation = None;
        } else if below_templates && *indentation.get_or_insert(indent) == indent {
            let name = content.split_once(':').map_or("", |(name, _)| name.trim_end());
            let unquoted = name.trim_matches(['"', '\'']);
            if let Some(key) = keys.get(unquoted) {
                found.entry(key).and_modify(|line| *line = None).or_insert(Some(position + 1));
            }
        }
    }
    found.into_iter().filter_map(|(key, line)| Some((key.to_owned(), line?))).collect()
}

/// The same for any form: the events are walked once, and nothing is built.
fn lines_by_parsing(text: &str, keys: &BTreeSet<&str>) -> Vec<(String, usize)> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_key_that_is_seen_is_where_the_parser_finds_it(
            keys in prop::collection::btree_set("[a-e]{1,2}", 1..6),
            indent in 1_usize..4,
            quote in prop::sample::select(vec!["", "'", "\""]),
            css in prop::bool::ANY,
        ) {
            let pad = " ".repeat(indent);
            let mut text = "# templates:\nlayouts:\n  a: { title: x }\ntemplates:\n".to_owned();
            for key in &keys {
                text.push_str(&format!("{pad}{quote}{key}{quote}:\n{pad}  title: \"{key}: x\"\n"));
                if css {
                    text.push_str(&format!("{pad}  customCss: |\n{pad}    {key}:\n{pad}      b: c\n\n"));
                }
            }
            text.push_str("moved:\n  - { from: a, to: b }\n");
            let wanted: BTreeSet<&str> = keys.iter().map(String::as_str).collect();
            let mut seen = lines_by_sight(&text, &wanted);
            seen.sort();
            let mut parsed = lines_by_parsing(&text, &wanted);
            parsed.sort();
            prop_assert_eq!(seen, parsed, "{}", text);
        }
    }
}
