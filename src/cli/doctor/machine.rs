//! The facts of the machine.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use crate::cli::recency::unchecked_reason;
use crate::cli::user_folders::{self, NO_STATE_HOME};
use crate::model::io_words;
use crate::state::{Unchecked, UnusableFolder, git_version, marks_folder};
use crate::view::doctor::{AuthorityFile, GitFound, MachineFacts};

/// The variables of a proxy that the HTTP library reads.
const PROXY: [&str; 6] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"];
/// The size limit of a file of certificate authorities, in bytes. Those of a system need a tenth of it.
const MAX_BYTES: u64 = 4_000_000;

pub(super) fn facts() -> MachineFacts {
    MachineFacts {
        git: git(),
        marks: match user_folders::state_home() {
            Some(home) => marks_folder(&home).map(|folder| folder.display().to_string()),
            None => Err(UnusableFolder::because(NO_STATE_HOME)),
        },
        authorities: authorities(),
        proxy_variables: PROXY.into_iter().filter(|name| given(name).is_some()).collect(),
    }
}

/// A variable of the process that is set; an empty one counts as missing.
pub(super) fn given(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

fn git() -> GitFound {
    match git_version() {
        Ok(version) => GitFound::Version(version),
        Err(Unchecked::NoGit) => GitFound::Missing,
        Err(why) => GitFound::Failed(unchecked_reason(&why)),
    }
}

/// The files that variables name. The systems of Apple and Microsoft have none.
fn authorities() -> Vec<AuthorityFile> {
    if cfg!(any(windows, target_vendor = "apple")) {
        return Vec::new();
    }
    let file = |variable, path: Option<PathBuf>, problem: fn(&Path) -> Option<String>| {
        let path = path?;
        Some(AuthorityFile { variable, problem: problem(&path), path: path.display().to_string() })
    };
    // An empty SSL_CERT_FILE is not ignored by the TLS library: it trusts no one then.
    let named_file = std::env::var_os("SSL_CERT_FILE").map(PathBuf::from);
    [
        file("SSL_CERT_FILE", named_file, problem_of_file),
        file("SSL_CERT_DIR", given("SSL_CERT_DIR"), problem_of_folders),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn problem_of_file(path: &Path) -> Option<String> {
    if path.as_os_str().is_empty() {
        return Some("it is empty".to_owned());
    }
    match has_authority(path) {
        Err(error) => Some(io_words(&error)),
        Ok(true) => None,
        Ok(false) => Some("it has no certificate in PEM form".to_owned()),
    }
}

/// What is wrong with the folders that a variable names, as in PATH.
fn problem_of_folders(paths: &Path) -> Option<String> {
    let mut is_one_found = false;
    for folder in std::env::split_paths(paths).filter(|folder| !folder.as_os_str().is_empty()) {
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return Some(io_words(&error)),
        };
        is_one_found |= entries.flatten().any(|entry| has_authority(&entry.path()).unwrap_or_default());
    }
    (!is_one_found).then(|| "no file there has a certificate in PEM form".to_owned())
}

/// Whether a file has a certificate that TLS can trust.
fn has_authority(path: &Path) -> std::io::Result<bool> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_BYTES).read_to_end(&mut bytes)?;
    let certificates = CertificateDer::pem_slice_iter(&bytes).filter_map(Result::ok);
    let (usable, _) = RootCertStore::empty().add_parsable_certificates(certificates);
    Ok(usable > 0)
}
