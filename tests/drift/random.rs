//! A property: whatever is applied, then exported and edited, drift is exactly the edits.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::export::foreign;
use crate::support::Template;
use crate::{FIELD, applied, differences, drift_json};

/// An edit in the admin page.
#[derive(Clone, Debug)]
enum Edit {
    Title(String),
    Days(u32),
    Styles(String),
    Moved(u32),
    Deleted,
    /// The same with another spelling.
    Respelled,
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        "[A-Za-zé日本 ,;\"'${}]{1,20}[a-z]".prop_map(Edit::Title),
        (1..400_u32).prop_map(Edit::Days),
        "[a-z{}:;\n\"]{1,40}".prop_map(Edit::Styles),
        (0..1000_u32).prop_map(Edit::Moved),
        Just(Edit::Deleted),
        Just(Edit::Respelled),
    ]
}

/// A template with some of the attributes.
fn template(number: u32, kind: u8) -> Template {
    let mut template = Template::number(number);
    if kind & 1 != 0 {
        template = template.with("expirationDays: 365");
    }
    if kind & 2 != 0 {
        template = template.with("customCss: \"a { color: red }\"");
    }
    let label = format!(
        "labels: [{{ certificateFieldId: {FIELD}, x: 120, y: 300, fontSize: 32, fontColor: \"#1a2b3c\", textAlign: center }}]"
    );
    template.with(&label)
}

/// Makes an edit of a template that is not deleted.
fn make(attributes: &mut Value, edit: &Edit) {
    match edit {
        Edit::Title(title) => attributes["title"] = json!(title),
        Edit::Days(days) => attributes["expirationDays"] = json!(days),
        Edit::Styles(styles) => attributes["customCss"] = json!(styles),
        Edit::Moved(x) => attributes["labels"][0]["x"] = json!(x),
        Edit::Deleted | Edit::Respelled => {}
    }
}

proptest! {
    // Each case starts a server.
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn drift_is_exactly_the_edits(
        kinds in prop::collection::vec(0..4_u8, 1..6),
        edits in prop::collection::vec((0..6_usize, edit()), 0..5),
        unmanaged in 0..3_u32,
        reversed in any::<bool>(),
    ) {
        let templates: Vec<Template> = kinds.iter().zip(1..).map(|(kind, number)| template(number, *kind)).collect();
        let (_sandbox, project, mut export) = applied(&templates);
        let original = export.clone();
        for (position, edit) in edits.iter().filter(|(position, _)| *position < kinds.len()) {
            let line = &mut export.lines[*position];
            make(&mut line.attributes, edit);
            line.is_deleted |= matches!(edit, Edit::Deleted);
            if matches!(edit, Edit::Respelled) {
                line.id = line.id.to_uppercase();
                line.attributes["recertificationAutoReset"] = json!(false);
            }
        }
        let (mut expected, mut deleted) = (Vec::new(), 0);
        for (before, after) in original.lines.iter().zip(&export.lines) {
            if after.is_deleted {
                deleted += 1;
                continue;
            }
            let title = before.attributes["title"].as_str().unwrap();
            let key = format!("t-{}", title.trim_start_matches("Title "));
            let names = ["customCss", "expirationDays", "title"];
            let mut differing: Vec<String> = names.iter()
                .filter(|name| before.attributes[**name] != after.attributes[**name])
                .map(ToString::to_string)
                .collect();
            if before.attributes["labels"] != after.attributes["labels"] {
                differing.push(format!("labels[{FIELD}].x"));
            }
            expected.extend(differing.into_iter().map(|path| format!("{key} {path}")));
        }
        expected.sort();
        export.lines.extend((1..=unmanaged).map(|number| foreign(number, "By hand")));
        if reversed {
            export.lines.reverse();
        }
        let code = if expected.is_empty() && deleted == 0 { 0 } else { 2 };
        let document = drift_json(&project, &export, code);
        let mut found = differences(&document);
        found.sort();
        prop_assert_eq!(found, expected);
        prop_assert_eq!(&document["summary"]["deleted"], &json!(deleted));
        prop_assert_eq!(&document["summary"]["unmanaged"], &json!(unmanaged));
        prop_assert_eq!(&document["summary"]["compared"], &json!(kinds.len()));
    }
}
