//! Layouts that people write, the reasons to leave a file as it is, and any text.

use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::model::LineChange;

fn source(text: &str) -> SourceText {
    SourceText::new("a.yaml", text)
}

/// The canonical form; the text itself where it has it already.
fn format(text: &str) -> String {
    let source = source(text);
    match formatted(&source) {
        Ok(new) => new.map_or_else(|| text.to_owned(), |new| source.marked(&new).into_owned()),
        Err(finding) => panic!("{text}\n{finding:?}"),
    }
}

#[track_caller]
fn assert_formats(old: &str, new: &str) {
    assert_eq!(format(old), new, "from\n{old}");
    assert_eq!(formatted(&source(new)).unwrap(), None, "again");
}

#[track_caller]
fn assert_stays(text: &str) {
    assert_formats(text, text);
}

/// The place and the rule of the reason why this text is left as it is.
#[track_caller]
fn refused(text: &str) -> String {
    let finding = formatted(&source(text)).unwrap_err();
    format!("{}:{} {}", finding.place.line, finding.place.column, finding.rule)
}

#[test]
fn blocks_are_indented_by_two() {
    assert_formats(
        "templates:\n    a:\n        labels:\n        -   x:   1\n            y: 2\n        -   - {x: 1,y: 2}\n            -  3\n        title:    T  \n",
        "templates:\n  a:\n    labels:\n      - x: 1\n        y: 2\n      - - { x: 1, y: 2 }\n        - 3\n    title: T\n",
    );
}

#[test]
fn lines_are_never_joined_or_split() {
    assert_formats(
        "labels: [\n {x: 1,\n   y: [1,2], },\n # c\n     ]\nb: {\n}\nc: [{\n a: 1\n }, {\n a: 2 }]\nd:\n   [\n  1]\n",
        "labels: [\n  { x: 1,\n    y: [1, 2], },\n  # c\n]\nb: {\n}\nc: [{\n  a: 1\n}, {\n  a: 2 }]\nd:\n  [\n    1]\n",
    );
    let long = format!("a: {}\nb: {{ c: \"{}\" }}\n", "word ".repeat(400).trim_end(), "x ".repeat(400));
    assert_stays(&long);
}

#[test]
fn texts_in_blocks_stay_as_they_are() {
    assert_formats(
        "a:\n     css: |\n          .a {\n\n            b  \n          }\n\n\n\n     t: >-\n\n       x\n        y\n     k: |+\n       z\n\n\n     i: |2\n         w\n        v\n",
        "a:\n  css: |\n    .a {\n\n      b  \n    }\n\n  t: >-\n\n    x\n     y\n  k: |+\n    z\n\n\n  i: |2\n      w\n     v\n",
    );
    for text in ["a: |\n  x", "a: >+\n  x", "a: |+\n\n", "a: |\n", "- |\n   \n", "a: |\n\n\n  x\n"] {
        format(text);
    }
    // A line break at its end would be part of the text.
    assert_stays("a: |\n  x");
    assert_formats("a: |-\n  x", "a: |-\n  x\n");
}

#[test]
fn texts_of_several_lines_keep_their_lines() {
    assert_formats(
        "a:\n   x: one\n       two\n\n       three   \n   y: \"q \n\n      r\\\n     s \\ \n    t\"\n   z: 'it''s\n    so'\n",
        "a:\n  x: one\n    two\n\n    three\n  y: \"q\n\n    r\\\n    s \\ \n    t\"\n  z: 'it''s\n    so'\n",
    );
}

#[test]
fn comments_stay_with_what_they_are_about() {
    assert_formats(
        "# head\n\n\n# more\na:   # a\n    # before b\n    b:\n        c: 1      # aligned\n        # below c\n    # d: 2\n  # odd\n# before e\ne:\n- 1\n# end\n",
        "# head\n\n# more\na:   # a\n  # before b\n  b:\n    c: 1      # aligned\n    # below c\n  # d: 2\n# odd\n# before e\ne:\n  - 1\n# end\n",
    );
    assert_formats("a:\n   - 1\n     # x\n   # y\n\n\n  # z\n", "a:\n  - 1\n  # x\n  # y\n\n# z\n");
    assert_stays("# yaml-language-server: $schema=x.json\n\na: 1\n");
    assert_formats(
        "\n\n# yaml-language-server: $schema=x.json\na: 1\n",
        "# yaml-language-server: $schema=x.json\na: 1\n",
    );
}

