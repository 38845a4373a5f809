//! The table of fields: everything that certctl knows about the vendor's fields, in one place. Checks, exports and reports
//! read it. A field that is not in the table is rejected, unless it is in `extra`, from which it is sent unchanged.
//!
//! Source: vendor-api.md section 4.

/// One field of a template or of a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The vendor's name in the API. Exports write it in lower case, possibly with underscores.
    pub name: &'static str,
    /// The type of its value.
    pub value: FieldType,
    /// The unit of its number or date, for reports.
    pub unit: Option<Unit>,
    /// Its meaning, for people who write templates.
    pub meaning: &'static str,
    /// An example value, as written in YAML.
    pub example: &'static str,
}

/// The type of a field's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// A string, not empty.
    Text,
    /// A name without white space.
    Slug,
    /// A UUID.
    Uuid,
    /// An absolute address that begins with a protocol or `www`.
    Url,
    /// A list of addresses.
    UrlList,
    /// `#` and hexadecimal digits.
    Colour,
    /// An ISO 8601 date.
    Date,
    /// An integer with this minimum.
    Integer(i64),
    /// True or false.
    Boolean,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A list of labels, each with the fields of [`LABEL_FIELDS`] and identified by its certificate field.
    Labels,
}

/// The unit of a number or date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Pixels, for positions from the asset's top-left corner and for font sizes.
    Pixels,
    /// Days after a moment: how a report says a number of them, and what it says where there is none.
    Days {
        /// What comes before the number, such as `expires after`.
        after: &'static str,
        /// What is said where the field is not set.
        none: &'static str,
    },
    /// A day of the calendar.
    Day {
        /// What it means to set it.
        set: &'static str,
        /// What it means to clear it.
        cleared: &'static str,
    },
}

/// The fields of a template, in the order of the vendor's documentation.
pub const TEMPLATE_FIELDS: [Field; 18] = [
    field("title", FieldType::Text, "The name of the certificate, as learners see it", "Cloud 101"),
    field(
        "resourceType",
        FieldType::OneOf(&["course", "learningPath"]),
        "What the certificate is issued for",
        "course",
    ),
    field(
        "resourceId",
        FieldType::Uuid,
        "The id of that course or learning path. It differs between academies",
        "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01",
    ),
    field("asset", FieldType::Url, "The background image", "https://cdn.example.com/cloud.png"),
    field(
        "assetLibraryId",
        FieldType::Uuid,
        "The id of the asset in the vendor's asset library",
        "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f02",
    ),
    field(
        "supplementalAssets",
        FieldType::UrlList,
        "More images of the certificate",
        "[https://cdn.example.com/seal.png]",
    ),
    field(
        "expirationDate",
        FieldType::Date,
        "The day on which every certificate expires; not together with expirationDays",
        "2027-12-31",
    )
    .counting(Unit::Day { set: "every certificate expires on that day", cleared: "no fixed day any more" }),
    field(
        "expirationDays",
        FieldType::Integer(1),
        "How many days after its issue a certificate expires; not together with expirationDate. Without both, it never expires",
        "365",
    )
    .counting(Unit::Days { after: "expires after", none: "does not expire by age" }),
    field(
        "customCss",
        FieldType::Text,
        "Styles of the printed certificate, often many lines",
        "\".certificate { color: black }\"",
    ),
    field(
        "labels",
        FieldType::Labels,
        "The texts that are printed over the background image",
        "[{ certificateFieldId: 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f03, x: 120, y: 300 }]",
    ),
    field(
        "userCustomFieldSlug",
        FieldType::Slug,
        "The custom field that decides which learners get this template: its slug. Goes with userCustomFieldValue",
        "region",
    ),
    field(
        "userCustomFieldValue",
        FieldType::Text,
        "The value that the learner's field must have. Goes with userCustomFieldSlug",
        "EMEA",
    ),
    field(
        "recertificationAction",
        FieldType::OneOf(&["actionUrl", "recertifyInSession", "resetProgress"]),
        "How a learner renews the certificate: by a link (actionUrl), in a session (recertifyInSession), or by starting again (resetProgress)",
        "resetProgress",
    ),
    field(
        "recertificationActionText",
        FieldType::Text,
        "The words of that link; only with recertificationAction: actionUrl",
        "Renew",
    ),
    field(
        "recertificationActionUrl",
        FieldType::Url,
        "The address of that link; only with recertificationAction: actionUrl, and required there",
        "https://academy.example.com/renew",
    ),
    field(
        "recertificationAfterDays",
        FieldType::Integer(0),
        "How many days after its issue a certificate can be renewed",
        "300",
    )
    .counting(Unit::Days { after: "recertify after", none: "no day to recertify" }),
    field(
        "recertificationAutoReset",
        FieldType::Boolean,
        "Whether the progress is reset without a click; only with recertificationAction: resetProgress",
        "true",
    ),
    field(
        "recertificationInstructions",
        FieldType::Text,
        "What a learner reads about the renewal; only for a certificate that expires",
        "Please repeat the course.",
    ),
];

/// The fields of a label.
pub const LABEL_FIELDS: [Field; 6] = [
    field(
        "certificateFieldId",
        FieldType::Uuid,
        "The certificate field that is printed: its id, once in a template. It differs between academies",
        "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f03",
    ),
    field("x", FieldType::Integer(0), "How far from the left edge of the background image", "120")
        .counting(Unit::Pixels),
    field("y", FieldType::Integer(0), "How far from the top edge of the background image", "300")
        .counting(Unit::Pixels),
    field("fontSize", FieldType::Integer(5), "The size of the text", "24").counting(Unit::Pixels),
    field("fontColor", FieldType::Colour, "The colour of the text", "\"#000000\""),
    field(
        "textAlign",
        FieldType::OneOf(&["left", "center"]),
        "Whether the text begins at x (left), or has its middle there (center)",
        "center",
    ),
];

const fn field(name: &'static str, value: FieldType, meaning: &'static str, example: &'static str) -> Field {
    Field { name, value, unit: None, meaning, example }
}

impl Field {
    const fn counting(self, unit: Unit) -> Self {
        Self { unit: Some(unit), ..self }
    }

    /// The field of a template with this name.
    pub fn of_template(name: &str) -> Option<&'static Self> {
        TEMPLATE_FIELDS.iter().find(|field| field.name == name)
    }

    /// The field of a label with this name.
    pub fn of_label(name: &str) -> Option<&'static Self> {
        LABEL_FIELDS.iter().find(|field| field.name == name)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::model::{Attributes, NaturalKey};

    #[test]
    fn each_field_is_in_one_table_once() {
        let names: Vec<_> = TEMPLATE_FIELDS.iter().chain(&LABEL_FIELDS).map(|field| field.name).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    }

    #[test]
    fn names_used_elsewhere_are_in_the_table() {
        for name in NaturalKey::FIELDS.into_iter().chain([Attributes::LABELS]) {
            assert!(Field::of_template(name).is_some(), "{name}");
        }
        assert!(Field::of_label(Attributes::LABEL_FIELD).is_some());
    }
}
