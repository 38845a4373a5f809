//! Finds templates, layouts and labels in a file of the usual form without parsing it, which would take as long as reading
//! the file did: each section, name, list of labels and adjusted label has a line of its own. `written_places` calls it for every file.

use std::ops::Range;

use memchr::{memchr_iter, memchr2_iter};

use super::fields::ADJUST;
use super::written_places::in_32_bits;
use crate::model::Attributes;

/// What is found in a file, in written order.
#[derive(Debug, Default)]
pub(super) struct UsualForm<'t> {
    pub(super) defaults: Option<UsualGroup<'t>>,
    pub(super) layouts: Vec<UsualGroup<'t>>,
    pub(super) templates: Vec<UsualGroup<'t>>,
}

/// A group of attributes: a template, a layout or the defaults.
#[derive(Debug)]
pub(super) struct UsualGroup<'t> {
    /// Its name, without quotes.
    pub(super) name: &'t str,
    /// The line of its name, from 1.
    pub(super) line: usize,
    /// The beginning of each label, in bytes of the text.
    pub(super) labels: Vec<Range<u32>>,
    /// The labels that it adjusts: name without quotes, and the bytes of the name with them.
    pub(super) adjusted: Vec<(&'t str, Range<u32>)>,
}

impl<'t> UsualForm<'t> {
    /// `None` if the file has another form. What it returns can be wrong for texts in quotes that look like YAML: the caller
    /// compares names and numbers.
    pub(super) fn of(text: &'t str) -> Option<Self> {
        let mut scan = LineScan::default();
        let ends = memchr_iter(b'\n', text.as_bytes()).chain(std::iter::once(text.len()));
        let mut start = 0;
        for (position, end) in ends.enumerate() {
            let line = text.get(start..end)?.trim_end();
            let content = line.trim_start_matches(' ');
            let indent = line.len() - content.len();
            if !content.is_empty() && !content.starts_with('#') {
                scan.line(&ScannedLine { number: position + 1, start: start + indent, indent, content })?;
            }
            start = end + 1;
        }
        Some(scan.found)
    }
}

/// A line that is neither empty nor a comment.
struct ScannedLine<'t> {
    number: usize,
    /// Where its content begins, in bytes of the text.
    start: usize,
    indent: usize,
    content: &'t str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FileSection {
    Defaults,
    Layouts,
    Templates,
}

/// A part of a group that has labels on the lines below its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LabelPart {
    List,
    Adjusted,
}

/// A walk over the lines. Its functions return `None` for a line that the usual form does not have.
#[derive(Debug, Default)]
struct LineScan<'t> {
    found: UsualForm<'t>,
    seen: Vec<FileSection>,
    section: Option<FileSection>,
    /// The indentation of names in the section, once known.
    names: Option<usize>,
    /// Whether the fields of the group are on the lines below its name.
    is_open: bool,
    /// The indentation of fields in the group, once known.
    fields: Option<usize>,
    seen_parts: Vec<LabelPart>,
    part: Option<LabelPart>,
    /// The indentation of labels in the part, once known.
    items: Option<usize>,
}

impl<'t> LineScan<'t> {
    fn line(&mut self, line: &ScannedLine<'t>) -> Option<()> {
        if line.indent == 0 && !is_item(line.content) {
            return self.section(line);
        }
        let Some(section) = self.section else { return Some(()) };
        let names = *self.names.get_or_insert(line.indent);
        match line.indent.checked_sub(names)? {
            0 if section == FileSection::Defaults => None,
            0 => {
                self.group(line, section);
                Some(())
            }
            _ if self.is_open => self.field(line),
            _ => Some(()),
        }
    }

    fn section(&mut self, line: &ScannedLine<'t>) -> Option<()> {
        (self.section, self.names) = (None, None);
        let (name, is_open) = name(line.content);
        let section = match name {
            "defaults" => FileSection::Defaults,
            "layouts" => FileSection::Layouts,
            "templates" => FileSection::Templates,
            _ => return Some(()),
        };
        if self.seen.contains(&section) {
            return None;
        }
        self.seen.push(section);
        if is_open {
            self.section = Some(section);
            if section == FileSection::Defaults {
                self.names = Some(0);
                self.group(line, section);
            }
        }
        Some(())
    }

    fn group(&mut self, line: &ScannedLine<'t>, section: FileSection) {
        let (name, is_open) = name(line.content);
        (self.is_open, self.fields, self.part) = (is_open, None, None);
        self.seen_parts.clear();
        let group = UsualGroup { name, line: line.number, labels: Vec::new(), adjusted: Vec::new() };
        match section {
            FileSection::Defaults => self.found.defaults = Some(group),
            FileSection::Layouts => self.found.layouts.push(group),
            FileSection::Templates => self.found.templates.push(group),
        }
    }

