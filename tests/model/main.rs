//! The small world, explored completely: every order of all events with two templates, two machines and one server, to a
//! fixed depth. `tests/properties` goes further at random; this leaves nothing out.
//!
//! `CERTCTL_DEEPER=1` explores one event further, in about two minutes with an optimised crate (`docs/measure`). Each
//! increment adds one event.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod academy;
mod commands;
mod estate;
mod events;
mod exports;
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
