//! Which templates a plan is about: --target and --exclude.

use std::collections::BTreeSet;

use glob::Pattern;
use serde::{Deserialize, Serialize};

use crate::model::{Key, did_you_mean};

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
    /// It chooses nothing.
    #[error("--target {text} matches no template, neither in the configuration nor in the state{hint}")]
    NoMatch {
        /// What was given.
        text: String,
        /// The nearest key, in words.
        hint: String,
    },
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

    /// That every target names something: a target that names nothing is a typing mistake.
    pub fn check<'k>(&self, keys: &(impl Iterator<Item = &'k Key> + Clone)) -> Result<(), ScopeError> {
        match self.unknown(keys) {
            Some((text, hint)) => Err(ScopeError::NoMatch { text: text.to_owned(), hint }),
            None => Ok(()),
        }
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

    #[test]
    fn a_target_that_names_nothing_is_a_mistake() {
        let keys = [key("cloud-101")];
        assert_eq!(
            scope(&["clod-101"], &[]).check(&keys.iter()).unwrap_err().to_string(),
            "--target clod-101 matches no template, neither in the configuration nor in the state (did you mean cloud-101?)"
        );
        assert!(scope(&["cloud-*"], &[]).check(&keys.iter()).is_ok());
    }
}
