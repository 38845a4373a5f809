//! An academy as people make it by hand.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::{NamedField, SeenTemplate};
use super::{id, titled};

const TOPICS: [&str; 10] = [
    "Cloud",
    "Security",
    "Data",
    "Leadership",
    "Compliance",
    "Networking",
    "Design",
    "Finance",
    "Safety",
    "Sales",
];
const SUBJECTS: [&str; 10] = [
    "Foundations",
    "in Practice",
    "for Managers",
    "Advanced",
    "Refresher",
    "Troubleshooting",
    "Case Studies",
    "Basics",
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

/// The certificate fields of the academy.
pub(in super::super) fn fields() -> BTreeMap<String, NamedField> {
    let field = |(number, (label, kind)): (usize, &(&str, &str))| {
        (
            id(900_000 + number),
            NamedField { label: Some((*label).to_owned()), kind: Some((*kind).to_owned()) },
        )
    };
    FIELDS.iter().enumerate().map(field).collect()
}

/// The labels of a design.
pub(super) fn labels(design: usize) -> Value {
    let label = |number: usize| {
        json!({"certificateFieldId": id(900_000 + number), "x": 120 + 40 * design, "y": 200 + 90 * number,
            "fontSize": ([48, 30, 18, 18, 12, 16][number]), "fontColor": (["#12324a", "#000000"][design % 2]),
            "textAlign": (["center", "left"][usize::from(number > 1)])})
    };
    (0..6).map(label).collect()
}

/// The style sheet of a design.
pub(super) fn css(design: usize) -> String {
    format!(
        "@page {{\n  size: A4 landscape;\n  margin: 0;\n}}\n\n.certificate {{\n  width: {}px;\n  height: 1131px;\n  font-family: \"Source Sans 3\", \
         \"Helvetica Neue\", sans-serif;\n  color: #12324a;\n}}\n\n.certificate .nameLabel {{\n  letter-spacing: 0.02em;\n  font-weight: 600;\n}}\n",
        1600 + design
    )
}

/// So many templates in six designs. One in ten has a label somewhere else.
pub(in super::super) fn estate(count: usize) -> Vec<SeenTemplate> {
    (0..count)
        .map(|number| {
            let design = number % 7 % 6;
            let title = format!(
                "{} {} {}",
                TOPICS[number % 10],
                101 + number / 100 * 100,
                SUBJECTS[number / 10 % 10]
            );
            let mut labels = labels(design);
            if number % 10 == 3 {
                labels[number % 6]["y"] = json!(205 + number);
            }
            let mut others = json!({
                "asset": format!("https://cdn.example.com/certificates/2026/{}.png", DESIGNS[design]),
                "labels": labels,
                "customCss": css(design),
                "expirationDays": ([730, 730, 730, 365][number % 4]),
            });
            if number % 3 == 0 {
                others["recertificationAction"] = json!("resetProgress");
                others["recertificationInstructions"] = json!(format!(
                    "Your certificate expires soon.\n\nPlease take the course again. It opens in your account {} days before that day, \
                     with your progress reset.\n\nQuestions? Write to academy@example.com.\n",
                    [30, 60][number % 2]
                ));
            }
            titled(number, &title, others)
        })
        .collect()
}
