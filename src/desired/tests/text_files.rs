//! Texts that templates take from files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{NO_VARIABLES, UUID, globs, load_in_memory, request};
use crate::config::Variable;
use crate::desired::{Desired, LoadError, LoadRequest, load};
use crate::model::{Finding, GivenKeys, Key};

/// A template with this, in the file `templates/a.yaml`; its own line is the second.
fn template(own: &str) -> String {
    format!(
        "templates:\n  one: {{ title: T, resourceType: course, expirationDays: 5, resourceId: {UUID}, {own} }}\n"
    )
}

struct Project {
    folder: tempfile::TempDir,
    variables: BTreeMap<String, Variable>,
    keys: GivenKeys,
}

impl Project {
    /// A project without a repository around it, in the folder `p` of a folder that has more.
    fn new(files: &[(&str, &[u8])]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("p")).unwrap();
        let variables = BTreeMap::from([("theme".to_owned(), Variable::flag("dark"))]);
        let project = Self { folder, variables, keys: GivenKeys::default() };
        for (name, text) in files {
            project.write(name, text);
        }
        project
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("p").join(name)
    }

    fn write(&self, name: &str, text: &[u8]) {
        std::fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        std::fs::write(self.path(name), text).unwrap();
    }

    fn load(&self) -> Result<Desired, LoadError> {
        load(&LoadRequest {
            root: &self.path(""),
            globs: &globs(&["templates/**/*.yaml", "*.yaml"]),
            variables: &self.variables,
            ..request(&self.keys)
        })
    }

    fn findings(&self) -> Vec<Finding> {
        match self.load() {
            Err(LoadError::Findings { findings, .. }) => findings,
            other => panic!("expected findings, not {other:?}"),
        }
    }
}

/// The style sheet of the template, after loading it beside these files.
fn css(own: &str, files: &[(&str, &[u8])]) -> String {
    let project = Project::new(files);
    project.write("templates/a.yaml", template(own).as_bytes());
    let desired = project.load().unwrap_or_else(|error| panic!("{error:?}"));
    let attributes = &desired.templates[&Key::new("one").unwrap()].attributes;
    attributes.text("customCss").unwrap().to_owned()
}

/// What is said of a template with this beside these files: `line:column rule: message; help`.
fn told(own: &str, files: &[(&str, &[u8])]) -> Vec<String> {
    let project = Project::new(files);
    project.write("templates/a.yaml", template(own).as_bytes());
    project.findings().into_iter().map(words).collect()
}

fn words(found: Finding) -> String {
    let help = found.help.map(|help| format!("; {help}")).unwrap_or_default();
    // Only the column within what the test writes.
    let column = found.place.column.saturating_sub(template("").find(" }").unwrap() - "templates:".len());
    format!("{}:{column} {}: {}{help}", found.place.line, found.rule, found.message)
}

const BEGINS: &str = "a path begins at the folder of certctl.toml, or at the folder of this file";

#[test]
fn a_path_begins_at_the_project_or_the_file() {
    let file = "customCss: { file: css/a.css }";
    assert_eq!(css(file, &[("css/a.css", b".a {}\n")]), ".a {}\n");
    assert_eq!(css(file, &[("templates/css/a.css", b".a {}\n")]), ".a {}\n");
    assert_eq!(css("customCss: { file: templates/css/a.css }", &[("templates/css/a.css", b"x")]), "x");
    assert_eq!(css("customCss: { file: ../css/a.css }", &[("css/a.css", b"x")]), "x");
    assert_eq!(css("customCss: { file: ./css//a.css }", &[("css/a.css", b"x")]), "x");
}

#[test]
fn a_path_that_can_mean_two_files_is_refused() {
    assert_eq!(
        told("customCss: { file: css/a.css }", &[("css/a.css", b"1"), ("templates/css/a.css", b"2")]),
        [format!(
            "2:19 text-file: css/a.css can mean two files: css/a.css and templates/css/a.css; rename one of them; {BEGINS}"
        )]
    );
}

#[test]
#[cfg(unix)]
fn two_paths_to_one_file_are_fine() {
    let project = Project::new(&[
        ("css/a.css", b"x"),
        ("templates/a.yaml", template("customCss: { file: css/a.css }").as_bytes()),
    ]);
    std::os::unix::fs::symlink("../css", project.path("templates/css")).unwrap();
    assert!(project.load().is_ok());
}

