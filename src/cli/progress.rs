//! The progress bar.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::output::Output;
use crate::apply::Observer;
use crate::model::Key;
use crate::state::RowResult;

/// Rows done of rows to do, on stderr, where there is a terminal.
pub(super) struct Progress<'o> {
    bar: ProgressBar,
    output: &'o Output,
}

impl<'o> Progress<'o> {
    pub(super) fn new(output: &'o Output) -> Self {
        let target =
            if output.shows_progress() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} templates  {elapsed}  {msg}") {
            bar.set_style(style);
        }
        Self { bar, output }
    }

    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}

impl Observer for Progress<'_> {
    fn begins(&mut self, rows: usize) {
        self.bar.set_length(rows as u64);
        self.bar.tick();
    }

    fn settled(&mut self, _: &Key, result: &RowResult) {
        if *result != RowResult::NotSent {
            self.bar.inc(1);
            self.bar.set_message("");
        }
    }

    fn waits(&mut self, reason: &str, wait: Duration) {
        self.bar.set_message(format!("{reason}, {} s", wait.as_secs()));
    }

    fn notice(&mut self, text: &str) {
        self.bar.suspend(|| self.output.say(text));
    }
}
