//! Template files as people write them, and the findings about them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};

mod adjust;
mod bounds;
mod default_environments;
mod default_layout;
mod examples;
mod precedence;
mod reference;
mod removed;
mod rules;
mod secrets;
mod text_files;
mod variables;
mod warnings;
mod words;
mod written;

use super::{Desired, LoadError, LoadRequest, load, load_texts};
use crate::config::{TemplateGlob, Variable};
use crate::model::{Finding, GivenKeys, Key, SourceLocation, Timestamp};

const UUID: &str = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01";

/// Loads these files for the environment `test`, with the variables `a` = `1` and `id` = a UUID.
fn load_files(files: &[(&str, &str)]) -> Result<Desired, LoadError> {
    load_globs(files, &["templates/**/*.yaml"], false)
}

fn load_with(files: &[(&str, &str)], variables: &BTreeMap<String, Variable>) -> Result<Desired, LoadError> {
    load_all(files, &["templates/**/*.yaml"], false, variables)
}

pub(super) fn globs(texts: &[&str]) -> Vec<TemplateGlob> {
    texts
        .iter()
        .map(|text| TemplateGlob::parse(text, SourceLocation::whole_file("certctl.toml")).unwrap())
        .collect()
}

fn load_globs(files: &[(&str, &str)], texts: &[&str], allow_empty: bool) -> Result<Desired, LoadError> {
    let variables =
        BTreeMap::from([("a".to_owned(), Variable::flag("1")), ("id".to_owned(), Variable::flag(UUID))]);
    load_all(files, texts, allow_empty, &variables)
}

fn load_all(
    files: &[(&str, &str)],
    texts: &[&str],
    allow_empty: bool,
    variables: &BTreeMap<String, Variable>,
) -> Result<Desired, LoadError> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join("templates").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    load(&LoadRequest {
        root: folder.path(),
        globs: &globs(texts),
        variables,
        allow_empty,
        ..request(&GivenKeys::default())
    })
}

/// A request of the environment `test` for texts in memory, without variables.
fn request(keys: &GivenKeys) -> LoadRequest<'_> {
    LoadRequest {
        root: Path::new("."),
        globs: &[],
        environment: "test",
        known_environments: &*ENVIRONMENTS,
        variables: &NO_VARIABLES,
        keys,
        allow_empty: false,
        now: Timestamp::from_unix_seconds(1_795_651_200),
    }
}

static ENVIRONMENTS: LazyLock<[String; 2]> = LazyLock::new(|| ["test", "production"].map(str::to_owned));
static NO_VARIABLES: BTreeMap<String, Variable> = BTreeMap::new();

/// Loads files without a folder, so that their lines can be looked up later.
fn load_in_memory<'t>(
    files: impl IntoIterator<Item = (&'t str, impl Into<Vec<u8>>)>,
    variables: &BTreeMap<String, Variable>,
) -> Result<Desired, LoadError> {
    let texts = files.into_iter().map(|(name, text)| (PathBuf::from(name), text.into()));
    load_texts(texts, &LoadRequest { variables, ..request(&GivenKeys::default()) })
}

fn findings(files: &[(&str, &str)]) -> Vec<Finding> {
    match load_files(files) {
        Err(LoadError::Findings { findings, .. }) => findings,
        other => panic!("expected findings, not {other:?}"),
    }
}

/// The findings of one file, as `line:column rule`.
fn places(text: &str) -> Vec<String> {
    let findings = findings(&[("a.yaml", text)]);
    findings.iter().map(|f| format!("{}:{} {}", f.place.line, f.place.column, f.rule)).collect()
}

/// The findings about a valid template with these extra lines.
fn with_lines(lines: &str) -> Vec<String> {
    let indented: String = lines.lines().map(|line| format!("    {line}\n")).collect();
    places(&format!(
        "templates:\n  one:\n    title: One\n    resourceType: course\n    resourceId: {UUID}\n{indented}"
    ))
}

fn attributes(files: &[(&str, &str)], key: &str) -> Value {
    let desired = load_files(files).unwrap_or_else(|error| panic!("{error:?}"));
    desired.templates[&Key::new(key).unwrap()].attributes.to_value()
}

