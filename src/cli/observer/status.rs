//! `certctl observer status`: which configured templates the observer sees. It writes only what it learns: what
//! certificates show, and that an uncertain certificate was issued.

use super::look;
use crate::cli::args::{Global, ObserverStatusArgs};
use crate::cli::context::{Context, report_state};
use crate::cli::failure::Failure;
use crate::cli::ledger::{edit, now};
use crate::cli::output::Output;
use crate::inventory::{Learned, ObserverStatus, ReadCertificates, learn, observer_status};
use crate::model::{Exit, Key};
use crate::report::{ObserverReport, observer_json, observer_text};
use crate::state::{CertificateOutcome, Document, LookLimits, Record};

pub(super) fn run(global: &Global, args: &ObserverStatusArgs, output: &Output) -> Result<Exit, Failure> {
    let context = Context::load_with_templates(global, output)?;
    let desired = context.desired(true, output)?;
    let (snapshot, writer) = report_state(context.read_state(), output)?;
    let document = context.state_so_far(snapshot, &writer)?;
    let look = look(&context, document.as_ref(), output)?;
    look.tell_costs(output);
    let read = look.read(document.as_ref().and_then(|document| document.observer_shows));
    let status = observer_status(&read.observation, &desired, document.as_ref());
    let learned = document.as_ref().and_then(|document| learnt(&context, &read, document));
    let settled = document.as_ref().map(|document| now_seen(&status, document)).unwrap_or_default();
    let mut shows = document.as_ref().and_then(|document| document.observer_shows);
    if learned.is_some() || !settled.is_empty() {
        let recorded = edit(&context, global, "observer status", output, |document| {
            Ok(records(document, learned.as_ref(), &settled))
        });
        match recorded {
            Ok(document) => shows = document.observer_shows,
            // What is seen is worth showing all the same; the next look learns it again.
            Err(failure) if matches!(failure.exit, Exit::Locked | Exit::Refused) => {
                output.say(&format!("note: what was learned is not recorded: {}", failure.message));
            }
            Err(failure) => return Err(failure),
        }
    }
    let report = ObserverReport {
        email: &look.email,
        environment: &context.environment.name,
        status: &status,
        findings: &read.observation.findings,
        shows,
        learned: learned.as_ref(),
    };
    if args.json {
        output.data(&observer_json(&report))?;
    } else {
        output.left_out(&read.observation.findings);
        output.text(&observer_text(&report, output.style(), output.commands()))?;
        output.text(&context.environment_line())?;
    }
    Ok(if read.observation.findings.is_empty() { Exit::Ok } else { Exit::Partial })
}

/// What the certificates teach that the state does not know.
fn learnt(context: &Context, read: &ReadCertificates, document: &Document) -> Option<Learned> {
    let earlier = context.store.earlier(LookLimits::default());
    learn(read, document, &earlier).filter(|learned| document.observer_shows != Some(learned.shows))
}

/// The uncertain certificates that were issued after all.
fn now_seen(status: &ObserverStatus, document: &Document) -> Vec<Key> {
    let uncertain = |key: &&Key| document.certificates_in_doubt.contains_key(*key);
    status.seen.iter().map(|seen| &seen.key).filter(uncertain).cloned().collect()
}

fn records(document: &mut Document, learned: Option<&Learned>, settled: &[Key]) -> Vec<Record> {
    let at = now();
    let mut records = Vec::new();
    if let Some(learned) = learned.filter(|learned| document.observer_shows != Some(learned.shows)) {
        document.observer_shows = Some(learned.shows);
        records.push(Record::ObserverShows { at, shows: learned.shows });
    }
    for key in settled.iter().filter(|key| document.certificates_in_doubt.contains_key(*key)) {
        records.push(Record::Certified { at, key: key.clone(), outcome: CertificateOutcome::Issued });
    }
    records
}
