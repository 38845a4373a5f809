//! Random estates: what is written is read back as what was seen, and the next plan is empty.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::json;

use super::estate::{css, labels};
use super::*;
use crate::config::Variable;
use crate::desired::{Desired, LoadError, LoadRequest, formatted, load_texts};
use crate::model::{Addressing, GivenKeys, SourceText, TEMPLATE_FIELDS};
use crate::plan::{Inputs, Scope, build_to_show};
use crate::state::{Baseline, Document, IdIndex, StateIdentity};

/// Reads the files back.
fn load(written: &WrittenProject) -> Result<Desired, LoadError> {
    load_all(&[written])
}

/// Reads the files of several runs back.
fn load_all(runs: &[&WrittenProject]) -> Result<Desired, LoadError> {
    let variables: BTreeMap<String, Variable> = runs
        .iter()
        .flat_map(|written| &written.variables)
        .map(|variable| (variable.name.clone(), Variable::flag(variable.value.clone())))
        .collect();
    let (yaml, others): (Vec<_>, Vec<_>) = runs
        .iter()
        .flat_map(|written| &written.files)
        .partition(|(name, _)| Path::new(name).extension().is_some_and(|ending| ending == "yaml"));
    // Texts in memory have no folder: what is in a file is put where it is named.
    let with_texts = |text: &str| {
        others.iter().fold(text.to_owned(), |text, (name, content)| {
            text.replace(&format!("{{ file: {name} }}"), &json!(content).to_string())
        })
    };
    for (name, text) in &yaml {
        assert_eq!(formatted(&SourceText::new(name, text)).unwrap(), None, "not the canonical form:\n{text}");
    }
    let texts = yaml.iter().map(|(name, text)| (PathBuf::from(name), with_texts(text).into_bytes()));
    load_texts(
        texts,
        &LoadRequest {
            root: Path::new("."),
            globs: &[],
            environment: "production",
            known_environments: &["production".to_owned(), "sandbox".to_owned()],
            variables: &variables,
            allow_empty: false,
            keys: &GivenKeys::default(),
            now: Timestamp::from_unix_seconds(1_800_000_000),
        },
    )
}

fn title() -> impl Strategy<Value = String> {
    let hostile = prop::sample::select(vec![
        "${var.x}",
        "$${",
        "a: b",
        "# no",
        "- dash",
        " leading",
        "trailing ",
        "two\nlines\n",
        "yes",
        "null",
        "365",
        "~",
        "\"quoted\"",
        "it's",
        "{a}",
        "[b]",
        "&c",
        "*d",
        "!e",
        "|",
        ">",
        "%f",
        "@g",
        "`h`",
        "tab\there",
        "\u{feff}bom",
        "日本語",
        "Straße",
        "!!!",
        "2027-01-01",
        "0x1f",
        ".inf",
        "a #b",
        "key:",
        "\u{85}x",
        "x\u{2028}y",
        "🎓",
        "Cloud 101",
        "Cloud 102",
        "Cloud 103",
    ]);
    prop_oneof![hostile.prop_map(str::to_owned), "[A-Za-z0-9 ]{1,12}", any::<String>()]
        .prop_filter("a title has something in it", |title| !title.trim().is_empty())
}

fn others() -> impl Strategy<Value = Value> {
    let near = (0..3_usize, 0..6_usize, prop::option::of(0..400_i64)).prop_map(|(design, label, y)| {
        let mut labels = labels(design);
        if let Some(y) = y {
            labels[label]["y"] = json!(y);
        }
        labels
    });
    let asset = prop::sample::select(vec![
        "https://cdn.example.com/a.png",
        "https://cdn.example.com/b.png?x=1",
        "www.example.com",
    ]);
    let style = prop_oneof![
        (0..2_usize).prop_map(css),
        Just("a { b: c }".to_owned()),
        Just(format!("/* ${{x}} */\n{}", "\tp { }\n".repeat(60))),
        "[a-z{} \n\t]{1,20}x",
    ];
    let instructions =
        prop_oneof![Just("Again.\n\n  Please.".to_owned()), Just("Long line. ".repeat(40)), title()];
    (
        prop::option::of(near),
        prop::option::of(asset),
        prop::option::weighted(0.7, style),
        prop::option::weighted(0.3, instructions),
        prop::option::of(prop::sample::select(vec![
            json!({"expirationDays": 365}),
            json!({"expirationDate": "2028-12-31"}),
        ])),
        prop::option::weighted(0.3, (prop::sample::select(vec!["region", "team"]), title())),
        prop::option::weighted(0.2, Just(json!(["https://a.example/1.png", "https://a.example/2.png"]))),
    )
        .prop_map(|(labels, asset, css, instructions, expiry, audience, assets)| {
            let mut others = expiry.unwrap_or_else(|| json!({}));
            let mut set = |name: &str, value: Option<Value>| {
                if let Some(value) = value {
                    others[name] = value;
                }
            };
            set("labels", labels);
            set("asset", asset.map(Value::from));
            set("customCss", css.map(Value::from));
            set("recertificationInstructions", instructions.map(Value::from));
            set("userCustomFieldSlug", audience.as_ref().map(|(slug, _)| json!(slug)));
            set("userCustomFieldValue", audience.map(|(_, value)| json!(value)));
            set("supplementalAssets", assets);
            others
        })
}

