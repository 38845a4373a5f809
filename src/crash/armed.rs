//! What the points do in tests, by the environment variables that `super` documents.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Point;

/// The settings from the environment.
struct CrashSettings {
    at: Option<(String, u64)>,
    waits: bool,
    pause: Option<(String, u64)>,
    resume: Option<PathBuf>,
    trace: Option<PathBuf>,
}

fn settings() -> &'static CrashSettings {
    static SETTINGS: OnceLock<CrashSettings> = OnceLock::new();
    SETTINGS.get_or_init(|| {
        let point = |variable: &str| {
            let text = std::env::var(variable).ok()?;
            let (name, number) = text.rsplit_once(':')?;
            Some((name.to_owned(), number.parse().ok()?))
        };
        let (at, pause) = (point("CERTCTL_CRASH_AT"), point("CERTCTL_PAUSE_AT"));
        let resume = std::env::var_os("CERTCTL_RESUME").map(PathBuf::from);
        let waits = std::env::var_os("CERTCTL_CRASH_BY").is_some_and(|how| how == "wait");
        CrashSettings {
            at,
            waits,
            pause,
            resume,
            trace: std::env::var_os("CERTCTL_CRASH_TRACE").map(PathBuf::from),
        }
    })
}

/// Marks that this step is done; the process ends here if the settings say so.
pub(crate) fn reach(point: Point) {
    if is_due(point) {
        end(point);
    }
}

/// Writes half of these bytes to the file and ends the process, if the settings say so.
pub(crate) fn tear(point: Point, mut file: &File, bytes: &[u8]) {
    if is_due(point) {
        let half = bytes.get(..bytes.len() / 2).unwrap_or_default();
        // The process ends next, so an error makes no difference.
        let _ = file.write_all(half).and_then(|()| file.sync_all());
        end(point);
    }
}

/// Whether to behave as on a file system without locks.
pub(crate) fn has_no_locks() -> bool {
    std::env::var_os("CERTCTL_NO_LOCKS").is_some()
}

/// Whether this sync should fail.
pub(crate) fn sync_is_to_fail() -> bool {
    static SYNCED: AtomicU64 = AtomicU64::new(0);
    static FAILS: OnceLock<Option<u64>> = OnceLock::new();
    let fails = FAILS.get_or_init(|| std::env::var("CERTCTL_FAIL_SYNC").ok()?.parse().ok());
    *fails == Some(SYNCED.fetch_add(1, Ordering::Relaxed) + 1)
}

fn is_due(point: Point) -> bool {
    static PASSED: [AtomicU64; Point::ALL.len()] = [const { AtomicU64::new(0) }; Point::ALL.len()];
    let settings = settings();
    if let Some(trace) = &settings.trace {
        let file = OpenOptions::new().create(true).append(true).open(trace);
        let _ = file.and_then(|mut file| writeln!(file, "{}", point.name()));
    }
    let passed = PASSED[point as usize].fetch_add(1, Ordering::Relaxed) + 1;
    let is_here = |(name, number): &(String, u64)| name == point.name() && *number == passed;
    if settings.pause.as_ref().is_some_and(is_here) {
        report_waiting(point);
        while settings.resume.as_ref().is_none_or(|resume| !resume.exists()) {
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
    }
    settings.at.as_ref().is_some_and(is_here)
}

/// Prints where the process waits; the test reads this line.
fn report_waiting(point: Point) {
    let _ = writeln!(std::io::stderr(), "waiting at {}", point.name());
}

fn end(point: Point) {
    if settings().waits {
        report_waiting(point);
        loop {
            std::thread::park();
        }
    }
    std::process::abort();
}
