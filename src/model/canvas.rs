//! The size of a certificate's background image.

use serde::{Deserialize, Serialize};

/// The size of the background image, as written in YAML. Never sent: the vendor reads it from the image itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Canvas {
    /// Height in pixels.
    pub height: u32,
    /// The layout that defines this `canvas`; `None` if the size comes from `asset_size`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<String>,
    /// Width in pixels.
    pub width: u32,
}

impl Canvas {
    /// Maximum side, in pixels. Browsers show no larger image, and drawings must fit in memory.
    pub const MAX_SIDE: u32 = 20_000;

    /// Width and height from a text such as `1123x794`; `None` for any other text.
    pub fn parse(text: &str) -> Option<(u32, u32)> {
        let (width, height) = text.split_once(['x', 'X', '×'])?;
        Self::checked(width.trim().parse().ok()?, height.trim().parse().ok()?)
    }

    /// Width and height, if both are from 1 to [`Self::MAX_SIDE`].
    pub fn checked(width: i64, height: i64) -> Option<(u32, u32)> {
        let side = |side| u32::try_from(side).ok().filter(|side| (1..=Self::MAX_SIDE).contains(side));
        Some((side(width)?, side(height)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_two_numbers_within_bounds() {
        assert_eq!(Canvas::parse("1123x794"), Some((1123, 794)));
        assert_eq!(Canvas::parse(" 1123 × 794 "), Some((1123, 794)));
        for wrong in ["", "x", "1123", "0x10", "10x-1", "20001x1", "1123x794x2", "99999999999999999999x1"] {
            assert_eq!(Canvas::parse(wrong), None, "{wrong}");
        }
    }
}
