//! The high-water mark: a complete copy of the newest state that this user wrote on this machine, out of reach of
//! git. Stores raise it after each write; commands compare the state in place with it.

mod beside;

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::durable::write_file;
use super::outline::{HEAD, TAIL};
use super::{
    Document, Outline, Relation, Snapshot, StateError, UnusableFolder, own_file, parse_state, real_path,
    user_folder,
};
use crate::crash::{Point, reach};
use crate::model::Digest;
pub(super) use beside::MarkBeside;

/// The name of the folder for marks.
const ROOM: &str = "marks";

/// The marks of this user and machine, and the key to those of one state.
#[derive(Clone, Debug)]
pub struct Marks {
    home: PathBuf,
    environment: String,
    server: String,
    state: PathBuf,
    /// A mark whose digest is known; see [`Marks::remember`].
    known: Arc<OnceLock<Mark>>,
}

/// A mark: a file with a complete state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The path of the mark.
    pub path: PathBuf,
    /// What the mark says about itself.
    pub outline: Outline,
    /// The digest of the file, if it is known already.
    digest: Option<Digest>,
}

impl Marks {
    /// The marks for the state at a path, in `home`, the folder where programs keep data of one user (XDG base
    /// directories). `server` identifies the server: the URL of an instance, or one particular sandbox.
    pub fn new(home: &Path, environment: &str, server: String, state: &Path) -> Self {
        let (home, environment) = (home.to_owned(), environment.to_owned());
        Self { home, environment, server, state: real_path(state), known: Arc::default() }
    }

    /// The marks for the state at an address, which is the same from every folder.
    pub fn of_shared(
        home: &Path,
        environment: &str,
        server: String,
        address: &impl std::fmt::Display,
    ) -> Self {
        let (home, environment) = (home.to_owned(), environment.to_owned());
        Self { home, environment, server, state: PathBuf::from(address.to_string()), known: Arc::default() }
    }

    /// The mark of this lineage or, without one, of the state last written at this path; `None` if there is no mark.
    /// The error says why the mark cannot be read.
    pub fn find(&self, lineage: Option<&str>) -> io::Result<Option<Mark>> {
        let last;
        let lineage = match lineage {
            Some(lineage) => lineage,
            None => match self.last_lineage()? {
                Some(lineage) => {
                    last = lineage;
                    &last
                }
                None => return Ok(None),
            },
        };
        let path = self.mark_path(lineage);
        let Some(mut file) = open_plain(&path)? else { return Ok(None) };
        let outline = read_outline(&mut file)?.ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, format!("{} is not a state", path.display()))
        })?;
        let known = self.known.get().filter(|known| known.path == path && known.outline == outline);
        let digest = known.and_then(|known| known.digest.clone());
        Ok(Some(Mark { path, outline, digest }))
    }

    /// The file that [`Self::find`] reads, to be named if it cannot be read.
    pub fn file(&self, lineage: Option<&str>) -> PathBuf {
        let lineage = lineage.map(str::to_owned).or_else(|| self.last_lineage().ok().flatten());
        lineage.map_or_else(|| self.index_path(), |lineage| self.mark_path(&lineage))
    }

    /// All readable marks of states on this server, for every lineage and path.
    pub fn on_server(&self) -> Vec<Mark> {
        let marks = self.paths().filter_map(|path| {
            let outline = read_outline(&mut open_plain(&path).ok()??).ok()??;
            let is_of_server = self.is_named(&path, &outline.ancestry.lineage);
            is_of_server.then_some(Mark { path, outline, digest: None })
        });
        let mut marks: Vec<Mark> = marks.collect();
        marks.sort_by(|one, other| one.path.cmp(&other.path));
        marks
    }

    fn paths(&self) -> impl Iterator<Item = PathBuf> + use<> {
        let entries = fs::read_dir(user_folder::room(&self.home, ROOM)).into_iter().flatten().flatten();
        let is_mark = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "json");
        entries.map(|entry| entry.path()).filter(is_mark)
    }

    /// Creates the folder for marks. The error says why marks cannot be kept.
    pub fn prepare(&self) -> io::Result<()> {
        let folder = user_folder::make(&self.home, ROOM).map_err(io::Error::other)?;
        tempfile::tempfile_in(folder).map(|_| ())
    }

    /// Makes this state the mark, unless the mark knows something that it does not.
    pub fn raise(&self, document: &Document) -> io::Result<()> {
        let mark = self.find(Some(&document.lineage)).unwrap_or_default();
        let relation = mark.and_then(|mark| mark.relation_of(document));
        if matches!(relation, Some(Relation::Older | Relation::Forked)) {
            return Ok(());
        }
        self.prepare()?;
        self.put(&self.mark_path(&document.lineage), |sink| document.write_to(sink))?;
        if self.last_lineage().ok().flatten().as_deref() != Some(&document.lineage) {
            self.put(&self.index_path(), |sink| sink.write_all(document.lineage.as_bytes()))?;
        }
        Ok(())
    }

    fn put(&self, path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        // A rename replaces a link instead of following it; the mode is that of temporary files, 0600.
        let file = tempfile::NamedTempFile::new_in(user_folder::room(&self.home, ROOM))?;
        write_file(&file, write)?;
        file.as_file().sync_all()?;
        reach(Point::MarkWritten);
        file.persist(path)?;
        reach(Point::MarkRaised);
        Ok(())
    }

    fn last_lineage(&self) -> io::Result<Option<String>> {
        let Some(file) = open_plain(&self.index_path())? else { return Ok(None) };
        let mut lineage = String::new();
        file.take(HEAD as u64).read_to_string(&mut lineage)?;
        Ok(Some(lineage))
    }

    /// The environment is in the name for people only: a mark made under another name is the same mark.
    fn mark_path(&self, lineage: &str) -> PathBuf {
        let path = self.named(&[lineage, &self.server], "json");
        if path.exists() {
            return path;
        }
        self.paths().find(|path| self.is_named(path, lineage)).unwrap_or(path)
    }

    /// Whether this file is the mark of that lineage on this server.
    fn is_named(&self, path: &Path, lineage: &str) -> bool {
        let ending = format!("-{}.json", short_digest(&[lineage, &self.server]));
        path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(&ending))
    }

    /// The file that leads from the path of a missing state to its lineage.
    fn index_path(&self) -> PathBuf {
        self.named(&[&self.server, &self.environment, &self.state.to_string_lossy()], "lineage")
    }

    /// A name that people recognise and that is unique.
    fn named(&self, what: &[&str], ending: &str) -> PathBuf {
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        let environment: String = self.environment.chars().map(plain).take(40).collect();
        let short = short_digest(what);
        user_folder::room(&self.home, ROOM).join(format!("{environment}-{short}.{ending}"))
    }
}

