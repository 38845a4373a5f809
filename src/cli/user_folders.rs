//! The folders of a user for data that belongs to this machine and not to a project (XDG Base Directory Specification
//! 0.8).

use std::ffi::OsString;
use std::path::PathBuf;

/// Explains that there is no folder for data that survives a restart, and what to do.
pub(super) const NO_STATE_HOME: &str =
    "this user has no home directory (set HOME or XDG_STATE_HOME to an absolute path)";

/// Returns the folder for data that survives a restart: `XDG_STATE_HOME`, otherwise `.local/state` in the home
/// directory.
pub(super) fn state_home() -> Option<PathBuf> {
    // Without `HOME` the system knows the home directory.
    folder_by(std::env::var_os("XDG_STATE_HOME"), std::env::home_dir(), ".local/state")
}

/// Returns the folder for data that can be found out again: `XDG_CACHE_HOME`, otherwise `.cache` in the home directory.
pub(super) fn cache_home() -> Option<PathBuf> {
    folder_by(std::env::var_os("XDG_CACHE_HOME"), std::env::home_dir(), ".cache")
}

/// Ignores relative paths, as the specification requires.
fn folder_by(named: Option<OsString>, home: Option<PathBuf>, usual: &str) -> Option<PathBuf> {
    let home = home.filter(|home| home.is_absolute());
    absolute(named).or_else(|| home.map(|home| home.join(usual)))
}

/// Returns the folder for data that ends with the session.
pub(super) fn runtime() -> Option<PathBuf> {
    absolute(std::env::var_os("XDG_RUNTIME_DIR"))
}

/// Returns both folders, if they exist; the first also serves those who run certctl from a timer, without a session.
pub(super) fn all() -> Vec<PathBuf> {
    state_home().into_iter().chain(runtime()).collect()
}

fn absolute(named: Option<OsString>) -> Option<PathBuf> {
    named.map(PathBuf::from).filter(|path| path.is_absolute())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_home_follows_xdg() {
        let folder = tempfile::tempdir().unwrap();
        let (xdg, home) = (folder.path().join("x"), folder.path().join("h"));
        let of = |named: Option<&str>, home: Option<&str>| {
            folder_by(named.map(OsString::from), home.map(PathBuf::from), ".local/state")
        };
        let (xdg_text, home_text) = (xdg.to_str(), home.to_str());
        assert_eq!(of(xdg_text, home_text), Some(xdg.clone()));
        assert_eq!(of(None, home_text), Some(home.join(".local/state")));
        // Relative paths are ignored.
        assert_eq!(of(Some("x"), home_text), Some(home.join(".local/state")));
        assert_eq!(of(None, Some("")), None);
        assert_eq!(of(None, None), None);
    }
}