#[test]
fn template_wins_over_layout_over_defaults() {
    let shared = (
        "layouts.yaml",
        "layouts:\n  l:\n    title: Layout\n    expirationDays: 2\n    supplementalAssets: [https://a.example/1]\n",
    );
    let own = format!(
        "defaults: {{ title: Default, resourceType: course, expirationDays: 1, customCss: x }}\n\
         templates:\n  one:\n    layout: l\n    resourceId: {UUID}\n    customCss: ~\n    supplementalAssets: [https://b.example/2]\n"
    );
    assert_eq!(
        attributes(&[("a.yaml", &own), shared], "one"),
        json!({"title": "Layout", "resourceType": "course", "resourceId": UUID, "expirationDays": 2,
               "supplementalAssets": ["https://b.example/2"]})
    );
}

#[test]
fn variables_work_anywhere_and_extra_is_unchanged() {
    let text = "templates:\n  one:\n    title: a${var.a}b$${var.a}\n    resourceType: course\n    resourceId: ${var.id}\n    \
                extra: { newField: { deep: [\"${var.a}\", 2.5, null] }, gone: null }\n";
    assert_eq!(
        attributes(&[("a.yaml", text)], "one"),
        json!({"title": "a1b${var.a}", "resourceType": "course", "resourceId": UUID,
               "newField": {"deep": ["1", 2.5, null]}, "gone": null})
    );
}

#[test]
fn anchors_aliases_and_merge_keys_work() {
    let text = format!(
        "x-common: &common {{ resourceType: course, expirationDays: 7 }}\ntemplates:\n  one:\n    <<: *common\n    title: One\n    \
         resourceId: {UUID}\n    expirationDays: 8\n"
    );
    assert_eq!(attributes(&[("a.yaml", &text)], "one")["expirationDays"], 8);
}

#[test]
fn a_template_for_elsewhere_needs_no_variables_here() {
    let text = format!(
        "templates:\n  one: {{ title: One, resourceType: course, resourceId: {UUID} }}\n  two:\n    environments: [production]\n    \
         title: ${{var.nowhere}}\n    resourceType: course\n    resourceId: ${{var.nowhere}}\n"
    );
    let desired = load_files(&[("a.yaml", &text)]).unwrap();
    assert_eq!(desired.templates.len(), 1);
}

#[test]
fn values_are_held_to_the_vendors_rules() {
    for (line, expected) in [
        ("expirationDays: 0", "6:21 range"),
        ("expirationDays: \"365\"", "6:21 wrong-type"),
        ("expirationDays: 1.5", "6:21 wrong-type"),
        ("expirationDate: 2026-02-30", "6:21 date"),
        ("expirationDate: tomorrow", "6:21 date"),
        ("asset: images/a.png", "6:12 url"),
        ("asset: https://", "6:12 url"),
        ("supplementalAssets: [www.example.com/a, b]", "6:45 url"),
        ("assetLibraryId: 7", "6:21 wrong-type"),
        ("assetLibraryId: 8f14e45f", "6:21 uuid"),
        ("customCss: \"\"", "6:16 empty"),
        ("recertificationAction: actionurl", "6:28 enumeration"),
        ("recertificationAction: actionUrl", "6:28 recertification"),
        ("recertificationAutoReset: true", "6:31 recertification"),
        ("recertificationAfterDays: -1", "6:31 range"),
        ("userCustomFieldSlug: region", "6:26 audience"),
        ("userCustomFieldValue: dach", "6:27 audience"),
        ("layout: nowhere", "6:13 unknown-layout"),
        ("environments: [prodution]", "6:20 unknown-environment"),
        ("environments: production", "6:19 wrong-type"),
        ("protect: yes", "6:14 wrong-type"),
        ("extra: { title: x }", "6:14 extra"),
        ("extra: { id: x }", "6:14 extra"),
        ("extra: [1]", "6:12 wrong-type"),
        ("titel: x", "6:5 unknown-field"),
        ("title: Again", "6:5 duplicate-key"),
        ("customCss: ${var.nowhere}", "6:16 undefined-variable"),
        ("customCss: ${nowhere}", "6:16 variable"),
        ("customCss: .inf", "6:16 number"),
        ("labels: x", "6:13 wrong-type"),
        ("labels: [{ x: 1 }]", "6:14 required-field"),
    ] {
        assert!(with_lines(line).contains(&expected.to_owned()), "{line}: {:?}", with_lines(line));
    }
    for line in [
        "expirationDate: 2028-02-29",
        "expirationDate: \"2027-12-31T00:00:00Z\"",
        "asset: www.example.com/a.png",
        "recertificationInstructions: x",
    ] {
        let text = format!(
            "templates:\n  one:\n    title: One\n    resourceType: course\n    resourceId: {UUID}\n    {line}\n"
        );
        assert!(load_files(&[("a.yaml", &text)]).is_ok(), "{line}");
    }
}

