//! The sentences about a comparison of server and state.

use super::drift::{DriftContext, DriftEntry};
use super::notice::counted;
use super::section::{DELETED, DIFFERING};
use super::summary_line::{SectionCount, selected_by};
use super::{Note, Words};
use crate::inventory::{
    Drifted, Gone, IdleReason, IdleRule, LearnerCounts, NotCompared, ObservationSource, Observed,
    OwnTemplate, StaleContents, StalePart,
};
use crate::model::{Advice, IgnoredDrift, Key, RunOption, TemplateId, Timestamp};
use crate::plan::diff;

/// The comparison in one sentence.
pub(super) fn verdict(context: &DriftContext<'_>, counts: &[SectionCount]) -> Words {
    let number = |what: &str| counts.iter().find(|count| count.what == what).map_or(0, |count| count.number);
    let compared = counted(context.explained.drift.compared, "compared template");
    let (differing, deleted) = (number(DIFFERING.counted), number(DELETED.counted));
    let replaced = context.explained.drift.replaced();
    let mut first = match (context.explained.drift.compared, differing, deleted, replaced) {
        (0, .., 0) => "Drift is not known: no template could be compared".to_owned(),
        (_, 0, 0, 0) => format!("No drift in {compared}"),
        (_, 1, ..) => format!("Drift: 1 of {compared} differs"),
        (..) => format!("Drift: {differing} of {compared} differ"),
    };
    if replaced > 0 {
        first.push_str(&format!(", {replaced} replaced"));
    }
    let others = counts.iter().filter(|count| count.what != DIFFERING.counted);
    let others: String = others.map(|count| format!(", {} {}", count.number, count.what)).collect();
    let words = Words::own(first + &others);
    let words = match context.selection {
        Some(selection) => words.and("; only templates chosen by ").with(selected_by(selection)),
        None => words,
    };
    words.and(". Environment: ").name(context.environment).and(".")
}

/// Since when a template differs, and for how many learners it matters.
pub(super) fn changed(
    updated_at: Option<Timestamp>,
    learners: Option<usize>,
    counts: Option<&LearnerCounts>,
) -> Words {
    let words = match updated_at {
        Some(at) => format!("last changed at {at}"),
        None => "changed; it is not known when".to_owned(),
    };
    Words::own(words + &held_by(learners, counts))
}

/// When a template was deleted, and for how many learners it matters.
pub(super) fn deleted(gone: &Gone, learners: Option<usize>, counts: Option<&LearnerCounts>) -> Words {
    let words = Words::own(format!("deleted at {} at the latest (", gone.at));
    words.name(gone.seen_at.to_string()).and(")").and(held_by(learners, counts))
}

fn held_by(learners: Option<usize>, counts: Option<&LearnerCounts>) -> String {
    let shows_learners = counts.is_some_and(|counts| counts.shows_learners);
    match (learners, shows_learners) {
        (None, _) => String::new(),
        (Some(0), true) => ", no learner holds its certificate".to_owned(),
        (Some(1), true) => ", 1 learner holds its certificate".to_owned(),
        (Some(number), true) => format!(", {number} learners hold its certificate"),
        (Some(number), false) => format!(", {} of it", counted(number, "certificate")),
    }
}

/// Why a difference is meant, and until when.
pub(super) fn ignored(entries: &[&IgnoredDrift]) -> Vec<Note> {
    let note = |entry: &&IgnoredDrift| {
        let words = Words::own("meant: ").quoting(&entry.reason);
        Note::of(match entry.until {
            Some(last) => words.and(format!(" (until {last})")),
            None => words,
        })
    };
    entries.iter().map(note).collect()
}

/// What is wrong with an entry of `[drift] ignore`.
pub(super) fn idle(idle: &IdleRule<'_>) -> Words {
    let words = Words::own("[drift] ignore at ").name(idle.entry.place.to_string()).and(" (");
    let words = words.quoting(&idle.entry.reason).and(") ");
    match idle.reason {
        IdleReason::Expired(last) => words.and(format!("expired on {last} and no longer counts")),
        IdleReason::NoTemplate => words.and("matches no template of the state"),
        IdleReason::NoDifference => words.and("explains no difference; delete it if it is no longer needed"),
    }
}

