//! A state that is reverted with the YAML, or forks: real git repositories, and the printed commands,
//! run in a shell exactly as printed.
#![cfg(unix)]
#![expect(unreachable_pub, reason = "what the files share is public among them")]
#![expect(clippy::unwrap_used, reason = "the lint knows test functions, not the functions that they share")]

mod branches;
mod elsewhere;
mod gone;
mod journals;
mod marks;
mod remembered;
mod reverted;
mod work;

#[path = "../support/mod.rs"]
mod support;
