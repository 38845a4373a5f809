//! Where templates and labels are written, in files of any form.

use std::collections::BTreeSet;

use super::{NO_VARIABLES, UUID, load_files, load_in_memory};
use crate::model::{Key, SourceLocation};

#[test]
fn keys_are_found_in_every_style() {
    let text = format!(
        "# a comment\n\"templates\":\n  'one two':\n    title: One\n    resourceType: course\n    resourceId: {UUID}\n    customCss: |\n      templates:\n        three: x\n  three: {{ title: T, resourceType: learningPath, resourceId: {UUID} }}\n"
    );
    let desired = load_files(&[("a.yaml", &text)]).unwrap();
    let keys: BTreeSet<Key> = desired.templates.keys().cloned().collect();
    let lines = desired.locate(&keys);
    assert_eq!(lines[&Key::new("one two").unwrap()], 3);
    assert_eq!(lines[&Key::new("three").unwrap()], 10);
}

#[test]
fn labels_are_found_in_every_style() {
    let id = |last: usize| format!("{}{last}", &UUID[..UUID.len() - 1]);
    let label = format!("{{ certificateFieldId: {}, x: 1, y: 1 }}", id(1));
    let other = format!("{{ certificateFieldId: {}, x: 1, y: 1 }}", id(2));
    let [f1, f2, f3, f4, f5, f6] =
        [1, 2, 3, 4, 5, 6].map(|last| format!("title: T, resourceType: course, resourceId: {}", id(last)));
    let files = [
        (
            "a.yaml",
            format!(
                "x-shared:\n  list: &list\n  - {label}\n  one: &one {label}\n  all: &all\n    labels: [{label}]\ndefaults:\n  labels:\n  - {label}\n\
                 templates:\n  alias: {{ {f1}, labels: *list }}\n  items: {{ {f2}, labels: [{other}, *one] }}\n  merged: {{ <<: *all, {f3} }}\n  \
                 \"esc\\x61ped\":\n    <<: {{ {f4} }}\n    \"labels\":\n    - {label}\n  inherits: {{ {f5} }}\n"
            ),
        ),
        ("b.yaml", format!("layouts:\n  wide:\n    labels:\n    - {label}\n")),
        ("c.yaml", format!("templates:\n  laid: {{ layout: wide, {f6} }}\n")),
    ];
    let desired = load_in_memory(files, &NO_VARIABLES).unwrap();
    let wanted = [
        ("alias", 1),
        ("items", 2),
        ("items", 1),
        ("merged", 1),
        ("escaped", 1),
        ("inherits", 1),
        ("laid", 1),
        ("laid", 2),
    ];
    let wanted = wanted.map(|(key, last)| (Key::new(key).unwrap(), id(last)));
    let places = desired.locate_labels(&wanted).into_iter().map(|place| {
        place.map_or("none".to_owned(), |place| {
            format!("{}:{}:{}", place.file.display(), place.line, place.column)
        })
    });
    let expected = [
        "a.yaml:3:5",
        "a.yaml:12:103",
        "a.yaml:4:8",
        "a.yaml:6:14",
        "a.yaml:17:7",
        "a.yaml:9:5",
        "b.yaml:4:7",
        "none",
    ];
    assert_eq!(places.collect::<Vec<_>>(), expected);
}

/// Labels and adjusted labels in both forms of a file, with the fields in another order than the attribute has them.
#[test]
fn adjusted_labels_are_found_in_every_style() {
    let id = |last: usize| format!("{}{last}", &UUID[..UUID.len() - 1]);
    let label = |last| format!("{{ certificateFieldId: {}, x: 1, y: 1 }}", id(last));
    let list = format!("labels:\n    - {}\n    - {}\n    - {}\n", label(3), label(1), label(2));
    let template = |key: &str, last: usize, adjust: &str| {
        format!(
            "  {key}:\n    title: T\n    resourceType: course\n    resourceId: {}\n    layout: wide\n{adjust}",
            id(last)
        )
    };
    let block = format!(
        "    adjust:\n      \"{}\":\n        x: 2\n      # the last\n      {} : {{ x: 2 }}\n",
        id(3),
        id(1)
    );
    let braces = format!("    adjust: {{ {}: {{ x: 2 }} }}\n", id(2));
    let layout = format!("layouts:\n  wide:\n    {list}");
    let files = [
        ("a.yaml", format!("{layout}templates:\n{}{}", template("a", 1, &block), template("plain", 2, ""))),
        ("b.yaml", format!("templates:\n{}{}", template("b", 3, &block), template("braces", 4, &braces))),
    ];
    let desired = load_in_memory(files, &NO_VARIABLES).unwrap();
    let at = |key: &str| {
        let labels = [1, 2, 3].map(|last| (Key::new(key).unwrap(), id(last)));
        let places = desired.locate_labels(&labels).into_iter().map(Option::unwrap);
        let place =
            |place: SourceLocation| (place.file.display().to_string(), place.line, place.column, place.width);
        places.map(place).collect::<Vec<_>>()
    };
    let in_layout = [5, 6, 4].map(|line| ("a.yaml".to_owned(), line, 7, 2));
    assert_eq!(at("plain"), in_layout);
    let adjusted = |file: &str, line, width| (file.to_owned(), line, 7, width);
    assert_eq!(at("a"), [adjusted("a.yaml", 17, 36), in_layout[1].clone(), adjusted("a.yaml", 14, 38)]);
    assert_eq!(at("b"), [adjusted("b.yaml", 11, 36), in_layout[1].clone(), adjusted("b.yaml", 8, 38)]);
    assert_eq!(at("braces"), [in_layout[0].clone(), ("b.yaml".to_owned(), 17, 15, 36), in_layout[2].clone()]);
}
