//! Draws certificates: which label prints where. Plain data first ([`Picture`]), then SVG, PNG or a text sketch.
//! The HTML report, `preview` and the checks of labels call it; nothing is loaded from elsewhere.
//!
//! A drawing is an aid for review, not a proof: fonts, line breaks and the background image are the vendor's.
//! [`ASSUMPTIONS`] lists what the vendor does not document.

mod alike;
mod background;
mod extent;
mod field_names;
mod flags;
mod geometry;
mod glance;
mod picture;
#[cfg(feature = "pictures")]
mod raster;
mod sample;
mod sheet;
mod sketch;
mod svg;
mod written_label;

pub use background::{Background, BackgroundError};
pub use flags::{Flag, Subject, flags};
pub use picture::{DrawnLabel, Fields, ImageError, Picture, PictureMark};
#[cfg(feature = "pictures")]
pub use raster::{Fonts, raster};
pub use sheet::{Sheet, SheetSource};
pub use sketch::Sketch;
pub use svg::{Svg, SvgSize};

/// What a drawing assumes.
pub const ASSUMPTIONS: &str = "Drawn with sample texts in a plain font, without the background image: the real \
    certificate looks different. x and y are taken for the top of the text, at its left end or, where textAlign is \
    center, at its middle.";

/// What a drawing assumes when background images are given.
pub const ASSUMPTIONS_ON_IMAGES: &str = "Drawn with sample texts in a plain font: the real certificate looks \
    different. x and y are taken for the top of the text, at its left end or, where textAlign is center, at its middle.";

/// Keyword and text in every PNG, so that certctl recognises its own files (PNG, section 11.3.4.3).
pub const SOFTWARE: (&str, &str) = ("Software", "certctl preview");
