//! Gives things names that are pairwise different, whatever order the things come in.

use std::collections::{HashMap, HashSet};

/// The names that one thing can have, the shortest first. The last one holds the thing's id, so that hardly anything else
/// wants it.
pub(super) type Candidates = Vec<String>;

/// One name for each thing: the first of its candidates that is neither taken nor wanted by another thing. All things that
/// want one name move on to their next candidate together, so the order of things decides nothing.
pub(super) fn distinct(things: &[Candidates], is_taken: impl Fn(&str) -> bool) -> Vec<String> {
    let mut chosen = vec![0; things.len()];
    let name = |thing: usize, candidate: usize| things[thing].get(candidate).map_or("", String::as_str);
    loop {
        let mut wanted: HashMap<&str, usize> = HashMap::new();
        for (thing, candidate) in chosen.iter().enumerate() {
            *wanted.entry(name(thing, *candidate)).or_default() += 1;
        }
        let mut is_settled = true;
        for (thing, candidate) in chosen.iter_mut().enumerate() {
            let now = name(thing, *candidate);
            let is_free = wanted.get(now) == Some(&1) && !is_taken(now);
            if !is_free && *candidate + 1 < things[thing].len() {
                *candidate += 1;
                is_settled = false;
            }
        }
        if is_settled {
            break;
        }
    }
    numbered(chosen.iter().enumerate().map(|(thing, candidate)| name(thing, *candidate)), is_taken)
}

/// The names as they are, with a number after those that are taken or were there before.
pub(super) fn numbered<'n>(
    names: impl Iterator<Item = &'n str>,
    is_taken: impl Fn(&str) -> bool,
) -> Vec<String> {
    let mut used: HashSet<String> = HashSet::new();
    let mut next: HashMap<&str, usize> = HashMap::new();
    let mut result = Vec::new();
    for name in names {
        let mut own = name.to_owned();
        while used.contains(&own) || is_taken(&own) {
            let number = next.entry(name).or_insert(1);
            *number += 1;
            own = format!("{name}-{number}");
        }
        used.insert(own.clone());
        result.push(own);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn things(candidates: &[&[&str]]) -> Vec<Candidates> {
        candidates.iter().map(|names| names.iter().map(|name| (*name).to_owned()).collect()).collect()
    }

    #[test]
    fn all_that_want_one_name_move_on() {
        let things = things(&[&["a", "a", "a-1"], &["a", "a-path", "a-path-2"], &["b", "b-3"]]);
        assert_eq!(distinct(&things, |_| false), ["a", "a-path", "b"]);
        assert_eq!(distinct(&things, |name| name == "a"), ["a-1", "a-path", "b"]);
    }

    #[test]
    fn the_last_resort_is_a_number() {
        let things = things(&[&["a"], &["a"], &["a"]]);
        assert_eq!(distinct(&things, |name| name == "a-2"), ["a", "a-3", "a-4"]);
    }
}
