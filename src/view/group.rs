//! Groups what is alike, so that it is said once.

use std::collections::HashMap;
use std::hash::Hash;

/// Things that share one description; usually one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group<'v, T> {
    /// The first, which is described.
    pub(super) first: &'v T,
    /// The others, in order.
    pub(super) others: Vec<&'v T>,
}

/// From this number on, things that are alike are grouped.
const ALIKE: usize = 3;

impl<'v, T> Group<'v, T> {
    /// All of them.
    pub(super) fn all(&self) -> impl Iterator<Item = &'v T> {
        std::iter::once(self.first).chain(self.others.iter().copied())
    }
}

/// Groups things with an equal `likeness`; those without one are never grouped. Each thing is in exactly one group; a
/// group has the position of its first.
pub(super) fn group<'v, T, L: Eq + Hash>(
    things: impl IntoIterator<Item = &'v T>,
    likeness: impl Fn(&'v T) -> Option<L>,
) -> Vec<Group<'v, T>> {
    let things: Vec<&T> = things.into_iter().collect();
    let mut alike: HashMap<L, Vec<usize>> = HashMap::new();
    for (position, thing) in things.iter().enumerate() {
        if let Some(likeness) = likeness(thing) {
            alike.entry(likeness).or_default().push(position);
        }
    }
    let mut others: HashMap<usize, Vec<&T>> = HashMap::new();
    let mut follows = vec![false; things.len()];
    for positions in alike.into_values().filter(|positions| positions.len() >= ALIKE) {
        let Some((&first, rest)) = positions.split_first() else { continue };
        for &position in rest {
            follows[position] = true;
        }
        others.insert(first, rest.iter().map(|&position| things[position]).collect());
    }
    let leads = things.iter().copied().enumerate().filter(|(position, _)| !follows[*position]);
    leads
        .map(|(position, first)| Group { first, others: others.remove(&position).unwrap_or_default() })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn everything_is_in_one_group(things in proptest::collection::vec(5..9_u8, 0..20)) {
            let numbered: Vec<(usize, u8)> = things.iter().copied().enumerate().collect();
            // Eights are never grouped.
            let groups = group(&numbered, |(_, kind)| (*kind != 8).then_some(*kind));
            let mut all: Vec<(usize, u8)> = groups.iter().flat_map(Group::all).copied().collect();
            proptest::prop_assert!(groups.is_sorted_by_key(|group| group.first.0));
            all.sort_unstable();
            proptest::prop_assert_eq!(&all, &numbered);
            for group in &groups {
                proptest::prop_assert!(group.others.is_empty() || group.others.len() + 1 >= ALIKE);
                proptest::prop_assert!(group.all().all(|(_, kind)| *kind == group.first.1));
                proptest::prop_assert!(group.first.1 != 8 || group.others.is_empty());
            }
        }
    }
}
