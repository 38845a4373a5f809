//! Where templates and labels are written, in files of any form.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::super::{LoadRequest, load_texts};
use super::{UUID, load_files};
use crate::model::{GivenKeys, Key, Timestamp};

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
    let texts = files.map(|(name, text)| (PathBuf::from(name), text.into_bytes()));
    let desired = load_texts(
        texts,
        &LoadRequest {
            root: Path::new("."),
            globs: &[],
            environment: "test",
            known_environments: &["test".to_owned()],
            variables: &BTreeMap::new(),
            keys: &GivenKeys::default(),
            allow_empty: false,
            now: Timestamp::from_unix_seconds(1_795_651_200),
        },
    )
    .unwrap();
    let wanted = [
        ("alias", 0),
        ("items", 0),
        ("items", 1),
        ("merged", 0),
        ("escaped", 0),
        ("inherits", 0),
        ("laid", 0),
        ("laid", 1),
    ];
    let wanted = wanted.map(|(key, number)| (Key::new(key).unwrap(), number));
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
