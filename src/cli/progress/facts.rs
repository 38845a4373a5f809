//! What the progress line shows, and how it is cut to the width of the terminal. Pure: the clock and the width come
//! from [`super`].

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::apply::WaitReason;
use crate::model::Key;
use crate::state::RecordedOutcome;

/// What is known of a run so far.
pub(super) struct Facts {
    began: Instant,
    all: usize,
    rows: HashMap<Key, Stage>,
    /// Why the run waits, and until when.
    wait: Option<(WaitReason, Instant)>,
}

/// The stage of a row that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Applied,
    Failed,
    InDoubt,
    /// A job of the server is still running, so the row has no outcome yet.
    Pending,
}

/// The widest bar, and the narrowest that is still shown, in columns.
const BAR: (usize, usize) = (30, 8);
/// The time before a rate is shown: the first answers come in a burst.
const STEADY: Duration = Duration::from_secs(10);

impl Facts {
    pub(super) fn new(began: Instant) -> Self {
        Self { began, all: 0, rows: HashMap::new(), wait: None }
    }

    pub(super) fn begins(&mut self, rows: usize) {
        self.all = rows;
    }

    /// A row can be reported several times; the last report counts.
    pub(super) fn finished(&mut self, key: &Key, result: &RecordedOutcome) {
        let stage = match result {
            RecordedOutcome::NotSent => return,
            RecordedOutcome::Applied { .. } => Stage::Applied,
            RecordedOutcome::Failed { .. } => Stage::Failed,
            RecordedOutcome::InDoubt { .. } => Stage::InDoubt,
            RecordedOutcome::Pending { .. } => Stage::Pending,
        };
        self.wait = None;
        self.rows.insert(key.clone(), stage);
    }

    /// Notes a wait, and returns whether it is the one that was noted before.
    pub(super) fn waits(&mut self, reason: WaitReason, until: Instant) -> bool {
        let is_noted = self.wait.is_some_and(|(_, noted)| until < noted + Duration::from_secs(1));
        self.wait = Some((reason, until));
        is_noted
    }

    /// Returns the rows with an outcome and all rows.
    pub(super) fn counts(&self) -> (usize, usize) {
        (self.rows.len() - self.count(Stage::Pending), self.all)
    }

    fn count(&self, stage: Stage) -> usize {
        self.rows.values().filter(|row| **row == stage).count()
    }

    /// Returns the line for a width in columns: the bar is shortened first, then less important parts are dropped.
    pub(super) fn line(&self, now: Instant, columns: usize) -> String {
        let (finished, all) = self.counts();
        let elapsed = now.saturating_duration_since(self.began);
        let head = format!("{finished} of {all} templates");
        let time = humantime::format_duration(Duration::from_secs(elapsed.as_secs())).to_string();
        let pace = Self::pace(finished, elapsed);
        let rest = [self.trouble(), self.waiting(now)];
        let forms = [
            parts(std::iter::once(head.clone()).chain([time.clone(), pace]).chain(rest.clone())),
            parts(std::iter::once(head.clone()).chain([time]).chain(rest.clone())),
            parts(std::iter::once(head).chain(rest)),
        ];
        let Some(text) = forms.iter().find(|form| form.chars().count() <= columns) else {
            let kept: String = forms[2].chars().take(columns.saturating_sub(1)).collect();
            return if columns == 0 { kept } else { format!("{kept}…") };
        };
        let room = columns.saturating_sub(text.chars().count() + 2).min(BAR.0);
        if room < BAR.1 { text.clone() } else { format!("{}  {text}", bar(finished, all, room)) }
    }

    /// The average since the beginning: the only rate that waits cannot make look better.
    fn pace(finished: usize, elapsed: Duration) -> String {
        if elapsed < STEADY || finished == 0 {
            return String::new();
        }
        let a_minute = finished as u128 * 60_000 / elapsed.as_millis().max(1);
        if a_minute == 0 { "less than 1 a minute".to_owned() } else { format!("{a_minute} a minute") }
    }

    fn trouble(&self) -> String {
        let counted = [(Stage::Failed, "failed"), (Stage::InDoubt, "in doubt")];
        let shown = counted.map(|(stage, word)| (self.count(stage), word));
        parts(shown.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")))
    }

    fn waiting(&self, now: Instant) -> String {
        let wait = self.wait.map(|(reason, until)| (reason, until.saturating_duration_since(now)));
        match wait {
            // A wait that is over means that a request is on its way.
            Some((WaitReason::Job, left)) if !left.is_zero() => {
                format!("waiting for the server's job, asked for again in {} s", left.as_secs() + 1)
            }
            Some((reason, left)) if !left.is_zero() => format!("waiting {} s: {reason}", left.as_secs() + 1),
            _ if self.count(Stage::Pending) > 0 && self.rows.len() >= self.all => {
                "waiting for the server's job".to_owned()
            }
            _ => String::new(),
        }
    }
}

/// Joins the parts with a separator.
fn parts(parts: impl IntoIterator<Item = String>) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("  ")
}

