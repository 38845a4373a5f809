//! The result of an apply, as it is told.

use super::group::group;
use super::item::{ItemBasis, ReportItem, moved};
use super::left_behind;
use super::notice::{ReportNotice, templates_are};
use super::section::{self, Section};
use super::summary_line::selected_by;
use super::{Note, Words};
use crate::apply::{RowOutcome, RowReport, RunOutcome, RunReport};
use crate::model::{Advice, StateAddress};

/// The result of an apply, as it is told: built once, and printed in each format.
#[derive(Debug)]
pub struct RunView<'r> {
    /// The environment.
    pub environment: &'r str,
    /// The URL of the instance.
    pub url: &'r str,
    /// The outcomes of all rows, in one sentence.
    pub verdict: Words,
    /// Why the run stopped early, if it did.
    pub stopped: Option<ReportNotice>,
    /// The warnings of the server and of certctl.
    pub warnings: Vec<ReportNotice>,
    /// Replaced templates that only a person can delete.
    pub left_behind: Option<ReportNotice>,
    /// Where the state is, what to do next, and what the run was not about.
    pub remarks: Vec<Note>,
    report: &'r RunReport,
}

impl<'r> RunView<'r> {
    /// The view of a result; `state` is the path of the state.
    pub fn new(report: &'r RunReport, state: &str) -> Self {
        let notice = |label, text: &str| ReportNotice::new(label, Note::of(Words::text(text)));
        let mut warnings: Vec<ReportNotice> =
            report.warnings.iter().map(|warning| notice(ReportNotice::WARNING, warning)).collect();
        // The advice of the run is about the last warning.
        if let Some(last) = warnings.last_mut() {
            last.note = std::mem::take(&mut last.note).below(&report.help);
        }
        Self {
            environment: &report.environment,
            url: &report.url,
            verdict: verdict(report),
            stopped: report.stopped.as_deref().map(|why| notice("Stopped", why)),
            warnings,
            left_behind: left_behind::note(&report.left_behind)
                .map(|note| ReportNotice::new("To delete by hand", note)),
            remarks: remarks(report, state),
            report,
        }
    }

    /// One item for each row, by key.
    pub fn items(&self) -> impl Iterator<Item = ReportItem<'r>> {
        self.report.results.iter().map(|row| self.item(row))
    }

    /// The items, by key; rows with the same outcome and the same reason are one, because hundreds share one when a
    /// run stops.
    pub fn grouped(&self) -> impl Iterator<Item = ReportItem<'r>> {
        let likeness = |row: &'r RowReport| {
            let alike = || (row.outcome, row.error.as_deref(), format!("{:?}", row.help));
            section::of_outcome(row.outcome, false).needs_attention.then(alike)
        };
        let groups = group(&self.report.results, likeness);
        groups.into_iter().map(|group| ReportItem {
            others: group.others.iter().map(|row| &row.key).collect(),
            ..self.item(group.first)
        })
    }

    /// The sections that have items, the most important first, each with an item for each row.
    pub fn sections(&self) -> impl Iterator<Item = (&'static Section, Vec<ReportItem<'r>>)> {
        let of = |section: &'static Section| {
            let rows = self.report.results.iter().filter(move |row| section_of(row) == section);
            rows.map(|row| self.item(row)).collect()
        };
        section::OF_RUN
            .into_iter()
            .map(move |section| (section, of(section)))
            .filter(|(_, items): &(_, Vec<_>)| !items.is_empty())
    }

    fn item(&self, row: &'r RowReport) -> ReportItem<'r> {
        let section = section_of(row);
        // The reason for stopping is given once, not beside every row that was not sent because of it.
        let is_told = row.outcome == RowOutcome::NotSent && row.error == self.report.stopped;
        let error = row.error.as_deref().filter(|_| !is_told);
        let why = error.map(|error| Note::of(Words::text(error))).unwrap_or_default().below(&row.help);
        let is_moved = row.outcome == RowOutcome::Moved;
        ReportItem {
            section,
            sign: section::of_outcome(row.outcome, false).sign,
            key: &row.key,
            others: Vec::new(),
            title: row.title.as_deref(),
            operation: if is_moved { moved(row.from.as_ref()) } else { Words::own(word(row.outcome)) },
            has_more_to_say: is_moved || *section == section::UNRECORDED,
            id: row.id.as_ref(),
            place: None,
            notes: if why.is_empty() { Vec::new() } else { vec![why] },
            basis: ItemBasis::Nothing,
        }
    }
}

