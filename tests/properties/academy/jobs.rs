//! Background jobs: what they still have to do, and what they answer when they are asked.

use certctl::api::{Answer, HttpResponse};
use serde_json::json;

use super::answers::{lost, ok, respond};
use super::{Academy, Sent};
use crate::coverage;
use crate::mood::{Fate, PollMood};

/// A background job: its remaining work, and what it reports.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) fate: Fate,
    pub(super) by_id: bool,
    pub(super) rows: Vec<Sent>,
}

impl Academy {
    /// Ends the jobs that no run waits for (those not in `awaited`), as time would.
    pub(crate) fn end_jobs_but(&self, awaited: &[String]) {
        let ids: Vec<String> = self.jobs.borrow().keys().cloned().collect();
        for id in ids.into_iter().filter(|id| !awaited.contains(id)) {
            self.work(&id);
        }
    }

    /// From now on, every unfinished job succeeds when it is queried.
    pub(crate) fn relent(&self) {
        self.moods.borrow_mut().clear();
        self.poll_moods.borrow_mut().clear();
        for job in self.jobs.borrow_mut().values_mut().filter(|job| !job.rows.is_empty()) {
            job.fate = Fate::Late { polls: 0, ends_well: true };
        }
    }

    /// Does the remaining work of a job. If a row fails, the job fails: there is no other way to report it.
    fn work(&self, id: &str) {
        let work = self.jobs.borrow_mut().get_mut(id).map(|job| {
            let rows = std::mem::take(&mut job.rows);
            (job.fate.done_of(rows.len()), rows, job.by_id)
        });
        if let Some((done, rows, by_id)) = work {
            let done = self.process(&rows[..done], by_id, None);
            if let Some(job) = self.jobs.borrow_mut().get_mut(id).filter(|_| !done.errors.is_empty()) {
                job.fate = Fate::Late { polls: 0, ends_well: false };
            }
        }
    }

    pub(super) fn job(&self, id: &str) -> Answer {
        let mood = self.poll_moods.borrow_mut().pop().unwrap_or(PollMood::Fine);
        coverage::count(format!("poll {mood:?}"));
        match mood {
            PollMood::Fine => self.honest_job(id),
            PollMood::Html => respond(200, None, b"<html>ok</html>"),
            PollMood::Limited => respond(429, Some(1), b"{}"),
            PollMood::Unavailable => respond(503, Some(1), b""),
            PollMood::Broken => respond(500, None, b"<html>"),
            PollMood::Lost => lost(),
            // It is complete, and a different one.
            PollMood::AboutAnother => ok(&json!({"id": "another", "status": "complete"})),
            PollMood::WithoutId => match self.honest_job(id) {
                Answer::Response(HttpResponse { status, rate, location, body: Ok(body) }) => {
                    let body = String::from_utf8(body).unwrap().replace("\"id\":", "\"number\":");
                    Answer::Response(HttpResponse { status, rate, location, body: Ok(body.into_bytes()) })
                }
                other => other,
            },
        }
    }

    fn honest_job(&self, id: &str) -> Answer {
        let asked = self.jobs.borrow_mut().get_mut(id).map(|job| job.fate.asked());
        match asked {
            None => return respond(404, None, b""),
            Some(Fate::Never | Fate::Late { polls: 1.., .. }) => {
                return ok(&json!({"id": id, "status": "processing"}));
            }
            Some(_) => self.work(id),
        }
        let fate = self.jobs.borrow()[id].fate;
        let status = match fate {
            Fate::Late { ends_well: true, .. } | Fate::Never => "complete",
            Fate::Late { .. } => "failed",
            Fate::Strange => "archived",
            Fate::Forgotten => return respond(404, None, b""),
        };
        ok(&json!({"data": {"APIBackgroundJob": {"id": id, "status": status}}}))
    }
}
