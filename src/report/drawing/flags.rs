//! Finds problems with the labels of many certificates, each reported once for all templates that share it. `cli`
//! turns them into warnings; nothing is rendered.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use foldhash::fast::RandomState;
use rayon::prelude::*;

use super::alike::group_by_drawing;
use super::field_names::FieldNames;
use super::glance::Glance;
use super::picture::{MAX_LABELS, OUTSIDE, RUNS_OVER, and_more_labels, whole_pixels};
use super::written_label::{WrittenLabel, written_labels};
use super::{DrawnLabel, Fields, ImageError, Picture};
use crate::model::{Attributes, Canvas, Key};

/// A template to check.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The key.
    pub key: &'a Key,
    /// The attributes of the template.
    pub attributes: &'a Attributes,
    /// The size of its sheet, if the configuration sets one.
    pub canvas: Option<&'a Canvas>,
}

/// The limit of problems reported, most frequent first; a certificate has about a dozen labels.
const MAX_FLAGS: usize = 100;
/// The limit of template keys listed by all flags together.
const MAX_KEYS: usize = 1_000_000;

/// One problem with a label, shared by one or more templates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// The id of the rule, which never changes.
    pub rule: &'static str,
    /// The problem, as one sentence without a full stop.
    pub message: String,
    /// What to do now.
    pub help: String,
    /// The certificate field of the label, if it is about one.
    pub field: Option<String>,
    /// The keys of the templates concerned, sorted.
    pub keys: Vec<Key>,
}

/// A problem with a label, as shared by several templates.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Cause {
    rule: &'static str,
    /// The label's certificate field.
    field: String,
    /// The first certificate field that it overlaps.
    other: Option<String>,
}

/// Where a problem occurs. Templates with equal drawings count as one: otherwise a layout with many labels would
/// list all of its templates for each label.
#[derive(Clone, Debug, Default)]
struct FlaggedAt {
    /// The largest distance in pixels, and the group of equal drawings where it occurs.
    worst: Option<(u64, Reverse<usize>)>,
    /// The largest number of other labels that it also overlaps.
    more: usize,
    drawn: Vec<usize>,
}

/// The problems of all drawings.
#[derive(Debug, Default)]
struct FlagTally {
    /// The number of templates that have a label of each certificate field.
    with_label: HashMap<String, usize, RandomState>,
    causes: BTreeMap<Cause, FlaggedAt>,
}

