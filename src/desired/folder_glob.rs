//! A glob taken apart, so that only the folders are looked into that can hold a file that matches.

use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use glob::{MatchOptions, Pattern};

use crate::config::TemplateGlob;

const OPTIONS: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

/// What one glob stands for in one folder: names of files, of which any may match.
pub(super) struct FolderGlob {
    /// The folder, as it is written.
    pub(super) folder: String,
    /// The folders that it names without a wildcard.
    pub(super) base: PathBuf,
    /// The folders below those, name by name; nothing for `**`.
    folders: Vec<Option<Pattern>>,
    /// The whole path below the base.
    files: Vec<Pattern>,
}

/// Whether a file would be read as a template file if it were there. The path is a real one, with links resolved.
pub fn is_template_path(root: &Path, globs: &[TemplateGlob], path: &Path) -> bool {
    globs.iter().flat_map(folder_globs).any(|glob| {
        let base = std::fs::canonicalize(root.join(&glob.base));
        let below = base.ok().and_then(|base| path.strip_prefix(base).ok().map(Path::to_owned));
        below.is_some_and(|below| glob.matches(&below.to_string_lossy().replace(MAIN_SEPARATOR, "/")))
    })
}

/// The folders of a glob with braces, each once, in the order in which they are written.
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
        // `**` at the end stands for everything below: the folders go on to the end.
        let folder = if name == "**" { text.as_str() } else { folder };
        match found.iter_mut().find(|other| other.folder == folder) {
            Some(known) => known.files.extend(known.pattern(&text)),
            None => found.extend(FolderGlob::new(folder, &text)),
        }
    }
    found
}

impl FolderGlob {
    /// Nothing for what cannot be parsed; globs that are read from certctl.toml can.
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

    /// What a path below the base must match.
    fn pattern(&self, text: &str) -> Option<Pattern> {
        let base = self.base.to_string_lossy().matches('/').count();
        let below: Vec<&str> = text.split('/').skip(base).filter(|part| !matches!(*part, "" | ".")).collect();
        Pattern::new(&below.join("/")).ok()
    }

    /// Whether a folder of this name, so deep below the base, can hold a file that matches.
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
