//! What the points do where tests switched them on.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Point;

/// What the environment asks for.
struct Orders {
    at: Option<(String, u64)>,
    waits: bool,
    pause: Option<(String, u64)>,
    resume: Option<PathBuf>,
    trace: Option<PathBuf>,
}

fn orders() -> &'static Orders {
    static ORDERS: OnceLock<Orders> = OnceLock::new();
    ORDERS.get_or_init(|| {
        let spot = |variable: &str| {
            let text = std::env::var(variable).ok()?;
            let (name, number) = text.rsplit_once(':')?;
            Some((name.to_owned(), number.parse().ok()?))
        };
        let (at, pause) = (spot("CERTCTL_CRASH_AT"), spot("CERTCTL_PAUSE_AT"));
        let resume = std::env::var_os("CERTCTL_RESUME").map(PathBuf::from);
        let waits = std::env::var_os("CERTCTL_CRASH_BY").is_some_and(|how| how == "wait");
        Orders { at, waits, pause, resume, trace: std::env::var_os("CERTCTL_CRASH_TRACE").map(PathBuf::from) }
    })
}

/// Says that this step has just been done; the process may end here.
pub(crate) fn reach(point: Point) {
    if is_due(point) {
        end(point);
    }
}

/// Leaves half of these bytes in the file, and ends, if that is ordered.
pub(crate) fn tear(point: Point, mut file: &File, bytes: &[u8]) {
    if is_due(point) {
        let half = bytes.get(..bytes.len() / 2).unwrap_or_default();
        // A process that is about to end has nobody to tell of an error.
        let _ = file.write_all(half).and_then(|()| file.sync_all());
        end(point);
    }
}

/// Whether the file system is to have no locks.
pub(crate) fn has_no_locks() -> bool {
    std::env::var_os("CERTCTL_NO_LOCKS").is_some()
}

/// Whether the disk is to fail now.
pub(crate) fn sync_is_to_fail() -> bool {
    static SYNCED: AtomicU64 = AtomicU64::new(0);
    static FAILS: OnceLock<Option<u64>> = OnceLock::new();
    let fails = FAILS.get_or_init(|| std::env::var("CERTCTL_FAIL_SYNC").ok()?.parse().ok());
    *fails == Some(SYNCED.fetch_add(1, Ordering::Relaxed) + 1)
}

fn is_due(point: Point) -> bool {
    static PASSED: [AtomicU64; Point::ALL.len()] = [const { AtomicU64::new(0) }; Point::ALL.len()];
    let orders = orders();
    if let Some(trace) = &orders.trace {
        let file = OpenOptions::new().create(true).append(true).open(trace);
        let _ = file.and_then(|mut file| writeln!(file, "{}", point.name()));
    }
    let passed = PASSED[point as usize].fetch_add(1, Ordering::Relaxed) + 1;
    let is_here = |(name, number): &(String, u64)| name == point.name() && *number == passed;
    if orders.pause.as_ref().is_some_and(is_here) {
        stand(point);
        while orders.resume.as_ref().is_none_or(|resume| !resume.exists()) {
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
    }
    orders.at.as_ref().is_some_and(is_here)
}

/// Says where the process stands still; the test reads the line.
fn stand(point: Point) {
    let _ = writeln!(std::io::stderr(), "standing at {}", point.name());
}

fn end(point: Point) {
    if orders().waits {
        stand(point);
        loop {
            std::thread::park();
        }
    }
    std::process::abort();
}
