//! Changes the YAML so that it says what the server holds (`refresh --write`) or is to hold again (`revert`). A value is
//! changed only where it stands alone on its line, and only if the files, read again, then say exactly that and nothing
//! else has changed. The rest is for a person.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::outfile;
use crate::desired::{Desired, FilesAhead, with_value};
use crate::inventory::Drift;
use crate::inventory::write::one_line;
use crate::model::{Attributes, Key, TEMPLATE_FIELDS, io_words};
use crate::plan::diff;
use crate::report::YamlLine;
use crate::state::Baseline;

/// What becomes of the YAML.
pub(super) struct YamlEdits {
    /// The files to write, relative to the folder of certctl.toml, with their old and their new text.
    files: BTreeMap<PathBuf, (String, String)>,
    /// What is written into them.
    pub(super) edited: Vec<YamlLine>,
    /// What a person has to write.
    pub(super) by_hand: Vec<YamlLine>,
}

/// One attribute that the YAML has otherwise.
struct Wanted {
    key: Key,
    file: Arc<Path>,
    line: usize,
    attribute: String,
    /// The value that it is to have, if any.
    value: Option<Value>,
}

impl YamlEdits {
    /// Decides what can be written, so that these templates have these attributes.
    pub(super) fn of(context: &Context, desired: &Desired, theirs: &BTreeMap<&Key, Attributes>) -> Self {
        let wanted = wanted(desired, theirs);
        let mut texts: BTreeMap<PathBuf, (String, String)> = BTreeMap::new();
        for file in wanted.iter().map(|wanted| &wanted.file) {
            // A file that cannot be read any more is left to a person.
            if let Ok(text) = std::fs::read_to_string(context.config.root.join(file)) {
                texts.entry(file.to_path_buf()).or_insert_with(|| (text.clone(), text));
            }
        }
        let (edited, by_hand) = edit(&wanted, &mut texts);
        let mut edits = Self { files: texts, edited: lines(&edited), by_hand: lines(&by_hand) };
        if !edits.reads_as(context, desired, &edited) {
            edits.by_hand = lines(&wanted.iter().collect::<Vec<_>>());
            (edits.files, edits.edited) = (BTreeMap::new(), Vec::new());
        }
        edits.files.retain(|_, (old, new)| old != new);
        edits
    }

    /// Whether the files, with their new texts, differ from the present ones in these attributes alone.
    fn reads_as(&self, context: &Context, desired: &Desired, edited: &[&Wanted]) -> bool {
        let ahead: FilesAhead =
            self.files.iter().map(|(file, (_, new))| (file.clone(), new.clone())).collect();
        let Ok(read) = context.desired_ahead(&ahead, BTreeMap::new()) else { return false };
        let mut expected: BTreeMap<&Key, Attributes> =
            desired.templates.iter().map(|(key, template)| (key, template.attributes.clone())).collect();
        for wanted in edited {
            if let (Some(attributes), Some(value)) = (expected.get_mut(&wanted.key), &wanted.value) {
                *attributes = attributes.with(&wanted.attribute, value.clone());
            }
        }
        let is_same = |(key, template): (&Key, &crate::desired::Template)| {
            expected.get(key).is_some_and(|attributes| attributes.is_same_as(&template.attributes))
        };
        read.templates.len() == expected.len() && read.templates.iter().all(is_same)
    }

    /// The files that change, each with its old and its new text.
    pub(super) fn files(&self) -> impl Iterator<Item = (&Path, &str, &str)> {
        self.files.iter().map(|(file, (old, new))| (file.as_path(), old.as_str(), new.as_str()))
    }

    /// Writes the files, and returns them.
    pub(super) fn write(&self, context: &Context) -> Result<Vec<PathBuf>, Failure> {
        for (file, (old, new)) in &self.files {
            let path = context.config.root.join(file);
            let cannot = |why: &str| Failure::error(format!("cannot write {}: {why}", file.display()));
            let now = std::fs::read_to_string(&path).map_err(|error| cannot(&io_words(&error)))?;
            if now != *old {
                return Err(cannot("it was changed in the meantime, so nothing was recorded. Refresh again"));
            }
            outfile::write(&path, new).map_err(|error| cannot(&io_words(&error)))?;
        }
        Ok(self.files.keys().cloned().collect())
    }
}

/// Changes what stands alone on its line; returns what was changed, and what was not.
fn edit<'w>(
    wanted: &'w [Wanted],
    texts: &mut BTreeMap<PathBuf, (String, String)>,
) -> (Vec<&'w Wanted>, Vec<&'w Wanted>) {
    wanted.iter().partition(|wanted| {
        let value = wanted.value.as_ref().and_then(one_line);
        let Some((value, (_, text))) = value.zip(texts.get_mut(&*wanted.file)) else { return false };
        match with_value(text, wanted.line, &wanted.attribute, &value) {
            Some(changed) => {
                *text = changed;
                true
            }
            None => false,
        }
    })
}

/// Every attribute that the YAML has otherwise.
fn wanted(desired: &Desired, theirs: &BTreeMap<&Key, Attributes>) -> Vec<Wanted> {
    let keys: BTreeSet<Key> = theirs.keys().map(|key| (*key).clone()).collect();
    let lines = desired.locate(&keys);
    let mut all = Vec::new();
    for (key, theirs) in theirs {
        let Some(template) = desired.templates.get(*key) else { continue };
        let changes = diff(&template.attributes, theirs);
        let names: BTreeSet<&str> = changes.iter().map(|change| change.path.attribute()).collect();
        all.extend(names.into_iter().map(|name| Wanted {
            key: (*key).clone(),
            file: Arc::clone(&template.file),
            line: lines.get(*key).copied().unwrap_or_default(),
            attribute: name.to_owned(),
            value: theirs.get(name).cloned(),
        }));
    }
    all
}

/// The attributes of the configured templates as they were seen.
pub(super) fn as_seen<'d>(desired: &Desired, drift: &'d Drift) -> BTreeMap<&'d Key, Attributes> {
    let differing = drift.differing.iter().map(|(key, drifted)| (key, &drifted.baseline));
    let seen: BTreeMap<&Key, &Baseline> = differing.chain(&drift.learned).collect();
    let configured =
        seen.into_iter().filter_map(|(key, baseline)| Some((key, desired.templates.get(key)?, baseline)));
    configured.map(|(key, template, baseline)| (key, overlaid(&template.attributes, baseline))).collect()
}

/// The attributes with what was seen of them.
fn overlaid(ours: &Attributes, baseline: &Baseline) -> Attributes {
    let is_seen = |name: &str| baseline.seen.has(name) || baseline.absent.contains(name);
    let is_field = |name: &str| TEMPLATE_FIELDS.iter().any(|field| field.name == name);
    let kept = ours.shared().filter(|(name, _)| !is_seen(name.as_str()) || !is_field(name.as_str()));
    kept.chain(baseline.seen.shared()).map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn lines(wanted: &[&Wanted]) -> Vec<YamlLine> {
    let line = |wanted: &&Wanted| YamlLine {
        file: wanted.file.display().to_string(),
        line: wanted.line,
        key: wanted.key.clone(),
        text: match &wanted.value {
            None => format!("remove {}", wanted.attribute),
            // JSON is YAML, too.
            Some(value) => {
                let written = one_line(value).unwrap_or_else(|| value.to_string().replace("${", "$${"));
                format!("{}: {written}", wanted.attribute)
            }
        },
    };
    wanted.iter().map(line).collect()
}
