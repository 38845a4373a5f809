//! The id that git gives to a content: the digest of its kind, its length and its bytes. Contents with one id are the
//! same bytes, so a committed state with the id of the state in place need not be read.

use std::fs;
use std::path::Path;

use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use super::real_path;
use crate::repository::repository_root;

/// Git's id of a content, in lower-case hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobId(String);

impl BlobId {
    /// The id of these bytes in the repository that this file belongs to; `None` outside of repositories.
    pub(super) fn of(path: &Path, bytes: &[u8]) -> Option<Self> {
        let mut id = IdentifyingBlob::begin(path, bytes.len() as u64)?;
        id.add(bytes);
        Some(id.finish())
    }

    /// Its digits.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The id of bytes that come one after the other.
pub(super) enum IdentifyingBlob {
    Sha1(Sha1),
    Sha256(Sha256),
}

impl IdentifyingBlob {
    /// Begins the id of a content of this length, in the repository that this file belongs to. With another number of
    /// bytes, it is the id of nothing.
    pub(super) fn begin(path: &Path, length: u64) -> Option<Self> {
        let path = real_path(path);
        let root = repository_root(path.parent()?)?;
        let kind = format!("blob {length}\0");
        Some(if has_sha256_ids(root) {
            Self::Sha256(Sha256::new_with_prefix(kind))
        } else {
            Self::Sha1(Sha1::new_with_prefix(kind))
        })
    }

    pub(super) fn add(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha1(hash) => hash.update(bytes),
            Self::Sha256(hash) => hash.update(bytes),
        }
    }

    pub(super) fn finish(self) -> BlobId {
        BlobId(match self {
            Self::Sha1(hash) => digits(&hash.finalize()),
            Self::Sha256(hash) => digits(&hash.finalize()),
        })
    }
}

fn digits(hash: &[u8]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether the settings of a repository say that its ids are SHA-256. Git is not asked: it would answer only when the
/// file has been read. An id of the wrong kind equals no other, and then contents are read.
fn has_sha256_ids(root: &Path) -> bool {
    let settings = fs::read_to_string(root.join(".git").join("config")).unwrap_or_default();
    let is_set = |line: &str| {
        let line: String = line.split_whitespace().collect();
        line.eq_ignore_ascii_case("objectformat=sha256")
    };
    settings.lines().any(is_set)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id_in(settings: &str, bytes: &[u8]) -> String {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(".git")).unwrap();
        fs::write(folder.path().join(".git/config"), settings).unwrap();
        BlobId::of(&folder.path().join("state/s.json"), bytes).unwrap().as_str().to_owned()
    }

    #[test]
    fn ids_are_those_of_git() {
        // Those of the empty content, which every repository knows.
        assert_eq!(id_in("", b""), "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
        let sha256 = "[core]\n\tbare = false\n[extensions]\n\tObjectFormat = sha256\n";
        assert_eq!(id_in(sha256, b""), "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813");
        assert_eq!(id_in("[core]\n", b"abc\n"), "8baef1b4abc478178b004d62031cf7fe6db6f903");
    }
}
