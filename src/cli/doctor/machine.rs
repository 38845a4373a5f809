//! The facts of the machine.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::cli::recency::unchecked_reason;
use crate::cli::user_folders::{self, NO_STATE_HOME};
use crate::model::io_words;
use crate::state::{Unchecked, git_version, marks_folder};
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
            None => Err(NO_STATE_HOME.to_owned()),
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
    let file = |variable, problem: fn(&Path) -> Option<String>| {
        let path = given(variable)?;
        Some(AuthorityFile { variable, problem: problem(&path), path: path.display().to_string() })
    };
    [file("SSL_CERT_FILE", problem_of_file), file("SSL_CERT_DIR", problem_of_folder)]
        .into_iter()
        .flatten()
        .collect()
}

fn problem_of_file(path: &Path) -> Option<String> {
    let mut bytes = Vec::new();
    match File::open(path).and_then(|file| file.take(MAX_BYTES).read_to_end(&mut bytes)) {
        Err(error) => Some(io_words(&error)),
        Ok(_) if String::from_utf8_lossy(&bytes).contains("-----BEGIN CERTIFICATE-----") => None,
        Ok(_) => Some("it has no certificate in PEM form".to_owned()),
    }
}

fn problem_of_folder(path: &Path) -> Option<String> {
    // It can name several.
    let folders = std::env::split_paths(path);
    folders.filter_map(|folder| std::fs::read_dir(folder).err()).map(|error| io_words(&error)).next()
}
