//! Sets apart the differences that a person declared to be meant (`[drift] ignore`). Pure. `drift`
//! tells them apart, and `refresh` does not take them: the state keeps what it has.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::drift::{Drift, Drifted, Gone};
use crate::model::{Attributes, IgnoredDrift, Key};

/// Differences with and without an explanation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExplainedDrift<'i> {
    /// What is not explained; rows that were not compared, and unmanaged templates, as they were.
    pub drift: Drift,
    /// What is explained. A template of which only a part is explained is in both.
    pub ignored: BTreeMap<Key, Explanation<'i>>,
    /// Entries that explain nothing here.
    pub idle: Vec<IdleRule<'i>>,
}

/// A difference that is meant.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation<'i> {
    /// The difference.
    pub what: ExplainedDifference,
    /// The entries that explain it, at least one, in the order of the file.
    pub entries: Vec<&'i IgnoredDrift>,
}

/// What is explained.
#[derive(Clone, Debug, PartialEq)]
pub enum ExplainedDifference {
    /// Some attributes differ; those that are not explained are left out.
    Differs(Box<Drifted>),
    /// The template was deleted.
    Deleted(Gone),
}

/// An entry of `[drift] ignore` that explains nothing here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdleRule<'i> {
    /// The entry.
    pub entry: &'i IgnoredDrift,
    /// Why it explains nothing.
    pub reason: IdleReason,
}

/// Why an entry of `[drift] ignore` explains nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdleReason {
    /// Its last day is over. Whatever it explained counts again.
    Expired(Date),
    /// No template of the state has such a key.
    NoTemplate,
    /// All its templates were compared, and none differs in that way.
    NoDifference,
}

impl Drift {
    /// Sets apart what the entries explain on this day. `keys` are the templates of the state.
    pub fn explained_by<'i>(
        mut self,
        entries: &'i [IgnoredDrift],
        today: Date,
        keys: &BTreeSet<Key>,
    ) -> ExplainedDrift<'i> {
        let valid: Vec<&IgnoredDrift> = entries.iter().filter(|entry| !entry.is_expired(today)).collect();
        let mut used = vec![false; valid.len()];
        let mut ignored = BTreeMap::new();
        for (key, drifted) in std::mem::take(&mut self.differing) {
            let (rest, explained) = split(&key, &drifted, &valid, &mut used);
            self.differing.extend(rest.map(|rest| (key.clone(), rest)));
            ignored.extend(explained.map(|explained| (key, explained)));
        }
        for (key, gone) in std::mem::take(&mut self.deleted) {
            let is_meant = |entry: &&IgnoredDrift| entry.is_about_everything() && entry.is_about(&key);
            match valid.iter().position(is_meant) {
                None => drop(self.deleted.insert(key, gone)),
                Some(position) => {
                    used[position] = true;
                    let what = ExplainedDifference::Deleted(gone);
                    ignored.insert(key, Explanation { what, entries: vec![valid[position]] });
                }
            }
        }
        let is_used =
            |entry: &IgnoredDrift| valid.iter().zip(&used).any(|(one, used)| *used && *one == entry);
        let idle = entries.iter().filter(|entry| !is_used(entry));
        let idle =
            idle.filter_map(|entry| Some(IdleRule { entry, reason: self.why_idle(entry, today, keys)? }));
        let idle = idle.collect();
        ExplainedDrift { drift: self, ignored, idle }
    }

    /// Why an entry explains nothing; `None` if that is not known, because a template or an attribute of it was not compared.
    fn why_idle(&self, entry: &IgnoredDrift, today: Date, keys: &BTreeSet<Key>) -> Option<IdleReason> {
        if let Some(last) = entry.until.filter(|_| entry.is_expired(today)) {
            return Some(IdleReason::Expired(last));
        }
        if !keys.iter().any(|key| entry.is_about(key)) {
            return Some(IdleReason::NoTemplate);
        }
        let is_open = self.not_compared.keys().any(|key| entry.is_about(key))
            || self.unseen.keys().any(|name| entry.explains(name));
        (!is_open).then_some(IdleReason::NoDifference)
    }
}

/// Parts the difference of one template into what is not explained and what is.
fn split<'i>(
    key: &Key,
    drifted: &Drifted,
    valid: &[&'i IgnoredDrift],
    used: &mut [bool],
) -> (Option<Drifted>, Option<Explanation<'i>>) {
    let mut entries = Vec::new();
    let mut explained: BTreeSet<String> = BTreeSet::new();
    for (entry, used) in valid.iter().zip(used).filter(|(entry, _)| entry.is_about(key)) {
        let own: Vec<&str> = drifted.changed().filter(|name| entry.explains(name)).collect();
        if !own.is_empty() {
            *used = true;
            entries.push(*entry);
            explained.extend(own.into_iter().map(str::to_owned));
        }
    }
    let is_explained = |name: &str| explained.contains(name);
    let meant = drifted.limited_to(is_explained);
    let rest = drifted.limited_to(|name| !is_explained(name));
    let explanation = |meant| Explanation { what: ExplainedDifference::Differs(Box::new(meant)), entries };
    (rest, meant.map(explanation))
}

impl Drifted {
    /// The names of the attributes that differ.
    pub fn changed(&self) -> impl Iterator<Item = &str> {
        let names: BTreeSet<&str> = self.before.names().chain(self.after.names()).collect();
        names.into_iter().filter(|name| self.before.get(name) != self.after.get(name))
    }

    /// The difference in these attributes alone; `None` if there is none.
    fn limited_to(&self, is_meant: impl Fn(&str) -> bool) -> Option<Self> {
        if !self.changed().any(&is_meant) {
            return None;
        }
        let kept = self.before.shared().filter(|(name, _)| !is_meant(name.as_str()));
        let seen = self.after.shared().filter(|(name, _)| is_meant(name.as_str()));
        let after: Attributes = kept.chain(seen).map(|(name, value)| (name.clone(), value.clone())).collect();
        let left: Vec<&str> = self.changed().filter(|name| !is_meant(name)).collect();
        let baseline = left
            .iter()
            .fold(self.baseline.clone(), |baseline, name| baseline.with(name, self.before.get(name)));
        Some(Self { baseline, after, ..self.clone() })
    }
}
