//! Where a user keeps what belongs to this machine and to no project (XDG Base Directory Specification 0.8).

use std::path::PathBuf;

/// The folder for what is to survive a restart: `XDG_STATE_HOME`, else `.local/state` at home.
pub(super) fn state_home() -> Option<PathBuf> {
    named("XDG_STATE_HOME").or_else(|| {
        std::env::home_dir().filter(|home| home.is_absolute()).map(|home| home.join(".local/state"))
    })
}

/// The folder for what ends with the session.
pub(super) fn runtime() -> Option<PathBuf> {
    named("XDG_RUNTIME_DIR")
}

/// Both, as far as there are: the first also has those who run certctl from a timer, without a session.
pub(super) fn all() -> Vec<PathBuf> {
    state_home().into_iter().chain(runtime()).collect()
}

/// The specification has relative paths ignored.
fn named(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute())
}
