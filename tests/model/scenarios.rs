//! The shortest sequences that once broke a promise, as the search found them.

use certctl::model::TemplateId;
use certctl::state::{Resolution, Row, RowStatus};

use crate::estate::{Content, key};
use crate::events::Event;
use crate::exports::{Shows, Sight};
use crate::git::Merged;
use crate::promises::effective;
use crate::settings::{ALONE, ONE, Root, SEEN, Setting, TOGETHER, begin};
use crate::stage::Note;
use crate::wire::Mood;
use crate::world::{Kind, Rules, World};

const A: usize = 0;
const B: usize = 1;
const LOST: Mood = Mood::Lost { acted: true };
const LOST_BEFORE: Mood = Mood::Lost { acted: false };

/// One template in the YAML, nothing applied.
static ALONE_AT_FIRST: Setting = Setting { rules: ALONE, root: Root::Yaml(ONE), depth: [0, 0] };
/// Two machines with a state whose only template was rejected.
static AFTER_A_REFUSAL: Setting =
    Setting { rules: TOGETHER, root: Root::Applied(&[RowStatus::Failed]), depth: [0, 0] };

/// The row for the course, and its outcome.
fn sent(mood: Mood) -> Vec<Note> {
    vec![Note::Answer(vec![0], mood)]
}

/// The world after the event if this happens during it; checks that no promise is broken.
#[track_caller]
fn then(world: &World, machine: usize, event: &Event, notes: &[Note]) -> World {
    let endings = world.happens(machine, event);
    let told: Vec<_> = endings.iter().map(|ending| ending.notes.clone()).collect();
    let ending = endings.into_iter().find(|ending| ending.notes == notes);
    let ending = ending.unwrap_or_else(|| panic!("{notes:?} is not in {told:?}"));
    assert_eq!(ending.violation, None);
    ending.world
}

#[track_caller]
fn row(world: &World, machine: usize) -> Row {
    effective(&world.machines[machine]).unwrap().templates[&key(0)].clone()
}

fn created(world: &World, number: usize) -> TemplateId {
    world.server.templates[number].id.clone()
}

#[test]
fn rejected_resend_leaves_first_create_in_doubt() {
    let world = &begin(&ALONE_AT_FIRST)[0];
    let world = then(world, A, &Event::Apply, &sent(LOST));
    let world = then(&world, A, &Event::Resend(key(0)), &sent(Mood::RowErrors));
    assert_eq!(row(&world, A).status(), RowStatus::InDoubt);
    // Nothing is sent.
    then(&world, A, &Event::Apply, &[]);
}

#[test]
fn either_of_two_attempts_may_be_applied() {
    let world = &begin(&ALONE_AT_FIRST)[0];
    let world = then(world, A, &Event::Apply, &sent(LOST));
    let world = then(&world, A, &Event::Edit(0, Content::B), &[]);
    let world = then(&world, A, &Event::Resend(key(0)), &sent(LOST_BEFORE));
    let settlement = Resolution::Created { id: created(&world, 0) };
    let world = then(&world, A, &Event::Settle(key(0), settlement), &[]);
    assert_eq!(row(&world, A).confirmed, None);
    let world = then(&world, A, &Event::Apply, &sent(Mood::Fine));
    let known = row(&world, A).confirmed.unwrap();
    assert_eq!(known.attributes, world.server.templates[0].attributes);
}

#[test]
fn merging_two_applied_branches_loses_nothing() {
    let world = &begin(&AFTER_A_REFUSAL)[0];
    let world = then(world, A, &Event::Apply, &sent(Mood::Fine));
    let world = then(&world, B, &Event::Apply, &sent(Mood::RowErrors));
    let world = then(&world, A, &Event::Merge, &[Note::Merged(Merged::Joined)]);
    then(&world, A, &Event::Apply, &[]);
    let world = then(&world, B, &Event::Merge, &[Note::Merged(Merged::Forward)]);
    then(&world, B, &Event::Apply, &[]);
}

#[test]
fn rejection_does_not_end_a_pending_wait() {
    let world = &begin(&AFTER_A_REFUSAL)[0];
    let world = then(world, A, &Event::Apply, &sent(Mood::RowErrors));
    let notes = [sent(Mood::Job), vec![Note::Job("not done yet")]].concat();
    let world = then(&world, B, &Event::Apply, &notes);
    let world = then(&world, A, &Event::Merge, &[Note::Merged(Merged::Joined)]);
    assert_eq!(row(&world, A).status(), RowStatus::Pending);
}

#[test]
fn saved_plan_is_stale_on_another_branch() {
    let world = &begin(&AFTER_A_REFUSAL)[0];
    let world = then(world, A, &Event::Apply, &sent(Mood::RowErrors));
    let world = then(&world, A, &Event::SavePlan, &[]);
    let world = then(&world, B, &Event::Apply, &sent(LOST));
    then(&world, B, &Event::ApplySaved(A), &[Note::Refused("the plan does not fit")]);
}

#[test]
fn importing_the_duplicate_confirms_nothing() {
    static SETTING: Setting =
        Setting { rules: Rules { kind: Kind::MakesAnother, ..ALONE }, root: Root::Yaml(ONE), depth: [0, 0] };
    let world = &begin(&SETTING)[0];
    let world = then(world, A, &Event::Apply, &sent(LOST));
    let world = then(&world, A, &Event::Edit(0, Content::B), &[]);
    let world = then(&world, A, &Event::Resend(key(0)), &sent(Mood::Fine));
    let world = then(&world, A, &Event::Import(key(0), created(&world, 0)), &[]);
    then(&world, A, &Event::Apply, &sent(Mood::Fine));
}

#[test]
fn template_made_anew_replaces_an_imported_id() {
    static SETTING: Setting = Setting { rules: SEEN, root: Root::Yaml(ONE), depth: [0, 0] };
    let world = &begin(&SETTING)[0];
    // Done by a job, so that no answer has the id.
    let job = [sent(Mood::Job), vec![Note::Job("done, and says so")]].concat();
    let world = then(world, A, &Event::Apply, &job);
    let now = Sight { fresh: true, shows: Shows::Everything };
    let world = then(&world, A, &Event::ImportFrom(now), &[]);
    assert_eq!(row(&world, A).identity.unwrap().id, created(&world, 0));
    let world = then(&world, A, &Event::DeleteByHand(0), &[]);
    let world = then(&world, A, &Event::Edit(0, Content::B), &[]);
    let world = then(&world, A, &Event::Apply, &sent(Mood::Fine));
    assert_eq!(row(&world, A).identity.unwrap().id, created(&world, 1));
}
