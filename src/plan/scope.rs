//! Which templates a plan is about: --target and --exclude.

use std::collections::BTreeSet;
use std::fmt;

use glob::Pattern;
use serde::{Deserialize, Serialize};

use crate::model::{Key, did_you_mean, shell_word};

/// A choice of templates by key or glob.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    targets: Vec<Pattern>,
    excludes: Vec<Pattern>,
    /// These and no other, where they were named one by one.
    only: Option<BTreeSet<Key>>,
}

/// What --target and --exclude named, as it was given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// All but these.
    pub exclude: Vec<String>,
    /// Only these; all, where there are none.
    pub target: Vec<String>,
}

/// A choice that cannot be meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScopeError {
    /// Not a glob.
    #[error(
        "{text:?} is not a key or a glob: {message}. `*` stands for any text, `?` for one character, `[ab]` for one of them"
    )]
    Pattern {
        /// What was given.
        text: String,
        /// What is wrong with it.
        message: &'static str,
    },
    /// Some of what was given names nothing.
    #[error("{}", lines(.0))]
    NoMatch(Vec<Unmatched>),
}

/// A key or glob that names nothing: a typing mistake, which would send what was to be spared or spare what was to be
/// sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmatched {
    /// The flag that it was given with.
    pub flag: &'static str,
    /// What was given.
    pub text: String,
    /// The nearest key, in words.
    pub hint: String,
    /// Whether a template of another environment has this key.
    pub is_elsewhere: bool,
}

/// The keys that can be meant.
#[derive(Clone, Copy)]
pub struct KnownKeys<'k> {
    /// Those of the environment's configuration and state.
    pub here: &'k BTreeSet<&'k Key>,
    /// Those of templates that are for other environments.
    pub elsewhere: &'k BTreeSet<Key>,
}

fn lines(unmatched: &[Unmatched]) -> String {
    unmatched.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

impl fmt::Display for Unmatched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { flag, text, hint, is_elsewhere } = self;
        let text = shell_word(text);
        if *is_elsewhere {
            write!(
                f,
                "{flag} {text} matches no template of this environment: it is for other environments only"
            )
        } else {
            write!(
                f,
                "{flag} {text} matches no template, neither in the configuration nor in the state{hint}"
            )
        }
    }
}

impl Scope {
    /// The templates that a target names (all, without targets), less those that an exclude names.
    pub fn parse(targets: &[String], excludes: &[String]) -> Result<Self, ScopeError> {
        let patterns =
            |texts: &[String]| texts.iter().map(|text| pattern(text)).collect::<Result<Vec<_>, _>>();
        Ok(Self { targets: patterns(targets)?, excludes: patterns(excludes)?, only: None })
    }

    /// These templates and no other.
    pub fn of_keys(keys: &[Key]) -> Self {
        Self { only: Some(keys.iter().cloned().collect()), ..Self::default() }
    }

    /// Whether a template is chosen.
    pub fn contains(&self, key: &Key) -> bool {
        let named = |patterns: &[Pattern]| patterns.iter().any(|pattern| names(pattern, key));
        let chosen = self.only.as_ref().is_none_or(|only| only.contains(key));
        chosen && (self.targets.is_empty() || named(&self.targets)) && !named(&self.excludes)
    }

    /// Whether every template is chosen.
    pub fn is_everything(&self) -> bool {
        self.targets.is_empty() && self.excludes.is_empty() && self.only.is_none()
    }

    /// What was named, for those who read the plan; nothing where every template is chosen.
    pub fn selection(&self) -> Option<Selection> {
        let texts =
            |patterns: &[Pattern]| patterns.iter().map(|pattern| pattern.as_str().to_owned()).collect();
        let named = !self.targets.is_empty() || !self.excludes.is_empty();
        named.then(|| Selection { exclude: texts(&self.excludes), target: texts(&self.targets) })
    }

    /// The first target that names none of these keys, and the nearest key in words.
    pub fn unknown<'k>(&self, keys: &(impl Iterator<Item = &'k Key> + Clone)) -> Option<(&str, String)> {
        let unknown = self.targets.iter().find(|target| !keys.clone().any(|key| names(target, key)))?;
        Some((unknown.as_str(), did_you_mean(unknown.as_str(), keys.clone().map(Key::as_str))))
    }

    /// That everything that was given names something. A template of another environment can be left out: it is not
    /// sent here anyway, and one command line serves several environments.
    pub fn check(&self, known: KnownKeys<'_>) -> Result<(), ScopeError> {
        let unmatched = |flag, pattern: &Pattern, is_elsewhere| Unmatched {
            flag,
            text: pattern.as_str().to_owned(),
            hint: did_you_mean(pattern.as_str(), known.here.iter().map(|key| key.as_str())),
            is_elsewhere,
        };
        let is_here = |pattern: &&Pattern| known.here.iter().any(|key| names(pattern, key));
        let is_elsewhere = |pattern: &Pattern| known.elsewhere.iter().any(|key| names(pattern, key));
        let targets = self.targets.iter().filter(|target| !is_here(target));
        let targets = targets.map(|target| unmatched("--target", target, is_elsewhere(target)));
        let excludes = self.excludes.iter().filter(|exclude| !is_here(exclude) && !is_elsewhere(exclude));
        let excludes = excludes.map(|exclude| unmatched("--exclude", exclude, false));
        let all: Vec<Unmatched> = targets.chain(excludes).collect();
        if all.is_empty() { Ok(()) } else { Err(ScopeError::NoMatch(all)) }
    }
}

/// A key that happens to contain a glob's signs still names itself.
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
    fn what_names_nothing_is_a_mistake() {
        assert_eq!(
            checked(&["clod-101"], &["cluod-101", "x y"]).unwrap_err(),
            "--target clod-101 matches no template, neither in the configuration nor in the state (did you mean cloud-101?)\n\
             --exclude cluod-101 matches no template, neither in the configuration nor in the state (did you mean cloud-101?)\n\
             --exclude 'x y' matches no template, neither in the configuration nor in the state"
        );
        assert!(checked(&["cloud-*"], &["*-101", "cloud-101"]).is_ok());
        assert!(checked(&[], &["cloud-2*"]).is_err());
    }

    #[test]
    fn another_environments_template_can_be_left_out() {
        assert!(checked(&[], &["data-*"]).is_ok());
        assert_eq!(
            checked(&["data-101"], &[]).unwrap_err(),
            "--target data-101 matches no template of this environment: it is for other environments only"
        );
    }
}
