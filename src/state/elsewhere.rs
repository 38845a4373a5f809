//! A state that is missing in its place and lies in another one: the environment was renamed, `state` was changed, or the
//! project was moved. Several projects may share one instance, so only what they are about tells whose state it is.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::abandoned::with_journal;
use super::outline::HEAD;
use super::{Document, FORMAT, parse_state};
use crate::model::{Attributes, Key, NaturalKey};

/// So many entries of a folder are looked at.
const ENTRIES: usize = 1_000;

/// What a project's templates of one environment are for.
#[derive(Clone, Debug, Default)]
pub struct Resources {
    keys: BTreeSet<Key>,
    natural_keys: BTreeSet<NaturalKey>,
}

impl Resources {
    /// Those of these templates.
    pub fn of<'t>(templates: impl IntoIterator<Item = (&'t Key, &'t Attributes)>) -> Self {
        let mut resources = Self::default();
        for (key, attributes) in templates {
            resources.keys.insert(key.clone());
            resources.natural_keys.insert(NaturalKey::of(attributes));
        }
        resources
    }

    /// Whether a state knows a template for one of them. Of a row that has only an id, the key has to tell.
    pub fn are_in(&self, document: &Document) -> bool {
        document.templates.iter().any(|(key, row)| {
            let mut natural_keys = row.natural_keys().peekable();
            match natural_keys.peek() {
                Some(_) => natural_keys.any(|natural_key| self.natural_keys.contains(&natural_key)),
                None => self.keys.contains(key),
            }
        })
    }
}

/// The states in these folders that belong to the instance with this URL, each with its file.
pub fn states_in(folders: &[PathBuf], url: &str) -> Vec<(PathBuf, Document)> {
    let mut files: Vec<PathBuf> = folders.iter().flat_map(|folder| json_files(folder)).collect();
    files.sort();
    files.dedup();
    files
        .into_iter()
        .filter_map(|file| Some((state_at(&file, url)?, file)))
        .map(|(state, file)| (file, state))
        .collect()
}

/// The state in this file with what its journal records, if it is one of the instance with this URL.
pub fn state_at(file: &Path, url: &str) -> Option<Document> {
    if !is_like_a_state(file) {
        return None;
    }
    let text = fs::read(file).ok()?;
    let document = parse_state(file, &text).ok().filter(|document| document.url == url)?;
    Some(with_journal(file, document, &text))
}

fn json_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().take(ENTRIES);
    let is_json = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "json");
    entries.map(|entry| entry.path()).filter(is_json).collect()
}

/// Whether a file begins as certctl writes a state: others are not read as a whole.
fn is_like_a_state(file: &Path) -> bool {
    let mut head = Vec::new();
    let is_file = fs::metadata(file).is_ok_and(|there| there.is_file());
    let read =
        is_file.then(|| File::open(file).ok()?.take(HEAD as u64).read_to_end(&mut head).ok()).flatten();
    read.is_some() && head.windows(FORMAT.len()).any(|window| window == FORMAT.as_bytes())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn attributes(resource: &str) -> Attributes {
        serde_json::from_value(json!({"resourceType": "course", "resourceId": resource, "title": "T"}))
            .unwrap()
    }

    fn state(key: &str, resource: Option<&str>, url: &str) -> Document {
        let id = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f0a";
        let row = match resource {
            Some(resource) => {
                let attributes = attributes(resource);
                json!({"status": "applied", "digest": attributes.digest(), "attributes": attributes})
            }
            None => json!({"status": "applied", "id": id, "idSource": "imported"}),
        };
        let text = json!({"format": "certctl.state/v1", "environment": "e", "url": url, "lineage": "l", "serial": 1,
            "templates": {key: row}});
        serde_json::from_value(text).unwrap()
    }

    #[test]
    fn what_they_are_for_tells_states_apart() {
        let key = Key::new("a").unwrap();
        let resources = Resources::of([(&key, &attributes("R1"))]);
        for (key, resource, expected) in [
            ("a", Some("r1"), true),
            ("other", Some("r1"), true),
            ("a", Some("r2"), false),
            ("a", None, true),
            ("other", None, false),
        ] {
            assert_eq!(resources.are_in(&state(key, resource, "u")), expected, "{key} {resource:?}");
        }
        assert!(!Resources::default().are_in(&state("a", Some("r1"), "u")));
    }

    #[test]
    fn states_of_one_instance_are_found_among_other_files() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("prod.json", &state("a", Some("r1"), "u").to_text().unwrap());
        write("other.json", &state("a", Some("r1"), "v").to_text().unwrap());
        write("package.json", "{}");
        write("damaged.json", "{\"format\": \"certctl.state/v1\"");
        fs::create_dir(folder.path().join("folder.json")).unwrap();
        let found = states_in(&[folder.path().to_owned(), folder.path().to_owned(), "/nowhere".into()], "u");
        assert_eq!(
            found.iter().map(|(file, _)| file.clone()).collect::<Vec<_>>(),
            [folder.path().join("prod.json")]
        );
    }
}
