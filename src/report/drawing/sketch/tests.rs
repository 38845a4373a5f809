use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::model::{Attributes, Canvas, CertificateField};
use crate::report::drawing::Fields;

fn picture(labels: &Value, sheet: (u32, u32), texts: &[&str]) -> Picture {
    let attributes: Attributes = serde_json::from_value(json!({ "labels": labels })).unwrap();
    let fields: Fields = texts
        .iter()
        .enumerate()
        .map(|(number, text)| {
            let field = CertificateField { name: None, prints: Some((*text).to_owned()) };
            (format!("f{number}"), field)
        })
        .collect();
    Picture::of(&attributes, Some(&Canvas { width: sheet.0, height: sheet.1, layout: None }), &fields)
}

fn label(field: usize, x: i64, y: i64, centred: bool) -> Value {
    let align = if centred { "center" } else { "left" };
    json!({"certificateFieldId": format!("f{field}"), "x": x, "y": y, "fontSize": 20, "textAlign": align})
}

#[test]
fn texts_are_at_their_places() {
    let labels = json!([label(0, 500, 20, true), label(1, 0, 250, false), label(2, 700, 470, false)]);
    let picture = picture(&labels, (1000, 500), &["Alex Morgan", "日本語", "January 15"]);
    let sketch = Sketch::of(&picture, 52);
    assert_eq!(sketch.numbered, []);
    insta::assert_snapshot!(sketch.lines.join("\n"));
}

#[test]
fn a_long_text_is_cut_or_numbered() {
    let labels = json!([
        label(0, 0, 20, false),
        label(1, 20, 22, false),
        label(2, 600, 100, false),
        label(3, 960, 200, false),
        label(4, 400, 300, false)
    ]);
    let texts = [
        "The first of the two",
        "The second of the two",
        "A text that is much too long for the sheet",
        "At the edge",
        "\u{5e9}\u{5dc}\u{5d5}\u{5dd}",
    ];
    let picture = picture(&labels, (1000, 500), &texts);
    let sketch = Sketch::of(&picture, 52);
    let numbered: Vec<_> =
        sketch.numbered.iter().map(|(number, label)| (*number, label.field.as_str())).collect();
    assert_eq!(numbered, [(1, "f1"), (2, "f3"), (3, "f4")]);
    insta::assert_snapshot!(sketch.lines.join("\n"));
}

#[test]
fn a_sheet_keeps_its_shape_and_stays_small() {
    let lines = |width, height, room| {
        let picture = picture(&json!([]), (width, height), &[]);
        let lines = Sketch::of(&picture, room).lines;
        (lines[0].width(), lines.len())
    };
    assert_eq!(lines(1600, 800, 60), (60, 2 + 14));
    assert_eq!(lines(1131, 1600, 100), (2 + 36, 2 + 25));
    assert_eq!(lines(20_000, 1, 100), (100, 2 + 3));
    assert_eq!(lines(1, 20_000, 100), (20, 2 + 26));
    assert_eq!(lines(1600, 1131, 3), (20, 2 + 6));
}

proptest! {
    /// For any template and any terminal, the frame is closed, straight and within limits, and every label on the
    /// sheet is drawn or numbered.
    #[test]
    fn every_line_is_as_wide_as_the_frame(
        texts in prop::collection::vec(any_text(), 1..6),
        places in prop::collection::vec((-50..1100_i64, -50..800_i64, any::<bool>()), 6),
        sheet in (1..2000_u32, 1..2000_u32),
        width in 0..200_usize,
    ) {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let labels: Vec<Value> =
            (0..texts.len()).map(|n| label(n, places[n].0, places[n].1, places[n].2)).collect();
        let picture = picture(&Value::from(labels), sheet, &texts);
        let sketch = Sketch::of(&picture, width);
        let wide = sketch.lines[0].width();
        prop_assert!((20..=width.clamp(20, 100)).contains(&wide));
        for line in &sketch.lines {
            prop_assert_eq!(line.width(), wide, "{:?}", line);
            let one_by_one: usize = line.chars().map(|c| c.width().unwrap_or(0)).sum();
            prop_assert_eq!(one_by_one, wide, "terminals that count each character: {:?}", line);
            prop_assert!(!line.chars().any(char::is_control));
        }
        let outside = picture.labels.iter().filter(|label| label.problems.contains(&ImageError::Outside)).count();
        prop_assert!(sketch.numbered.len() <= picture.labels.len() - outside);
    }
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,30}",
        "[a-z ]{0,30}",
        "[日本語コース]{0,20}",
        prop::sample::select(vec![
            "👩‍👩‍👧",
            "1\u{fe0f}\u{20e3}",
            "e\u{301}\u{301}",
            "\u{644}\u{627}",
            "\u{1b}[31m",
            "\u{202e}x",
            "🇩🇪",
            "각",
            "❤\u{fe0f}"
        ])
        .prop_map(|text| text.repeat(3)),
    ]
}
