//! Background jobs (vendor-api.md section 2).

use std::collections::HashMap;

use uuid::Uuid;

use crate::api::wire::BackgroundJob;

use super::rows::{ReadRows, RequestRow};
use super::{Endpoint, JobFate};

/// The jobs that the server knows.
#[derive(Default)]
pub(super) struct Jobs(HashMap<String, Job>);

struct Job {
    fate: JobFate,
    endpoint: Endpoint,
    created_at: String,
    /// How often it was asked for.
    asked: u32,
    /// Rows that are stored when it completes.
    waiting: Vec<RequestRow>,
    reading: ReadRows,
}

/// What a poll of a job returns.
#[derive(Debug, PartialEq)]
pub(super) struct PolledJob {
    /// The job, as the answer shows it.
    pub(super) job: BackgroundJob,
    /// Rows that are to be stored now: the job has just completed.
    pub(super) due: Option<(ReadRows, Vec<RequestRow>)>,
}

impl JobFate {
    /// Whether the rows are stored when the request comes, whatever the job says later.
    pub(super) fn stores_at_once(self) -> bool {
        matches!(self, Self::Forget | Self::FailStored | Self::Complete | Self::CompleteWithoutCounts)
    }

    /// The status after this many polls; `None` where the job is unknown.
    fn status(self, asked: u32) -> Option<&'static str> {
        let waiting = if asked < 2 { "queued" } else { "processing" };
        match self {
            Self::Complete | Self::CompleteWithoutCounts => Some("complete"),
            _ if asked == 0 => Some(waiting),
            Self::Late(times) if asked >= times.get() => Some("complete"),
            Self::Late(_) | Self::Never => Some(waiting),
            Self::Fail | Self::FailStored => Some("failed"),
            Self::Strange => Some("paused"),
            Self::Forget => None,
        }
    }
}

impl Jobs {
    /// Opens a job that stores these rows when it completes.
    pub(super) fn open(
        &mut self,
        fate: JobFate,
        reading: ReadRows,
        waiting: Vec<RequestRow>,
    ) -> BackgroundJob {
        let id = Uuid::new_v4().hyphenated().to_string();
        let (endpoint, created_at) = (reading.endpoint, reading.now.clone());
        let job = Job { fate, endpoint, created_at, asked: 0, waiting, reading };
        let shown = job.shown(&id, fate.status(0).unwrap_or_default());
        self.0.insert(id, job);
        shown
    }

    /// Polls a job; `None` where it is unknown.
    pub(super) fn ask(&mut self, id: &str) -> Option<PolledJob> {
        let id = id.to_ascii_lowercase();
        let job = self.0.get_mut(&id)?;
        job.asked = job.asked.saturating_add(1);
        let status = job.fate.status(job.asked)?;
        let rows = if status == "complete" { std::mem::take(&mut job.waiting) } else { Vec::new() };
        let due = (!rows.is_empty()).then(|| (job.reading.clone(), rows));
        Some(PolledJob { job: job.shown(&id, status), due })
    }

    /// Forgets every job.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

impl Job {
    fn shown(&self, id: &str, status: &str) -> BackgroundJob {
        let (kind, description) = match self.endpoint {
            Endpoint::Update => ("bulkUpdateCertificateTemplates", "Bulk update certificate templates"),
            _ => ("bulkCreateCertificateTemplates", "Bulk create certificate templates"),
        };
        BackgroundJob {
            id: Some(id.to_owned()),
            r#type: Some(kind.to_owned()),
            description: Some(description.to_owned()),
            error_message: (status == "failed").then(|| "The job failed".to_owned()),
            created_at: Some(self.created_at.clone()),
            repeatable: Some(false),
            status: Some(status.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::{FaultKind, Matching, kind};

    /// The statuses of a job's opening and of three polls, and at which poll its rows are stored.
    fn life(fate: &str) -> (Vec<Option<String>>, Option<usize>) {
        let FaultKind::Job(fate) = kind::read(fate).unwrap() else { panic!("{fate} is not a fate of a job") };
        let (endpoint, matching) = (Endpoint::Bulk, Matching::NaturalKey);
        let reading = ReadRows { endpoint, matching, rejected: Vec::new(), now: String::new() };
        let mut jobs = Jobs::default();
        let rows = if fate.stores_at_once() { Vec::new() } else { vec![RequestRow::new()] };
        let opened = jobs.open(fate, reading, rows);
        let mut statuses = vec![opened.status];
        let mut due = Vec::new();
        for request in 1..=3 {
            let asked = jobs.ask(opened.id.as_deref().unwrap());
            if asked.as_ref().is_some_and(|asked| asked.due.is_some()) {
                due.push(request);
            }
            statuses.push(asked.and_then(|asked| asked.job.status));
        }
        assert!(due.len() < 2, "rows are due twice");
        (statuses, due.first().copied())
    }

    #[test]
    fn each_fate_takes_its_course() {
        for (fate, statuses, due) in [
            ("job=late:1", ["queued", "complete", "complete", "complete"], Some(1)),
            ("job=late:3", ["queued", "queued", "processing", "complete"], Some(3)),
            ("job=fail", ["queued", "failed", "failed", "failed"], None),
            ("job=fail-stored", ["queued", "failed", "failed", "failed"], None),
            ("job=never", ["queued", "queued", "processing", "processing"], None),
            ("job=forget", ["queued", "", "", ""], None),
            ("job=complete", ["complete"; 4], None),
            ("job=complete-without-counts", ["complete"; 4], None),
            ("job=strange", ["queued", "paused", "paused", "paused"], None),
        ] {
            let (seen, seen_due) = life(fate);
            let seen: Vec<_> = seen.into_iter().map(Option::unwrap_or_default).collect();
            assert_eq!((seen.as_slice(), seen_due), (statuses.map(str::to_owned).as_slice(), due), "{fate}");
        }
    }

    #[test]
    fn a_job_that_was_never_opened_is_unknown() {
        assert_eq!(Jobs::default().ask("8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01"), None);
    }
}
