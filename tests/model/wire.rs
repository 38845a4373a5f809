//! The network between a command and the server, with every kind of answer.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use certctl::api::wire::{CREATE_ENVELOPE, UPDATE_ENVELOPE};
use certctl::api::{Answer, Call, HttpResponse, RateHeaders};
use certctl::model::{Attributes, TemplateId};
use certctl::state::{Operation, Record};
use serde_json::{Map, Value, json};

use crate::academy::{Done, End, SentRow, Server};
use crate::estate::{key, number, time};
use crate::events::When;
use crate::simulation::Remote;
use crate::stage::{Note, Promise, Shared, Stage};
use crate::{commands, promises};

/// What the server does with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    Fine,
    /// It rejects the row for this course.
    RowError(usize),
    /// It rejects every row separately.
    RowErrors,
    /// It rejects the whole request with 400.
    Refused,
    /// The answer is lost, after or before the server acted.
    Lost {
        acted: bool,
    },
    /// It acted, but the body of its 200 is unreadable.
    Unreadable,
    /// It starts a job.
    Job,
}

/// The connection of one run.
pub(crate) struct Wire {
    pub(crate) stage: Shared,
}

impl Remote for Wire {
    const JOURNEY: Duration = Duration::ZERO;

    fn arrives(&self, call: Call) -> Option<(Duration, Answer)> {
        let by_id = matches!(call, Call::BulkUpdate(_));
        let answer = match call {
            Call::Bulk(request) | Call::BulkUpdate(request) => {
                let rows = request.templates.iter().map(Attributes::to_map).collect();
                let rows = self.stage.with(|stage| stage.as_intended(rows));
                self.second_run(When::BeforeTheServerActs);
                let answer = self.stage.with(|stage| stage.bulk(rows, by_id));
                self.second_run(When::AfterTheServerActed);
                answer
            }
            Call::Job(id) => self.stage.with(|stage| stage.poll(&id)),
        };
        Some((Duration::ZERO, answer))
    }
}

impl Wire {
    /// Somebody removes the lock, and a second apply runs completely while this request is in flight.
    fn second_run(&self, when: When) {
        let begins = self.stage.with(|stage| {
            let begins = stage.interferes == Some(when);
            if begins {
                stage.interferes = None;
                stage.lock.remove();
                stage.within += 1;
                stage.notes.push(Note::SecondRun);
            }
            begins
        });
        if begins {
            commands::apply(&self.stage);
            self.stage.with(|stage| stage.within -= 1);
        }
    }
}

impl Stage {
    /// The operation that certctl recorded for each row before sending it.
    fn as_intended(&self, rows: Vec<Map<String, Value>>) -> Vec<SentRow> {
        let journal = self.world.machines[self.here].journal.as_ref();
        let deed = |course: usize| {
            let intent =
                journal.iter().flat_map(|journal| &journal.records).rev().find_map(|record| match record {
                    Record::Intent { rows, .. } => rows.iter().find(|row| number(&row.key) == course),
                    _ => None,
                });
            intent.unwrap_or_else(|| panic!("course {course} is sent before it is recorded")).action
        };
        rows.into_iter().map(|row| (deed(self.world.server.course(&row)), row)).collect()
    }

