//! Certificates as pictures: which label prints where. Plain data first ([`Picture`]), then SVG.
//!
//! A drawing is an aid for review, not a proof: fonts, line breaks and the background image are the vendor's. Where it
//! takes something for granted that the vendor does not document, it says so ([`ASSUMPTIONS`]).

mod extent;
mod geometry;
mod picture;
mod sample;
mod sheet;
mod svg;

pub use picture::{DrawnLabel, Fields, Mark, Picture, Problem};
pub use sheet::{Sheet, SheetSource};
pub use svg::{Size, Svg};

/// What a drawing takes for granted.
pub const ASSUMPTIONS: &str = "Drawn with sample texts in a plain font, without the background image: the real \
    certificate looks different. x and y are taken for the top of the text, at its left end or, where textAlign is \
    center, at its middle.";
