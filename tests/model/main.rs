//! The small world, explored completely: every order of everything that can happen to two templates, two machines and one
//! server, to a fixed depth. `tests/properties` goes further and wider at random; here nothing is left out.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod academy;
mod commands;
mod estate;
mod events;
mod git;
mod normal;
mod oracle;
mod people;
mod promises;
mod search;
mod stage;
mod store;
mod trace;
mod wire;
mod world;

use std::sync::Arc;

use crate::academy::Server;
use crate::estate::Content;
use crate::events::Event;
use crate::search::{Bounds, explore};
use crate::stage::Note;
use crate::wire::Mood;
use crate::world::{Machine, Rules, Tree, World};

/// What both machines have in the beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Root {
    /// The YAML.
    Yaml,
    /// The state after the first apply, in which the server did this.
    After(Mood),
}

fn begin(rules: &'static Rules, root: Root) -> World {
    let mut yaml = [Content::Absent; 2];
    yaml[..rules.courses].fill(Content::A);
    let tree = Tree { yaml, ..Tree::default() };
    let machine = || Machine::new(tree.clone());
    let world = World {
        rules,
        server: Arc::new(Server { upsert: rules.upsert, ..Server::default() }),
        machines: [machine(), machine()],
        base: tree.clone(),
        clock: 0,
        writes: 0,
        faults_left: 1,
        applied_last: 0,
    };
    let mut world = match root {
        Root::Yaml => world,
        Root::After(mood) => {
            let courses: Vec<usize> = (0..rules.courses).collect();
            let notes = [Note::Answer(courses, mood)];
            let applied = world.happens(0, &Event::Apply);
            let applied = applied.into_iter().find(|ending| ending.notes == notes).unwrap();
            let mut merged = applied.world.happens(1, &Event::Merge);
            merged.pop().unwrap().world
        }
    };
    world.faults_left = rules.faults;
    world
}

#[test]
fn try_it() {
    let number = |name: &str, default: usize| {
        std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let flag = |name: &str| std::env::var_os(name).is_some();
    let rules: &'static Rules = Box::leak(Box::new(Rules {
        upsert: !flag("NOUPSERT"),
        by_id: flag("BYID"),
        machines: number("MACHINES", 1),
        courses: number("COURSES", 1),
        contents: if flag("AB") { &Content::ALL[1..] } else if flag("OA") { &Content::ALL[..2] } else {&Content::ALL },
        faults: u8::try_from(number("FAULTS", 2)).unwrap(),
        plans: flag("PLANS"),
        exports: flag("EXPORTS"),
        merges: flag("MERGES"),
        reverts: flag("REVERTS"),
        locks: flag("LOCKS"),
        dies_anywhere: flag("DIES"),
    }));
    let root = match std::env::var("ROOT").unwrap_or_default().as_str() {
        "" => Root::Yaml,
        "applied" => Root::After(Mood::Fine),
        "refused" => Root::After(Mood::RowErrors),
        "refused1" => Root::After(Mood::RowError(1)),
        "lost" => Root::After(Mood::Lost { acted: true }),
        other => panic!("{other}"),
    };
    let bounds = Bounds { depth: number("DEPTH", 4), worlds: 100_000_000 };
    let began = std::time::Instant::now();
    let found = explore(&begin(rules, root), bounds);
    println!("{:?}: {:?} = {} worlds, {} steps, {:?}", bounds, found.levels, found.levels.iter().sum::<usize>(), found.steps, began.elapsed());
    for (kind, trace) in found.violations {
        println!("{kind}\n{trace}");
    }
}
