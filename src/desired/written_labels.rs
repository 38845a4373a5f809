//! Where the labels of a template are written: its list, and the lines that adjust single ones of them.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use serde_json::Value;
use uuid::Uuid;

use super::fields::ADJUST;
use super::path::{PathPart, YamlPath};
use super::unlocated::NodeRef;
use crate::model::{Attributes, Key, SharedValue, canonical_json};

/// A list of labels in a file, shared by all templates that have it.
#[derive(Debug)]
pub(super) struct WrittenLabels {
    pub(super) list: NodeRef,
    /// The certificate field of each label in written order; the attribute has them sorted. A label without an id has the nil
    /// UUID, which is no id.
    fields: Box<[Uuid]>,
    size: OnceLock<u64>,
}

/// Where the labels of one template are written, before lines are looked up.
#[derive(Clone, Debug)]
pub struct LabelsRef {
    list: Arc<WrittenLabels>,
    /// The adjusted labels: certificate field, and the name that the label has under `adjust`.
    adjusted: Box<[(Uuid, Box<str>)]>,
}

impl WrittenLabels {
    pub(super) fn new(list: NodeRef, labels: &Value) -> Self {
        let labels = labels.as_array().map_or(&[][..], Vec::as_slice);
        let fields = labels.iter().map(|label| label_id(label).unwrap_or_default()).collect();
        Self { list, fields, size: OnceLock::new() }
    }

    /// The length of the list as JSON, in bytes.
    pub(super) fn size(&self, labels: &SharedValue) -> u64 {
        *self.size.get_or_init(|| canonical_json(labels).len() as u64)
    }
}

impl LabelsRef {
    pub(super) fn new(list: Arc<WrittenLabels>, adjusted: Vec<(Uuid, Box<str>)>) -> Self {
        Self { list, adjusted: adjusted.into() }
    }

    /// Where the label of a certificate field is written: the line that adjusts it, else the item of the list.
    pub(super) fn label(&self, field: &str, key: &Key, file: &Arc<Path>) -> Option<NodeRef> {
        let field = Uuid::try_parse(field).ok()?;
        if let Some((_, name)) = self.adjusted.iter().find(|(adjusted, _)| *adjusted == field) {
            let template = YamlPath::root().member("templates").member(key.as_str());
            let path = template.member(ADJUST).member(name);
            return Some(NodeRef { file: Arc::clone(file), path, part: PathPart::Name });
        }
        let position = self.list.fields.iter().position(|other| *other == field)?;
        let list = &self.list.list;
        Some(NodeRef { path: list.path.item(position), part: PathPart::Value, ..list.clone() })
    }
}

fn label_id(label: &Value) -> Option<Uuid> {
    Uuid::try_parse(label.get(Attributes::LABEL_FIELD)?.as_str()?).ok()
}
