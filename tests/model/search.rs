//! Breadth-first search, so that the first path to a violation is the shortest.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use rayon::prelude::*;

use crate::normal::hash_of;
use crate::stage::Violation;
use crate::trace;
use crate::world::{Tags, World};

/// How many worlds the threads process as one batch.
const CHUNK: usize = 2048;

/// The limits of a search.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Maximum number of events in a sequence.
    pub(crate) depth: usize,
    /// Maximum number of worlds.
    pub(crate) worlds: usize,
}

/// The result of a search.
#[derive(Default)]
pub(crate) struct Found {
    /// How many new worlds were found at each depth.
    pub(crate) levels: Vec<usize>,
    /// How often each thing happened.
    pub(crate) steps: usize,
    /// The shortest sequence for each kind of violation, by its name.
    pub(crate) violations: BTreeMap<String, String>,
}

impl Found {
    /// How many different worlds there are.
    pub(crate) fn worlds(&self) -> usize {
        self.levels.iter().sum()
    }
}

/// How a world was first reached.
#[derive(Clone, Copy)]
struct Origin {
    parent: u32,
    ending: u32,
}

/// Where a step led.
enum Next {
    New { hash: u64, world: Box<World> },
    Violating(Tags, Violation),
}

/// Explores every world that can be reached from these.
pub(crate) fn explore(roots: &[World], bounds: Bounds) -> Found {
    let mut found = Found { levels: vec![roots.len()], ..Found::default() };
    let mut seen: HashSet<u64> = roots.iter().map(hash_of).collect();
    let mut frontier: Vec<(u32, World)> = (0..).zip(roots.iter().cloned()).collect();
    let mut origins: Vec<Origin> =
        frontier.iter().map(|(number, _)| Origin { parent: *number, ending: 0 }).collect();
    for depth in 1..=bounds.depth {
        let mut next = Vec::new();
        let mut met = 0;
        for chunk in frontier.chunks(CHUNK) {
            let steps: Vec<Steps> = chunk.par_iter().map(|(_, world)| Steps::from(world, &seen)).collect();
            for ((parent, _), steps) in chunk.iter().zip(steps) {
                let parent = *parent;
                found.steps += steps.count;
                for (ending, to) in steps.notable {
                    match to {
                        Next::Violating(past, violation) => {
                            let kind = trace::kind(past, &violation);
                            let tell = || {
                                let (root, path) = path_to(&origins, parent);
                                trace::tell(&roots[root], &path, ending, &violation)
                            };
                            found.violations.entry(kind).or_insert_with(tell);
                        }
                        Next::New { hash, world } if seen.insert(hash) => {
                            met += 1;
                            if depth < bounds.depth {
                                let number = u32::try_from(origins.len()).unwrap();
                                origins.push(Origin { parent, ending });
                                next.push((number, *world));
                            }
                        }
                        Next::New { .. } => {}
                    }
                }
            }
            if seen.len() > bounds.worlds {
                found.levels.push(met);
                return found;
            }
        }
        found.levels.push(met);
        frontier = next;
    }
    found
}

/// The next events of one world.
struct Steps {
    count: usize,
    /// Those that lead to a new world or break a promise, by number.
    notable: Vec<(u32, Next)>,
}

impl Steps {
    fn from(world: &World, seen: &HashSet<u64>) -> Self {
        let mut notable = Vec::new();
        let mut here = HashSet::new();
        let mut number = 0;
        for (machine, event) in world.possible() {
            for ending in world.happens(machine, &event) {
                if let Some(violation) = ending.violation {
                    notable.push((number, Next::Violating(ending.world.past, violation)));
                } else {
                    let hash = hash_of(&ending.world);
                    if !seen.contains(&hash) && here.insert(hash) {
                        notable.push((number, Next::New { hash, world: Box::new(ending.world) }));
                    }
                }
                number += 1;
            }
        }
        Self { count: number as usize, notable }
    }
}

/// The root, and the endings that lead from it to a world, each by its number in the previous world.
fn path_to(origins: &[Origin], mut number: u32) -> (usize, Vec<u32>) {
    let mut path = Vec::new();
    loop {
        let origin = origins[number as usize];
        if origin.parent == number {
            path.reverse();
            return (number as usize, path);
        }
        path.push(origin.ending);
        number = origin.parent;
    }
}

/// Compares the futures of worlds with the same hash; returns how many it compared.
pub(crate) fn compare_worlds_that_count_as_one(root: &World, depth: usize) -> usize {
    let mut known = BTreeMap::from([(hash_of(root), root.clone())]);
    let mut frontier = vec![root.clone()];
    let mut compared = 0;
    for _ in 0..depth {
        let mut next = Vec::new();
        for world in &frontier {
            for (machine, event) in world.possible() {
                for ending in
                    world.happens(machine, &event).into_iter().filter(|ending| ending.violation.is_none())
                {
                    let world = ending.world;
                    match known.entry(hash_of(&world)) {
                        Entry::Vacant(entry) => next.push(entry.insert(world).clone()),
                        Entry::Occupied(entry) => {
                            let (one, other) = (future(entry.get()), future(&world));
                            let apart: Vec<_> = one.symmetric_difference(&other).collect();
                            assert!(apart.is_empty(), "two worlds count as one\n{apart:#?}");
                            compared += 1;
                        }
                    }
                }
            }
        }
        frontier = next;
    }
    compared
}

/// The possible results of one event in a world.
fn future(world: &World) -> BTreeSet<String> {
    let events = world.possible();
    let endings = events.iter().flat_map(|(machine, event)| world.happens(*machine, event));
    endings
        .map(|ending| match ending.violation {
            Some(violation) => format!("{:?}: {:?}", ending.notes, violation.promise),
            None => format!("{:?}: {}", ending.notes, hash_of(&ending.world)),
        })
        .collect()
}
