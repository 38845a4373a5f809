//! Finds the lines of template keys, for reports that list templates with their source.

use std::collections::{BTreeSet, HashMap};

use foldhash::fast::RandomState;
use memchr::memchr_iter;
use saphyr_parser::{Event, Parser};

use super::marked_text::marked_text;

/// The lines of all templates of a file in the usual form, by key; empty for a file in another form, whose text is kept.
#[derive(Debug, Default)]
pub(super) struct KeyLines(Box<[(Box<str>, u32)]>);

impl KeyLines {
    /// The lines of a file with these keys; `None` if it has another form.
    pub(super) fn of_usual_form(text: &str, keys: &BTreeSet<&str>) -> Option<Self> {
        let seen = lines_in_usual_form(text, keys);
        if seen.len() < keys.len() {
            return None;
        }
        let line = |(key, line)| Some((Box::from(key), u32::try_from(line).ok()?));
        let mut lines: Vec<(Box<str>, u32)> = seen.into_iter().filter_map(line).collect();
        lines.sort_unstable();
        Some(Self(lines.into()))
    }

    /// The lines of these keys. The text is asked for only if the file has another form.
    pub(super) fn of<'t>(
        &self,
        keys: &BTreeSet<&str>,
        text: impl FnOnce() -> Option<&'t str>,
    ) -> Vec<(String, usize)> {
        let line = |key: &&str| {
            let place = self.0.binary_search_by(|(other, _)| (**other).cmp(*key)).ok()?;
            let (_, line) = self.0.get(place)?;
            Some(((*key).to_owned(), usize::try_from(*line).ok()?))
        };
        let known: Option<Vec<(String, usize)>> = keys.iter().map(line).collect();
        known.unwrap_or_else(|| text().map(|text| lines_of_keys(text, keys)).unwrap_or_default())
    }
}

/// The lines of these keys below `templates`.
fn lines_of_keys(text: &str, keys: &BTreeSet<&str>) -> Vec<(String, usize)> {
    let seen = lines_in_usual_form(text, keys);
    let seen: Vec<(String, usize)> = seen.into_iter().map(|(key, line)| (key.to_owned(), line)).collect();
    if seen.len() == keys.len() { seen } else { lines_in_any_form(text, keys) }
}

/// The lines of keys in the usual form: `templates:` in the first column, and below it, equally indented, lines
/// that begin with a key and a colon. Parsing instead would take as long as reading the file did. A key that does
/// not match exactly one line is left out.
fn lines_in_usual_form<'k>(text: &str, keys: &BTreeSet<&'k str>) -> Vec<(&'k str, usize)> {
    let mut found: HashMap<&str, Option<usize>, RandomState> =
        HashMap::with_capacity_and_hasher(keys.len(), RandomState::default());
    let mut below_templates = false;
    let mut indentation = None;
    let ends = memchr_iter(b'\n', text.as_bytes()).chain(std::iter::once(text.len()));
    let mut start = 0;
    for (position, end) in ends.enumerate() {
        let line = text.get(start..end).unwrap_or_default();
        start = end + 1;
        let line = line.strip_suffix('\r').unwrap_or(line);
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
            if let Some(key) = keys.get(unquoted).copied() {
                found.entry(key).and_modify(|line| *line = None).or_insert(Some(position + 1));
            }
        }
    }
    found.into_iter().filter_map(|(key, line)| Some((key, line?))).collect()
}

/// The same for any form: walks the events once and builds no tree.
fn lines_in_any_form(text: &str, keys: &BTreeSet<&str>) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    let mut walk = MappingWalk::default();
    let mut below_templates = false;
    for event in Parser::new_from_str(&marked_text(text)) {
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

/// Position in a walk over events: one entry for each open collection; for a mapping, whether a name comes next.
#[derive(Default)]
struct MappingWalk(Vec<Option<bool>>);

impl MappingWalk {
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

    /// A value follows a name, and a name follows a value.
    fn value_ended(&mut self) {
        if let Some(Some(expects_name)) = self.0.last_mut() {
            *expects_name = !*expects_name;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn key_lines_agree_with_the_parser(
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
            let mut seen = lines_in_usual_form(&text, &wanted);
            seen.sort_unstable();
            let mut parsed = lines_in_any_form(&text, &wanted);
            parsed.sort();
            let seen: Vec<(String, usize)> = seen.into_iter().map(|(key, line)| (key.to_owned(), line)).collect();
            prop_assert_eq!(&seen, &parsed, "{}", text);
            let kept = KeyLines::of_usual_form(&text, &wanted).unwrap();
            let mut known = kept.of(&wanted, || None);
            known.sort();
            prop_assert_eq!(known, parsed, "{}", text);
        }
    }
}
