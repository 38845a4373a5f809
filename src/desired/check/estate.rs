//! Rules that compare the templates of all files: duplicate keys, duplicate natural keys, similar keys, moves.

use std::collections::{BTreeMap, HashMap, HashSet};

use foldhash::fast::RandomState;
use rayon::prelude::*;
use unicode_security::confusable_detection::skeleton;

use crate::desired::document::RawMove;
use crate::desired::unlocated::{Among, NodeRef, UnlocatedFinding, UnlocatedFindings};
use crate::desired::warnings::Warnings;
use crate::desired::{Moved, Template};
use crate::model::{Key, NaturalKey, spelled, unseen_difference};

/// Where each key is first defined.
pub(in crate::desired) type WrittenKeys = HashMap<Key, NodeRef, RandomState>;

/// Checks that no key is defined in two files, and returns where each key is first defined.
pub(in crate::desired) fn keys(
    written: Vec<(Key, NodeRef)>,
    findings: &mut UnlocatedFindings,
) -> WrittenKeys {
    let mut seen = WrittenKeys::with_capacity_and_hasher(written.len(), RandomState::default());
    for (key, node_ref) in written {
        match seen.get(&key) {
            // The merge step reports duplicates within one mapping.
            Some(first) if first.file != node_ref.file => {
                let message = format!("the template {key} is defined twice: in another file as well");
                findings.add_pair(node_ref, "duplicate-key", message, first.clone(), "the first one is here");
            }
            Some(_) => {}
            None => drop(seen.insert(key, node_ref)),
        }
    }
    seen
}

/// Warns of keys that look the same but differ: by composed accents, or by letters of two scripts.
pub(in crate::desired) fn alike_keys(
    templates: &BTreeMap<Key, Template>,
    node_refs: &WrittenKeys,
    warnings: &mut Warnings,
) {
    if templates.keys().all(|key| key.as_str().is_ascii()) {
        return;
    }
    let mut seen: HashMap<String, &Key> = HashMap::with_capacity(templates.len());
    for key in templates.keys() {
        let Some(first) = seen.insert(skeleton(key.as_str()).collect(), key) else { continue };
        let (Some((has, had)), Some(node_ref), Some(other)) =
            (unseen_difference(key.as_str(), first.as_str()), node_refs.get(key), node_refs.get(first))
        else {
            continue;
        };
        let message = format!(
            "the key {key} looks the same as another one: it has {} where that one has {}",
            spelled(has),
            spelled(had)
        );
        let finding =
            UnlocatedFinding::with_help(node_ref.clone(), "alike-keys", message, "rename one of the two");
        let related = vec![(other.clone(), "the other one is here".to_owned())];
        warnings.add(UnlocatedFinding { related, ..finding }, key);
    }
}

/// Checks that no two templates of the environment have the same natural key.
pub(in crate::desired) fn natural_keys(
    templates: &BTreeMap<Key, Template>,
    node_refs: &WrittenKeys,
    findings: &mut UnlocatedFindings,
) {
    // Without a resource id there is no natural key; a missing id is its own finding.
    let has_id = |natural_key: &NaturalKey| uuid::Uuid::try_parse(&natural_key.resource_id).is_ok();
    let natural_keys: Vec<(&Key, Option<NaturalKey>)> = templates
        .par_iter()
        .map(|(key, template)| (key, Some(NaturalKey::of(&template.attributes)).filter(has_id)))
        .collect();
    let mut seen: HashMap<NaturalKey, &Key, RandomState> =
        HashMap::with_capacity_and_hasher(templates.len(), RandomState::default());
    for (key, natural_key) in natural_keys {
        let Some(natural_key) = natural_key else { continue };
        if let Some(first) = seen.get(&natural_key)
            && let (Some(node_ref), Some(other)) = (node_refs.get(key), node_refs.get(*first))
        {
            let message =
                format!("{key} is for the same resource and audience as another template: {natural_key}");
            findings.add_pair(
                node_ref.clone(),
                "natural-key",
                message,
                other.clone(),
                "the other template is here",
            );
        }
        seen.insert(natural_key, key);
    }
}

/// Checks the moves, and returns the valid ones.
pub(in crate::desired) fn moves(
    moves: Vec<RawMove>,
    keys: &WrittenKeys,
    findings: &mut UnlocatedFindings,
) -> Vec<Moved> {
    let mut sound = Vec::new();
    let left: HashSet<Key> = moves.iter().map(|moved| moved.from.clone()).collect();
    let mut from_seen: HashMap<Key, NodeRef> = HashMap::new();
    let mut to_seen: HashMap<Key, NodeRef> = HashMap::new();
    for RawMove { from, to, node_ref } in moves {
        if from == to {
            findings.add(node_ref, "moved", format!("{from} cannot be moved to itself"));
            continue;
        }
        if keys.contains_key(&from) {
            let message = format!("{from} is said to have moved, and it is still a template here");
            let help = Some("rename the template, or take this entry away".to_owned());
            findings.add_with_help(node_ref.clone(), "moved", message, help);
        }
        // In a chain of renames, only the last key belongs to a template.
        if !keys.contains_key(&to) && !left.contains(&to) {
            let message = format!("there is no template {to} that {from} could have moved to");
            findings.add_unknown(node_ref.clone(), "moved", message, Among::Templates, to.as_str());
        }
        for (seen, key) in [(&mut from_seen, &from), (&mut to_seen, &to)] {
            if let Some(first) = seen.insert(key.clone(), node_ref.clone()) {
                let message = format!("{key} is in two entries of moved, and only one can count");
                findings.add_pair(node_ref.clone(), "moved", message, first, "the first one is here");
            }
        }
        sound.push((Moved { from, to }, node_ref));
    }
    in_order(sound, findings)
}

/// Sorts moves so that the renames of a chain follow each other, wherever they are written. Reports moves that form
/// a cycle.
fn in_order(moves: Vec<(Moved, NodeRef)>, findings: &mut UnlocatedFindings) -> Vec<Moved> {
    let targets: HashSet<Key> = moves.iter().map(|(moved, _)| moved.to.clone()).collect();
    let (mut rest, mut beginnings) = (BTreeMap::new(), Vec::new());
    for (moved, node_ref) in moves {
        if !targets.contains(&moved.from) {
            beginnings.push(moved.from.clone());
        }
        rest.insert(moved.from.clone(), (moved, node_ref));
    }
    let mut ordered = Vec::with_capacity(rest.len());
    for mut from in beginnings {
        while let Some((moved, _)) = rest.remove(&from) {
            from = moved.to.clone();
            ordered.push(moved);
        }
    }
    for (from, (_, node_ref)) in rest {
        findings.add(node_ref, "moved", format!("{from} is moved in a circle: no template is at the end"));
    }
    ordered
}
