//! Turns the tree of one file into layouts, defaults, templates, moves and removals. What has the wrong shape becomes a
//! finding with a path. `load` calls it; variables are not substituted here.

mod adjustments;
mod gone_keys;
mod templates;

use std::path::Path;
use std::sync::Arc;

use super::alias_limits::Weight;
use super::fields::{ASSET_SIZE, CANVAS, ENVIRONMENTS, LAYOUT, NamePlace, field, names, sections, settings};
use super::merge_keys;
use super::path::{PathPart, YamlPath};
use super::path_cursor::PathCursor;
use super::sheet;
use super::suspects;
use super::syntax;
use super::tree::Node;
use super::unknown_name::unknown_name;
use super::unlocated::{NodeRef, UnlocatedFindings};
use super::written_places::{self, LabelRanges};
use crate::model::{Finding, SourceText};
pub(super) use adjustments::RawAdjustment;
pub(super) use gone_keys::{RawMove, RawRemoval};
pub(super) use templates::RawTemplate;

/// Where a group of attributes is written.
#[derive(Clone, Debug)]
pub(super) struct GroupSource {
    pub(super) file: Arc<Path>,
    pub(super) path: YamlPath,
}

/// A group of attributes as written: of a layout, of `defaults`, or of a template itself.
#[derive(Debug)]
pub(super) struct AttributeGroup {
    pub(super) origin: GroupSource,
    pub(super) members: Vec<(&'static str, Node)>,
    /// The size of the sheet, with the name it is written under.
    pub(super) sheet: Option<(String, Node)>,
    /// Where its labels are written.
    pub(super) label_ranges: LabelRanges,
}

/// The `defaults` of a file as written.
#[derive(Debug)]
pub(super) struct RawDefaults {
    pub(super) group: AttributeGroup,
    /// The layout of templates that name none.
    pub(super) layout: WrittenLayout,
    /// The environments of templates that name none.
    pub(super) environments: Option<Vec<String>>,
}

/// What a template, or the `defaults` of its file, says about its layout.
#[derive(Debug, Default)]
pub(super) enum WrittenLayout {
    /// Nothing: a template then has the layout of its file's `defaults`.
    #[default]
    Unsaid,
    /// There is to be none, whatever `defaults` says.
    Unset,
    Named(String),
}

/// The contents of one file.
#[derive(Debug)]
pub(super) struct RawFile {
    pub(super) layouts: Vec<(String, AttributeGroup)>,
    pub(super) defaults: RawDefaults,
    pub(super) templates: Vec<RawTemplate>,
    pub(super) moved: Vec<RawMove>,
    pub(super) removed: Vec<RawRemoval>,
}

impl GroupSource {
    pub(super) fn node_ref(&self, part: PathPart) -> NodeRef {
        NodeRef { file: self.file.clone(), path: self.path.clone(), part }
    }

    pub(super) fn member_ref(&self, name: &str, part: PathPart) -> NodeRef {
        NodeRef { file: self.file.clone(), path: self.path.member(name), part }
    }
}

/// Reads the text of one file. Syntax errors are returned; findings about the shape are added to `findings`.
pub(super) fn read(
    source: &SourceText,
    file: &Arc<Path>,
    weight: Weight,
    findings: &mut UnlocatedFindings,
) -> Result<RawFile, Box<Finding>> {
    let node = syntax::parse(source, weight)?;
    let mut raw = Shaper { file: file.clone(), findings: &mut *findings }.file(node);
    // Of a file with findings, nothing but these is reported.
    if findings.0.is_empty() {
        written_places::record(source, &mut raw);
    }
    Ok(raw)
}

/// Whether variables may change the value.
fn has_variable(node: &Node) -> bool {
    match node {
        Node::Text(text) => text.contains("${"),
        Node::List(items) => items.iter().any(has_variable),
        Node::Map(members) => members.iter().any(|(_, node)| has_variable(node)),
        Node::Null | Node::Bool(_) | Node::Number(_) | Node::NotJson => false,
    }
}

struct Shaper<'f> {
    file: Arc<Path>,
    findings: &'f mut UnlocatedFindings,
}

