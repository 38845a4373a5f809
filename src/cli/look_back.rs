//! Looks for earlier versions of a state: for `state history`, `state show --at` and `revert`.

use std::ops::ControlFlow;
use std::time::Duration;

use super::context::{Context, state_path};
use super::failure::Failure;
use super::recency::unchecked_reason;
use crate::model::{Advice, Key};
use crate::state::{Document, FoundAt, LookLimits, PastState, Relation, Timeline, Unchecked, VersionStep};

/// A person waits for this, and asked for it: the limits are wider than those of a search before each command.
const LIMITS: LookLimits = LookLimits { time: Duration::from_secs(10), bytes: 256 << 20 };

/// Returns the known versions of the state, the newest first, and why not every one is known.
pub(super) fn versions(
    context: &Context,
    in_place: &Document,
    key: Option<&Key>,
) -> (Vec<VersionStep>, Option<String>) {
    let mut timeline = Timeline::of(key.cloned());
    timeline.add(&PastState { document: in_place.clone(), found: FoundAt::InPlace });
    let unchecked = context.store.look_back(Some(&in_place.lineage), LIMITS, &mut |past| {
        timeline.add(&past);
        ControlFlow::Continue(())
    });
    (timeline.steps(), unchecked.as_ref().map(unchecked_reason))
}

/// Returns the version of the state with this number. If branches made several, it is the one that the state in place
/// comes from.
pub(super) fn version(context: &Context, in_place: Document, serial: u64) -> Result<Document, Failure> {
    if in_place.serial == serial {
        return Ok(in_place);
    }
    let mut found: Vec<Document> = Vec::new();
    let mut known: Vec<u64> = vec![in_place.serial];
    let unchecked = context.store.look_back(Some(&in_place.lineage), LIMITS, &mut |past| {
        let document = past.document;
        known.push(document.serial);
        if document.serial != serial || found.iter().any(|other| is_same(other, &document)) {
            return ControlFlow::Continue(());
        }
        // Nothing else has this number and led to the state in place.
        let is_ours = document.writes.newest().is_some_and(|write| in_place.writes.contains(write));
        if is_ours {
            found.clear();
        }
        found.push(document);
        if is_ours { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(unknown(context, serial, &mut known, unchecked.as_ref())),
        count => Err(Failure::error(format!(
            "{count} versions of the state {} have the serial {serial}, and the state in place comes from none of them",
            state_path(&context.store)
        ))
        .run("To see all versions", Advice::StateHistory { key: None })),
    }
}

/// Returns the version with this number of a state that is lost or damaged, and the newest known versions that it does not
/// know.
pub(super) fn version_of_lost(context: &Context, serial: u64) -> Result<(Document, Vec<Document>), Failure> {
    let mut all: Vec<Document> = Vec::new();
    let unchecked = context.store.look_back(None, LIMITS, &mut |past| {
        let document = past.document;
        // The first to be shown is the youngest: another lineage at this path was given up before it.
        let is_of_it = all.first().is_none_or(|first| first.lineage == document.lineage);
        if is_of_it && !all.iter().any(|known| is_same(known, &document)) {
            all.push(document);
        }
        ControlFlow::Continue(())
    });
    let matching: Vec<&Document> = all.iter().filter(|document| document.serial == serial).collect();
    let chosen = match matching[..] {
        [chosen] => chosen.clone(),
        [] => {
            let mut known = all.iter().map(|document| document.serial).collect();
            return Err(unknown(context, serial, &mut known, unchecked.as_ref()));
        }
        _ => {
            return Err(Failure::error(format!(
                "{} versions of the state {} have the serial {serial}",
                matching.len(),
                state_path(&context.store)
            )));
        }
    };
    let is_older = |one: &Document, other: &Document| one.relation_to(other) == Some(Relation::Older);
    let is_unknown = |other: &&Document| {
        matches!(chosen.relation_to(other), Some(Relation::Older | Relation::Forked))
            && !all.iter().any(|newer| is_older(other, newer))
    };
    let others = all.iter().filter(is_unknown).cloned().collect();
    Ok((chosen, others))
}

fn is_same(one: &Document, other: &Document) -> bool {
    one.writes.newest() == other.writes.newest() && one.templates == other.templates
}

fn unknown(context: &Context, serial: u64, known: &mut Vec<u64>, unchecked: Option<&Unchecked>) -> Failure {
    known.sort_unstable();
    known.dedup();
    let why = unchecked.map(|why| format!(" Not every version is known: {}.", unchecked_reason(why)));
    Failure::error(format!(
        "no version of the state {} with the serial {serial} is known.{}",
        state_path(&context.store),
        why.unwrap_or_default()
    ))
    .run(format!("Known are {}. To see them", in_words(known)), Advice::StateHistory { key: None })
}

/// Numbers in words, runs of them shortened: `1, 3 to 7 and 9`.
fn in_words(numbers: &[u64]) -> String {
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for &number in numbers {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => runs.push((number, number)),
        }
    }
    let words: Vec<String> = runs
        .iter()
        .map(|(first, last)| if first == last { first.to_string() } else { format!("{first} to {last}") })
        .collect();
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => "none".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_numbers_are_shortened() {
        assert_eq!(in_words(&[4]), "4");
        assert_eq!(in_words(&[1, 3, 4, 5, 9]), "1, 3 to 5 and 9");
    }
}
