//! The observer: a learner whose certificates show the templates of an academy. The real program against the real sandbox,
//! and against servers that misbehave.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the lint knows test functions, not the functions that they share"
)]

#[path = "../support/mod.rs"]
mod support;

#[cfg(unix)]
mod certify;
mod commands;
mod exports;
mod hostile;
mod scene;
mod secrets;
mod shows;
mod status;