#[test]
fn values_and_names_stay_as_they_are() {
    assert_formats(
        "a : \"010\"\n'b' :  010\nc: 'null'\nd: &x  {y: \"${var.z}\", w: 1.0}\ne:   *x\nf: {<<: *x}\n\"g\":   true\n",
        "a: \"010\"\n'b': 010\nc: 'null'\nd: &x { y: \"${var.z}\", w: 1.0 }\ne: *x\nf: { <<: *x }\n\"g\": true\n",
    );
    assert_formats("a:\n  - &b é:  日本\n    'ü'  : *b\n", "a:\n  - &b é: 日本\n    'ü': *b\n");
    assert_formats("? a\n:   b\n", "? a\n: b\n");
    assert_formats("a: 1\na:    2\n", "a: 1\na: 2\n");
}

#[test]
fn line_ends_and_marks_stay() {
    assert_formats(
        "a:\r\n    b: 1\r\n    c: |\r\n        x\r\n\r\n\r\n",
        "a:\r\n  b: 1\r\n  c: |\r\n    x\r\n",
    );
    assert_formats("a:  1\nb: 2\r\n", "a: 1\nb: 2\n");
    assert_formats("\u{feff}a:  1", "\u{feff}a: 1\n");
    assert_formats("a:\t1\t# b\nc: [\t1,\t2 ]\n", "a: 1 # b\nc: [1, 2]\n");
    assert_formats("---   # x\na:  1\n...\n", "---   # x\na: 1\n...\n");
    for (old, new) in [("", ""), ("\n\n", ""), ("  # a\n\n\n\n # b", "# a\n\n# b\n"), ("---\n", "---\n")] {
        assert_formats(old, new);
    }
}

#[test]
fn unreadable_texts_have_a_place() {
    for (text, place) in [
        ("a: [\n", "1:4 yaml-syntax"),
        ("a:\n\tb: 1\n", "2:1 tab"),
        ("a: 1\n---\nb: 2\n", "2:1 several-documents"),
        ("a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> x\n", "2:1 unfinished-merge"),
        ("a: 1\rb: 2\n", "1:5 format"),
        // A name that would begin a document at the beginning of its line.
        ("  a:  1\n  --- b: 2\n", "1:1 format"),
    ] {
        assert_eq!(refused(text), place, "{text:?}");
    }
}

#[test]
fn hostile_nesting_is_refused() {
    let stairs: String = (0..90).map(|depth| format!("{}a:\n", " ".repeat(3 * depth))).collect();
    let straightened: String = (0..90).map(|depth| format!("{}a:\n", "  ".repeat(depth))).collect();
    assert_formats(&stairs, &straightened);
    for text in [
        format!("a: {}{}\n", "[".repeat(100_000), "]".repeat(100_000)),
        "[".repeat(100_000),
        format!("{}a\n", "- ".repeat(5_000)),
        format!("a: {}x{}\n", "[".repeat(90), "]: x".repeat(90)),
        (0..40).fold("a: &a0 [x]\n".to_owned(), |text, level| {
            text + &format!("b{level}: &a{} [{}]\n", level + 1, vec![format!("*a{level}"); 9].join(", "))
        }),
    ] {
        formatted(&source(&text)).unwrap_err();
    }
}

#[test]
fn secrets_are_not_shown() {
    let text = "templates:\n  a:\n     apiKey:   \"dGhpcyBpcyBhIHNlY3JldCBrZXk5OTk5\"\n     title:   T\n";
    let new = format(text);
    let (changes, count) = line_changes(&source(text), &new, 1);
    assert_eq!((changes, count), (vec![LineChange { line: 3, texts: None }], 2));
    let (changes, _) = line_changes(&source(text), &new, 9);
    let title = ("     title:   T".to_owned(), "    title: T".to_owned());
    assert_eq!(changes[1], LineChange { line: 4, texts: Some(title) });
    let finding = formatted(&source(&format!("{text}- x\n"))).unwrap_err();
    assert!(!finding.place.source_line.contains("dGhpcyB"), "{finding:?}");
}

/// Every YAML block of the documentation that certctl could read, and every example.
#[test]
fn documented_yaml_has_the_canonical_form() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = |folder: &str, ending: &str| -> Vec<_> {
        let entries = std::fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.extension().is_some_and(|other| other == ending)).collect()
    };
    let mut texts = Vec::new();
    for page in files("docs", "md").into_iter().chain([root.join("README.md")]) {
        let page = std::fs::read_to_string(page).unwrap();
        let blocks = page.split("\n```yaml\n").skip(1).map(|rest| rest.split("\n```").next().unwrap());
        texts.extend(blocks.map(|block| format!("{block}\n")));
    }
    for file in files("examples/academy/templates", "yaml") {
        texts.push(std::fs::read_to_string(file).unwrap());
    }
    texts.push(std::fs::read_to_string(root.join("src/cli/init/cloud.yaml")).unwrap());
    assert!(texts.len() > 60, "{}", texts.len());
    // Lines of a template, and the wrong examples of rules about texts that cannot be read.
    let is_file =
        |text: &&String| !text.starts_with(' ') && syntax::parse(&source(text), Weight::MAX).is_ok();
    for text in texts.iter().filter(is_file) {
        assert_stays(text);
    }
}

