//! Prints everything that a template file may hold as docs/fields.md, and checks that each example there is accepted.

use super::super::check::template::REQUIRED;
use super::super::check::value::MAX_INTEGER;
use super::super::fields::{ADJUST, FILE_SECTIONS, NamePlace, OwnName, SETTINGS};
use super::{LoadError, UUID, load_files};
use crate::model::reference::{assert_current, code, row};
use crate::model::{Attributes, Field, FieldType, LABEL_FIELDS, TEMPLATE_FIELDS, Unit};

const INTRODUCTION: &str = "\
# Fields of template files

Everything that a template file can have. Any other name is an error, with the nearest name that exists. [Template files](template-files.md)
shows the sections together, and which value wins.

This page is printed from the tables in `src/desired/fields.rs` and `src/model/fields.rs`; `just snapshots` renews it.

## The sections of a file
";

const AFTER_SECTIONS: &str = "
Names that begin with `x-` are for YAML anchors of your own: certctl does not read them.

## A template: what it is for certctl

These settings are not sent to the academy.
";

const VENDOR: &str = "
`adjust` names a label by the variable with the id of its certificate field (`field_learner_name` or `${var.field_learner_name}`), or by the id itself.
It can change every field of a label except `certificateFieldId`; `~` removes one, but not `fontColor`. It works on the labels that come from the layout or from
`defaults`: a template that has `labels` of its own adjusts nothing.

## A template: what is sent

These are the vendor's fields, under the vendor's names. They can be written in a template, in `defaults` and in a layout. What is required must come from one of
them.

A field that is left out, or is `~`, is not sent. If an earlier apply sent it, the next one sends `null`, which clears it. The value of any field can be `${var.NAME}`.
A field that is not listed belongs in `extra`.
";

const FILES: &str = "
`customCss` and `recertificationInstructions` can also name a file with the text: `customCss: { file: css/landscape.css }`. The path
begins at the folder of `certctl.toml` or at the folder of the template file; if there is a file at both, that is an error. The file
is UTF-8, at most 16 MB, and in the project, also if it is a link. Its text is sent as it is, except that line ends become LF and a
byte order mark is dropped. `${var.NAME}` is replaced in the path, and not in the text.

## A label, in `labels`
";

fn value(field: &Field) -> String {
    let value = match field.value {
        FieldType::Text => "a string, not empty".to_owned(),
        FieldType::Slug => "a string without blanks".to_owned(),
        FieldType::Uuid => "an id: a UUID".to_owned(),
        FieldType::Url => "an address that begins with `https://`, `http://` or `www.`".to_owned(),
        FieldType::UrlList => "a list of such addresses".to_owned(),
        FieldType::Colour => "`#` and 3, 6 or 8 hexadecimal digits, in quotes".to_owned(),
        FieldType::Date => "a day, such as `2027-12-31`, also with a time: `2027-12-31T22:00:00Z`".to_owned(),
        FieldType::Integer(least) => format!("a whole number from {least} to {MAX_INTEGER}"),
        FieldType::Boolean => "`true` or `false`".to_owned(),
        FieldType::OneOf(words) => words.iter().map(|word| code(word)).collect::<Vec<_>>().join(" or "),
        FieldType::Labels => "a list of labels (below)".to_owned(),
    };
    match field.unit {
        Some(Unit::Pixels) => format!("{value}, in pixels"),
        Some(Unit::Days { .. }) => format!("{value}, in days"),
        Some(Unit::Day { .. }) | None => value,
    }
}

fn fields(fields: &[Field], required: &[&str]) -> String {
    let mut text =
        format!("\n{}|---|---|---|---|---|\n", row(&["field", "value", "required", "meaning", "example"]));
    for field in fields {
        let needed = if required.contains(&field.name) { "yes" } else { "no" };
        text.push_str(&row(&[&code(field.name), &value(field), needed, field.meaning, &code(field.example)]));
    }
    text
}

fn own_names(names: &[OwnName]) -> String {
    let titles = ["name", "value", "without it", "meaning", "example"];
    let mut text = format!("\n{}|---|---|---|---|---|\n", row(&titles));
    for own in names {
        let meaning = format!("{}{}", own.meaning, elsewhere(own));
        text.push_str(&row(&[&code(own.name), own.value, own.absent, &meaning, &code(own.example)]));
    }
    text
}

/// Where else than in a template it can be written.
fn elsewhere(own: &OwnName) -> &'static str {
    let is_in = |place| own.places.contains(&place);
    match (is_in(NamePlace::Defaults), is_in(NamePlace::Layout)) {
        (true, true) => ". Also in `defaults` and in a layout",
        (true, false) => ". Also in `defaults`",
        (false, _) => "",
    }
}

#[test]
fn the_page_is_current() {
    let text = [
        INTRODUCTION,
        &own_names(&FILE_SECTIONS),
        AFTER_SECTIONS,
        &own_names(&SETTINGS),
        VENDOR,
        &fields(&TEMPLATE_FIELDS, &REQUIRED),
        FILES,
        &fields(&LABEL_FIELDS, &[Attributes::LABEL_FIELD]),
    ];
    assert_current("fields.md", &text.concat());
}

/// What is wrong with a file that has these lines in a template.
fn broken(lines: &str) -> Vec<String> {
    let file = format!(
        "defaults: {{ labels: [{{ certificateFieldId: {UUID} }}] }}\nlayouts: {{ landscape: {{}} }}\n\
         templates:\n  cloud-101: {{ title: T, resourceType: course, resourceId: {UUID} }}\n  \
         b:\n{lines}    <<: {{ title: B, resourceType: course, resourceId: 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f02 }}\n"
    );
    match load_files(&[("a.yaml", &file)]) {
        Ok(_) => Vec::new(),
        Err(LoadError::Findings { findings, .. }) => {
            findings.iter().map(|finding| format!("{}: {}", finding.rule, finding.message)).collect()
        }
        Err(error) => vec![format!("{error:?}")],
    }
}

#[test]
fn examples_of_own_settings_are_accepted() {
    for setting in &SETTINGS {
        // The environment and the label of the example are those of a reader.
        let example = setting.example.replace("production", "test").replace("field_learner_name", UUID);
        assert_eq!(broken(&format!("    {}: {example}\n", setting.name)), [""; 0], "{}", setting.name);
    }
    assert!(!broken(&format!("    {ADJUST}: {{ nothing: {{ x: 10 }} }}\n")).is_empty());
}

#[test]
fn examples_of_fields_are_accepted() {
    for field in TEMPLATE_FIELDS {
        let found = broken(&format!("    {}: {}\n", field.name, field.example));
        // Rules about other fields and other templates: the value itself is right.
        let wrong: Vec<_> = found
            .iter()
            .filter(|found| {
                let about_others = ["audience", "recertification", "natural-key"];
                !about_others.iter().any(|rule| found.starts_with(rule))
            })
            .collect();
        assert!(wrong.is_empty(), "{}: {wrong:?}", field.name);
    }
    for field in LABEL_FIELDS {
        let id =
            if field.name == Attributes::LABEL_FIELD { "" } else { &format!("certificateFieldId: {UUID}, ") };
        let found = broken(&format!("    labels: [{{ {id}{}: {} }}]\n", field.name, field.example));
        assert_eq!(found, [""; 0], "{}", field.name);
    }
}

#[test]
fn required_fields_are_in_the_table() {
    for name in REQUIRED {
        assert!(Field::of_template(name).is_some(), "{name}");
    }
}
