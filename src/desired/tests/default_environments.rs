//! Environments for all templates of a file.

use super::{UUID, load_files, places};

/// Whether the only template is there in the environment of the tests, `test`.
fn is_here(defaults: &str, own: &str) -> bool {
    let text = format!(
        "defaults: {{ resourceType: course{defaults} }}\ntemplates:\n  one: {{ title: T, resourceId: {UUID}{own} }}\n"
    );
    let desired = load_files(&[("a.yaml", &text)]).unwrap_or_else(|error| panic!("{error:?}"));
    assert_eq!(desired.templates.len() + desired.elsewhere.len(), 1);
    !desired.templates.is_empty()
}

#[test]
fn a_template_has_the_environments_of_its_file() {
    assert!(is_here("", ""));
    assert!(!is_here(", environments: [production]", ""));
    assert!(is_here(", environments: [production]", ", environments: [test]"));
    assert!(is_here(", environments: [production]", ", environments: ~"));
    assert!(!is_here(", environments: [test]", ", environments: [production]"));
}

#[test]
fn mistakes_are_found_once() {
    let two =
        format!("templates:\n  one: {{ title: T, resourceType: course, resourceId: {UUID} }}\n  two: {{}}\n");
    let found = places(&format!("defaults:\n  environments: [prodction]\n{two}"));
    assert_eq!(
        found.iter().filter(|place| place.ends_with("unknown-environment")).collect::<Vec<_>>(),
        ["2:18 unknown-environment"]
    );
    assert_eq!(places("defaults:\n  environments: production\n"), ["2:17 wrong-type"]);
}