/// Lines of template files as people might write them.
fn line() -> impl Strategy<Value = String> {
    let content = prop::sample::select(vec![
        "a: x",
        "b:",
        "c: |",
        "d: >-",
        "e: |+",
        "f: \"g",
        "h\"",
        "i: {j: k,",
        "l: m}",
        "# n",
        "",
        "- o",
        "-",
        "p: [",
        "]",
        "'q':",
        "r: 's",
        "t'",
        "- - u",
        "v: # w",
        "x: |2",
        "y: &z",
        "aa: *z",
        "? bb",
        ": 1",
        "&cc dd: ee",
        "{ff: 1, gg: [hh,ii]}",
        "\"jj\":   \"kk\\",
        "é:  ü",
        "ll # mm",
        "nn: oo  pp",
        "-   qq: 1",
        "<<: *z",
        "- # rr",
        "--- ",
        "ss tt",
        "uu:\tvv",
        "ww:    # xx",
        "${var.yy}",
        "zz: ${var.a}",
    ]);
    (0..5_usize, 1..4_usize, content)
        .prop_map(|(depth, step, content)| format!("{}{content}\n", " ".repeat(depth * step)))
}

/// A template file that can be read, with any blanks and comments.
fn template_file() -> impl Strategy<Value = String> {
    let blank = || prop::sample::select(vec![" ", "  ", "    "]);
    let comment = || prop::sample::select(vec!["", "", " # c", "   # d"]);
    let end = (comment(), prop::sample::select(vec!["", "", "\n", "\n\n\n", "\n# e", "\n      # f"]));
    let value = prop_oneof![
        Just("\"010\"".to_owned()),
        Just("yes".to_owned()),
        Just("{a: 1,b:  [2,3]}".to_owned()),
        Just("${var.x} $${y}".to_owned()),
        Just("'it''s'".to_owned()),
        "[a-z]{1,9}",
    ];
    let member = ("[a-z]{1,5}", blank(), value, end)
        .prop_map(|(name, blank, value, (comment, end))| (format!("{name}:{blank}{value}{comment}"), end));
    let text = prop::collection::vec("[ a-z#:{}-]{0,12}", 1..4);
    let template = (2..6_usize, "[a-z]{1,5}", prop::collection::vec(member, 1..5), prop::option::of(text));
    prop::collection::vec(template, 1..4).prop_map(|templates| {
        let outer = templates[0].0;
        let mut file = "templates:\n".to_owned();
        for (step, key, members, text) in templates {
            file.push_str(&format!("{}{key}:\n", " ".repeat(outer)));
            let indent = " ".repeat(outer + step);
            for (member, end) in members {
                file.push_str(&format!("{indent}{member}{end}\n"));
            }
            for (number, line) in text.into_iter().flatten().enumerate() {
                if number == 0 {
                    file.push_str(&format!("{indent}text: |\n"));
                }
                file.push_str(&format!("{indent}   x{line}\n"));
            }
        }
        file
    })
}

/// What must be true of every text that is formatted.
fn check(text: &str) -> Result<bool, TestCaseError> {
    let Ok(new) = formatted(&source(text)) else { return Ok(false) };
    let Some(new) = new else { return Ok(true) };
    let read = |text: &str| syntax::parse(&source(text), Weight::MAX);
    prop_assert_eq!(read(text).ok(), read(&new).ok(), "{}\n{}", text, new);
    prop_assert!(read(text).is_ok());
    let [before, after] = [text, &new].map(|text| text.replace("\r\n", "\n"));
    prop_assert_eq!(comments(&before), comments(&after));
    prop_assert_eq!(formatted(&source(&new)).ok(), Some(None), "{}\n{}", text, new);
    Ok(true)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn template_files_are_formatted(text in template_file()) {
        prop_assert!(check(&text)?, "left as it is: {}", text);
    }

    #[test]
    fn lines_say_the_same_afterwards(lines in prop::collection::vec(line(), 0..10)) {
        check(&lines.concat())?;
    }

    #[test]
    fn any_text_is_formatted_or_refused(text in "[ab:\\-#&*!|>'\"%\\[\\]{},?\n \t\r]{0,40}|.{0,60}") {
        check(&text)?;
    }
}
