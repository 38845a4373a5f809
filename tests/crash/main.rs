//! certctl, killed at every durable step and every network step, and the promises checked afterwards.
//!
//! For each scenario, the real binary first runs undisturbed and records the crash points that it reaches (src/crash).
//! Then it runs once for each of them and is killed there: by `abort` at every occurrence, and where something goes on
//! meanwhile, by SIGKILL from outside at the first one. `CERTCTL_CRASHES=all` kills from outside at every occurrence of every
//! scenario too. Each time, plan, apply and recover follow, and the five promises of docs/guarantees.md are checked against the sandbox.
#![cfg(unix)]
#![expect(clippy::print_stdout, reason = "docs/guarantees.md says how to repeat the counts")]
#![expect(clippy::unwrap_used, reason = "the lint knows test functions, not the functions that they share")]

mod adopting;
// A new controlling terminal needs `setsid` of util-linux.
#[cfg(target_os = "linux")]
mod certificates;
mod edits;
mod kill;
mod meanwhile;
mod promises;
mod runs;
mod under_way;

#[path = "../support/mod.rs"]
mod support;
