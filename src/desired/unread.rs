//! Warns of files that look like templates, are beside templates, and match no glob: their authors see them in the
//! folder and assume that they count.

use std::path::{Path, PathBuf};

use super::files::finding;
use crate::config::Boundary;
use crate::model::Finding;

/// The limit of files named.
const NAMED: usize = 20;
/// Larger files are not template files, or are found otherwise.
const MAX_BYTES: u64 = 1_000_000;
/// The limit of bytes read in total to recognise templates.
const MAX_BYTES_IN_ALL: usize = 32_000_000;
/// Extensions of documents, which show templates as examples.
const DOCUMENTS: [&str; 6] = ["adoc", "htm", "html", "markdown", "md", "rst"];

/// A warning for each of these files that looks like a template file, given by name and by real path.
pub(super) fn warnings(boundary: &Boundary, passed: Vec<(PathBuf, PathBuf)>) -> Vec<Finding> {
    let mut left = MAX_BYTES_IN_ALL;
    let mut found: Vec<PathBuf> = passed
        .into_iter()
        .filter(|(_, real)| has_template_name(boundary, real) || has_templates(boundary, real, &mut left))
        .map(|(path, _)| path)
        .collect();
    found.sort();
    let more = found.len().saturating_sub(NAMED);
    let mut warnings: Vec<Finding> = found.iter().take(NAMED).map(|file| warning(file, 0)).collect();
    if let Some(file) = found.get(NAMED) {
        warnings.push(warning(file, more - 1));
    }
    warnings
}

fn warning(file: &Path, more: usize) -> Finding {
    let more = if more == 0 { String::new() } else { format!(", nor {more} more beside it") };
    let message = format!("no glob of `templates` in certctl.toml matches this file{more}: it is not read");
    let help = "if it holds templates, rename it or add a glob that matches it; if not, move it elsewhere"
        .to_owned();
    finding(file, "unread-file", message, help)
}

fn extension(path: &Path) -> String {
    path.extension().map(|extension| extension.to_string_lossy().to_lowercase()).unwrap_or_default()
}

/// Whether the file is visible YAML outside of the folder of certctl.toml, where other tools keep their files.
fn has_template_name(boundary: &Boundary, real: &Path) -> bool {
    let hidden = real.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    ["yaml", "yml"].contains(&extension(real).as_str()) && !hidden && real.parent() != Some(boundary.folder())
}

fn has_templates(boundary: &Boundary, real: &Path, left: &mut usize) -> bool {
    if *left == 0 || DOCUMENTS.contains(&extension(real).as_str()) {
        return false;
    }
    let Ok(bytes) = boundary.read(real, MAX_BYTES) else { return false };
    *left = left.saturating_sub(bytes.len());
    let is_head = |line: &str| {
        let name = line.trim_start_matches(['"', '\'']);
        name.strip_prefix("templates")
            .is_some_and(|rest| rest.trim_start_matches(['"', '\'']).trim_start().starts_with(':'))
    };
    std::str::from_utf8(&bytes).is_ok_and(|text| text.trim_start_matches('\u{feff}').lines().any(is_head))
}
