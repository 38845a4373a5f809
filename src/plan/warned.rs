//! What a reviewer should know, and which warnings say the same of other templates.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{Entry, Held};
use crate::model::Key;

/// One warning of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Warned {
    /// The whole of it, in words.
    pub text: String,
    /// What it has in common with warnings that say the same of other templates; `None` for a warning about one template alone.
    pub kind: Option<WarningKind>,
    /// The templates that it concerns, where it concerns any in particular.
    pub keys: Vec<Key>,
}

/// What warnings that say the same have in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WarningKind {
    /// What is said, without the template and its place.
    pub message: String,
    /// Stable id of the rule.
    pub rule: String,
}

impl From<String> for Warned {
    fn from(text: String) -> Self {
        Self { text, ..Self::default() }
    }
}

impl Warned {
    /// A warning about some templates, of a kind.
    pub fn of(rule: &str, message: impl Into<String>, keys: Vec<Key>, text: String) -> Self {
        let kind = WarningKind { message: message.into(), rule: rule.to_owned() };
        Self { text, kind: Some(kind), keys }
    }

    /// The server keeps one template and gets another.
    pub(super) fn replaced(key: &Key) -> Self {
        let message = "will be for another resource or audience. The server keeps the template it has now and gets a second \
                       one; the old one stays in the state as an orphan until you delete it by hand";
        Self::of("replaced", message, vec![key.clone()], format!("{key} {message}"))
    }

    /// A rename that cannot be carried out.
    pub(super) fn not_moved(from: &Key, to: &Key) -> Self {
        let message = "the state has both keys of `moved`, so nothing is moved";
        let text = format!(
            "moved: the state has both {from} and {to}, so nothing is moved. Forget the one that is wrong (state rm)"
        );
        Self::of("not-moved", message, vec![from.clone(), to.clone()], text)
    }

    /// What is held back, and why.
    pub fn held(entry: &Entry, held: &Held) -> Self {
        let rule = format!("held-{}", held.reason().replace('_', "-"));
        let message = match held {
            Held::Renamed { .. } => "looks renamed",
            Held::Taken { .. } => "another template has its place on the server",
            // Each ring has its own commands.
            Held::Exchanged { ring } => {
                &format!("has changed places with {}", ring.first().unwrap_or(&entry.key))
            }
            Held::Shifted { count, .. } => &format!("has changed places, as {count} templates have"),
            Held::NoExactId => "its exact id is not known",
            Held::Unsettled => "an earlier attempt on it is not settled",
        };
        Self::of(&rule, message, vec![entry.key.clone()], held.why(entry))
    }

    fn rule(&self) -> Option<&str> {
        self.kind.as_ref().map(|kind| kind.rule.as_str())
    }
}

/// Warnings of which one text tells all; mostly there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SameWarning<'w> {
    /// The one that is told.
    pub first: &'w Warned,
    /// The others.
    pub others: Vec<&'w Warned>,
    /// Whether the others say the very same; else only the rule is the same.
    pub is_same: bool,
}

/// From so many on, warnings that say the same are told together.
const ALIKE: usize = 3;
/// So many different texts of one rule are told; of those beyond, only the templates.
const OF_ONE_RULE: usize = 5;

impl SameWarning<'_> {
    /// The templates that the others concern, each once, in order.
    pub fn other_keys(&self) -> Vec<&Key> {
        let mut keys: Vec<&Key> = self.others.iter().flat_map(|warned| &warned.keys).collect();
        keys.sort();
        keys.dedup();
        keys
    }
}