/// Finds every problem with the labels of these templates.
pub fn flags(subjects: &[Subject<'_>], fields: &Fields) -> Vec<Flag> {
    let drawn = group_by_drawing(subjects, fields);
    let tally = drawn
        .par_iter()
        .enumerate()
        .fold(
            || (FlagTally::default(), Glance::new(fields)),
            |(mut tally, mut glance), (number, alike)| {
                if let Some(subject) = alike.first().and_then(|first| subjects.get(*first)) {
                    tally.look(subject, &mut glance, number, alike.len());
                }
                (tally, glance)
            },
        )
        .map(|(tally, _)| tally)
        .reduce(FlagTally::default, FlagTally::with);
    tally.into_flags(subjects, &drawn, fields)
}

impl FlagTally {
    /// Looks at the labels of one template, on behalf of as many templates with equal drawings.
    fn look(&mut self, subject: &Subject<'_>, glance: &mut Glance<'_>, number: usize, templates: usize) {
        let labels = written_labels(subject.attributes);
        let drawn = &labels[..labels.len().min(MAX_LABELS)];
        self.count(drawn, templates);
        // Most certificates have no problem, which is seen without drawing them.
        if !glance.is_sound(drawn, subject) {
            let picture = Picture::of(subject.attributes, subject.canvas, glance.fields());
            self.add(&picture, number);
        }
    }

    fn count(&mut self, labels: &[WrittenLabel<'_>], templates: usize) {
        for (position, label) in labels.iter().enumerate() {
            let field = label.field();
            if labels[..position].iter().any(|before| before.field() == field) {
                continue;
            }
            match self.with_label.get_mut(field) {
                Some(count) => *count += templates,
                None => drop(self.with_label.insert(field.to_owned(), templates)),
            }
        }
    }

    fn add(&mut self, picture: &Picture, number: usize) {
        for label in &picture.labels {
            for problem in &label.problems {
                let found = self.causes.entry(Cause::of(problem, label)).or_default();
                found.add(number, pixels(problem, label, picture), problem);
            }
        }
    }

    fn with(mut self, other: Self) -> Self {
        for (field, templates) in other.with_label {
            *self.with_label.entry(field).or_default() += templates;
        }
        for (cause, found) in other.causes {
            self.causes.entry(cause).or_default().join(found);
        }
        self
    }

    fn into_flags(self, subjects: &[Subject<'_>], drawn: &[Vec<usize>], fields: &Fields) -> Vec<Flag> {
        let templates =
            |found: &FlaggedAt| -> usize { found.drawn.iter().map(|number| drawn[*number].len()).sum() };
        let mut causes: Vec<(usize, &Cause, &FlaggedAt)> =
            self.causes.iter().map(|(cause, found)| (templates(found), cause, found)).collect();
        let mut left_out = Vec::new();
        if causes.len() > MAX_FLAGS || causes.iter().map(|(count, ..)| count).sum::<usize>() > MAX_KEYS {
            causes.sort_by_key(|(count, cause, _)| (Reverse(*count), *cause));
            let mut keys = 0;
            let shown = causes.iter().take(MAX_FLAGS).take_while(|(count, ..)| {
                keys += count;
                keys <= MAX_KEYS.max(*count)
            });
            left_out = causes.split_off(shown.count());
            causes.sort_by_key(|(_, cause, _)| *cause);
        }
        let shown = causes.len();
        let keys = |numbers: &mut dyn Iterator<Item = usize>| -> Vec<Key> {
            let mut keys: Vec<Key> =
                numbers.flat_map(|number| &drawn[number]).map(|at| subjects[*at].key.clone()).collect();
            keys.sort();
            keys
        };
        let names = FieldNames::of(self.with_label.keys(), fields);
        let mut flags: Vec<Flag> = Vec::with_capacity(shown + 1);
        for (_, cause, found) in causes {
            let all = self.with_label.get(&cause.field).copied().unwrap_or_default();
            let keys = keys(&mut found.drawn.iter().copied());
            // Ties are broken by order, so that the same templates give the same sentence.
            let worst = found.worst.and_then(|(_, Reverse(number))| drawn.get(number)?.first());
            let worst = worst.map_or("", |worst| subjects[*worst].key.as_str());
            flags.push(cause.flag(&names, found, worst, keys, all));
        }
        if !left_out.is_empty() {
            let numbers: BTreeSet<usize> =
                left_out.iter().flat_map(|(.., found)| found.drawn.iter().copied()).collect();
            flags.push(Flag {
                rule: "too-many",
                message: format!(
                    "there are {} more problems with labels, and these are the first {shown}",
                    left_out.len()
                ),
                help: "correct what is wrong in the same way everywhere, and look again".to_owned(),
                field: None,
                keys: keys(&mut numbers.into_iter()),
            });
        }
        flags
    }
}

impl FlaggedAt {
    fn add(&mut self, number: usize, pixels: u64, problem: &ImageError) {
        // One certificate can have two labels of the same field.
        if self.drawn.last() != Some(&number) {
            self.drawn.push(number);
        }
        self.worst = self.worst.max(Some((pixels, Reverse(number))));
        if let ImageError::Overlaps(overlap) = problem {
            self.more = self.more.max(overlap.more);
        }
    }

    fn join(&mut self, other: Self) {
        self.worst = self.worst.max(other.worst);
        self.more = self.more.max(other.more);
        self.drawn.extend(other.drawn);
    }
}

impl Cause {
    fn of(problem: &ImageError, label: &DrawnLabel) -> Self {
        let (rule, other) = match problem {
            ImageError::Outside => ("label-off-sheet", None),
            ImageError::RunsOver => ("label-over-edge", None),
            ImageError::Overlaps(overlap) => ("labels-overlap", Some(overlap.field.clone())),
        };
        Self { rule, field: label.field.clone(), other }
    }

    fn flag(
        &self,
        names: &FieldNames<'_>,
        found: &FlaggedAt,
        worst: &str,
        keys: Vec<Key>,
        all: usize,
    ) -> Flag {
        let label = names.name(&self.field);
        let what = match &self.other {
            None if self.rule == "label-off-sheet" => format!("label {label} {OUTSIDE}"),
            None => format!("label {label} {RUNS_OVER}"),
            Some(other) => {
                format!("label {label} overlaps {}", and_more_labels(&names.name(other), found.more))
            }
        };
        let pixels = found.worst.map_or(0, |(pixels, _)| pixels);
        let message = match keys.len() {
            1 => format!("{what} by about {pixels} px"),
            count => format!("{what} in {count} of {all} templates, worst in {worst}, by about {pixels} px"),
        };
        let help = match self.rule {
            "label-off-sheet" => "correct x and y: they are pixels from the top-left corner of the sheet",
            "label-over-edge" => {
                "it was drawn with a sample text: look at the drawing, and move the label or make its font smaller"
            }
            _ => "both were drawn with sample texts: look at the drawing, and move one of them",
        };
        let field = Some(self.field.clone());
        Flag { rule: self.rule, message, help: help.to_owned(), field, keys }
    }
}

/// How far a label is from where it should be, in pixels.
fn pixels(problem: &ImageError, label: &DrawnLabel, picture: &Picture) -> u64 {
    let area = label.area();
    let (width, height) = (f64::from(picture.sheet.width), f64::from(picture.sheet.height));
    match problem {
        ImageError::Outside | ImageError::RunsOver => whole_pixels(
            [-area.left, -area.top, area.right() - width, area.bottom() - height]
                .into_iter()
                .fold(0.0, f64::max),
        ),
        ImageError::Overlaps(overlap) => overlap.pixels,
    }
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

    fn crowd(labels: usize, templates: usize) -> Vec<Attributes> {
        let label = |n: usize| json!({"certificateFieldId": format!("8f14e45f-{n:04}"), "x": n % 7, "y": 20});
        let labels: Vec<_> = (0..labels).map(label).collect();
        let of = |n| serde_json::from_value(json!({"title": format!("T {n}"), "labels": labels})).unwrap();
        (0..templates).map(of).collect()
    }

    #[test]
    fn templates_are_counted_and_not_pairs_of_labels() {
        let flags = of(&crowd(20, 300));
        assert_eq!(flags.len(), 19);
        let last = &flags[18];
        assert_eq!(last.keys.len(), 300);
        assert!(
            last.message
                .starts_with("label field 8f14e45f-0019 overlaps field 8f14e45f-0000 and 18 more labels")
                && last.message.contains(" in 300 of 300 templates, worst in t-00, "),
            "{}",
            last.message
        );
    }

    #[test]
    fn flags_of_crowded_sheets_are_limited() {
        let flags = of(&crowd(200, 3));
        assert_eq!(flags.len(), MAX_FLAGS + 1);
        let rest = flags.last().unwrap();
        assert_eq!((rest.rule, rest.keys.len()), ("too-many", 3));
        assert!(rest.message.starts_with("there are 99 more problems with labels"), "{}", rest.message);
    }

    #[test]
    fn fields_with_similar_ids_get_different_names() {
        let labels = |second: &str| {
            json!([
                {"certificateFieldId": "8f14e45f-1", "x": 10, "y": 20},
                {"certificateFieldId": second, "x": 10, "y": 100},
            ])
        };
        let all = ["8f14e45f-2", "8f14e45f-3"].map(|second| {
            let mut labels = labels(second);
            labels[1]["x"] = 500.into();
            serde_json::from_value::<Attributes>(json!({"title": "T", "labels": labels})).unwrap()
        });
        let messages: Vec<String> = of(&all).into_iter().map(|flag| flag.message).collect();
        assert_eq!(messages.len(), 2);
        for (message, id) in messages.iter().zip(["8f14e45f-2", "8f14e45f-3"]) {
            assert!(
                message.starts_with(&format!("label field {id} is outside the sheet by about")),
                "{message}"
            );
        }
    }

    #[test]
    fn each_kind_of_problem_has_its_flag() {
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
