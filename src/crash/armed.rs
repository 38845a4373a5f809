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
    trace: Option<PathBuf>,
}

fn orders() -> &'static Orders {
    static ORDERS: OnceLock<Orders> = OnceLock::new();
    ORDERS.get_or_init(|| {
        let at = std::env::var("CERTCTL_CRASH_AT").ok().and_then(|text| {
            let (name, number) = text.rsplit_once(':')?;
            Some((name.to_owned(), number.parse().ok()?))
        });
        let waits = std::env::var_os("CERTCTL_CRASH_BY").is_some_and(|how| how == "wait");
        Orders { at, waits, trace: std::env::var_os("CERTCTL_CRASH_TRACE").map(PathBuf::from) }
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

fn is_due(point: Point) -> bool {
    static PASSED: [AtomicU64; Point::ALL.len()] = [const { AtomicU64::new(0) }; Point::ALL.len()];
    let orders = orders();
    if let Some(trace) = &orders.trace {
        let file = OpenOptions::new().create(true).append(true).open(trace);
        let _ = file.and_then(|mut file| writeln!(file, "{}", point.name()));
    }
    let passed = PASSED[point as usize].fetch_add(1, Ordering::Relaxed) + 1;
    orders.at.as_ref().is_some_and(|(name, number)| name == point.name() && *number == passed)
}

fn end(point: Point) {
    if orders().waits {
        // The test reads this line and kills the process.
        let _ = writeln!(std::io::stderr(), "standing at {}", point.name());
        loop {
            std::thread::park();
        }
    }
    std::process::abort();
}
