//! The clock of this machine. Whether something was seen before or after an apply is decided by comparing this machine's
//! time with the server's.

use super::Diagnosis;
use crate::model::Advice;
use crate::view::Words;

/// The tolerance, in seconds, with which times of the server are compared (contract section 9).
const TOLERANCE: u64 = 300;
/// A difference in seconds that is more than the time of an answer.
const NOTABLE: u64 = 60;

/// Judges the clock, by how many seconds it is ahead of the server's.
pub(super) fn diagnose_clock(ahead: Option<i64>) -> Diagnosis {
    const SUBJECT: &str = "clock";
    const SET_IT: &str = "To set it";
    let Some(ahead) = ahead else {
        let words = "it cannot be compared: the server does not say its time";
        return Diagnosis::look(SUBJECT, Words::own(words));
    };
    let seconds = ahead.unsigned_abs();
    if seconds <= NOTABLE {
        return Diagnosis::right(SUBJECT, Words::own("it agrees with the server's"));
    }
    let side = if ahead > 0 { "ahead of" } else { "behind" };
    let words = Words::own(format!("it is {} {side} the server's", length(seconds)));
    if seconds > TOLERANCE {
        let diagnosis = Diagnosis::wrong(SUBJECT, words).say(
            "Times are compared with a tolerance of 5 minutes: with this clock, certctl could take something old for new, or \
             the other way round",
        );
        return diagnosis.run(SET_IT, Advice::SetClock);
    }
    Diagnosis::look(SUBJECT, words).run(SET_IT, Advice::SetClock)
}

/// `20 minutes`, `3 hours`.
fn length(seconds: u64) -> String {
    let (count, unit) = match seconds {
        0..120 => (seconds, "second"),
        120..7_200 => (seconds / 60, "minute"),
        7_200..172_800 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    crate::view::counted(usize::try_from(count).unwrap_or(usize::MAX), unit)
}
