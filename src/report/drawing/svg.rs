//! Draws a picture as SVG. It loads nothing and uses presentation attributes instead of styles, so that it looks
//! the same in a page with a strict policy, in a file, and in a renderer.

use std::borrow::Borrow;

use askama::Template;

use super::geometry::{Area, arrow_head};
use super::{DrawnLabel, Picture, PictureMark};
use crate::report::safe_text;

/// The size of the drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SvgSize {
    /// As large as the page allows.
    Fluid,
    /// One pixel of the certificate is one pixel.
    Natural,
}

/// A picture, ready to be written as SVG.
#[derive(Template)]
#[template(path = "drawing/certificate.svg", escape = "html")]
pub struct Svg<'p> {
    picture: &'p Picture,
    size: SvgSize,
    title: String,
    description: String,
    /// The URL of the background image, and whether it is the id of an image on the same page.
    background: Option<(&'p str, bool)>,
    /// Whether every label has a frame.
    outlined: bool,
    view: Area,
    /// The width of lines and signs, in pixels of the certificate.
    unit: f64,
    shapes: Vec<SvgShape<'p>>,
}

/// One label with its position in the drawing.
struct SvgShape<'p> {
    label: &'p DrawnLabel,
    text: String,
    area: Area,
    /// Where the text begins, or its middle; and its base line.
    base: (f64, f64),
    place: (f64, f64),
    /// The position of the sign: beside the label, or the nearest visible place.
    sign_at: (f64, f64),
    moved: Option<Arrow>,
    /// Points to the label, if it is not on the sheet.
    outside: Option<Arrow>,
}

struct Arrow {
    from: (f64, f64),
    to: (f64, f64),
    head: String,
}

/// The margin around the sheet, as a share of its longer side.
const ROOM: f64 = 0.02;
/// The width on a page at which signs and lines stay readable, in pixels.
const DRAWN_WIDE: f64 = 560.0;
/// The distance from the top of a line to its base line, for a font size of one pixel.
const BASE: f64 = 0.93;

impl<'p> Svg<'p> {
    /// Draws a picture.
    pub fn new(picture: &'p Picture, size: SvgSize) -> Self {
        let (width, height) = (f64::from(picture.sheet.width), f64::from(picture.sheet.height));
        let room = width.max(height) * ROOM;
        let unit = (width.max(height) / DRAWN_WIDE).max(0.5);
        let view = Area { left: -room, top: -room, width: width + 2.0 * room, height: height + 2.0 * room };
        Self {
            picture,
            size,
            title: "Certificate".to_owned(),
            description: xml_text(&picture.describe()),
            background: None,
            outlined: false,
            view,
            unit,
            shapes: picture
                .labels
                .iter()
                .map(|label| SvgShape::new(label, (width, height), &view, unit))
                .collect(),
        }
    }

    /// Sets the title, which screen readers announce.
    #[must_use]
    pub fn titled(mut self, title: &str) -> Self {
        self.title = xml_text(title);
        self
    }

    /// Sets a background image as a `data:` URL; any other URL would be loaded from elsewhere.
    #[must_use]
    pub fn on(mut self, data_url: &'p str) -> Self {
        self.background = Some((data_url, false)).filter(|(url, _)| url.starts_with("data:image/"));
        self
    }

    /// Sets a background image that is on the same page under this id, one pixel wide and high, so that the page
    /// contains it only once.
    #[must_use]
    pub fn over(mut self, id: &'p str) -> Self {
        self.background = Some((id, true));
        self
    }

    /// Draws a frame around every label, where no text can be drawn.
    #[cfg(feature = "pictures")]
    #[must_use]
    pub fn outlined(self, outlined: bool) -> Self {
        Self { outlined, ..self }
    }
}

impl<'p> SvgShape<'p> {
    fn new(label: &'p DrawnLabel, sheet: (f64, f64), view: &Area, unit: f64) -> Self {
        let (x, y) = label.place();
        let on_sheet = (x.clamp(0.0, sheet.0), y.clamp(0.0, sheet.1));
        let is_outside = on_sheet != (x, y);
        let inwards = (
            on_sheet.0 + (sheet.0 / 2.0 - on_sheet.0) * 0.1,
            on_sheet.1 + (sheet.1 / 2.0 - on_sheet.1) * 0.1,
        );
        let area = label.area();
        Self {
            label,
            text: xml_text(&label.text),
            area,
            base: (x, y + label.size * BASE),
            place: (x, y),
            sign_at: (
                between(view.left + unit * 14.0, area.left - unit * 4.0, view.right() - unit * 2.0),
                between(view.top + unit * 12.0, area.top + unit * 11.0, view.bottom() - unit * 2.0),
            ),
            moved: label.origin().and_then(|from| Arrow::new(from, (x, y), unit)),
            outside: if is_outside { Arrow::new(inwards, on_sheet, unit) } else { None },
        }
    }

