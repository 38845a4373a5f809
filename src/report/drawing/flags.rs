//! What is wrong with many certificates, told once for each label: every one of them is drawn for it, and none is shown.

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;

use super::{DrawnLabel, Fields, Picture, Problem};
use crate::model::{Attributes, Canvas, Key};

/// One template that is to be looked at.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Its key.
    pub key: &'a Key,
    /// What is printed.
    pub attributes: &'a Attributes,
    /// The size of its sheet, where the configuration has one.
    pub canvas: Option<&'a Canvas>,
}

/// The same thing wrong with one label of one or many templates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// Stable id of the rule.
    pub rule: &'static str,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// What to do now.
    pub help: String,
    /// The templates that it concerns, sorted.
    pub keys: Vec<Key>,
}

/// What a label has wrong: the same in many templates.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Cause {
    rule: &'static str,
    label: String,
    other: Option<String>,
}

/// One template that has it, and by how many pixels.
struct Instance<'a> {
    key: &'a Key,
    pixels: u64,
}

/// Everything that is wrong with the labels of these templates.
pub fn flags(subjects: &[Subject<'_>], fields: &Fields) -> Vec<Flag> {
    let pictures: Vec<(&Key, Picture)> = subjects
        .par_iter()
        .map(|subject| (subject.key, Picture::of(subject.attributes, subject.canvas, fields)))
        .collect();
    let mut with_label: HashMap<&str, usize> = HashMap::new();
    let mut causes: BTreeMap<Cause, Vec<Instance<'_>>> = BTreeMap::new();
    for (key, picture) in &pictures {
        for label in &picture.labels {
            *with_label.entry(&label.name).or_default() += 1;
            for problem in &label.problems {
                let instance = Instance { key, pixels: pixels(problem, label, picture) };
                causes.entry(Cause::of(problem, label)).or_default().push(instance);
            }
        }
    }
    causes
        .into_iter()
        .map(|(cause, instances)| {
            let all = with_label.get(cause.label.as_str()).copied().unwrap_or_default();
            cause.flag(&instances, all)
        })
        .collect()
}

impl Cause {
    fn of(problem: &Problem, label: &DrawnLabel) -> Self {
        let (rule, other) = match problem {
            Problem::Outside => ("label-off-sheet", None),
            Problem::RunsOver => ("label-over-edge", None),
            Problem::Overlaps { other } => ("labels-overlap", Some(other.clone())),
        };
        Self { rule, label: label.name.clone(), other }
    }

    fn flag(&self, instances: &[Instance<'_>], all: usize) -> Flag {
        let label = &self.label;
        let what = match &self.other {
            None if self.rule == "label-off-sheet" => format!("label {label} is outside the sheet"),
            None => format!("label {label} runs over the edge of the sheet"),
            Some(other) => format!("label {label} overlaps {other}"),
        };
        // The first of equals, so that the same templates give the same sentence.
        let worst = instances.iter().rev().max_by_key(|instance| instance.pixels);
        let (key, pixels) = worst.map_or(("", 0), |worst| (worst.key.as_str(), worst.pixels));
        let message = match instances.len() {
            1 => format!("{what} by about {pixels} px"),
            count => format!("{what} in {count} of {all} templates, worst in {key}, by about {pixels} px"),
        };
        let mut keys: Vec<Key> = instances.iter().map(|instance| instance.key.clone()).collect();
        keys.sort();
        keys.dedup();
        let help = match self.rule {
            "label-off-sheet" => "correct x and y: they are pixels from the top-left corner of the sheet",
            "label-over-edge" => {
                "it was drawn with a sample text: look at the drawing, and move the label or make its font smaller"
            }
            _ => "both were drawn with sample texts: look at the drawing, and move one of them",
        };
        Flag { rule: self.rule, message, help: help.to_owned(), keys }
    }
}

/// How far a label is from where it should be.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded by the largest sheet")]
fn pixels(problem: &Problem, label: &DrawnLabel, picture: &Picture) -> u64 {
    let area = label.area();
    let (width, height) = (f64::from(picture.sheet.width), f64::from(picture.sheet.height));
    let far = match problem {
        Problem::Outside | Problem::RunsOver => {
            [-area.left, -area.top, area.right() - width, area.bottom() - height]
                .into_iter()
                .fold(0.0, f64::max)
        }
        Problem::Overlaps { other } => {
            let other = picture.labels.iter().find(|label| label.name == *other).map(DrawnLabel::area);
            other.map_or(0.0, |other| {
                let across = area.right().min(other.right()) - area.left.max(other.left);
                let down = area.bottom().min(other.bottom()) - area.top.max(other.top);
                across.min(down)
            })
        }
    };
    far.max(1.0).round() as u64
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn attributes(title: &str, x: i64) -> Attributes {
        serde_json::from_value(json!({
            "title": title,
            "labels": [
                {"certificateFieldId": "a", "x": x, "y": 20, "fontSize": 20},
                {"certificateFieldId": "b", "x": 10, "y": 100, "fontSize": 20},
            ],
        }))
        .unwrap()
    }

    fn of(all: &[Attributes]) -> Vec<Flag> {
        let canvas = Canvas { width: 400, height: 200, layout: None };
        let keys: Vec<Key> = (0..all.len()).map(|n| Key::new(format!("t-{n:02}")).unwrap()).collect();
        let subjects: Vec<Subject<'_>> = keys
            .iter()
            .zip(all)
            .map(|(key, attributes)| Subject { key, attributes, canvas: Some(&canvas) })
            .collect();
        flags(&subjects, &Fields::new())
    }

    #[test]
    fn every_template_is_looked_at() {
        let all: Vec<Attributes> =
            (0..24).map(|n| attributes("T", if n < 4 { 20 } else { 370 + n })).collect();
        let flags = of(&all);
        assert_eq!(flags.len(), 1);
        assert_eq!((flags[0].rule, flags[0].keys.len()), ("label-over-edge", 20));
        let message = &flags[0].message;
        assert!(message.contains("in 20 of 24 templates, worst in t-23, by about"), "{message}");
    }

    #[test]
    fn each_kind_is_told_apart() {
        let rules = |x, y| {
            let mut all = attributes("T", x);
            let labels = json!([
                {"certificateFieldId": "a", "x": x, "y": y, "fontSize": 20},
                {"certificateFieldId": "b", "x": 10, "y": 100, "fontSize": 20},
            ]);
            all = serde_json::from_value(json!({"title": all.title(), "labels": labels})).unwrap();
            of(&[all]).into_iter().map(|flag| (flag.rule, flag.keys.len())).collect::<Vec<_>>()
        };
        assert_eq!(rules(20, 20), []);
        assert_eq!(rules(500, 20), [("label-off-sheet", 1)]);
        assert_eq!(rules(390, 20), [("label-over-edge", 1)]);
        assert_eq!(rules(12, 105), [("labels-overlap", 1)]);
    }
}
