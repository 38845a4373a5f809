//! The pipeline scripts (`ci/`, `action.yml`, `examples/pipelines`), run for real: in a git repository with a bare origin,
//! with a sandbox, and with a simulated forge on loopback.
#![cfg(unix)]
#![expect(unreachable_pub, reason = "what the files share is public among them")]
#![expect(clippy::unwrap_used, reason = "the lint knows test functions, not the functions that they share")]

mod clone;
mod drift;
mod files;
mod findings;
mod forge;
mod github;
mod gitlab;
#[path = "../http_state/server.rs"]
#[allow(dead_code, reason = "these tests use a part of it")]
mod http_server;
mod merged;
mod plain;
#[path = "../shared_state/servers.rs"]
#[allow(dead_code, clippy::print_stderr, reason = "these tests use a part of it, and a skipped one says so")]
mod servers;
mod shared;
mod starting;
mod strangers;
#[path = "../support/mod.rs"]
mod support;
