//! The templates that the server holds.

use std::collections::HashMap;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::helium::certificates::StoredCertificate;
use super::row_identity::RowIdentity;
use super::store_file::StoreFile;

/// One template. Also one line of the store's file, and one entry of the control endpoint's list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct StoredTemplate {
    /// The server's id.
    pub(super) id: String,
    /// When it was created, ISO 8601.
    pub(super) created_at: String,
    /// When it was changed last, ISO 8601; empty if never.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) updated_at: String,
    /// Every field but the id, none of them null.
    pub(super) attributes: Map<String, Value>,
}

/// One line of the store's file.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum StoredLine {
    /// A template.
    Template(StoredTemplate),
    /// A certificate.
    Certificate(StoredCertificate),
}

impl StoredLine {
    /// Reads a line. Most are templates, and what is neither is reported as a damaged one.
    pub(super) fn read(line: &[u8]) -> serde_json::Result<Self> {
        let not_template = match serde_json::from_slice(line) {
            Ok(template) => return Ok(Self::Template(template)),
            Err(error) => error,
        };
        serde_json::from_slice(line).map(Self::Certificate).map_err(|_| not_template)
    }
}

/// The templates, found by id and by identity without looking at the others.
#[derive(Default)]
pub(super) struct TemplateStore {
    /// Oldest first. Nothing is ever removed, so a position stays what it is.
    templates: Vec<StoredTemplate>,
    by_id: HashMap<String, usize>,
    /// More than one position only where the server was told not to match natural keys.
    by_identity: HashMap<RowIdentity, Vec<usize>>,
    certificates: Vec<StoredCertificate>,
    by_certificate_id: HashMap<String, usize>,
    store_file: Option<StoreFile>,
}

impl TemplateStore {
    /// The store in a file, or an empty one in memory.
    pub(super) fn open(path: Option<&Path>) -> io::Result<Self> {
        let mut store = Self::default();
        if let Some(path) = path {
            let store_file = StoreFile::open(path, |line| match line {
                StoredLine::Template(template) => store.hold(template),
                StoredLine::Certificate(certificate) => store.hold_certificate(certificate),
            })?;
            store.store_file = Some(store_file);
        }
        Ok(store)
    }

    /// Every template, oldest first.
    pub(super) fn templates(&self) -> &[StoredTemplate] {
        &self.templates
    }

    /// The template with this id.
    pub(super) fn by_id(&self, id: &str) -> Option<&StoredTemplate> {
        let position = *self.by_id.get(&id.to_ascii_lowercase())?;
        self.templates.get(position)
    }

    /// The oldest template with this identity.
    pub(super) fn by_identity(&self, identity: &RowIdentity) -> Option<&StoredTemplate> {
        let position = *self.by_identity.get(identity)?.first()?;
        self.templates.get(position)
    }

    /// Puts a template in the place of the one with its id, or behind all others. It is in the file before it is
    /// here; after an error it is in neither.
    pub(super) fn put(&mut self, template: StoredTemplate) -> io::Result<()> {
        if let Some(store_file) = &mut self.store_file {
            store_file.append(&template)?;
        }
        self.hold(template);
        Ok(())
    }

    /// Every certificate, in the order of issue.
    pub(super) fn certificates(&self) -> &[StoredCertificate] {
        &self.certificates
    }

    /// Puts a certificate in the place of the one with its id, or behind all others, like [`TemplateStore::put`].
    pub(super) fn put_certificate(&mut self, certificate: StoredCertificate) -> io::Result<()> {
        if let Some(store_file) = &mut self.store_file {
            store_file.append(&certificate)?;
        }
        self.hold_certificate(certificate);
        Ok(())
    }

    fn hold_certificate(&mut self, certificate: StoredCertificate) {
        let position = self.by_certificate_id.get(&certificate.certificate_id).copied();
        if let Some(held) = position.and_then(|at| self.certificates.get_mut(at)) {
            *held = certificate;
        } else {
            self.by_certificate_id.insert(certificate.certificate_id.clone(), self.certificates.len());
            self.certificates.push(certificate);
        }
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) -> io::Result<()> {
        if let Some(store_file) = &mut self.store_file {
            store_file.clear()?;
        }
        self.templates.clear();
        self.certificates.clear();
        self.by_certificate_id.clear();
        self.by_id.clear();
        self.by_identity.clear();
        Ok(())
    }

    fn hold(&mut self, template: StoredTemplate) {
        let identity = RowIdentity::of(&template.attributes);
        let position = self.by_id.get(&template.id).copied();
        if let Some((position, held)) = position.and_then(|at| Some((at, self.templates.get_mut(at)?))) {
            let before = RowIdentity::of(&held.attributes);
            *held = template;
            if before == identity {
                return;
            }
            if let Some(positions) = self.by_identity.get_mut(&before) {
                positions.retain(|other| *other != position);
                if positions.is_empty() {
                    self.by_identity.remove(&before);
                }
            }
            self.by_identity.entry(identity).or_default().push(position);
        } else {
            let position = self.templates.len();
            self.by_id.insert(template.id.clone(), position);
            self.by_identity.entry(identity).or_default().push(position);
            self.templates.push(template);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn template(id: &str, resource: &str, title: &str) -> StoredTemplate {
        let value = json!({ "title": title, "resourceType": "course", "resourceId": resource });
        let attributes = value.as_object().unwrap().clone();
        StoredTemplate { id: id.to_owned(), created_at: String::new(), updated_at: String::new(), attributes }
    }

    #[test]
    fn a_template_that_changes_its_identity_is_found_by_the_new_one() {
        let mut store = TemplateStore::open(None).unwrap();
        store.put(template("a", "1", "x")).unwrap();
        store.put(template("a", "2", "x")).unwrap();
        assert_eq!(store.by_identity(&RowIdentity::of(&template("", "1", "").attributes)), None);
        let found = store.by_identity(&RowIdentity::of(&template("", "2", "").attributes));
        assert_eq!(found.map(|template| template.id.as_str()), Some("a"));
        assert_eq!(store.by_id("A").map(|template| template.id.as_str()), Some("a"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        /// Killed at any byte, the server starts again with what some first upserts left, and goes on from there.
        #[test]
        fn a_torn_file_is_some_earlier_state(
            writes in prop::collection::vec(("[a-c]", "[1-3]", ".{0,4}"), 0..6),
            cut in any::<prop::sample::Index>(),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("store.jsonl");
            let mut store = TemplateStore::open(Some(&path)).unwrap();
            let mut states = vec![Vec::new()];
            for (id, resource, title) in &writes {
                store.put(template(id, resource, title)).unwrap();
                states.push(store.templates().to_vec());
            }
            drop(store);
            let bytes = std::fs::read(&path).unwrap();
            std::fs::write(&path, &bytes[..cut.index(bytes.len() + 1)]).unwrap();

            let mut again = TemplateStore::open(Some(&path)).unwrap();
            let found = again.templates().to_vec();
            prop_assert!(states.contains(&found));
            for template in &found {
                prop_assert!(again.by_identity(&RowIdentity::of(&template.attributes)).is_some());
            }
            again.put(template("z", "9", "after")).unwrap();
            drop(again);
            let after = TemplateStore::open(Some(&path)).unwrap();
            prop_assert_eq!(after.templates().len(), found.len() + 1);
            prop_assert_eq!(after.templates().last(), Some(&template("z", "9", "after")));
        }
    }
}
