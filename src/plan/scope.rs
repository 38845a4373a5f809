//! The templates that a plan is limited to: targets and exclusions.

use std::collections::BTreeSet;
use std::fmt;

use glob::Pattern;
use serde::{Deserialize, Serialize};

use crate::model::{Key, did_you_mean, shell_word};

/// A selection of templates by key or glob.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    targets: Vec<Pattern>,
    excludes: Vec<Pattern>,
    /// Only these keys, if they were given one by one.
    only: Option<BTreeSet<Key>>,
}

/// The values of --target and --exclude, as given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// The keys and globs to leave out.
    pub exclude: Vec<String>,
    /// The keys and globs to include; empty for all templates.
    pub target: Vec<String>,
}

/// Why a selection is invalid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScopeError {
    /// A text is not a valid glob.
    #[error(
        "{text:?} is not a key or a glob: {message}. `*` matches any text, `?` one character, `[ab]` for one of them"
    )]
    Pattern {
        /// The text that was given.
        text: String,
        /// What is wrong with it.
        message: &'static str,
    },
    /// Some keys or globs match nothing. `cli` names the options that they were given with.
    #[error("{}", lines(.0))]
    NoMatch(Vec<Unmatched>),
}

/// A key or glob that matches nothing: probably a typing error, which would send a template that was to be left out, or
/// leave out one that was to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmatched {
    /// Whether it was to be left out.
    pub is_excluded: bool,
    /// The text that was given.
    pub text: String,
    /// A hint with the nearest key, or an empty text.
    pub hint: String,
    /// Whether a template of another environment has this key.
    pub is_elsewhere: bool,
}

/// The keys that a selection can name.
#[derive(Clone, Copy)]
pub struct KnownKeys<'k> {
    /// The keys in the environment's configuration and state.
    pub here: &'k BTreeSet<&'k Key>,
    /// The keys of templates that are for other environments.
    pub elsewhere: &'k BTreeSet<Key>,
}

fn lines(unmatched: &[Unmatched]) -> String {
    unmatched.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

impl fmt::Display for Unmatched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { is_excluded: _, text, hint, is_elsewhere } = self;
        let text = shell_word(text);
        if *is_elsewhere {
            write!(f, "{text} matches no template of this environment: it is for other environments only")
        } else {
            write!(f, "{text} matches no template, neither in the configuration nor in the state{hint}")
        }
    }
}

impl Scope {
    /// Parses a selection: the templates that a target matches (all without targets), except those that an exclude
    /// matches.
    pub fn parse(targets: &[String], excludes: &[String]) -> Result<Self, ScopeError> {
        let patterns =
            |texts: &[String]| texts.iter().map(|text| pattern(text)).collect::<Result<Vec<_>, _>>();
        Ok(Self { targets: patterns(targets)?, excludes: patterns(excludes)?, only: None })
    }

    /// Selects only these keys.
    pub fn of_keys(keys: &[Key]) -> Self {
        Self { only: Some(keys.iter().cloned().collect()), ..Self::default() }
    }

    /// Returns whether a template is selected.
    pub fn contains(&self, key: &Key) -> bool {
        let named = |patterns: &[Pattern]| patterns.iter().any(|pattern| names(pattern, key));
        let chosen = self.only.as_ref().is_none_or(|only| only.contains(key));
        chosen && (self.targets.is_empty() || named(&self.targets)) && !named(&self.excludes)
    }

    /// Returns the flags as given, for the plan's document; `None` if every template is selected.
    pub fn selection(&self) -> Option<Selection> {
        let texts =
            |patterns: &[Pattern]| patterns.iter().map(|pattern| pattern.as_str().to_owned()).collect();
        let named = !self.targets.is_empty() || !self.excludes.is_empty();
        named.then(|| Selection { exclude: texts(&self.excludes), target: texts(&self.targets) })
    }

