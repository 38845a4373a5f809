//! An academy as people make it by hand. The unit tests write it; the tests of the whole program (`tests/writing`) export it
//! first. So it is made of plain values.

use serde_json::{Value, json};

const TOPICS: [&str; 10] = [
    "Cloud",
    "Security",
    "Data",
    "Leadership",
    "Compliance",
    "Netzwerke für",
    "Design",
    "データ",
    "Safety",
    "Sales",
];
const SUBJECTS: [&str; 10] = [
    "Foundations",
    "in Practice",
    "for Managers",
    "Advanced: Part 2",
    "Refresher",
    "Straßen & Brücken",
    "Case Studies",
    "基礎",
    "for Partners",
    "Workshop",
];
const DESIGNS: [&str; 6] =
    ["landscape", "portrait", "partner-gold", "badge", "landscape-dark", "compliance-2026"];
const FIELDS: [(&str, &str); 7] = [
    ("Learner Name", "nameLabel"),
    ("Content Title", "courseLabel"),
    ("Issued On", "dateLabel"),
    ("Expires On", "expirationDateLabel"),
    ("Identifier", "identifier"),
    ("Dean", "textLabel"),
    ("Dean", "textLabel"),
];

/// A UUID with this number.
pub(crate) fn id(number: usize) -> String {
    format!("{number:08}-0000-4000-8000-{number:012}")
}

/// The id of a certificate field.
pub(crate) fn field_id(number: usize) -> String {
    id(900_000 + number)
}

/// The certificate fields of the academy: id, label and type.
pub(crate) fn fields() -> impl Iterator<Item = [String; 3]> {
    FIELDS
        .iter()
        .enumerate()
        .map(|(number, (label, kind))| [field_id(number), (*label).into(), (*kind).into()])
}

/// The labels of a design.
pub(crate) fn labels(design: usize) -> Value {
    let label = |number: usize| {
        json!({"certificateFieldId": field_id(number), "x": 120 + 40 * design, "y": 200 + 90 * number,
            "fontSize": ([48, 30, 18, 18, 12, 16][number]), "fontColor": (["#12324a", "#000000"][design % 2]),
            "textAlign": (["center", "left"][usize::from(number > 1)])})
    };
    (0..6).map(label).collect()
}

/// The style sheet of a design.
pub(crate) fn css(design: usize) -> String {
    format!(
        "@page {{\n  size: A4 landscape;\n  margin: 0;\n}}\n\n.certificate {{\n  width: {}px;\n  height: 1131px;\n  font-family: \"Source Sans 3\", \
         \"Helvetica Neue\", sans-serif;\n  color: #12324a;\n}}\n\n.certificate .nameLabel {{\n  letter-spacing: 0.02em;\n  font-weight: 600;\n}}\n",
        1600 + design
    )
}

/// The title of the template with this number.
pub(crate) fn title(number: usize) -> String {
    format!("{} {} {}", TOPICS[number % 10], 101 + number / 100 * 100, SUBJECTS[number / 10 % 10])
}

/// Its other attributes, without the course. There are six designs, and one template in ten has a label somewhere else.
pub(crate) fn attributes(number: usize) -> Value {
    let design = number % 7 % 6;
    let mut labels = labels(design);
    if number % 10 == 3 {
        labels[number % 6]["y"] = json!(205 + number);
    }
    let mut attributes = json!({
        "asset": format!("https://cdn.example.com/certificates/2026/{}.png", DESIGNS[design]),
        "labels": labels,
        "customCss": css(design),
        "expirationDays": ([730, 730, 730, 365][number % 4]),
    });
    if number.is_multiple_of(3) {
        attributes["recertificationAction"] = json!("resetProgress");
        attributes["recertificationAutoReset"] = json!(true);
        attributes["recertificationInstructions"] = json!(format!(
            "Your certificate expires soon.\n\nPlease take the course again. It opens in your account {} days before that day, \
             with your progress reset.\n\nQuestions? Write to academy@example.com.\n",
            [30, 60][number % 2]
        ));
    }
    attributes
}
