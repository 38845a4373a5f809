//! The names allowed in a template file: certctl's own, and the vendor's fields.

use crate::model::{Field, FieldType, TEMPLATE_FIELDS};

/// A name of certctl's own in a template file. The vendor never sees it.
pub(super) struct OwnName {
    pub(super) name: &'static str,
    /// Where it can be written.
    pub(super) places: &'static [NamePlace],
    /// What its value is, in words.
    #[cfg_attr(not(test), expect(dead_code, reason = "docs/fields.md shows it"))]
    pub(super) value: &'static str,
    /// What counts if it is missing, in words.
    #[cfg_attr(not(test), expect(dead_code, reason = "docs/fields.md shows it"))]
    pub(super) absent: &'static str,
    /// Its meaning, for people who write templates.
    pub(super) meaning: &'static str,
    /// An example value, as written in YAML.
    #[cfg_attr(not(test), expect(dead_code, reason = "docs/fields.md shows it"))]
    pub(super) example: &'static str,
}

/// Where a name of certctl's own can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NamePlace {
    File,
    Template,
    Defaults,
    Layout,
}

/// The sections of a template file.
pub(super) const FILE_SECTIONS: [OwnName; 5] = [
    OwnName {
        name: "templates",
        places: &[NamePlace::File],
        value: "a mapping: the key of each template, and its fields",
        absent: "none",
        meaning: "The certificate templates, each by its key: 1 to 200 printable characters, once in all files",
        example: "{ cloud-101: { title: Cloud 101 } }",
    },
    OwnName {
        name: "layouts",
        places: &[NamePlace::File],
        value: "a mapping: a name, and fields",
        absent: "none",
        meaning: "Named groups of fields, for the templates of all files",
        example: "{ landscape: { expirationDays: 365 } }",
    },
    OwnName {
        name: "defaults",
        places: &[NamePlace::File],
        value: "a mapping of fields",
        absent: "none",
        meaning: "Fields for the templates of this file",
        example: "{ resourceType: course }",
    },
    OwnName {
        name: "moved",
        places: &[NamePlace::File],
        value: "a list of `{ from: OLD, to: NEW }`",
        absent: "none",
        meaning: "Keys that were renamed: the state follows, and nothing is sent",
        example: "[{ from: cloud-100, to: cloud-101 }]",
    },
    OwnName {
        name: "removed",
        places: &[NamePlace::File],
        value: "a list of `{ from: KEY }`, also with `environments`",
        absent: "none",
        meaning: "Keys that the state forgets once a person has deleted the template in the admin page",
        example: "[{ from: cloud-099 }]",
    },
];

/// The settings of a template that are not fields of the vendor.
pub(super) const SETTINGS: [OwnName; 7] = [
    OwnName {
        name: LAYOUT,
        places: &[NamePlace::Template, NamePlace::Defaults],
        value: "the name of a layout, or `~` for none",
        absent: "none",
        meaning: "The layout whose fields the template takes",
        example: "landscape",
    },
    OwnName {
        name: ADJUST,
        places: &[NamePlace::Template],
        value: "a mapping: a label, and its changes",
        absent: "the labels stay as they are inherited",
        meaning: "Changes to single labels that the template inherits, each by the variable or the id of its certificate field",
        example: "{ field_learner_name: { x: 10 } }",
    },
    OwnName {
        name: ENVIRONMENTS,
        places: &[NamePlace::Template, NamePlace::Defaults],
        value: "a list of environments, or `~` for all",
        absent: "all environments",
        meaning: "The environments of certctl.toml that have this template",
        example: "[production]",
    },
    OwnName {
        name: PROTECT,
        places: &[NamePlace::Template],
        value: "`true` or `false`",
        absent: "`false`",
        meaning: "Whether forgetting the template takes two steps: first remove the protection and apply, then the template",
        example: "true",
    },
    OwnName {
        name: EXTRA,
        places: &[NamePlace::Template],
        value: "a mapping: names and values of the vendor's API, but not `id`",
        absent: "nothing",
        meaning: "Fields that this version of certctl does not know. They are sent as they are",
        example: "{ newVendorField: 1 }",
    },
    OwnName {
        name: CANVAS,
        places: &[NamePlace::Template, NamePlace::Defaults, NamePlace::Layout],
        value: "`{ width: N, height: N }`, `NxN` or `[N, N]`, each side from 1 to 20000 pixels",
        absent: "the size of the background image where it is at hand, else what the labels need",
        meaning: "The size of the background image, for drawings and reports",
        example: "{ width: 1600, height: 1131 }",
    },
    OwnName {
        name: ASSET_SIZE,
        places: &[NamePlace::Template, NamePlace::Defaults, NamePlace::Layout],
        value: "as for `canvas`",
        absent: "as for `canvas`",
        meaning: "Another name for `canvas`. Write one of the two",
        example: "1600x1131",
    },
];

/// The names of the settings that are allowed there.
pub(super) fn settings(place: NamePlace) -> impl Iterator<Item = &'static str> {
    SETTINGS.iter().filter(move |setting| setting.places.contains(&place)).map(|setting| setting.name)
}

/// The names of the sections of a file.
pub(super) fn sections() -> impl Iterator<Item = &'static str> {
    FILE_SECTIONS.iter().map(|section| section.name)
}

/// The name of a template's layout, in the template or in its file's defaults.
pub(super) const LAYOUT: &str = "layout";

/// The environments that a template is limited to, in the template or in its file's defaults.
pub(super) const ENVIRONMENTS: &str = "environments";

/// Whether a template is protected.
pub(super) const PROTECT: &str = "protect";

/// Fields for the vendor that certctl does not know.
pub(super) const EXTRA: &str = "extra";

/// The changes to single labels that a template inherits.
pub(super) const ADJUST: &str = "adjust";

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
