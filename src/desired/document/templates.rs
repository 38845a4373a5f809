//! Reads the templates of a file.

use std::sync::Arc;

use super::adjustments::RawAdjustment;
use super::{AttributeGroup, Shaper, WrittenLayout, has_variable};
use crate::desired::check::value::not_boolean;
use crate::desired::fields::{
    ADJUST, ASSET_SIZE, CANVAS, ENVIRONMENTS, EXTRA, LAYOUT, NamePlace, PROTECT, field, names, settings,
};
use crate::desired::path::{PathPart, YamlPath};
use crate::desired::tree::Node;
use crate::model::Key;

/// One template as written.
#[derive(Debug)]
pub(in crate::desired) struct RawTemplate {
    pub(in crate::desired) key: Key,
    /// The line of its key in the file.
    pub(in crate::desired) line: Option<u32>,
    pub(in crate::desired) own: AttributeGroup,
    pub(in crate::desired) layout: WrittenLayout,
    /// The changes to single labels.
    pub(in crate::desired) adjust: Vec<RawAdjustment>,
    /// `None`: the template is for all environments, or for those of its file's `defaults`.
    pub(in crate::desired) environments: Option<Arc<[String]>>,
    /// Whether the template itself says which, and not the `defaults` of its file.
    pub(in crate::desired) says_environments: bool,
    /// `true`, `false`, or a variable with that value.
    pub(in crate::desired) protect: Node,
    pub(in crate::desired) extra: Vec<(String, Node)>,
}

impl Shaper<'_> {
    pub(super) fn templates(&mut self, node: Node, path: &YamlPath) -> Vec<RawTemplate> {
        let mut templates = Vec::new();
        for (name, path, node) in self.sections(node, path, "templates") {
            if !matches!(node, Node::Map(_) | Node::Null) {
                self.wrong(&path, "a template", "a mapping (name: value)", &node);
                continue;
            }
            match Key::new(name.as_str()) {
                Ok(key) => templates.push(self.template(key, node, path)),
                Err(why) => {
                    let node_ref = self.node_ref(&path, PathPart::Name);
                    self.findings.add(
                        node_ref,
                        "invalid-key",
                        format!("this cannot be a template's key: {why}"),
                    );
                }
            }
        }
        templates
    }

    fn template(&mut self, key: Key, node: Node, path: YamlPath) -> RawTemplate {
        let members = self.members(node, &path, "a template");
        let own = self.group(path);
        let mut template = RawTemplate {
            key,
            line: None,
            own,
            layout: WrittenLayout::Unsaid,
            adjust: Vec::new(),
            environments: None,
            says_environments: false,
            protect: Node::Bool(false),
            extra: Vec::new(),
        };
        for (name, node) in members {
            if let Some(field) = field(&name) {
                template.own.members.push((field, node));
            } else {
                self.setting(&mut template, &name, node);
            }
        }
        template
    }

    /// Reads a setting of a template that is not a field of the vendor.
    fn setting(&mut self, template: &mut RawTemplate, name: &str, node: Node) {
        let path = template.own.origin.path.member(name);
        match (name, node) {
            (ADJUST, node) => template.adjust = self.adjustments(node, &path),
            (LAYOUT, node) => template.layout = self.layout(node, &path),
            (EXTRA, Node::Null) => {}
            (ASSET_SIZE | CANVAS, node) => self.sheet(&mut template.own, name, node),
            (ENVIRONMENTS, node) => {
                template.environments = self.environments(node, &path).map(Arc::from);
                template.says_environments = true;
            }
            (PROTECT, node @ Node::Bool(_)) => template.protect = node,
            (PROTECT, node) if has_variable(&node) => template.protect = node,
            (PROTECT, Node::Text(text)) => {
                let message = not_boolean(PROTECT, &text);
                self.findings.add(self.node_ref(&path, PathPart::Value), "wrong-type", message);
            }
            (PROTECT, other) => self.wrong(&path, PROTECT, "true or false", &other),
            (EXTRA, node) => template.extra = self.members(node, &path, EXTRA),
            _ => {
                let known: Vec<&str> = names().chain(settings(NamePlace::Template)).collect();
                self.unknown(&template.own.origin.path, name, &known);
            }
        }
    }
}
