//! Reads the size of the sheet that certificates are drawn on: `canvas` of a layout, `asset_size` of a template or
//! of defaults.

use super::tree::Node;
use crate::model::Canvas;

/// What is expected as a value.
pub(super) const EXPECTED: &str =
    "a size in pixels, each side from 1 to 20000, such as 1123x794 or { width: 1123, height: 794 }";

/// Width and height in pixels, from `1123x794`, `{ width: 1123, height: 794 }` or `[1123, 794]`.
pub(super) fn size(node: &Node) -> Option<(u32, u32)> {
    match node {
        Node::Text(text) => Canvas::parse(text),
        Node::List(sides) => match sides.as_slice() {
            [width, height] => Canvas::checked(whole(width)?, whole(height)?),
            _ => None,
        },
        Node::Map(members) => match members.as_slice() {
            [(one, width), (other, height)] if one == "width" && other == "height" => {
                Canvas::checked(whole(width)?, whole(height)?)
            }
            [(one, height), (other, width)] if one == "height" && other == "width" => {
                Canvas::checked(whole(width)?, whole(height)?)
            }
            _ => None,
        },
        _ => None,
    }
}

fn whole(node: &Node) -> Option<i64> {
    if let Node::Number(number) = node { number.as_i64() } else { None }
}
