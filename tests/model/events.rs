//! Every possible next event.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use certctl::model::{Key, TemplateId};
use certctl::state::{How, Recency, Resolution, RowStatus};

use crate::estate::{Content, key, time, written};
use crate::exports::Sight;
use crate::git::{Back, Merged};
use crate::oracle::Oracle;
use crate::stage::{Ending, Note, Shared, Stage};
use crate::world::{May, StateFile, World};
use crate::{commands, exports, git, people, promises, recency};

/// When a second run starts during a first one whose lock was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    BeforeTheServerActs,
    AfterTheServerActed,
}

/// An event on one machine.
#[derive(Clone)]
pub(crate) enum Event {
    Edit(usize, Content),
    SavePlan,
    Apply,
    /// Apply the plan that this machine saved.
    ApplySaved(usize),
    ApplyTwice(When),
    Resend(Key),
    Settle(Key, Resolution),
    RecoverFrom(Sight),
    ImportFrom(Sight),
    Refresh(Sight),
    Import(Key, TemplateId),
    Merge,
    GoBack(Back),
    /// Follow the refusal of an outdated state: restore the newer one, keep the YAML.
    BringBack,
    /// Follow the refusal of a forked state: merge the two.
    JoinNewest,
    /// `certctl state accept`: a person says that the current state is right, rightly or wrongly.
    Accept,
    /// Follow the message of a run that could not write its state: use its version instead of the present one.
    FollowRescue,
    /// Time passes, and a job does its work.
    JobActs(usize),
    /// Somebody edits a template in the admin page.
    EditByHand(usize, Content),
    /// Somebody deletes a template in the admin page.
    DeleteByHand(usize),
}

impl World {
    /// Every possible next event, always in the same order.
    pub(crate) fn possible(&self) -> Vec<(usize, Event)> {
        let mut events = Vec::new();
        if self.server.is_full() {
            return events;
        }
        for machine in 0..self.rules.machines {
            self.possible_on(machine, &mut |event| events.push((machine, event)));
        }
        let waits = |(number, job): (usize, &crate::academy::Job)| {
            (!job.acted && job.end.is_none()).then_some((job.sender, Event::JobActs(number)))
        };
        events.extend(self.server.jobs.iter().enumerate().filter_map(waits));
        if self.rules.may(May::Observe) && self.faults_left > 0 {
            events.extend(self.possible_by_hand().map(|event| (0, event)));
        }
        events
    }

    /// What people can do in the admin page.
    fn possible_by_hand(&self) -> impl Iterator<Item = Event> {
        let there = self.server.templates.iter().filter(|template| !template.deleted);
        there.flat_map(|template| {
            let others = BY_HAND
                .into_iter()
                .filter(|content| written(template.course, *content) != template.attributes);
            let edits = others.map(|content| Event::EditByHand(template.number(), content));
            edits.chain([Event::DeleteByHand(template.number())])
        })
    }

    /// Whether a person can truthfully say that nothing is left of the course's template.
    fn is_removable(&self, here: usize, course: usize) -> bool {
        let state = promises::effective(&self.machines[here]);
        self.server.for_course(course).next().is_none()
            && !self.server.is_at_work_on(course)
            && state.is_some_and(|state| state.templates.contains_key(&key(course)))
    }

    fn possible_on(&self, here: usize, add: &mut dyn FnMut(Event)) {
        let (rules, machine) = (self.rules, &self.machines[here]);
        for course in 0..rules.courses {
            let others = rules.contents.iter().filter(|content| **content != machine.tree.yaml[course]);
            let is_true =
                |content: &&Content| **content != Content::Removed || self.is_removable(here, course);
            others.filter(is_true).for_each(|content| add(Event::Edit(course, *content)));
        }
        add(Event::Apply);
        if rules.may(May::SavePlans) {
            add(Event::SavePlan);
            let saved = |from: &usize| self.machines[*from].plan.is_some();
            (0..rules.machines).filter(saved).for_each(|from| add(Event::ApplySaved(from)));
        }
        if rules.may(May::RemoveLocks) && self.faults_left > 0 {
            add(Event::ApplyTwice(When::BeforeTheServerActs));
            add(Event::ApplyTwice(When::AfterTheServerActed));
        }
        if machine.rescued.is_some() {
            add(Event::FollowRescue);
        }
        self.possible_words(here, add);
        if rules.may(May::Merge) {
            add(Event::Merge);
        }
        if rules.may(May::GoBack) && machine.previous.is_some() {
            add(Event::GoBack(Back::Revert));
            add(Event::GoBack(Back::Reset));
        }
        if let Recency::Lost(setback) = recency::of(machine) {
            add(if setback.how == How::Forked { Event::JoinNewest } else { Event::BringBack });
            add(Event::Accept);
        }
    }

    /// What people can say about rows and ids.
    fn possible_words(&self, here: usize, add: &mut dyn FnMut(Event)) {
        let Some(state) = promises::effective(&self.machines[here]) else { return };
        let (mut in_doubt, state) = (false, &*state);
        for (key, row) in &state.templates {
            in_doubt |= row.status() == RowStatus::InDoubt;
            if matches!(row.status(), RowStatus::InDoubt | RowStatus::Pending) {
                add(Event::Resend(key.clone()));
            }
        }
        for (key, settlement) in people::truths(self, here, state) {
            add(Event::Settle(key, settlement));
        }
        if !self.rules.may(May::Import) && !self.rules.may(May::Observe) {
            return;
        }
        for sight in exports::possible(self) {
            if in_doubt {
                add(Event::RecoverFrom(sight));
            }
            add(Event::ImportFrom(sight));
            if self.rules.may(May::Observe) {
                add(Event::Refresh(sight));
            }
        }
        for (key, id) in people::imports(self, here, state) {
            add(Event::Import(key, id));
        }
    }

