//! Knows the files that certctl needs, so that no saved plan and no report overwrites them: a typing error on the
//! command line could cost the only memory of what is on the server. Called by [`super::output`]; it never writes.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::config::{self, BESIDE, TemplateGlob, mentioned_states};
use crate::desired::is_template_path;
use crate::model::plain_path;
use crate::state::{FORMAT, JOURNAL_FORMAT};

/// The protected files known so far. They become known step by step: the configuration names the state.
#[derive(Clone, Debug, Default)]
pub(super) struct OwnFiles(Arc<Mutex<OwnFile>>);

#[derive(Debug, Default)]
struct OwnFile {
    /// Each with its description, links resolved.
    files: Vec<(PathBuf, &'static str)>,
    /// The same, before links are resolved: that takes several system calls for each, and most commands write no file.
    unresolved: Vec<(PathBuf, &'static str)>,
    /// The folder of certctl.toml, and the globs of its templates.
    templates: Option<(PathBuf, Vec<TemplateGlob>)>,
    /// The folder of a certctl.toml that is not read yet or has errors.
    unread: Option<PathBuf>,
}

impl OwnFiles {
    /// Protects these files; each has a description.
    pub(super) fn add(&self, files: impl IntoIterator<Item = (PathBuf, &'static str)>) {
        self.known().unresolved.extend(files);
    }

    /// Protects whatever the configuration in this folder may refer to.
    pub(super) fn add_project(&self, root: &Path) {
        self.known().unread = Some(root.to_owned());
    }

    /// Protects all files that these globs match.
    pub(super) fn add_templates(&self, root: &Path, templates: &[TemplateGlob]) {
        let mut known = self.known();
        known.unread = None;
        known.templates = Some((root.to_owned(), templates.to_vec()));
    }

    /// Describes the file at this path if it must not be overwritten.
    pub(super) fn kind_of(&self, path: &Path) -> Option<&'static str> {
        let target = real(path);
        let mut known = self.known();
        known.resolve();
        let found = known.files.iter().find(|(file, _)| *file == target || is_one_file(file, &target));
        found
            .map(|(_, what)| *what)
            .or_else(|| kind_by_content(&target))
            .or_else(|| kind_by_name(&target))
            .or_else(|| known.kind_if_created(&target))
    }

    fn known(&self) -> MutexGuard<'_, OwnFile> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OwnFile {
    fn resolve(&mut self) {
        let unresolved = std::mem::take(&mut self.unresolved);
        self.files.extend(unresolved.into_iter().map(|(path, what)| (real(&path), what)));
    }

    /// Describes a file that does not exist yet but would be read as one of certctl's.
    fn kind_if_created(&self, path: &Path) -> Option<&'static str> {
        if let Some((root, globs)) = &self.templates
            && is_template_path(root, globs, path)
        {
            return Some("where certctl.toml has its templates");
        }
        let root = self.unread.as_deref()?;
        let text = small_text(&root.join(config::FILE))?;
        if has_ending(path, &[".yaml", ".yml"]) {
            return Some("where templates may be, as certctl.toml has mistakes");
        }
        let is_mentioned = mentioned_states(&text).any(|state| real(&root.join(state)) == path);
        let is_in_state = path.parent() == Some(&real(&root.join("state"))) && has_ending(path, &[".json"]);
        (is_mentioned || is_in_state).then_some("where a state may be, as certctl.toml has mistakes")
    }
}

/// Returns the text of a small UTF-8 file, or `None` for anything else.
fn small_text(path: &Path) -> Option<String> {
    const MAX_BYTES: u64 = 16_000_000;
    let is_small = fs::symlink_metadata(path).is_ok_and(|there| there.is_file() && there.len() <= MAX_BYTES);
    let bytes = is_small.then(|| fs::read(path).ok())??;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Recognises a file by its name alone, in any folder.
fn kind_by_name(path: &Path) -> Option<&'static str> {
    const OF_GIT: [&str; 3] = [".gitignore", ".gitattributes", ".gitmodules"];
    let is = |name: &OsStr, other: &str| name.eq_ignore_ascii_case(other);
    let name = path.file_name()?;
    if OF_GIT.iter().any(|other| is(name, other)) {
        return Some("a file that git goes by");
    }
    if path.iter().any(|name| is(name, ".git")) || path.ancestors().skip(1).any(is_git_folder) {
        return Some("in git's own folder");
    }
    has_ending(path, &BESIDE).then_some("a name that certctl gives to files beside a state")
}

/// Returns whether the folder is a git directory, also that of a bare repository, which can have any name.
fn is_git_folder(folder: &Path) -> bool {
    folder.join("HEAD").is_file() && folder.join("objects").is_dir() && folder.join("refs").is_dir()
}

fn has_ending(path: &Path, endings: &[&str]) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    endings.iter().any(|ending| name.ends_with(ending))
}

/// Returns whether two paths lead, or would lead, to the same file.
pub(super) fn is_same(one: &Path, other: &Path) -> bool {
    let (one, other) = (real(one), real(other));
    one == other || is_one_file(&one, &other)
}

/// Resolves links in the folders of a path but not in its last component, because writing replaces a link there.
fn real(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    if let Ok(whole) = fs::canonicalize(&path) {
        return whole;
    }
    let folder = path.parent().and_then(|folder| fs::canonicalize(folder).ok());
    match (folder, path.file_name()) {
        (Some(folder), Some(name)) => folder.join(name),
        _ => plain_path(&path),
    }
}

/// Returns whether the two paths are hard links of one file.
#[cfg(unix)]
fn is_one_file(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let identity = |path| fs::metadata(path).map(|file| (file.dev(), file.ino()));
    matches!((identity(one), identity(other)), (Ok(one), Ok(other)) if one == other)
}

#[cfg(not(unix))]
fn is_one_file(_: &Path, _: &Path) -> bool {
    false
}

/// Recognises a file by its content, before the configuration is read or in another project.
fn kind_by_content(path: &Path) -> Option<&'static str> {
    const BEGINNING: u64 = 4096;
    if !fs::metadata(path).is_ok_and(|there| there.is_file()) {
        return None;
    }
    if path.file_name().is_some_and(|name| name == config::FILE) {
        return Some("a configuration");
    }
    let kind = path.extension().map(OsStr::to_ascii_lowercase);
    if kind.is_some_and(|kind| kind == "yaml" || kind == "yml") {
        return Some("a YAML file, as templates are");
    }
    let mut beginning = Vec::new();
    File::open(path).ok()?.take(BEGINNING).read_to_end(&mut beginning).ok()?;
    let beginning = String::from_utf8_lossy(&beginning);
    // Compare the name of the format without its version, so that every version counts.
    let names = |format: &str| {
        let (name, _) = format.split_once('/').unwrap_or((format, ""));
        beginning.contains(&format!("\"{name}/"))
    };
    match () {
        () if names(FORMAT) => Some("a state"),
        () if names(JOURNAL_FORMAT) => Some("a journal"),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recognises_states_and_journals_by_content() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        for (text, expected) in [
            ("{\n  \"environment\": \"x\",\n  \"format\": \"certctl.state/v1\",\n", Some("a state")),
            ("{\"record\":\"open\",\"format\":\"certctl.journal/v2\"}\n", Some("a journal")),
            ("{ \"format\": \"certctl.plan/v1\" }", None),
            ("", None),
        ] {
            fs::write(&path, text).unwrap();
            assert_eq!(OwnFiles::default().kind_of(&path), expected, "{text}");
        }
        assert_eq!(OwnFiles::default().kind_of(&folder.path().join("new.yaml")), None);
    }
}