#[test]
fn line_ends_and_byte_order_marks_do_not_count() {
    let file = "customCss: { file: a.css }";
    assert_eq!(css(file, &[("a.css", b"\xef\xbb\xbfa\r\nb\n\rc\r\n")]), "a\nb\n\rc\n");
}

#[test]
fn variables_in_the_text_stay_and_those_in_the_path_count() {
    let text = b"a ${var.nowhere} $${b} ${";
    assert_eq!(
        css("customCss: { file: \"css/${var.theme}.css\" }", &[("css/dark.css", text)]),
        "a ${var.nowhere} $${b} ${"
    );
    let [found] = told("customCss: { file: \"${var.gone}.css\" }", &[]).try_into().unwrap();
    assert!(found.starts_with("2:20 undefined-variable: the variable gone is not set"), "{found}");
}

#[test]
fn layouts_and_defaults_take_texts_from_files() {
    let yaml = format!(
        "layouts: {{ l: {{ customCss: {{ file: a.css }} }} }}\n\
         defaults: {{ resourceType: course, title: T, expirationDays: 5, recertificationInstructions: {{ file: b.txt }} }}\n\
         templates:\n  one: {{ layout: l, resourceId: {UUID} }}\n"
    );
    let project = Project::new(&[("a.css", b"A"), ("b.txt", b"B"), ("templates/a.yaml", yaml.as_bytes())]);
    let desired = project.load().unwrap();
    let attributes = &desired.templates[&Key::new("one").unwrap()].attributes;
    assert_eq!(
        (attributes.text("customCss"), attributes.text("recertificationInstructions")),
        (Some("A"), Some("B"))
    );
    let names: Vec<_> = desired.text_files().map(|file| file.file_name().unwrap().to_owned()).collect();
    assert_eq!(names, ["a.css", "b.txt"]);
}

#[test]
fn a_text_of_many_templates_is_stored_once() {
    let templates: String = (0..50)
        .map(|n| {
            format!("  t{n}: {{ title: T, resourceType: course, resourceId: {n:08x}-0000-4000-8000-000000000001, customCss: {{ file: a.css }} }}\n")
        })
        .collect();
    let text = "x".repeat(10_000);
    let project = Project::new(&[
        ("a.css", text.as_bytes()),
        ("templates/a.yaml", format!("templates:\n{templates}").as_bytes()),
    ]);
    let desired = project.load().unwrap();
    let stored: std::collections::BTreeSet<_> = desired
        .templates
        .values()
        .map(|template| {
            template.attributes.shared().find(|(name, _)| name.as_str() == "customCss").unwrap().1.address()
        })
        .collect();
    assert_eq!(stored.len(), 1);
}

#[test]
fn a_missing_file_is_named_with_the_nearest() {
    assert_eq!(
        told(
            "customCss: { file: css/landscpe.css }",
            &[("templates/css/landscape.css", b"x"), ("css/b.css", b"x")]
        ),
        [format!(
            "2:19 text-file: there is no file css/landscpe.css, and no file templates/css/landscpe.css (did you mean landscape.css?); \
             check how it is spelled; {BEGINS}"
        )]
    );
    assert_eq!(
        told("customCss: { file: ../gone.css }", &[]),
        [format!("2:19 text-file: there is no file gone.css; check how it is spelled; {BEGINS}")]
    );
}

#[test]
fn what_is_not_a_file_with_text_is_refused() {
    assert_eq!(
        told("customCss: { file: css }", &[("css/a.css", b"x")]),
        [
            "2:19 text-file: css cannot be read: it is a directory; name a file with the text, and check that you may read it"
        ]
    );
    assert_eq!(
        told("customCss: { file: a.css }", &[("a.css", b"a\nb\xff\n")]),
        [
            "2:19 text-file: a.css is not UTF-8: there is another character in line 2; save the file with the encoding UTF-8"
        ]
    );
    assert_eq!(
        told("customCss: { file: a.css }", &[("a.css", &vec![b'x'; 16_000_001])]),
        ["2:19 text-file: a.css cannot be read: it has more than 16 MB; write a shorter text into it"]
    );
    assert_eq!(
        told("customCss: { file: a.css }", &[("a.css", b" \r\n")]),
        ["2:11 empty: customCss is empty: leave the line out, or write ~ to unset it"]
    );
}

