//! A certificate as plain data: its sheet, its labels, their changes and their problems.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::geometry::Area;
use super::written_label::{WrittenLabel, area, place, written_labels};
use super::{Sheet, SheetSource, extent, sample};
use crate::model::{Attributes, Canvas, CertificateField};

/// The known certificate fields, by id in lower case.
pub type Fields = BTreeMap<String, CertificateField>;

/// One certificate, before it is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// The sheet it is drawn on.
    pub sheet: Sheet,
    /// The URL of the background image.
    pub asset: Option<String>,
    /// The labels, ordered by the id of their certificate field.
    pub labels: Vec<DrawnLabel>,
    /// How many labels beyond the first 200 are not drawn.
    pub not_drawn: usize,
}

/// One label of a certificate.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawnLabel {
    /// The id of its certificate field.
    pub field: String,
    /// The display name of the certificate field.
    pub name: String,
    /// A sample of the text that it prints.
    pub text: String,
    /// The distance from the left edge in pixels.
    pub x: i64,
    /// The distance from the top edge in pixels.
    pub y: i64,
    /// The font size in pixels.
    pub size: f64,
    /// The font colour: always `#` and hexadecimal digits.
    pub colour: String,
    /// Whether x is the middle of the text instead of its left end.
    pub centred: bool,
    /// How the label changes.
    pub mark: PictureMark,
    /// The problems with its position.
    pub problems: Vec<ImageError>,
}

/// How a label changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureMark {
    /// It does not change.
    Same,
    /// It moves.
    Moved {
        /// The x before the change, in pixels.
        x: i64,
        /// The y before the change, in pixels.
        y: i64,
    },
    /// Its looks or its contents change.
    Restyled,
    /// It is added.
    Added,
    /// It is removed.
    Removed,
}

/// A problem with the position of a label.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImageError {
    /// Its position is outside of the sheet.
    Outside,
    /// It begins on the sheet, but its sample text ends outside.
    RunsOver,
    /// Its sample text overlaps those of other labels.
    Overlaps(Overlap),
}

/// The labels that a label overlaps: one problem, however many labels there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlap {
    /// The display name of the first of them.
    pub other: String,
    /// The certificate field of the first of them.
    pub field: String,
    /// How many others it overlaps.
    pub more: usize,
    /// The overlap with the label that it covers most, in pixels.
    pub pixels: u64,
}

/// The limit of labels drawn: a certificate has fewer, and each is compared with all others.
pub(super) const MAX_LABELS: usize = 200;

impl Picture {
    /// The picture of a template as it is.
    pub fn of(attributes: &Attributes, canvas: Option<&Canvas>, fields: &Fields) -> Self {
        let (labels, not_drawn) = labels(attributes, fields);
        Self::on(&Sheet::of(canvas, labels.iter().map(DrawnLabel::area)), attributes, labels, not_drawn)
    }

    /// The picture of a template as it is, on a background image of this size in pixels.
    pub fn on_image(attributes: &Attributes, (width, height): (u32, u32), fields: &Fields) -> Self {
        let (labels, not_drawn) = labels(attributes, fields);
        Self::on(&Sheet { width, height, source: SheetSource::Image }, attributes, labels, not_drawn)
    }

    /// The picture of a template before and after a change, on one sheet, with the changes marked.
    pub fn both(
        before: &Attributes,
        after: &Attributes,
        canvas: Option<&Canvas>,
        fields: &Fields,
    ) -> (Self, Self) {
        let ((mut old, old_rest), (mut new, new_rest)) = (labels(before, fields), labels(after, fields));
        mark(&mut old, &mut new);
        let sheet = Sheet::of(canvas, old.iter().chain(&new).map(DrawnLabel::area));
        (Self::on(&sheet, before, old, old_rest), Self::on(&sheet, after, new, new_rest))
    }

    fn on(sheet: &Sheet, attributes: &Attributes, mut labels: Vec<DrawnLabel>, not_drawn: usize) -> Self {
        find_problems(sheet, &mut labels);
        Self { sheet: sheet.clone(), asset: attributes.text("asset").map(str::to_owned), labels, not_drawn }
    }

