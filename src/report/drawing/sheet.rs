//! The sheet that labels are drawn on: its size, and the source of the size.

use super::geometry::Area;
use crate::model::Canvas;

/// The sheet that labels are drawn on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// The width in pixels.
    pub width: u32,
    /// The height in pixels.
    pub height: u32,
    /// The source of the size.
    pub source: SheetSource,
}

/// The source of a sheet's size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SheetSource {
    /// `canvas` of this layout.
    Layout(String),
    /// `asset_size` of the template or of its file's defaults.
    AssetSize,
    /// The size of the given image.
    Image,
    /// Unknown: large enough for the labels.
    Labels,
}

/// The smallest assumed sheet, and the margin beyond the labels, in pixels.
const SMALLEST: (u32, u32) = (400, 280);
const MARGIN: f64 = 40.0;

const MADE_UP: &str = "made up to hold the labels";

impl Sheet {
    /// The configured sheet, else one that contains these areas of all labels.
    pub(super) fn of(canvas: Option<&Canvas>, labels: impl Iterator<Item = Area>) -> Self {
        match canvas {
            Some(Canvas { height, layout, width }) => Self {
                width: *width,
                height: *height,
                source: layout.clone().map_or(SheetSource::AssetSize, SheetSource::Layout),
            },
            None => Self::around(labels),
        }
    }

    fn around(labels: impl Iterator<Item = Area>) -> Self {
        let (mut right, mut bottom) = (0.0_f64, 0.0_f64);
        for area in labels {
            right = right.max(area.right());
            bottom = bottom.max(area.bottom());
        }
        Self {
            width: side(right + MARGIN).max(SMALLEST.0),
            height: side(bottom + MARGIN).max(SMALLEST.1),
            source: SheetSource::Labels,
        }
    }

    /// The size and its source, in words.
    pub fn explain(&self) -> String {
        let source = match &self.source {
            SheetSource::Layout(name) => format!("from the layout {name}"),
            // It can also be set as `canvas`, and in the defaults of the file.
            SheetSource::AssetSize => "from the template's YAML".to_owned(),
            SheetSource::Image => "from the image".to_owned(),
            SheetSource::Labels => {
                format!("{MADE_UP}: write the real size as canvas, in the template or in its layout")
            }
        };
        self.sized(&source)
    }

    /// The same for a template that the YAML no longer has, so that its size cannot be set there.
    pub fn explain_without_yaml(&self) -> String {
        match self.source {
            SheetSource::Labels => self.sized(MADE_UP),
            _ => self.explain(),
        }
    }

    fn sized(&self, source: &str) -> String {
        format!("{} × {} px, {source}", self.width, self.height)
    }
}

/// A side in whole pixels, within the limits.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded to 1..=MAX_SIDE before")]
fn side(length: f64) -> u32 {
    length.ceil().clamp(1.0, f64::from(Canvas::MAX_SIDE)) as u32
}
