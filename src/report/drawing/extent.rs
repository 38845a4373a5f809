//! Estimates the size of a text. The vendor's fonts are unknown, so the estimate is rough.

use unicode_width::UnicodeWidthChar as _;

/// The height of a line, for a font size of one pixel.
pub(super) const LINE: f64 = 1.2;
/// The width of a column, for a font size of one pixel: the average of common sans-serif fonts. Wide characters
/// take two columns.
const COLUMN: f64 = 0.56;

/// The width of a text on one line, for a font size of one pixel.
pub(super) fn width(text: &str) -> f64 {
    text.chars()
        .map(|c| c.width().unwrap_or(0))
        .map(|columns| if columns == 2 { 1.0 } else { COLUMN * f64::from(u8::from(columns > 0)) })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_are_square_and_marks_zero_width() {
        assert!((width("日本") - 2.0).abs() < 1e-9);
        assert!((width("e\u{301}") - width("e")).abs() < 1e-9);
        assert!(width("") < 1e-9);
    }
}
