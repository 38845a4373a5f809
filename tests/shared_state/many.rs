//! Many processes at once on one state.

use crate::project;
use crate::servers::{Bucket, Kind};
use crate::support::running::Running;
use crate::support::{Project, Sandbox, numbered};

/// How many rounds: `docs/measure` asks for ten.
fn rounds() -> u32 {
    std::env::var("CERTCTL_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(2)
}

#[test]
fn twenty_runs_at_once_lose_nothing() {
    let Some(bucket) = Bucket::new(Kind::S3) else { return };
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let people: Vec<Project> = (0..20).map(|_| project(&bucket, &sandbox)).collect();
    let mut ended = std::collections::BTreeMap::<i32, usize>::new();
    for round in 1..=rounds() {
        for person in &people {
            person.templates(&numbered(1..=2 * round));
        }
        let apply = ["apply", "--auto-approve", "--lock-timeout", "2s"];
        let runs: Vec<Running> = people.iter().map(|person| person.start(&apply)).collect();
        for run in runs {
            let run = run.end();
            assert!([0, 5, 6].contains(&run.code), "{run:?}");
            *ended.entry(run.code).or_default() += 1;
        }
        people[0].apply().exits(0);
        people[1].run(&["plan"]).exits(0).says("No changes.");
        assert_eq!(sandbox.templates().len(), usize::try_from(2 * round).unwrap());
        sandbox.assert_no_double_create();
    }
    assert!(ended[&0] >= usize::try_from(rounds()).unwrap(), "{ended:?}");
    println!("twenty at once: {} rounds, {ended:?}", rounds());
}
