//! What `certctl --version --verbose` says about the program: where it comes from and what it can read and write.

use std::env::consts::{ARCH, OS};
use std::ffi::OsString;

/// The formats that this version writes, those of `docs/formats.md`.
const FORMATS: [&str; 15] = [
    "certctl.apply/v1",
    "certctl.doctor/v1",
    "certctl.drift/v1",
    "certctl.environments/v1",
    "certctl.error/v1",
    "certctl.history/v1",
    "certctl.import/v1",
    "certctl.observer/v1",
    "certctl.plan/v1",
    "certctl.recover/v1",
    "certctl.refresh/v1",
    "certctl.row/v1",
    "certctl.state-list/v1",
    "certctl.state/v1",
    "certctl.validate/v1",
];

/// Whether these arguments ask for details.
pub(super) fn wants_details(mut arguments: impl Iterator<Item = OsString>) -> bool {
    arguments.any(|argument| {
        let argument = argument.to_string_lossy();
        argument == "--verbose" || argument.strip_prefix('-').is_some_and(|flags| flags.starts_with('v'))
    })
}

/// The details, one a line.
pub(super) fn details() -> String {
    // Set by release/build: whoever builds this commit with this compiler gets the same program.
    let not_a_release = "not known, because this is not a release";
    let commit = option_env!("RELEASE_COMMIT").unwrap_or(not_a_release);
    let compiler = option_env!("RELEASE_COMPILER").unwrap_or(not_a_release);
    let libc = if cfg!(target_env = "musl") { "-musl" } else { "" };
    let pictures = if cfg!(feature = "pictures") { "pictures" } else { "none" };
    format!(
        "commit:   {commit}\ncompiler: {compiler}\ntarget:   {ARCH}-{OS}{libc}\nfeatures: {pictures}\nformats:  {}\n",
        FORMATS.join("\n          ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_those_with_a_schema() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema");
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter_map(|name| name.strip_suffix(".schema.json").map(|name| name.replace("-v", "/v")))
            .collect();
        names.sort();
        assert_eq!(names, FORMATS, "docs/schema and the list in src/cli/version.rs differ");
    }

    #[test]
    fn verbose_in_any_form_asks_for_details() {
        let asks = |text: &str| wants_details(text.split(' ').map(OsString::from));
        assert!(
            asks("certctl --version --verbose")
                && asks("certctl -v --version")
                && asks("certctl --version -vv")
        );
        assert!(!asks("certctl --version") && !asks("certctl -V"));
    }
}