fn section_of(row: &RowReport) -> &'static Section {
    section::of_outcome(row.outcome, row.error.is_some())
}

fn word(outcome: RowOutcome) -> &'static str {
    section::of_outcome(outcome, false).counted
}

fn verdict(report: &RunReport) -> Words {
    let summary = report.summary;
    let forgotten = report.results.iter().filter(|row| row.outcome == RowOutcome::Forgotten).count();
    Words::own(format!(
        "Applied: {} created, {} updated, {} failed, {} pending, {} in doubt, {} not sent{}; {}.",
        summary.created,
        summary.updated,
        summary.failed,
        summary.pending,
        summary.in_doubt,
        summary.not_sent,
        if forgotten > 0 { format!(", {forgotten} forgotten") } else { String::new() },
        if report.requests == 1 { "1 request".to_owned() } else { format!("{} requests", report.requests) }
    ))
}

fn remarks(report: &RunReport, state: &str) -> Vec<Note> {
    let mut remarks: Vec<Note> =
        ending(report).into_iter().map(|words| Note::of(Words::own(words))).collect();
    remarks.extend(of_state(report, state).map(Note::of));
    remarks.extend(next_steps(report));
    remarks.extend(held_back(report.rest.held).map(Note::of));
    remarks.extend(left_out(report).map(Note::of));
    remarks
}

/// How the run ended, where the counts do not say it.
fn ending(report: &RunReport) -> Option<&'static str> {
    match report.outcome {
        RunOutcome::Interrupted => Some("Stopped by a signal, with everything recorded."),
        RunOutcome::NothingSent => Some("The server accepted nothing."),
        RunOutcome::Complete | RunOutcome::Partial | RunOutcome::InDoubt => None,
    }
}

fn of_state(report: &RunReport, state: &str) -> Option<Words> {
    let is_said = report.outcome != RunOutcome::NothingSent && report.state_is_whole;
    is_said.then(|| match (report.state_has_changed, report.requests) {
        (true, _) => {
            Words::own("The state is in ").name(state).and(".").and(StateAddress::to_be_committed(state))
        }
        (false, 0) => Words::own("Nothing was sent, and the state is as it was."),
        (false, _) => Words::own("The state is as it was."),
    })
}

/// What to run next.
fn next_steps(report: &RunReport) -> Vec<Note> {
    let RunReport { summary, rest, .. } = report;
    let unsent = summary.not_sent.saturating_sub(rest.held + rest.sent_meanwhile);
    let has_begun = report.outcome != RunOutcome::NothingSent;
    let recover = Advice::Recover { keys: Vec::new() };
    let words = match summary {
        summary if summary.in_doubt > 0 && unsent > 0 => "To send the rest afterwards",
        summary if summary.in_doubt > 0 => "",
        summary if summary.failed > 0 => "Correct what failed, then apply again",
        summary if summary.pending > 0 => "The server is still working. To ask again",
        _ if unsent == 0 => "",
        _ if !has_begun => "To try again",
        _ if report.state_is_whole => "To send the rest",
        _ => "Run the commands above first. To send the rest afterwards",
    };
    let settle = "What is in doubt is not sent again until you settle it. To see how";
    let settle = (summary.in_doubt > 0).then(|| Note::run(settle, recover));
    let again = (!words.is_empty()).then(|| Note::run(words, apply_rest(report)));
    settle.into_iter().chain(again).collect()
}

fn apply_rest(report: &RunReport) -> Advice {
    let selection = report.selection.clone().unwrap_or_default();
    Advice::ApplyRest {
        target: selection.target,
        exclude: selection.exclude,
        max_changes: report.rest.max_changes,
    }
}

fn held_back(count: usize) -> Option<Words> {
    let beside = if count == 1 { "it" } else { "each of them" };
    let words = || format!("{} held back: what to do is said beside {beside}.", templates_are(count));
    (count > 0).then(|| Words::own(words()))
}

/// What the run left out, if it was limited to some templates.
fn left_out(report: &RunReport) -> Option<Words> {
    let selection = report.selection.as_ref().filter(|_| report.left_out > 0)?;
    let were = match report.left_out {
        1 => "1 other template was".to_owned(),
        count => format!("{count} other templates were"),
    };
    Some(Words::own(format!("{were} left out by ")).with(selected_by(selection)).and("."))
}
