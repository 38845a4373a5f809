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
        "The id of that course or learning path; it differs between instances",
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
        "How many days after its issue a certificate expires; not together with expirationDate",
        "365",
    )
    .counting(Unit::Days { after: "expires after", none: "does not expire by age" }),
    field(
        "customCss",
        FieldType::Text,
        "Styles of the printed certificate, often many lines",
        ".certificate { color: black }",
    ),
    field("labels", FieldType::Labels, "The texts that are printed over the asset", "[]"),
    field(
        "userCustomFieldSlug",
        FieldType::Slug,
        "The learner's custom field that decides for whom the template is; goes with userCustomFieldValue",
        "region",
    ),
    field(
        "userCustomFieldValue",
        FieldType::Text,
        "The value of that field; goes with userCustomFieldSlug",
        "EMEA",
    ),
    field(
        "recertificationAction",
        FieldType::OneOf(&["actionUrl", "recertifyInSession", "resetProgress"]),
        "What a learner does to renew the certificate; nothing where it is absent",
        "resetProgress",
    ),
    field(
        "recertificationActionText",
        FieldType::Text,
        "The words of the link to recertificationActionUrl; goes with the action actionUrl",
        "Renew",
    ),
    field(
        "recertificationActionUrl",
        FieldType::Url,
        "Where a learner renews the certificate; goes with the action actionUrl",
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
        "Whether the progress is reset without a click; goes with the action resetProgress",
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
        "The certificate field that is printed, once in a template; it differs between instances",
        "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f03",
    ),
    field("x", FieldType::Integer(0), "How far from the left edge of the asset, in pixels", "120")
        .counting(Unit::Pixels),
    field("y", FieldType::Integer(0), "How far from the top edge of the asset, in pixels", "300")
        .counting(Unit::Pixels),
    field("fontSize", FieldType::Integer(5), "The height of the text, in pixels", "24")
        .counting(Unit::Pixels),
    field("fontColor", FieldType::Colour, "The colour of the text", "\"#000000\""),
    field("textAlign", FieldType::OneOf(&["left", "center"]), "Where the text begins", "center"),
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
    use crate::model::reference::{assert_current, code, row};
    use crate::model::{Attributes, NaturalKey};

    const INTRODUCTION: &str = "\
# Fields of templates and labels

The vendor's fields, as they are written in template files and sent to the server. A field that is not listed is an error, with the
nearest name that exists, unless it is in `extra`, from which it is sent unchanged. Any value can be `${var.NAME}`.

`customCss` and `recertificationInstructions` can also name a file with the text: `customCss: { file: css/landscape.css }`. The path
begins at the folder of `certctl.toml` or at the folder of the template file; if there is a file at both, that is an error. The file
is UTF-8, at most 16 MB, and part of the project, links followed. Its text is sent as it is, except that line ends become LF and a
byte order mark is dropped: `${var.NAME}` is not replaced in it, only in the path.

In a template, `adjust: { LABEL: { x: 10 } }` changes single labels of the list that it inherits from its layout or from `defaults`.
LABEL is the variable with the id of the certificate field (`field_learner_name` or `${var.field_learner_name}`) or the id itself.
Each field of a label can be given there except `certificateFieldId`; `~` removes it, but not `fontColor`. A template that has `labels`
of its own adjusts nothing.

This page is printed from the table in `src/model/fields.rs`; `just snapshots` renews it.
";

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

    fn value(field: &Field) -> String {
        let value = match field.value {
            FieldType::Text => "a string, not empty".to_owned(),
            FieldType::Slug => "a name without white space".to_owned(),
            FieldType::Uuid => "a UUID".to_owned(),
            FieldType::Url => "an absolute address".to_owned(),
            FieldType::UrlList => "a list of addresses".to_owned(),
            FieldType::Colour => "`#` and hexadecimal digits".to_owned(),
            FieldType::Date => "a date, such as `2027-12-31`".to_owned(),
            FieldType::Integer(least) => format!("a whole number from {least}"),
            FieldType::Boolean => "`true` or `false`".to_owned(),
            FieldType::OneOf(words) => words.iter().map(|word| code(word)).collect::<Vec<_>>().join(" or "),
            FieldType::Labels => "a list of labels".to_owned(),
        };
        match field.unit {
            Some(Unit::Pixels) => format!("{value}, in pixels"),
            Some(Unit::Days { .. }) => format!("{value}, in days"),
            Some(Unit::Day { .. }) | None => value,
        }
    }

    #[test]
    fn the_page_is_current() {
        let mut text = INTRODUCTION.to_owned();
        for (title, fields) in
            [("A template", TEMPLATE_FIELDS.as_slice()), ("A label, in `labels`", &LABEL_FIELDS)]
        {
            text.push_str(&format!("\n## {title}\n\n"));
            text.push_str(&row(&["field", "value", "meaning", "example"]));
            text.push_str("|---|---|---|---|\n");
            for field in fields {
                text.push_str(&row(&[&code(field.name), &value(field), field.meaning, &code(field.example)]));
            }
        }
        assert_current("fields.md", &text);
    }
}