    /// Every problem, in words, label by label.
    pub fn problems(&self) -> impl Iterator<Item = String> {
        self.labels.iter().flat_map(|label| {
            label.problems.iter().map(|problem| format!("{} {}", label.name, problem.explain(label)))
        })
    }

    /// The labels beyond the limit, in words; `None` if all are drawn.
    pub fn undrawn(&self) -> Option<String> {
        match self.not_drawn {
            0 => None,
            1 => Some("1 more label is not drawn".to_owned()),
            more => Some(format!("{more} more labels are not drawn")),
        }
    }

    /// A description for people who cannot see the drawing.
    pub fn describe(&self) -> String {
        let label = |label: &DrawnLabel| {
            let mark = label.mark.word().map(|word| format!(", {word}")).unwrap_or_default();
            format!("{} at {}, {}{mark}", label.name, label.x, label.y)
        };
        let labels: Vec<String> = self.labels.iter().map(label).collect();
        let labels = if labels.is_empty() { "no labels".to_owned() } else { labels.join("; ") };
        format!("Sheet of {} by {} pixels. {labels}.", self.sheet.width, self.sheet.height)
    }
}

impl DrawnLabel {
    /// The estimated area of its sample text.
    pub fn area(&self) -> Area {
        area(self.place(), extent::width(&self.text), self.size, self.centred)
    }

    /// Its position, limited to what can be drawn.
    pub(super) fn place(&self) -> (f64, f64) {
        place(self.x, self.y)
    }

    /// Its position before the change, if it moves.
    pub(super) fn origin(&self) -> Option<(f64, f64)> {
        if let PictureMark::Moved { x, y } = self.mark { Some(place(x, y)) } else { None }
    }
}

impl PictureMark {
    /// The change in one word; `None` if there is no change.
    pub fn word(self) -> Option<&'static str> {
        match self {
            Self::Same => None,
            Self::Moved { .. } => Some("moved"),
            Self::Restyled => Some("changed"),
            Self::Added => Some("added"),
            Self::Removed => Some("removed"),
        }
    }

    /// The sign beside the label, so that colour alone never carries meaning.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Same => "",
            Self::Moved { .. } => "→",
            Self::Restyled => "~",
            Self::Added => "+",
            Self::Removed => "−",
        }
    }
}

/// The words for a label that is not on the sheet at all.
pub(super) const OUTSIDE: &str = "is outside the sheet";
/// The words for a label that is cut off.
pub(super) const RUNS_OVER: &str = "runs over the edge of the sheet";

impl ImageError {
    /// The change in words that follow the label's name.
    pub fn explain(&self, label: &DrawnLabel) -> String {
        match self {
            Self::Outside => format!("{OUTSIDE}, at {}, {}", label.x, label.y),
            Self::RunsOver => format!("{RUNS_OVER} with this sample text"),
            Self::Overlaps(overlap) => {
                let others = and_more_labels(&overlap.other, overlap.more);
                format!("overlaps {others} with these sample texts")
            }
        }
    }
}

/// The overlapped labels in words.
pub(super) fn and_more_labels(name: &str, more: usize) -> String {
    match more {
        0 => name.to_owned(),
        1 => format!("{name} and 1 more label"),
        more => format!("{name} and {more} more labels"),
    }
}

/// The labels of a template, one for each certificate field, and the number of labels beyond the limit.
fn labels(attributes: &Attributes, fields: &Fields) -> (Vec<DrawnLabel>, usize) {
    let all = written_labels(attributes);
    let mut drawn: Vec<DrawnLabel> =
        all.iter().take(MAX_LABELS).map(|label| read(label, attributes, fields)).collect();
    make_names_unique(&mut drawn);
    (drawn, all.len().saturating_sub(MAX_LABELS))
}

/// Makes display names unique: labels whose shortened ids are equal get the full id.
fn make_names_unique(labels: &mut [DrawnLabel]) {
    let mut called: HashMap<String, HashSet<String>> = HashMap::new();
    for label in labels.iter() {
        called.entry(label.name.clone()).or_default().insert(label.field.to_lowercase());
    }
    for label in labels.iter_mut().filter(|label| called.get(&label.name).is_some_and(|ids| ids.len() > 1)) {
        label.name = sample::whole_name(&label.field);
    }
}

