//! Template files: any texts, up to four of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use certctl::config::Variable;
use certctl::desired::{Desired, LoadError, LoadRequest, Template, formatted, line_changes, load_texts};
use certctl::model::{Addressing, GivenKeys, Key, SourceText, Timestamp};
use certctl::plan::{Inputs, Plan, Scope, build};
use certctl::state::{Document, StateIdentity, parse_state};

use super::{places, state};

/// A line with only this starts the next file.
const NEXT_FILE: &[u8] = b"\n%%%%\n";

pub(crate) fn template_files(bytes: &[u8]) {
    let files = split(bytes);
    for (name, bytes) in &files {
        format(name, bytes);
    }
    let variables: BTreeMap<String, Variable> =
        [("a", "x"), ("id", "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01"), ("nest", "${var.a}")]
            .map(|(name, value)| (name.to_owned(), Variable::flag(value)))
            .into();
    let request = LoadRequest {
        root: Path::new("."),
        globs: &[],
        environment: "production",
        known_environments: &["production".to_owned(), "sandbox".to_owned()],
        variables: &variables,
        keys: &GivenKeys::default(),
        allow_empty: bytes.len() % 2 == 1,
        now: Timestamp::from_unix_seconds(1_795_651_200),
    };
    let loaded = load_texts(files.clone(), &request);
    let again = load_texts(files.iter().rev().cloned(), &request);
    match (loaded, again) {
        (Ok(desired), Ok(again)) => {
            let contents = |desired: &Desired| -> Vec<_> {
                let one = |(key, template): (&Key, &Template)| {
                    (key.clone(), template.attributes.clone(), template.protect, template.file.clone())
                };
                desired.templates.iter().map(one).collect()
            };
            assert_eq!(contents(&desired), contents(&again), "the order of the files matters");
            assert_eq!(desired.moved, again.moved);
            planned(&desired, &files);
        }
        (Err(LoadError::Findings { findings, .. }), Err(LoadError::Findings { findings: again, .. })) => {
            assert_eq!(findings, again, "the order of the files matters");
            places::check(&findings, |place| {
                files.iter().find(|(file, _)| *file == place.file).map(|(_, bytes)| places::text(bytes))
            });
        }
        (Err(error), Err(again)) => assert_eq!(error.to_string(), again.to_string()),
        (loaded, again) => panic!("{:?} and then {:?}", loaded.map(drop), again.map(drop)),
    }
}

/// What is formatted stays so, and keeps its characters.
fn format(name: &Path, bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let source = SourceText::new(name, text);
    match formatted(&source) {
        Ok(Some(new)) => {
            let signs = |text: &str| text.split_ascii_whitespace().collect::<String>();
            assert_eq!(signs(source.text()), signs(&new));
            let (changes, count) = line_changes(&source, &new, 3);
            assert!(changes.len() <= count && changes.len() <= 3);
            assert!(
                matches!(formatted(&SourceText::new(name, &new)), Ok(None)),
                "not formatted for good: {new}"
            );
        }
        Ok(None) => {}
        Err(finding) => places::check(&[*finding], |_| Some(places::text(bytes))),
    }
}

fn split(bytes: &[u8]) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    let mut rest = bytes;
    for name in ["a.yaml", "b.yaml", "c.yaml", "d.yaml"] {
        let end = rest.windows(NEXT_FILE.len()).position(|window| window == NEXT_FILE);
        let text = end.map_or(rest, |end| &rest[..end]);
        files.push((PathBuf::from(name), text.to_vec()));
        match end {
            Some(end) => rest = &rest[end + NEXT_FILE.len()..],
            None => break,
        }
    }
    files
}

/// Whatever loads can be planned, saved and read, and stored in a state.
fn planned(desired: &Desired, files: &[(PathBuf, Vec<u8>)]) {
    let keys = desired.templates.keys().cloned().collect();
    for (key, line) in desired.locate(&keys) {
        let file = &desired.templates[&key].file;
        let (_, bytes) = files.iter().find(|(other, _)| **other == **file).unwrap();
        assert!((1..=places::text(bytes).split('\n').count()).contains(&line), "{key} in line {line}");
    }
    let owner = StateIdentity { environment: "production".to_owned(), url: "https://a.example".to_owned() };
    let scope = Scope::default();
    let plan = |state: Option<&Document>| {
        let addressing = Addressing::Resource;
        build(&Inputs { desired, state, identity: &owner, addressing, trust_upsert: false, scope: &scope })
    };
    let first = plan(None).unwrap();
    assert_eq!(first.summary.create, desired.templates.len(), "without a state, every template is new");
    assert_eq!(Plan::from_text(&first.to_text().unwrap()).unwrap(), first, "a saved plan");

    // All in doubt, or all applied: either state can be read, and the next plan is empty.
    for applied in [false, true] {
        let document = state::after(&first, &owner, applied);
        let text = document.to_text().unwrap();
        let read = parse_state(Path::new("state.json"), text.as_bytes()).unwrap();
        assert_eq!(read, document, "a state with these templates");
        let after = plan(Some(&document)).unwrap();
        assert_eq!(after.submissions(), 0, "applied or in doubt: nothing is to be sent");
        if applied {
            assert_eq!(after.summary.unchanged, desired.templates.len());
        }
    }
}
