//! What this certctl is, and which files it understands.

use super::Diagnosis;
use crate::state::{FORMAT, JOURNAL_FORMAT};
use crate::view::Words;

/// The format of saved plans.
const PLAN_FORMAT: &str = "certctl.plan/v1";

pub(super) fn diagnose_versions() -> Diagnosis {
    let version = env!("CARGO_PKG_VERSION");
    let (system, machine) = (std::env::consts::OS, std::env::consts::ARCH);
    Diagnosis::right(
        "versions",
        Words::own(format!(
            "version {version} of certctl ({system}, {machine}) reads and writes {FORMAT}, {JOURNAL_FORMAT} and {PLAN_FORMAT}"
        )),
    )
}
