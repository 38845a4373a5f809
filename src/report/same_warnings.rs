//! Which warnings say the same of other templates.

use std::collections::HashMap;

use crate::model::Key;
use crate::plan::{Warned, WarningKind};

/// Warnings of which one text tells all; mostly there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SameWarning<'w> {
    /// The one that is told.
    pub(super) first: &'w Warned,
    /// The others.
    pub(super) others: Vec<&'w Warned>,
    /// Whether the others say the very same; else only the rule is the same.
    pub(super) is_same: bool,
}

/// From so many on, warnings that say the same are told together.
const ALIKE: usize = 3;
/// So many different texts of one rule are told; of those beyond, only the templates.
const OF_ONE_RULE: usize = 5;

impl SameWarning<'_> {
    /// The templates that the others concern, each once, in order.
    pub(super) fn other_keys(&self) -> Vec<&Key> {
        let mut keys: Vec<&Key> = self.others.iter().flat_map(|warned| &warned.keys).collect();
        keys.sort();
        keys.dedup();
        keys
    }
}

/// Every warning in exactly one group; a group is where its first warning was. Every rule keeps at least one text.
pub(super) fn same_warnings<'w>(warnings: impl IntoIterator<Item = &'w Warned>) -> Vec<SameWarning<'w>> {
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
            Some(last) if places.len() == OF_ONE_RULE => {
                if let Some(last) = told.get_mut(*last) {
                    last.is_same = false;
                    last.others.push(group.first);
                    last.others.extend(group.others);
                }
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