    /// Returns the first target that matches none of these keys, with the nearest key in words.
    pub fn unknown<'k>(&self, keys: &(impl Iterator<Item = &'k Key> + Clone)) -> Option<(&str, String)> {
        let unknown = self.targets.iter().find(|target| !keys.clone().any(|key| names(target, key)))?;
        Some((unknown.as_str(), did_you_mean(unknown.as_str(), keys.clone().map(Key::as_str))))
    }

    /// Checks that every key and glob matches something. A template of another environment may be excluded: it is not
    /// sent here anyway, and one command line may serve several environments.
    pub fn check(&self, known: KnownKeys<'_>) -> Result<(), ScopeError> {
        let unmatched = |is_excluded, pattern: &Pattern, is_elsewhere| Unmatched {
            is_excluded,
            text: pattern.as_str().to_owned(),
            hint: did_you_mean(pattern.as_str(), known.here.iter().map(|key| key.as_str())),
            is_elsewhere,
        };
        let is_here = |pattern: &&Pattern| known.here.iter().any(|key| names(pattern, key));
        let is_elsewhere = |pattern: &Pattern| known.elsewhere.iter().any(|key| names(pattern, key));
        let targets = self.targets.iter().filter(|target| !is_here(target));
        let targets = targets.map(|target| unmatched(false, target, is_elsewhere(target)));
        let excludes = self.excludes.iter().filter(|exclude| !is_here(exclude) && !is_elsewhere(exclude));
        let excludes = excludes.map(|exclude| unmatched(true, exclude, false));
        let all: Vec<Unmatched> = targets.chain(excludes).collect();
        if all.is_empty() { Ok(()) } else { Err(ScopeError::NoMatch(all)) }
    }
}

/// A key with a glob's special characters still matches itself.
fn names(pattern: &Pattern, key: &Key) -> bool {
    pattern.as_str() == key.as_str() || pattern.matches(key.as_str())
}

fn pattern(text: &str) -> Result<Pattern, ScopeError> {
    Pattern::new(text).map_err(|error| ScopeError::Pattern { text: text.to_owned(), message: error.msg })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Key {
        Key::new(text).unwrap()
    }

    fn scope(targets: &[&str], excludes: &[&str]) -> Scope {
        let owned = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
        Scope::parse(&owned(targets), &owned(excludes)).unwrap()
    }

    #[test]
    fn excludes_win_over_targets() {
        let cloud = scope(&["cloud-*"], &["cloud-101"]);
        assert!(cloud.contains(&key("cloud-201")));
        assert!(!cloud.contains(&key("cloud-101")));
        assert!(!cloud.contains(&key("data-101")));
        assert!(scope(&[], &[]).contains(&key("anything")));
    }

    fn checked(targets: &[&str], excludes: &[&str]) -> Result<(), String> {
        let (one, other) = (key("cloud-101"), key("data-101"));
        let known = KnownKeys { here: &[&one].into(), elsewhere: &[other].into() };
        scope(targets, excludes).check(known).map_err(|error| error.to_string())
    }

    #[test]
    fn unmatched_names_are_errors() {
        assert_eq!(
            checked(&["clod-101"], &["cluod-101", "x y"]).unwrap_err(),
            "clod-101 matches no template, neither in the configuration nor in the state (did you mean cloud-101?)\n\
             cluod-101 matches no template, neither in the configuration nor in the state (did you mean cloud-101?)\n\
             'x y' matches no template, neither in the configuration nor in the state"
        );
        assert!(checked(&["cloud-*"], &["*-101", "cloud-101"]).is_ok());
        assert!(checked(&[], &["cloud-2*"]).is_err());
    }

    #[test]
    fn other_environments_templates_can_be_excluded() {
        assert!(checked(&[], &["data-*"]).is_ok());
        assert_eq!(
            checked(&["data-101"], &[]).unwrap_err(),
            "data-101 matches no template of this environment: it is for other environments only"
        );
    }
}