    /// Every possible end of an event.
    pub(crate) fn happens(&self, here: usize, event: &Event) -> Vec<Ending> {
        let (mut endings, mut oracle) = (Vec::new(), Oracle::default());
        loop {
            let stage = Shared(Rc::new(RefCell::new(Stage::new(self, here, oracle))));
            act(&stage, event);
            stage.with(|stage| stage.remember(event));
            let Ok(stage) = Rc::try_unwrap(stage.0) else { panic!("the stage is still in use") };
            let (ended, path) = stage.into_inner().end();
            endings.extend(ended.into_iter().map(|ending| promises::judge(ending, here, event)));
            match path.next() {
                Some(other) => oracle = other,
                None => return endings,
            }
        }
    }
}

fn act(stage: &Shared, event: &Event) {
    match event {
        Event::Edit(course, content) => stage.with(|stage| stage.machine().tree.yaml[*course] = *content),
        Event::SavePlan => commands::save_plan(stage),
        Event::Apply => commands::apply(stage),
        Event::ApplySaved(from) => {
            let plan = stage.with(|stage| stage.world.machines[*from].plan.clone().unwrap());
            commands::apply_saved(stage, &plan);
        }
        Event::ApplyTwice(when) => {
            stage.with(|stage| {
                stage.interferes = Some(*when);
                stage.world.faults_left -= 1;
            });
            commands::apply(stage);
        }
        Event::Resend(key) => commands::resend(stage, key),
        Event::Settle(key, settlement) => people::settle(stage, key, settlement),
        Event::RecoverFrom(sight) => people::recover_from(stage, *sight),
        Event::ImportFrom(sight) => people::import_from(stage, *sight),
        Event::Refresh(sight) => people::refresh(stage, *sight),
        Event::Import(key, id) => people::import(stage, key, id),
        Event::Merge => stage.with(|stage| {
            let here = stage.here;
            let Stage { world, oracle, .. } = stage;
            let how = git::merge(world, here, &mut |ways| oracle.choose(ways));
            stage.notes.push(Note::Merged(how));
        }),
        Event::GoBack(how) => stage.with(|stage| git::go_back(&mut stage.world, stage.here, *how)),
        Event::BringBack => stage.with(|stage| {
            let newest = recency::newest(stage.machine()).unwrap();
            git::commit_state(stage.machine(), newest);
        }),
        Event::JoinNewest => stage.with(|stage| {
            let newest = recency::newest(stage.machine()).unwrap();
            stage.join_in_place(None, &newest);
        }),
        Event::Accept => commands::accept(stage),
        Event::FollowRescue => stage.with(|stage| {
            let rescued = stage.machine().rescued.clone().unwrap();
            stage.join_in_place(rescued.base.as_ref(), &rescued.file);
        }),
        Event::JobActs(number) => stage.with(|stage| {
            stage.job_acts(*number);
            // Whatever happens next happens later.
            stage.world.clock += 1;
        }),
        Event::EditByHand(number, content) => {
            stage.with(|stage| stage.change_by_hand(*number, Some(*content)));
        }
        Event::DeleteByHand(number) => stage.with(|stage| stage.change_by_hand(*number, None)),
    }
}

/// What people write in the admin page.
const BY_HAND: [Content; 3] = [Content::A, Content::B, Content::Styled];

impl Stage {
    /// `certctl state merge` over the current state.
    fn join_in_place(&mut self, base: Option<&Arc<StateFile>>, other: &Arc<StateFile>) {
        let Self { world, oracle, here, .. } = self;
        let in_place = world.machines[*here].tree.file.clone();
        let how = match in_place {
            None => Ok((Arc::clone(other), Merged::Joined)),
            Some(ours) => git::join_files(&world.server, base, &ours, other, &mut |ways| oracle.choose(ways)),
        };
        let how = how.map(|(file, how)| {
            git::commit_state(&mut world.machines[*here], file);
            how
        });
        self.notes.push(Note::Merged(how.unwrap_or_else(|given_up| given_up)));
    }

    fn change_by_hand(&mut self, number: usize, content: Option<Content>) {
        let now = time(self.world.clock);
        let server = Arc::make_mut(&mut self.world.server);
        let attributes = content.map(|content| written(server.templates[number].course, content));
        server.change_by_hand(number, attributes, now);
        self.world.faults_left -= 1;
        // Whatever happens next happens later.
        self.world.clock += 1;
    }

    fn remember(&mut self, event: &Event) {
        let joined = self.notes.contains(&Note::Merged(Merged::Joined));
        let decided = self.notes.contains(&Note::Merged(Merged::Decided));
        let tag = match event {
            Event::Merge if joined => "joined",
            Event::Merge if decided => "decided",
            Event::GoBack(_) => "went back",
            Event::Accept => "accepted",
            Event::BringBack | Event::JoinNewest => "brought back",
            Event::ApplyTwice(_) | Event::FollowRescue => "two runs",
            Event::ApplySaved(_) => "saved plan",
            Event::Resend(_) => "resend",
            Event::Settle(..) | Event::RecoverFrom(_) => "settled",
            Event::Import(..) | Event::ImportFrom(_) => "imported",
            Event::JobActs(_) => "job",
            Event::EditByHand(..) => "edited by hand",
            Event::DeleteByHand(_) => "deleted by hand",
            Event::Refresh(_) => "refreshed",
            Event::Edit(_, Content::Removed) => "removed",
            Event::Merge | Event::Edit(..) | Event::SavePlan | Event::Apply => return,
        };
        let deaths = self.deaths.iter_mut().map(|ending| &mut ending.world);
        deaths.chain([&mut self.world]).for_each(|world| world.past.add(tag));
    }
}
