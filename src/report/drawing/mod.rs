//! Certificates as pictures: which label prints where. Plain data first ([`Picture`]), then SVG.
//!
//! A drawing is an aid for review, not a proof: fonts, line breaks and the background image are the vendor's. Where it
//! takes something for granted that the vendor does not document, it says so ([`ASSUMPTIONS`]).

mod alike;
mod background;
mod extent;
mod flags;
mod geometry;
mod picture;
mod raster;
mod sample;
mod sheet;
mod sketch;
mod svg;

pub use background::{Background, BackgroundError};
pub use flags::{Flag, Subject, flags};
pub use picture::{DrawnLabel, Fields, ImageError, Overlap, Picture, PictureMark};
pub use raster::{Fonts, Raster, RasterError, SOFTWARE, raster};
pub use sheet::{Sheet, SheetSource};
pub use sketch::Sketch;
pub use svg::{Svg, SvgSize};

/// What a drawing takes for granted.
pub const ASSUMPTIONS: &str = "Drawn with sample texts in a plain font, without the background image: the real \
    certificate looks different. x and y are taken for the top of the text, at its left end or, where textAlign is \
    center, at its middle.";

/// What a drawing takes for granted where background images are given.
pub const ASSUMPTIONS_ON_IMAGES: &str = "Drawn with sample texts in a plain font: the real certificate looks \
    different. x and y are taken for the top of the text, at its left end or, where textAlign is center, at its middle.";
