//! Where the templates of a file and their labels are written. `document` records it while the file's text is at hand, so
//! that no report parses a file again.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::document::{AttributeGroup, RawFile};
use super::path::PathPart;
use super::positions::Positions;
use super::tree::Node;
use super::usual_form::{UsualForm, UsualGroup};
use crate::model::{Attributes, SourceText};

/// Where a template is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WrittenPlaces {
    /// The line of its key in its file, from 1.
    pub(super) line: Option<u32>,
    /// Where its labels are: in the template, in its layout, or in the defaults of its file. Shared by all templates that
    /// inherit them.
    pub(super) labels: Option<Arc<LabelPlaces>>,
}

/// Where a list of labels is written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LabelPlaces {
    pub(super) file: Arc<Path>,
    pub(super) ranges: LabelRanges,
}

/// The bytes at which each label of a list begins.
pub(super) type LabelRanges = Box<[Range<u32>]>;

/// Records the places of the templates and of all labels of a file.
pub(super) fn record(source: &SourceText, raw: &mut RawFile) {
    if in_usual_form(source.text(), raw).is_none() {
        in_any_form(source, raw);
    }
}

/// `None` if the file is in another form; what is recorded then is not complete.
fn in_usual_form(text: &str, raw: &mut RawFile) -> Option<()> {
    let UsualForm { defaults, layouts, templates } = UsualForm::of(text)?;
    // The same names in the same order: no line was taken for a name that is none, and none was missed.
    let are_templates = raw
        .templates
        .iter()
        .map(|template| template.key.as_str())
        .eq(templates.iter().map(|found| found.name));
    let are_layouts =
        raw.layouts.iter().map(|(name, _)| name.as_str()).eq(layouts.iter().map(|found| found.name));
    if !are_templates || !are_layouts {
        return None;
    }
    for (template, found) in raw.templates.iter_mut().zip(templates) {
        template.line = u32::try_from(found.line).ok();
        set_labels(&mut template.own, found)?;
    }
    for ((_, layout), found) in raw.layouts.iter_mut().zip(layouts) {
        set_labels(layout, found)?;
    }
    match defaults {
        Some(found) => set_labels(&mut raw.defaults, found),
        None => (label_count(&raw.defaults) == 0).then_some(()),
    }
}

fn set_labels(group: &mut AttributeGroup, found: UsualGroup<'_>) -> Option<()> {
    group.label_ranges = found.labels.into();
    (group.label_ranges.len() == label_count(group)).then_some(())
}

/// The same for any form.
fn in_any_form(source: &SourceText, raw: &mut RawFile) {
    let text = source.text();
    let positions = Positions::of(text);
    for template in &mut raw.templates {
        let key = positions.find(text, &template.own.origin.path, PathPart::Name, None);
        template.line = u32::try_from(source.line(key.range.start)).ok();
    }
    let own = raw.templates.iter_mut().map(|template| &mut template.own);
    let layouts = raw.layouts.iter_mut().map(|(_, layout)| layout);
    for group in own.chain(layouts).chain([&mut raw.defaults]) {
        if label_count(group) > 0 {
            let ranges = positions.items(text, &group.origin.path.member(Attributes::LABELS));
            group.label_ranges = ranges.into_iter().filter_map(in_32_bits).collect();
        }
    }
}

/// The number of labels that a group sets.
fn label_count(group: &AttributeGroup) -> usize {
    let labels = group.members.iter().find(|(name, _)| *name == Attributes::LABELS);
    labels.map_or(0, |(_, node)| if let Node::List(items) = node { items.len() } else { 0 })
}

/// A range in a file, which is always smaller than 4 GB.
pub(super) fn in_32_bits(range: Range<usize>) -> Option<Range<u32>> {
    Some(u32::try_from(range.start).ok()?..u32::try_from(range.end).ok()?)
}
