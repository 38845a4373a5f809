//! The labels of a template as written: their members can have any type. Pictures are drawn from them, and `glance` looks
//! through those of a whole estate, so texts are borrowed and nothing else is kept.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::extent;
use super::geometry::Area;
use crate::model::Attributes;

/// The limit of coordinates in pixels; larger ones are drawn there.
const FARTHEST: i64 = 1_000_000;
/// The font size where the template sets none, and the largest that is drawn, in pixels.
const FONT: (f64, f64) = (16.0, 2000.0);

/// A label as written.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WrittenLabel<'l> {
    #[serde(borrow)]
    certificate_field_id: Leaf<'l>,
    #[serde(borrow)]
    x: Leaf<'l>,
    #[serde(borrow)]
    y: Leaf<'l>,
    #[serde(borrow)]
    font_size: Leaf<'l>,
    #[serde(borrow)]
    font_color: Leaf<'l>,
    #[serde(borrow)]
    text_align: Leaf<'l>,
}

/// A value of which only texts and numbers matter.
#[derive(Debug, Default)]
enum Leaf<'l> {
    Text(Cow<'l, str>),
    Integer(i64),
    Float(f64),
    #[default]
    Other,
}

/// Every label of a template, in the order of its list. An item that is not an object is a label without members.
pub(super) fn written_labels(attributes: &Attributes) -> Vec<WrittenLabel<'_>> {
    let Some(labels) = attributes.shared_value(Attributes::LABELS) else { return Vec::new() };
    labels.read().unwrap_or_else(|| {
        let items = labels.as_array().into_iter().flatten();
        items.map(|label| WrittenLabel::deserialize(label).unwrap_or_default()).collect()
    })
}

impl WrittenLabel<'_> {
    /// The id of its certificate field.
    pub(super) fn field(&self) -> &str {
        self.certificate_field_id.text().unwrap_or("(none)")
    }

    /// The distance from the left edge in pixels.
    pub(super) fn x(&self) -> i64 {
        self.x.whole()
    }

    /// The distance from the top edge in pixels.
    pub(super) fn y(&self) -> i64 {
        self.y.whole()
    }

    /// The font size in pixels, within the limits.
    pub(super) fn size(&self) -> f64 {
        self.font_size.number().unwrap_or(FONT.0).clamp(1.0, FONT.1)
    }

    /// The font colour, whatever is written there.
    pub(super) fn colour(&self) -> Option<&str> {
        self.font_color.text()
    }

    /// Whether x is the middle of the text.
    pub(super) fn is_centred(&self) -> bool {
        self.text_align.text() == Some("center")
    }
}

impl Leaf<'_> {
    fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    #[expect(clippy::cast_precision_loss, reason = "no position has that many digits")]
    fn number(&self) -> Option<f64> {
        match self {
            Self::Integer(number) => Some(*number as f64),
            Self::Float(number) => Some(*number),
            Self::Text(_) | Self::Other => None,
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "a cast of f64 to i64 saturates")]
    fn whole(&self) -> i64 {
        match self {
            Self::Integer(number) => *number,
            Self::Float(number) => number.round() as i64,
            Self::Text(_) | Self::Other => 0,
        }
    }
}

/// The area of a text at a position. `width` is that of the text for a font size of one pixel.
pub(super) fn area((x, y): (f64, f64), width: f64, size: f64, is_centred: bool) -> Area {
    let width = width * size;
    Area { left: if is_centred { x - width / 2.0 } else { x }, top: y, width, height: extent::LINE * size }
}

/// A position, limited to what can be drawn.
#[expect(clippy::cast_precision_loss, reason = "bounded to what an f64 holds exactly")]
pub(super) fn place(x: i64, y: i64) -> (f64, f64) {
    let bounded = |side: i64| side.clamp(-FARTHEST, FARTHEST) as f64;
    (bounded(x), bounded(y))
}

impl<'de: 'l, 'l> Deserialize<'de> for Leaf<'l> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Leaf<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }

            fn visit_unit<E>(self) -> Result<Leaf<'de>, E> {
                Ok(Leaf::Other)
            }

            fn visit_bool<E>(self, _: bool) -> Result<Leaf<'de>, E> {
                Ok(Leaf::Other)
            }

            fn visit_i64<E>(self, number: i64) -> Result<Leaf<'de>, E> {
                Ok(Leaf::Integer(number))
            }

            #[expect(clippy::cast_precision_loss, reason = "no position has that many digits")]
            fn visit_u64<E>(self, number: u64) -> Result<Leaf<'de>, E> {
                Ok(i64::try_from(number).map_or(Leaf::Float(number as f64), Leaf::Integer))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Leaf<'de>, E> {
                Ok(Leaf::Float(number))
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Leaf<'de>, E> {
                Ok(Leaf::Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Leaf<'de>, E> {
                Ok(Leaf::Text(Cow::Owned(text.to_owned())))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Leaf<'de>, A::Error> {
                while items.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Leaf::Other)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Leaf<'de>, A::Error> {
                while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Leaf::Other)
            }
        }

        deserializer.deserialize_any(Any)
    }
}
