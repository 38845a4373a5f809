//! The folder that `import --write` writes into: where it lies, and what is in it already. Nothing is written here.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::cli::failure::Failure;
use crate::config::{Config, FILE, TemplateGlob};
use crate::desired::is_template_path;
use crate::model::{Help, io_words};

/// A folder below that of certctl.toml, from which templates are read.
#[derive(Debug)]
pub(super) struct WriteFolder {
    /// The folder, links resolved. It may not exist yet.
    pub(super) path: PathBuf,
    /// The folder relative to that of certctl.toml, with `/` in it; empty if it is the same.
    pub(super) name: String,
    /// The files in it, relative to it and with `/` in their names.
    pub(super) files: BTreeSet<String>,
}

impl WriteFolder {
    /// Looks at the folder. Fails if certctl would not read the templates that are written there.
    pub(super) fn find(config: &Config, dir: &Path) -> Result<Self, Failure> {
        let cannot = |error: &std::io::Error, path: &Path| {
            Failure::error(format!("cannot look into {}: {}", path.display(), io_words(error)))
        };
        let root = fs::canonicalize(&config.root).map_err(|error| cannot(&error, &config.root))?;
        let path = real(dir).map_err(|error| cannot(&error, dir))?;
        if path.exists() && !path.is_dir() {
            return Err(Failure::error(format!("{} is not a directory: name another one", dir.display())));
        }
        let Ok(below) = path.strip_prefix(&root) else {
            return Err(Failure::error(format!(
                "{} lies outside of the project, which is the directory of {FILE}: {}",
                dir.display(),
                root.display()
            ))
            .helped(Help::none().say("Name a directory in the project.")));
        };
        let names = below.components().filter_map(|part| match part {
            Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
            _ => None,
        });
        let name = names.collect::<Vec<_>>().join("/");
        if !is_template_path(&config.root, &config.templates, &path.join("templates.yaml")) {
            return Err(not_read(&name, &config.templates));
        }
        let files = ["", "css/", "texts/"].into_iter().flat_map(|folder| files_in(&path, folder)).collect();
        Ok(Self { path, name, files })
    }

    /// A file in the folder as people see it: relative to the folder of certctl.toml.
    pub(super) fn shown(&self, file: &str) -> PathBuf {
        Path::new(&self.name).join(file)
    }
}

/// The failure for a folder that no glob leads to, with the glob to add.
fn not_read(name: &str, globs: &[TemplateGlob]) -> Failure {
    let written: Vec<String> = globs.iter().map(|glob| format!("{:?}", glob.shown())).collect();
    let beginning = if name.is_empty() { String::new() } else { format!("{name}/") };
    let added = format!("{:?}", format!("{beginning}**/*.{{yaml,yml}}"));
    let shown = if name.is_empty() { "." } else { name };
    Failure::error(format!(
        "certctl reads no templates from {shown}: `templates` in {FILE} is [{}]",
        written.join(", ")
    ))
    .helped(Help::none().say(format!(
        "Name a directory that it covers, or add this one to {FILE}:\n  templates = [{}, {added}]",
        written.join(", ")
    )))
}

/// The names of the files in a folder of the folder, each with its folder before it. What cannot be read is found when
/// something is written there.
fn files_in(path: &Path, folder: &str) -> Vec<String> {
    let entries = fs::read_dir(path.join(folder)).into_iter().flatten().flatten();
    entries.map(|entry| format!("{folder}{}", entry.file_name().to_string_lossy())).collect()
}

/// The path with links resolved as far as it exists.
fn real(path: &Path) -> std::io::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    let mut whole = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(whole.pop()),
            part => whole.push(part),
        }
        if let Ok(there) = fs::canonicalize(&whole) {
            whole = there;
        }
    }
    Ok(whole)
}
