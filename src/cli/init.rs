//! `certctl init`: writes a new project, completely or not at all. It never overwrites a file and never follows a link.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::args::{Global, InitArgs};
use super::failure::Failure;
use super::invocation::Invocation;
use super::output::Output;
use crate::model::{Advice, Commands as _, Exit, io_words, shell_word};

/// The files of a new project.
const FILES: [(&str, &str); 4] = [
    ("certctl.toml", include_str!("init/certctl.toml")),
    ("templates/cloud.yaml", include_str!("init/cloud.yaml")),
    (".gitignore", include_str!("init/gitignore")),
    (".gitattributes", include_str!("init/gitattributes")),
];
/// The git setting that lets certctl merge two states; .gitattributes alone cannot do that.
const DRIVER: &str = "merge.certctl-state.driver 'certctl state merge %O %A %B -o %A'";
/// Files that often exist already: they are left as they are, and the rest is written.
const OFTEN_THERE: [&str; 2] = [".gitignore", ".gitattributes"];

pub(super) fn run(global: &Global, args: &InitArgs, output: &Output) -> Result<Exit, Failure> {
    // A path on the command line is relative to the caller's folder, also with -C.
    let folder = args.dir.as_ref().or(global.chdir.as_ref()).filter(|dir| *dir != Path::new("."));
    let folder = folder.cloned().unwrap_or_default();
    let in_the_way = match unusable_folder(&folder) {
        Some(why) => vec![why],
        None => FILES.iter().filter_map(|(name, _)| obstacle_at(&folder, name)).collect(),
    };
    if !in_the_way.is_empty() {
        return Err(Failure::error(format!("{}\nnothing was written", in_the_way.join("\n"))));
    }
    let (there, missing): (Vec<_>, Vec<_>) =
        FILES.into_iter().partition(|(name, _)| folder.join(name).exists());
    for path in write_all(&folder, &missing)? {
        output.text(&format!("wrote {}\n", path.display()))?;
    }
    for (name, text) in there {
        output.text(&lacking(&folder.join(name), text))?;
    }
    let there = Invocation::first_in(&folder, "sandbox");
    output.text(&format!(
        "\nNext: look at the template, then try it out. The environment `sandbox` needs no account:\n  {}\n  {}\n\n\
         In git, once in each clone, so that the states of two branches are joined when they are merged:\n  {}\n",
        there.command(&Advice::Plan),
        there.command(&Advice::Apply),
        merge_driver(&folder)
    ))?;
    Ok(Exit::Ok)
}

/// The command that has git join two states by certctl, in the clone around this folder.
pub(super) fn merge_driver(folder: &Path) -> String {
    let chdir =
        if folder.as_os_str().is_empty() { String::new() } else { format!(" -C {}", shell_word(folder)) };
    format!("git{chdir} config {DRIVER}")
}

/// Explains why the project's folder cannot be used, and what to do; `None` if it can.
fn unusable_folder(folder: &Path) -> Option<String> {
    // The nearest ancestor that exists decides.
    let there = folder.ancestors().find(|path| path.exists() || path.is_symlink())?;
    if there.is_symlink() && !there.exists() {
        let (name, link) = (there.display(), shell_word(there));
        return Some(format!(
            "{name} is a symbolic link to nothing: remove it (rm {link}), or make the folder that it leads to"
        ));
    }
    (!there.is_dir()).then(|| format!("{} is not a directory: name another folder", there.display()))
}

/// Explains why this file cannot be written, and what to do; `None` if it can.
fn obstacle_at(folder: &Path, name: &str) -> Option<String> {
    let path = folder.join(name);
    let parent = Path::new(name).parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.map(|parent| folder.join(parent));
    // The project's folder is the caller's choice and may be a link; a link inside it may lead out of the project.
    if let Some(link) = parent.iter().chain([&path]).find(|path| path.is_symlink()) {
        return Some(format!(
            "{} is a symbolic link, and init does not write through links: remove it (rm {}), or put what it leads to in its place",
            link.display(),
            shell_word(link)
        ));
    }
    if let Some(parent) = parent.filter(|parent| parent.exists() && !parent.is_dir()) {
        return Some(format!("{} is not a directory: move it away or rename it", parent.display()));
    }
    if path.is_dir() {
        return Some(format!(
            "{} is a directory, and a file belongs there: move it away or rename it",
            path.display()
        ));
    }
    (path.exists() && !OFTEN_THERE.contains(&name))
        .then(|| format!("{} exists already, and init never overwrites", path.display()))
}

/// Writes all of these files and returns their paths. If one fails, removes those it wrote, because the next run would
/// take a half-made project for somebody's work.
fn write_all(folder: &Path, files: &[(&str, &str)]) -> Result<Vec<PathBuf>, Failure> {
    let mut written: Vec<PathBuf> = Vec::new();
    for (name, text) in files {
        let path = folder.join(name);
        if let Err(error) = write_new(&path, text) {
            let left: Vec<String> = written
                .iter()
                .filter(|path| std::fs::remove_file(path).is_err())
                .map(|path| path.display().to_string())
                .collect();
            let rest = if left.is_empty() {
                "nothing was written".to_owned()
            } else {
                format!("remove what was written before: {}", left.join(", "))
            };
            return Err(Failure::error(format!(
                "cannot write {}: {}\n{rest}",
                path.display(),
                io_words(&error)
            )));
        }
        written.push(path);
    }
    Ok(written)
}

fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    // If another process was faster, its file is kept.
    let mut file = std::fs::File::create_new(path)?;
    let written = file.write_all(text.as_bytes());
    if written.is_err() {
        // A partial file is useless; if it cannot be removed, the error names it.
        let _ = std::fs::remove_file(path);
    }
    written
}

/// Returns the wanted lines that an existing file lacks, or an empty text.
fn lacking(path: &Path, wanted: &str) -> String {
    let there = std::fs::read(path).unwrap_or_default();
    let there = String::from_utf8_lossy(&there);
    let there: Vec<&str> = there.lines().map(str::trim).collect();
    let is_missing = |line: &&str| !line.starts_with('#') && !line.is_empty() && !there.contains(line);
    let missing: Vec<String> =
        wanted.lines().map(str::trim).filter(is_missing).map(|line| format!("  {line}\n")).collect();
    if missing.is_empty() {
        return String::new();
    }
    let noun = if missing.len() == 1 { "this line" } else { "these lines" };
    format!(
        "\n{} was there already and is left as it is. Add {noun} to it:\n{}",
        path.display(),
        missing.concat()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failed_init_removes_what_it_wrote() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("mine"), "").unwrap();
        let failure = write_all(folder.path(), &[("a", "1"), ("b", "2"), ("mine/c", "3")]).unwrap_err();
        assert!(failure.message.ends_with("nothing was written"), "{}", failure.message);
        assert!(failure.message.contains("mine/c"), "{}", failure.message);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn concurrently_created_file_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("b"), "mine").unwrap();
        write_all(folder.path(), &[("a", "1"), ("b", "2")]).unwrap_err();
        assert_eq!(std::fs::read_to_string(folder.path().join("b")).unwrap(), "mine");
        assert!(!folder.path().join("a").exists());
    }
}
