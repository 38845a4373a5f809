//! Finds keys of the state that have changed places: each is for what the server has under another one of them.

use std::collections::HashMap;
use std::rc::Rc;

use crate::model::Key;

/// Keys that have changed places: each takes the place of the next, the last that of the first.
pub(super) type Ring<'k> = Rc<[&'k Key]>;

/// All rings, found in one pass.
#[derive(Default)]
pub(super) struct Rings<'k>(HashMap<&'k Key, Ring<'k>>);

impl<'k> Rings<'k> {
    /// Finds the rings; `places` has the key whose place each key takes. A path that does not lead back is not a ring.
    pub(super) fn of(places: &HashMap<&'k Key, &'k Key>) -> Self {
        let mut rings = HashMap::new();
        // The start of the path that reached each key, so that no path is followed twice.
        let mut paths: HashMap<&Key, &Key> = HashMap::new();
        for start in places.keys() {
            let mut path = Vec::new();
            let mut next = Some(start);
            while let Some(at) = next.filter(|at| !paths.contains_key(**at)) {
                paths.insert(at, start);
                path.push(*at);
                next = places.get(at);
            }
            // Once this path returns to itself, the keys in between are a ring.
            let Some(again) = next.filter(|at| paths.get(**at) == Some(start)) else { continue };
            let ring: Ring<'k> = path.into_iter().skip_while(|at| at != again).collect();
            rings.extend(ring.iter().map(|key| (*key, Rc::clone(&ring))));
        }
        Self(rings)
    }

    /// Returns the ring that contains a key.
    pub(super) fn with(&self, key: &Key) -> Option<&[&'k Key]> {
        self.0.get(key).map(|ring| &**ring)
    }
}

/// Rotates a ring to begin with the least of the keys that `is_listed` accepts.
pub(super) fn beginning_with_the_least(ring: &[&Key], is_listed: impl Fn(&Key) -> bool) -> Vec<Key> {
    let least = ring.iter().enumerate().filter(|(_, key)| is_listed(key)).min_by_key(|(_, key)| **key);
    let (before, from) = ring.split_at_checked(least.map_or(0, |(at, _)| at)).unwrap_or_default();
    from.iter().chain(before).copied().cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Key {
        Key::new(text).unwrap()
    }

    fn of(places: &[(&str, &str)], wanted: &str) -> Option<Vec<String>> {
        let places: Vec<(Key, Key)> = places.iter().map(|(from, to)| (key(from), key(to))).collect();
        let rings = Rings::of(&places.iter().map(|(from, to)| (from, to)).collect());
        let names = beginning_with_the_least(rings.with(&key(wanted))?, |key| key.as_str() != "a");
        Some(names.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn path_that_leads_back_is_a_ring() {
        assert_eq!(of(&[("b", "c"), ("c", "b")], "c").unwrap(), ["b", "c"]);
        assert_eq!(of(&[("a", "d"), ("d", "b"), ("b", "a")], "d").unwrap(), ["b", "a", "d"]);
        assert_eq!(of(&[("a", "b"), ("b", "c")], "a"), None);
        assert_eq!(of(&[("a", "b"), ("b", "c"), ("c", "b")], "a"), None, "only the others are one");
        assert_eq!(of(&[("a", "b"), ("b", "c"), ("c", "b")], "c").unwrap(), ["b", "c"]);
    }

    proptest::proptest! {
        #[test]
        fn keys_are_in_a_ring_if_they_lead_back(
            places in proptest::collection::btree_map(0..9_usize, 0..9_usize, 0..9)
        ) {
            let keys: Vec<Key> = (0..9).map(|number| key(&format!("k{number}"))).collect();
            let rings = Rings::of(&places.iter().map(|(from, to)| (&keys[*from], &keys[*to])).collect());
            for start in 0..9 {
                let path = std::iter::successors(Some(start), |at| places.get(at).copied());
                let path: Vec<usize> = path.skip(1).take(9).collect();
                let ring = path.iter().position(|at| *at == start).map(|length| {
                    std::iter::once(start).chain(path).take(length + 1).map(|at| &keys[at]).collect::<Vec<_>>()
                });
                let found = rings.with(&keys[start]).map(|ring| {
                    let at = ring.iter().position(|one| **one == keys[start]).unwrap();
                    [&ring[at..], &ring[..at]].concat()
                });
                proptest::prop_assert_eq!(found, ring);
            }
        }
    }
}