/// What is known about a certificate field.
pub(super) fn known<'f>(id: &str, fields: &'f Fields) -> Option<&'f CertificateField> {
    fields.get(id).or_else(|| fields.get(&id.to_lowercase()))
}

fn read(label: &WrittenLabel<'_>, attributes: &Attributes, fields: &Fields) -> DrawnLabel {
    let id = label.field();
    let known = known(id, fields);
    DrawnLabel {
        field: id.to_owned(),
        name: sample::name(id, known),
        text: sample::text(id, known, attributes),
        x: label.x(),
        y: label.y(),
        size: label.size(),
        colour: label.colour().filter(|colour| is_colour(colour)).unwrap_or("#000000").to_owned(),
        centred: label.is_centred(),
        mark: PictureMark::Same,
        problems: Vec::new(),
    }
}

/// Whether a text is a colour and nothing else. It becomes an attribute of the drawing, and other values could load
/// an image from elsewhere.
fn is_colour(text: &str) -> bool {
    let digits = text.strip_prefix('#').unwrap_or_default();
    matches!(digits.len(), 3 | 4 | 6 | 8) && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
}

/// Marks how each label changes.
fn mark(old: &mut [DrawnLabel], new: &mut [DrawnLabel]) {
    let before: HashMap<&str, &DrawnLabel> =
        old.iter().rev().map(|label| (label.field.as_str(), label)).collect();
    for label in new.iter_mut() {
        label.mark = match before.get(label.field.as_str()) {
            None => PictureMark::Added,
            Some(was) if (was.x, was.y) != (label.x, label.y) => PictureMark::Moved { x: was.x, y: was.y },
            Some(was) if looks_different(was, label) => PictureMark::Restyled,
            Some(_) => PictureMark::Same,
        };
    }
    let after: HashMap<&str, &DrawnLabel> = new.iter().map(|label| (label.field.as_str(), label)).collect();
    for label in old.iter_mut().filter(|label| !after.contains_key(label.field.as_str())) {
        label.mark = PictureMark::Removed;
    }
}

fn looks_different(one: &DrawnLabel, other: &DrawnLabel) -> bool {
    (one.size.to_bits(), &one.colour, one.centred, &one.text)
        != (other.size.to_bits(), &other.colour, other.centred, &other.text)
}

fn find_problems(sheet: &Sheet, labels: &mut [DrawnLabel]) {
    let areas: Vec<Area> = labels.iter().map(DrawnLabel::area).collect();
    let overlaps: Vec<Option<Overlap>> = areas
        .iter()
        .enumerate()
        .map(|(number, area)| overlap(area, areas.iter().zip(&*labels).take(number)))
        .collect();
    for ((label, area), overlap) in labels.iter_mut().zip(&areas).zip(overlaps) {
        label.problems.extend(edge_problem(sheet, label.place(), area));
        label.problems.extend(overlap.map(ImageError::Overlaps));
    }
}

/// The problem of a text at this place with the edges of the sheet.
pub(super) fn edge_problem(sheet: &Sheet, (x, y): (f64, f64), area: &Area) -> Option<ImageError> {
    let (width, height) = (f64::from(sheet.width), f64::from(sheet.height));
    if x < 0.0 || y < 0.0 || x > width || y > height {
        Some(ImageError::Outside)
    } else {
        (!area.is_within(width, height)).then_some(ImageError::RunsOver)
    }
}

/// The labels among `earlier` that a label overlaps. Of two overlapping labels, the later one has the problem.
fn overlap<'l>(area: &Area, earlier: impl Iterator<Item = (&'l Area, &'l DrawnLabel)>) -> Option<Overlap> {
    let mut under = earlier.filter(|(other, _)| other.overlaps(area));
    let (first, label) = under.next()?;
    let (mut more, mut deepest) = (0, area.depth_over(first));
    for (other, _) in under {
        more += 1;
        deepest = deepest.max(area.depth_over(other));
    }
    Some(Overlap {
        other: label.name.clone(),
        field: label.field.clone(),
        more,
        pixels: whole_pixels(deepest),
    })
}

/// At least one: a problem is only reported where it is visible.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded by the largest sheet")]
pub(super) fn whole_pixels(length: f64) -> u64 {
    length.max(1.0).round() as u64
}

#[cfg(test)]
mod tests;