    fn class(&self) -> &'static str {
        match self.label.mark {
            PictureMark::Same => "same",
            PictureMark::Moved { .. } => "moved",
            PictureMark::Restyled => "changed",
            PictureMark::Added => "added",
            PictureMark::Removed => "removed",
        }
    }

    /// Colours that people with any kind of colour vision can distinguish (Okabe and Ito, 2008); each comes with a
    /// sign.
    fn accent(&self) -> &'static str {
        match self.label.mark {
            PictureMark::Same => "#b8860b",
            PictureMark::Moved { .. } => "#0072b2",
            PictureMark::Restyled => "#8a4f9e",
            PictureMark::Added => "#00795a",
            PictureMark::Removed => "#c04a00",
        }
    }

    fn is_marked(&self) -> bool {
        self.label.mark != PictureMark::Same || !self.label.problems.is_empty()
    }

    /// The sign of the change, with an exclamation mark where there is a problem.
    fn sign(&self) -> String {
        let problem = if self.label.problems.is_empty() { "" } else { "!" };
        format!("{}{problem}", self.label.mark.sign())
    }

    /// Light text needs a dark background, because the background image is missing.
    fn needs_dark_background(&self) -> bool {
        luminance(&self.label.colour) > 0.6
    }
}

impl Arrow {
    fn new(from: (f64, f64), to: (f64, f64), unit: f64) -> Option<Self> {
        let head = arrow_head(from, to, 9.0 * unit)?;
        let corner = |(x, y): (f64, f64)| format!("{},{}", n(x), n(y));
        Some(Self { from, to, head: head.map(corner).join(" ") })
    }
}

/// The number, limited to the range.
fn between(least: f64, number: f64, most: f64) -> f64 {
    number.min(most).max(least)
}

/// A number with at most two decimals; more would only make files larger. Templates pass some numbers by reference.
fn n(number: impl Borrow<f64>) -> String {
    let rounded = (number.borrow() * 100.0).round() / 100.0;
    // Avoids a negative zero.
    format!("{}", if rounded == 0.0 { 0.0 } else { rounded })
}

/// The lightness of a colour, from 0 to 1; weights of ITU-R BT.709.
fn luminance(colour: &str) -> f64 {
    let digits: Vec<u32> = colour.chars().filter_map(|c| c.to_digit(16)).collect();
    let part = |position: usize| match digits.len() {
        3 | 4 => digits.get(position).map(|digit| digit * 17),
        _ => digits.get(position * 2).zip(digits.get(position * 2 + 1)).map(|(high, low)| high * 16 + low),
    };
    let part = |position| f64::from(part(position).unwrap_or(0)) / 255.0;
    0.2126 * part(0) + 0.7152 * part(1) + 0.0722 * part(2)
}

/// A text that XML can contain (section 2.2 of XML 1.0); other characters are shown as code points.
fn xml_text(text: &str) -> String {
    safe_text(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!([n(1.0), n(-0.001), n(2.345_678), n(-1.5)], ["1", "0", "2.35", "-1.5"]);
    }

    #[test]
    fn a_sign_is_visible_without_its_label() {
        let labels = serde_json::json!([
            {"certificateFieldId": "a", "x": -500, "y": 100}, {"certificateFieldId": "b", "x": 100, "y": 9000}
        ]);
        let attributes = serde_json::from_value(serde_json::json!({ "labels": labels })).unwrap();
        let canvas = crate::model::Canvas { width: 600, height: 400, layout: None };
        let picture = Picture::of(&attributes, Some(&canvas), &crate::report::drawing::Fields::new());
        let svg = Svg::new(&picture, SvgSize::Fluid);
        for shape in &svg.shapes {
            let (x, y) = shape.sign_at;
            assert!(x > svg.view.left && x < svg.view.right(), "{x}");
            assert!(y > svg.view.top && y < svg.view.bottom(), "{y}");
        }
    }

    #[test]
    fn white_is_light_and_ink_is_dark() {
        assert!(luminance("#fff") > 0.99 && luminance("#e6f1f8") > 0.6);
        assert!(luminance("#12324a") < 0.3 && luminance("#000000") < 0.01);
    }
}