#[test]
fn absolute_paths_are_refused() {
    for path in ["/etc/passwd", "'C:\\a.css'", "'\\\\server\\a.css'"] {
        assert_eq!(
            told(&format!("customCss: {{ file: {path} }}"), &[]),
            [format!(
                "2:19 text-file: the path of a text must be relative, and this one is absolute; {BEGINS}"
            )]
        );
    }
}

#[test]
fn files_outside_of_the_project_are_refused() {
    let files: [(&str, &[u8]); 1] = [("../secret", b"hunter2")];
    for path in ["../../secret", "../../nowhere", "../../../etc/passwd"] {
        let [found] = told(&format!("customCss: {{ file: {path} }}"), &files).try_into().unwrap();
        let expected =
            format!("2:19 outside-project: {path} cannot be read: it lies outside of the project; ");
        assert!(found.starts_with(&expected), "{found}");
    }
}

#[test]
#[cfg(unix)]
fn links_that_lead_outside_are_refused() {
    let yaml = template("customCss: { file: css/a.css }");
    let project = Project::new(&[
        ("../secret", b"hunter2"),
        ("css/b.css", b"x"),
        ("templates/a.yaml", yaml.as_bytes()),
    ]);
    std::os::unix::fs::symlink("../../secret", project.path("css/a.css")).unwrap();
    let found: Vec<String> = project.findings().into_iter().map(words).collect();
    assert!(
        found[0].starts_with("2:19 outside-project: css/a.css cannot be read: it lies outside"),
        "{found:?}"
    );
    // A file at the other place makes no difference.
    project.write("templates/css/a.css", b"x");
    assert_eq!(project.findings().len(), 1);
}

#[test]
fn wrong_forms_are_explained() {
    assert_eq!(
        told("customCss: { flie: a.css }", &[]),
        ["2:13 unknown-field: flie is not allowed here (did you mean file?); allowed are file"]
    );
    assert_eq!(
        told("customCss: {}", &[]),
        ["2:11 wrong-type: customCss must be a string, or name a file, such as { file: css/landscape.css }"]
    );
    assert_eq!(
        told("customCss: { file: [a.css] }", &[]),
        ["2:19 wrong-type: file must be the path of a file, and this is a list"]
    );
    assert_eq!(
        told("asset: { file: a.png }", &[]),
        ["2:7 wrong-type: asset must be a string, and this is a mapping"]
    );
}

#[test]
fn a_key_in_a_text_is_found() {
    let yaml = template("customCss: { file: a.css }");
    let mut project =
        Project::new(&[("a.css", b"a\nb hunter2hunter2 c\n"), ("templates/a.yaml", yaml.as_bytes())]);
    project.keys = GivenKeys::new(["hunter2hunter2".to_owned()]);
    let [found] = project.findings().try_into().unwrap();
    assert_eq!((found.place.file.as_path(), found.place.line), (Path::new("a.css"), 2));
    assert!(!format!("{found:?}").contains("hunter2"));
}

#[test]
fn texts_in_memory_have_no_files() {
    let files = [("a.yaml", template("customCss: { file: Cargo.toml }"))];
    let Err(LoadError::Findings { findings, .. }) = load_in_memory(files, &NO_VARIABLES) else { panic!() };
    assert_eq!(
        findings[0].message,
        "Cargo.toml cannot be read: the template files are in memory, without a folder"
    );
}

#[test]
fn unfinished_merges_and_control_characters_are_findings() {
    let two = template("customCss: { file: css/a.css }, recertificationInstructions: { file: css/a.css }");
    let found = |text: &[u8]| {
        let project = Project::new(&[("css/a.css", text), ("templates/a.yaml", two.as_bytes())]);
        let found = project.findings();
        let [found] = &found[..] else { panic!("one for the file: {found:?}") };
        (found.place.file.display().to_string(), found.place.line, found.rule, found.message.clone())
    };
    let file = || "css/a.css".to_owned();
    let merge = "this file is an unfinished git merge: it holds two versions, and you must choose one";
    let text = b"a {}\n<<<<<<< HEAD\nb {}\n=======\nc {}\n>>>>>>> main\n";
    assert_eq!(found(text), (file(), 2, "unfinished-merge", merge.to_owned()));
    let control = "there is an invisible control character here, and the text of a template can have none";
    for text in [&b"a {}\nb\0 {}\n\0"[..], b"a\tb\r\n\x07"] {
        assert_eq!(found(text), (file(), 2, "text-file", control.to_owned()));
    }
}