fn estates() -> impl Strategy<Value = Vec<SeenTemplate>> {
    prop::collection::vec((title(), others(), any::<bool>()), 1..14).prop_map(|templates| {
        let of = |(number, (title, mut others, is_path)): (usize, (String, Value, bool))| {
            if is_path {
                others["resourceType"] = json!("learningPath");
            }
            titled(number + 1, &title, others)
        };
        templates.into_iter().enumerate().map(of).collect()
    })
}

fn group_by() -> impl Strategy<Value = GroupBy> {
    prop::sample::select(vec![GroupBy::None, GroupBy::Type, GroupBy::Layout, GroupBy::Prefix])
}

/// The keys of the templates that the next plan would change, when the labels of some were not seen.
fn changed(written: &WrittenProject, desired: &Desired, estate: &[SeenTemplate]) -> Vec<String> {
    let identity =
        StateIdentity { environment: "production".to_owned(), url: "https://academy.example.com".to_owned() };
    let mut document = Document::empty(&identity, "a".to_owned());
    let mut ids = IdIndex::default();
    for (key, id) in &written.keys {
        let seen = &estate.iter().find(|template| template.id == *id).unwrap().attributes;
        let absent = TEMPLATE_FIELDS.iter().map(|field| field.name.to_owned());
        let absent = absent.filter(|name| !seen.has(name) && name != Attributes::LABELS).collect();
        let baseline = Baseline {
            absent,
            as_of: None,
            ends_attempts: false,
            seen_in: None,
            id: id.clone(),
            seen: seen.clone(),
        };
        document.observe(&mut ids, key, &baseline).unwrap();
    }
    let inputs = Inputs {
        desired,
        state: Some(&document),
        identity: &identity,
        addressing: Addressing::Resource,
        trust_upsert: false,
        scope: &Scope::default(),
    };
    build_to_show(&inputs).unwrap().entries.iter().map(|entry| entry.key.to_string()).collect()
}

proptest! {
    #[test]
    fn what_is_written_is_what_was_seen(estate in estates(), group_by in group_by(), has_other_environments: bool) {
        let written = Project { group_by, has_other_environments, ..Project::new() }.write(&estate);
        let desired = match load(&written) {
            Ok(desired) => desired,
            Err(error) => return Err(TestCaseError::fail(format!("{error:?}\n{written:#?}"))),
        };
        prop_assert_eq!(desired.templates.len(), estate.len());
        for template in &estate {
            let key = written.keys.iter().find(|(_, id)| **id == template.id).unwrap().0;
            prop_assert_eq!(&desired.templates[key].attributes, &template.attributes, "{:#?}", written);
        }
        prop_assert_eq!(changed(&written, &desired, &estate), [""; 0]);
    }

    #[test]
    fn order_of_rows_changes_no_byte(estate in estates().prop_flat_map(|estate| (Just(estate.clone()), Just(estate).prop_shuffle())), group_by in group_by()) {
        let project = Project { group_by, ..Project::new() };
        prop_assert_eq!(project.write(&estate.0), project.write(&estate.1));
    }

    #[test]
    fn a_second_run_fits_beside_the_first(estate in estates(), more in estates(), group_by in group_by()) {
        let mut project = Project { group_by, ..Project::new() };
        let first = project.write(&estate);
        project.keys = first.keys.keys().map(ToString::to_string).collect();
        project.files = first.files.iter().map(|(name, _)| name.clone()).collect();
        project.variables = first.variables.iter().map(|variable| (variable.name.clone(), variable.value.clone())).collect();
        project.layouts = load(&first).unwrap().layouts;
        let more: Vec<SeenTemplate> = more.into_iter().enumerate().map(|(number, template)| {
            let attributes = template.attributes.with("resourceId", json!(id(5000 + number)));
            SeenTemplate { id: TemplateId::parse_uuid(&id(7000 + number)).unwrap(), attributes, ..template }
        }).collect();
        let second = project.write(&more);
        for (name, _) in &second.files {
            prop_assert!(!project.files.contains(name), "{}", name);
        }
        let desired = match load_all(&[&first, &second]) {
            Ok(desired) => desired,
            Err(error) => return Err(TestCaseError::fail(format!("{error:?}\n{first:#?}\n{second:#?}"))),
        };
        prop_assert_eq!(desired.templates.len(), estate.len() + more.len());
        let by_id: BTreeMap<_, _> = first.keys.iter().chain(&second.keys).map(|(key, id)| (id, key)).collect();
        for template in estate.iter().chain(&more) {
            prop_assert_eq!(&desired.templates[by_id[&template.id]].attributes, &template.attributes, "{:#?}\n{:#?}", first, second);
        }
    }
}
