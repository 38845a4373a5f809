//! Drawings of certificates before and after a change.

use crate::report::drawing::{Picture, Svg, SvgSize};
use crate::report::safe_text;
use crate::view::{DrawnItem, ItemSides, ReportItem};

/// One drawing with its caption.
pub(super) struct Figure {
    /// `Before`, `After` or both.
    pub(super) caption: &'static str,
    title: String,
    picture: Picture,
    /// The URL of the background image.
    pub(super) asset: Option<String>,
    /// The problems of the drawing.
    pub(super) problems: Vec<String>,
    /// The size of the sheet and its source, in words.
    pub(super) sheet: String,
}

impl Figure {
    fn new(caption: &'static str, item: &ReportItem<'_>, picture: Picture) -> Self {
        let problems = picture.problems().chain(picture.undrawn());
        let problems = problems.map(|problem| safe_text(&problem)).collect();
        Self {
            caption,
            title: format!("{caption}: {}", item.key),
            asset: picture.asset.as_deref().map(safe_text),
            problems,
            sheet: safe_text(&if item.place.is_some() {
                picture.sheet.explain()
            } else {
                picture.sheet.explain_without_yaml()
            }),
            picture,
        }
    }

    /// The drawing as SVG.
    pub(super) fn svg(&self) -> Svg<'_> {
        Svg::new(&self.picture, SvgSize::Fluid).titled(&self.title)
    }
}

/// The drawings of an item: two if they differ, one if they do not, none if nothing is printed.
pub(super) fn figures(item: &ReportItem<'_>, drawn: &DrawnItem<'_>) -> Vec<Figure> {
    let one = |caption, picture: Picture| -> Vec<Figure> {
        if picture.labels.is_empty() { Vec::new() } else { vec![Figure::new(caption, item, picture)] }
    };
    match drawn.sides {
        ItemSides::Neither => Vec::new(),
        ItemSides::One(caption, side) => one(caption, Picture::of(side, drawn.canvas, drawn.fields)),
        ItemSides::Both(before, after) => match Picture::both(before, after, drawn.canvas, drawn.fields) {
            (old, new) if old == new => one("The drawing does not change", new),
            (old, new) => {
                let [before, after] = drawn.captions;
                vec![Figure::new(before, item, old), Figure::new(after, item, new)]
            }
        },
    }
}
