//! Keys of the state that have changed places: each is to be for what the server holds under another one of them.

use crate::model::Key;

/// The longest ring that is followed. People do not exchange more keys by hand.
const LONGEST: usize = 50;

/// The keys that have changed places with this one, it among them: each takes the place of the next, the last that of
/// the first. Nothing where the way from place to place does not lead back. `place` is whose place a key takes.
pub(super) fn ring<'k>(key: &'k Key, place: impl Fn(&'k Key) -> Option<&'k Key>) -> Option<Vec<&'k Key>> {
    let mut ring = vec![key];
    let mut at = key;
    while ring.len() <= LONGEST {
        at = place(at)?;
        if at == key {
            return Some(ring);
        }
        ring.push(at);
    }
    None
}

/// The same ring, beginning with the least of the keys that are `told`.
pub(super) fn beginning_with_the_least(mut ring: Vec<&Key>, told: impl Fn(&Key) -> bool) -> Vec<Key> {
    let least = (0..ring.len()).filter(|at| told(ring[*at])).min_by_key(|at| ring[*at]);
    ring.rotate_left(least.unwrap_or(0));
    ring.into_iter().cloned().collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn of(places: &[(&str, &str)], begin: &str) -> Option<Vec<String>> {
        let key = |text: &str| Key::new(text).unwrap();
        let places: BTreeMap<Key, Key> = places.iter().map(|(from, to)| (key(from), key(to))).collect();
        let found = ring(places.get_key_value(&key(begin))?.0, |key| places.get(key))?;
        let names = beginning_with_the_least(found, |key| key.as_str() != "a");
        Some(names.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_way_that_leads_back_is_a_ring() {
        assert_eq!(of(&[("b", "c"), ("c", "b")], "c").unwrap(), ["b", "c"]);
        assert_eq!(of(&[("a", "d"), ("d", "b"), ("b", "a")], "d").unwrap(), ["b", "a", "d"]);
        assert_eq!(of(&[("a", "b"), ("b", "c")], "a"), None);
        assert_eq!(of(&[("a", "b"), ("b", "c"), ("c", "b")], "a"), None, "only the others are one");
    }
}
