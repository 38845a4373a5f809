//! The fields of a template and of a label (vendor-api.md section 4).

/// What a field's value must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text but an empty one.
    Text,
    /// A name without blanks.
    Slug,
    /// A UUID.
    Uuid,
    /// An absolute address: it begins with a protocol or with `www`.
    Url,
    /// Addresses.
    UrlList,
    /// `#` and hexadecimal digits.
    Colour,
    /// An ISO 8601 date.
    Date,
    /// A whole number, at least this.
    Integer(i64),
    /// True or false.
    Boolean,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// What is printed over the asset.
    Labels,
}

/// The fields of a template, each with what its value must be.
pub const TEMPLATE: [(&str, Kind); 18] = [
    ("title", Kind::Text),
    ("resourceType", Kind::OneOf(&["course", "learningPath"])),
    ("resourceId", Kind::Uuid),
    ("asset", Kind::Url),
    ("assetLibraryId", Kind::Uuid),
    ("supplementalAssets", Kind::UrlList),
    ("expirationDate", Kind::Date),
    ("expirationDays", Kind::Integer(1)),
    ("customCss", Kind::Text),
    ("labels", Kind::Labels),
    ("userCustomFieldSlug", Kind::Slug),
    ("userCustomFieldValue", Kind::Text),
    ("recertificationAction", Kind::OneOf(&["actionUrl", "recertifyInSession", "resetProgress"])),
    ("recertificationActionText", Kind::Text),
    ("recertificationActionUrl", Kind::Url),
    ("recertificationAfterDays", Kind::Integer(0)),
    ("recertificationAutoReset", Kind::Boolean),
    ("recertificationInstructions", Kind::Text),
];

/// The fields of a label.
pub(super) const LABEL: [(&str, Kind); 6] = [
    ("certificateFieldId", Kind::Uuid),
    ("x", Kind::Integer(0)),
    ("y", Kind::Integer(0)),
    ("fontSize", Kind::Integer(5)),
    ("fontColor", Kind::Colour),
    ("textAlign", Kind::OneOf(&["left", "center"])),
];

/// What may stand in a template beside its fields.
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

/// What a field's value must be, if it is a vendor's field.
pub(super) fn kind_of(name: &str) -> Option<Kind> {
    TEMPLATE.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
}

/// A vendor's field by its name.
pub(super) fn field(name: &str) -> Option<&'static str> {
    names().find(|known| *known == name)
}

/// The vendor's field names.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    TEMPLATE.iter().map(|(name, _)| *name)
}