#[test]
fn labels_are_held_to_the_vendors_rules() {
    let found = with_lines(&format!(
        "labels:\n  - {{ certificateFieldId: {UUID}, x: -1, y: 1.5, fontSize: 4, fontColor: red, textAlign: right, z: 1 }}\n  - {{ certificateFieldId: {UUID} }}"
    ));
    let rules: Vec<&str> = found.iter().map(|place| place.split(' ').nth(1).unwrap()).collect();
    assert_eq!(
        rules,
        ["range", "wrong-type", "range", "colour", "enumeration", "unknown-field", "duplicate-label"]
    );
    assert!(found.iter().all(|place| place.starts_with("7:") || place.starts_with("8:")), "{found:?}");
}

#[test]
fn a_problem_in_a_layout_is_reported_once() {
    let text = format!(
        "layouts:\n  l: {{ asset: nowhere, customCss: \"${{var.nowhere}}\" }}\ndefaults: {{ layuot: l, resourceType: course }}\n\
         templates:\n  one: {{ layout: l, title: One, resourceId: {UUID} }}\n  two: {{ layout: l, title: Two, resourceId: {} }}\n",
        UUID.replace("01", "02")
    );
    assert_eq!(places(&text), ["2:15 url", "2:36 undefined-variable", "3:13 unknown-field"]);
}

#[test]
fn required_fields_are_named_at_the_template() {
    let found = findings(&[("a.yaml", "templates:\n  one: {}\n")]);
    assert_eq!(found[0].place.line, 2);
    assert_eq!(found[0].message, "title, resourceType and resourceId are required in the template one");
}

#[test]
fn at_most_one_expiry() {
    let text = format!(
        "defaults: {{ expirationDays: 5, resourceType: course }}\ntemplates:\n  one:\n    title: One\n    resourceId: {UUID}\n    expirationDate: 2027-01-01\n"
    );
    assert_eq!(places(&text), ["6:21 expiry"]);
    let of_a_layout = format!(
        "layouts:\n  l: {{ resourceType: course, expirationDays: 5, expirationDate: 2027-01-01 }}\ntemplates:\n  \
         one: {{ layout: l, title: One, resourceId: {UUID} }}\n  two: {{ layout: l, title: Two, resourceId: {} }}\n",
        UUID.replace("01", "02")
    );
    assert_eq!(places(&of_a_layout), ["2:65 expiry"], "once, for it is one thing to do");
}

#[test]
fn keys_and_natural_keys_are_unique() {
    let one = format!("templates:\n  one: {{ title: One, resourceType: course, resourceId: {UUID} }}\n");
    let found = findings(&[("a.yaml", &one), ("b.yaml", &one)]);
    assert_eq!(found[0].rule, "duplicate-key");
    assert_eq!(found[0].place.to_string(), "templates/b.yaml:2:3");
    assert_eq!(found[0].related[0].0.to_string(), "templates/a.yaml:2:3");
    let other = one.replace("one:", "two:").replace("8f14", "8F14");
    let found = findings(&[("a.yaml", &one), ("b.yaml", &other)]);
    assert_eq!(found[0].rule, "natural-key");
    let audience = one
        .replace("one:", "two:")
        .replace(" }", ", userCustomFieldSlug: region, userCustomFieldValue: dach }");
    assert_eq!(load_files(&[("a.yaml", &one), ("b.yaml", &audience)]).unwrap().templates.len(), 2);
}