    fn bulk(&mut self, rows: Vec<SentRow>, by_id: bool) -> Answer {
        self.may_die("the request is sent", true);
        let courses: Vec<usize> = rows.iter().map(|(_, row)| self.world.server.course(row)).collect();
        let mood = self.mood(&rows, &courses);
        self.notes.push(Note::Answer(courses.clone(), mood));
        self.all_fine &= mood == Mood::Fine;
        match mood {
            Mood::Refused => return respond(400, b"{\"message\":\"no\"}"),
            Mood::Lost { acted: false } => return lost(),
            _ => {}
        }
        for ((deed, _), course) in rows.iter().zip(&courses) {
            if *deed == Operation::Create && !mood.refuses(*course) {
                self.create_arrives(*course);
            }
        }
        let here = self.here;
        let now = time(self.world.clock);
        let server = Arc::make_mut(&mut self.world.server);
        if mood == Mood::Job {
            let id = server.begin_job(rows, by_id, here);
            let bit = 1 << (server.jobs.len() - 1);
            self.machine().knows.jobs |= bit;
            return ok(&json!({"createdCount": 0, "backgroundJob": {"id": id, "status": "queued"}}));
        }
        server.mix(&rows, &self.world.machines[here].knows);
        let done = server.act(&rows, by_id, now, |course| mood.refuses(course));
        self.learn(here, &done);
        self.all_fine &= done.errors.is_empty();
        match mood {
            Mood::Lost { .. } => lost(),
            Mood::Unreadable => respond(200, b"<html>ok</html>"),
            _ => tell(done, by_id),
        }
    }

    fn learn(&mut self, machine: usize, done: &Done) {
        for number in &done.touched {
            let changes = self.world.server.templates[*number].changes;
            self.world.machines[machine].knows.changes[*number] = changes;
        }
    }

    /// Only runs that still wait for a job learn its result; after its rows are settled, it counts for no machine.
    fn learn_of_job(&mut self, machine: usize, done: &Done) {
        let waits = |number: &&usize| {
            let course = self.world.server.templates[**number].course;
            let state = promises::effective(&self.world.machines[machine]);
            let row = state.as_ref().and_then(|state| state.templates.get(&key(course)));
            row.is_some_and(|row| !row.attempts.is_empty())
        };
        let touched = done.touched.iter().filter(waits).copied().collect();
        self.learn(machine, &Done { touched, ..Done::default() });
    }

    /// Chooses one of the moods that the server can have for this request.
    fn mood(&mut self, rows: &[SentRow], courses: &[usize]) -> Mood {
        if let Some((mood, true)) = self.lost {
            return mood;
        }
        if self.world.faults_left == 0 {
            return Mood::Fine;
        }
        let again = self.lost.take().map(|(mood, _)| mood);
        let mut moods = vec![Mood::Fine, Mood::RowErrors, Mood::Refused];
        if courses.len() > 1 {
            moods.extend(courses.iter().map(|course| Mood::RowError(*course)));
        }
        match again {
            Some(mood) => moods.push(mood),
            None if self.within > 0 => moods.push(Mood::Lost { acted: true }),
            None => {
                moods.extend([
                    Mood::Lost { acted: true },
                    Mood::Lost { acted: false },
                    Mood::Unreadable,
                    Mood::Job,
                ]);
            }
        }
        let mood = moods[self.oracle.choose(moods.len())];
        let repeats = again == Some(mood);
        if matches!(mood, Mood::Lost { .. }) && rows.iter().all(|(deed, _)| *deed == Operation::Update) {
            self.lost = Some((mood, repeats));
        }
        if mood != Mood::Fine && !repeats {
            self.world.faults_left -= 1;
        }
        mood
    }

    /// A create arrives that the server may execute.
    fn create_arrives(&mut self, course: usize) {
        if self.is_ordered(course) {
            return;
        }
        let knows = self.world.machines[self.here].knows;
        let server = &self.world.server;
        let there = server.for_course(course).find(|template| knows.has(template.number()));
        let at_work = server.jobs.iter().enumerate().find(|(number, job)| {
            let creates = |deed| deed == Operation::Create;
            knows.jobs & (1 << number) != 0 && job.may_still_act(server, course, creates)
        });
        let what = match (there, at_work) {
            (Some(template), _) => format!("the server has {} for it", template.id),
            (None, Some((_, job))) => format!("the server's job {} is at work on it", job.id),
            (None, None) => return,
        };
        let machine = self.here;
        self.breaks(Promise::NoDoubleCreate, || {
            format!("machine {machine} sends a create for course {course} without a request, and {what}")
        });
    }

