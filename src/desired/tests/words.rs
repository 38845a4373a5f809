//! The wording of findings, for the person who must act.

use super::{UUID, findings, load_files};
use crate::desired::LoadError;

/// Message and help of the only finding of a template with these lines.
#[track_caller]
fn said(lines: &str) -> String {
    let lines: String = lines.lines().map(|line| format!("    {line}\n")).collect();
    said_of(&format!(
        "templates:\n  one:\n    title: One\n    resourceType: course\n    resourceId: {UUID}\n{lines}"
    ))
}

#[track_caller]
fn said_of(text: &str) -> String {
    let found = findings(&[("a.yaml", text)]);
    assert_eq!(found.len(), 1, "{text}\n{found:#?}");
    format!("{} / {}", found[0].message, found[0].help.as_deref().unwrap_or_default())
}

#[test]
fn unknown_and_missing_names_have_different_messages() {
    let unknown = said("titel: x");
    assert!(
        unknown.starts_with("titel is not allowed here (did you mean title?) / allowed are title, "),
        "{unknown}"
    );
    let missing = said_of("templates:\n  one: { title: T }\n");
    assert!(missing.starts_with("resourceType and resourceId are required in the template one"), "{missing}");
    let one = said_of(&format!("templates:\n  one: {{ resourceType: course, resourceId: {UUID} }}\n"));
    assert!(one.starts_with("title is required in the template one"), "{one}");
    assert!(said("labels: [{ x: 1 }]").starts_with("certificateFieldId is required"));
    let member = said(&format!("labels: [{{ certificateFieldId: {UUID}, z: 1 }}]"));
    assert!(member.starts_with("z is not allowed here / allowed are certificateFieldId, x"), "{member}");
    assert!(said("userCustomFieldSlug: a").starts_with("userCustomFieldValue is required beside"));
}

#[test]
fn the_cause_of_an_unexpected_text_is_named() {
    for (lines, words) in [
        ("title\u{a0}: x", "no-break space (U+00A0) in this name"),
        ("\u{3000}layout: x", "ideographic space (U+3000) in this name"),
        ("extra: { a: { b:\u{a0}c } }\nlabels:\u{a0}\n  - a", "no-break space (U+00A0) behind the colon"),
        ("labels:\n  -\u{a0}a\n  -\u{a0}b", "behind the dash"),
        ("recertificationAction:\u{20}\u{a0}resetProgress", "no-break space (U+00A0) in it"),
    ] {
        assert!(said(lines).contains(words), "{lines}: {}", said(lines));
    }
    let text = said_of("templates:\n  a:\n    title:\u{a0}T\n");
    assert!(
        text.contains("a template must be a mapping") && text.contains("no-break space (U+00A0)"),
        "{text}"
    );
    assert!(
        said("extra: { a: b }\n<<: { expirationDays:1 }").contains("a blank is missing behind the colon")
    );
}

#[test]
fn dates_and_numbers_are_suggested_as_written() {
    assert!(said("expirationDate: 31.12.2027").contains("write 2027-12-31"));
    assert!(said("expirationDate: 12/31/2027").contains("write 2027-12-31"));
    assert!(said("expirationDate: 20271231").contains("write 2027-12-31"));
    assert!(said("expirationDate: 01/02/2027").ends_with("written like 2027-12-31 / "));
    assert!(said("expirationDays: 0365").contains("write 365, without the zero"));
}

#[test]
fn a_long_name_is_called_too_long() {
    let long = "k".repeat(1025);
    for lines in [format!("{long}: x"), format!("{long}:\n  x: y"), format!("extra:\n  {long}: x")] {
        let said = said(&lines);
        assert!(said.starts_with("this name has 1025 characters, and YAML takes at most 1024"), "{said}");
    }
    assert!(said(&format!("{}: x", "k".repeat(1024))).contains("is not allowed here"));
}

#[test]
fn a_huge_number_is_not_a_text() {
    for number in ["1e400", "-1.0E+999", &"1".repeat(50)] {
        let said = said(&format!("extra: {{ a: {number} }}"));
        assert!(said.starts_with("this number cannot be sent"), "{said}");
    }
    assert!(said("extra: 1e400").contains("extra must be a mapping (name: value), and this is a number"));
}

#[test]
fn files_are_counted_in_words() {
    let one = load_files(&[("a.yaml", "# nothing\n")]).unwrap_err().to_string();
    assert!(one.contains("the template file has no template in it"), "{one}");
    let two = load_files(&[("a.yaml", "# nothing\n"), ("b.yaml", "")]).unwrap_err().to_string();
    assert!(two.contains("the template files have no template in them"), "{two}");
}

#[test]
fn one_cause_gives_one_consistent_finding() {
    let said = |lines: &str| {
        let text = format!(
            "templates:\n  a:\n    title: A\n    resourceType: course\n    resourceId: {UUID}\n{lines}\n"
        );
        match load_files(&[("a.yaml", &text)]) {
            Err(LoadError::Findings { findings, warnings }) => {
                assert_eq!((findings.len(), warnings.len()), (1, 0), "{findings:?} {warnings:?}");
                findings[0].message.clone()
            }
            other => panic!("{other:?}"),
        }
    };
    assert!(said("    expirationDays: 99999999999").contains("at most 2147483647"));
    let blank = said("    asset: \"https://x.example.com/a b.png\"");
    assert!(blank.contains("a blank") && !blank.contains("begins with"), "{blank}");
    let unseen = said("    asset: \"https://x.example.com/a\\u0007b.png\"");
    assert!(unseen.contains("control character") && !unseen.contains("begins with"), "{unseen}");
    let unseen = said("    userCustomFieldSlug: \"a\\u0007b\"\n    userCustomFieldValue: x");
    assert!(unseen.contains("control character") && !unseen.contains("blank"), "{unseen}");
    let size = said("    asset_size: { width: 1, height: x }");
    assert!(!size.contains("this is"), "{size}");
}
