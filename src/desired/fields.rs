//! The names in a template file that are certctl's own, and those of the vendor's fields.

use crate::model::{Field, FieldType, TEMPLATE_FIELDS};

/// The settings of a template beside the vendor's fields.
pub(super) const TEMPLATE_SETTINGS: [&str; 6] =
    ["layout", "environments", "protect", "extra", ASSET_SIZE, CANVAS];

/// What a template file consists of.
pub(super) const FILE_SECTIONS: [&str; 4] = ["layouts", "defaults", "templates", "moved"];

/// What an entry of `moved` says.
pub(super) const MOVE: [&str; 2] = ["from", "to"];

/// The sides of a sheet, where each is written by its name.
pub(super) const SIDES: [&str; 2] = ["width", "height"];

/// The size of the sheet, as a template or a file's defaults call it.
pub(super) const ASSET_SIZE: &str = "asset_size";
/// The same, as a layout calls it. Each is understood in the place of the other.
pub(super) const CANVAS: &str = "canvas";

/// What a field's value must be; `None` where the vendor has no such field.
pub(super) fn type_of(name: &str) -> Option<FieldType> {
    Field::of_template(name).map(|field| field.value)
}

/// A vendor's field by its name.
pub(super) fn field(name: &str) -> Option<&'static str> {
    Field::of_template(name).map(|field| field.name)
}

/// The vendor's field names.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    TEMPLATE_FIELDS.iter().map(|field| field.name)
}
