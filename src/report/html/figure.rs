//! Drawings of certificates before and after a change.

use crate::model::Attributes;
use crate::plan::{Action, Entry, Plan};
use crate::report::drawing::{Picture, Svg, SvgSize};
use crate::report::safe_text;

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
    fn new(caption: &'static str, entry: &Entry, picture: Picture) -> Self {
        let mut problems: Vec<String> = picture.problems().map(|problem| safe_text(&problem)).collect();
        if picture.not_drawn > 0 {
            problems.push(format!("{} more labels are not drawn", picture.not_drawn));
        }
        Self {
            caption,
            title: format!("{caption}: {}", entry.key),
            asset: picture.asset.as_deref().map(safe_text),
            problems,
            sheet: safe_text(&if entry.source.is_some() {
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

/// The drawings of an entry: two if they differ, one if they do not, none if nothing is printed.
pub(super) fn figures(plan: &Plan, entry: &Entry) -> Vec<Figure> {
    let canvas = entry.canvas.as_ref();
    let one = |caption, attributes: &Attributes| -> Vec<Figure> {
        let picture = Picture::of(attributes, canvas, &plan.fields);
        if picture.labels.is_empty() { Vec::new() } else { vec![Figure::new(caption, entry, picture)] }
    };
    match (&entry.action, entry.sides()) {
        (Action::Create(_), [_, Some(after)]) | (Action::Update(_), [None, Some(after)]) => {
            one("After", after)
        }
        (Action::Update(_) | Action::InDoubt { .. }, [Some(before), Some(after)]) => {
            sides(plan, entry, before, after)
        }
        (Action::InDoubt { .. } | Action::Pending { .. }, [_, Some(after)]) => one("What was sent", after),
        (Action::Orphan { .. }, [Some(before), _]) => one("On the server", before),
        _ => Vec::new(),
    }
}

fn sides(plan: &Plan, entry: &Entry, before: &Attributes, after: &Attributes) -> Vec<Figure> {
    let (old, new) = Picture::both(before, after, entry.canvas.as_ref(), &plan.fields);
    if old == new {
        return if old.labels.is_empty() {
            Vec::new()
        } else {
            vec![Figure::new("The drawing does not change", entry, new)]
        };
    }
    vec![Figure::new("Before", entry, old), Figure::new("After", entry, new)]
}
