use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::report::drawing::{SheetSource, Svg, SvgSize};

fn attributes(labels: &Value) -> Attributes {
    serde_json::from_value(json!({ "title": "Cloud", "labels": labels })).unwrap()
}

fn label(field: &str, x: i64, y: i64) -> Value {
    json!({"certificateFieldId": field, "x": x, "y": y, "fontSize": 20})
}

fn canvas(width: u32, height: u32) -> Canvas {
    Canvas { height, layout: Some("wide".to_owned()), width }
}

fn marks(before: &Value, after: &Value) -> (Vec<PictureMark>, Vec<PictureMark>) {
    let (old, new) = Picture::both(&attributes(before), &attributes(after), None, &Fields::new());
    let marks = |picture: &Picture| picture.labels.iter().map(|label| label.mark).collect();
    (marks(&old), marks(&new))
}

#[test]
fn each_label_says_what_happens_to_it() {
    let red = json!({"certificateFieldId": "d", "x": 1, "y": 1, "fontSize": 20, "fontColor": "#f00"});
    let (old, new) = marks(
        &json!([label("a", 1, 1), label("b", 1, 1), label("c", 1, 1), label("d", 1, 1)]),
        &json!([label("a", 1, 1), label("b", 5, 1), red, label("e", 1, 1)]),
    );
    assert_eq!(old, [PictureMark::Same, PictureMark::Same, PictureMark::Removed, PictureMark::Same]);
    assert_eq!(
        new,
        [PictureMark::Same, PictureMark::Moved { x: 1, y: 1 }, PictureMark::Restyled, PictureMark::Added]
    );
}

#[test]
fn a_sheet_without_size_holds_every_label() {
    let (one, other) = (attributes(&json!([label("a", 900, 10)])), attributes(&json!([label("a", 10, 700)])));
    let (old, new) = Picture::both(&one, &other, None, &Fields::new());
    assert_eq!((&old.sheet, &old.sheet.source), (&new.sheet, &SheetSource::Labels));
    assert!(old.sheet.width > 900 && old.sheet.height > 700, "{:?}", old.sheet);
    let picture = Picture::of(&one, Some(&canvas(1000, 500)), &Fields::new());
    assert_eq!(picture.sheet.explain(), "1000 × 500 px, from the layout wide");
}

#[test]
fn misplaced_and_overlapping_labels_are_found() {
    let labels = json!([
        label("a", 10, 10),
        label("b", 20, 15),
        label("c", 490, 100),
        label("d", -1, 200),
        label("e", 5, 501)
    ]);
    let picture = Picture::of(&attributes(&labels), Some(&canvas(500, 500)), &Fields::new());
    assert_eq!(
        picture.problems().collect::<Vec<_>>(),
        [
            "field b overlaps field a with these sample texts",
            "field c runs over the edge of the sheet with this sample text",
            "field d is outside the sheet, at -1, 200",
            "field e is outside the sheet, at 5, 501",
        ]
    );
}

#[test]
fn many_labels_are_counted_and_named_apart() {
    let labels: Vec<Value> = (1..=4).map(|n| label(&format!("8f14e45f-{n}"), 10, 10)).collect();
    let picture = Picture::of(&attributes(&labels.into()), Some(&canvas(500, 500)), &Fields::new());
    assert_eq!(
        picture.problems().collect::<Vec<_>>(),
        [
            "field 8f14e45f-2 overlaps field 8f14e45f-1 with these sample texts",
            "field 8f14e45f-3 overlaps field 8f14e45f-1 and 1 more label with these sample texts",
            "field 8f14e45f-4 overlaps field 8f14e45f-1 and 2 more labels with these sample texts",
        ]
    );
}

#[test]
fn a_colour_is_a_colour_and_nothing_else() {
    for (given, drawn) in [
        ("#1a2b3c", "#1a2b3c"),
        ("url(https://evil.example/x)", "#000000"),
        ("#12345", "#000000"),
        ("red\" onload=\"x", "#000000"),
    ] {
        let labels = json!([{"certificateFieldId": "a", "fontColor": given}]);
        assert_eq!(Picture::of(&attributes(&labels), None, &Fields::new()).labels[0].colour, drawn);
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        prop::sample::select(vec!["<script>", "\" onload=\"x", "]]>", "#ff0000", "center"])
            .prop_map(Value::from),
    ]
}

fn any_labels() -> impl Strategy<Value = Value> {
    let members = ["certificateFieldId", "x", "y", "fontSize", "fontColor", "textAlign"];
    let label = prop::collection::vec(any_value(), members.len()).prop_map(move |values| {
        members.iter().map(|member| (*member).to_owned()).zip(values).collect::<serde_json::Map<_, _>>()
    });
    prop::collection::vec(label, 0..6).prop_map(Value::from)
}

proptest! {
    /// For any state or plan, the drawing is well-formed, loads nothing, and has every label.
    #[test]
    fn any_labels_can_be_drawn(before in any_labels(), after in any_labels(), wide in proptest::option::of(1..2000_u32)) {
        let canvas = wide.map(|side| canvas(side, side));
        let (old, new) = Picture::both(&attributes(&before), &attributes(&after), canvas.as_ref(), &Fields::new());
        for picture in [old, new] {
            let svg = Svg::new(&picture, SvgSize::Fluid).to_string();
            let tree = roxmltree::Document::parse(&svg).unwrap_or_else(|error| panic!("{error}\n{svg}"));
            let drawn = tree.descendants().filter(|node| node.has_attribute("data-field")).count();
            prop_assert_eq!(drawn, picture.labels.len());
            for node in tree.descendants().filter(roxmltree::Node::is_element) {
                prop_assert!(["svg", "title", "desc", "g", "rect", "text", "line", "polygon", "path"].contains(&node.tag_name().name()));
                for attribute in node.attributes() {
                    prop_assert!(!attribute.name().starts_with("on") && !attribute.value().contains("url("), "{svg}");
                }
            }
        }
    }
}
