//! The names allowed in a template file: certctl's own, and the vendor's fields.

use crate::model::{Field, FieldType, TEMPLATE_FIELDS};

/// The settings of a template that are not fields of the vendor.
pub(super) const TEMPLATE_SETTINGS: [&str; 7] =
    [LAYOUT, ADJUST, ENVIRONMENTS, "protect", "extra", ASSET_SIZE, CANVAS];

/// The name of a template's layout, in the template or in its file's defaults.
pub(super) const LAYOUT: &str = "layout";

/// The environments that a template is limited to, in the template or in its file's defaults.
pub(super) const ENVIRONMENTS: &str = "environments";

/// The changes to single labels that a template inherits.
pub(super) const ADJUST: &str = "adjust";

/// The sections of a template file.
pub(super) const FILE_SECTIONS: [&str; 5] = ["layouts", "defaults", "templates", "moved", "removed"];

/// The members of an entry of `moved`.
pub(super) const MOVE: [&str; 2] = ["from", "to"];

/// The members of an entry of `removed`.
pub(super) const REMOVAL: [&str; 2] = ["from", ENVIRONMENTS];

/// The sides of a sheet, when each is written by name.
pub(super) const SIDES: [&str; 2] = ["width", "height"];

/// The fields whose texts can be taken from files.
pub(super) const FROM_FILES: [&str; 2] = ["customCss", "recertificationInstructions"];
/// The member that names the file of a text.
pub(super) const FILE: &str = "file";

/// The size of the sheet, as named in a template or in a file's defaults.
pub(super) const ASSET_SIZE: &str = "asset_size";
/// The same, as named in a layout. Both names are accepted in both places.
pub(super) const CANVAS: &str = "canvas";

/// The type of a field's value; `None` if the vendor has no such field.
pub(super) fn type_of(name: &str) -> Option<FieldType> {
    Field::of_template(name).map(|field| field.value)
}

/// The name of a vendor field, if there is one with this name.
pub(super) fn field(name: &str) -> Option<&'static str> {
    Field::of_template(name).map(|field| field.name)
}

/// The names of the vendor's fields.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    TEMPLATE_FIELDS.iter().map(|field| field.name)
}
