//! Checks which paths and addresses `state` in certctl.toml may name. It looks at the text only, never at the disk.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::secret_address::has_private_address;
use crate::model::StateAddress;

/// The endings of files that certctl keeps beside a state.
pub const BESIDE: [&str; 5] = [".backup", ".journal", ".lock", ".rescued", ".sandbox"];

/// Why a path or an address cannot be a state's, and what to do. Neither repeats it.
#[derive(Debug)]
pub struct InvalidStatePath {
    /// What is wrong, as in "state …".
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// Checks whether a path or an address, as written, can be that of the state of this environment.
pub fn check(text: &str, environment: &str) -> Result<(), InvalidStatePath> {
    let senseless = |message: &str, help: &str| {
        Err(InvalidStatePath { message: format!("state {message}"), help: Some(help.to_owned()) })
    };
    let default = format!("leave it out for state/{environment}.json");
    let whole = "write the whole path, or one that is relative to the folder of certctl.toml";
    let path = Path::new(text);
    let ends = |endings: &[&str]| endings.iter().any(|ending| text.to_lowercase().ends_with(ending));
    if text.trim().is_empty() || text.ends_with('/') || path.file_name().is_none() {
        return senseless("must be the name of a file", &default);
    }
    if text.chars().any(char::is_control) {
        return senseless(
            "has a control character in it",
            "delete it; in quotes, `\\t` and `\\n` are such characters",
        );
    }
    if text.trim() != text {
        return senseless("begins or ends with a blank", "delete the blank");
    }
    if text.starts_with('~') {
        return senseless("begins with `~`, which is not expanded here", whole);
    }
    if text.starts_with('$') || text.contains("${") {
        return senseless("names a variable, and variables are not expanded here", whole);
    }
    if text.starts_with("https://") || text.starts_with("http://") {
        return match StateAddress::parse(text) {
            Some(Err(invalid)) => senseless(invalid.message, invalid.help),
            _ => Ok(()),
        };
    }
    if has_private_address(text) || text.contains('?') {
        return senseless("must be a file, and this looks like an address", &default);
    }
    match StateAddress::parse(text) {
        Some(Ok(_)) => return Ok(()),
        Some(Err(invalid)) => return senseless(invalid.message, invalid.help),
        None => {}
    }
    if ends(&[".toml", ".yaml", ".yml"]) {
        return senseless("has the name of a configuration file, and a state is JSON", &default);
    }
    if path.iter().any(|name| name.eq_ignore_ascii_case(".git")) {
        return senseless("lies in git's own folder", &default);
    }
    if ends(&BESIDE) {
        return senseless("has a name that certctl gives to files beside a state", &default);
    }
    Ok(())
}

/// Returns every path that the text of a certctl.toml names as a state, even if the file has errors: whatever follows
/// `state =`. The paths are relative to the folder of certctl.toml.
pub fn mentioned_states(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| {
        line.match_indices("state").filter_map(|(at, word)| {
            let value = line[at + word.len()..]
                .trim_start_matches(['"', '\'', ' ', '\t'])
                .strip_prefix('=')?
                .trim_start();
            let value = match value.chars().next()? {
                quote @ ('"' | '\'') => value[1..].split(quote).next()?,
                _ => value.split(['#', ',', '}']).next()?.trim_end(),
            };
            (!value.is_empty()).then_some(value)
        })
    })
}

/// Returns the path in the form that case-insensitive file systems compare.
pub(super) fn caseless(path: &Path) -> PathBuf {
    let lower: &OsStr = path.as_os_str();
    PathBuf::from(lower.to_string_lossy().to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_states_are_explained() {
        for (text, why) in [
            ("", "name of a file"),
            (" ", "name of a file"),
            ("state/", "name of a file"),
            (".", "name of a file"),
            ("state/..", "name of a file"),
            ("a\u{7}.json", "control character"),
            ("a\n.json", "control character"),
            (" a.json", "blank"),
            ("~/x.json", "not expanded"),
            ("~", "not expanded"),
            ("$HOME/x.json", "not expanded"),
            ("state/${var.a}.json", "not expanded"),
            ("s3://bucket", "nothing in it"),
            ("gs://bucket/x.json", "does not support"),
            ("http://gitlab.example.com/x", "without TLS"),
            ("https://gitlab.example.com/x?private_token=abc", "a query"),
            ("https://me:pw@a.example/x.json", "an address"),
            ("me:pw@a.example/x.json", "an address"),
            ("a.json?x=1", "an address"),
            ("certctl.toml", "configuration file"),
            ("state/x.YAML", "configuration file"),
            (".git/x.json", "git's own"),
            ("state/x.json.journal", "beside a state"),
        ] {
            let found = check(text, "e").err().map(|senseless| senseless.message).unwrap_or_default();
            assert!(found.contains(why), "{text:?}: {found:?}");
        }
    }

    #[test]
    fn states_are_found_despite_errors() {
        let text = "state = \"a.json\" # x\n 'state'=b.json\nx = { url = 1, state = 'c d.json' }\nstate = \nstate\nstates = 1\n";
        assert_eq!(mentioned_states(text).collect::<Vec<_>>(), ["a.json", "b.json", "c d.json"]);
    }

    #[test]
    fn possible_states_are_accepted() {
        for text in [
            "state/x.json",
            "../x.json",
            "/srv/state/x",
            "a b.json",
            "x~",
            "a$b.json",
            ".hidden.json",
            "s3://bucket/x.json",
            "az://container/a/x.json",
            "https://gitlab.example.com/api/v4/projects/1/terraform/state/production",
            "http://127.0.0.1:8080/state",
        ] {
            assert!(check(text, "e").is_ok(), "{text}");
        }
    }
}
