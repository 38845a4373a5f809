//! Sees whether a certificate has any problem with its labels, without drawing it: only areas are computed, and the width
//! of each sample text once. `flags` looks at a whole estate this way, and draws what has a problem.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::geometry::Area;
use super::picture::{edge_problem, known};
use super::written_label::{WrittenLabel, area, place};
use super::{Fields, Sheet, Subject, extent, sample};
use crate::model::Attributes;

/// The widths of sample texts seen so far.
pub(super) struct Glance<'f> {
    fields: &'f Fields,
    /// By certificate field, for a font size of one pixel.
    widths: HashMap<String, f64, RandomState>,
}

impl<'f> Glance<'f> {
    pub(super) fn new(fields: &'f Fields) -> Self {
        Self { fields, widths: HashMap::default() }
    }

    pub(super) fn fields(&self) -> &'f Fields {
        self.fields
    }

    /// Whether none of these labels of the template has a problem.
    pub(super) fn is_sound(&mut self, labels: &[WrittenLabel<'_>], subject: &Subject<'_>) -> bool {
        let placed = |label: &WrittenLabel<'_>| {
            let place = place(label.x(), label.y());
            let width = self.width(label.field(), subject.attributes);
            (place, area(place, width, label.size(), label.is_centred()))
        };
        let placed: Vec<((f64, f64), Area)> = labels.iter().map(placed).collect();
        let sheet = Sheet::of(subject.canvas, placed.iter().map(|(_, area)| *area));
        let is_covered = |position: usize, area: &Area| {
            placed[..position].iter().any(|(_, earlier)| earlier.overlaps(area))
        };
        placed.iter().enumerate().all(|(position, (place, area))| {
            edge_problem(&sheet, *place, area).is_none() && !is_covered(position, area)
        })
    }

    fn width(&mut self, field: &str, attributes: &Attributes) -> f64 {
        if let Some(width) = self.widths.get(field) {
            return *width;
        }
        let known = known(field, self.fields);
        let width = extent::width(&sample::text(field, known, attributes));
        if !sample::is_of_template(known) {
            self.widths.insert(field.to_owned(), width);
        }
        width
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::model::{Canvas, CertificateField, Key};
    use crate::report::drawing::Picture;
    use crate::report::drawing::written_label::written_labels;

    fn label() -> impl Strategy<Value = Value> {
        let number = prop_oneof![
            (-30_i64..600).prop_map(Value::from),
            Just(json!(20.5)),
            Just(json!(u64::MAX)),
            Just(json!("x")),
            Just(json!([1, {"a": 2}])),
        ];
        let field = prop::sample::select(vec![
            json!("a"),
            json!("b"),
            json!("A"),
            json!("C"),
            json!("c\n"),
            json!(5),
        ]);
        let align = prop::sample::select(vec![json!("center"), json!("left"), json!(null), json!(true)]);
        let of = |(field, x, y, size, align)| json!({"certificateFieldId": field, "x": x, "y": y, "fontSize": size, "textAlign": align, "z": {}});
        prop_oneof![
            8 => (field, number.clone(), number, -5..60_i32, align).prop_map(of),
            1 => Just(json!("no label")),
            1 => Just(json!({})),
        ]
    }

    proptest! {
        #[test]
        fn a_glance_sees_what_a_picture_shows(
            all in prop::collection::vec((prop::collection::vec(label(), 0..5), "[a-z]{0,20}", any::<bool>()), 1..5),
        ) {
            let prints = |prints: &str| CertificateField { name: None, prints: Some(prints.to_owned()) };
            let fields = Fields::from([
                ("a".to_owned(), prints("courseLabel")),
                ("b".to_owned(), prints("A text of some length")),
            ]);
            let mut glance = Glance::new(&fields);
            let key = Key::new("k").unwrap();
            for (labels, title, has_canvas) in all {
                let attributes: Attributes =
                    serde_json::from_value(json!({"title": title, "labels": labels})).unwrap();
                let canvas = Canvas { width: 600, height: 500, layout: None };
                let canvas = has_canvas.then_some(&canvas);
                let subject = Subject { key: &key, attributes: &attributes, canvas };
                let picture = Picture::of(&attributes, canvas, &fields);
                let is_sound = glance.is_sound(&written_labels(&attributes), &subject);
                prop_assert_eq!(is_sound, picture.problems().next().is_none(), "{:?}", picture);
            }
        }
    }
}
