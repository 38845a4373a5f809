//! How the YAML looks.

use serde_json::json;

use super::estate::{css, field_id, labels};
use super::*;

/// The files one after the other, and the variables.
fn shown(written: &WrittenProject) -> String {
    let file = |(name, text): &(String, String)| format!("==> {name}\n{text}\n");
    let variable = |variable: &NewVariable| format!("{} = {:?}\n", variable.name, variable.value);
    written.files.iter().map(file).chain(written.variables.iter().map(variable)).collect()
}

/// The bytes of the templates, each written by itself.
fn one_by_one(templates: &[SeenTemplate]) -> usize {
    let project = Project::new();
    let bytes = |template: &SeenTemplate| {
        let written = project.write(std::slice::from_ref(template));
        let text = &written.files[0].1;
        text.len() - text.find("templates:\n").unwrap()
    };
    templates.iter().map(bytes).sum()
}

fn yaml_bytes(written: &WrittenProject) -> usize {
    written.files.iter().map(|(_, text)| text.len()).sum()
}

#[test]
fn large_estates_take_a_third() {
    let estate = estate(300);
    let whole = one_by_one(&estate);
    for group_by in [GroupBy::None, GroupBy::Type, GroupBy::Layout, GroupBy::Prefix] {
        let written = Project { group_by, ..Project::new() }.write(&estate);
        let bytes = yaml_bytes(&written);
        println!("{group_by:?}: {bytes} of {whole} bytes, {} %", 100 * bytes / whole);
        assert!(100 * bytes <= 35 * whole, "{group_by:?}: {bytes} of {whole}");
    }
}

fn small() -> Vec<SeenTemplate> {
    let plain = |design: usize| {
        json!({"asset": "https://cdn.example.com/2026/landscape.png", "labels": labels(design), "customCss": format!("/* The landscape certificate, edition 2026. Designed by the brand team. */\n\n{}", css(0)),
            "expirationDays": 730})
    };
    let mut adjusted = plain(0);
    adjusted["labels"][1]["x"] = json!(160);
    adjusted["labels"][1]["fontSize"] = json!(24);
    let mut partner = plain(0);
    partner["userCustomFieldSlug"] = json!("company-type");
    partner["userCustomFieldValue"] = json!("Partner");
    partner["resourceId"] = json!(id(1001));
    let mut renewed = plain(0);
    renewed["recertificationAction"] = json!("resetProgress");
    renewed["recertificationAutoReset"] = json!(true);
    renewed["recertificationInstructions"] = json!("Please take the course again.\n\nIt takes two hours.\n");
    let dated = json!({"expirationDate": "2027-12-31", "asset": "https://cdn.example.com/2026/plain.png"});
    vec![
        titled(1, "Cloud 101 – Foundations", plain(0)),
        titled(2, "Cloud 101 – Foundations", partner),
        titled(3, "Überprüfung der Straßen: Übung #2", adjusted),
        titled(4, "クラウド入門", renewed),
        titled(5, "yes", dated),
        titled(6, "Gifts, Invitations: $5 or ${10}?", plain(0)),
        seen(
            7,
            json!({"title": "Cloud 101 – Foundations", "resourceType": "learningPath", "resourceId": id(1007),
            "labels": labels(1), "asset": "https://cdn.example.com/2026/path.png"}),
        ),
        seen(
            8,
            json!({"title": "Data Engineer", "resourceType": "learningPath", "resourceId": id(1008),
            "labels": labels(1), "asset": "https://cdn.example.com/2026/path.png"}),
        ),
    ]
}

#[test]
fn small_estate() {
    insta::assert_snapshot!(shown(&Project::new().write(&small())));
}

#[test]
fn small_estate_by_type_among_environments() {
    let project = Project { group_by: GroupBy::Type, has_other_environments: true, ..Project::new() };
    insta::assert_snapshot!(shown(&project.write(&small())));
}

#[test]
fn names_of_the_project_are_left_alone() {
    let project = Project {
        keys: BTreeSet::from(["yes".to_owned(), "data-engineer".to_owned()]),
        files: BTreeSet::from(["templates.yaml".to_owned(), "css/landscape.css".to_owned()]),
        variables: BTreeMap::from([
            ("name_of_learner".to_owned(), field_id(0)),
            ("field_issued_on".to_owned(), "x".to_owned()),
        ]),
        layouts: BTreeMap::from([("landscape".to_owned(), Attributes::default())]),
        ..Project::new()
    };
    let written = project.write(&small());
    let files: Vec<&str> = written.files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(files, ["css/landscape-2.css", "templates-2.yaml"]);
    let keys: Vec<&str> = written.keys.keys().map(Key::as_str).collect();
    assert!(keys.contains(&"yes-00000005") && keys.contains(&"data-engineer-path"), "{keys:?}");
    let text = &written.files[1].1;
    assert!(
        text.contains("${var.name_of_learner}") && text.contains("${var.field_issued_on_datelabel}"),
        "{text}"
    );
    assert!(text.contains("\n  landscape-2:\n"), "{text}");
}

#[test]
fn keys_of_the_state_are_kept() {
    let mut templates = small();
    templates[4].key = Some(Key::new("cloud-101-foundations").unwrap());
    let written = Project::new().write(&templates);
    let key = Key::new("cloud-101-foundations").unwrap();
    assert_eq!(written.keys.get(&key).map(TemplateId::as_str), Some(id(5).as_str()));
    assert_eq!(written.keys.len(), 8);
}

#[test]
fn nothing_new_is_no_file() {
    assert_eq!(Project::new().write(&[]), WrittenProject::default());
}

#[test]
fn courses_of_several_audiences_have_what_their_titles_share() {
    let of = |number: usize, title: &str, audience: &str| {
        titled(
            number,
            title,
            json!({"resourceId": id(9), "userCustomFieldSlug": "tier", "userCustomFieldValue": audience}),
        )
    };
    let named = |templates: &[SeenTemplate]| Project::new().write(templates).variables[0].name.clone();
    let (gold, silver) =
        (of(1, "Certified Partner – Gold", "Gold"), of(2, "Certified Partner – Silver", "Silver"));
    assert_eq!(named(&[gold.clone(), silver.clone()]), "course_certified_partner");
    let everyone = titled(3, "Partner", json!({"resourceId": id(9)}));
    assert_eq!(named(&[gold, everyone, silver]), "course_partner");
}