/// Looks, without making anything, whether marks can be kept in this folder of the user; returns where they are. The
/// error says why they cannot.
pub fn marks_folder(home: &Path) -> Result<PathBuf, UnusableFolder> {
    user_folder::usable(home, ROOM)
}

fn short_digest(what: &[&str]) -> String {
    let digest = Digest::of(what.join("\n").as_bytes());
    digest.as_str().chars().skip("sha256:".len()).take(20).collect()
}

impl Mark {
    /// How a state relates to the mark; `None` if their lineages differ. The complete mark is read only if the writes
    /// cannot decide.
    pub fn relation_of(&self, document: &Document) -> Option<Relation> {
        let same = || self.document().is_ok_and(|mark| mark.templates == document.templates);
        document.ancestry().relation_to(&self.outline.ancestry, same)
    }

    /// Whether mark and state file agree, if the same write made both.
    pub fn agrees_with(&self, snapshot: &Snapshot) -> bool {
        // Mostly it is the same file, byte by byte, and then need not be read as a whole.
        let digest = || self.digest.clone().or_else(|| own_file::digest(&self.path).ok());
        let is_same = || digest().is_some_and(|digest| snapshot.version == Some(digest));
        let says_the_same =
            || own_file::read(&self.path).is_ok_and(|bytes| !snapshot.contradicts(&self.path, &bytes));
        is_same() || says_the_same()
    }

    /// The complete state.
    pub fn document(&self) -> Result<Document, StateError> {
        let bytes = own_file::read(&self.path).map_err(|source| StateError::Io {
            action: "read",
            at: self.path.clone().into(),
            source,
        })?;
        parse_state(&self.path, &bytes)
    }
}

/// Opens one of certctl's own files for reading; `None` if it is missing. Anything but a regular file is an error.
fn open_plain(path: &Path) -> io::Result<Option<File>> {
    match own_file::open_to_read(path) {
        Ok(file) => Ok(Some(file)),
        // `NotADirectory`: the folder is missing as well.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn read_outline(file: &mut File) -> io::Result<Option<Outline>> {
    let length = file.metadata()?.len();
    let tail = TAIL as u64;
    if length > HEAD as u64 + tail {
        let mut bytes = Vec::new();
        file.take(HEAD as u64).read_to_end(&mut bytes)?;
        file.seek(SeekFrom::Start(length - tail))?;
        file.take(tail).read_to_end(&mut bytes)?;
        if let Some(outline) = Outline::read(&bytes) {
            return Ok(Some(outline));
        }
        file.rewind()?;
    }
    Ok(Outline::read(&own_file::read_all(file)?))
}

#[cfg(test)]
mod tests;
