//! Which files hold templates, as certctl.toml says it.

use std::ops::Range;

use glob::Pattern;

use super::braces::expand;
use super::secrecy::{NOT_SHOWN, is_secret};
use crate::model::SourceLocation;

/// A glob of `templates`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateGlob {
    /// As it is written.
    pub text: String,
    /// Where; no line where it is the default.
    pub place: SourceLocation,
    /// What it stands for: globs without braces, each of which can be parsed.
    pub alternatives: Vec<String>,
}

/// What is wrong with a glob, and which bytes of it are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlobError {
    /// The bytes.
    pub at: Range<usize>,
    /// What is wrong with them, and what to write.
    pub message: String,
}

impl TemplateGlob {
    /// The glob as it can be repeated in a message.
    pub fn shown(&self) -> &str {
        if is_secret(&self.text) { NOT_SHOWN } else { &self.text }
    }

    /// What is meant where certctl.toml does not say it.
    pub const DEFAULT: &str = "templates/**/*.{yaml,yml}";

    /// Reads a glob.
    pub fn parse(text: &str, place: SourceLocation) -> Result<Self, GlobError> {
        let whole = || 0..text.len();
        if text.trim().is_empty() {
            return Err(GlobError { at: whole(), message: "names no file".to_owned() });
        }
        if text.chars().any(char::is_control) {
            let message = "has a control character in it: delete it".to_owned();
            return Err(GlobError { at: whole(), message });
        }
        if text.ends_with('/') {
            let folder = if is_secret(text) { NOT_SHOWN } else { text };
            let message = format!("names a folder: write {folder}**/*.{{yaml,yml}} for the files in it");
            return Err(GlobError { at: whole(), message });
        }
        let alternatives = expand(text).map_err(|error| GlobError {
            message: format!("is not a glob: {}", error.message),
            at: error.at,
        })?;
        // Whoever writes this wants a file to be spared that would be sent.
        if alternatives.iter().any(|glob| glob.starts_with('!')) {
            let message = "excludes nothing: a glob adds files, and `!` has no meaning before it. Remove it, and let the other globs name only the files that are meant".to_owned();
            return Err(GlobError { at: whole(), message });
        }
        for glob in &alternatives {
            let mut checked = glob.split('/').filter(|name| *name != "**").map(Pattern::new);
            if let Some(error) = checked.find_map(Result::err) {
                let message = format!("is not a glob: {}", error.msg);
                return Err(GlobError { at: whole(), message });
            }
        }
        Ok(Self { text: text.to_owned(), place, alternatives })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Vec<String>, String> {
        let glob = TemplateGlob::parse(text, SourceLocation::whole_file("certctl.toml"));
        glob.map(|glob| glob.alternatives).map_err(|error| error.message)
    }

    #[test]
    fn the_default_takes_both_endings() {
        assert_eq!(parse(TemplateGlob::DEFAULT).unwrap(), ["templates/**/*.yaml", "templates/**/*.yml"]);
    }

    #[test]
    fn what_is_no_glob_is_explained() {
        for (text, why) in [
            ("", "names no file"),
            (" ", "names no file"),
            ("templates/", "write templates/**/*.{yaml,yml}"),
            ("a\u{7}", "control character"),
            ("a{b", "not closed"),
            ("b[", "is not a glob"),
            ("a***", "is not a glob"),
            ("!a.yaml", "excludes nothing"),
            ("{a,!b}.yaml", "excludes nothing"),
            ("a/b**", "is not a glob"),
        ] {
            let found = parse(text).unwrap_err();
            assert!(found.contains(why), "{text:?}: {found}");
        }
    }
}
