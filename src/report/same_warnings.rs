//! Groups warnings with the same text about several templates.

use std::collections::HashMap;

use crate::model::Key;
use crate::plan::{Warned, WarningKind};

/// Warnings that one text represents; usually one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SameWarning<'w> {
    /// The warning that is shown.
    pub(super) first: &'w Warned,
    /// The other warnings.
    pub(super) others: Vec<&'w Warned>,
    /// Whether the others have the same text; otherwise only the rule is the same.
    pub(super) is_same: bool,
}

/// From this number on, warnings with the same text are grouped.
const ALIKE: usize = 3;
/// The limit of different texts shown for one rule; of further ones, only the templates are named.
const OF_ONE_RULE: usize = 5;

impl SameWarning<'_> {
    /// The templates of the other warnings, without duplicates, in order.
    pub(super) fn other_keys(&self) -> Vec<&Key> {
        let mut keys: Vec<&Key> = self.others.iter().flat_map(|warned| &warned.keys).collect();
        keys.sort();
        keys.dedup();
        keys
    }
}

/// Groups the warnings. Each warning is in exactly one group; a group has the position of its first warning. Every
/// rule keeps at least one text.
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
            // Grouped with an earlier warning.
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
    let mut shown: Vec<SameWarning<'_>> = Vec::new();
    let mut of_rule: HashMap<&str, Vec<usize>> = HashMap::new();
    for group in groups {
        let Some(rule) = group.first.rule() else {
            shown.push(group);
            continue;
        };
        let places = of_rule.entry(rule).or_default();
        match places.last() {
            Some(last) if places.len() == OF_ONE_RULE => {
                if let Some(last) = shown.get_mut(*last) {
                    last.is_same = false;
                    last.others.push(group.first);
                    last.others.extend(group.others);
                }
            }
            _ => {
                places.push(shown.len());
                shown.push(group);
            }
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warned(rule: &str, message: &str, key: usize) -> Warned {
        let key = Key::new(format!("t-{key:03}")).unwrap();
        Warned::of(rule, message, vec![key.clone()], format!("a.yaml: {message} ({key})"))
    }

    #[test]
    fn equal_warnings_are_grouped_with_their_keys() {
        let all: Vec<Warned> = (0..600).map(|number| warned("unseen", "never shown", number)).collect();
        let groups = same_warnings(&all);
        assert_eq!(groups.len(), 1);
        assert_eq!((groups[0].others.len(), groups[0].other_keys().len()), (599, 599));
        assert_eq!(groups[0].first.text, "a.yaml: never shown (t-000)");
        assert_eq!(same_warnings(&all[..2]).len(), 2, "two are told one by one");
    }

    #[test]
    fn one_rule_does_not_displace_others() {
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
        fn every_warning_has_one_group_with_text(
            kinds in proptest::collection::vec((0..3_usize, 0..9_usize), 0..60)
        ) {
            let all: Vec<Warned> = kinds
                .iter()
                .enumerate()
                .map(|(number, (rule, message))| warned(&rule.to_string(), &message.to_string(), number))
                .collect();
            let groups = same_warnings(&all);
            let mut shown: Vec<&str> = groups
                .iter()
                .flat_map(|group| std::iter::once(group.first).chain(group.others.iter().copied()))
                .map(|warned| warned.text.as_str())
                .collect();
            shown.sort_unstable();
            let mut texts: Vec<&str> = all.iter().map(|warned| warned.text.as_str()).collect();
            texts.sort_unstable();
            proptest::prop_assert_eq!(shown, texts);
            for warned in &all {
                proptest::prop_assert!(groups.iter().any(|group| group.first.rule() == warned.rule()));
            }
            proptest::prop_assert!(groups.len() <= 3 * OF_ONE_RULE);
        }
    }
}
