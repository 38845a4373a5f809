//! Rules for all templates together.

use std::collections::{BTreeMap, HashMap, HashSet};

use unicode_security::confusable_detection::skeleton;

use crate::desired::document::RawMove;
use crate::desired::unlocated::{Among, NodeRef, UnlocatedFinding, UnlocatedFindings};
use crate::desired::warnings::Warnings;
use crate::desired::{Moved, Template};
use crate::model::{Key, NaturalKey, spelled, unseen_difference};

/// That no key stands in two files; answers where each stands first.
pub(in crate::desired) fn keys(
    written: Vec<(Key, NodeRef)>,
    faults: &mut UnlocatedFindings,
) -> HashMap<Key, NodeRef> {
    let mut seen: HashMap<Key, NodeRef> = HashMap::with_capacity(written.len());
    for (key, spot) in written {
        match seen.get(&key) {
            // Within one mapping it was found when the mapping was read.
            Some(first) if first.file != spot.file => {
                let message = format!("the template {key} is defined twice: in another file as well");
                faults.add_pair(spot, "duplicate-key", message, first.clone(), "the first one is here");
            }
            Some(_) => {}
            None => drop(seen.insert(key, spot)),
        }
    }
    seen
}

/// Warns of keys that look the same and are not: with accents composed otherwise, or letters of two scripts.
pub(in crate::desired) fn alike_keys(
    templates: &BTreeMap<Key, Template>,
    spots: &HashMap<Key, NodeRef>,
    warnings: &mut Warnings,
) {
    if templates.keys().all(|key| key.as_str().is_ascii()) {
        return;
    }
    let mut seen: HashMap<String, &Key> = HashMap::with_capacity(templates.len());
    for key in templates.keys() {
        let Some(first) = seen.insert(skeleton(key.as_str()).collect(), key) else { continue };
        let (Some((has, had)), Some(spot), Some(other)) =
            (unseen_difference(key.as_str(), first.as_str()), spots.get(key), spots.get(first))
        else {
            continue;
        };
        let message = format!(
            "the key {key} looks the same as another one: it has {} where that one has {}",
            spelled(has),
            spelled(had)
        );
        let fault = UnlocatedFinding::with_help(spot.clone(), "alike-keys", message, "rename one of the two");
        let related = vec![(other.clone(), "the other one is here".to_owned())];
        warnings.add(UnlocatedFinding { related, ..fault }, key);
    }
}

/// That no two templates of the environment are for the same resource and audience.
pub(in crate::desired) fn natural_keys(
    templates: &BTreeMap<Key, Template>,
    spots: &HashMap<Key, NodeRef>,
    faults: &mut UnlocatedFindings,
) {
    let mut seen: HashMap<NaturalKey, &Key> = HashMap::with_capacity(templates.len());
    for (key, template) in templates {
        let natural_key = NaturalKey::of(&template.attributes);
        // Without an id it is for nothing yet: that is a finding of its own.
        if uuid::Uuid::try_parse(&natural_key.resource_id).is_err() {
            continue;
        }
        if let Some(first) = seen.get(&natural_key)
            && let (Some(spot), Some(other)) = (spots.get(key), spots.get(*first))
        {
            let message =
                format!("{key} is for the same resource and audience as another template: {natural_key}");
            faults.add_pair(
                spot.clone(),
                "natural-key",
                message,
                other.clone(),
                "the other template is here",
            );
        }
        seen.insert(natural_key, key);
    }
}

/// That moves make sense; answers those that do.
pub(in crate::desired) fn moves(
    moves: Vec<RawMove>,
    keys: &HashMap<Key, NodeRef>,
    faults: &mut UnlocatedFindings,
) -> Vec<Moved> {
    let mut sound = Vec::new();
    let left: HashSet<Key> = moves.iter().map(|moved| moved.from.clone()).collect();
    let mut from_seen: HashMap<Key, NodeRef> = HashMap::new();
    let mut to_seen: HashMap<Key, NodeRef> = HashMap::new();
    for RawMove { from, to, spot } in moves {
        if from == to {
            faults.add(spot, "moved", format!("{from} cannot be moved to itself"));
            continue;
        }
        if keys.contains_key(&from) {
            let message = format!("{from} is said to have moved, and it is still a template here");
            let help = Some("rename the template, or take this entry away".to_owned());
            faults.add_with_help(spot.clone(), "moved", message, help);
        }
        // Of a chain of renames, the last key is a template's.
        if !keys.contains_key(&to) && !left.contains(&to) {
            let message = format!("there is no template {to} that {from} could have moved to");
            faults.add_unknown(spot.clone(), "moved", message, Among::Templates, to.as_str());
        }
        for (seen, key) in [(&mut from_seen, &from), (&mut to_seen, &to)] {
            if let Some(first) = seen.insert(key.clone(), spot.clone()) {
                let message = format!("{key} is in two entries of moved, and only one can count");
                faults.add_pair(spot.clone(), "moved", message, first, "the first one is here");
            }
        }
        sound.push((Moved { from, to }, spot));
    }
    in_order(sound, faults)
}

/// The moves, those of a chain of renames in the order in which they were made, wherever they are written. Those that
/// lead in a circle have no beginning.
fn in_order(moves: Vec<(Moved, NodeRef)>, faults: &mut UnlocatedFindings) -> Vec<Moved> {
    let targets: HashSet<Key> = moves.iter().map(|(moved, _)| moved.to.clone()).collect();
    let (mut rest, mut beginnings) = (BTreeMap::new(), Vec::new());
    for (moved, spot) in moves {
        if !targets.contains(&moved.from) {
            beginnings.push(moved.from.clone());
        }
        rest.insert(moved.from.clone(), (moved, spot));
    }
    let mut ordered = Vec::with_capacity(rest.len());
    for mut from in beginnings {
        while let Some((moved, _)) = rest.remove(&from) {
            from = moved.to.clone();
            ordered.push(moved);
        }
    }
    for (from, (_, spot)) in rest {
        faults.add(spot, "moved", format!("{from} is moved in a circle: no template is at the end"));
    }
    ordered
}
