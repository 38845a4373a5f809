//! Finds a state that is missing from its place: the environment was renamed, `state` was changed, or the project was
//! moved. Several projects may share an instance, so only the templates show which project a state belongs to.
//!
//! Commands call it when there is no state. It never changes a file.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::abandoned::with_journal;
use super::nearby::Nearby;
use super::outline::HEAD;
use super::{Document, FORMAT, Unchecked, parse_state, real_path};
use crate::model::{Attributes, Key, NaturalKey};

/// The courses and keys of a project's templates for one environment.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    keys: BTreeSet<Key>,
    natural_keys: BTreeSet<NaturalKey>,
}

impl Coverage {
    /// The coverage of these templates.
    pub fn of<'t>(templates: impl IntoIterator<Item = (&'t Key, &'t Attributes)>) -> Self {
        let mut coverage = Self::default();
        for (key, attributes) in templates {
            coverage.keys.insert(key.clone());
            coverage.natural_keys.insert(NaturalKey::of(attributes));
        }
        coverage
    }

    /// Whether a state has a template for any of these. A row with only an id is compared by key.
    pub fn is_in(&self, document: &Document) -> bool {
        document.templates.iter().any(|(key, row)| {
            let mut natural_keys = row.natural_keys().peekable();
            match natural_keys.peek() {
                Some(_) => natural_keys.any(|natural_key| self.natural_keys.contains(&natural_key)),
                None => self.keys.contains(key),
            }
        })
    }
}

/// The states of the instance with this URL, each with its file: in the folder of the state at `missing`, in the
/// project's folder, and directly below it. The flag says whether some files were not examined.
pub fn states_near(
    missing: &Path,
    project: &Path,
    url: &str,
) -> (Vec<(PathBuf, Document)>, Option<Unchecked>) {
    let folders = Nearby::folders(missing.parent().map(real_path), real_path(project));
    let files = Nearby::files(&folders.paths, "json");
    let states = files.paths.into_iter().filter_map(|file| Some((state_at(&file, url)?, file)));
    let is_all = folders.is_all && files.is_all;
    (states.map(|(state, file)| (file, state)).collect(), (!is_all).then_some(Unchecked::TooManyFiles))
}

/// The state in this file including its journal, if it belongs to the instance with this URL.
pub fn state_at(file: &Path, url: &str) -> Option<Document> {
    if !is_like_a_state(file) {
        return None;
    }
    let text = fs::read(file).ok()?;
    let document = parse_state(file, &text).ok().filter(|document| document.url == url)?;
    Some(with_journal(file, document, &text))
}

/// Whether a file begins like a state that certctl wrote; other files are not read completely.
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
        let coverage = Coverage::of([(&key, &attributes("R1"))]);
        for (key, resource, expected) in [
            ("a", Some("r1"), true),
            ("other", Some("r1"), true),
            ("a", Some("r2"), false),
            ("a", None, true),
            ("other", None, false),
        ] {
            assert_eq!(coverage.is_in(&state(key, resource, "u")), expected, "{key} {resource:?}");
        }
        assert!(!Coverage::default().is_in(&state("a", Some("r1"), "u")));
    }

    #[test]
    fn states_of_one_instance_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("prod.json", &state("a", Some("r1"), "u").to_text().unwrap());
        write("other.json", &state("a", Some("r1"), "v").to_text().unwrap());
        write("package.json", "{}");
        write("damaged.json", "{\"format\": \"certctl.state/v1\"");
        fs::create_dir(folder.path().join("folder.json")).unwrap();
        assert_eq!(found_in(folder.path()), ["prod.json"]);
    }

    fn found_in(folder: &Path) -> Vec<String> {
        let (found, unchecked) = states_near(&folder.join("missing.json"), folder, "u");
        assert_eq!(unchecked, None);
        found.iter().map(|(file, _)| file.file_name().unwrap().to_string_lossy().into_owned()).collect()
    }

    /// In whatever order the folder lists them.
    #[test]
    fn a_state_is_found_among_thousands_of_files() {
        let folder = tempfile::tempdir().unwrap();
        let state = state("a", Some("r1"), "u").to_text().unwrap();
        for number in 0..3_000 {
            let text = if [0, 1_499, 2_999].contains(&number) { state.as_str() } else { "{}" };
            fs::write(folder.path().join(format!("{number}.json")), text).unwrap();
        }
        assert_eq!(found_in(folder.path()), ["0.json", "1499.json", "2999.json"]);
    }
}
