//! What a file consists of: layouts, defaults, templates, moves. What does not fit is noted by path.

use std::path::Path;
use std::sync::Arc;

use super::faults::{Faults, Spot};
use super::fields::{TEMPLATE_SETTINGS, did_you_mean, field, names};
use super::path::{Part, YamlPath};
use super::tree::Node;
use super::{expansion, pieces};
use crate::model::{Finding, Key, SourceText};

/// Where a group of attributes is written.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    pub(super) file: Arc<Path>,
    pub(super) path: YamlPath,
}

/// A group of attributes as it is written: a layout, defaults, or what a template says itself.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) origin: Origin,
    pub(super) members: Vec<(&'static str, Node)>,
}

/// One template as it is written.
#[derive(Debug)]
pub(super) struct RawTemplate {
    pub(super) key: Key,
    pub(super) own: Group,
    pub(super) layout: Option<String>,
    /// Nothing: everywhere.
    pub(super) environments: Option<Vec<String>>,
    pub(super) protect: bool,
    pub(super) extra: Vec<(String, Node)>,
}

/// One move as it is written.
#[derive(Debug)]
pub(super) struct RawMove {
    pub(super) from: Key,
    pub(super) to: Key,
    pub(super) spot: Spot,
}

/// One file.
#[derive(Debug)]
pub(super) struct RawFile {
    pub(super) layouts: Vec<(String, Group)>,
    pub(super) defaults: Group,
    pub(super) templates: Vec<RawTemplate>,
    pub(super) moved: Vec<RawMove>,
}

impl Origin {
    pub(super) fn spot(&self, part: Part) -> Spot {
        Spot { file: self.file.clone(), path: self.path.clone(), part }
    }

    pub(super) fn member_spot(&self, name: &str, part: Part) -> Spot {
        Spot { file: self.file.clone(), path: self.path.member(name), part }
    }
}

/// Reads one file's text. The error is what the YAML parser says; faults of shape are added to `faults`.
pub(super) fn read(
    source: &SourceText,
    file: &Arc<Path>,
    faults: &mut Faults,
) -> Result<RawFile, Box<Finding>> {
    let node = parse(source)?;
    let mut shaper = Shaper { file: file.clone(), faults };
    Ok(shaper.file(node))
}

fn parse(source: &SourceText) -> Result<Node, Box<Finding>> {
    let finding = |place, rule, message: String, help: Option<&str>| {
        Box::new(Finding { place, rule, message, help: help.map(str::to_owned), related: Vec::new() })
    };
    let text = source.text();
    let is_blank =
        |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#') || line.trim_end() == "---";
    if text.lines().all(is_blank) {
        return Ok(Node::Null);
    }
    if let Err(too_much) = expansion::check(text) {
        let line = text.split('\n').nth(too_much.span.start.line().saturating_sub(1)).unwrap_or_default();
        let start = line.as_ptr() as usize - text.as_ptr() as usize;
        return Err(finding(
            source.place(start..start + line.len()),
            "too-much",
            too_much.message.to_owned(),
            None,
        ));
    }
    pieces::parse(text).map_err(|error| {
        let message = error.to_string();
        if let Some(tab) = indenting_tab(text) {
            let message = "a tab indents this line, and YAML allows only spaces there".to_owned();
            return finding(
                source.place(tab..tab + 1),
                "tab",
                message,
                Some("replace each tab by two spaces"),
            );
        }
        let at = error.location().map_or(0, |location| location.index());
        if message.contains("more than one document") {
            let second = second_document(text).unwrap_or(at);
            let help = Some("put each into a file of its own, or join them under one `templates:`");
            let message = "there is a second document after `---`, and a template file holds one".to_owned();
            return finding(source.place(second..second + 3), "several-documents", message, help);
        }
        let plain = message.split(" at line ").next().unwrap_or(&message).to_owned();
        finding(
            source.place(at..at + 1),
            "yaml-syntax",
            format!("this is not YAML that can be read: {plain}"),
            None,
        )
    })
}

/// The first tab in front of a line's text, unless it is in a block of text (where tabs are text).
fn indenting_tab(text: &str) -> Option<usize> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let indent = line.len() - line.trim_start().len();
        if let Some(tab) = line[..indent].find('\t')
            && !line.trim().is_empty()
        {
            return Some(start + tab);
        }
        start += line.len();
    }
    None
}