    fn field(&mut self, line: &ScannedLine<'t>) -> Option<()> {
        let fields = *self.fields.get_or_insert(line.indent);
        match line.indent.checked_sub(fields)? {
            // Items of a list may be indented like the name above it.
            0 if self.part == Some(LabelPart::List) && is_item(line.content) => {
                self.label(line, LabelPart::List)
            }
            0 => {
                (self.part, self.items) = (LabelPart::begun_by(line.content), None);
                let is_second = self.part.is_some_and(|part| self.seen_parts.contains(&part));
                self.seen_parts.extend(self.part);
                (!is_second).then_some(())
            }
            _ => self.part.map_or(Some(()), |part| self.label(line, part)),
        }
    }

    /// A line in a list of labels, or below `adjust`.
    fn label(&mut self, line: &ScannedLine<'t>, part: LabelPart) -> Option<()> {
        // A text that is not closed on its line may go on with anything.
        let quotes = memchr2_iter(b'"', b'\'', line.content.as_bytes());
        let single = quotes.clone().filter(|at| line.content.as_bytes().get(*at) == Some(&b'\'')).count();
        let double = quotes.count() - single;
        if single % 2 == 1 || double % 2 == 1 {
            return None;
        }
        let items = *self.items.get_or_insert(line.indent);
        if line.indent.checked_sub(items)? > 0 {
            return Some(());
        }
        let group = match self.section? {
            FileSection::Defaults => self.found.defaults.as_mut(),
            FileSection::Layouts => self.found.layouts.last_mut(),
            FileSection::Templates => self.found.templates.last_mut(),
        }?;
        match part {
            LabelPart::List => {
                let value = line.content.strip_prefix("- ")?.trim_start_matches(' ');
                let at = line.start + line.content.len() - value.len();
                group.labels.push(in_32_bits(at..at + beginning(value)?)?);
            }
            LabelPart::Adjusted => {
                let (quoted, _) = line.content.split_once(':')?;
                let range = in_32_bits(line.start..line.start + quoted.trim_end().len())?;
                group.adjusted.push((unquoted(quoted), range));
            }
        }
        Some(())
    }
}

impl LabelPart {
    /// The part that begins with this line.
    fn begun_by(content: &str) -> Option<Self> {
        let begins = |word: &str| content.starts_with(word) && name(content) == (word, true);
        match content.as_bytes().first()? {
            b'l' if begins(Attributes::LABELS) => Some(Self::List),
            b'a' if begins(ADJUST) => Some(Self::Adjusted),
            _ => None,
        }
    }
}

/// The name at the beginning of a line, without quotes, and whether its value begins on a line below: nothing follows the
/// colon but an anchor or a comment.
fn name(content: &str) -> (&str, bool) {
    let (name, rest) = content.split_once(':').unwrap_or_default();
    let value = rest.trim_start_matches(' ');
    let is_anchor = value.starts_with('&') && !value.contains([' ', '\t']);
    let is_below = rest.is_empty() || rest.starts_with(' ') && (is_anchor || value.starts_with('#'));
    (unquoted(name), is_below)
}

