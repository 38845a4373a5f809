//! The sheet that a certificate is drawn on.

use serde::{Deserialize, Serialize};

/// The size of the background image, as the YAML says it. Never sent: the vendor takes it from the image itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Canvas {
    /// In pixels.
    pub height: u32,
    /// The layout whose `canvas` it is; nothing where `asset_size` says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<String>,
    /// In pixels.
    pub width: u32,
}

impl Canvas {
    /// The longest side, in pixels. No image that a browser shows is larger, and drawings stay within memory.
    pub const MAX_SIDE: u32 = 20_000;

    /// A size written like `1123x794`, if it is one.
    pub fn parse(text: &str) -> Option<(u32, u32)> {
        let (width, height) = text.split_once(['x', 'X', '×'])?;
        Self::checked(width.trim().parse().ok()?, height.trim().parse().ok()?)
    }

    /// These sides, if they are within bounds.
    pub fn checked(width: i64, height: i64) -> Option<(u32, u32)> {
        let side = |side| u32::try_from(side).ok().filter(|side| (1..=Self::MAX_SIDE).contains(side));
        Some((side(width)?, side(height)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_two_numbers_within_bounds() {
        assert_eq!(Canvas::parse("1123x794"), Some((1123, 794)));
        assert_eq!(Canvas::parse(" 1123 × 794 "), Some((1123, 794)));
        for wrong in ["", "x", "1123", "0x10", "10x-1", "20001x1", "1123x794x2", "99999999999999999999x1"] {
            assert_eq!(Canvas::parse(wrong), None, "{wrong}");
        }
    }
}
