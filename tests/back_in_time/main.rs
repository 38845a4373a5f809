//! A state that goes back in time with the YAML, or forks: real git repositories, and the commands that certctl prints,
//! run in a shell as they are printed.
#![cfg(unix)]
#![expect(unreachable_pub, reason = "what the files share is public among them")]
#![expect(clippy::unwrap_used, reason = "the lint knows test functions, not the functions that they share")]

mod branches;
mod elsewhere;
mod gone;
mod journals;
mod marks;
mod reverted;
mod work;

#[path = "../support/mod.rs"]
mod support;