fn second_document(text: &str) -> Option<usize> {
    let mut starts = text.match_indices("\n---").map(|(position, _)| position + 1);
    let first = starts.next()?;
    // A `---` before any content begins the first document.
    let has_content = text[..first].lines().any(|line| {
        !line.trim().is_empty() && !line.trim_start().starts_with('#') && line.trim_end() != "---"
    });
    if has_content { Some(first) } else { starts.next() }
}

struct Shaper<'f> {
    file: Arc<Path>,
    faults: &'f mut Faults,
}

impl Shaper<'_> {
    fn spot(&self, path: &YamlPath, part: Part) -> Spot {
        Spot { file: self.file.clone(), path: path.clone(), part }
    }

    fn wrong(&mut self, path: &YamlPath, what: &str, expected: &str, node: &Node) {
        let spot = self.spot(path, Part::Value);
        self.faults.add(
            spot,
            "wrong-type",
            format!("{what} must be {expected}, and this is {}", node.kind()),
        );
    }

    /// The members of a mapping, merge keys resolved, doubled ones noted.
    fn members(&mut self, node: Node, path: &YamlPath, what: &str) -> Vec<(String, Node)> {
        match node {
            Node::Map(members) => {
                self.doubled(&members, path);
                merged(members)
            }
            Node::Null => Vec::new(),
            other => {
                self.wrong(path, what, "a mapping (name: value)", &other);
                Vec::new()
            }
        }
    }

    fn doubled(&mut self, members: &[(String, Node)], path: &YamlPath) {
        let mut seen = std::collections::HashMap::new();
        for (name, _) in members {
            let nth = seen.entry(name.as_str()).or_insert(0_usize);
            if *nth > 0 {
                let again = self.spot(&path.nth_member(name, *nth), Part::Name);
                let first = self.spot(&path.member(name), Part::Name);
                let message = format!("{name} stands here a second time, and only one can count");
                self.faults.add_pair(again, "duplicate-key", message, first, "the first one is here");
            }
            *nth += 1;
        }
    }

    fn unknown(&mut self, path: &YamlPath, name: &str, what: &str, known: &[&str]) {
        let hint = did_you_mean(name, known.iter().copied());
        let spot = self.spot(&path.member(name), Part::Name);
        self.faults.add(spot, "unknown-field", format!("{what} has no {name}{hint}"));
    }

    fn file(&mut self, node: Node) -> RawFile {
        let root = YamlPath::root();
        let mut raw = RawFile {
            layouts: Vec::new(),
            defaults: self.group(root.member("defaults"), Vec::new()),
            templates: Vec::new(),
            moved: Vec::new(),
        };
        for (name, node) in self.members(node, &root, "a template file") {
            let path = root.member(&name);
            match name.as_str() {
                "layouts" => raw.layouts.extend(self.layouts(node, &path)),
                "defaults" => raw.defaults.members.extend(self.attributes(node, &path, "defaults")),
                "templates" => raw.templates.extend(self.templates(node, &path)),
                "moved" => raw.moved.extend(self.moves(node, &path)),
                // A place for anchors, as other YAML tools have it.
                _ if name.starts_with("x-") => {}
                _ => self.unknown(
                    &root,
                    &name,
                    "a template file",
                    &["layouts", "defaults", "templates", "moved"],
                ),
            }
        }
        raw
    }

    fn layouts(&mut self, node: Node, path: &YamlPath) -> Vec<(String, Group)> {
        let mut layouts = Vec::new();
        for (name, node) in self.members(node, path, "layouts") {
            let path = path.member(&name);
            let members = self.attributes(node, &path, "a layout");
            layouts.push((name, self.group(path, members)));
        }
        layouts
    }

    fn group(&self, path: YamlPath, members: Vec<(&'static str, Node)>) -> Group {
        Group { origin: Origin { file: self.file.clone(), path }, members }
    }

    /// A group of attributes: only the vendor's fields.
    fn attributes(&mut self, node: Node, path: &YamlPath, what: &str) -> Vec<(&'static str, Node)> {
        let mut known = Vec::new();
        for (name, node) in self.members(node, path, what) {
            match field(&name) {
                Some(field) => known.push((field, node)),
                None => self.unknown(path, &name, what, &names().collect::<Vec<_>>()),
            }
        }
        known
    }

    fn templates(&mut self, node: Node, path: &YamlPath) -> Vec<RawTemplate> {
        let mut templates = Vec::new();
        for (name, node) in self.members(node, path, "templates") {
            let path = path.member(&name);
            match Key::new(name.as_str()) {
                Ok(key) => templates.push(self.template(key, node, path)),
                Err(why) => {
                    let spot = self.spot(&path, Part::Name);
                    self.faults.add(spot, "invalid-key", format!("this cannot be a template's key: {why}"));
                }
            }
        }
        templates
    }

    fn template(&mut self, key: Key, node: Node, path: YamlPath) -> RawTemplate {
        let members = self.members(node, &path, "a template");
        let own = self.group(path, Vec::new());
        let mut template =
            RawTemplate { key, own, layout: None, environments: None, protect: false, extra: Vec::new() };
        for (name, node) in members {
            if let Some(field) = field(&name) {
                template.own.members.push((field, node));
            } else {
                self.setting(&mut template, &name, node);
            }
        }
        template
    }

    /// What may stand in a template beside the vendor's fields.
    fn setting(&mut self, template: &mut RawTemplate, name: &str, node: Node) {
        let path = template.own.origin.path.member(name);
        match (name, node) {
            ("layout", Node::Text(layout)) => template.layout = Some(layout),
            ("layout" | "environments" | "extra", Node::Null) => {}
            ("layout", other) => self.wrong(&path, "layout", "the name of a layout", &other),
            ("environments", Node::List(items)) => template.environments = Some(self.names(items, &path)),
            ("environments", other) => {
                self.wrong(&path, "environments", "a list, such as [production]", &other);
            }
            ("protect", Node::Bool(protect)) => template.protect = protect,
            ("protect", other) => self.wrong(&path, "protect", "true or false", &other),
            ("extra", node) => template.extra = self.members(node, &path, "extra"),
            _ => {
                let known: Vec<&str> = names().chain(TEMPLATE_SETTINGS).collect();
                self.unknown(&template.own.origin.path, name, "a template", &known);
            }
        }
    }

    fn names(&mut self, items: Vec<Node>, path: &YamlPath) -> Vec<String> {
        let mut names = Vec::new();
        for (position, item) in items.into_iter().enumerate() {
            match item {
                Node::Text(name) => names.push(name),
                other => self.wrong(&path.item(position), "an environment's name", "a text", &other),
            }
        }
        names
    }

    fn moves(&mut self, node: Node, path: &YamlPath) -> Vec<RawMove> {
        let items = match node {
            Node::List(items) => items,
            Node::Null => Vec::new(),
            other => {
                self.wrong(path, "moved", "a list of { from: old, to: new }", &other);
                Vec::new()
            }
        };
        let mut moves = Vec::new();
        for (position, item) in items.into_iter().enumerate() {
            let path = path.item(position);
            let (mut from, mut to) = (None, None);
            for (name, node) in self.members(item, &path, "an entry of moved") {
                let inner = path.member(&name);
                let key = match (&node, name.as_str()) {
                    (Node::Text(text), "from" | "to") => Key::new(text.as_str()).ok(),
                    (_, "from" | "to") => None,
                    _ => {
                        self.unknown(&path, &name, "an entry of moved", &["from", "to"]);
                        continue;
                    }
                };
                if key.is_none() {
                    self.wrong(&inner, &name, "a template's key", &node);
                }
                *(if name == "from" { &mut from } else { &mut to }) = Some(key);
            }
            let spot = self.spot(&path, Part::Value);
            match (from, to) {
                (Some(Some(from)), Some(Some(to))) => moves.push(RawMove { from, to, spot }),
                (Some(_), Some(_)) => {}
                _ => self.faults.add(spot, "moved", "an entry of moved needs both `from` and `to`"),
            }
        }
        moves
    }
}

/// Members with `<<` resolved: what stands beside it wins over what it brings, the first list item over the later.
fn merged(members: Vec<(String, Node)>) -> Vec<(String, Node)> {
    if members.iter().all(|(name, _)| name != "<<") {
        return members;
    }
    let (merges, mut own): (Vec<_>, Vec<_>) = members.into_iter().partition(|(name, _)| name == "<<");
    let sources = merges.into_iter().flat_map(|(_, node)| match node {
        Node::List(items) => items,
        other => vec![other],
    });
    for source in sources {
        if let Node::Map(inner) = source {
            for (name, node) in merged(inner) {
                if own.iter().all(|(known, _)| *known != name) {
                    own.push((name, node));
                }
            }
        }
    }
    own
}
