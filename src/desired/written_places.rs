//! Where the templates of a file and their labels are written. `document` records it while the file's text is at hand, so
//! that no report parses a file again.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use super::document::{AttributeGroup, RawAdjustment, RawFile};
use super::fields::ADJUST;
use super::path::PathPart;
use super::positions::Positions;
use super::tree::Node;
use super::usual_form::{UsualForm, UsualGroup};
use crate::model::{Attributes, SourceText, label_field};

/// Where a template is written.
#[derive(Clone, Debug, Default)]
pub struct WrittenPlaces {
    /// The line of its key in its file, from 1.
    pub(super) line: Option<u32>,
    /// Where its labels are: in the template, in its layout, or in the defaults of its file. Shared by all templates that
    /// inherit them.
    pub(super) labels: Option<Arc<LabelPlaces>>,
    /// The labels that the template itself adjusts.
    pub(super) adjusted: Box<[AdjustedPlace]>,
}

/// Where a list of labels is written.
#[derive(Debug)]
pub(super) struct LabelPlaces {
    file: Arc<Path>,
    /// In the order of the attribute, which has its labels sorted; none if they are not known.
    ranges: LabelRanges,
}

/// Where a template adjusts a label.
#[derive(Clone, Debug)]
pub(super) struct AdjustedPlace {
    /// The label's position in the attribute, from 0.
    pub(super) position: usize,
    /// The bytes of its name under `adjust`, in the file of the template.
    pub(super) range: Range<u32>,
}

impl WrittenPlaces {
    /// Where the label at a position of the attribute is written: the line that adjusts it, else the item of the list.
    /// `own` is the file of the template.
    pub(super) fn label<'a>(
        &'a self,
        position: usize,
        own: &'a Arc<Path>,
    ) -> Option<(&'a Arc<Path>, Range<usize>)> {
        let adjusted = self.adjusted.iter().find(|adjusted| adjusted.position == position);
        let (file, range) = match (adjusted, &self.labels) {
            (Some(adjusted), _) => (own, &adjusted.range),
            (None, labels) => {
                let labels = labels.as_ref()?;
                (&labels.file, labels.ranges.get(position)?)
            }
        };
        Some((file, usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?))
    }
}

impl LabelPlaces {
    /// The places of labels as they are written in `file`, with their ranges in the same order.
    pub(super) fn new(file: Arc<Path>, ranges: LabelRanges, labels: &Value) -> Self {
        let labels = labels.as_array().map_or(&[][..], Vec::as_slice);
        if labels.len() != ranges.len() {
            return Self { file, ranges: LabelRanges::default() };
        }
        let mut ranges: Vec<_> = labels.iter().map(label_field).zip(ranges).collect();
        // As the attribute sorts them.
        ranges.sort_by_key(|(field, _)| *field);
        Self { file, ranges: ranges.into_iter().map(|(_, range)| range).collect() }
    }
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
        set_adjusted(&mut template.adjust, &found)?;
        set_labels(&mut template.own, found)?;
    }
    for ((_, layout), found) in raw.layouts.iter_mut().zip(layouts) {
        set_labels(layout, found)?;
    }
    match defaults {
        Some(found) => set_labels(&mut raw.defaults.group, found),
        None => (label_count(&raw.defaults.group) == 0).then_some(()),
    }
}

fn set_labels(group: &mut AttributeGroup, found: UsualGroup<'_>) -> Option<()> {
    group.label_ranges = found.labels.into();
    (group.label_ranges.len() == label_count(group)).then_some(())
}

fn set_adjusted(adjust: &mut [RawAdjustment], found: &UsualGroup<'_>) -> Option<()> {
    let are_same =
        adjust.iter().map(|label| label.name.as_str()).eq(found.adjusted.iter().map(|(name, _)| *name));
    for (label, (_, range)) in adjust.iter_mut().zip(&found.adjusted) {
        label.range = Some(range.clone());
    }
    are_same.then_some(())
}

/// The same for any form.
fn in_any_form(source: &SourceText, raw: &mut RawFile) {
    let text = source.text();
    let positions = Positions::of(text);
    for template in &mut raw.templates {
        let key = positions.find(text, &template.own.origin.path, PathPart::Name, None);
        template.line = u32::try_from(source.line(key.range.start)).ok();
        let adjust = template.own.origin.path.member(ADJUST);
        for label in &mut template.adjust {
            let name = positions.find(text, &adjust.member(&label.name), PathPart::Name, None);
            label.range = in_32_bits(name.range);
        }
    }
    let own = raw.templates.iter_mut().map(|template| &mut template.own);
    let layouts = raw.layouts.iter_mut().map(|(_, layout)| layout);
    for group in own.chain(layouts).chain([&mut raw.defaults.group]) {
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
