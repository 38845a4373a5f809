//! The small world, explored completely: every order of everything that can happen to two templates, two machines and one
//! server, to a fixed depth. `tests/properties` goes further and wider at random; here nothing is left out.
//!
//! `CERTCTL_DEEPER=1` explores further: about two minutes with an optimised crate (`docs/measure`). Each more is one
//! event more.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod academy;
mod commands;
mod estate;
mod events;
mod git;
mod normal;
mod oracle;
mod people;
mod promises;
mod recency;
mod scenarios;
mod search;
mod settings;
#[path = "../support/simulation.rs"]
mod simulation;
mod stage;
mod store;
mod trace;
mod wire;
mod world;
