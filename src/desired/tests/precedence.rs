//! Template over layout over defaults, whatever each of them sets.

use proptest::prelude::*;
use serde_json::Value;

use super::{UUID, load_files};
use crate::model::Key;

/// Two fields in each layer: absent, unset, or with a value unique to the layer.
const FIELDS: [&str; 2] = ["expirationDays", "recertificationAfterDays"];

#[derive(Clone, Copy, Debug)]
enum Says {
    Nothing,
    Unset,
    Value,
}

fn layer() -> impl Strategy<Value = [Says; 2]> {
    let says = || prop::sample::select(vec![Says::Nothing, Says::Unset, Says::Value]);
    [says(), says()]
}

fn lines(layer: [Says; 2], value: i64, indent: &str) -> String {
    let line = |(name, says)| match says {
        Says::Nothing => String::new(),
        Says::Unset => format!("{indent}{name}: ~\n"),
        Says::Value => format!("{indent}{name}: {value}\n"),
    };
    FIELDS.into_iter().zip(layer).map(line).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_nearest_layer_with_a_value_wins(defaults in layer(), layout in layer(), own in layer(), has_layout: bool, is_default: bool) {
        let text = format!(
            "layouts:\n  l:\n    title: L\n{}defaults:\n  resourceType: course\n  title: D\n{}{}templates:\n  one:\n    resourceId: {UUID}\n{}{}",
            lines(layout, 2, "    "),
            lines(defaults, 1, "  "),
            if has_layout && is_default { "  layout: l\n" } else { "" },
            if has_layout && !is_default { "    layout: l\n" } else { "" },
            lines(own, 3, "    "),
        );
        let desired = load_files(&[("a.yaml", &text)]).unwrap();
        let attributes = &desired.templates[&Key::new("one").unwrap()].attributes;
        prop_assert_eq!(attributes.title(), Some(if has_layout { "L" } else { "D" }));
        for (at, name) in FIELDS.into_iter().enumerate() {
            let layers = [(3, Some(own)), (2, has_layout.then_some(layout)), (1, Some(defaults))];
            let expected = layers.into_iter().find_map(|(value, layer)| match layer?[at] {
                Says::Nothing => None,
                Says::Unset => Some(None),
                Says::Value => Some(Some(Value::from(value))),
            });
            prop_assert_eq!(attributes.get(name).cloned(), expected.flatten(), "{}\n{}", name, text);
        }
    }
}

#[test]
fn sheet_of_template_then_layout_then_file() {
    let canvas = |defaults: &str, layout: &str, own: &str| {
        let text = format!(
            "defaults:\n  resourceType: course\n{defaults}layouts:\n  l:\n    title: T\n{layout}\
             templates:\n  one:\n    layout: l\n    resourceId: {UUID}\n{own}"
        );
        let desired = load_files(&[("a.yaml", &text)]).unwrap_or_else(|error| panic!("{error:?}"));
        let template = &desired.templates[&Key::new("one").unwrap()];
        // The size is not sent.
        assert_eq!(template.attributes.len(), 3);
        template.canvas.clone().map(|canvas| (canvas.width, canvas.height, canvas.layout))
    };
    let (file, layout, own) =
        ("  asset_size: 1x2\n", "    canvas: { width: 3, height: 4 }\n", "    asset_size: [5, 6]\n");
    assert_eq!(canvas("", "", ""), None);
    assert_eq!(canvas(file, "", ""), Some((1, 2, None)));
    assert_eq!(canvas(file, layout, ""), Some((3, 4, Some("l".to_owned()))));
    assert_eq!(canvas(file, layout, own), Some((5, 6, None)));
    assert_eq!(canvas(file, layout, "    asset_size: ~\n"), Some((3, 4, Some("l".to_owned()))));
}