/// Draws a bar that is full only when every row has an outcome.
fn bar(finished: usize, all: usize, columns: usize) -> String {
    let full = (finished * columns).checked_div(all).unwrap_or(0).min(columns);
    format!("{}{}", "█".repeat(full), "░".repeat(columns - full))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: usize) -> Key {
        Key::new(format!("t-{number}")).unwrap()
    }

    fn facts(all: usize, results: &[(usize, RecordedOutcome)]) -> Facts {
        let mut facts = Facts::new(Instant::now());
        facts.begins(all);
        let results = results.iter().flat_map(|(count, result)| std::iter::repeat_n(result, *count));
        results.enumerate().for_each(|(number, result)| facts.finished(&key(number), result));
        facts
    }

    fn applied() -> RecordedOutcome {
        RecordedOutcome::Applied { id: None }
    }

    fn pending() -> RecordedOutcome {
        RecordedOutcome::Pending { job: "j".to_owned() }
    }

    fn in_doubt() -> RecordedOutcome {
        RecordedOutcome::InDoubt { message: "no answer".to_owned() }
    }

    fn after(facts: &Facts, seconds: u64) -> Instant {
        facts.began + Duration::from_secs(seconds)
    }

    #[test]
    fn first_burst_shows_no_rate() {
        let facts = facts(600, &[(170, applied())]);
        assert!(!facts.line(after(&facts, 1), 200).contains("a minute"));
        // 170 in half a minute, whatever the first second was like.
        assert!(facts.line(after(&facts, 30), 200).contains("  340 a minute"));
        assert!(facts.line(after(&facts, 600), 200).contains("  17 a minute"));
    }

    #[test]
    fn pending_rows_have_no_outcome() {
        let mut facts = facts(4, &[(4, pending())]);
        let line = facts.line(after(&facts, 2), 79);
        assert!(line.starts_with(&"░".repeat(8)) && !line.contains('█'), "{line}");
        assert!(line.ends_with("0 of 4 templates  2s  waiting for the server's job"), "{line}");
        facts.waits(WaitReason::Job, after(&facts, 14));
        assert!(facts.line(after(&facts, 2), 99).ends_with("the server's job, asked for again in 13 s"));
        (0..4).for_each(|number| facts.finished(&key(number), &applied()));
        assert!(facts.line(after(&facts, 3), 79).ends_with("4 of 4 templates  3s"));
    }

    #[test]
    fn each_row_is_counted_once() {
        let mut facts = facts(2, &[(2, in_doubt())]);
        facts.finished(&key(0), &in_doubt());
        facts.finished(&key(1), &applied());
        assert_eq!(facts.counts(), (2, 2));
        assert!(facts.line(after(&facts, 1), 79).ends_with("2 of 2 templates  1s  1 in doubt"));
        facts.finished(&key(1), &RecordedOutcome::NotSent);
        assert_eq!(facts.counts(), (2, 2));
    }

    #[test]
    fn bar_is_dropped_before_the_words() {
        let mut facts = facts(600, &[(150, applied()), (1, in_doubt())]);
        facts.waits(WaitReason::Quota, after(&facts, 60));
        let lines: Vec<String> =
            [120, 97, 88, 79, 60, 40, 12].map(|columns| facts.line(after(&facts, 20), columns)).to_vec();
        insta::assert_snapshot!(lines.join("\n"), @r"
        ████░░░░░░░░░░░░░  151 of 600 templates  20s  453 a minute  1 in doubt  waiting 41 s: the server's rate limit is used up
        ██░░░░░░  151 of 600 templates  20s  1 in doubt  waiting 41 s: the server's rate limit is used up
        151 of 600 templates  20s  1 in doubt  waiting 41 s: the server's rate limit is used up
        151 of 600 templates  1 in doubt  waiting 41 s: the server's rate limit is use…
        151 of 600 templates  1 in doubt  waiting 41 s: the server'…
        151 of 600 templates  1 in doubt  waiti…
        151 of 600 …
        ");
    }

    proptest::proptest! {
        #[test]
        fn every_line_fits(
            all in 0_usize..30, done in 0_usize..30, pending_too in 0_usize..9, wait in 0_u64..700, seconds in 0_u64..9000,
            columns in 0_usize..130,
        ) {
            let mut facts = facts(all, &[(done, applied()), (pending_too, pending())]);
            facts.waits(WaitReason::Pause, after(&facts, seconds + wait));
            proptest::prop_assert!(facts.line(after(&facts, seconds), columns).chars().count() <= columns);
        }
    }
}
