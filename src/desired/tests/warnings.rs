//! Values that can be sent but are probably mistakes.

use super::super::WARNINGS;
use super::{UUID, load_files, load_globs};
use crate::model::Warning;

fn warnings(files: &[(&str, &str)]) -> Vec<Warning> {
    load_files(files).unwrap_or_else(|error| panic!("{error:?}")).warnings
}

/// The warnings about a template with these lines, as `line:column rule`.
fn odd(lines: &str) -> Vec<String> {
    let lines: String = lines.lines().map(|line| format!("    {line}\n")).collect();
    let text = format!(
        "templates:\n  one:\n    title: One\n    resourceType: course\n    resourceId: {UUID}\n{lines}"
    );
    let place = |warning: &Warning| {
        assert_eq!(warning.keys.len(), 1);
        let finding = &warning.finding;
        format!("{}:{} {}", finding.place.line, finding.place.column, finding.rule)
    };
    warnings(&[("a.yaml", &text)]).iter().map(place).collect()
}

#[test]
fn odd_values_are_reported_at_their_place() {
    let action = "recertificationAction: actionUrl\nrecertificationActionUrl: https://a.example\n\
                  recertificationActionText: x";
    let cases = [
        ("expirationDate: 2016-01-01", "6:21 past-expiry"),
        ("expirationDate: \"2026-11-25T23:59:59Z\"", "6:21 past-expiry"),
        ("expirationDate: 2127-01-01", "6:21 far-expiry"),
        ("expirationDays: 36526", "6:21 far-expiry"),
        ("asset: https://a.example/x.png?token=x", "6:12 key-in-address"),
        ("supplementalAssets:\n  - https://a.example/?sig=x", "7:9 key-in-address"),
        ("recertificationInstructions: x", "6:34 recertification-unseen"),
        (action, "8:32 recertification-unseen"),
        ("expirationDays: 7\nrecertificationAfterDays: 8", "7:31 recertification-after-expiry"),
        ("expirationDate: 2026-12-31\nrecertificationAfterDays: 36", "7:31 recertification-after-expiry"),
        (
            "expirationDate: 2026-12-31\nrecertificationAfterDays: 2147483647",
            "7:31 recertification-after-expiry",
        ),
    ];
    for (lines, expected) in cases {
        assert_eq!(odd(lines), [expected], "{lines}");
    }
    let mut seen: Vec<&str> = cases.iter().filter_map(|(_, place)| place.split(' ').nth(1)).collect();
    let about_files =
        load_globs(&[("a.yaml", "layouts: {}\n"), ("b.yml", "")], &["templates/*.yaml", "b/*"], true);
    seen.extend(alike(&["cafe\u{301}", "caf\u{e9}"]).iter().map(|warning| warning.finding.rule));
    seen.extend(about_files.unwrap().warnings.iter().map(|warning| warning.finding.rule));
    seen.sort_unstable();
    seen.dedup();
    let listed: Vec<&str> = WARNINGS.iter().map(|(id, _)| *id).collect();
    assert_eq!(seen, listed);
}

/// The warnings about templates with these keys.
fn alike(keys: &[&str]) -> Vec<Warning> {
    let template = |(number, key): (usize, &&str)| {
        let uuid = format!("{}{number}", &UUID[..35]);
        format!("  {key}:\n    title: T\n    resourceType: course\n    resourceId: {uuid}\n")
    };
    let all: String = keys.iter().enumerate().map(template).collect();
    warnings(&[("a.yaml", &format!("templates:\n{all}"))])
}

#[test]
fn keys_that_look_the_same_are_warned_of() {
    for (keys, says) in [
        (["caf\u{e9}", "cafe\u{301}"], "it has \u{e9} (U+00E9) where that one has e (U+0065)"),
        (["cloud", "cl\u{43e}ud"], "it has \u{43e} (U+043E) where that one has o (U+006F)"),
    ] {
        let found = alike(&keys);
        let [warning] = &found[..] else { panic!("{keys:?}: {found:?}") };
        assert!(warning.finding.message.ends_with(says), "{}", warning.finding.message);
        assert_eq!(warning.finding.related.len(), 1);
    }
    assert_eq!(alike(&["cloud-1", "cloud-l", "caf\u{e9}"]), []);
}

#[test]
fn plausible_values_give_no_warning() {
    for lines in [
        "expirationDate: 2026-11-26",
        "expirationDate: 2026-12-31\nrecertificationAfterDays: 35",
        "expirationDate: 2126-12-31",
        "expirationDays: 36525\nrecertificationInstructions: x\nrecertificationAfterDays: 36525",
        "expirationDate: 2027-12-31\nrecertificationInstructions: x",
        "recertificationAfterDays: 300",
        "",
    ] {
        assert_eq!(odd(lines), [""; 0], "{lines}");
    }
}

#[test]
fn an_odd_layout_value_is_one_warning() {
    let template = |key: &str, number: u8| {
        format!("  {key}: {{ layout: l, title: T, resourceId: {}{number} }}\n", &UUID[..35])
    };
    let layouts = "layouts:\n  l: { resourceType: course, expirationDate: 2016-01-01 }\n";
    let (a, b) = (
        format!("{layouts}templates:\n{}{}", template("c", 1), template("a", 2)),
        format!("templates:\n{}", template("b", 3)),
    );
    let found = warnings(&[("a.yaml", &a), ("b.yaml", &b)]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].finding.place.to_string(), "templates/a.yaml:2:46");
    assert_eq!(found[0].keys.iter().map(crate::model::Key::as_str).collect::<Vec<_>>(), ["a", "b", "c"]);
}
