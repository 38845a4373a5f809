//! The progress bar, and what is said where there is none.

use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::output::Output;
use super::resources;
use crate::apply::{Observer, WaitReason};
use crate::model::Key;
use crate::state::RowResult;

/// Rows done of rows to do, on stderr: a bar where there is a terminal, else a line before each long wait.
pub(super) struct Progress<'o> {
    bar: ProgressBar,
    output: &'o Output,
    /// Shared with the bar, which draws itself while nothing happens.
    shown: Arc<Mutex<Shown>>,
}

/// What the bar tells beside the number of rows.
#[derive(Clone, Copy, Debug, Default)]
struct Shown {
    failed: usize,
    in_doubt: usize,
    /// Why nothing happens, and until when.
    wait: Option<(WaitReason, Instant)>,
}

/// How often the bar moves although nothing happens.
const TICK: Duration = Duration::from_millis(250);
/// Shorter waits are not worth a line in a log.
const LONG_WAIT: Duration = Duration::from_secs(10);

impl Shown {
    fn trouble(self) -> String {
        let mut text = String::new();
        for (count, word) in [(self.failed, "failed"), (self.in_doubt, "in doubt")] {
            if count > 0 {
                text.push_str(&format!("  {count} {word}"));
            }
        }
        text
    }

    fn waiting(self, now: Instant) -> String {
        let Some((reason, until)) = self.wait else { return String::new() };
        let left = until.saturating_duration_since(now);
        // A wait that is over is a request on its way.
        if left.is_zero() { String::new() } else { format!("  waiting {} s: {reason}", left.as_secs() + 1) }
    }
}

impl<'o> Progress<'o> {
    pub(super) fn new(output: &'o Output) -> Self {
        let shown = Arc::new(Mutex::new(Shown::default()));
        let is_shown = output.shows_progress();
        let target = if is_shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        let template = "{bar:30} {pos}/{len} templates  {elapsed}{pace}{trouble}{waiting}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            let (trouble, waiting) = (Arc::clone(&shown), Arc::clone(&shown));
            let style = style
                .with_key("pace", |state: &ProgressState, text: &mut dyn Write| {
                    if state.pos() > 0 {
                        // A row that cannot be written is drawn again.
                        let _ = write!(text, "  {:.0} a minute", state.per_sec() * 60.0);
                    }
                })
                .with_key("trouble", move |_: &ProgressState, text: &mut dyn Write| {
                    let _ = text.write_str(&read(&trouble).trouble());
                })
                .with_key("waiting", move |_: &ProgressState, text: &mut dyn Write| {
                    let _ = text.write_str(&read(&waiting).waiting(Instant::now()));
                });
            bar.set_style(style);
        }
        // The ticks have a thread of their own, and no way to say that there is none.
        if is_shown && resources::spare_thread().is_ok() {
            bar.enable_steady_tick(TICK);
        }
        Self { bar, output, shown }
    }

    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }

    fn change(&self, change: impl FnOnce(&mut Shown)) {
        change(&mut self.shown.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

fn read(shown: &Mutex<Shown>) -> Shown {
    *shown.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Observer for Progress<'_> {
    fn begins(&mut self, rows: usize) {
        self.bar.set_length(rows as u64);
        self.bar.tick();
    }

    fn settled(&mut self, _: &Key, result: &RowResult) {
        if *result == RowResult::NotSent {
            return;
        }
        self.change(|shown| {
            shown.wait = None;
            match result {
                RowResult::Failed { .. } => shown.failed += 1,
                RowResult::InDoubt { .. } => shown.in_doubt += 1,
                _ => {}
            }
        });
        self.bar.inc(1);
    }

    fn waits(&mut self, reason: WaitReason, wait: Duration) {
        let until = Instant::now() + wait;
        let told = read(&self.shown).wait.is_some_and(|(_, told)| until < told + Duration::from_secs(1));
        self.change(|shown| shown.wait = Some((reason, until)));
        if !told && wait >= LONG_WAIT && !self.output.shows_progress() {
            let (done, all) = (self.bar.position(), self.bar.length().unwrap_or_default());
            let seconds = wait.as_secs();
            self.output
                .note(&format!("waiting {seconds} s: {reason}; {done} of {all} templates done so far"));
        }
    }

    fn notice(&mut self, text: &str) {
        self.bar.suspend(|| self.output.say(text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_is_counted() {
        assert_eq!(Shown::default().trouble(), "");
        assert_eq!(Shown { failed: 2, in_doubt: 1, wait: None }.trouble(), "  2 failed  1 in doubt");
    }

    #[test]
    fn waits_tell_reason_and_time_left() {
        let now = Instant::now();
        let wait = |seconds| Shown {
            wait: Some((WaitReason::Quota, now + Duration::from_secs(seconds))),
            ..Shown::default()
        };
        assert_eq!(wait(44).waiting(now), "  waiting 45 s: the server's rate limit is used up");
        assert_eq!(wait(44).waiting(now + Duration::from_secs(44)), "");
    }
}