    fn poll(&mut self, id: &str) -> Answer {
        let number = self.world.server.jobs.iter().position(|job| job.id == id).unwrap();
        let job = &self.world.server.jobs[number];
        let mut say = |note| self.notes.push(Note::Job(note));
        if let Some(end) = job.end {
            return about(id, end.status());
        }
        if self.slow.iter().any(|slow| slow == id) {
            return about(id, "processing");
        }
        let ends: &[JobEnd] = if job.acted { &ENDS_OF_DONE } else { &ENDS };
        // The vendor says nothing of single rows of a job, so certctl believes one that ends well.
        let is_refused = job.is_refused(&self.world.server);
        let may_be = |(_, _, end): &&JobEnd| !(is_refused && *end == Some(End::Complete));
        let ways: Vec<&JobEnd> = ends.iter().filter(may_be).collect();
        // A failing job was counted when it started.
        let (note, acts, end) = *ways[self.oracle.choose(ways.len())];
        say(note);
        let Some(end) = end else {
            self.slow.push(id.to_owned());
            self.all_fine = false;
            return about(id, "processing");
        };
        self.all_fine &= end == End::Complete;
        if acts {
            self.job_acts(number);
        }
        Arc::make_mut(&mut self.world.server).jobs[number].end = Some(end);
        about(id, end.status())
    }

    /// A job does its work.
    pub(crate) fn job_acts(&mut self, number: usize) {
        let now = time(self.world.clock);
        let server: &mut Server = Arc::make_mut(&mut self.world.server);
        let job = server.jobs[number].clone();
        server.mix(&job.rows, &self.world.machines[job.sender].knows);
        let done = server.act(&job.rows, job.by_id, now, |_| false);
        server.jobs[number].acted = true;
        server.jobs[number].refused = !done.errors.is_empty();
        for machine in 0..self.world.machines.len() {
            if self.world.machines[machine].knows.jobs & (1 << number) != 0 {
                self.learn_of_job(machine, &done);
            }
        }
    }
}

/// What is said of a job, whether it does its work, and how it ends.
type JobEnd = (&'static str, bool, Option<End>);

const ENDS: [JobEnd; 6] = [
    ("not done yet", false, None),
    ("done, and says so", true, Some(End::Complete)),
    ("failed, and nothing was done", false, Some(End::Failed)),
    ("failed, and all was done", true, Some(End::Failed)),
    ("in a strange status, and nothing was done", false, Some(End::Strange)),
    ("in a strange status, and all was done", true, Some(End::Strange)),
];

const ENDS_OF_DONE: [JobEnd; 4] = [
    ("not done yet", false, None),
    ("done, and says so", false, Some(End::Complete)),
    ("failed, although all was done", false, Some(End::Failed)),
    ("in a strange status, although all was done", false, Some(End::Strange)),
];

impl Mood {
    fn refuses(self, course: usize) -> bool {
        matches!(self, Self::RowErrors) || self == Self::RowError(course)
    }
}

fn tell(done: Done, by_id: bool) -> Answer {
    let Done { created, updated, errors, .. } = done;
    let ids: BTreeSet<&str> = created.iter().map(TemplateId::as_str).collect();
    let envelope = if by_id { UPDATE_ENVELOPE } else { CREATE_ENVELOPE };
    ok(&json!({"data": {envelope: {
        "createdCount": created.len(), "updatedCount": updated, "createdIds": ids, "errors": errors,
    }}}))
}

fn about(job: &str, status: &str) -> Answer {
    ok(&json!({"data": {"APIBackgroundJob": {"id": job, "status": status}}}))
}

fn lost() -> Answer {
    Answer::Lost { reason: "reset".to_owned() }
}

fn ok(body: &Value) -> Answer {
    respond(200, body.to_string().as_bytes())
}

fn respond(status: u16, body: &[u8]) -> Answer {
    Answer::Response(HttpResponse {
        status,
        rate: RateHeaders::default(),
        location: None,
        body: Ok(body.to_vec()),
    })
}
