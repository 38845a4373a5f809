//! Finds the place of a label without parsing its file: an estate's file has hundreds of templates, and a warning names one
//! label. Only files in the usual form are looked through, in which a name and its list of labels have lines of their own.
//! The marked parser (`positions`) finds all others.

use std::ops::Range;

use super::path::{PathStep, YamlPath};

/// The range of the beginning of the label at this path; `None` if the file has another form there.
pub(super) fn in_usual_form(text: &str, path: &YamlPath) -> Option<Range<usize>> {
    let [
        PathStep::Member(section, 0),
        PathStep::Member(entry, 0),
        PathStep::Member(list, 0),
        PathStep::Item(number),
    ] = path.0.as_slice()
    else {
        return None;
    };
    let section = Block::of_file(text).only(|line| line == format!("{section}:"))?;
    let entry = section.only(|line| name(line) == Some(entry.as_str()))?;
    let list = entry.only(|line| line == format!("{list}:"))?;
    list.item(*number)
}

/// The name at the beginning of a line that ends with its colon.
fn name(line: &str) -> Option<&str> {
    Some(line.strip_suffix(':')?.trim_matches(['"', '\'']))
}

/// Lines with the same indentation, and everything below each of them.
#[derive(Clone, Copy)]
struct Block<'t> {
    text: &'t str,
    start: usize,
    end: usize,
}

struct Line<'t> {
    start: usize,
    end: usize,
    indent: usize,
    content: &'t str,
}

impl<'t> Block<'t> {
    fn of_file(text: &'t str) -> Self {
        Self { text, start: 0, end: text.len() }
    }

    /// The lines that are neither empty nor a comment.
    fn lines(self) -> impl Iterator<Item = Line<'t>> {
        let mut start = self.start;
        let lines = self.text[self.start..self.end].split_inclusive('\n').map(move |line| {
            let begin = start;
            start += line.len();
            let whole = line.trim_end();
            let content = whole.trim_start_matches(' ');
            Line { start: begin, end: start, indent: whole.len() - content.len(), content }
        });
        lines.filter(|line| !line.content.is_empty() && !line.content.starts_with('#'))
    }

    /// What is below the only line of this block that `is_it` accepts.
    fn only(self, is_it: impl Fn(&str) -> bool) -> Option<Self> {
        let indent = self.lines().next()?.indent;
        let mut found: Option<Self> = None;
        let mut is_open = false;
        for line in self.lines() {
            match &mut found {
                // Items of a list may be indented like the name above it.
                Some(found)
                    if is_open
                        && (line.indent > indent || is_item(line.content) && line.indent == indent) =>
                {
                    found.end = line.end;
                }
                _ if line.indent < indent => return None,
                _ if line.indent > indent => {}
                found if is_it(line.content) => {
                    if found.is_some() {
                        return None;
                    }
                    *found = Some(Self { start: line.end, end: line.end, ..self });
                    is_open = true;
                }
                _ => is_open = false,
            }
        }
        found
    }

    /// The place of an item of the list in this block.
    fn item(self, number: usize) -> Option<Range<usize>> {
        let indent = self.lines().next()?.indent;
        let mut seen = 0;
        for line in self.lines() {
            // A text that is not closed on its line may go on with anything.
            if ['"', '\''].iter().any(|quote| line.content.matches(*quote).count() % 2 == 1) {
                return None;
            }
            if line.indent > indent {
                continue;
            }
            if line.indent < indent || !is_item(line.content) {
                return None;
            }
            if seen == number {
                let value = line.content[1..].trim_start_matches(' ');
                let at = line.start + line.indent + line.content.len() - value.len();
                return Some(at..at + beginning(value)?);
            }
            seen += 1;
        }
        None
    }
}

/// The length of what the parser takes for the beginning of a mapping: a brace and the blanks behind it, or nothing before a
/// name. `None` for any other value.
fn beginning(value: &str) -> Option<usize> {
    match value.strip_prefix('{') {
        Some(rest) => {
            let inside = rest.trim_start_matches([' ', '\t']);
            (!inside.starts_with('#')).then_some(value.len() - inside.len())
        }
        None => value.starts_with(|c: char| c.is_ascii_alphabetic()).then_some(0),
    }
}

fn is_item(content: &str) -> bool {
    content.starts_with("- ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::desired::path::PathPart;
    use crate::desired::positions::Positions;
    use crate::model::SourceText;

    fn path(section: &str, entry: &str, number: usize) -> YamlPath {
        YamlPath::root().member(section).member(entry).member("labels").item(number)
    }

    /// Line, column and width.
    type Found = (usize, usize, usize);

    fn places(text: &str, path: &YamlPath) -> (Option<Found>, Found) {
        let source = SourceText::new("a", text);
        let place = |range| {
            let place = source.place(range);
            (place.line, place.column, place.width)
        };
        let parsed = Positions::of(text).find(text, path, PathPart::Value, None);
        (in_usual_form(text, path).map(place), place(parsed.range))
    }

    #[test]
    fn labels_in_the_usual_form_are_found() {
        let text = "layouts:\n  a:\n    labels:\n    - { x: 1 }\ntemplates:\n  # a:\n  a:\n    title: \"é\"\n    labels:\n\n      \
                    - {certificateFieldId: x,\n         y: 1 }\n      -   certificateFieldId: y\n          x: 2\n    customCss: |\n      \
                    labels:\n        - { x: 1 }\n  b:\n    labels:\n    - x: 1\n    - x: 2\n    title: T\n";
        for (section, entry, number) in [
            ("layouts", "a", 0),
            ("templates", "a", 0),
            ("templates", "a", 1),
            ("templates", "b", 0),
            ("templates", "b", 1),
        ] {
            let (seen, parsed) = places(text, &path(section, entry, number));
            assert_eq!(seen, Some(parsed), "{section} {entry} {number}");
        }
        assert_eq!(in_usual_form(text, &path("templates", "b", 2)), None);
        assert_eq!(in_usual_form(text, &path("templates", "c", 0)), None);
        assert_eq!(in_usual_form(text, &YamlPath::root().member("defaults").member("labels").item(0)), None);
    }

    fn line() -> impl Strategy<Value = String> {
        let content = prop::sample::select(vec![
            "a:",
            "b:",
            "'a':",
            "labels:",
            "labels: &l",
            "labels: [{x: 1}]",
            "- { x: 1 }",
            "- x: 1",
            "- x",
            "- &m { x: 1 }",
            "- *m",
            "-  { x: 1,",
            "- {x: 1}",
            "- {   x: 1}",
            "- { # c",
            "- {",
            "x: 1 }",
            "y: 2 }",
            "- labels:",
            "title: |",
            "title: \"t",
            "t\"",
            "t: x",
            "# c",
            "",
        ]);
        (0..5_usize, content).prop_map(|(depth, content)| format!("{}{content}\n", "  ".repeat(depth)))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn places_are_those_of_the_parser(lines in prop::collection::vec(line(), 1..14), number in 0..3_usize) {
            let text = format!("templates:\n  a:\n{}", lines.concat());
            // Only texts that could be loaded have labels to be found.
            let Ok(whole) = serde_yaml::from_str::<serde_yaml::Value>(&text) else { return Ok(()) };
            if whole["templates"]["a"]["labels"].get(number).is_none_or(|label| !label.is_mapping()) {
                return Ok(());
            }
            let (seen, parsed) = places(&text, &path("templates", "a", number));
            if let Some(seen) = seen {
                prop_assert_eq!(seen, parsed, "{}", text);
            }
        }
    }
}
