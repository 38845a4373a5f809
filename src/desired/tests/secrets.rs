//! Which source lines are shown with findings: none with a secret, all others.

use proptest::prelude::*;

use super::{LoadError, NO_VARIABLES, UUID, load_in_memory};
use crate::model::Finding;

/// All findings and warnings of a file.
fn said_of(bytes: &[u8]) -> Vec<Finding> {
    let (mut findings, warnings) = match load_in_memory([("a.yaml", bytes)], &NO_VARIABLES) {
        Ok(desired) => (Vec::new(), desired.warnings),
        Err(LoadError::Findings { findings, warnings }) => (findings, warnings),
        Err(LoadError::NoFiles(findings)) => (findings, Vec::new()),
        Err(LoadError::NoTemplates(finding)) => (vec![*finding], Vec::new()),
    };
    findings.extend(warnings.into_iter().map(|warning| warning.finding));
    findings
}

/// A valid template except for these lines.
fn with(lines: &str) -> String {
    let lines: String = lines.lines().map(|line| format!("    {line}\n")).collect();
    format!("templates:\n  one:\n    title: One\n    resourceType: course\n    resourceId: {UUID}\n{lines}")
}

/// Each file has a finding, and none shows the secret.
#[track_caller]
fn are_hidden(files: &[Vec<u8>]) {
    for file in files {
        let (text, found) = (String::from_utf8_lossy(file), said_of(file));
        assert!(!found.is_empty(), "{text}");
        assert!(!format!("{found:?}").contains("hunter2"), "{text}\n{found:#?}");
    }
}

/// Each file has a finding that shows the line.
#[track_caller]
fn are_shown(files: &[(String, &str)]) {
    for (text, line) in files {
        let found = said_of(text.as_bytes());
        assert!(found.iter().any(|found| found.place.source_line.contains(line)), "{text}\n{found:#?}");
    }
}

mod hidden {
    use super::*;

    #[test]
    fn a_value_beside_others_on_its_line() {
        are_hidden(
            &[
                with(&format!("labels:\n  - {{ certificateFieldId: {UUID}, token: hunter2, x: -5 }}")),
                "templates:\n  cloud-101: { title: 5, api_key: hunter2 }\n".to_owned(),
                "templates:\n  cloud-101: { title: 5, keys: [hunter2, x] }\n".to_owned(),
                "templates:\n  cloud-101: {\n    title: 5, pw: hunter2,\n    x: 1 }\n".to_owned(),
                "templates:\n  cloud-101: { title: 5, \"pw\": \"hunter2\" }\n".to_owned(),
                "templates:\n  cloud-101: { title: 5 } # token: hunter2\n".to_owned(),
                "templates:\r  cloud-101:\r    title: 5\r    pw: hunter2\r".to_owned(),
                with("title: 5\u{2028}pw: hunter2"),
            ]
            .map(String::into_bytes),
        );
    }

    #[test]
    fn a_value_that_is_not_yaml() {
        are_hidden(
            &[
                with("pw: Sommerhaus: hunter2"),
                with("pw = hunter2"),
                with("pw: *hunter2"),
                with("pw: !hunter2 x"),
                with("pw：hunter2"),
                with("extra: { pw: #hunter2 }"),
            ]
            .map(String::into_bytes),
        );
    }

    #[test]
    fn a_value_that_became_part_of_a_name() {
        are_hidden(
            &[
                "templates:\n  cloud-101: { title: 5, pw:hunter2 }\n",
                "templates:\n  cloud-101: { title: 5, pw=hunter2 }\n",
            ]
            .map(|text| text.as_bytes().to_vec()),
        );
    }

    #[test]
    fn a_value_in_a_warning() {
        let text = with("recertificationInstructions: see https://me:hunter2@x.example");
        assert_eq!(said_of(text.as_bytes())[0].rule, "recertification-unseen");
        are_hidden(&[text.into_bytes()]);
    }

    #[test]
    fn a_key_or_a_password_in_an_address() {
        are_hidden(
            &[
                with("asset: https://me:hunter2@cdn.example.com/a.png"),
                with("asset: https://hunter2@cdn.example.com/a.png"),
                with("asset: www.me:hunter2@cdn.example.com/a.png"),
                with("asset: https://cdn.example.com/a.png?token=hunter2"),
                with("supplementalAssets: [\"https://cdn.example.com/a.png?v=1&sig=hunter2\"]"),
                "templates:\n  a: { title: 5, asset: \"https://a.example/?key=hunter2\" }\n".to_owned(),
            ]
            .map(String::into_bytes),
        );
        let signed = said_of(with("asset: https://a.example/?key=x").as_bytes());
        let rules: Vec<&str> = signed.iter().map(|found| found.rule).collect();
        assert_eq!(rules, ["key-in-address"], "a warning, because a signed address may be meant");
    }