#[test]
fn moves_must_make_sense() {
    let one = format!("templates:\n  one: {{ title: One, resourceType: course, resourceId: {UUID} }}\n");
    for (moved, expected) in [
        ("[{ from: one, to: one }]", 1),
        ("[{ from: one, to: two }]", 2),
        ("[{ from: old, to: two }]", 1),
        ("[{ from: old, to: one }, { from: old, to: one }]", 2),
        ("[{ from: oldest, to: older }, { from: older, to: old }]", 1),
        ("[{ from: older, to: old }, { from: old, to: older }]", 2),
        ("[{ from: old, to: one }, { from: one, to: two }]", 2),
        ("[{ from: old }]", 1),
        ("[{ from: old, to: one, too: x }]", 1),
        ("[{ from: 7, to: one }]", 1),
        ("x", 1),
    ] {
        assert_eq!(places(&format!("{one}moved: {moved}\n")).len(), expected, "{moved}");
    }
    let desired = load_files(&[("a.yaml", &format!("{one}moved: [{{ from: old, to: one }}]\n"))]).unwrap();
    assert_eq!(desired.moved.len(), 1);
}

#[test]
fn a_chain_of_moves_keeps_its_order() {
    let first = format!(
        "templates:\n  one: {{ title: One, resourceType: course, resourceId: {UUID} }}\nmoved: [{{ from: old, to: one }}]\n"
    );
    let second = "moved: [{ from: older, to: old }, { from: oldest, to: older }]\n";
    let desired = load_files(&[("a.yaml", &first), ("b.yaml", second)]).unwrap();
    let chain: Vec<&str> = desired.moved.iter().map(|moved| moved.from.as_str()).collect();
    assert_eq!(chain, ["oldest", "older", "old"]);
}

#[test]
fn a_broken_file_hides_no_finding_of_another() {
    let found = findings(&[("a.yaml", "templates: [\n"), ("b.yaml", "templates:\n  one: {}\n")]);
    let files: BTreeSet<_> = found.iter().map(|finding| finding.place.file.clone()).collect();
    assert_eq!(files.len(), 2);
}

#[test]
fn no_file_and_no_template_are_different_things() {
    assert!(matches!(load_files(&[]), Err(LoadError::NoFiles(_))));
    assert!(matches!(load_files(&[("a.yaml", "# nothing\n")]), Err(LoadError::NoTemplates(_))));
    let elsewhere = format!(
        "templates:\n  one: {{ environments: [production], title: One, resourceType: course, resourceId: {UUID} }}\n"
    );
    assert!(load_files(&[("a.yaml", &elsewhere)]).unwrap().templates.is_empty());
}

fn yamlish() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "templates",
        "layouts",
        "defaults",
        "moved",
        "title",
        "labels",
        "x",
        "layout",
        "extra",
        ":",
        ": ",
        "\n",
        "\n  ",
        "\n    ",
        "- ",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "\"",
        "'",
        "|",
        ">",
        "&a",
        "*a",
        "<<",
        "<<: *a",
        "- &a ",
        "${var.a}",
        "${var.b}",
        "${",
        "~",
        "5",
        "-1",
        "é",
        "\t",
        "#",
        "---",
        "\r\n",
        "!t ",
    ]);
    prop::collection::vec(word, 0..40).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_text_gives_findings_with_places(text in prop_oneof![yamlish(), ".*"]) {
        if let Err(LoadError::Findings { findings, .. }) = load_files(&[("a.yaml", &text)]) {
            prop_assert!(!findings.is_empty());
            for finding in findings {
                prop_assert!(finding.place.file == Path::new("templates/a.yaml"));
                prop_assert!(finding.place.line <= text.matches('\n').count() + 1, "{finding:?}");
                let line = &finding.place.source_line;
                // For a possible secret, only the place is reported.
                prop_assert!(line.is_empty() || finding.place.column <= line.chars().count() + 1, "{finding:?}");
            }
        }
    }
}