/// The paths of the attributes that differ.
pub fn differing_paths(drifted: &Drifted) -> Vec<String> {
    diff(&drifted.before, &drifted.after).iter().map(|change| change.path.to_string()).collect()
}

/// Why a row was not compared, and what to do.
pub fn not_compared(key: &Key, why: &NotCompared) -> Note {
    match why {
        NotCompared::Unseen => Note::of(Words::own("it was not seen, which proves nothing")),
        NotCompared::Stale(stale) => stale_contents(*stale),
        NotCompared::Open => Note::run(
            "the outcome of an attempt is not known. To settle it",
            Advice::Recover { keys: Vec::new() },
        ),
        NotCompared::NotKnown => Note::of(Words::own("the state does not know what the server holds of it")),
        NotCompared::Unreadable { seen_at } => {
            Note::of(Words::own("what may be for it cannot be read: ").name(seen_at.to_string()))
        }
        NotCompared::Several { ids } => Note::of(listed(
            Words::own("the server has several templates for its resource and audience: "),
            ids,
        )),
        NotCompared::OtherId { id, own } => {
            let said = match own {
                OwnTemplate::Unseen => "the server has its resource and audience under another id: ",
                OwnTemplate::Deleted => {
                    "its template was deleted, and the server has another one for its resource and audience: "
                }
                OwnTemplate::Moved => {
                    "its template was moved to another resource or audience, and the server has another one in its place: "
                }
            };
            adopt(key, said, id)
        }
        NotCompared::Returned { id } => adopt(
            key,
            "the state has it as deleted, and the server has a template for its resource and audience: ",
            id,
        ),
        NotCompared::Shared { with } => {
            Note::of(Words::own("it cannot be told from ").key(with).and(", which is for the same resource"))
        }
    }
}

/// Names a template that the row may be given.
fn adopt(key: &Key, said: &'static str, id: &TemplateId) -> Note {
    let advice = Advice::Import { key: key.clone(), id: Some(id.clone()) };
    Note::default().then(Words::own(said).name(id.as_str()).and(". To take that one over"), advice)
}

/// The true ids of rows that have wrong ones.
fn disproved(context: &DriftContext<'_>) -> Option<Note> {
    let disproved = &context.explained.drift.disproved;
    if disproved.is_empty() {
        return None;
    }
    let mut words =
        Words::own("Ids in the state that are wrong, because they went by the order of a response: ");
    for (position, (key, id)) in disproved.iter().enumerate() {
        words = if position > 0 { words.and(", ") } else { words }.key(key).and(" is ").name(id.as_str());
    }
    if context.is_taken {
        return Some(Note::of(words.and(".")));
    }
    Some(Note::default().then(words.and(". To correct them"), Advice::Refresh))
}

/// The rows that have the id of another row's template.
fn ids_of_others(context: &DriftContext<'_>) -> Option<Words> {
    let all = &context.explained.drift.others_ids;
    if all.is_empty() {
        return None;
    }
    let mut words =
        Words::own("Ids in the state that belong to another template, and the true one was not seen: ");
    for (position, (key, owner)) in all.iter().enumerate() {
        words = if position > 0 { words.and(", ") } else { words };
        words = words.key(key).and(" has that of ").key(owner);
    }
    Some(words.and("."))
}

fn stale_contents(stale: StaleContents) -> Note {
    Note::of(match stale {
        StaleContents::NotDated => {
            Words::own("the age of what was seen is not known: export updatedat too, or give ")
                .option(RunOption::TakenAt)
        }
        StaleContents::Older(at) => Words::own(format!(
            "what was seen is of {at}, and the state is newer: export the table again, or wait for the next update of the \
             reporting product"
        )),
        StaleContents::AtIssue(at) => {
            Words::own(format!("the certificate may show it as it was when it was issued, at {at}"))
        }
        StaleContents::BeforeApply(at) => Words::own(format!(
            "what was seen is of {at}, about the time of the last apply, and is what the state had before it: export the \
             table again more than 5 minutes after the apply, and say when with "
        ))
        .option(RunOption::TakenAt),
    })
}