    #[test]
    fn a_name_that_looks_like_a_key() {
        let names = ["ti_live_hunter2", "\"ti_live_hunter2\"", "sk_test_hunter2"];
        are_hidden(&names.map(|name| with(&format!("{name}: 1")).into_bytes()));
    }

    #[test]
    fn a_value_that_is_not_utf_8() {
        are_hidden(&[[with("token: hunter2").trim_end().as_bytes(), b"\xff\n"].concat()]);
    }
}

mod shown {
    use super::*;

    #[test]
    fn an_id_of_the_wrong_length() {
        for id in [&UUID[..35], &format!("{UUID}7"), &UUID.replace('e', "g")] {
            are_shown(&[(with(&format!("assetLibraryId: {id}")), id)]);
        }
    }

    #[test]
    fn keys_of_templates_whatever_they_are_called() {
        for key in ["author-training", "passport-101", "keynote-101", "\"Keys: 101\""] {
            are_shown(&[(format!("templates:\n  {key}: {{ title: 5 }}\n"), "title: 5")]);
        }
        are_shown(&[
            ("templates:\n  author-training: &common\n".to_owned(), "author-training"),
            (
                format!(
                    "x-a: &a {{ title: T, resourceType: course, resourceId: {UUID} }}\ntemplates:\n  b: *a\n  c: *a\n"
                ),
                "*a",
            ),
            (
                "x-keys: &common { expirationDays: 0 }\ntemplates:\n  a: *common\n".to_owned(),
                "expirationDays: 0",
            ),
        ]);
    }

    #[test]
    fn texts_with_signs_of_yaml_in_them() {
        are_shown(&[
            (with("title: Health, Safety"), "title: Health, Safety"),
            ("templates:\n  a: { title: \"Health, Safety: Basics\", x: 1 }\n".to_owned(), "Safety: Basics"),
            (
                with("customCss: |\n  a {}\n  .b { font: 1px Arial, x; top: 0; color: ${var.nowhere} }"),
                "font: 1px",
            ),
            (with("supplementalAssets: [https://a.example/b?c=1, d]"), "d]"),
            (with("title: Cloud: 101"), "title: Cloud: 101"),
            (with("title = T"), "title = T"),
        ]);
    }

    #[test]
    fn names_that_are_written_otherwise() {
        let label = format!("labels:\n  - {{ certificateFieldId: {UUID}, font_size: 12, x: -5 }}");
        are_shown(&[(with(&label), "x: -5")]);
    }
}

fn line() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "templates:",
        "  one:",
        "  two: {",
        "    title: One",
        "    expirationDays: 0",
        "    recertificationInstructions: x",
        "    labels:",
        "    customCss: |",
        "      a { color: ${var.nowhere} }",
        "    extra: {",
        "}",
        "]",
        "\t",
        "---",
        "<<<<<<< HEAD",
        "é\u{2028}",
        "    pw: hunter2",
        "    pw: hunter2: x",
        "    pw: *hunter2",
        "    \"pw\": \"hunter2\",",
        "      - { token: hunter2, x: -5 }",
        "  three: { title: 5, pw: hunter2 }",
        "    extra: { pw: hunter2, title: x }",
        "  pw:hunter2",
        "api_key=hunter2",
        "PW = hunter2",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_line_with_a_secret_is_ever_shown(
        lines in prop::collection::vec(line(), 0..12),
        line_break in prop::sample::select(vec!["\n", "\r\n", "\r"]),
        odd in prop::option::of(0_usize..12),
    ) {
        let lines: Vec<Vec<u8>> = lines.iter().enumerate().map(|(number, line)| {
            let end: &[u8] = if odd == Some(number) { b"\xff" } else { b"" };
            [line.as_bytes(), end].concat()
        }).collect();
        let found = said_of(&lines.join(line_break.as_bytes()));
        prop_assert!(!format!("{found:?}").contains("hunter2"), "{found:#?}");
    }
}
