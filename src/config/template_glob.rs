//! The globs in `templates` of certctl.toml, which select the template files. They are checked here and matched in
//! `load`.

use std::ops::Range;

use glob::Pattern;

use super::braces::expand;
use super::secrecy::{NOT_SHOWN, is_secret};
use crate::model::SourceLocation;

/// One glob of `templates`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateGlob {
    /// The glob as written.
    pub text: String,
    /// The place of the glob; without a line if it is the default.
    pub place: SourceLocation,
    /// The globs without braces that it expands to; each is valid.
    pub alternatives: Vec<String>,
}

/// An error in a glob, with the bytes it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlobError {
    /// The bytes of the glob that are wrong.
    pub at: Range<usize>,
    /// What is wrong, and what to write instead.
    pub message: String,
}

impl TemplateGlob {
    /// Returns the glob in a form that may be repeated in messages.
    pub fn shown(&self) -> &str {
        if is_secret(&self.text) { NOT_SHOWN } else { &self.text }
    }

    /// The glob that is used if certctl.toml has none.
    pub const DEFAULT: &str = "templates/**/*.{yaml,yml}";

    /// Parses a glob.
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
        // The author wants a file to be skipped that would be sent.
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
    fn invalid_globs_are_explained() {
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
