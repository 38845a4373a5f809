//! Keys that the state is to forget.

use std::collections::BTreeSet;

use super::{NO_VARIABLES, UUID, findings, load_files, load_in_memory};
use crate::desired::Desired;
use crate::model::Key;

/// A file with the template `one` and this.
fn file(more: &str) -> String {
    format!("templates:\n  one: {{ title: T, resourceType: course, resourceId: {UUID} }}\n{more}")
}

fn load(more: &str) -> Desired {
    load_files(&[("a.yaml", &file(more))]).unwrap_or_else(|error| panic!("{error:?}"))
}

/// What is said of the file: `line:column rule: message`.
fn told(more: &str) -> Vec<String> {
    let words = |found: crate::model::Finding| {
        format!("{}:{} {}: {}", found.place.line, found.place.column, found.rule, found.message)
    };
    findings(&[("a.yaml", &file(more))]).into_iter().map(words).collect()
}

fn removed(more: &str) -> Vec<String> {
    load(more).removed().map(ToString::to_string).collect()
}

#[test]
fn keys_are_those_of_the_environment() {
    assert_eq!(removed("removed:\n  - { from: gone }\n  - from: also gone\n"), ["also gone", "gone"]);
    let both = "removed: [{ from: a, environments: [test] }, { from: b, environments: [production] }, { from: c, environments: ~ }]\n";
    assert_eq!(removed(both), ["a", "c"]);
    assert_eq!(removed("removed: ~\n"), [""; 0]);
    assert_eq!(removed("removed: []\n"), [""; 0]);
}

#[test]
fn each_entry_has_its_line() {
    let text = file("removed:\n  - { from: b }\n  - { from: a }\n");
    let desired = load_in_memory([("a.yaml", text)], &NO_VARIABLES).unwrap();
    let key = |text: &str| Key::new(text).unwrap();
    let lines = desired.locate_removed(&BTreeSet::from([key("a"), key("b"), key("c")]));
    assert_eq!((lines[&key("a")].1, lines[&key("b")].1, lines.len()), (5, 4, 2));
}

#[test]
fn a_configured_key_is_not_forgotten() {
    assert_eq!(
        told("removed:\n  - { from: one }\n"),
        ["4:5 removed: one is in removed, and it is still a template: remove one of the two"]
    );
    // Whatever the environment that is looked at.
    let elsewhere = format!(
        "  two: {{ title: T, resourceType: course, resourceId: {}, environments: [production] }}\n",
        UUID.replace("01", "02")
    );
    let of_two = |entry: &str| format!("{elsewhere}removed: [{{ from: two{entry} }}]\n");
    assert_eq!(told(&of_two("")).len(), 1);
    assert_eq!(told(&of_two(", environments: [production, test]")).len(), 1);
    assert_eq!(removed(&of_two(", environments: [test]")), ["two"]);
}

#[test]
fn a_key_is_not_moved_and_removed() {
    let found = told("moved: [{ from: old, to: one }]\nremoved: [{ from: old }]\n");
    assert_eq!(found, ["4:11 removed: old is in an entry of moved as well, and only one can count"]);
    let found = told("moved: [{ from: old, to: one }]\nremoved: [{ from: one }]\n");
    assert!(
        found.contains(
            &"4:11 removed: one is in an entry of moved as well, and only one can count".to_owned()
        )
    );
}

#[test]
fn a_key_is_removed_once() {
    let found = findings(&[("a.yaml", &file("removed: [{ from: a }, { from: a, environments: [test] }]\n"))]);
    assert_eq!(found[0].message, "a is in two entries of removed");
    assert_eq!((found.len(), found[0].place.column, found[0].related[0].0.column), (1, 24, 11));
    let apart = "removed: [{ from: a, environments: [production] }, { from: a, environments: [test] }]\n";
    assert_eq!(removed(apart), ["a"]);
    let other =
        findings(&[("a.yaml", &file("removed: [{ from: a }]\n")), ("b.yaml", "removed: [{ from: a }]\n")]);
    assert_eq!((other.len(), other[0].place.file.to_str()), (1, Some("templates/b.yaml")));
}

#[test]
fn wrong_forms_are_explained() {
    assert_eq!(
        told("removed: { from: a }\n"),
        ["3:10 wrong-type: removed must be a list of { from: key }, and this is a mapping"]
    );
    assert_eq!(told("removed: [{}]\n"), ["3:11 removed: `from` is required in an entry of removed"]);
    assert_eq!(
        told("removed: [a]\n"),
        [
            "3:11 removed: `from` is required in an entry of removed",
            "3:11 wrong-type: an entry of removed must be a mapping (name: value), and this is a string"
        ]
    );
    assert_eq!(told("removed: [{ from: a, to: b }]\n"), ["3:22 unknown-field: to is not allowed here"]);
    assert_eq!(
        told("removed: [{ from: 5 }]\n"),
        [
            "3:19 wrong-type: from must be a template's key, as a string (in quotes if it looks like a number), and this is a number"
        ]
    );
    assert_eq!(
        told("removed: [{ from: a, environments: [tset] }]\n"),
        ["3:37 unknown-environment: there is no environment tset in certctl.toml (did you mean test?)"]
    );
    assert_eq!(
        told("removed: [{ from: a, environments: test }]\n"),
        ["3:36 wrong-type: environments must be a list, such as [production], and this is a string"]
    );
    assert_eq!(
        told("removed: []\nremoved: [{ from: one }]\n"),
        ["4:1 duplicate-key: removed is defined twice, and only one can count"]
    );
}

#[test]
fn nothing_is_forgotten_if_a_file_cannot_be_read() {
    let found = findings(&[("a.yaml", &file("removed: [{ from: one }]\n")), ("b.yaml", "templates: [\n")]);
    assert!(found.iter().all(|found| found.rule == "yaml-syntax"), "{found:?}");
}
