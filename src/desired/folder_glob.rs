//! Splits a glob into folders, so that `search` enters only folders that can contain a matching file.

use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use glob::{MatchOptions, Pattern};

use crate::config::TemplateGlob;
use crate::model::plain_path;

const OPTIONS: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

/// What one glob means in one folder: names of files, of which any may match.
pub(super) struct FolderGlob {
    /// The folder as written.
    pub(super) folder: String,
    /// The leading folders without a wildcard.
    pub(super) base: PathBuf,
    /// The folders below those, one pattern each; `None` for `**`.
    folders: Vec<Option<Pattern>>,
    /// The pattern of the whole path below the base.
    files: Vec<Pattern>,
}

/// Whether the globs would match this file. The path must be real, with links resolved.
pub fn is_template_path(root: &Path, globs: &[TemplateGlob], path: &Path) -> bool {
    globs.iter().flat_map(folder_globs).any(|glob| {
        // The folder may not exist yet.
        let ahead = || Some(plain_path(&std::fs::canonicalize(root).ok()?.join(&glob.base)));
        let base = std::fs::canonicalize(root.join(&glob.base)).ok().or_else(ahead);
        let below = base.and_then(|base| path.strip_prefix(base).ok().map(Path::to_owned));
        below.is_some_and(|below| glob.matches(&below.to_string_lossy().replace(MAIN_SEPARATOR, "/")))
    })
}

/// The folders of a glob with braces, without duplicates, in written order.
pub(super) fn folder_globs(glob: &TemplateGlob) -> Vec<FolderGlob> {
    let mut found: Vec<FolderGlob> = Vec::new();
    for alternative in &glob.alternatives {
        let text = if MAIN_SEPARATOR == '/' {
            alternative.clone()
        } else {
            alternative.replace(MAIN_SEPARATOR, "/")
        };
        let (folder, name) =
            text.rsplit_once('/').map_or(("", text.as_str()), |(folder, name)| (folder, name));
        // `**` at the end matches everything below, at any depth.
        let folder = if name == "**" { text.as_str() } else { folder };
        match found.iter_mut().find(|other| other.folder == folder) {
            Some(known) => known.files.extend(known.pattern(&text)),
            None => found.extend(FolderGlob::new(folder, &text)),
        }
    }
    found
}

impl FolderGlob {
    /// `None` if the text cannot be parsed; globs from certctl.toml always can.
    fn new(folder: &str, text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('/').collect();
        let has_wildcard = |part: &&str| part.contains(['*', '?', '[']);
        let named = parts.iter().position(has_wildcard).unwrap_or(parts.len()).min(parts.len() - 1);
        let base = parts[..named].iter().map(|part| format!("{part}/")).collect::<String>();
        let end = if parts.last() == Some(&"**") { parts.len() } else { parts.len() - 1 };
        let folders = parts[named..end]
            .iter()
            .filter(|part| !matches!(**part, "" | "."))
            .map(|part| if *part == "**" { Some(None) } else { Pattern::new(part).ok().map(Some) })
            .collect::<Option<_>>()?;
        let mut glob =
            Self { folder: folder.to_owned(), base: PathBuf::from(base), folders, files: Vec::new() };
        glob.files.push(glob.pattern(text)?);
        Some(glob)
    }

    /// The pattern that a path below the base must match.
    fn pattern(&self, text: &str) -> Option<Pattern> {
        let base = self.base.to_string_lossy().matches('/').count();
        let below: Vec<&str> = text.split('/').skip(base).filter(|part| !matches!(*part, "" | ".")).collect();
        Pattern::new(&below.join("/")).ok()
    }

    /// Whether a folder with this name, at this depth below the base, can contain a matching file.
    pub(super) fn leads_into(&self, name: &str, depth: usize) -> bool {
        if self.folders.iter().take(depth + 1).any(Option::is_none) {
            return !name.starts_with('.');
        }
        let pattern = self.folders.get(depth).and_then(Option::as_ref);
        pattern.is_some_and(|pattern| pattern.matches_with(name, OPTIONS))
    }

    /// Whether a file matches, by its path below the base.
    pub(super) fn matches(&self, below: &str) -> bool {
        self.files.iter().any(|pattern| pattern.matches_with(below, OPTIONS))
    }
}
