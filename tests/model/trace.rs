//! Describes a sequence of events in words.

use certctl::state::Resolution;

use crate::estate::Content;
use crate::events::{Event, When};
use crate::git::{Back, Merged};
use crate::stage::{Note, Violation};
use crate::wire::Mood;
use crate::world::{Tags, World};

/// The events, in order.
struct Step {
    machine: usize,
    event: Event,
    notes: Vec<Note>,
}

/// The broken promise, and what broke it.
pub(crate) fn kind(past: Tags, violation: &Violation) -> String {
    let through: Vec<&str> = past.names().collect();
    format!("{:?} through {}", violation.promise, through.join(", "))
}

/// The sequence from the root to a violation, one line per event.
pub(crate) fn tell(root: &World, path: &[u32], last: u32, violation: &Violation) -> String {
    let mut text = String::new();
    for (number, step) in replay(root, path, last).iter().enumerate() {
        text.push_str(&format!("{:3}. {}\n", number + 1, step.words()));
    }
    text + &format!("     {:?} is broken: {}\n", violation.promise, violation.text)
}

/// Replays the sequence.
fn replay(root: &World, path: &[u32], last: u32) -> Vec<Step> {
    let mut world = root.clone();
    let mut steps = Vec::new();
    for ending in path.iter().copied().chain([last]) {
        let mut number = 0;
        let step = 'found: {
            for (machine, event) in world.possible() {
                for ended in world.happens(machine, &event) {
                    if number == ending {
                        break 'found (Step { machine, event, notes: ended.notes }, ended.world);
                    }
                    number += 1;
                }
            }
            panic!("the way cannot be gone twice");
        };
        steps.push(step.0);
        world = step.1;
    }
    steps
}

impl Step {
    fn words(&self) -> String {
        let machine = ["A", "B"][self.machine];
        let mut words = format!("{machine}: {}", event(&self.event));
        let notes: Vec<String> = self.notes.iter().map(note).collect();
        if !notes.is_empty() {
            words.push_str(&format!(" ({})", notes.join("; ")));
        }
        words
    }
}

fn event(event: &Event) -> String {
    match event {
        Event::Edit(course, Content::Absent) => format!("the YAML no longer has k{course}"),
        Event::Edit(course, content) => format!("the YAML has k{course} = {content:?} now"),
        Event::SavePlan => "certctl plan --out".to_owned(),
        Event::Apply => "certctl apply".to_owned(),
        Event::ApplySaved(from) => format!("certctl apply with the plan saved on {}", ["A", "B"][*from]),
        Event::ApplyTwice(when) => format!(
            "certctl apply, its lock is removed {}, and certctl apply once more meanwhile",
            match when {
                When::BeforeTheServerActs => "before the server acts on its request",
                When::AfterTheServerActed => "after the server acted on its request",
            }
        ),
        Event::Resend(key) => format!("certctl recover {key} --resend"),
        Event::Settle(key, settlement) => match settlement {
            Resolution::Created { id } => format!("certctl recover {key} --created {id}, which is true"),
            other => format!("certctl recover {key}: {other:?}, which is true"),
        },
        Event::RecoverFrom(sight) => format!("certctl recover {}", sight.words()),
        Event::ImportFrom(sight) => format!("certctl import {}", sight.words()),
        Event::Refresh(sight) => format!("certctl refresh {}", sight.words()),
        Event::EditByHand(number, content) => {
            format!("the server's template {number} is edited to {content:?}")
        }
        Event::DeleteByHand(number) => format!("the server's template {number} is deleted by hand"),
        Event::Import(key, id) => format!("certctl import {key} {id}"),
        Event::Merge => "git merge of the other's branch".to_owned(),
        Event::GoBack(Back::Revert) => "git revert HEAD, YAML and state together".to_owned(),
        Event::GoBack(Back::Reset) => "git reset --hard HEAD~1".to_owned(),
        Event::BringBack => "the newest state is brought back, as the message says".to_owned(),
        Event::JoinNewest => "the newest state is joined in, as the message says".to_owned(),
        Event::Accept => "certctl state accept".to_owned(),
        Event::FollowRescue => "the rescued state is joined in, as the message says".to_owned(),
        Event::JobActs(number) => format!("the server's job {number} does its work"),
    }
}

fn note(note: &Note) -> String {
    let answer = |courses: &[usize], mood: &Mood| {
        let rows: Vec<String> = courses.iter().map(|course| format!("k{course}")).collect();
        let what = match mood {
            Mood::Fine => "done",
            Mood::RowError(course) => &format!("a row error for k{course}, the other done"),
            Mood::RowErrors => "a row error each",
            Mood::Refused => "400",
            Mood::Lost { acted: true } => "done, and the answer is lost",
            Mood::Lost { acted: false } => "lost before the server acted",
            Mood::Unreadable => "done, and the answer cannot be read",
            Mood::Job => "a job begins",
        };
        format!("{} sent: {what}", rows.join(" and "))
    };
    match note {
        Note::Answer(courses, mood) => answer(courses, mood),
        Note::Job(what) => format!("the job is {what}"),
        Note::Died(before) => format!("killed before {before}"),
        Note::Refused(why) => format!("refused: {why}"),
        Note::SecondRun => "the second run".to_owned(),
        Note::Merged(how) => match how {
            Merged::Nothing => "nothing to merge",
            Merged::Forward => "fast forward",
            Merged::Joined => "the states are joined",
            Merged::Decided => "rows clash, and a person keeps the versions that fit what is there",
            Merged::Undecided => "rows clash, neither version fits, and the merge is given up",
            Merged::Strangers => "the states were begun without each other, and the merge is given up",
        }
        .to_owned(),
    }
}
