//! Rectangles and arrows, in pixels from the top-left corner of the sheet.

/// A rectangle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    /// The left edge.
    pub left: f64,
    /// The top edge.
    pub top: f64,
    /// The width.
    pub width: f64,
    /// The height.
    pub height: f64,
}

impl Area {
    /// The right edge.
    pub fn right(&self) -> f64 {
        self.left + self.width
    }

    /// The bottom edge.
    pub fn bottom(&self) -> f64 {
        self.top + self.height
    }

    /// Whether the two share a point that is not on an edge.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.left < other.right()
            && other.left < self.right()
            && self.top < other.bottom()
            && other.top < self.bottom()
    }

    /// How far two overlapping areas cover each other, in the direction in which that is less.
    pub(super) fn depth_over(&self, other: &Self) -> f64 {
        let across = self.right().min(other.right()) - self.left.max(other.left);
        let down = self.bottom().min(other.bottom()) - self.top.max(other.top);
        across.min(down)
    }

    /// Whether the area lies within a sheet of this size, up to one pixel of rounding.
    pub(super) fn is_within(&self, width: f64, height: f64) -> bool {
        self.left >= -1.0 && self.top >= -1.0 && self.right() <= width + 1.0 && self.bottom() <= height + 1.0
    }
}

/// The three corners of an arrow head at the end of a line, `size` pixels long; `None` for a line of zero length.
pub(super) fn arrow_head(from: (f64, f64), to: (f64, f64), size: f64) -> Option<[(f64, f64); 3]> {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = dx.hypot(dy);
    if length < 1.0 {
        return None;
    }
    let size = size.min(length);
    let (ux, uy) = (dx / length, dy / length);
    let base = (to.0 - ux * size, to.1 - uy * size);
    let half = size * 0.4;
    Some([to, (base.0 - uy * half, base.1 + ux * half), (base.0 + uy * half, base.1 - ux * half)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_that_only_touch_do_not_overlap() {
        let area = |left, top| Area { left, top, width: 10.0, height: 10.0 };
        assert!(area(0.0, 0.0).overlaps(&area(9.0, 9.0)));
        assert!(!area(0.0, 0.0).overlaps(&area(10.0, 0.0)));
        assert!(!area(0.0, 0.0).overlaps(&area(0.0, 10.0)));
    }

    #[test]
    fn an_arrow_needs_a_length() {
        assert_eq!(arrow_head((0.0, 0.0), (10.0, 0.0), 5.0), Some([(10.0, 0.0), (5.0, 2.0), (5.0, -2.0)]));
        assert_eq!(arrow_head((1.0, 1.0), (1.0, 1.0), 5.0), None);
    }
}