fn unquoted(name: &str) -> &str {
    name.trim_end().trim_matches(['"', '\''])
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
    use crate::desired::path::{PathPart, PathStep, YamlPath};
    use crate::desired::positions::Positions;

    fn labels(section: &str, group: &UsualGroup<'_>) -> Vec<(YamlPath, Range<usize>)> {
        let group_path = match section {
            "defaults" => YamlPath::root().member("defaults"),
            section => YamlPath::root().member(section).member(group.name),
        };
        let bytes = |range: &Range<u32>| range.start as usize..range.end as usize;
        let label = |(number, range)| (group_path.member("labels").item(number), bytes(range));
        group.labels.iter().enumerate().map(label).collect()
    }

    /// Every label that is found, and its place.
    fn all_labels(form: &UsualForm<'_>) -> Vec<(YamlPath, Range<usize>)> {
        let sections = [("layouts", &form.layouts), ("templates", &form.templates)];
        let groups = sections
            .into_iter()
            .flat_map(|(section, groups)| groups.iter().map(move |group| (section, group)));
        let groups = groups.chain(form.defaults.iter().map(|group| ("defaults", group)));
        groups.flat_map(|(section, group)| labels(section, group)).collect()
    }

    #[test]
    fn labels_in_the_usual_form_are_found() {
        let text = "defaults: # of all\n  labels:\n  - x: 1\nlayouts:\n  a:\n    labels:\n    - { x: 1 }\ntemplates:\n  # a:\n  \
                    a:\n    title: \"é\"\n    labels: # two\n\n      - {certificateFieldId: x,\n         y: 1 }\n      -   \
                    certificateFieldId: y\n          x: 2\n    customCss: |\n      labels:\n        - { x: 1 }\n  'b' :\n    \
                    labels:\n    - x: 1\n    - x: 2\n    title: T\n";
        let form = UsualForm::of(text).unwrap();
        let found = all_labels(&form);
        assert_eq!(found.len(), 6);
        let positions = Positions::of(text);
        for (path, range) in found {
            assert_eq!(range, positions.find(text, &path, PathPart::Value, None).range, "{path:?}");
        }
        let lines: Vec<_> = form.templates.iter().map(|group| (group.name, group.line)).collect();
        assert_eq!(lines, [("a", 10), ("b", 21)]);
    }

    #[test]
    fn lines_out_of_place_are_another_form() {
        for text in [
            "templates:\n  a:\n    title: x\n b:\n",
            "templates:\n  a:\n    title: x\n   labels:\n",
            "templates:\n  a:\n    labels:\n    labels:\n",
            "templates:\n  a:\n    labels:\n    - 1\n",
            "templates:\n  a:\n    labels:\n    - x: \"1\n",
            "templates:\ntemplates:\n",
        ] {
            assert!(UsualForm::of(text).is_none(), "{text}");
        }
    }

    fn line() -> impl Strategy<Value = String> {
        let content = prop::sample::select(vec![
            "a:",
            "b:",
            "'a':",
            "labels:",
            "labels: &l",
            "labels: # c",
            "b: &b",
            "labels: [{x: 1}]",
            "adjust:",
            "adjust: &a",
            "adjust: {a: {x: 1}}",
            "a: {x: 1}",
            "'b' : {x: 1,",
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
        fn places_are_those_of_the_parser(lines in prop::collection::vec(line(), 1..14), section in 0..3_usize) {
            let begin = ["templates:\n  a:\n", "layouts:\n  a:\n", "defaults:\n"][section];
            let text = format!("{begin}{}", lines.concat());
            // Only texts that could be loaded have places to be found.
            let Ok(whole) = serde_yaml::from_str::<serde_yaml::Value>(&text) else { return Ok(()) };
            let Some(form) = UsualForm::of(&text) else { return Ok(()) };
            // The marked parser refuses some texts in quotes that the other one reads.
            if saphyr_parser::Parser::new_from_str(&text).any(|event| event.is_err()) {
                return Ok(());
            }
            let positions = Positions::of(&text);
            let is_label = |group: &serde_yaml::Value, at| group["labels"].get(at).is_some_and(serde_yaml::Value::is_mapping);
            for (section, groups) in [("templates", &form.templates), ("layouts", &form.layouts)] {
                let Some(members) = whole[section].as_mapping() else { continue };
                // What the caller checks.
                if !members.keys().map(|key| key.as_str()).eq(groups.iter().map(|group| Some(group.name))) {
                    continue;
                }
                for group in groups {
                    let path = YamlPath::root().member(section).member(group.name);
                    let at = positions.find(&text, &path, PathPart::Name, None).range.start;
                    prop_assert_eq!(group.line, text[..at].matches('\n').count() + 1, "{}", text);
                    let adjust = path.member(ADJUST);
                    let adjusted = whole[section][group.name][ADJUST].as_mapping();
                    let names = adjusted.into_iter().flat_map(|labels| labels.keys().map(|name| name.as_str()));
                    if names.eq(group.adjusted.iter().map(|(name, _)| Some(*name))) {
                        for (name, range) in &group.adjusted {
                            let parsed = positions.find(&text, &adjust.member(name), PathPart::Name, None).range;
                            prop_assert_eq!(range.start as usize..range.end as usize, parsed, "{}", text);
                        }
                    }
                }
            }
            let found = all_labels(&form);
            for (path, range) in &found {
                let [steps @ .., _, PathStep::Item(number)] = path.0.as_slice() else { unreachable!() };
                let group = steps.iter().fold(&whole, |node, step| match step {
                    PathStep::Member(name, _) => &node[name.as_str()],
                    PathStep::Item(_) => node,
                });
                let of_group = found.iter().filter(|(other, _)| other.0[..steps.len()] == *steps).count();
                let count = group["labels"].as_sequence().map_or(0, Vec::len);
                if of_group == count && is_label(group, *number) {
                    let parsed = positions.find(&text, path, PathPart::Value, None).range;
                    prop_assert_eq!(range, &parsed, "{}", text);
                }
            }
        }
    }
}