fn listed(words: Words, ids: &[TemplateId]) -> Words {
    let mut words = words;
    for (position, id) in ids.iter().enumerate() {
        words = if position > 0 { words.and(", ") } else { words }.name(id.as_str());
    }
    words
}

/// A template that no row of the state is for.
pub(super) fn unmanaged(template: &Observed) -> Words {
    let untitled = || Words::own("(no title)");
    let words = Words::default().template(template.title(), Some(&template.id), untitled());
    words
        .and(", for ")
        .name(template.natural_key.to_string())
        .and(" (")
        .name(template.seen_at.to_string())
        .and(")")
}

/// What was compared, what was not seen, and what to do.
pub(super) fn remarks(context: &DriftContext<'_>, entries: &[DriftEntry<'_>]) -> Vec<Note> {
    let mut remarks = vec![Note::of(source(context))];
    remarks.extend(unseen(context).map(Note::of));
    remarks.extend(disproved(context));
    remarks.extend(ids_of_others(context).map(Note::of));
    remarks.extend(stale_parts(context).map(Note::of));
    if context.is_taken && !context.explained.ignored.is_empty() {
        let words = "What [drift] ignore explains is not taken: the state keeps what it has.";
        remarks.push(Note::of(Words::own(words)));
    }
    if context.observation.learners.as_ref().is_some_and(|counts| !counts.shows_learners) {
        let words = "The export of certificates does not show whose they are, so certificates are counted, not learners.";
        remarks.push(Note::of(Words::own(words)));
    }
    if !context.is_taken && entries.iter().any(|entry| entry.ignored_by.is_empty()) {
        remarks.push(next_steps());
    }
    remarks
}

fn source(context: &DriftContext<'_>) -> Words {
    let shown = match context.observation.source {
        ObservationSource::Csv { .. } => "The server as seen in ",
        ObservationSource::Observer { .. } => "The server as seen by ",
    };
    let words = Words::own(shown).name(context.observation.source.to_string());
    match context.observation.taken_at {
        Some(at) => words.and(format!(", as of {at}.")),
        None => words.and("."),
    }
}

/// What the state has and was not seen: it may differ.
fn unseen(context: &DriftContext<'_>) -> Option<Words> {
    let unseen = &context.explained.drift.unseen;
    if unseen.is_empty() {
        return None;
    }
    let mut words = Words::own("Not seen, so not compared: ");
    for (position, (name, count)) in unseen.iter().enumerate() {
        words = if position > 0 { words.and(", ") } else { words };
        words = words.name(name.as_str()).and(format!(" of {}", counted(*count, "template")));
    }
    Some(words.and("."))
}

/// What was seen otherwise than in the state, in a part of the export that is older than the state.
fn stale_parts(context: &DriftContext<'_>) -> Option<Words> {
    let parts = &context.explained.drift.stale_parts;
    if parts.is_empty() {
        return None;
    }
    let mut words = Words::own("Last changed before the state's own contents, so not compared: ");
    for (position, (key, part)) in parts.iter().enumerate() {
        words = if position > 0 { words.and(", ") } else { words };
        words = names(words, part).and(" of ").key(key);
    }
    Some(
        words
            .and(". If the exports are newer than the state, say when they were made with ")
            .option(RunOption::TakenAt)
            .and("."),
    )
}

/// What was not compared of a template because it is older than the state.
pub fn stale_part(part: &StalePart) -> Note {
    let words = names(Words::default(), part);
    let words = words.and(format!(
        ": last changed at {}, before the state's own contents; if the exports are newer, give ",
        part.at
    ));
    Note::of(words.option(RunOption::TakenAt))
}

fn names(mut words: Words, part: &StalePart) -> Words {
    for (position, name) in part.attributes.iter().enumerate() {
        words = if position > 0 { words.and(", ") } else { words }.name(name.as_str());
    }
    words
}

fn next_steps() -> Note {
    Note::run(
        "apply does not put this right yet, because it goes by the state. To take what was seen into the state, so that plan \
         shows the way back",
        Advice::Refresh,
    )
}