impl Shaper<'_> {
    fn node_ref(&self, path: &YamlPath, part: PathPart) -> NodeRef {
        NodeRef { file: self.file.clone(), path: path.clone(), part }
    }

    fn wrong(&mut self, path: &YamlPath, what: &str, expected: &str, node: &Node) {
        let message = format!("{what} must be {expected}, and this is {}", node.kind());
        // The text was probably meant to be a list or a mapping.
        let help = if let Node::Text(text) = node { suspects::help(text) } else { None };
        self.findings.add_with_help(self.node_ref(path, PathPart::Value), "wrong-type", message, help);
    }

    fn origin(&self, path: YamlPath) -> GroupSource {
        GroupSource { file: self.file.clone(), path }
    }

    /// The members of a mapping, with merge keys resolved and duplicates reported.
    fn members(&mut self, node: Node, path: &YamlPath, what: &str) -> Vec<(String, Node)> {
        let members = self.mapping(node, path, what);
        merge_keys::members(members, &PathCursor::at(&self.origin(path.clone())), self.findings)
    }

    /// Like `members`, but keeps duplicates, each with its own path.
    fn sections(&mut self, node: Node, path: &YamlPath, what: &str) -> Vec<(String, YamlPath, Node)> {
        let members = self.mapping(node, path, what);
        let numbered =
            merge_keys::numbered(members, &PathCursor::at(&self.origin(path.clone())), self.findings);
        let section = |(name, nth, node): (String, usize, Node)| {
            let path = path.nth_member(&name, nth);
            (name, path, node)
        };
        numbered.into_iter().map(section).collect()
    }

    fn mapping(&mut self, node: Node, path: &YamlPath, what: &str) -> Vec<(String, Node)> {
        match node {
            Node::Map(members) => members,
            Node::Null => Vec::new(),
            other => {
                self.wrong(path, what, "a mapping (name: value)", &other);
                Vec::new()
            }
        }
    }

    fn unknown(&mut self, path: &YamlPath, name: &str, allowed: &[&str]) {
        let (message, help) = unknown_name(name, allowed);
        let node_ref = self.node_ref(&path.member(name), PathPart::Name);
        self.findings.add_with_help(node_ref, "unknown-field", message, Some(help));
    }

    fn file(&mut self, node: Node) -> RawFile {
        let root = YamlPath::root();
        let mut raw = RawFile {
            layouts: Vec::new(),
            defaults: RawDefaults {
                group: self.group(root.member("defaults")),
                layout: WrittenLayout::Unsaid,
                environments: None,
            },
            templates: Vec::new(),
            moved: Vec::new(),
            removed: Vec::new(),
        };
        for (name, path, node) in self.sections(node, &root, "a template file") {
            match name.as_str() {
                "layouts" => raw.layouts.extend(self.layouts(node, &path)),
                "defaults" => self.defaults(node, path, &mut raw.defaults),
                "templates" => raw.templates.extend(self.templates(node, &path)),
                // A second one is skipped: the duplicate key is the only finding about it.
                "moved" | "removed" if path != root.member(&name) => {}
                "moved" => raw.moved.extend(self.moves(node, &path)),
                "removed" => raw.removed.extend(self.removals(node, &path)),
                // A section for anchors, as in other YAML tools.
                _ if name.starts_with("x-") => {}
                _ => self.unknown(&root, &name, &sections().collect::<Vec<_>>()),
            }
        }
        raw
    }

    fn layouts(&mut self, node: Node, path: &YamlPath) -> Vec<(String, AttributeGroup)> {
        let mut layouts = Vec::new();
        for (name, path, node) in self.sections(node, path, "layouts") {
            let mut layout = self.group(path);
            let members = self.members(node, &layout.origin.path.clone(), "a layout");
            self.attributes(members, &mut layout, NamePlace::Layout);
            layouts.push((name, layout));
        }
        layouts
    }

    /// From a second `defaults`, only fields that the first lacks are kept.
    fn defaults(&mut self, node: Node, path: YamlPath, defaults: &mut RawDefaults) {
        let mut members = self.members(node, &path, "defaults");
        for (_, node) in members.extract_if(.., |(name, _)| name == LAYOUT) {
            let layout = self.layout(node, &path.member(LAYOUT));
            if matches!(defaults.layout, WrittenLayout::Unsaid) {
                defaults.layout = layout;
            }
        }
        for (_, node) in members.extract_if(.., |(name, _)| name == ENVIRONMENTS) {
            let environments = self.environments(node, &path.member(ENVIRONMENTS));
            defaults.environments = defaults.environments.take().or(environments);
        }
        let mut group = self.group(path);
        self.attributes(members, &mut group, NamePlace::Defaults);
        let known = &mut defaults.group;
        group.members.retain(|(name, _)| !known.members.iter().any(|(known, _)| known == name));
        known.members.append(&mut group.members);
        known.sheet = known.sheet.take().or(group.sheet);
    }

    /// Reads the name of a layout.
    fn layout(&mut self, node: Node, path: &YamlPath) -> WrittenLayout {
        match node {
            Node::Text(name) => WrittenLayout::Named(name),
            Node::Null => WrittenLayout::Unset,
            other => {
                self.wrong(path, LAYOUT, "the name of a layout", &other);
                WrittenLayout::Unsaid
            }
        }
    }

    fn group(&self, path: YamlPath) -> AttributeGroup {
        AttributeGroup {
            origin: self.origin(path),
            members: Vec::new(),
            sheet: None,
            label_ranges: LabelRanges::default(),
        }
    }

    /// Reads a group of attributes: the vendor's fields, and the size of the sheet.
    fn attributes(&mut self, members: Vec<(String, Node)>, group: &mut AttributeGroup, place: NamePlace) {
        let path = group.origin.path.clone();
        for (name, node) in members {
            match (field(&name), name.as_str()) {
                (Some(field), _) => group.members.push((field, node)),
                (None, ASSET_SIZE | CANVAS) => self.sheet(group, &name, node),
                _ => {
                    let known: Vec<&str> = names().chain(settings(place)).collect();
                    self.unknown(&path, &name, &known);
                }
            }
        }
    }

    /// Reads the size of the sheet that templates are drawn on. It is never sent.
    fn sheet(&mut self, group: &mut AttributeGroup, name: &str, node: Node) {
        let path = group.origin.path.member(name);
        if node == Node::Null {
            return;
        }
        if sheet::size(&node).is_none() && !has_variable(&node) {
            let message = format!("{name} must be {}", sheet::EXPECTED);
            self.findings.add(self.node_ref(&path, PathPart::Value), "wrong-type", message);
            return;
        }
        if group.sheet.is_some() {
            let message = format!("{ASSET_SIZE} and {CANVAS} are the same thing: write one of them");
            self.findings.add(self.node_ref(&path, PathPart::Name), "sheet", message);
        }
        group.sheet = Some((name.to_owned(), node));
    }

    /// Reads the environments that something is limited to; `None` for all.
    fn environments(&mut self, node: Node, path: &YamlPath) -> Option<Vec<String>> {
        match node {
            Node::List(items) => Some(self.names(items, path)),
            Node::Null => None,
            other => {
                self.wrong(path, ENVIRONMENTS, "a list, such as [production]", &other);
                None
            }
        }
    }

    fn names(&mut self, items: Vec<Node>, path: &YamlPath) -> Vec<String> {
        let mut names = Vec::new();
        for (position, item) in items.into_iter().enumerate() {
            match item {
                Node::Text(name) => names.push(name),
                other => self.wrong(&path.item(position), "an environment's name", "a string", &other),
            }
        }
        names
    }
}