/// Every warning in exactly one group; a group is where its first warning was. Every rule keeps at least one text.
pub fn same_warnings<'w>(warnings: impl IntoIterator<Item = &'w Warned>) -> Vec<SameWarning<'w>> {
    let mut groups: Vec<SameWarning<'w>> = Vec::new();
    let mut of_kind: HashMap<&WarningKind, Vec<&'w Warned>> = HashMap::new();
    let warnings: Vec<&Warned> = warnings.into_iter().collect();
    for warned in &warnings {
        if let Some(kind) = &warned.kind {
            of_kind.entry(kind).or_default().push(warned);
        }
    }
    for warned in warnings {
        let alike = warned.kind.as_ref().and_then(|kind| of_kind.get_mut(kind));
        match alike {
            // Told with the first of its kind already.
            Some(alike) if alike.is_empty() => {}
            Some(alike) if alike.len() >= ALIKE => {
                let others = std::mem::take(alike).split_off(1);
                groups.push(SameWarning { first: warned, others, is_same: true });
            }
            _ => groups.push(SameWarning { first: warned, others: Vec::new(), is_same: true }),
        }
    }
    by_rule(groups)
}

/// Where one rule has many different texts, the last text shown also represents those that are not shown.
fn by_rule(groups: Vec<SameWarning<'_>>) -> Vec<SameWarning<'_>> {
    let mut told: Vec<SameWarning<'_>> = Vec::new();
    let mut of_rule: HashMap<&str, Vec<usize>> = HashMap::new();
    for group in groups {
        let Some(rule) = group.first.rule() else {
            told.push(group);
            continue;
        };
        let places = of_rule.entry(rule).or_default();
        match places.last() {
            Some(&last) if places.len() == OF_ONE_RULE => {
                told[last].is_same = false;
                told[last].others.push(group.first);
                told[last].others.extend(group.others);
            }
            _ => {
                places.push(told.len());
                told.push(group);
            }
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warned(rule: &str, message: &str, key: usize) -> Warned {
        let key = Key::new(format!("t-{key:03}")).unwrap();
        Warned::of(rule, message, vec![key.clone()], format!("a.yaml: {message} ({key})"))
    }

    #[test]
    fn the_same_of_many_is_told_once_with_their_keys() {
        let all: Vec<Warned> = (0..600).map(|number| warned("unseen", "never shown", number)).collect();
        let groups = same_warnings(&all);
        assert_eq!(groups.len(), 1);
        assert_eq!((groups[0].others.len(), groups[0].other_keys().len()), (599, 599));
        assert_eq!(groups[0].first.text, "a.yaml: never shown (t-000)");
        assert_eq!(same_warnings(&all[..2]).len(), 2, "two are told one by one");
    }

    #[test]
    fn many_texts_of_one_rule_leave_room_for_the_other_rules() {
        let mut all: Vec<Warned> =
            (0..50).map(|number| warned("far", &format!("{number} years"), number)).collect();
        all.push(warned("past", "over", 50));
        all.push(Warned::from("alone".to_owned()));
        let groups = same_warnings(&all);
        assert_eq!(groups.len(), 7);
        assert_eq!((groups[4].others.len(), groups[4].is_same), (45, false));
        assert_eq!(groups[6].first.text, "alone");
    }

    proptest::proptest! {
        #[test]
        fn every_warning_is_in_one_group_and_every_rule_has_a_text(
            kinds in proptest::collection::vec((0..3_usize, 0..9_usize), 0..60)
        ) {
            let all: Vec<Warned> = kinds
                .iter()
                .enumerate()
                .map(|(number, (rule, message))| warned(&rule.to_string(), &message.to_string(), number))
                .collect();
            let groups = same_warnings(&all);
            let mut told: Vec<&str> = groups
                .iter()
                .flat_map(|group| std::iter::once(group.first).chain(group.others.iter().copied()))
                .map(|warned| warned.text.as_str())
                .collect();
            told.sort_unstable();
            let mut texts: Vec<&str> = all.iter().map(|warned| warned.text.as_str()).collect();
            texts.sort_unstable();
            proptest::prop_assert_eq!(told, texts);
            for warned in &all {
                proptest::prop_assert!(groups.iter().any(|group| group.first.rule() == warned.rule()));
            }
            proptest::prop_assert!(groups.len() <= 3 * OF_ONE_RULE);
        }
    }
}
